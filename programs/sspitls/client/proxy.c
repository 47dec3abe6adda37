/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CONNECT, with the basic scheme of RFC 7617 for who has a name and a password there. */
#include "client/proxy.h"

#include <windows.h>
#include <wincrypt.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/buffer.h"
#include "base/error.h"
#include "client/dialog.h"

/* "Basic dXNlcjpwYXNzd29yZA==" of so many bytes; NULL: no memory. */
static char *basic_authorization(const char *user, size_t size)
{
    static const char scheme[] = "Basic ";
    const DWORD form = CRYPT_STRING_BASE64 | CRYPT_STRING_NOCRLF;
    DWORD length = 0;
    char *text;

    if (!CryptBinaryToStringA((const BYTE *)user, (DWORD)size, form, NULL, &length) ||
        !(text = malloc(sizeof(scheme) + length)))
        return NULL;
    memcpy(text, scheme, sizeof(scheme));
    CryptBinaryToStringA((const BYTE *)user, (DWORD)size, form, text + sizeof(scheme) - 1, &length);
    return text;
}

bool proxy_parse(struct proxy *proxy, const char *text)
{
    static const char scheme[] = "http://";
    const char *address = text, *at;

    memset(proxy, 0, sizeof(*proxy));
    if (!strncmp(address, scheme, sizeof(scheme) - 1))
        address += sizeof(scheme) - 1;
    at = strrchr(address, '@');
    if (at && !(proxy->authorization = basic_authorization(address, (size_t)(at - address)))) {
        report("--proxy: no memory");
        return false;
    }
    if (split_address(at ? at + 1 : address, NULL, &proxy->host, &proxy->port))
        return true;
    /* Not all of it: there may be a password. */
    report("--proxy: '%s' is not HOST:PORT", at ? at + 1 : address);
    return false;
}

void proxy_free(struct proxy *proxy)
{
    if (proxy->authorization)
        SecureZeroMemory(proxy->authorization, strlen(proxy->authorization));
    free(proxy->authorization);
    free(proxy->host);
    free(proxy->port);
    memset(proxy, 0, sizeof(*proxy));
}

/* "[::1]:443" */
static bool append_name(struct buffer *request, const char *host, const char *port)
{
    const bool bare = !strchr(host, ':');

    return buffer_append_text(request, bare ? "" : "[") && buffer_append_text(request, host) &&
           buffer_append_text(request, bare ? ":" : "]:") && buffer_append_text(request, port);
}

static bool send_request(const struct proxy *proxy, struct dialog *dialog, const char *port)
{
    struct buffer request = {0};
    bool ok = buffer_append_text(&request, "CONNECT ") &&
              append_name(&request, dialog->host, port) &&
              buffer_append_text(&request, " HTTP/1.1\r\nHost: ") &&
              append_name(&request, dialog->host, port);

    if (ok && proxy->authorization)
        ok = buffer_append_text(&request, "\r\nProxy-Authorization: ") &&
             buffer_append_text(&request, proxy->authorization);
    ok = ok && buffer_append_text(&request, "\r\n\r\n") &&
         dialog_say_bytes(dialog, request.data, request.size);
    buffer_free(&request); /* which wipes it */
    return ok;
}

bool proxy_ask(const struct proxy *proxy, SOCKET socket, const char *host, const char *port)
{
    struct dialog dialog = {.socket = socket, .what = "proxy", .who = "proxy", .host = host};

    if (strpbrk(host, " \r\n")) {
        report("proxy: no server has such a name");
        return false;
    }
    if (!send_request(proxy, &dialog, port) || !dialog_hear_until(&dialog, "\r\n\r\n"))
        return false;
    /* "HTTP/1.1 200 Connection established" */
    if (dialog_begins(&dialog, "HTTP/1.") && !strncmp(dialog.text + strlen("HTTP/1.1"), " 2", 2))
        return true;
    return dialog_refused(&dialog);
}
