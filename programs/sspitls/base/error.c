/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one table of status codes: code, name, advice. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <winerror.h>

#include "asyncsspi.h"

struct known_status {
    LONG status;
    const char *name;
    const char *advice;
};

#define STATUS_ROW(code, advice)                                                                   \
    {                                                                                              \
        (LONG)(code), #code, advice                                                                \
    }

static const struct known_status known[] = {
    STATUS_ROW(SEC_E_OK, NULL),
    STATUS_ROW(SEC_I_CONTINUE_NEEDED, NULL),
    STATUS_ROW(SEC_I_CONTEXT_EXPIRED, "the peer has closed the TLS connection"),
    STATUS_ROW(SEC_I_RENEGOTIATE, NULL),
    STATUS_ROW(SEC_I_NO_RENEGOTIATION, "the peer does not renegotiate"),
    STATUS_ROW(SEC_I_INCOMPLETE_CREDENTIALS,
               "the server wants a client certificate; --cert and --key give one"),
    STATUS_ROW(SEC_I_ASYNC_CALL_PENDING, NULL),
    STATUS_ROW(SEC_E_INSUFFICIENT_MEMORY, "out of memory"),
    STATUS_ROW(SEC_E_INVALID_HANDLE, "a handle was used after it was deleted"),
    STATUS_ROW(SEC_E_INVALID_PARAMETER, "this secur32 does not take that combination of options"),
    STATUS_ROW(SEC_E_UNSUPPORTED_FUNCTION, "this secur32 cannot do that; is asyncsspi installed in "
                                           "this prefix? (asyncsspi-setup status)"),
    STATUS_ROW(SEC_E_TARGET_UNKNOWN, "check the host name, or name it with --sni"),
    STATUS_ROW(SEC_E_INTERNAL_ERROR, "the TLS engine failed; see whether another version (--tls) "
                                     "works and report it"),
    STATUS_ROW(SEC_E_SECPKG_NOT_FOUND,
               "Schannel is not there: winegnutls.so or GnuTLS cannot be loaded; asyncsspi-setup "
               "status says which"),
    STATUS_ROW(SEC_E_INVALID_TOKEN, "the peer sent bytes that are no TLS; is the port right, does "
                                    "it speak TLS?"),
    STATUS_ROW(SEC_E_NO_CREDENTIALS, "no usable certificate and key; see --cert and --key"),
    STATUS_ROW(SEC_E_UNKNOWN_CREDENTIALS,
               "certificate and private key do not parse or do not belong together"),
    STATUS_ROW(SEC_E_LOGON_DENIED, "the server refused the client certificate"),
    STATUS_ROW(SEC_E_MESSAGE_ALTERED, "a record was changed on its way"),
    STATUS_ROW(SEC_E_OUT_OF_SEQUENCE, "records came in the wrong order"),
    STATUS_ROW(SEC_E_NO_AUTHENTICATING_AUTHORITY, "nobody could vouch for the peer"),
    STATUS_ROW(SEC_E_CONTEXT_EXPIRED, "the TLS connection is already closed"),
    STATUS_ROW(SEC_E_INCOMPLETE_MESSAGE, "the peer closed in the middle of a message"),
    STATUS_ROW(SEC_E_BUFFER_TOO_SMALL, NULL),
    STATUS_ROW(SEC_E_WRONG_PRINCIPAL,
               "the certificate is for another name; --sni NAME expects that one, --insecure skips "
               "the check"),
    STATUS_ROW(SEC_E_UNTRUSTED_ROOT, "the chain ends in a root that nobody trusts; --ca FILE.pem "
                                     "trusts one, --insecure skips the check"),
    STATUS_ROW(SEC_E_ILLEGAL_MESSAGE,
               "the peer broke the protocol or refused ours; its log may say why"),
    STATUS_ROW(SEC_E_CERT_UNKNOWN,
               "the certificate could not be checked; --insecure skips the check"),
    STATUS_ROW(SEC_E_CERT_EXPIRED, "the certificate is not valid today; check the clock, or use "
                                   "--insecure"),
    STATUS_ROW(SEC_E_CERT_WRONG_USAGE, "the certificate was issued for another purpose"),
    STATUS_ROW(SEC_E_ENCRYPT_FAILURE, "encryption failed"),
    STATUS_ROW(SEC_E_DECRYPT_FAILURE, "a record could not be decrypted"),
    STATUS_ROW(SEC_E_ALGORITHM_MISMATCH,
               "the two sides have no version, suite or algorithm in common; try another --tls"),
    STATUS_ROW(SEC_E_APPLICATION_PROTOCOL_MISMATCH,
               "the two sides have no application protocol in common; see --alpn"),
    STATUS_ROW(SEC_E_NO_KERB_KEY, NULL),
    STATUS_ROW(CERT_E_UNTRUSTEDROOT, "the chain ends in a root that nobody trusts"),
    STATUS_ROW(CERT_E_CN_NO_MATCH, "the certificate is for another name"),
    STATUS_ROW(CERT_E_EXPIRED, "the certificate is not valid today"),
    STATUS_ROW(CRYPT_E_REVOKED, "the certificate was revoked by its issuer"),
    STATUS_ROW(CRYPT_E_NO_REVOCATION_CHECK, "revocation could not be checked"),
    STATUS_ROW(CRYPT_E_REVOCATION_OFFLINE, "revocation could not be checked: the list is offline"),
    STATUS_ROW(CRYPT_E_NOT_FOUND, NULL),
    STATUS_ROW(CRYPT_E_BAD_ENCODE, "the file is damaged or of another kind"),
    STATUS_ROW(NTE_BAD_KEY, NULL),
};

static const struct known_status *find(LONG status)
{
    for (size_t i = 0; i < ARRAYSIZE(known); i++) {
        if (known[i].status == status)
            return &known[i];
    }
    return NULL;
}

const char *error_name(LONG status)
{
    const struct known_status *row = find(status);

    return row ? row->name : NULL;
}

const char *error_advice(LONG status)
{
    const struct known_status *row = find(status);

    return row ? row->advice : NULL;
}

const char *error_text(LONG status)
{
    static __thread char text[80];
    const char *name = error_name(status);

    snprintf(text, sizeof(text), "%s (0x%08lx)", name ? name : "status", (unsigned long)status);
    return text;
}

#define LINE_SIZE 1024

static char first_line[LINE_SIZE];

const char *reported_first(void)
{
    return first_line;
}

void report(const char *format, ...)
{
    va_list arguments;
    static LONG reported;
    char text[LINE_SIZE];

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (!InterlockedExchange(&reported, 1))
        memcpy(first_line, text, strlen(text) + 1);
    /* One call per line, so that lines of several threads do not mix. */
    fprintf(stderr, "sspitls: %s\n", text);
    fflush(stderr);
}

void report_status(const char *what, LONG status)
{
    const char *advice = error_advice(status);

    report("%s: %s", what, error_text(status));
    if (advice)
        report("    %s", advice);
}

static const char *system_advice(DWORD error)
{
    switch (error) {
    case WSAECONNREFUSED:
        return "nobody listens there";
    case WSAECONNRESET:
    case WSAECONNABORTED:
        return "the peer cut the connection";
    case WSAETIMEDOUT:
    case WSAEWOULDBLOCK:
        return "no answer in time";
    case WSAEADDRINUSE:
        return "the port is taken";
    case WSAEADDRNOTAVAIL:
        return "no such address on this machine";
    case WSAEACCES:
        return "not allowed";
    case WSAEHOSTUNREACH:
    case WSAENETUNREACH:
        return "no way to that address";
    case WSAHOST_NOT_FOUND:
    case WSATRY_AGAIN:
    case WSANO_DATA:
        return "no such host";
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
        return "no such file";
    case ERROR_FILE_TOO_LARGE:
        return "the file is too large to be what is expected";
    case ERROR_ACCESS_DENIED:
        return "not allowed";
    case ERROR_HANDLE_EOF:
        return "the peer closed the connection";
    default:
        return NULL;
    }
}

void report_system(const char *what, DWORD error)
{
    const char *advice = system_advice(error);

    report("%s: error %lu%s%s", what, (unsigned long)error, advice ? ": " : "",
           advice ? advice : "");
}
