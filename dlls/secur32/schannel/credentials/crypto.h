/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The ways a program can restrict algorithms, all turned into sets of TLS_DISABLE_.
 */
#ifndef ASYNCSSPI_CRYPTO_H
#define ASYNCSSPI_CRYPTO_H

#include "schannel/base/schanneltypes.h"
#include "winegnutls/unixlib.h"

/* The suites that carry a hash in their name, as MAC or not. */
#define SUITES_WITH_SHA1 TLS_DISABLE_MAC_SHA1
#define SUITES_WITH_SHA256                                                                         \
    (TLS_DISABLE_MAC_SHA256 | TLS_DISABLE_AES_128_GCM | TLS_DISABLE_CHACHA20_POLY1305 |            \
     TLS_DISABLE_AES_CCM)
#define SUITES_WITH_SHA384 (TLS_DISABLE_MAC_SHA384 | TLS_DISABLE_AES_256_GCM)

/* What a credential may not use. */
struct crypto_limits {
    tls_u64 disabled;       /* TLS_DISABLE_ */
    DWORD min_rsa, max_rsa; /* bits of the peer's key, 0: no bound */
    DWORD min_dh;           /* of the prime a server picks by itself */
};

/* Before any wish is read: what is old enough to need asking for. */
tls_u64 schannel_disabled_by_default(DWORD flags);
/* After all wishes: what SCH_USE_STRONG_CRYPTO allows nobody. */
void schannel_limit_by_flags(DWORD flags, struct crypto_limits *limits);

/* SCHANNEL_CRED's palgSupportedAlgs on top of the defaults. */
tls_u64 schannel_disabled_by_list(tls_u64 disabled, const ALG_ID *algorithms, DWORD count);

/* Whether there is one that we have for every class that the list names. */
bool schannel_list_is_usable(const ALG_ID *algorithms, DWORD count);

/*
 * SCHANNEL_CRED's bounds in bits, 0 for none, adding to *disabled; ~0 stands for the suites without
 * encryption. SEC_E_ALGORITHM_MISMATCH when no cipher is within.
 */
SECURITY_STATUS schannel_disabled_by_strength(DWORD minimum, DWORD maximum, tls_u64 *disabled);

/*
 * One CRYPTO_SETTINGS of SCH_CREDENTIALS, adding to *limits. Names of algorithms we never use
 * change nothing. SEC_E_UNSUPPORTED_FUNCTION: a restriction the engine cannot express;
 * SEC_E_UNKNOWN_CREDENTIALS: not a legal structure.
 */
SECURITY_STATUS schannel_limit_by_setting(const CRYPTO_SETTINGS *setting,
                                          struct crypto_limits *limits);

/* The groups of finite fields with less, or more, than so many bits. */
tls_u64 schannel_dh_groups_below(DWORD bits);
tls_u64 schannel_dh_groups_above(DWORD bits);

/* The algorithms that `disabled` leaves, for SECPKG_ATTR_SUPPORTED_ALGS; returns their number. */
#define SCHANNEL_MAX_ALGORITHMS 16
unsigned int schannel_allowed_algorithms(tls_u64 disabled,
                                         ALG_ID algorithms[SCHANNEL_MAX_ALGORITHMS]);

/* The bits of the weakest and the strongest cipher that `disabled` leaves. */
void schannel_allowed_strengths(tls_u64 disabled, DWORD *minimum, DWORD *maximum);

#endif
