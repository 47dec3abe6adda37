/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * winhttp HOST PORT PATH COUNT VERSIONS [insecure] [body TEXT]: GET or POST through WinHTTP. Prints
 * the status, size and SHA-256 of each answer, or the error.
 */
#include "clients/get.h"
#include <winhttp.h>

static bool read_answer(HINTERNET request)
{
    static char data[65536];
    DWORD status = 0, size = sizeof(status), part;
    struct body_hash hash;
    bool ok;

    hash_begin(&hash);
    WinHttpQueryHeaders(request, WINHTTP_QUERY_STATUS_CODE | WINHTTP_QUERY_FLAG_NUMBER, NULL,
                        &status, &size, NULL);
    while ((ok = WinHttpReadData(request, data, sizeof(data), &part)) && part)
        hash_add(&hash, data, part);
    if (ok)
        hash_print(&hash, status);
    return ok;
}

static bool fetch(HINTERNET connection, const struct arguments *arguments)
{
    DWORD ignored = SECURITY_FLAG_IGNORE_UNKNOWN_CA | SECURITY_FLAG_IGNORE_CERT_CN_INVALID |
                    SECURITY_FLAG_IGNORE_CERT_DATE_INVALID | SECURITY_FLAG_IGNORE_CERT_WRONG_USAGE;
    DWORD size = arguments->body ? (DWORD)strlen(arguments->body) : 0, error;
    HINTERNET request = WinHttpOpenRequest(connection, arguments->body ? L"POST" : L"GET",
                                           arguments->path, NULL, NULL, NULL, WINHTTP_FLAG_SECURE);
    bool ok;

    if (arguments->insecure)
        WinHttpSetOption(request, WINHTTP_OPTION_SECURITY_FLAGS, &ignored, sizeof(ignored));
    ok = WinHttpSendRequest(request, NULL, 0, (void *)arguments->body, size, size, 0) &&
         WinHttpReceiveResponse(request, NULL) && read_answer(request);
    error = GetLastError();
    if (!ok)
        printf("error %lu\n", error);
    WinHttpCloseHandle(request);
    return ok;
}

int wmain(int count, WCHAR **words)
{
    struct arguments arguments = parse_arguments(count, words);
    HINTERNET session = WinHttpOpen(L"test", WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, 0);
    HINTERNET connection;
    bool ok = true;

    if (arguments.versions && !WinHttpSetOption(session, WINHTTP_OPTION_SECURE_PROTOCOLS,
                                                &arguments.versions, sizeof(arguments.versions)))
        return 3;
    connection = WinHttpConnect(session, arguments.host, arguments.port, 0);
    for (int i = 0; i < arguments.count; i++)
        ok &= fetch(connection, &arguments);
    WinHttpCloseHandle(connection);
    WinHttpCloseHandle(session);
    return !ok;
}
