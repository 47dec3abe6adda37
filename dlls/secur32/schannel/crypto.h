/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The ways a program can restrict algorithms, all turned into sets of TLS_DISABLE_.
 */
#ifndef ASYNCSSPI_CRYPTO_H
#define ASYNCSSPI_CRYPTO_H

#include "schannel.h"

/* Before any wish is read: what is old enough to need asking for. */
tls_u64 schannel_disabled_by_default(DWORD flags);

/* SCHANNEL_CRED's palgSupportedAlgs on top of the defaults. */
tls_u64 schannel_disabled_by_list(tls_u64 disabled, const ALG_ID *algorithms, DWORD count);

/*
 * SCHANNEL_CRED's bounds in bits, 0 for none, adding to *disabled. SEC_E_ALGORITHM_MISMATCH when no
 * cipher is within, which includes the bounds that ask for no encryption at all.
 */
SECURITY_STATUS schannel_disabled_by_strength(DWORD minimum, DWORD maximum, tls_u64 *disabled);

/*
 * One CRYPTO_SETTINGS of SCH_CREDENTIALS, adding to *disabled. Names of algorithms we never use
 * change nothing. SEC_E_UNSUPPORTED_FUNCTION: a restriction the engine cannot express;
 * SEC_E_UNKNOWN_CREDENTIALS: not a legal structure.
 */
SECURITY_STATUS schannel_disabled_by_setting(const CRYPTO_SETTINGS *setting, tls_u64 *disabled);

/* The algorithms that `disabled` leaves, for SECPKG_ATTR_SUPPORTED_ALGS; returns their number. */
#define SCHANNEL_MAX_ALGORITHMS 16
unsigned int schannel_allowed_algorithms(tls_u64 disabled,
                                         ALG_ID algorithms[SCHANNEL_MAX_ALGORITHMS]);

/* The bits of the weakest and the strongest cipher that `disabled` leaves. */
void schannel_allowed_strengths(tls_u64 disabled, DWORD *minimum, DWORD *maximum);

#endif
