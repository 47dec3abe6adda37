/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loopback [CERT.pem KEY.pem]: Schannel against itself in memory, the way programs call it.
 *
 * Each test plays one kind of caller: memory from the DLL or of its own, whole flights or single
 * bytes, buffers too small, resumption with a shared credential, one thread per direction. Without
 * arguments the certificate is one of this run, with a key behind CryptoAPI; with arguments the key
 * (PKCS#8) comes in the certificate's property. Ends with `N passed, N failed, N skipped`.
 */
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

static int passed, failed, skipped;
static const char *subject = "";
static WCHAR provider_name[] = MS_ENH_RSA_AES_PROV_W;
static WCHAR container_name[64];
static const CERT_CONTEXT *certificate;

static bool check_(bool good, int line, const char *what)
{
    if (good) {
        passed++;
    } else {
        failed++;
        printf("FAILED %s, line %d: %s\n", subject, line, what);
    }
    return good;
}
#define check(condition) check_(condition, __LINE__, #condition)

static bool check_status_(SECURITY_STATUS got, SECURITY_STATUS wanted, int line, const char *what)
{
    if (got == wanted) {
        passed++;
        return true;
    }
    failed++;
    printf("FAILED %s, line %d: %s is %08lx, not %08lx\n", subject, line, what, got, wanted);
    return false;
}
#define check_status(call, wanted) check_status_(call, wanted, __LINE__, #call)

/* Certificates ------------------------------------------------------------------------------- */

static const CERT_CONTEXT *make_certificate(void)
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

    swprintf(container_name, 64, L"asyncsspi-loopback-%lu", GetCurrentProcessId());
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

static void remove_key(void)
{
    HCRYPTPROV provider;

    if (container_name[0])
        CryptAcquireContextW(&provider, container_name, provider_name, PROV_RSA_AES,
                             CRYPT_DELETEKEYSET);
}

/* The DER inside a PEM file. */
static BYTE *read_pem(const char *path, DWORD *size)
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

static const CERT_CONTEXT *load_certificate(const char *certificate_path, const char *key_path)
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

static void pair_begin(struct pair *pair, CredHandle *client, CredHandle *server)
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

static void pair_end(struct pair *pair)
{
    if (pair->client.have_context)
        check_status(DeleteSecurityContext(&pair->client.context), SEC_E_OK);
    if (pair->server.have_context)
        check_status(DeleteSecurityContext(&pair->server.context), SEC_E_OK);
    free(pair->client.inbox);
    free(pair->server.inbox);
}

static void deliver(struct side *side, const void *bytes, DWORD size)
{
    if (side->size + size > WIRE_SIZE)
        abort();
    memcpy(side->inbox + side->size, bytes, size);
    side->size += size;
}

static void consume(struct side *side, DWORD size)
{
    side->size -= size;
    memmove(side->inbox, side->inbox + size, side->size);
}

static SECURITY_STATUS call_leg(struct side *side, SecBufferDesc *input, SecBufferDesc *output)
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

static void set_alpn(BYTE *memory, SecBuffer *buffer, const char *list)
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
static SECURITY_STATUS leg(struct side *side)
{
    static BYTE token[TOKEN_SIZE];
    DWORD fed = side->feed && side->feed < side->size ? side->feed : side->size;
    bool allocate = side->flags & ISC_REQ_ALLOCATE_MEMORY, first = !side->have_context;
    DWORD room = side->small ? 0 : sizeof(token);
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
    out[0] = (SecBuffer){allocate ? 0 : room, SECBUFFER_TOKEN, allocate || !room ? NULL : token};
    out[1] = (SecBuffer){0, SECBUFFER_ALERT, NULL};
    side->status = call_leg(side, first && !side->server && !side->alpn ? NULL : &input, &output);
    if (side->status == SEC_E_BUFFER_TOO_SMALL && !allocate && room < out[0].cbBuffer) {
        room = out[0].cbBuffer;
        goto again;
    }

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

static bool wants_leg(const struct side *side, bool fresh)
{
    if (side->status != SEC_I_CONTINUE_NEEDED && side->status != SEC_E_INCOMPLETE_MESSAGE)
        return false;
    return side->size || fresh;
}

/* Legs until both sides are done or one fails; single bytes when side->feed says so. */
static bool handshake(struct pair *pair)
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
static SECURITY_STATUS send_data(struct side *side, const BYTE *data, DWORD size)
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
static SECURITY_STATUS receive_data(struct side *side, BYTE *data, DWORD *size)
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

static void exchange(struct side *from, struct side *to, DWORD total)
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

static void both_ways(struct pair *pair)
{
    static const DWORD sizes[] = {0, 1, 100, CHUNK, CHUNK + 1, 100000};

    for (unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        exchange(&pair->client, &pair->server, sizes[i]);
        exchange(&pair->server, &pair->client, sizes[i]);
    }
}

static SECURITY_STATUS leg_without_input(struct side *side)
{
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};

    return call_leg(side, NULL, &output);
}

static void shutdown_side(struct side *side)
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

static SECURITY_STATUS acquire(CredHandle *handle, bool server, bool tls13, DWORD flags)
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

static SECURITY_STATUS acquire_old(CredHandle *handle, DWORD flags)
{
    SCHANNEL_CRED data = {.dwVersion = SCHANNEL_CRED_VERSION, .dwFlags = flags};
    WCHAR name[] = UNISP_NAME_W;

    return AcquireCredentialsHandleW(NULL, name, SECPKG_CRED_OUTBOUND, NULL, &data, NULL, NULL,
                                     handle, NULL);
}

static SECURITY_STATUS acquire_client_with_certificate(CredHandle *handle, bool tls13)
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
static bool is_distrust(SECURITY_STATUS status)
{
    return status == SEC_E_UNTRUSTED_ROOT || status == SEC_E_CERT_UNKNOWN;
}

static bool contains(const BYTE *bytes, DWORD size, const char *text)
{
    DWORD length = (DWORD)strlen(text);

    for (DWORD i = 0; i + length <= size; i++)
        if (!memcmp(bytes + i, text, length))
            return true;
    return false;
}

/* Tests -------------------------------------------------------------------------------------- */

struct creds {
    CredHandle client, server;
};

static void test_plain(struct creds *creds)
{
    struct pair pair;

    pair_begin(&pair, &creds->client, &creds->server);
    if (check(handshake(&pair))) {
        check(pair.client.attributes == pair.client.flags);
        check(pair.server.attributes == pair.server.flags);
        both_ways(&pair);
        shutdown_side(&pair.client);
        shutdown_side(&pair.server);
    } else {
        printf("  client %08lx server %08lx\n", pair.client.status, pair.server.status);
    }
    pair_end(&pair);
}

static void test_single_bytes(struct creds *creds)
{
    struct pair pair;

    pair_begin(&pair, &creds->client, &creds->server);
    pair.client.feed = pair.server.feed = 1;
    if (check(handshake(&pair))) {
        pair.client.feed = pair.server.feed = 0;
        both_ways(&pair);
    }
    pair_end(&pair);
}

static void test_small_output(struct creds *creds)
{
    struct pair pair;

    pair_begin(&pair, &creds->client, &creds->server);
    pair.client.flags = CLIENT_FLAGS;
    pair.server.flags = SERVER_FLAGS;
    pair.client.small = pair.server.small = true;
    if (check(handshake(&pair))) {
        both_ways(&pair);
        shutdown_side(&pair.client);
    }
    pair_end(&pair);
}

static void test_alpn(struct creds *creds)
{
    SecPkgContext_ApplicationProtocol protocol;
    struct pair pair;

    pair_begin(&pair, &creds->client, &creds->server);
    pair.client.alpn = "\x02h2\x08http/1.1";
    pair.server.alpn = "\x08http/1.1";
    if (check(handshake(&pair))) {
        check_status(QueryContextAttributesW(&pair.client.context, SECPKG_ATTR_APPLICATION_PROTOCOL,
                                             &protocol),
                     SEC_E_OK);
        check(protocol.ProtocolIdSize == 8 && !memcmp(protocol.ProtocolId, "http/1.1", 8));
    }
    pair_end(&pair);

    pair_begin(&pair, &creds->client, &creds->server);
    pair.client.alpn = "\x02h2";
    pair.server.alpn = "\x08http/1.1";
    check(!handshake(&pair));
    check_status(pair.server.status, SEC_E_APPLICATION_PROTOCOL_MISMATCH);
    check_status(leg(&pair.client), SEC_E_APPLICATION_PROTOCOL_MISMATCH);
    pair_end(&pair);
}

static bool was_resumed(struct side *side)
{
    SecPkgContext_SessionInfo info = {0};

    check_status(QueryContextAttributesW(&side->context, SECPKG_ATTR_SESSION_INFO, &info),
                 SEC_E_OK);
    return info.dwFlags & SSL_SESSION_RECONNECT;
}

static void test_resumption(struct creds *creds)
{
    struct pair pair;

    for (int i = 0; i < 3; i++) {
        pair_begin(&pair, &creds->client, &creds->server);
        pair.client.target = L"resume.test";
        if (check(handshake(&pair))) {
            check(was_resumed(&pair.client) == (i > 0));
            check(was_resumed(&pair.server) == (i > 0));
            both_ways(&pair);
        }
        pair_end(&pair);
    }
    pair_begin(&pair, &creds->client, &creds->server);
    pair.client.target = L"other.test";
    if (check(handshake(&pair)))
        check(!was_resumed(&pair.client));
    pair_end(&pair);
}

/* The server's certificate is self-signed; without manual validation that ends the handshake. */
static void test_untrusted(struct creds *creds, bool tls13)
{
    CredHandle strict;
    struct pair pair;

    if (!check_status(acquire(&strict, false, tls13, SCH_CRED_NO_DEFAULT_CREDS), SEC_E_OK))
        return;
    pair_begin(&pair, &strict, &creds->server);
    check(!handshake(&pair));
    check(is_distrust(pair.client.status));
    check(pair.server.size > 0);
    check(leg(&pair.server) < 0);
    check(pair.server.status != SEC_E_INCOMPLETE_MESSAGE);
    check(is_distrust(leg(&pair.client)));
    pair_end(&pair);
    check_status(FreeCredentialsHandle(&strict), SEC_E_OK);
}

/* A program that validates per context rather than per credential. */
static void test_manual_per_context(struct creds *creds, bool tls13)
{
    CredHandle strict;
    struct pair pair;

    if (!check_status(acquire(&strict, false, tls13, 0), SEC_E_OK))
        return;
    pair_begin(&pair, &strict, &creds->server);
    pair.client.flags |= ISC_REQ_MANUAL_CRED_VALIDATION;
    check(handshake(&pair));
    check(pair.client.attributes == pair.client.flags);
    pair_end(&pair);
    check_status(FreeCredentialsHandle(&strict), SEC_E_OK);
}

/* wininet's way: no STREAM, SCHANNEL_CRED, and the token that comes with SEC_E_OK is dropped. */
static void test_drops_last_token(struct creds *creds)
{
    CredHandle old;
    struct pair pair;

    if (!check_status(acquire_old(&old, 0), SEC_E_OK))
        return;
    for (int i = 0; i < 2; i++) {
        DWORD before;

        pair_begin(&pair, &old, &creds->server);
        pair.client.flags = ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_USE_SESSION_KEY |
                            ISC_REQ_CONFIDENTIALITY | ISC_REQ_SEQUENCE_DETECT |
                            ISC_REQ_REPLAY_DETECT | ISC_REQ_MANUAL_CRED_VALIDATION;
        check_status(leg(&pair.client), SEC_I_CONTINUE_NEEDED);
        while (pair.client.status == SEC_I_CONTINUE_NEEDED) {
            if (leg(&pair.server) < 0 || !check(pair.client.size))
                break;
            before = pair.server.size;
            leg(&pair.client);
            if (pair.client.status == SEC_E_OK)
                check(pair.server.size == before);
        }
        if (check_status(pair.client.status, SEC_E_OK) &&
            check_status(pair.server.status, SEC_E_OK)) {
            check(!was_resumed(&pair.client));
            both_ways(&pair);
        }
        pair_end(&pair);
    }
    check_status(FreeCredentialsHandle(&old), SEC_E_OK);
}

static void test_incomplete_hello(struct creds *creds)
{
    CtxtHandle untouched = {0x1234, 0x5678};
    struct pair pair;

    pair_begin(&pair, &creds->client, &creds->server);
    leg(&pair.client);
    pair.server.context = untouched;
    for (DWORD size = 0; size < pair.server.size; size += 37) {
        SecBuffer in[2] = {{size, SECBUFFER_TOKEN, pair.server.inbox}, {0, SECBUFFER_EMPTY, NULL}};
        SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
        SecBufferDesc input = {SECBUFFER_VERSION, 2, in}, output = {SECBUFFER_VERSION, 1, &out};

        check_status(call_leg(&pair.server, &input, &output), SEC_E_INCOMPLETE_MESSAGE);
        check(in[1].BufferType == SECBUFFER_MISSING && in[1].cbBuffer);
    }
    check(!memcmp(&pair.server.context, &untouched, sizeof(untouched)));
    check(handshake(&pair));
    pair_end(&pair);
}

struct worker {
    struct side *side;
    DWORD rounds, errors;
};

/* Echoes nothing: encrypts for itself, as the sending half of a program does. */
static DWORD WINAPI keep_sending(void *argument)
{
    struct worker *worker = argument;
    BYTE record[1024] = {0};

    for (DWORD i = 0; i < worker->rounds; i++) {
        SecBuffer buffers[4] = {{32, SECBUFFER_STREAM_HEADER, record},
                                {512, SECBUFFER_DATA, record + 32},
                                {64, SECBUFFER_STREAM_TRAILER, record + 32 + 512},
                                {0, SECBUFFER_EMPTY, NULL}};
        SecBufferDesc message = {SECBUFFER_VERSION, 4, buffers};

        if (EncryptMessage(&worker->side->context, 0, &message, 0) != SEC_E_OK)
            worker->errors++;
    }
    return 0;
}

/* One thread sends on the very context that another receives on. */
static void test_two_threads(struct creds *creds)
{
    struct worker worker = {.rounds = 2000};
    static BYTE got[CHUNK];
    struct pair pair;
    HANDLE thread;
    DWORD size;

    pair_begin(&pair, &creds->client, &creds->server);
    if (check(handshake(&pair))) {
        for (int i = 0; i < 400; i++)
            send_data(&pair.server, (const BYTE *)"0123456789", 10);
        worker.side = &pair.client;
        thread = CreateThread(NULL, 0, keep_sending, &worker, 0, NULL);
        for (int i = 0; i < 400; i++)
            if (receive_data(&pair.client, got, &size) != SEC_E_OK || size != 10)
                worker.errors++;
        WaitForSingleObject(thread, INFINITE);
        CloseHandle(thread);
        check(worker.errors == 0);
    }
    pair_end(&pair);
}

static void test_bad_records(struct creds *creds)
{
    BYTE data[CHUNK], memory[8] = {23, 3, 3, 0, 0};
    struct pair pair;
    DWORD size;

    pair_begin(&pair, &creds->client, &creds->server);
    if (check(handshake(&pair))) {
        while (receive_data(&pair.client, data, &size) == SEC_E_OK)
            ;
        for (DWORD i = 0; i < 5; i++) {
            SecBuffer buffers[4] = {{i, SECBUFFER_DATA, memory}};
            SecBufferDesc message = {SECBUFFER_VERSION, 4, buffers};

            check_status(DecryptMessage(&pair.client.context, &message, 0, NULL),
                         SEC_E_INCOMPLETE_MESSAGE);
            check(buffers[1].BufferType == SECBUFFER_MISSING && buffers[1].cbBuffer == 5 - i);
        }
        check_status(send_data(&pair.server, (const BYTE *)"hello", 5), SEC_E_OK);
        pair.client.inbox[pair.client.size - 1] ^= 1;
        check(receive_data(&pair.client, data, &size) < 0);
        check(receive_data(&pair.client, data, &size) < 0);
    }
    pair_end(&pair);
}

/* What the client's first flight holds of its target. */
static void test_server_names(struct creds *creds)
{
    static const struct {
        const WCHAR *target;
        const char *sent, *not_sent;
    } names[] = {
        {L"plain.test", "plain.test", "loopback"},
        {L"dotted.test.", "dotted.test", "dotted.test."},
        {L"b\u00fccher.test", "xn--bcher-kva.test", "cher.test."},
        {L"192.0.2.1", NULL, "192.0.2.1"},
        {L"2001:db8::1", NULL, "2001:db8"},
        {L"[2001:db8::1]", NULL, "2001:db8"},
        {L"", NULL, "test"},
        {NULL, NULL, "test"},
    };
    struct pair pair;

    for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        pair_begin(&pair, &creds->client, &creds->server);
        pair.client.target = names[i].target;
        check_status(leg(&pair.client), SEC_I_CONTINUE_NEEDED);
        check(!names[i].sent || contains(pair.server.inbox, pair.server.size, names[i].sent));
        check(!contains(pair.server.inbox, pair.server.size, names[i].not_sent));
        check(handshake(&pair));
        pair_end(&pair);
    }
}

static SECURITY_STATUS apply(struct side *side, void *token, DWORD size)
{
    SecBuffer buffer = {size, SECBUFFER_TOKEN, token};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &buffer};

    return ApplyControlToken(&side->context, &input);
}

static void test_control_tokens(struct creds *creds)
{
    SCHANNEL_ALERT_TOKEN alert = {SCHANNEL_ALERT, TLS1_ALERT_FATAL, TLS1_ALERT_ACCESS_DENIED};
    SCHANNEL_SESSION_TOKEN session = {SCHANNEL_SESSION, SSL_SESSION_DISABLE_RECONNECTS};
    DWORD renegotiate = SCHANNEL_RENEGOTIATE, unknown = 0x12345;
    BYTE data[CHUNK];
    struct pair pair;
    DWORD size;

    for (int i = 0; i < 2; i++) {
        pair_begin(&pair, &creds->client, &creds->server);
        pair.client.target = L"tokens.test";
        if (check(handshake(&pair))) {
            check(!was_resumed(&pair.client));
            check_status(apply(&pair.client, &session, sizeof(session)), SEC_E_OK);
            check_status(apply(&pair.client, &renegotiate, 4), SEC_E_UNSUPPORTED_FUNCTION);
            check_status(apply(&pair.client, &unknown, 4), SEC_E_UNSUPPORTED_FUNCTION);
            check_status(apply(&pair.client, &unknown, 3), SEC_E_UNSUPPORTED_FUNCTION);
            check_status(apply(&pair.client, &alert, 8), SEC_E_INVALID_TOKEN);
            both_ways(&pair);
            check_status(apply(&pair.client, &alert, sizeof(alert)), SEC_E_OK);
            check_status(leg(&pair.client), SEC_E_OK);
            check(pair.server.size > 0);
            check_status(receive_data(&pair.server, data, &size), SEC_E_LOGON_DENIED);
            check_status(send_data(&pair.client, data, 1), SEC_E_CONTEXT_EXPIRED);
        }
        pair_end(&pair);
    }
}

/* What cannot be a message leaves the connection as it was. */
static void test_message_shapes(struct creds *creds)
{
    static const ULONG types[4] = {SECBUFFER_STREAM_TRAILER, SECBUFFER_EMPTY, SECBUFFER_DATA,
                                   SECBUFFER_STREAM_HEADER};
    SecPkgContext_StreamSizes sizes;
    static BYTE memory[4][CHUNK + 64];
    SecBuffer buffers[5];
    SecBufferDesc message = {SECBUFFER_VERSION, 4, buffers};
    CtxtHandle *context;
    struct pair pair;

    pair_begin(&pair, &creds->client, &creds->server);
    context = &pair.client.context;
    if (!check(handshake(&pair)))
        goto done;
    check_status(QueryContextAttributesW(context, SECPKG_ATTR_STREAM_SIZES, &sizes), SEC_E_OK);
    check(sizes.cbMaximumMessage == CHUNK);
    for (int i = 0; i < 4; i++)
        buffers[i] = (SecBuffer){64, types[i], memory[i]};

    buffers[2].cbBuffer = sizes.cbMaximumMessage + 1;
    check_status(EncryptMessage(context, 0, &message, 0), SEC_E_ENCRYPT_FAILURE);
    buffers[2].cbBuffer = 10;
    buffers[0].cbBuffer = sizes.cbTrailer - 1;
    check_status(EncryptMessage(context, 0, &message, 0), SEC_E_BUFFER_TOO_SMALL);
    buffers[0].cbBuffer = sizes.cbTrailer;
    buffers[3].cbBuffer = sizes.cbHeader - 1;
    check_status(EncryptMessage(context, 0, &message, 0), SEC_E_BUFFER_TOO_SMALL);
    buffers[3].cbBuffer = sizes.cbHeader;
    check_status(EncryptMessage(context, SECQOP_WRAP_NO_ENCRYPT, &message, 0),
                 SEC_E_QOP_NOT_SUPPORTED);
    buffers[1].BufferType = SECBUFFER_DATA;
    check_status(EncryptMessage(context, 0, &message, 0), SEC_E_INVALID_TOKEN);
    buffers[1].BufferType = SECBUFFER_EMPTY;
    buffers[2].BufferType = SECBUFFER_EMPTY;
    check_status(EncryptMessage(context, 0, &message, 0), SEC_E_INVALID_TOKEN);
    check_status(DecryptMessage(context, &message, 0, NULL), SEC_E_INVALID_TOKEN);
    buffers[2].BufferType = SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM;
    message.cBuffers = 3;
    check_status(DecryptMessage(context, &message, 0, NULL), SEC_E_INVALID_TOKEN);
    message.cBuffers = 4;

    /* Any order, apart in memory. */
    check_status(EncryptMessage(context, 0, &message, 0), SEC_E_OK);
    deliver(&pair.server, buffers[3].pvBuffer, buffers[3].cbBuffer);
    deliver(&pair.server, buffers[2].pvBuffer, buffers[2].cbBuffer);
    deliver(&pair.server, buffers[0].pvBuffer, buffers[0].cbBuffer);
    message.cBuffers = 5;
    for (int i = 0; i < 5; i++)
        buffers[i] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    buffers[4] = (SecBuffer){pair.server.size, SECBUFFER_DATA, pair.server.inbox};
    check_status(DecryptMessage(&pair.server.context, &message, 0, NULL), SEC_E_OK);
    check(buffers[1].BufferType == SECBUFFER_DATA && buffers[1].cbBuffer == 10 &&
          buffers[3].BufferType == SECBUFFER_EMPTY && buffers[4].BufferType == SECBUFFER_EMPTY);
    pair.server.size = 0;
    both_ways(&pair);
done:
    pair_end(&pair);
}

/* A server that asks for a certificate of a client that has one, and of one that has none. */
static void test_mutual(struct creds *creds, bool tls13)
{
    const CERT_CONTEXT *seen = NULL;
    CredHandle lenient, presenting;
    struct pair pair;

    if (!check_status(acquire(&lenient, true, tls13, SCH_CRED_MANUAL_CRED_VALIDATION), SEC_E_OK) ||
        !check_status(acquire_client_with_certificate(&presenting, tls13), SEC_E_OK))
        return;
    pair_begin(&pair, &presenting, &lenient);
    pair.server.flags |= ASC_REQ_MUTUAL_AUTH;
    if (check(handshake(&pair))) {
        check(pair.server.attributes == pair.server.flags);
        check_status(
            QueryContextAttributesW(&pair.server.context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &seen),
            SEC_E_OK);
        check(seen && seen->cbCertEncoded == certificate->cbCertEncoded);
        if (seen)
            CertFreeCertificateContext(seen);
        both_ways(&pair);
    }
    pair_end(&pair);

    pair_begin(&pair, &creds->client, &lenient);
    pair.client.target = L"nobody.test";
    pair.server.flags |= ASC_REQ_MUTUAL_AUTH;
    if (check(handshake(&pair)))
        check(pair.server.attributes == (pair.server.flags & ~ASC_REQ_MUTUAL_AUTH));
    pair_end(&pair);

    /* The certificate is trusted by nobody: a server that validates refuses it. */
    pair_begin(&pair, &presenting, &creds->server);
    pair.client.target = L"refused.test";
    pair.server.flags |= ASC_REQ_MUTUAL_AUTH;
    check(!handshake(&pair));
    check(is_distrust(pair.server.status));
    pair_end(&pair);
    check_status(FreeCredentialsHandle(&presenting), SEC_E_OK);
    check_status(FreeCredentialsHandle(&lenient), SEC_E_OK);
}

static DWORD random_number(DWORD *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

/* Damaged flights end in an error or, rarely, do not matter; they never do worse. */
static void test_damage(struct creds *creds)
{
    DWORD state = 1, failures = 0;
    struct pair pair;

    for (int round = 0; round < 200; round++) {
        pair_begin(&pair, &creds->client, &creds->server);
        pair.client.target = L"damage.test";
        for (int i = 0; i < 6 && pair.client.status >= 0 && pair.server.status >= 0; i++) {
            struct side *side = i & 1 ? &pair.server : &pair.client;

            if (side->size && random_number(&state) % 2)
                side->inbox[random_number(&state) % side->size] ^=
                    (BYTE)(1 + random_number(&state) % 255);
            if (wants_leg(side, !i))
                leg(side);
        }
        failures += pair.client.status < 0 || pair.server.status < 0;
        pair_end(&pair);
    }
    check(failures > 100);
}

static void run_version(bool tls13)
{
    struct creds creds;

    subject = tls13 ? "TLS 1.3" : "TLS 1.2";
    if (!check_status(acquire(&creds.client, false, tls13, SCH_CRED_MANUAL_CRED_VALIDATION),
                      SEC_E_OK) ||
        !check_status(acquire(&creds.server, true, tls13, 0), SEC_E_OK))
        return;
    test_plain(&creds);
    test_single_bytes(&creds);
    test_small_output(&creds);
    test_alpn(&creds);
    test_resumption(&creds);
    test_untrusted(&creds, tls13);
    test_manual_per_context(&creds, tls13);
    if (!tls13)
        test_drops_last_token(&creds);
    test_incomplete_hello(&creds);
    test_two_threads(&creds);
    test_bad_records(&creds);
    test_server_names(&creds);
    test_control_tokens(&creds);
    test_message_shapes(&creds);
    test_mutual(&creds, tls13);
    test_damage(&creds);
    check_status(FreeCredentialsHandle(&creds.client), SEC_E_OK);
    check_status(FreeCredentialsHandle(&creds.server), SEC_E_OK);
}

int main(int count, char **arguments)
{
    certificate = count > 2 ? load_certificate(arguments[1], arguments[2]) : make_certificate();
    if (check(certificate != NULL)) {
        run_version(false);
        run_version(true);
        CertFreeCertificateContext(certificate);
    }
    remove_key();
    printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
    return failed != 0;
}
