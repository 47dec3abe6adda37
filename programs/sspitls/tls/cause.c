/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whose fault it was.
 *
 * SSPI has one status for what we find wrong and for what the peer does: SEC_E_UNTRUSTED_ROOT is
 * our verdict, or the peer's about our certificate. A failure of ours comes with an alert to send,
 * the peer's comes without. Which alert it was can be read as long as nothing is encrypted.
 */
#include "tls/cause.h"

#define SECURITY_WIN32
#include <sspi.h>
#include <stdio.h>

#include "base/error.h"

#define CONTENT_ALERT 21
#define LEVEL_FATAL   2

struct alert {
    unsigned number;
    const char *name;
    const char *advice;
};

/* RFC 8446 6 and RFC 5246 7.2 */
static const struct alert alerts[] = {
    {10, "unexpected_message", NULL},
    {20, "bad_record_mac", NULL},
    {22, "record_overflow", NULL},
    {40, "handshake_failure",
     "the peer finds no suite, group or signature that both have, or wants a certificate; try "
     "another --tls"},
    {42, "bad_certificate", "the peer does not take our certificate"},
    {43, "unsupported_certificate", "the peer does not take certificates like ours"},
    {44, "certificate_revoked", "the peer says that our certificate was revoked"},
    {45, "certificate_expired", "the peer says that our certificate is not valid today"},
    {46, "certificate_unknown", "the peer does not take our certificate"},
    {47, "illegal_parameter", NULL},
    {48, "unknown_ca", "the peer does not trust who issued our certificate"},
    {49, "access_denied", "the peer knows who we are, and lets us not in"},
    {50, "decode_error", NULL},
    {51, "decrypt_error", NULL},
    {70, "protocol_version", "the two sides have no version in common; try another --tls"},
    {71, "insufficient_security", "the peer wants stronger algorithms; try another --tls"},
    {80, "internal_error", "something is wrong at the peer's; its log may say what"},
    {86, "inappropriate_fallback", "the peer knows a higher version; try another --tls"},
    {90, "user_canceled", NULL},
    {109, "missing_extension", NULL},
    {110, "unsupported_extension", NULL},
    {112, "unrecognized_name", "the peer does not serve that name; see --sni"},
    {116, "certificate_required", "the peer wants a certificate; --cert and --key give one"},
    {120, "no_application_protocol",
     "the two sides have no application protocol in common; see --alpn"},
};

static const struct alert *find_alert(unsigned number)
{
    for (size_t i = 0; i < ARRAYSIZE(alerts); i++) {
        if (alerts[i].number == number)
            return &alerts[i];
    }
    return NULL;
}

/* The fatal alert among the records. */
static unsigned read_alert(const unsigned char *input, size_t size, size_t header)
{
    while (size >= header) {
        size_t length = input[header - 2] << 8 | input[header - 1];

        if (length > size - header)
            break;
        if (input[0] == CONTENT_ALERT && length > 2)
            return CAUSE_PEER;
        if (input[0] == CONTENT_ALERT && length == 2 && input[header] == LEVEL_FATAL)
            return input[header + 1];
        input += header + length;
        size -= header + length;
    }
    return CAUSE_NONE;
}

/* Statuses that a peer's alert can become, but neither a damaged record nor what is no TLS. */
static bool can_be_alert(LONG status)
{
    switch (status) {
    case SEC_E_ALGORITHM_MISMATCH:
    case SEC_E_APPLICATION_PROTOCOL_MISMATCH:
    case SEC_E_CERT_EXPIRED:
    case SEC_E_CERT_UNKNOWN:
    case SEC_E_INTERNAL_ERROR:
    case SEC_E_LOGON_DENIED:
    case SEC_E_NO_CREDENTIALS:
    case SEC_E_UNFINISHED_CONTEXT_DELETED:
    case SEC_E_UNSUPPORTED_FUNCTION:
    case SEC_E_UNTRUSTED_ROOT:
    case SEC_E_WRONG_PRINCIPAL:
    case CRYPT_E_REVOKED:
        return true;
    default:
        return false;
    }
}

unsigned cause_of_leg(LONG status, bool refusing, const unsigned char *input, size_t size,
                      size_t header)
{
    unsigned alert;

    if (!size)
        return CAUSE_NONE;
    if (refusing)
        return status == SEC_E_UNSUPPORTED_FUNCTION ? CAUSE_VERSION : CAUSE_NONE;
    alert = read_alert(input, size, header);
    if (alert)
        return alert;
    return can_be_alert(status) || status == SEC_E_ILLEGAL_MESSAGE ? CAUSE_PEER : CAUSE_NONE;
}

unsigned cause_of_record(LONG status, unsigned char content_type)
{
    return can_be_alert(status) ||
                   (content_type == CONTENT_ALERT && status == SEC_E_ILLEGAL_MESSAGE)
               ? CAUSE_PEER
               : CAUSE_NONE;
}

const char *cause_text(LONG status, unsigned cause, char text[CAUSE_TEXT])
{
    const char *name = error_text(status);
    const struct alert *alert = find_alert(cause);

    if (cause == CAUSE_VERSION)
        snprintf(text, CAUSE_TEXT, "%s, no version in common", name);
    else if (cause == CAUSE_PEER)
        snprintf(text, CAUSE_TEXT, "%s, an alert of the peer", name);
    else if (cause)
        snprintf(text, CAUSE_TEXT, "%s, alert %u%s%s%s of the peer", name, cause, alert ? " (" : "",
                 alert ? alert->name : "", alert ? ")" : "");
    else
        snprintf(text, CAUSE_TEXT, "%s", name);
    return text;
}

void cause_report(const char *what, LONG status, unsigned cause)
{
    const struct alert *alert = find_alert(cause);
    const char *advice = "the peer does not go on; its log may say why";
    char text[CAUSE_TEXT];

    report("%s: %s", what, cause_text(status, cause, text));
    if (cause == CAUSE_VERSION)
        advice = "the peer allows other versions; try another --tls";
    else if (!cause)
        advice = error_advice(status);
    else if (alert && alert->advice)
        advice = alert->advice;
    if (advice)
        report("    %s", advice);
}
