/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * renegotiate HOST PORT PATH FILE.pfx PASSWORD MANNER: one GET over TLS 1.2 with the certificate of
 * the file, which the server asks for in a renegotiation. Prints how often it has renegotiated and
 * the answer. MANNER are letters:
 *
 *     r   reads single records; else what has come
 *     w   calls InitializeSecurityContext until the renegotiation is over, as its page says; else
 *         once, and gives DecryptMessage whatever comes next, as curl 8.13 to 8.15 does
 */
#include <winsock2.h>
#define SECURITY_WIN32
#include <windows.h>
#include <wincrypt.h>
#include <schannel.h>
#include <security.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORD_HEADER 5

struct client {
    SOCKET socket;
    CredHandle credentials;
    CtxtHandle context;
    char *host;
    bool connected;
    bool records, whole; /* its manner */
    int renegotiations;
    BYTE input[256 * 1024]; /* what has come and was not consumed */
    ULONG size;
};

static int fail(const char *what, LONG error)
{
    printf("%s: error %#lx\n", what, error);
    return 1;
}

/* How many bytes are missing of the last record that has begun, or of the next one's header. */
static ULONG missing(const struct client *client)
{
    ULONG end = 0;

    while (end + RECORD_HEADER <= client->size)
        end += RECORD_HEADER + (client->input[end + 3] << 8 | client->input[end + 4]);
    return (end > client->size ? end : end + RECORD_HEADER) - client->size;
}

static bool read_more(struct client *client)
{
    const ULONG room = sizeof(client->input) - client->size;
    int got = recv(client->socket, (char *)client->input + client->size,
                   (int)(client->records ? min(missing(client), room) : room), 0);

    if (got > 0)
        client->size += got;
    return got > 0;
}

/* Drops all but the EXTRA buffer's bytes. */
static void consume(struct client *client, const SecBuffer *buffers, ULONG count)
{
    ULONG extra = 0;

    for (ULONG i = 0; i < count; i++)
        if (buffers[i].BufferType == SECBUFFER_EXTRA)
            extra = buffers[i].cbBuffer;
    memmove(client->input, client->input + client->size - extra, extra);
    client->size = extra;
}

static SECURITY_STATUS leg(struct client *client, bool first)
{
    SecBuffer in[2] = {{client->size, SECBUFFER_TOKEN, client->input}, {0, SECBUFFER_EMPTY, NULL}};
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc input = {SECBUFFER_VERSION, 2, in}, output = {SECBUFFER_VERSION, 1, &out};
    SECURITY_STATUS status;
    ULONG attributes;

    status = InitializeSecurityContextA(
        &client->credentials, first ? NULL : &client->context, client->host,
        ISC_REQ_STREAM | ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_CONFIDENTIALITY |
            ISC_REQ_USE_SUPPLIED_CREDS,
        0, 0, first ? NULL : &input, 0, first ? &client->context : NULL, &output, &attributes,
        NULL);
    if (!first && status != SEC_E_INCOMPLETE_MESSAGE)
        consume(client, in, 2);
    if (out.pvBuffer) {
        send(client->socket, out.pvBuffer, (int)out.cbBuffer, 0);
        FreeContextBuffer(out.pvBuffer);
    }
    return status;
}

static bool goes_on(SECURITY_STATUS status)
{
    return status == SEC_I_CONTINUE_NEEDED || status == SEC_E_INCOMPLETE_MESSAGE;
}

static SECURITY_STATUS legs(struct client *client, bool first)
{
    SECURITY_STATUS status = leg(client, first);

    while (goes_on(status)) {
        if ((status == SEC_E_INCOMPLETE_MESSAGE || !client->size) && !read_more(client))
            break;
        status = leg(client, false);
    }
    return status;
}

static SECURITY_STATUS ask(struct client *client, const char *path)
{
    SecPkgContext_StreamSizes sizes;
    SecBuffer buffers[4] = {{0}};
    SecBufferDesc description = {SECBUFFER_VERSION, 4, buffers};
    char message[1024];
    SECURITY_STATUS status;
    int size;

    QueryContextAttributesW(&client->context, SECPKG_ATTR_STREAM_SIZES, &sizes);
    size = snprintf(message + sizes.cbHeader, sizeof(message) - sizes.cbHeader - sizes.cbTrailer,
                    "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", path, client->host);
    buffers[0] = (SecBuffer){sizes.cbHeader, SECBUFFER_STREAM_HEADER, message};
    buffers[1] = (SecBuffer){size, SECBUFFER_DATA, message + sizes.cbHeader};
    buffers[2] =
        (SecBuffer){sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, message + sizes.cbHeader + size};
    status = EncryptMessage(&client->context, 0, &description, 0);
    send(client->socket, message,
         (int)(buffers[0].cbBuffer + buffers[1].cbBuffer + buffers[2].cbBuffer), 0);
    return status;
}

/* Until the server says that this is all. */
static SECURITY_STATUS print_answer(struct client *client)
{
    SECURITY_STATUS status = SEC_E_INCOMPLETE_MESSAGE;

    for (;;) {
        SecBuffer buffers[4] = {{client->size, SECBUFFER_DATA, client->input}};
        SecBufferDesc description = {SECBUFFER_VERSION, 4, buffers};

        if ((!client->size || status == SEC_E_INCOMPLETE_MESSAGE) && !read_more(client))
            return status;
        buffers[0].cbBuffer = client->size;
        status = DecryptMessage(&client->context, &description, 0, NULL);
        if (status == SEC_E_INCOMPLETE_MESSAGE)
            continue;
        for (unsigned i = 0; status == SEC_E_OK && i < 4; i++)
            if (buffers[i].BufferType == SECBUFFER_DATA)
                fwrite(buffers[i].pvBuffer, 1, buffers[i].cbBuffer, stdout);
        if (status != SEC_E_OK && status != SEC_I_RENEGOTIATE)
            return status;
        consume(client, buffers, 4);
        if (status == SEC_I_RENEGOTIATE) {
            status = client->whole ? legs(client, false) : leg(client, false);
            if (status == SEC_E_OK)
                client->renegotiations++;
            else if (!goes_on(status))
                return status;
        }
    }
}

/* The only certificate of a file. */
static const CERT_CONTEXT *load(const char *name, const WCHAR *password)
{
    static BYTE bytes[65536];
    CRYPT_DATA_BLOB blob = {0, bytes};
    FILE *file = fopen(name, "rb");
    HCERTSTORE store;

    if (!file)
        return NULL;
    blob.cbData = (DWORD)fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    store = PFXImportCertStore(&blob, password, CRYPT_EXPORTABLE | PKCS12_NO_PERSIST_KEY);
    if (!store)
        return NULL;
    return CertEnumCertificatesInStore(store, NULL);
}

int main(int count, char **words)
{
    static struct client client;
    struct sockaddr_in address = {.sin_family = AF_INET};
    SCHANNEL_CRED data = {.dwVersion = SCHANNEL_CRED_VERSION,
                          .cCreds = 1,
                          .grbitEnabledProtocols = SP_PROT_TLS1_2_CLIENT,
                          .dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION | SCH_CRED_NO_DEFAULT_CREDS};
    WCHAR password[64] = {0};
    const CERT_CONTEXT *certificate;
    SECURITY_STATUS status;
    WSADATA winsock;

    if (count != 7)
        return 2;
    WSAStartup(MAKEWORD(2, 2), &winsock);
    client.host = words[1];
    client.records = strchr(words[6], 'r');
    client.whole = strchr(words[6], 'w');
    MultiByteToWideChar(CP_ACP, 0, words[5], -1, password, ARRAYSIZE(password));
    if (!(certificate = load(words[4], password)))
        return fail(words[4], GetLastError());
    data.paCred = &certificate;
    status = AcquireCredentialsHandleA(NULL, (char *)UNISP_NAME_A, SECPKG_CRED_OUTBOUND, NULL,
                                       &data, NULL, NULL, &client.credentials, NULL);
    if (status)
        return fail("credentials", status);
    client.socket = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_port = htons((u_short)atoi(words[2]));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(client.socket, (struct sockaddr *)&address, sizeof(address)))
        return fail("connecting", WSAGetLastError());
    status = legs(&client, true);
    if (status)
        return fail("handshake", status);
    status = ask(&client, words[3]);
    if (status)
        return fail("asking", status);
    status = print_answer(&client);
    printf("\nrenegotiations: %d\n", client.renegotiations);
    return status == SEC_I_CONTEXT_EXPIRED ? 0 : fail("receiving", status);
}
