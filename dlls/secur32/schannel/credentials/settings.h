/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a program asks for in AcquireCredentialsHandle, together with what the registry says.
 */
#ifndef ASYNCSSPI_SETTINGS_H
#define ASYNCSSPI_SETTINGS_H

#include "core/package.h"
#include "schannel/credentials/crypto.h"

/* What a program asked for, checked and in our own terms. Pointers are the program's. */
struct schannel_settings {
    enum tls_role role;
    DWORD version;           /* 0: none given */
    DWORD flags;             /* SCH_ */
    DWORD default_protocols; /* SP_PROT_ of the role: when the program names none */
    DWORD protocols;         /* those to use */
    DWORD session_lifespan;  /* milliseconds */
    DWORD cache_size;        /* most sessions to keep, ~0: as many as there is room for */
    struct crypto_limits limits;
    bool winenet;            /* credentials/winenet.c: TLS 1.3 with SCHANNEL_CRED */
    struct tls_order order;  /* the registry's */
    bool no_renegotiation;   /* the registry's */
    bool safe_renegotiation; /* likewise: only with peers that have RFC 5746 */
    bool send_issuers;       /* server: name the trusted issuers in certificate requests */
    bool staple;             /* server: send the certificates' OCSP responses */
    DWORD mapper_count;
    HCERTSTORE root_store;
    DWORD format; /* SCH_CRED_FORMAT_ */
    DWORD certificate_count;
    const void *certificates; /* entries of the type that format says */
};

/*
 * Reads auth_data (NULL: defaults). SEC_E_UNKNOWN_CREDENTIALS: not a structure we know or not a
 * legal one; SEC_E_ALGORITHM_MISMATCH: nothing is left enabled; SEC_E_UNSUPPORTED_FUNCTION: a
 * setting that cannot be honoured; SEC_E_NO_CREDENTIALS: a direction other than in or out.
 */
SECURITY_STATUS schannel_read_settings(const struct acquire_args *args,
                                       struct schannel_settings *settings);

/* SP_PROT_ bits as a set of enum tls_protocol. */
uint32_t schannel_engine_protocols(DWORD protocols);
/* The SP_PROT_ bits whose version is in a set of enum tls_protocol. */
DWORD schannel_limit_protocols(DWORD protocols, uint32_t set);
/* The SP_PROT_ bit of a role for a version as the wire has it. */
DWORD schannel_protocol_bit(uint32_t wire_version, enum tls_role role);

#endif
