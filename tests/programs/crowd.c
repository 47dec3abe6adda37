/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * crowd: many threads on shared Schannel credentials, and contexts deleted under those who use
 * them.
 *
 * Every thread connects clients to servers in memory with the same two credentials, so sessions are
 * kept and resumed across threads. In the second part one thread encrypts, one decrypts and one
 * deletes the context at any moment; each of them may see that it is gone and nothing else. In the
 * third the credential handles are freed while handshakes are under way. Ends with
 * `N passed, N failed, N skipped`.
 */
#include "kit/memory.h"

#define THREADS     8
#define CONNECTIONS 25
#define RACES       60
#define FLAGS                                                                                      \
    (ISC_REQ_SEQUENCE_DETECT | ISC_REQ_REPLAY_DETECT | ISC_REQ_CONFIDENTIALITY | ISC_REQ_STREAM)

static CredHandle client_credentials, server_credentials;

static bool acquire_both(void)
{
    SCH_CREDENTIALS client = {.dwVersion = SCH_CREDENTIALS_VERSION,
                              .dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION};
    SCH_CREDENTIALS server = {.dwVersion = SCH_CREDENTIALS_VERSION, .cCreds = 1};
    WCHAR name[] = UNISP_NAME_W;

    server.paCred = &certificate;
    return AcquireCredentialsHandleW(NULL, name, SECPKG_CRED_OUTBOUND, NULL, &client, NULL, NULL,
                                     &client_credentials, NULL) == SEC_E_OK &&
           AcquireCredentialsHandleW(NULL, name, SECPKG_CRED_INBOUND, NULL, &server, NULL, NULL,
                                     &server_credentials, NULL) == SEC_E_OK;
}

struct link {
    CtxtHandle client, server;
    bool have_client, have_server;
    SECURITY_STATUS client_status, server_status;
    BYTE to_client[TOKEN_SIZE], to_server[TOKEN_SIZE];
    DWORD to_client_size, to_server_size;
};

static SECURITY_STATUS link_leg(struct link *link, bool server)
{
    SecBuffer in[2] = {{server ? link->to_server_size : link->to_client_size, SECBUFFER_TOKEN,
                        server ? link->to_server : link->to_client}};
    SecBuffer out = {TOKEN_SIZE, SECBUFFER_TOKEN, server ? link->to_client : link->to_server};
    SecBufferDesc input = {SECBUFFER_VERSION, 2, in}, output = {SECBUFFER_VERSION, 1, &out};
    WCHAR target[] = L"crowd.test";
    SECURITY_STATUS status;
    ULONG attributes;

    if (server) {
        status = AcceptSecurityContext(&server_credentials,
                                       link->have_server ? &link->server : NULL, &input,
                                       FLAGS & 0x1c, 0, &link->server, &output, &attributes, NULL);
        link->have_server |= status >= 0;
        link->to_client_size = status >= 0 ? out.cbBuffer : 0;
        link->to_server_size = 0;
    } else {
        status = InitializeSecurityContextW(
            &client_credentials, link->have_client ? &link->client : NULL, target, FLAGS, 0, 0,
            link->have_client ? &input : NULL, 0, &link->client, &output, &attributes, NULL);
        link->have_client |= status >= 0;
        link->to_server_size = status >= 0 ? out.cbBuffer : 0;
        link->to_client_size = 0;
    }
    return status;
}

/* The flights of this size arrive whole, so there is nothing to wait for. */
static bool connect_link(struct link *link)
{
    memset(link, 0, sizeof(*link));
    link->client_status = link_leg(link, false);
    link->server_status = SEC_I_CONTINUE_NEEDED;
    for (int i = 0; i < 4; i++) {
        if (link->server_status == SEC_I_CONTINUE_NEEDED && link->to_server_size)
            link->server_status = link_leg(link, true);
        if (link->to_client_size && link->client_status >= 0)
            link->client_status = link_leg(link, false);
    }
    return link->client_status == SEC_E_OK && link->server_status == SEC_E_OK;
}

static void drop_link(struct link *link)
{
    if (link->have_client)
        DeleteSecurityContext(&link->client);
    if (link->have_server)
        DeleteSecurityContext(&link->server);
}

static SECURITY_STATUS encrypt(CtxtHandle *context, BYTE *record, DWORD size, DWORD *total)
{
    SecBuffer buffers[4] = {{13, SECBUFFER_STREAM_HEADER, record},
                            {size, SECBUFFER_DATA, record + 13},
                            {64, SECBUFFER_STREAM_TRAILER, record + 13 + size},
                            {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc message = {SECBUFFER_VERSION, 4, buffers};
    SECURITY_STATUS status = EncryptMessage(context, 0, &message, 0);

    if (status == SEC_E_OK) {
        /* The header may be smaller than its room. */
        memmove(record + buffers[0].cbBuffer, buffers[1].pvBuffer, size);
        memmove(record + buffers[0].cbBuffer + size, buffers[2].pvBuffer, buffers[2].cbBuffer);
        *total = buffers[0].cbBuffer + size + buffers[2].cbBuffer;
    }
    return status;
}

static SECURITY_STATUS decrypt(CtxtHandle *context, BYTE *record, DWORD total)
{
    SecBuffer buffers[4] = {{total, SECBUFFER_DATA, record}};
    SecBufferDesc message = {SECBUFFER_VERSION, 4, buffers};

    return DecryptMessage(context, &message, 0, NULL);
}

static DWORD WINAPI connect_many(void *argument)
{
    struct link *link = HeapAlloc(GetProcessHeap(), 0, sizeof(*link));
    BYTE record[2048] = {0};
    DWORD total;

    (void)argument;
    for (int i = 0; link && i < CONNECTIONS; i++) {
        if (check(connect_link(link)))
            check(encrypt(&link->client, record, 1000, &total) == SEC_E_OK &&
                  decrypt(&link->server, record, total) == SEC_E_OK);
        drop_link(link);
    }
    if (link)
        HeapFree(GetProcessHeap(), 0, link);
    return 0;
}

static bool is_gone_or_good(SECURITY_STATUS status)
{
    return status == SEC_E_OK || status == SEC_E_INVALID_HANDLE;
}

static DWORD WINAPI send_until_gone(void *argument)
{
    CtxtHandle *context = argument;
    BYTE record[256] = {0};
    SECURITY_STATUS status;
    DWORD total;

    do
        status = encrypt(context, record, 100, &total);
    while (status == SEC_E_OK);
    return check(is_gone_or_good(status));
}

/* Half a record: there is always something missing while the context is there. */
static DWORD WINAPI receive_until_gone(void *argument)
{
    CtxtHandle *context = argument;
    BYTE part[8] = {23, 3, 3, 1, 0};
    SECURITY_STATUS status;

    do
        status = decrypt(context, part, sizeof(part));
    while (status == SEC_E_INCOMPLETE_MESSAGE);
    return check(is_gone_or_good(status));
}

static DWORD WINAPI ask_until_gone(void *argument)
{
    CtxtHandle *context = argument;
    SecPkgContext_ConnectionInfo info;
    SECURITY_STATUS status;

    do
        status = QueryContextAttributesW(context, SECPKG_ATTR_CONNECTION_INFO, &info);
    while (status == SEC_E_OK);
    return check(is_gone_or_good(status));
}

static void join(HANDLE *threads, int count)
{
    for (int i = 0; i < count; i++) {
        WaitForSingleObject(threads[i], INFINITE);
        CloseHandle(threads[i]);
    }
}

static void delete_under_use(void)
{
    static struct link link;
    HANDLE threads[3];

    for (int i = 0; i < RACES; i++) {
        if (check(connect_link(&link))) {
            threads[0] = CreateThread(NULL, 0, send_until_gone, &link.client, 0, NULL);
            threads[1] = CreateThread(NULL, 0, receive_until_gone, &link.client, 0, NULL);
            threads[2] = CreateThread(NULL, 0, ask_until_gone, &link.client, 0, NULL);
            Sleep(i % 4);
            check(DeleteSecurityContext(&link.client) == SEC_E_OK);
            join(threads, 3);
            check(DeleteSecurityContext(&link.client) == SEC_E_INVALID_HANDLE);
            link.have_client = false;
        }
        drop_link(&link);
    }
}

static DWORD WINAPI connect_until_freed(void *argument)
{
    struct link *link = HeapAlloc(GetProcessHeap(), 0, sizeof(*link));
    bool good = true;

    (void)argument;
    while (link && good) {
        good = connect_link(link);
        drop_link(link);
    }
    if (link)
        check(link->client_status == SEC_E_INVALID_HANDLE ||
              link->server_status == SEC_E_INVALID_HANDLE);
    if (link)
        HeapFree(GetProcessHeap(), 0, link);
    return 0;
}

static void free_under_use(void)
{
    HANDLE threads[THREADS];

    for (int i = 0; i < THREADS; i++)
        threads[i] = CreateThread(NULL, 0, connect_until_freed, NULL, 0, NULL);
    Sleep(50);
    check(FreeCredentialsHandle(&client_credentials) == SEC_E_OK);
    check(FreeCredentialsHandle(&server_credentials) == SEC_E_OK);
    join(threads, THREADS);
}

int main(void)
{
    HANDLE threads[THREADS];

    certificate = make_certificate();
    if (check(certificate != NULL) && check(acquire_both())) {
        for (int i = 0; i < THREADS; i++)
            threads[i] = CreateThread(NULL, 0, connect_many, NULL, 0, NULL);
        join(threads, THREADS);
        delete_under_use();
        free_under_use();
        CertFreeCertificateContext(certificate);
    }
    remove_key();
    return report();
}
