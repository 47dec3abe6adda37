/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is said before TLS, each by its own document: RFC 3207 (SMTP), 9051 (IMAP), 2595 (POP3),
 * 4217 (FTP), 4511 (LDAP), 6120 (XMPP), and the manuals of PostgreSQL and MySQL.
 */
#include "client/starttls.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "client/dialog.h"

struct starttls {
    const char *name, *port;
    bool (*ask)(struct dialog *dialog);
};

/* The answers of SMTP and FTP: lines with a number, of which the last one has a space behind it. */
static bool expect_number(struct dialog *dialog, const char *number)
{
    do {
        if (!dialog_hear_until(dialog, "\n"))
            return false;
        if (!dialog_begins(dialog, number))
            return dialog_refused(dialog);
    } while (dialog->text[3] == '-');
    return true;
}

static bool ask_smtp(struct dialog *dialog)
{
    return expect_number(dialog, "220") && dialog_say(dialog, "EHLO localhost\r\n") &&
           expect_number(dialog, "250") && dialog_say(dialog, "STARTTLS\r\n") &&
           expect_number(dialog, "220");
}

/* A server of FTP may have lines between the first and the last that have no number. */
static bool ask_ftp(struct dialog *dialog)
{
    do {
        if (!dialog_hear_until(dialog, "\n"))
            return false;
    } while (!dialog_begins(dialog, "220 ") && !dialog_begins(dialog, "4") &&
             !dialog_begins(dialog, "5"));
    if (!dialog_begins(dialog, "220 "))
        return dialog_refused(dialog);
    return dialog_say(dialog, "AUTH TLS\r\n") && expect_number(dialog, "234");
}

static bool ask_imap(struct dialog *dialog)
{
    if (!dialog_hear_until(dialog, "\n"))
        return false;
    if (!dialog_begins(dialog, "* OK"))
        return dialog_refused(dialog);
    if (!dialog_say(dialog, "a STARTTLS\r\n"))
        return false;
    do {
        if (!dialog_hear_until(dialog, "\n"))
            return false;
    } while (dialog_begins(dialog, "* "));
    return dialog_begins(dialog, "a OK") || dialog_refused(dialog);
}

static bool expect_ok(struct dialog *dialog)
{
    return dialog_hear_until(dialog, "\n") &&
           (dialog_begins(dialog, "+OK") || dialog_refused(dialog));
}

static bool ask_pop3(struct dialog *dialog)
{
    return expect_ok(dialog) && dialog_say(dialog, "STLS\r\n") && expect_ok(dialog);
}

/* The extended request 1.3.6.1.4.1.1466.20037, and the result in its answer: of an ENUMERATED. */
static bool ask_ldap(struct dialog *dialog)
{
    static const unsigned char request[] = "\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
                                           "1.3.6.1.4.1.1466.20037";
    const unsigned char *answer = (const unsigned char *)dialog->text, *at;
    size_t size;

    if (!dialog_say_bytes(dialog, request, sizeof(request) - 1) || !dialog_hear_bytes(dialog, 2))
        return false;
    size = answer[1];
    if (size > 0x80 && size <= 0x84) { /* so many bytes of a length */
        const size_t digits = size - 0x80;

        if (!dialog_hear_bytes(dialog, digits))
            return false;
        size = 0;
        for (size_t i = 0; i < digits; i++)
            size = size << 8 | answer[i];
    }
    if (size > DIALOG_MOST || !dialog_hear_bytes(dialog, size))
        return false;
    at = memchr(answer, 0x0a, size);
    if (at && at + 2 < answer + size && at[1] == 1 && !at[2])
        return true;
    report("starttls: the server refuses, result %u",
           at && at + 2 < answer + size ? (unsigned int)at[2] : 0);
    return false;
}

static bool ask_xmpp(struct dialog *dialog)
{
    char begin[512];

    if (strspn(dialog->host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:") !=
        strlen(dialog->host)) {
        report("starttls: no XMPP server is called %s", dialog->host);
        return false;
    }
    snprintf(begin, sizeof(begin),
             "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
             "xmlns:stream='http://etherx.jabber.org/streams' to='%.255s' version='1.0'>",
             dialog->host);
    if (!dialog_say(dialog, begin) || !dialog_hear_until(dialog, "</stream:features>"))
        return false;
    if (!strstr(dialog->text, "urn:ietf:params:xml:ns:xmpp-tls"))
        return dialog_refused(dialog);
    return dialog_say(dialog, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>") &&
           dialog_hear_until(dialog, ">") &&
           (dialog_begins(dialog, "<proceed") || dialog_refused(dialog));
}

static bool ask_postgres(struct dialog *dialog)
{
    static const unsigned char request[] = {0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f};

    return dialog_say_bytes(dialog, request, sizeof(request)) && dialog_hear_bytes(dialog, 1) &&
           (dialog_begins(dialog, "S") || dialog_refused(dialog));
}

/* The server's greeting has a version as text, 13 bytes, and what it can do. */
static bool ask_mysql(struct dialog *dialog)
{
    enum { PROTOCOL_41 = 0x200, SSL_REQUEST = 0x800, BEHIND_VERSION = 13 };
    static const unsigned char request[36] = {
        32, 0,
        0,  1, /* size, number of the packet */
        0,  (PROTOCOL_41 | SSL_REQUEST) >> 8,
        0,  0, /* what we can do */
        0,  0,
        0,  1,
        33, /* largest packet, UTF-8 */
    };
    const unsigned char *answer = (const unsigned char *)dialog->text;
    size_t size, at;

    if (!dialog_hear_bytes(dialog, 4))
        return false;
    size = answer[0] | (size_t)answer[1] << 8 | (size_t)answer[2] << 16;
    if (size > DIALOG_MOST || !dialog_hear_bytes(dialog, size))
        return false;
    at = 1 + strlen(dialog->text + 1) + 1 + BEHIND_VERSION;
    if (answer[0] != 10 || at + 2 > size || !(answer[at + 1] << 8 & SSL_REQUEST)) {
        report("starttls: the server does no TLS");
        return false;
    }
    return dialog_say_bytes(dialog, request, sizeof(request));
}

static const struct starttls protocols[] = {
    {"smtp", "25", ask_smtp},           {"imap", "143", ask_imap},
    {"pop3", "110", ask_pop3},          {"ftp", "21", ask_ftp},
    {"ldap", "389", ask_ldap},          {"xmpp", "5222", ask_xmpp},
    {"postgres", "5432", ask_postgres}, {"mysql", "3306", ask_mysql},
};

const struct starttls *starttls_find(const char *name)
{
    for (size_t i = 0; i < ARRAYSIZE(protocols); i++) {
        if (!strcmp(protocols[i].name, name))
            return &protocols[i];
    }
    return NULL;
}

const char *starttls_port(const struct starttls *protocol)
{
    return protocol->port;
}

bool starttls_ask(const struct starttls *protocol, SOCKET socket, const char *host)
{
    struct dialog dialog = {.socket = socket, .what = "starttls", .who = "server", .host = host};

    return protocol->ask(&dialog);
}
