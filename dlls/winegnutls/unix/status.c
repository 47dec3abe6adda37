/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tables behind status.h. What is not listed is a malformed or misplaced message when it came
 * from the peer (SEC_E_ILLEGAL_MESSAGE, Schannel's own default) and SEC_E_INTERNAL_ERROR otherwise.
 */
#include <stddef.h>

#include <gnutls/gnutls.h>

#include "status.h"

struct error_row {
    int error;
    int32_t status;
};

static const struct error_row errors[] = {
    {GNUTLS_E_MEMORY_ERROR, SEC_E_INSUFFICIENT_MEMORY},
    {GNUTLS_E_SESSION_EOF, SEC_I_CONTEXT_EXPIRED},

    {GNUTLS_E_UNSUPPORTED_VERSION_PACKET, SEC_E_UNSUPPORTED_FUNCTION},
    {GNUTLS_E_INAPPROPRIATE_FALLBACK, SEC_E_UNSUPPORTED_FUNCTION},

    {GNUTLS_E_NO_CIPHER_SUITES, SEC_E_ALGORITHM_MISMATCH},
    {GNUTLS_E_UNKNOWN_CIPHER_SUITE, SEC_E_ALGORITHM_MISMATCH},
    {GNUTLS_E_UNKNOWN_CIPHER_TYPE, SEC_E_ALGORITHM_MISMATCH},
    {GNUTLS_E_INSUFFICIENT_SECURITY, SEC_E_ALGORITHM_MISMATCH},
    {GNUTLS_E_NO_COMMON_KEY_SHARE, SEC_E_ALGORITHM_MISMATCH},
    {GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM, SEC_E_ALGORITHM_MISMATCH},
    {GNUTLS_E_INCOMPATIBLE_SIG_WITH_KEY, SEC_E_ALGORITHM_MISMATCH},
    {GNUTLS_E_UNWANTED_ALGORITHM, SEC_E_ALGORITHM_MISMATCH},
    {GNUTLS_E_ECC_UNSUPPORTED_CURVE, SEC_E_ALGORITHM_MISMATCH},
    {GNUTLS_E_ECC_NO_SUPPORTED_CURVES, SEC_E_ALGORITHM_MISMATCH},
    {GNUTLS_E_DH_PRIME_UNACCEPTABLE, SEC_E_ALGORITHM_MISMATCH},
    {GNUTLS_E_NO_PRIORITIES_WERE_SET, SEC_E_ALGORITHM_MISMATCH},

    {GNUTLS_E_NO_APPLICATION_PROTOCOL, SEC_E_APPLICATION_PROTOCOL_MISMATCH},

    {GNUTLS_E_DECRYPTION_FAILED, SEC_E_MESSAGE_ALTERED},
    {GNUTLS_E_ERROR_IN_FINISHED_PACKET, SEC_E_MESSAGE_ALTERED},
    {GNUTLS_E_PK_SIG_VERIFY_FAILED, SEC_E_MESSAGE_ALTERED},
    {GNUTLS_E_SAFE_RENEGOTIATION_FAILED, SEC_E_ILLEGAL_MESSAGE},

    {GNUTLS_E_PK_DECRYPTION_FAILED, SEC_E_DECRYPT_FAILURE},
    {GNUTLS_E_ENCRYPTION_FAILED, SEC_E_ENCRYPT_FAILURE},
    {GNUTLS_E_PK_ENCRYPTION_FAILED, SEC_E_ENCRYPT_FAILURE},

    {GNUTLS_E_CERTIFICATE_ERROR, SEC_E_CERT_UNKNOWN},
    {GNUTLS_E_CERTIFICATE_KEY_MISMATCH, SEC_E_CERT_UNKNOWN},
    {GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR, SEC_E_CERT_UNKNOWN},
    {GNUTLS_E_UNSUPPORTED_CERTIFICATE_TYPE, SEC_E_CERT_UNKNOWN},
    {GNUTLS_E_X509_UNSUPPORTED_ATTRIBUTE, SEC_E_CERT_UNKNOWN},
    {GNUTLS_E_KEY_USAGE_VIOLATION, SEC_E_CERT_UNKNOWN},
    {GNUTLS_E_ASN1_DER_ERROR, SEC_E_CERT_UNKNOWN},
    {GNUTLS_E_ASN1_ELEMENT_NOT_FOUND, SEC_E_CERT_UNKNOWN},
    {GNUTLS_E_ASN1_TAG_ERROR, SEC_E_CERT_UNKNOWN},
    {GNUTLS_E_ASN1_VALUE_NOT_VALID, SEC_E_CERT_UNKNOWN},
    {GNUTLS_E_NO_CERTIFICATE_FOUND, SEC_E_NO_CREDENTIALS},
    {GNUTLS_E_CERTIFICATE_REQUIRED, SEC_E_NO_CREDENTIALS},
    {GNUTLS_E_INSUFFICIENT_CREDENTIALS, SEC_E_NO_CREDENTIALS},

    {GNUTLS_E_UNEXPECTED_PACKET, SEC_E_ILLEGAL_MESSAGE},
    {GNUTLS_E_UNEXPECTED_PACKET_LENGTH, SEC_E_ILLEGAL_MESSAGE},
    {GNUTLS_E_UNEXPECTED_HANDSHAKE_PACKET, SEC_E_ILLEGAL_MESSAGE},
    {GNUTLS_E_UNEXPECTED_EXTENSIONS_LENGTH, SEC_E_ILLEGAL_MESSAGE},
    {GNUTLS_E_RECEIVED_ILLEGAL_PARAMETER, SEC_E_ILLEGAL_MESSAGE},
    {GNUTLS_E_RECEIVED_ILLEGAL_EXTENSION, SEC_E_ILLEGAL_MESSAGE},
    {GNUTLS_E_RECEIVED_DISALLOWED_NAME, SEC_E_ILLEGAL_MESSAGE},
    {GNUTLS_E_MISSING_EXTENSION, SEC_E_ILLEGAL_MESSAGE},
    {GNUTLS_E_RECORD_OVERFLOW, SEC_E_ILLEGAL_MESSAGE},
    {GNUTLS_E_RECORD_LIMIT_REACHED, SEC_E_ILLEGAL_MESSAGE},
    {GNUTLS_E_HANDSHAKE_TOO_LARGE, SEC_E_ILLEGAL_MESSAGE},
    {GNUTLS_E_LARGE_PACKET, SEC_E_ILLEGAL_MESSAGE},
    {GNUTLS_E_TOO_MANY_EMPTY_PACKETS, SEC_E_ILLEGAL_MESSAGE},
    {GNUTLS_E_TOO_MANY_HANDSHAKE_PACKETS, SEC_E_ILLEGAL_MESSAGE},
    {GNUTLS_E_GOT_APPLICATION_DATA, SEC_E_ILLEGAL_MESSAGE},
    {GNUTLS_E_PREMATURE_TERMINATION, SEC_E_ILLEGAL_MESSAGE},
    {GNUTLS_E_MPI_SCAN_FAILED, SEC_E_ILLEGAL_MESSAGE},
    {GNUTLS_E_BAD_COOKIE, SEC_E_ILLEGAL_MESSAGE},
    {GNUTLS_E_ILLEGAL_SRP_USERNAME, SEC_E_ILLEGAL_MESSAGE},
    {GNUTLS_E_PK_INVALID_PUBKEY, SEC_E_ILLEGAL_MESSAGE},
    {GNUTLS_E_REHANDSHAKE, SEC_E_ILLEGAL_MESSAGE},
};

struct alert_row {
    uint32_t alert;
    int32_t status;
};

static const struct alert_row alerts[] = {
    {0, SEC_I_CONTEXT_EXPIRED},                 /* close_notify */
    {20, SEC_E_MESSAGE_ALTERED},                /* bad_record_mac */
    {21, SEC_E_DECRYPT_FAILURE},                /* decryption_failed */
    {30, SEC_E_MESSAGE_ALTERED},                /* decompression_failure */
    {41, SEC_E_CERT_UNKNOWN},                   /* no_certificate */
    {42, SEC_E_CERT_UNKNOWN},                   /* bad_certificate */
    {43, SEC_E_CERT_UNKNOWN},                   /* unsupported_certificate */
    {44, CRYPT_E_REVOKED},                      /* certificate_revoked */
    {45, SEC_E_CERT_EXPIRED},                   /* certificate_expired */
    {46, SEC_E_CERT_UNKNOWN},                   /* certificate_unknown */
    {48, SEC_E_UNTRUSTED_ROOT},                 /* unknown_ca */
    {49, SEC_E_LOGON_DENIED},                   /* access_denied */
    {51, SEC_E_DECRYPT_FAILURE},                /* decrypt_error */
    {70, SEC_E_UNSUPPORTED_FUNCTION},           /* protocol_version */
    {71, SEC_E_ALGORITHM_MISMATCH},             /* insufficient_security */
    {80, SEC_E_INTERNAL_ERROR},                 /* internal_error */
    {86, SEC_E_UNSUPPORTED_FUNCTION},           /* inappropriate_fallback */
    {90, SEC_E_UNFINISHED_CONTEXT_DELETED},     /* user_canceled */
    {112, SEC_E_WRONG_PRINCIPAL},               /* unrecognized_name */
    {116, SEC_E_NO_CREDENTIALS},                /* certificate_required */
    {120, SEC_E_APPLICATION_PROTOCOL_MISMATCH}, /* no_application_protocol */
};

int32_t status_from_error(int error)
{
    size_t i;

    for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if (errors[i].error == error)
            return errors[i].status;
    return SEC_E_INTERNAL_ERROR;
}

int32_t status_from_alert(uint32_t alert)
{
    size_t i;

    for (i = 0; i < sizeof(alerts) / sizeof(alerts[0]); i++)
        if (alerts[i].alert == alert)
            return alerts[i].status;
    return SEC_E_ILLEGAL_MESSAGE;
}

uint32_t alert_from_error(int error)
{
    int level;
    int alert;

    switch (error) {
    case GNUTLS_E_DECRYPTION_FAILED:
        return ALERT_BAD_RECORD_MAC;
    case GNUTLS_E_GOT_APPLICATION_DATA:
        return ALERT_UNEXPECTED_MESSAGE;
    }
    alert = gnutls_error_to_alert(error, &level);
    return alert < 0 ? ALERT_INTERNAL_ERROR : (uint32_t)alert;
}
