/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a status is called, for core/trace.h.
 */
#include "core/trace.h"

#include <stdio.h>

#define NAME(status)                                                                               \
    {                                                                                              \
        (SECURITY_STATUS)(status), #status                                                         \
    }

static const struct {
    SECURITY_STATUS status;
    const char *name;
} names[] = {
    NAME(SEC_E_OK),
    NAME(SEC_I_CONTINUE_NEEDED),
    NAME(SEC_I_COMPLETE_NEEDED),
    NAME(SEC_I_COMPLETE_AND_CONTINUE),
    NAME(SEC_I_CONTEXT_EXPIRED),
    NAME(SEC_I_INCOMPLETE_CREDENTIALS),
    NAME(SEC_I_RENEGOTIATE),
    NAME(SEC_I_MESSAGE_FRAGMENT),
    NAME(SEC_I_ASYNC_CALL_PENDING),
    NAME(SEC_I_NO_RENEGOTIATION),
    NAME(SEC_E_INSUFFICIENT_MEMORY),
    NAME(SEC_E_INVALID_HANDLE),
    NAME(SEC_E_UNSUPPORTED_FUNCTION),
    NAME(SEC_E_TARGET_UNKNOWN),
    NAME(SEC_E_INTERNAL_ERROR),
    NAME(SEC_E_SECPKG_NOT_FOUND),
    NAME(SEC_E_NOT_OWNER),
    NAME(SEC_E_INVALID_TOKEN),
    NAME(SEC_E_QOP_NOT_SUPPORTED),
    NAME(SEC_E_NO_IMPERSONATION),
    NAME(SEC_E_LOGON_DENIED),
    NAME(SEC_E_UNKNOWN_CREDENTIALS),
    NAME(SEC_E_NO_CREDENTIALS),
    NAME(SEC_E_MESSAGE_ALTERED),
    NAME(SEC_E_OUT_OF_SEQUENCE),
    NAME(SEC_E_NO_AUTHENTICATING_AUTHORITY),
    NAME(SEC_E_CONTEXT_EXPIRED),
    NAME(SEC_E_INCOMPLETE_MESSAGE),
    NAME(SEC_E_BUFFER_TOO_SMALL),
    NAME(SEC_E_WRONG_PRINCIPAL),
    NAME(SEC_E_UNTRUSTED_ROOT),
    NAME(SEC_E_ILLEGAL_MESSAGE),
    NAME(SEC_E_CERT_UNKNOWN),
    NAME(SEC_E_CERT_EXPIRED),
    NAME(SEC_E_ENCRYPT_FAILURE),
    NAME(SEC_E_DECRYPT_FAILURE),
    NAME(SEC_E_ALGORITHM_MISMATCH),
    NAME(SEC_E_UNFINISHED_CONTEXT_DELETED),
    NAME(SEC_E_WRONG_CREDENTIAL_HANDLE),
    NAME(SEC_E_CERT_WRONG_USAGE),
    NAME(SEC_E_INVALID_PARAMETER),
    NAME(SEC_E_APPLICATION_PROTOCOL_MISMATCH),
    NAME(CRYPT_E_REVOKED),
    NAME(CRYPT_E_NO_REVOCATION_CHECK),
    NAME(CRYPT_E_REVOCATION_OFFLINE),
};

const char *trace_status(char *text, SECURITY_STATUS status)
{
    for (size_t i = 0; i < ARRAYSIZE(names); i++) {
        if (names[i].status == status)
            return names[i].name;
    }
    sprintf(text, "0x%08lx", status);
    return text;
}
