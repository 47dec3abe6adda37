/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * netclients: WinHTTP and WinINet, which come with the system, fetch over https from a Schannel
 * server in this process, so both ends are the secur32 in use. They are callers with habits of
 * their own: the old credentials structure, no stream flag, and a last token that they drop.
 * Ends with `N passed, N failed, N skipped`.
 */
#include <winsock2.h>
#include "kit/memory.h"

/* What is needed of winhttp.h and wininet.h, which cannot both be included. */
#define NO_PROXY                1 /* WINHTTP_ACCESS_TYPE_NO_PROXY, INTERNET_OPEN_TYPE_DIRECT */
#define WINHTTP_SECURE          0x00800000
#define WINHTTP_SECURITY_OPTION 31
#define WININET_SECURE          0x00800000
#define WININET_RELOAD          0x80000000
#define WININET_NO_COOKIES      0x00080000
#define WININET_SERVICE_HTTP    3
#define WININET_SECURITY_OPTION 31
#define IGNORE_UNKNOWN_CA       0x0100
#define IGNORE_NAME             0x1000
#define IGNORE_DATE             0x2000
#define IGNORE_REVOCATION       0x0080
#define BODY_SIZE               100000
#define ROUNDS                  3

typedef void *handle;

static SOCKET listener;
static USHORT port;
static CredHandle server_credentials;

/* The server ---------------------------------------------------------------------------------- */

struct connection {
    struct side side, wire; /* what side sends lands in wire's inbox */
    SOCKET socket;
};

static bool flush(struct connection *connection)
{
    DWORD done = 0;

    while (done < connection->wire.size) {
        int sent = send(connection->socket, (char *)connection->wire.inbox + done,
                        (int)(connection->wire.size - done), 0);

        if (sent <= 0)
            return false;
        done += (DWORD)sent;
    }
    connection->wire.size = 0;
    return true;
}

static bool fill(struct connection *connection)
{
    struct side *side = &connection->side;
    int got = recv(connection->socket, (char *)side->inbox + side->size,
                   (int)(WIRE_SIZE - side->size), 0);

    if (got <= 0)
        return false;
    side->size += (DWORD)got;
    return true;
}

static bool accept_handshake(struct connection *connection)
{
    do {
        if (!connection->side.size && !fill(connection))
            return false;
        leg(&connection->side);
        if (!flush(connection))
            return false;
        if (connection->side.status == SEC_E_INCOMPLETE_MESSAGE && !fill(connection))
            return false;
    } while (connection->side.status == SEC_I_CONTINUE_NEEDED ||
             connection->side.status == SEC_E_INCOMPLETE_MESSAGE);
    return connection->side.status == SEC_E_OK;
}

static bool read_request(struct connection *connection)
{
    static BYTE request[WIRE_SIZE];
    DWORD size = 0, part;
    SECURITY_STATUS status;

    while (!contains(request, size, "\r\n\r\n")) {
        status = receive_data(&connection->side, request + size, &part);
        if (status == SEC_E_INCOMPLETE_MESSAGE && !fill(connection))
            return false;
        if (status < 0 && status != SEC_E_INCOMPLETE_MESSAGE)
            return false;
        size += part;
    }
    return contains(request, size, "GET /body HTTP/1.");
}

static void answer(struct connection *connection)
{
    static BYTE body[CHUNK];
    char head[128];

    snprintf(head, sizeof(head),
             "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n", BODY_SIZE);
    check_status(send_data(&connection->side, (const BYTE *)head, (DWORD)strlen(head)), SEC_E_OK);
    memset(body, 'x', sizeof(body));
    for (DWORD done = 0; done < BODY_SIZE; done += CHUNK)
        check_status(
            send_data(&connection->side, body, BODY_SIZE - done < CHUNK ? BODY_SIZE - done : CHUNK),
            SEC_E_OK);
    flush(connection);
}

static void serve(struct connection *connection)
{
    SecPkgContext_ConnectionInfo info = {0};

    if (!accept_handshake(connection))
        return;
    check_status(
        QueryContextAttributesW(&connection->side.context, SECPKG_ATTR_CONNECTION_INFO, &info),
        SEC_E_OK);
    check(info.dwProtocol == SP_PROT_TLS1_3_SERVER);
    check(!was_resumed(&connection->side));
    /* A client that refuses the certificate only after the handshake sends no request. */
    if (read_request(connection))
        answer(connection);
}

static DWORD WINAPI serve_all(void *argument)
{
    static struct connection connection;

    (void)argument;
    while ((connection.socket = accept(listener, NULL, NULL)) != INVALID_SOCKET) {
        struct pair pair;

        pair_begin(&pair, NULL, &server_credentials);
        connection.side = pair.server;
        connection.wire = pair.client;
        connection.side.peer = &connection.wire;
        serve(&connection);
        shutdown(connection.socket, SD_SEND);
        closesocket(connection.socket);
        pair.server.have_context = connection.side.have_context;
        pair.server.context = connection.side.context;
        pair_end(&pair);
    }
    return 0;
}

static bool listen_anywhere(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int size = sizeof(address);
    WSADATA data;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (WSAStartup(MAKEWORD(2, 2), &data))
        return false;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener == INVALID_SOCKET || bind(listener, (struct sockaddr *)&address, size) ||
        listen(listener, 8) || getsockname(listener, (struct sockaddr *)&address, &size))
        return false;
    port = ntohs(address.sin_port);
    return true;
}

/* The clients --------------------------------------------------------------------------------- */

#define LOAD(module, name) ((name##_function)(void *)GetProcAddress(module, #name))

typedef handle(WINAPI *WinHttpOpen_function)(const WCHAR *, DWORD, const WCHAR *, const WCHAR *,
                                             DWORD);
typedef handle(WINAPI *WinHttpConnect_function)(handle, const WCHAR *, USHORT, DWORD);
typedef handle(WINAPI *WinHttpOpenRequest_function)(handle, const WCHAR *, const WCHAR *,
                                                    const WCHAR *, const WCHAR *, const WCHAR **,
                                                    DWORD);
typedef BOOL(WINAPI *WinHttpSetOption_function)(handle, DWORD, void *, DWORD);
typedef BOOL(WINAPI *WinHttpSendRequest_function)(handle, const WCHAR *, DWORD, void *, DWORD,
                                                  DWORD, DWORD_PTR);
typedef BOOL(WINAPI *WinHttpReceiveResponse_function)(handle, void *);
typedef BOOL(WINAPI *WinHttpReadData_function)(handle, void *, DWORD, DWORD *);
typedef BOOL(WINAPI *WinHttpCloseHandle_function)(handle);

/* The bytes of the body; ~0u when the request failed. */
static DWORD winhttp_get(HMODULE module, bool lenient)
{
    DWORD flags = IGNORE_UNKNOWN_CA | IGNORE_NAME | IGNORE_DATE, part, total = ~0u;
    WinHttpReadData_function read = LOAD(module, WinHttpReadData);
    WinHttpCloseHandle_function close = LOAD(module, WinHttpCloseHandle);
    handle session, connection, request;
    char data[5000];

    session = LOAD(module, WinHttpOpen)(L"test", NO_PROXY, NULL, NULL, 0);
    connection = LOAD(module, WinHttpConnect)(session, L"127.0.0.1", port, 0);
    request = LOAD(module, WinHttpOpenRequest)(connection, L"GET", L"/body", NULL, NULL, NULL,
                                               WINHTTP_SECURE);
    if (lenient)
        LOAD(module, WinHttpSetOption)(request, WINHTTP_SECURITY_OPTION, &flags, sizeof(flags));
    if (LOAD(module, WinHttpSendRequest)(request, NULL, 0, NULL, 0, 0, 0) &&
        LOAD(module, WinHttpReceiveResponse)(request, NULL))
        for (total = 0; read(request, data, sizeof(data), &part) && part;)
            total += part;
    close(request);
    close(connection);
    close(session);
    return total;
}

typedef handle(WINAPI *InternetOpenA_function)(const char *, DWORD, const char *, const char *,
                                               DWORD);
typedef handle(WINAPI *InternetConnectA_function)(handle, const char *, USHORT, const char *,
                                                  const char *, DWORD, DWORD, DWORD_PTR);
typedef handle(WINAPI *HttpOpenRequestA_function)(handle, const char *, const char *, const char *,
                                                  const char *, const char **, DWORD, DWORD_PTR);
typedef BOOL(WINAPI *InternetSetOptionA_function)(handle, DWORD, void *, DWORD);
typedef BOOL(WINAPI *HttpSendRequestA_function)(handle, const char *, DWORD, void *, DWORD);
typedef BOOL(WINAPI *InternetReadFile_function)(handle, void *, DWORD, DWORD *);
typedef BOOL(WINAPI *InternetCloseHandle_function)(handle);

static DWORD wininet_get(HMODULE module, bool lenient)
{
    DWORD flags = IGNORE_UNKNOWN_CA | IGNORE_NAME | IGNORE_DATE | IGNORE_REVOCATION, part,
          total = ~0u;
    InternetReadFile_function read = LOAD(module, InternetReadFile);
    InternetCloseHandle_function close = LOAD(module, InternetCloseHandle);
    handle session, connection, request;
    char data[5000];

    session = LOAD(module, InternetOpenA)("test", NO_PROXY, NULL, NULL, 0);
    connection = LOAD(module, InternetConnectA)(session, "127.0.0.1", port, NULL, NULL,
                                                WININET_SERVICE_HTTP, 0, 0);
    request =
        LOAD(module, HttpOpenRequestA)(connection, "GET", "/body", NULL, NULL, NULL,
                                       WININET_SECURE | WININET_RELOAD | WININET_NO_COOKIES, 0);
    if (lenient)
        LOAD(module, InternetSetOptionA)(request, WININET_SECURITY_OPTION, &flags, sizeof(flags));
    if (LOAD(module, HttpSendRequestA)(request, NULL, 0, NULL, 0))
        for (total = 0; read(request, data, sizeof(data), &part) && part;)
            total += part;
    close(request);
    close(connection);
    close(session);
    return total;
}

static void test_client(const char *name, const WCHAR *dll, DWORD (*get)(HMODULE, bool))
{
    HMODULE module = LoadLibraryW(dll);

    subject = name;
    if (!check(module != NULL))
        return;
    for (int i = 0; i < ROUNDS; i++)
        check(get(module, true) == BODY_SIZE);
    check(get(module, false) == ~0u);
    check(get(module, true) == BODY_SIZE);
}

static bool acquire_server(void)
{
    SCH_CREDENTIALS data = {.dwVersion = SCH_CREDENTIALS_VERSION, .cCreds = 1};
    WCHAR name[] = UNISP_NAME_W;

    data.paCred = &certificate;
    return check_status(AcquireCredentialsHandleW(NULL, name, SECPKG_CRED_INBOUND, NULL, &data,
                                                  NULL, NULL, &server_credentials, NULL),
                        SEC_E_OK);
}

int main(void)
{
    HANDLE thread;

    certificate = make_certificate();
    if (check(certificate != NULL) && acquire_server() && check(listen_anywhere())) {
        thread = CreateThread(NULL, 0, serve_all, NULL, 0, NULL);
        test_client("WinHTTP", L"winhttp.dll", winhttp_get);
        test_client("WinINet", L"wininet.dll", wininet_get);
        closesocket(listener);
        WaitForSingleObject(thread, INFINITE);
        CloseHandle(thread);
        check_status(FreeCredentialsHandle(&server_credentials), SEC_E_OK);
    }
    remove_key();
    return report();
}
