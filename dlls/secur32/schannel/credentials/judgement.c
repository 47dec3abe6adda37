/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How a server judges its clients' certificates, as a number.
 *
 * A session that is resumed is not judged again. Servers that share ticket keys may judge in
 * different ways, so the engine keeps apart what they give out by this number: it has everything in
 * it that peer/validate.c and peer/revocation.c look at, but for the system's stores.
 */
#include "schannel/credentials/judgement.h"
#include "schannel/credentials/credentials.h"

/* The SCH_ flags that a verdict depends on. */
#define JUDGING_FLAGS                                                                              \
    (SCH_USE_STRONG_CRYPTO | SCH_CRED_RESTRICTED_ROOTS | SCH_CRED_CACHE_ONLY_URL_RETRIEVAL |       \
     SCH_CRED_REVOCATION_CHECK_END_CERT | SCH_CRED_REVOCATION_CHECK_CHAIN |                        \
     SCH_CRED_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT | SCH_CRED_REVOCATION_CHECK_CACHE_ONLY |         \
     SCH_CRED_IGNORE_NO_REVOCATION_CHECK | SCH_CRED_IGNORE_REVOCATION_OFFLINE)

static tls_u64 mix(tls_u64 number, tls_u64 value)
{
    number = (number ^ value) * 0x9e3779b97f4a7c15ull; /* odd, and without a pattern */
    return number ^ number >> 32;
}

tls_u64 judgement_of(const struct schannel_credentials *credentials)
{
    const struct client_policy *policy = client_policy_of(credentials);
    tls_u64 number;

    if (!judges_peers(credentials))
        return 0;
    number = mix(1, credentials->flags & JUDGING_FLAGS);
    number = mix(number, credentials->roots);
    if (policy) {
        number = mix(number, policy->chain_flags);
        number = mix(number, policy->revocation);
        number = mix(number, policy->omit_usage ? 2 : 1);
    }
    return number ? number : 1;
}
