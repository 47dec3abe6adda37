/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wininet HOST PORT PATH COUNT VERSIONS [insecure] [body TEXT | upload SIZE]: GET or POST through
 * WinINet. Prints the status, size and SHA-256 of each answer, or the error. VERSIONS has no
 * effect: WinINet's are a setting of the user.
 */
#include "clients/get.h"
#include <wininet.h>

static bool read_answer(HINTERNET request, const struct arguments *arguments)
{
    static char data[65536];
    DWORD status = 0, size = sizeof(status), part;
    struct body_hash hash;
    bool ok;

    hash_begin(&hash, arguments);
    HttpQueryInfoW(request, HTTP_QUERY_STATUS_CODE | HTTP_QUERY_FLAG_NUMBER, &status, &size, NULL);
    while ((ok = InternetReadFile(request, data, sizeof(data), &part)) && part)
        hash_add(&hash, data, part);
    if (ok)
        hash_print(&hash, status);
    return ok;
}

static bool upload(HINTERNET request, DWORD size)
{
    static BYTE piece[UPLOAD_PIECE];
    INTERNET_BUFFERSW buffers = {.dwStructSize = sizeof(buffers), .dwBufferTotal = size};
    DWORD left = size, part, written;

    if (!HttpSendRequestExW(request, &buffers, NULL, 0, 0))
        return false;
    for (; left; left -= written) {
        part = piece_of_upload(piece, size, left);
        if (!InternetWriteFile(request, piece, part, &written) || !written)
            return false;
    }
    return HttpEndRequestW(request, NULL, 0, 0);
}

static bool send_request(HINTERNET request, const struct arguments *arguments)
{
    DWORD size = arguments->body ? (DWORD)strlen(arguments->body) : 0;

    if (arguments->upload)
        return upload(request, arguments->upload);
    return HttpSendRequestW(request, NULL, 0, (void *)arguments->body, size);
}

static bool fetch(HINTERNET connection, const struct arguments *arguments)
{
    DWORD flags = INTERNET_FLAG_SECURE | INTERNET_FLAG_RELOAD | INTERNET_FLAG_NO_CACHE_WRITE |
                  INTERNET_FLAG_NO_COOKIES | INTERNET_FLAG_NO_UI | INTERNET_FLAG_KEEP_CONNECTION;
    DWORD ignored = SECURITY_FLAG_IGNORE_UNKNOWN_CA | SECURITY_FLAG_IGNORE_CERT_CN_INVALID |
                    SECURITY_FLAG_IGNORE_CERT_DATE_INVALID | SECURITY_FLAG_IGNORE_WRONG_USAGE |
                    SECURITY_FLAG_IGNORE_REVOCATION;
    HINTERNET request =
        HttpOpenRequestW(connection, arguments->body || arguments->upload ? L"POST" : L"GET",
                         arguments->path, NULL, NULL, NULL, flags, 0);
    DWORD error;
    bool ok;

    if (arguments->insecure)
        InternetSetOptionW(request, INTERNET_OPTION_SECURITY_FLAGS, &ignored, sizeof(ignored));
    ok = send_request(request, arguments) && read_answer(request, arguments);
    error = GetLastError();
    if (!ok)
        printf("error %lu\n", error);
    InternetCloseHandle(request);
    return ok;
}

int wmain(int count, WCHAR **words)
{
    struct arguments arguments = parse_arguments(count, words);
    HINTERNET session = InternetOpenW(L"test", INTERNET_OPEN_TYPE_DIRECT, NULL, NULL, 0);
    HINTERNET connection = InternetConnectW(session, arguments.host, arguments.port, NULL, NULL,
                                            INTERNET_SERVICE_HTTP, 0, 0);
    bool ok = true;

    for (int i = 0; i < arguments.count; i++)
        ok &= fetch(connection, &arguments);
    InternetCloseHandle(connection);
    InternetCloseHandle(session);
    return !ok;
}
