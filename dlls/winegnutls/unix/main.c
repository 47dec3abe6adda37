/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The table that the loader finds: one function per code of unixlib.h. The parameter structs have
 * one layout for 32-bit and 64-bit callers, so both tables hold the same functions.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "unix/base/calls.h"
#include "unix/base/status.h"
#include "unix/session/session.h"

#define EXPORT __attribute__((visibility("default")))

/* NTSTATUS of the call itself; how it went is in the struct. */
typedef int32_t unix_call(void *params);

#define CALL(name, type)                                                                           \
    static int32_t enter_##name(void *params)                                                      \
    {                                                                                              \
        if (params)                                                                                \
            call_##name((struct type *)params);                                                    \
        return 0;                                                                                  \
    }

CALL(startup, tls_startup)
CALL(credentials_create, tls_credentials_create)
CALL(credentials_free, tls_free)
CALL(handshake, tls_handshake)
CALL(take_output, tls_take_output)
CALL(session_free, tls_free)
CALL(encrypt, tls_encrypt)
CALL(decrypt, tls_decrypt)
CALL(info, tls_info)
CALL(names, tls_names)
CALL(peer_chain, tls_get_blob)
CALL(channel_binding, tls_get_blob)
CALL(resumption_data, tls_get_blob)
CALL(keying_material, tls_keying_material)
CALL(verify_signature, tls_verify_signature)
CALL(name_constraints, tls_name_constraints)
CALL(signatures, tls_get_blob)
CALL(eap_keys, tls_eap_keys)
CALL(srtp, tls_srtp)
CALL(key_request, tls_key_request)
CALL(key_answer, tls_key_answer)
CALL(set_ticket_keys, tls_set_ticket_keys)
CALL(set_issuers, tls_set_issuers)
CALL(stapled_response, tls_get_blob)
CALL(revocation_sources, tls_revocation_sources)
CALL(revocation_check, tls_revocation_check)
CALL(set_mtu, tls_set_mtu)
CALL(issuers, tls_get_blob)
CALL(reason, tls_reason)
CALL(keylog, tls_keylog)
CALL(host_roots, tls_host_roots)

#define CALL_TABLE                                                                                 \
    {                                                                                              \
        [TLS_CALL_STARTUP] = enter_startup,                                                        \
        [TLS_CALL_CREDENTIALS_CREATE] = enter_credentials_create,                                  \
        [TLS_CALL_CREDENTIALS_FREE] = enter_credentials_free,                                      \
        [TLS_CALL_HANDSHAKE] = enter_handshake, [TLS_CALL_TAKE_OUTPUT] = enter_take_output,        \
        [TLS_CALL_SESSION_FREE] = enter_session_free, [TLS_CALL_ENCRYPT] = enter_encrypt,          \
        [TLS_CALL_DECRYPT] = enter_decrypt, [TLS_CALL_INFO] = enter_info,                          \
        [TLS_CALL_PEER_CHAIN] = enter_peer_chain,                                                  \
        [TLS_CALL_CHANNEL_BINDING] = enter_channel_binding,                                        \
        [TLS_CALL_RESUMPTION_DATA] = enter_resumption_data,                                        \
        [TLS_CALL_KEYING_MATERIAL] = enter_keying_material,                                        \
        [TLS_CALL_VERIFY_SIGNATURE] = enter_verify_signature,                                      \
        [TLS_CALL_SIGNATURES] = enter_signatures, [TLS_CALL_EAP_KEYS] = enter_eap_keys,            \
        [TLS_CALL_SRTP] = enter_srtp, [TLS_CALL_KEY_REQUEST] = enter_key_request,                  \
        [TLS_CALL_KEY_ANSWER] = enter_key_answer,                                                  \
        [TLS_CALL_SET_TICKET_KEYS] = enter_set_ticket_keys,                                        \
        [TLS_CALL_SET_ISSUERS] = enter_set_issuers,                                                \
        [TLS_CALL_STAPLED_RESPONSE] = enter_stapled_response,                                      \
        [TLS_CALL_REVOCATION_SOURCES] = enter_revocation_sources,                                  \
        [TLS_CALL_REVOCATION_CHECK] = enter_revocation_check, [TLS_CALL_SET_MTU] = enter_set_mtu,  \
        [TLS_CALL_NAMES] = enter_names, [TLS_CALL_NAME_CONSTRAINTS] = enter_name_constraints,      \
        [TLS_CALL_ISSUERS] = enter_issuers, [TLS_CALL_REASON] = enter_reason,                      \
        [TLS_CALL_KEYLOG] = enter_keylog, [TLS_CALL_HOST_ROOTS] = enter_host_roots,                \
    }

EXPORT unix_call *const __wine_unix_call_funcs[TLS_CALL_COUNT] = CALL_TABLE;
EXPORT unix_call *const __wine_unix_call_wow64_funcs[TLS_CALL_COUNT] = CALL_TABLE;

/* Where the loader has found this library. */
static void name_library(char *name, size_t size)
{
    Dl_info found = {0};

    dladdr(__wine_unix_call_funcs, &found);
    snprintf(name, size, "%s", found.dli_fname ? found.dli_fname : "");
}

void call_startup(struct tls_startup *params)
{
    const char *version = gnutls_check_version(NULL);

    memset(params->gnutls_version, 0, sizeof(params->gnutls_version));
    strncpy(params->gnutls_version, version ? version : "", sizeof(params->gnutls_version) - 1);
    params->status = SEC_E_SECPKG_NOT_FOUND;
    if (params->contract_version != TLS_CONTRACT_VERSION)
        return;
    name_library(params->library, sizeof(params->library));
    if (gnutls_check_version("3.7.9"))
        params->status = SEC_E_OK;
}
