/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the programs that run Schannel against itself in memory share: checks that count, a
 * certificate, and a client and a server that put their output into each other's inbox.
 */
#ifndef MEMORY_H
#define MEMORY_H

#define SECURITY_WIN32
#include <windows.h>
#include <wincrypt.h>
#include <subauth.h>
#define SCHANNEL_USE_BLACKLISTS
#include <schannel.h>
#include <sspi.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "asyncsspi.h"

#define CLIENT_FLAGS                                                                               \
    (ISC_REQ_SEQUENCE_DETECT | ISC_REQ_REPLAY_DETECT | ISC_REQ_CONFIDENTIALITY | ISC_REQ_STREAM |  \
     ISC_REQ_EXTENDED_ERROR)
#define SERVER_FLAGS                                                                               \
    (ASC_REQ_SEQUENCE_DETECT | ASC_REQ_REPLAY_DETECT | ASC_REQ_CONFIDENTIALITY | ASC_REQ_STREAM |  \
     ASC_REQ_EXTENDED_ERROR)
#define WIRE_SIZE  (512 * 1024)
#define CHUNK      16384
#define MAX_LEGS   20000
#define TOKEN_SIZE 32768

static LONG passed, failed;
static const char *subject = "";
static WCHAR provider_name[] = MS_ENH_RSA_AES_PROV_W;
static WCHAR container_name[64];
static const CERT_CONTEXT *certificate;

static inline bool check_(bool good, int line, const char *what)
{
    InterlockedIncrement(good ? &passed : &failed);
    if (!good)
        printf("FAILED %s, line %d: %s\n", subject, line, what);
    return good;
}
#define check(condition) check_(condition, __LINE__, #condition)

static inline bool check_status_(SECURITY_STATUS got, SECURITY_STATUS wanted, int line,
                                 const char *what)
{
    InterlockedIncrement(got == wanted ? &passed : &failed);
    if (got != wanted)
        printf("FAILED %s, line %d: %s is %08lx, not %08lx\n", subject, line, what, got, wanted);
    return got == wanted;
}
#define check_status(call, wanted) check_status_(call, wanted, __LINE__, #call)

/* Certificates ------------------------------------------------------------------------------- */

static inline const CERT_CONTEXT *make_certificate(void)
{
    CRYPT_KEY_PROV_INFO info = {.pwszContainerName = container_name,
                                .pwszProvName = provider_name,
                                .dwProvType = PROV_RSA_AES,
                                .dwKeySpec = AT_KEYEXCHANGE};
    CRYPT_ALGORITHM_IDENTIFIER algorithm = {.pszObjId = (char *)szOID_RSA_SHA256RSA};
    const CERT_CONTEXT *made = NULL;
    BYTE name[128];
    CERT_NAME_BLOB subject_name = {sizeof(name), name};
    HCRYPTPROV provider = 0;
    HCRYPTKEY key = 0;

    swprintf(container_name, 64, L"asyncsspi-test-%lu", GetCurrentProcessId());
    if (!CryptAcquireContextW(&provider, container_name, provider_name, PROV_RSA_AES,
                              CRYPT_NEWKEYSET))
        return NULL;
    if (CryptGenKey(provider, AT_KEYEXCHANGE, 2048u << 16 | CRYPT_EXPORTABLE, &key) &&
        CertStrToNameW(X509_ASN_ENCODING, L"CN=loopback.test", CERT_X500_NAME_STR, NULL,
                       subject_name.pbData, &subject_name.cbData, NULL))
        made = CertCreateSelfSignCertificate(provider, &subject_name, 0, &info, &algorithm, NULL,
                                             NULL, NULL);
    if (key)
        CryptDestroyKey(key);
    CryptReleaseContext(provider, 0);
    return made;
}

static inline void remove_key(void)
{
    HCRYPTPROV provider;

    if (container_name[0])
        CryptAcquireContextW(&provider, container_name, provider_name, PROV_RSA_AES,
                             CRYPT_DELETEKEYSET);
}

/* The DER inside a PEM file. */
static inline BYTE *read_pem(const char *path, DWORD *size)
{
    FILE *file = fopen(path, "rb");
    char text[16384];
    BYTE *der = NULL;
    size_t length;

    if (!file)
        return NULL;
    length = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[length] = 0;
    if (CryptStringToBinaryA(text, 0, CRYPT_STRING_BASE64HEADER, NULL, size, NULL, NULL) &&
        (der = malloc(*size)))
        CryptStringToBinaryA(text, 0, CRYPT_STRING_BASE64HEADER, der, size, NULL, NULL);
    return der;
}

static inline const CERT_CONTEXT *load_certificate(const char *certificate_path,
                                                   const char *key_path)
{
    CRYPT_DATA_BLOB key = {0, NULL};
    const CERT_CONTEXT *loaded = NULL;
    DWORD size = 0;
    BYTE *der = read_pem(certificate_path, &size);

    key.pbData = read_pem(key_path, &key.cbData);
    if (der && key.pbData)
        loaded = CertCreateCertificateContext(X509_ASN_ENCODING, der, size);
    if (loaded)
        CertSetCertificateContextProperty(loaded, ASYNCSSPI_CERT_PKCS8_PROP_ID, 0, &key);
    free(der);
    free(key.pbData);
    return loaded;
}

/* One side of a connection ------------------------------------------------------------------- */

struct side {
    bool server;
    CredHandle *credentials;
    CtxtHandle context;
    bool have_context;
    DWORD flags;
    DWORD attributes;
    SECURITY_STATUS status;
    const WCHAR *target;
    const char *alpn; /* one ProtocolNameList body */
    DWORD feed;       /* most bytes of one leg's input; 0: all */
    bool small;       /* offers an empty output buffer first */
    BYTE *inbox;      /* what the peer sent */
    DWORD size;
    struct side *peer;
};

struct pair {
    struct side client, server;
};

static inline void pair_begin(struct pair *pair, CredHandle *client, CredHandle *server)
{
    memset(pair, 0, sizeof(*pair));
    pair->client.credentials = client;
    pair->client.target = L"loopback.test";
    pair->client.flags = CLIENT_FLAGS | ISC_REQ_ALLOCATE_MEMORY;
    pair->client.inbox = malloc(WIRE_SIZE);
    pair->client.peer = &pair->server;
    pair->server.server = true;
    pair->server.credentials = server;
    pair->server.flags = SERVER_FLAGS | ASC_REQ_ALLOCATE_MEMORY;
    pair->server.inbox = malloc(WIRE_SIZE);
    pair->server.peer = &pair->client;
    pair->client.status = pair->server.status = SEC_I_CONTINUE_NEEDED;
}

static inline void pair_end(struct pair *pair)
{
    if (pair->client.have_context)
        check_status(DeleteSecurityContext(&pair->client.context), SEC_E_OK);
    if (pair->server.have_context)
        check_status(DeleteSecurityContext(&pair->server.context), SEC_E_OK);
    free(pair->client.inbox);
    free(pair->server.inbox);
}

static inline void deliver(struct side *side, const void *bytes, DWORD size)
{
    if (side->size + size > WIRE_SIZE)
        abort();
    memcpy(side->inbox + side->size, bytes, size);
    side->size += size;
}

static inline void consume(struct side *side, DWORD size)
{
    side->size -= size;
    memmove(side->inbox, side->inbox + size, side->size);
}

static inline SECURITY_STATUS call_leg(struct side *side, SecBufferDesc *input,
                                       SecBufferDesc *output)
{
    CtxtHandle *context = side->have_context ? &side->context : NULL;
    CtxtHandle *new_context = side->have_context ? NULL : &side->context;
    SECURITY_STATUS status;
    TimeStamp expiry;

    if (side->server)
        status = AcceptSecurityContext(side->credentials, context, input, side->flags, 0,
                                       new_context, output, &side->attributes, &expiry);
    else
        status = InitializeSecurityContextW(side->credentials, context, (WCHAR *)side->target,
                                            side->flags, 0, 0, input, 0, new_context, output,
                                            &side->attributes, &expiry);
    if (status >= 0)
        side->have_context = true;
    return status;
}

static inline void set_alpn(BYTE *memory, SecBuffer *buffer, const char *list)
{
    ULONG size = (ULONG)strlen(list), lists = size + 6, extension = 2;
    USHORT list_size = (USHORT)size;

    memcpy(memory, &lists, 4);
    memcpy(memory + 4, &extension, 4);
    memcpy(memory + 8, &list_size, 2);
    memcpy(memory + 10, list, size);
    *buffer = (SecBuffer){size + 10, SECBUFFER_APPLICATION_PROTOCOLS, memory};
}

/* One leg with what is in the inbox; the output goes to the peer. */
static inline SECURITY_STATUS leg(struct side *side)
{
    static BYTE token[TOKEN_SIZE];
    DWORD fed = side->feed && side->feed < side->size ? side->feed : side->size;
    bool allocate = side->flags & ISC_REQ_ALLOCATE_MEMORY, first = !side->have_context;
    DWORD room = side->small ? 1 : sizeof(token);
    BYTE alpn[64], *copy = malloc(fed + 1);
    SecBuffer in[3], out[2];
    SecBufferDesc input = {SECBUFFER_VERSION, 2, in}, output = {SECBUFFER_VERSION, 2, out};

    memcpy(copy, side->inbox, fed);
again:
    in[0] = (SecBuffer){fed, SECBUFFER_TOKEN, copy};
    in[1] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    if (first && side->alpn) {
        set_alpn(alpn, &in[2], side->alpn);
        input.cBuffers = 3;
    }
    out[0] = (SecBuffer){allocate ? 0 : room, SECBUFFER_TOKEN, allocate ? NULL : token};
    out[1] = (SecBuffer){0, SECBUFFER_ALERT, NULL};
    side->status = call_leg(side, first && !side->server && !side->alpn ? NULL : &input, &output);
    if (side->status == SEC_E_BUFFER_TOO_SMALL && !allocate && room < out[0].cbBuffer) {
        room = out[0].cbBuffer;
        goto again;
    }
    /* Asked for a certificate without having one: the same call again goes on without. */
    if (side->status == SEC_I_INCOMPLETE_CREDENTIALS)
        goto again;

    if (side->status != SEC_E_INCOMPLETE_MESSAGE && out[0].cbBuffer)
        deliver(side->peer, out[0].pvBuffer, out[0].cbBuffer);
    if (allocate && out[0].pvBuffer)
        FreeContextBuffer(out[0].pvBuffer);
    if (allocate && out[1].pvBuffer)
        FreeContextBuffer(out[1].pvBuffer);
    if (side->status == SEC_E_INCOMPLETE_MESSAGE)
        check(in[1].BufferType == SECBUFFER_MISSING && in[1].cbBuffer > 0);
    else if (side->status >= 0 && (side->server || !first))
        consume(side, in[1].BufferType == SECBUFFER_EXTRA ? fed - in[1].cbBuffer : fed);
    free(copy);
    return side->status;
}

static inline bool wants_leg(const struct side *side, bool fresh)
{
    if (side->status != SEC_I_CONTINUE_NEEDED && side->status != SEC_E_INCOMPLETE_MESSAGE)
        return false;
    return side->size || fresh;
}

/* Legs until both sides are done or one fails; single bytes when side->feed says so. */
static inline bool handshake(struct pair *pair)
{
    struct side *sides[2] = {&pair->client, &pair->server};
    DWORD feed[2] = {pair->client.feed, pair->server.feed};
    bool fresh = true;

    for (int turn = 0; turn < MAX_LEGS; turn++) {
        bool moved = false;

        for (int i = 0; i < 2; i++) {
            if (!wants_leg(sides[i], fresh && !i))
                continue;
            moved = true;
            leg(sides[i]);
            fresh = false;
            if (sides[i]->status < 0 && sides[i]->status != SEC_E_INCOMPLETE_MESSAGE)
                return false;
            if (sides[i]->status == SEC_E_INCOMPLETE_MESSAGE)
                sides[i]->feed += feed[i];
            else
                sides[i]->feed = feed[i];
        }
        if (!moved)
            break;
    }
    return pair->client.status == SEC_E_OK && pair->server.status == SEC_E_OK;
}

/* One record of data to the peer's inbox. */
static inline SECURITY_STATUS send_data(struct side *side, const BYTE *data, DWORD size)
{
    SecPkgContext_StreamSizes sizes;
    SecBuffer buffers[4];
    SecBufferDesc message = {SECBUFFER_VERSION, 4, buffers};
    SECURITY_STATUS status;
    BYTE *record;

    status = QueryContextAttributesW(&side->context, SECPKG_ATTR_STREAM_SIZES, &sizes);
    if (status != SEC_E_OK)
        return status;
    record = malloc(sizes.cbHeader + size + sizes.cbTrailer);
    memcpy(record + sizes.cbHeader, data, size);
    buffers[0] = (SecBuffer){sizes.cbHeader, SECBUFFER_STREAM_HEADER, record};
    buffers[1] = (SecBuffer){size, SECBUFFER_DATA, record + sizes.cbHeader};
    buffers[2] =
        (SecBuffer){sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, record + sizes.cbHeader + size};
    buffers[3] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    status = EncryptMessage(&side->context, 0, &message, 0);
    if (status == SEC_E_OK) {
        check(buffers[1].cbBuffer == size);
        deliver(side->peer, record,
                buffers[0].cbBuffer + buffers[1].cbBuffer + buffers[2].cbBuffer);
    }
    free(record);
    return status;
}

/* One record of data from the inbox; what the handshake functions have to see goes there. */
static inline SECURITY_STATUS receive_data(struct side *side, BYTE *data, DWORD *size)
{
    for (;;) {
        SecBuffer buffers[4] = {{side->size, SECBUFFER_DATA, side->inbox}};
        SecBufferDesc message = {SECBUFFER_VERSION, 4, buffers};
        SECURITY_STATUS status = DecryptMessage(&side->context, &message, 0, NULL);

        *size = 0;
        if (status < 0)
            return status;
        check(buffers[0].BufferType == SECBUFFER_STREAM_HEADER &&
              buffers[1].BufferType == SECBUFFER_DATA && buffers[1].pvBuffer &&
              buffers[2].BufferType == SECBUFFER_STREAM_TRAILER);
        *size = buffers[1].cbBuffer;
        memcpy(data, buffers[1].pvBuffer, *size);
        consume(side,
                side->size - (buffers[3].BufferType == SECBUFFER_EXTRA ? buffers[3].cbBuffer : 0));
        if (status != SEC_I_RENEGOTIATE)
            return status;
        if (!check_status(leg(side), SEC_E_OK))
            return side->status;
        if (!side->size)
            return SEC_E_INCOMPLETE_MESSAGE;
    }
}

static inline void exchange(struct side *from, struct side *to, DWORD total)
{
    static BYTE sent[CHUNK], got[CHUNK];
    DWORD done = 0, size;

    do {
        DWORD part = total - done < CHUNK ? total - done : CHUNK;

        for (DWORD i = 0; i < part; i++)
            sent[i] = (BYTE)(done + i * 7 + (i >> 8));
        if (!check_status(send_data(from, sent, part), SEC_E_OK) ||
            !check_status(receive_data(to, got, &size), SEC_E_OK) ||
            !check(size == part && !memcmp(sent, got, part)))
            return;
        done += part;
    } while (done < total);
}

static inline void both_ways(struct pair *pair)
{
    static const DWORD sizes[] = {0, 1, 100, CHUNK, CHUNK + 1, 100000};

    for (unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        exchange(&pair->client, &pair->server, sizes[i]);
        exchange(&pair->server, &pair->client, sizes[i]);
    }
}

static inline SECURITY_STATUS leg_without_input(struct side *side)
{
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};

    return call_leg(side, NULL, &output);
}

static inline void shutdown_side(struct side *side)
{
    DWORD token = SCHANNEL_SHUTDOWN;
    SecBuffer buffer = {sizeof(token), SECBUFFER_TOKEN, &token};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &buffer};
    DWORD before = side->peer->size;
    BYTE data[CHUNK];
    DWORD size;

    check_status(ApplyControlToken(&side->context, &input), SEC_E_OK);
    check_status(leg(side), SEC_E_OK);
    check(side->peer->size > before);
    check_status(send_data(side, data, 0), SEC_E_CONTEXT_EXPIRED);
    check_status(leg_without_input(side), SEC_I_CONTEXT_EXPIRED);
    check_status(receive_data(side->peer, data, &size), SEC_I_CONTEXT_EXPIRED);
    check(size == 0 && side->peer->size == 0);
}

/* Credentials -------------------------------------------------------------------------------- */

static inline SECURITY_STATUS acquire(CredHandle *handle, bool server, bool tls13, DWORD flags)
{
    DWORD wanted = server ? (tls13 ? SP_PROT_TLS1_3_SERVER : SP_PROT_TLS1_2_SERVER)
                          : (tls13 ? SP_PROT_TLS1_3_CLIENT : SP_PROT_TLS1_2_CLIENT);
    TLS_PARAMETERS parameters = {.grbitDisabledProtocols = ~wanted};
    SCH_CREDENTIALS data = {.dwVersion = SCH_CREDENTIALS_VERSION,
                            .dwFlags = flags,
                            .cTlsParameters = 1,
                            .pTlsParameters = &parameters};
    WCHAR name[] = UNISP_NAME_W;

    if (server) {
        data.cCreds = 1;
        data.paCred = &certificate;
    }
    return AcquireCredentialsHandleW(NULL, name,
                                     server ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND, NULL,
                                     &data, NULL, NULL, handle, NULL);
}

static inline SECURITY_STATUS acquire_old(CredHandle *handle, DWORD flags)
{
    SCHANNEL_CRED data = {.dwVersion = SCHANNEL_CRED_VERSION, .dwFlags = flags};
    WCHAR name[] = UNISP_NAME_W;

    return AcquireCredentialsHandleW(NULL, name, SECPKG_CRED_OUTBOUND, NULL, &data, NULL, NULL,
                                     handle, NULL);
}

static inline SECURITY_STATUS acquire_client_with_certificate(CredHandle *handle, bool tls13)
{
    DWORD wanted = tls13 ? SP_PROT_TLS1_3_CLIENT : SP_PROT_TLS1_2_CLIENT;
    TLS_PARAMETERS parameters = {.grbitDisabledProtocols = ~wanted};
    SCH_CREDENTIALS data = {.dwVersion = SCH_CREDENTIALS_VERSION,
                            .dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION,
                            .cCreds = 1,
                            .paCred = &certificate,
                            .cTlsParameters = 1,
                            .pTlsParameters = &parameters};
    WCHAR name[] = SCHANNEL_NAME_W;

    return AcquireCredentialsHandleW(NULL, name, SECPKG_CRED_OUTBOUND, NULL, &data, NULL, NULL,
                                     handle, NULL);
}

/* What an unknown self-signed certificate is refused with; Wine cannot verify Ed25519's own. */
static inline bool is_distrust(SECURITY_STATUS status)
{
    return status == SEC_E_UNTRUSTED_ROOT || status == SEC_E_CERT_UNKNOWN;
}

static inline bool contains(const BYTE *bytes, DWORD size, const char *text)
{
    DWORD length = (DWORD)strlen(text);

    for (DWORD i = 0; i + length <= size; i++)
        if (!memcmp(bytes + i, text, length))
            return true;
    return false;
}

static inline bool was_resumed(struct side *side)
{
    SecPkgContext_SessionInfo info = {0};

    check_status(QueryContextAttributesW(&side->context, SECPKG_ATTR_SESSION_INFO, &info),
                 SEC_E_OK);
    return info.dwFlags & SSL_SESSION_RECONNECT;
}

struct creds {
    CredHandle client, server;
};

/* Prints the counts; the exit status. */
static inline int report(void)
{
    printf("%ld passed, %ld failed, 0 skipped\n", passed, failed);
    return failed != 0;
}

/* Runs the tests with the credentials of one version. */
static inline void run_version(bool tls13, void (*tests)(struct creds *creds, bool tls13))
{
    struct creds creds;

    subject = tls13 ? "TLS 1.3" : "TLS 1.2";
    if (!check_status(acquire(&creds.client, false, tls13, SCH_CRED_MANUAL_CRED_VALIDATION),
                      SEC_E_OK) ||
        !check_status(acquire(&creds.server, true, tls13, 0), SEC_E_OK))
        return;
    tests(&creds, tls13);
    check_status(FreeCredentialsHandle(&creds.client), SEC_E_OK);
    check_status(FreeCredentialsHandle(&creds.server), SEC_E_OK);
}

/* main: with CERT.pem KEY.pem from the command line, or with a certificate of this run. */
static inline int run(int count, char **arguments, void (*tests)(struct creds *creds, bool tls13))
{
    certificate = count > 2 ? load_certificate(arguments[1], arguments[2]) : make_certificate();
    if (check(certificate != NULL)) {
        run_version(false, tests);
        run_version(true, tests);
        CertFreeCertificateContext(certificate);
    }
    remove_key();
    return report();
}

#endif
