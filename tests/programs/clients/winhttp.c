/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * winhttp HOST PORT PATH COUNT VERSIONS [insecure] [body TEXT | upload SIZE] [certificate
 * FILE.pfx]: GET or POST through WinHTTP. Prints the status, size and SHA-256 of each answer, or
 * the error.
 */
#include "clients/get.h"
#include <wincrypt.h>
#include <winhttp.h>

static const CERT_CONTEXT *read_certificate(const WCHAR *file)
{
    static BYTE data[65536];
    CRYPT_DATA_BLOB blob = {0, data};
    HANDLE handle = CreateFileW(file, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    const CERT_CONTEXT *certificate;

    if (!ReadFile(handle, data, sizeof(data), &blob.cbData, NULL))
        exit(3);
    CloseHandle(handle);
    certificate = CertFindCertificateInStore(
        PFXImportCertStore(&blob, L"test", CRYPT_EXPORTABLE | PKCS12_NO_PERSIST_KEY),
        X509_ASN_ENCODING, 0, CERT_FIND_ANY, NULL, NULL);
    if (!certificate)
        exit(4);
    return certificate;
}

static bool upload(HINTERNET request, DWORD size)
{
    static BYTE piece[UPLOAD_PIECE];
    DWORD left = size, part, written;

    for (; left; left -= written) {
        part = piece_of_upload(piece, size, left);
        if (!WinHttpWriteData(request, piece, part, &written) || !written)
            return false;
    }
    return true;
}

static bool read_answer(HINTERNET request, const struct arguments *arguments)
{
    static char data[65536];
    DWORD status = 0, size = sizeof(status), part;
    struct body_hash hash;
    bool ok;

    hash_begin(&hash, arguments);
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
    HINTERNET request =
        WinHttpOpenRequest(connection, arguments->body || arguments->upload ? L"POST" : L"GET",
                           arguments->path, NULL, NULL, NULL, WINHTTP_FLAG_SECURE);
    bool ok;

    if (arguments->insecure)
        WinHttpSetOption(request, WINHTTP_OPTION_SECURITY_FLAGS, &ignored, sizeof(ignored));
    if (arguments->pfx)
        WinHttpSetOption(request, WINHTTP_OPTION_CLIENT_CERT_CONTEXT,
                         (void *)read_certificate(arguments->pfx), sizeof(CERT_CONTEXT));
    ok = WinHttpSendRequest(request, NULL, 0, (void *)arguments->body, size,
                            size + arguments->upload, 0) &&
         upload(request, arguments->upload) && WinHttpReceiveResponse(request, NULL) &&
         read_answer(request, arguments);
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
