/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Schannel's registry settings.
 */
#ifndef ASYNCSSPI_CONFIG_H
#define ASYNCSSPI_CONFIG_H

#include "core/sspitypes.h"
#include "schannel/credentials/order.h"
#include "winegnutls/unixlib.h"

/* A value that is not in the registry. */
#define CONFIG_NONE (~(DWORD)0)

struct schannel_config {
    /* SP_PROT_ bits of both sides: in the defaults although not usually there, out of them, never
     * used. */
    DWORD protocols_added, protocols_removed, protocols_forbidden;
    tls_u64 disabled; /* TLS_DISABLE_: Ciphers, Hashes, KeyExchangeAlgorithms */
    struct schannel_order order;
    /* Milliseconds, 0 switches the cache off; CONFIG_NONE. */
    DWORD client_cache_time, server_cache_time;
    DWORD maximum_cache_size;                          /* or CONFIG_NONE */
    DWORD client_min_rsa, client_max_rsa;              /* bits, or CONFIG_NONE */
    DWORD client_min_dh, client_max_dh, server_min_dh; /* likewise */
    bool no_renegotiation[2];   /* enum tls_role: neither asked for nor granted by that side */
    bool safe_renegotiation[2]; /* enum tls_role: peers without RFC 5746 are refused */
    bool send_trusted_issuers;
    bool staple_for_sni;
};

/* As the registry is now. */
void config_get(struct schannel_config *config);
/* When the DLL is unloaded. */
void config_release(void);

#endif
