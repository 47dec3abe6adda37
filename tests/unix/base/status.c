/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tables of errors and alerts: every error that GnuTLS has, every number an alert can have.
 */
#include <string.h>

#include "kit/check.h"
#include "kit/support.h"

#define LOWEST_ERROR (-2000)

/* What a peer can bring about, and what our own program can: these have names of their own in SSPI.
 * All other errors are internal ones. */
static const struct {
    int32_t status;
    const char *names; /* without GNUTLS_E_ */
} named[] = {
    {SEC_E_INSUFFICIENT_MEMORY, " MEMORY_ERROR "},
    {SEC_I_CONTEXT_EXPIRED, " SESSION_EOF "},
    {SEC_E_UNSUPPORTED_FUNCTION, " UNSUPPORTED_VERSION_PACKET INAPPROPRIATE_FALLBACK "},
    {SEC_E_ALGORITHM_MISMATCH,
     " NO_CIPHER_SUITES UNKNOWN_CIPHER_SUITE UNKNOWN_CIPHER_TYPE UNKNOWN_PK_ALGORITHM "
     "UNKNOWN_HASH_ALGORITHM UNKNOWN_ALGORITHM INSUFFICIENT_SECURITY NO_COMMON_KEY_SHARE "
     "UNSUPPORTED_SIGNATURE_ALGORITHM INCOMPATIBLE_SIG_WITH_KEY "
     "INCOMPAT_DSA_KEY_WITH_TLS_PROTOCOL UNWANTED_ALGORITHM ECC_UNSUPPORTED_CURVE "
     "ECC_NO_SUPPORTED_CURVES DH_PRIME_UNACCEPTABLE NO_PRIORITIES_WERE_SET "},
    {SEC_E_APPLICATION_PROTOCOL_MISMATCH, " NO_APPLICATION_PROTOCOL "},
    {SEC_E_WRONG_PRINCIPAL, " UNRECOGNIZED_NAME "},
    {SEC_E_MESSAGE_ALTERED, " DECRYPTION_FAILED DECOMPRESSION_FAILED MAC_VERIFY_FAILED "
                            "ERROR_IN_FINISHED_PACKET PK_SIG_VERIFY_FAILED "},
    {SEC_E_DECRYPT_FAILURE, " PK_DECRYPTION_FAILED PKCS1_WRONG_PAD "},
    {SEC_E_ENCRYPT_FAILURE, " ENCRYPTION_FAILED PK_ENCRYPTION_FAILED "},
    {SEC_E_CERT_UNKNOWN,
     " CERTIFICATE_ERROR CERTIFICATE_KEY_MISMATCH CERTIFICATE_VERIFICATION_ERROR "
     "CERTIFICATE_LIST_UNSORTED CERTIFICATE_TIME_ERROR UNSUPPORTED_CERTIFICATE_TYPE "
     "CONSTRAINT_ERROR X509_DUPLICATE_EXTENSION X509_UNKNOWN_SAN "
     "X509_UNSUPPORTED_ATTRIBUTE X509_UNSUPPORTED_CRITICAL_EXTENSION X509_UNSUPPORTED_EXTENSION "
     "X509_UNSUPPORTED_OID ASN1_DER_ERROR ASN1_DER_OVERFLOW ASN1_ELEMENT_NOT_FOUND "
     "ASN1_EMBEDDED_NULL_IN_STRING ASN1_GENERIC_ERROR ASN1_IDENTIFIER_NOT_FOUND ASN1_SYNTAX_ERROR "
     "ASN1_TAG_ERROR ASN1_TAG_IMPLICIT ASN1_TIME_ERROR ASN1_TYPE_ANY_ERROR ASN1_VALUE_NOT_FOUND "
     "ASN1_VALUE_NOT_VALID INVALID_UTF8_EMAIL INVALID_UTF8_STRING NO_CERTIFICATE_STATUS "
     "OCSP_RESPONSE_ERROR "},
    {SEC_E_CERT_WRONG_USAGE, " KEY_USAGE_VIOLATION "},
    {SEC_E_NO_CREDENTIALS, " NO_CERTIFICATE_FOUND CERTIFICATE_REQUIRED INSUFFICIENT_CREDENTIALS "},
    {SEC_E_ILLEGAL_MESSAGE,
     " UNEXPECTED_PACKET UNEXPECTED_PACKET_LENGTH UNEXPECTED_HANDSHAKE_PACKET "
     "UNEXPECTED_EXTENSIONS_LENGTH RECEIVED_ILLEGAL_PARAMETER RECEIVED_ILLEGAL_EXTENSION "
     "RECEIVED_DISALLOWED_NAME ILLEGAL_PARAMETER MISSING_EXTENSION RECORD_OVERFLOW "
     "RECORD_LIMIT_REACHED HANDSHAKE_TOO_LARGE LARGE_PACKET TOO_MANY_EMPTY_PACKETS "
     "TOO_MANY_HANDSHAKE_PACKETS GOT_APPLICATION_DATA PREMATURE_TERMINATION MPI_SCAN_FAILED "
     "BAD_COOKIE ILLEGAL_SRP_USERNAME PARSING_ERROR PK_INVALID_PUBKEY PK_INVALID_PUBKEY_PARAMS "
     "NO_COMPRESSION_ALGORITHMS UNKNOWN_COMPRESSION_ALGORITHM SAFE_RENEGOTIATION_FAILED "
     "UNSAFE_RENEGOTIATION_DENIED SESSION_USER_ID_CHANGED REHANDSHAKE "},
};

static int32_t status_of_name(const char *name)
{
    char word[80];
    size_t i;

    snprintf(word, sizeof(word), " %s ", name);
    for (i = 0; i < sizeof(named) / sizeof(named[0]); i++)
        if (strstr(named[i].names, word))
            return named[i].status;
    return SEC_E_INTERNAL_ERROR;
}

static unsigned int count_names(void)
{
    unsigned int count = 0;
    const char *at;
    size_t i;

    for (i = 0; i < sizeof(named) / sizeof(named[0]); i++)
        for (at = named[i].names + 1; *at; at++)
            count += *at == ' ';
    return count;
}

static void errors(void)
{
    unsigned int found = 0;
    int error;

    for (error = -1; error > LOWEST_ERROR; error--) {
        const char *name = gnutls_strerror_name(error);
        int32_t status = status_from_error(error), expected;

        if (!name) {
            check_equal(status, SEC_E_INTERNAL_ERROR);
            continue;
        }
        expected = status_of_name(name + strlen("GNUTLS_E_"));
        check(status == expected, "%s is %#x, not %#x", name, (unsigned int)status,
              (unsigned int)expected);
        found += expected != SEC_E_INTERNAL_ERROR;
    }
    check_equal(found, count_names());
}

/* The fatal alerts that may tell a peer of a failure that is called this. */
static bool tells(int32_t status, uint32_t alert)
{
    switch (status) {
    case SEC_E_UNSUPPORTED_FUNCTION:
        return alert == 70 || alert == 86;
    case SEC_E_ALGORITHM_MISMATCH:
        return alert == 40 || alert == 47 || alert == 71;
    case SEC_E_APPLICATION_PROTOCOL_MISMATCH:
        return alert == 120;
    case SEC_E_WRONG_PRINCIPAL:
        return alert == 112;
    case SEC_E_MESSAGE_ALTERED:
        return alert == 20 || alert == 30 || alert == 51;
    case SEC_E_DECRYPT_FAILURE:
        return alert == 51 || alert == 20;
    case SEC_E_CERT_UNKNOWN:
        return alert == 42 || alert == 43 || alert == 46 || alert == 113;
    case SEC_E_CERT_WRONG_USAGE:
        return alert == 43;
    case SEC_E_NO_CREDENTIALS:
        return alert == 40 || alert == 116;
    case SEC_E_ILLEGAL_MESSAGE:
        return alert == 10 || alert == 22 || alert == 40 || alert == 47 || alert == 50 ||
               alert == 71 || alert == 109 || alert == 110;
    default:
        return alert == 80 || alert == 90;
    }
}

static void alerts_sent(void)
{
    int error;

    for (error = -1; error > LOWEST_ERROR; error--) {
        const char *name = gnutls_strerror_name(error);
        uint32_t alert = alert_from_error(error);
        int32_t status = status_from_error(error);

        if (!name || error == GNUTLS_E_SESSION_EOF)
            continue;
        check(tells(status, alert) || status == SEC_E_INTERNAL_ERROR, "%s, %#x, sends alert %u",
              name, (unsigned int)status, alert);
        /* GnuTLS has no name for bad_certificate_status_response. */
        check(alert && alert != 100 &&
                  (alert == 113 || gnutls_alert_get_name((gnutls_alert_description_t)alert)),
              "%s sends alert %u", name, alert);
    }
}

static void alerts_received(void)
{
    static const struct {
        uint32_t alert;
        int32_t status;
    } expected[] = {
        {0, SEC_I_CONTEXT_EXPIRED},
        {20, SEC_E_MESSAGE_ALTERED},
        {21, SEC_E_DECRYPT_FAILURE},
        {30, SEC_E_MESSAGE_ALTERED},
        {41, SEC_E_CERT_UNKNOWN},
        {42, SEC_E_CERT_UNKNOWN},
        {43, SEC_E_CERT_UNKNOWN},
        {44, CRYPT_E_REVOKED},
        {45, SEC_E_CERT_EXPIRED},
        {46, SEC_E_CERT_UNKNOWN},
        {48, SEC_E_UNTRUSTED_ROOT},
        {49, SEC_E_LOGON_DENIED},
        {51, SEC_E_DECRYPT_FAILURE},
        {70, SEC_E_UNSUPPORTED_FUNCTION},
        {71, SEC_E_ALGORITHM_MISMATCH},
        {80, SEC_E_INTERNAL_ERROR},
        {86, SEC_E_UNSUPPORTED_FUNCTION},
        {90, SEC_E_UNFINISHED_CONTEXT_DELETED},
        {112, SEC_E_WRONG_PRINCIPAL},
        {116, SEC_E_NO_CREDENTIALS},
        {120, SEC_E_APPLICATION_PROTOCOL_MISMATCH},
    };
    size_t next = 0;
    uint32_t alert;

    for (alert = 0; alert < 256; alert++) {
        if (next < sizeof(expected) / sizeof(expected[0]) && expected[next].alert == alert)
            check_equal(status_from_alert(alert), expected[next++].status);
        else
            check_equal(status_from_alert(alert), SEC_E_ILLEGAL_MESSAGE);
    }
    check_equal(next, sizeof(expected) / sizeof(expected[0]));
}

int main(void)
{
    RUN(errors);
    RUN(alerts_sent);
    RUN(alerts_received);
    return check_summary();
}
