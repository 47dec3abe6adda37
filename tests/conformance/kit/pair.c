/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A Schannel client and server that talk through memory, see kit/pair.h.
 */
#include "kit/pair.h"
#include "kit/testcert.h"
#include "wine/test.h"

static WCHAR package_name[] = L"Microsoft Unified Security Protocol Provider";

const char *status_name(SECURITY_STATUS status)
{
    static const struct {
        SECURITY_STATUS status;
        const char *name;
    } names[] = {
#define NAME(status) {status, #status}
        NAME(SEC_E_OK),
        NAME(SEC_I_CONTINUE_NEEDED),
        NAME(SEC_I_CONTEXT_EXPIRED),
        NAME(SEC_I_RENEGOTIATE),
        NAME(SEC_I_NO_RENEGOTIATION),
        NAME(SEC_I_INCOMPLETE_CREDENTIALS),
        NAME(SEC_I_ASYNC_CALL_PENDING),
        NAME(SEC_E_INCOMPLETE_MESSAGE),
        NAME(SEC_E_INVALID_HANDLE),
        NAME(SEC_E_INVALID_TOKEN),
        NAME(SEC_E_INVALID_PARAMETER),
        NAME(SEC_E_UNSUPPORTED_FUNCTION),
        NAME(SEC_E_INTERNAL_ERROR),
        NAME(SEC_E_SECPKG_NOT_FOUND),
        NAME(SEC_E_NO_CREDENTIALS),
        NAME(SEC_E_UNKNOWN_CREDENTIALS),
        NAME(SEC_E_BUFFER_TOO_SMALL),
        NAME(SEC_E_MESSAGE_ALTERED),
        NAME(SEC_E_DECRYPT_FAILURE),
        NAME(SEC_E_ENCRYPT_FAILURE),
        NAME(SEC_E_ILLEGAL_MESSAGE),
        NAME(SEC_E_CONTEXT_EXPIRED),
        NAME(SEC_E_UNTRUSTED_ROOT),
        NAME(SEC_E_CERT_EXPIRED),
        NAME(SEC_E_CERT_UNKNOWN),
        NAME(SEC_E_CERT_WRONG_USAGE),
        NAME(SEC_E_WRONG_PRINCIPAL),
        NAME(SEC_E_ALGORITHM_MISMATCH),
        NAME(SEC_E_APPLICATION_PROTOCOL_MISMATCH),
        NAME(SEC_E_INSUFFICIENT_MEMORY),
        NAME(SEC_E_NOT_OWNER),
        NAME(SEC_E_OUT_OF_SEQUENCE),
        NAME(SEC_E_QOP_NOT_SUPPORTED),
        NAME(CRYPT_E_REVOKED),
        NAME(CRYPT_E_REVOCATION_OFFLINE),
        NAME(CRYPT_E_NO_REVOCATION_CHECK),
#undef NAME
    };
    static char number[16];
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(names); i++)
        if (names[i].status == status)
            return names[i].name;
    snprintf(number, sizeof(number), "%#lx", (unsigned long)status);
    return number;
}

static DWORD protocol_bits(enum side_role role, DWORD protocols)
{
    DWORD bits = 0;

    if (protocols & SIDE_TLS1_2)
        bits |= role == SIDE_CLIENT ? SP_PROT_TLS1_2_CLIENT : SP_PROT_TLS1_2_SERVER;
    if (protocols & SIDE_TLS1_3)
        bits |= role == SIDE_CLIENT ? SP_PROT_TLS1_3_CLIENT : SP_PROT_TLS1_3_SERVER;
    return bits;
}

static DWORD credential_flags(const struct side *side)
{
    DWORD flags = side->options.cred_flags;

    if (side->role == SIDE_CLIENT) {
        if (!(flags & SCH_CRED_AUTO_CRED_VALIDATION))
            flags |= SCH_CRED_MANUAL_CRED_VALIDATION;
        if (!(flags & SCH_CRED_USE_DEFAULT_CREDS))
            flags |= SCH_CRED_NO_DEFAULT_CREDS;
    }
    return flags;
}

static DWORD certificate_count(const struct side_options *options)
{
    DWORD count = 0;

    while (count < ARRAY_SIZE(options->certificates) && options->certificates[count])
        count++;
    return count;
}

/* SCHANNEL_CRED names what is enabled, SCH_CREDENTIALS what is not. */
static SECURITY_STATUS acquire(struct side *side)
{
    const ULONG use = side->role == SIDE_CLIENT ? SECPKG_CRED_OUTBOUND : SECPKG_CRED_INBOUND;
    const DWORD protocols = side->options.protocols;
    SCHANNEL_CRED old = {.dwVersion = SCHANNEL_CRED_VERSION};
    SCH_CREDENTIALS new = {.dwVersion = SCH_CREDENTIALS_VERSION};
    TLS_PARAMETERS parameters = {0};
    void *data;

    if (side->options.version == SCHANNEL_CRED_VERSION) {
        old.cCreds = certificate_count(&side->options);
        old.paCred = old.cCreds ? side->options.certificates : NULL;
        old.hRootStore = side->options.root_store;
        old.grbitEnabledProtocols = protocol_bits(side->role, protocols ? protocols : SIDE_TLS1_2);
        old.dwFlags = credential_flags(side);
        data = &old;
    } else {
        new.cCreds = certificate_count(&side->options);
        new.paCred = new.cCreds ? side->options.certificates : NULL;
        new.hRootStore = side->options.root_store;
        new.dwFlags = credential_flags(side);
        parameters.grbitDisabledProtocols =
            ~protocol_bits(side->role, protocols ? protocols : SIDE_TLS1_2 | SIDE_TLS1_3);
        new.cTlsParameters = 1;
        new.pTlsParameters = &parameters;
        data = &new;
    }
    return AcquireCredentialsHandleW(NULL, package_name, use, NULL, data, NULL, NULL,
                                     &side->credentials, NULL);
}

SECURITY_STATUS side_acquire(struct side *side, enum side_role role,
                             const struct side_options *options)
{
    SECURITY_STATUS status;

    memset(side, 0, sizeof(*side));
    side->role = role;
    if (options)
        side->options = *options;
    if (!side->options.flags)
        side->options.flags = role == SIDE_CLIENT ? SIDE_CLIENT_FLAGS : SIDE_SERVER_FLAGS;
    side->status = SEC_I_CONTINUE_NEEDED;
    side->inbox = malloc(SIDE_INBOX_SIZE);
    if (!side->inbox)
        return SEC_E_INSUFFICIENT_MEMORY;
    status = acquire(side);
    side->have_credentials = status == SEC_E_OK;
    return status;
}

void side_disconnect(struct side *side)
{
    SECURITY_STATUS status;

    if (side->have_context) {
        status = DeleteSecurityContext(&side->context);
        ok(status == SEC_E_OK, "DeleteSecurityContext returned %s\n", status_name(status));
    }
    side->have_context = FALSE;
    side->status = SEC_I_CONTINUE_NEEDED;
    side->inbox_size = side->legs = 0;
}

void side_free(struct side *side)
{
    SECURITY_STATUS status;

    side_disconnect(side);
    if (side->have_credentials) {
        status = FreeCredentialsHandle(&side->credentials);
        ok(status == SEC_E_OK, "FreeCredentialsHandle returned %s\n", status_name(status));
    }
    free(side->inbox);
    memset(side, 0, sizeof(*side));
}

BOOL pair_create(struct pair *pair, const struct side_options *client,
                 const struct side_options *server)
{
    struct side_options options = {0};
    SECURITY_STATUS status;

    memset(pair, 0, sizeof(*pair));
    if (server)
        options = *server;
    if (!options.certificates[0])
        options.certificates[0] = test_cert_localhost(TEST_KEY_RSA);
    status = side_acquire(&pair->client, SIDE_CLIENT, client);
    ok(status == SEC_E_OK, "client credentials: %s\n", status_name(status));
    if (status)
        return FALSE;
    status = side_acquire(&pair->server, SIDE_SERVER, &options);
    ok(status == SEC_E_OK, "server credentials: %s\n", status_name(status));
    pair->client.peer = &pair->server;
    pair->server.peer = &pair->client;
    return status == SEC_E_OK;
}

void pair_destroy(struct pair *pair)
{
    side_free(&pair->client);
    side_free(&pair->server);
}

void side_deliver(struct side *side, const void *bytes, DWORD size)
{
    if (size > SIDE_INBOX_SIZE - side->inbox_size) {
        ok(FALSE, "%lu bytes do not fit the inbox\n", size);
        return;
    }
    memcpy(side->inbox + side->inbox_size, bytes, size);
    side->inbox_size += size;
}

void side_consume(struct side *side, DWORD size)
{
    side->inbox_size -= size;
    memmove(side->inbox, side->inbox + size, side->inbox_size);
}

DWORD write_alpn(BYTE *buffer, const char *names)
{
    SEC_APPLICATION_PROTOCOLS *protocols = (SEC_APPLICATION_PROTOCOLS *)buffer;
    SEC_APPLICATION_PROTOCOL_LIST *list = &protocols->ProtocolLists[0];
    BYTE *at = list->ProtocolList;

    while (*names) {
        const size_t length = strcspn(names, " ");

        *at++ = (BYTE)length;
        memcpy(at, names, length);
        at += length;
        names += length + (names[length] == ' ');
    }
    list->ProtoNegoExt = SecApplicationProtocolNegotiationExt_ALPN;
    list->ProtocolListSize = (unsigned short)(at - list->ProtocolList);
    protocols->ProtocolListsSize = (DWORD)(at - (BYTE *)list);
    return (DWORD)(at - buffer);
}

static void set_buffer(SecBuffer *buffer, ULONG type, void *bytes, ULONG size)
{
    buffer->BufferType = type;
    buffer->pvBuffer = bytes;
    buffer->cbBuffer = size;
}

void leg_begin(struct side *side, struct leg *leg)
{
    DWORD count = 0;

    memset(leg, 0, sizeof(*leg));
    leg->first = !side->have_context;
    leg->fed = side->feed && side->feed < side->inbox_size ? side->feed : side->inbox_size;
    leg->copy = malloc(leg->fed ? leg->fed : 1);
    if (leg->fed)
        memcpy(leg->copy, side->inbox, leg->fed);

    if (!leg->first || side->role == SIDE_SERVER) {
        set_buffer(&leg->in[count++], SECBUFFER_TOKEN, leg->copy, leg->fed);
        set_buffer(&leg->in[count++], SECBUFFER_EMPTY, NULL, 0);
    }
    if (leg->first && side->options.alpn)
        set_buffer(&leg->in[count++], SECBUFFER_APPLICATION_PROTOCOLS, leg->alpn,
                   write_alpn(leg->alpn, side->options.alpn));
    leg->input.cBuffers = count;
    leg->input.pBuffers = leg->in;
    leg->input_pointer = count ? &leg->input : NULL;

    /* ISC_REQ_ALLOCATE_MEMORY and ASC_REQ_ALLOCATE_MEMORY are the same bit. */
    if (side->options.flags & ISC_REQ_ALLOCATE_MEMORY) {
        set_buffer(&leg->out[0], SECBUFFER_TOKEN, NULL, 0);
    } else {
        leg->token = malloc(SIDE_OUTPUT_SIZE);
        set_buffer(&leg->out[0], SECBUFFER_TOKEN, leg->token, SIDE_OUTPUT_SIZE);
    }
    set_buffer(&leg->out[1], SECBUFFER_ALERT, leg->token ? leg->alert : NULL,
               leg->token ? sizeof(leg->alert) : 0);
    leg->output.cBuffers = side->options.alert ? 2 : 1;
    leg->output.pBuffers = leg->out;
}

SECURITY_STATUS leg_call(struct side *side, struct leg *leg)
{
    CtxtHandle *context = leg->first ? NULL : &side->context;
    CtxtHandle *new_context = leg->first ? &leg->new_context : NULL;
    const WCHAR *target = side->options.target ? side->options.target : L"localhost";

    if (side->role == SIDE_CLIENT)
        return InitializeSecurityContextW(
            &side->credentials, context, (SEC_WCHAR *)target, side->options.flags, 0, 0,
            leg->input_pointer, 0, new_context, &leg->output, &leg->attributes, &leg->expiry);
    return AcceptSecurityContext(&side->credentials, context, leg->input_pointer,
                                 side->options.flags, 0, new_context, &leg->output,
                                 &leg->attributes, &leg->expiry);
}

/* What the call left of the token: the size of the EXTRA buffer, or nothing. */
static DWORD unconsumed(const struct leg *leg, SECURITY_STATUS status)
{
    ULONG i;

    if (!leg->input_pointer)
        return leg->fed;
    if (status == SEC_E_INCOMPLETE_MESSAGE || status == SEC_E_BUFFER_TOO_SMALL ||
        status == SEC_I_INCOMPLETE_CREDENTIALS)
        return leg->fed;
    for (i = 0; i < leg->input.cBuffers; i++)
        if (leg->in[i].BufferType == SECBUFFER_EXTRA)
            return leg->in[i].cbBuffer < leg->fed ? leg->in[i].cbBuffer : leg->fed;
    return 0;
}

static void take_alert(struct side *side, const struct leg *leg)
{
    const SecBuffer *alert = &leg->out[1];

    side->alert = -1;
    if (leg->output.cBuffers < 2 || alert->BufferType != SECBUFFER_ALERT || !alert->pvBuffer)
        return;
    if (alert->cbBuffer == 2)
        side->alert = ((const BYTE *)alert->pvBuffer)[1];
    if (alert->pvBuffer != leg->alert)
        FreeContextBuffer(alert->pvBuffer);
}

void leg_end(struct side *side, struct leg *leg, SECURITY_STATUS status)
{
    side->status = status;
    side->attributes = leg->attributes;
    side->legs++;
    take_alert(side, leg);
    if (leg->first && (status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED ||
                       status == SEC_I_INCOMPLETE_CREDENTIALS)) {
        side->context = leg->new_context;
        side->have_context = TRUE;
    }
    side_consume(side, leg->fed - unconsumed(leg, status));
    if (leg->out[0].pvBuffer && leg->out[0].cbBuffer && status != SEC_E_BUFFER_TOO_SMALL &&
        status != SEC_E_INCOMPLETE_MESSAGE && side->peer)
        side_deliver(side->peer, leg->out[0].pvBuffer, leg->out[0].cbBuffer);
    if (leg->token) {
        free(leg->token);
    } else if (leg->out[0].pvBuffer) {
        SECURITY_STATUS freed = FreeContextBuffer(leg->out[0].pvBuffer);

        ok(freed == SEC_E_OK, "FreeContextBuffer returned %s\n", status_name(freed));
    }
    free(leg->copy);
}

SECURITY_STATUS side_leg(struct side *side)
{
    SECURITY_STATUS status;
    struct leg leg;

    leg_begin(side, &leg);
    status = leg_call(side, &leg);
    leg_end(side, &leg, status);
    return status;
}

static BOOL side_can_go_on(const struct side *side)
{
    return (side->status == SEC_I_CONTINUE_NEEDED || side->status == SEC_E_INCOMPLETE_MESSAGE) &&
           (side->inbox_size || (side->role == SIDE_CLIENT && !side->have_context));
}

BOOL pair_handshake(struct pair *pair)
{
    struct side *const sides[] = {&pair->client, &pair->server};
    unsigned int i, rounds = 0;
    BOOL moved = TRUE;

    /* A side that waits for more of the same bytes does not move. */
    while (moved && ++rounds < 50) {
        moved = FALSE;
        for (i = 0; i < ARRAY_SIZE(sides); i++)
            if (side_can_go_on(sides[i])) {
                const DWORD before = sides[i]->inbox_size;
                const SECURITY_STATUS status = side_leg(sides[i]);

                if (status != SEC_E_INCOMPLETE_MESSAGE || sides[i]->inbox_size != before)
                    moved = TRUE;
            }
    }
    if (pair->client.status != SEC_E_OK || pair->server.status != SEC_E_OK)
        return FALSE;
    for (i = 0; i < ARRAY_SIZE(sides); i++) {
        const SECURITY_STATUS status =
            QueryContextAttributesW(&sides[i]->context, SECPKG_ATTR_STREAM_SIZES, &sides[i]->sizes);

        ok(status == SEC_E_OK, "no stream sizes: %s\n", status_name(status));
        if (status)
            return FALSE;
    }
    return TRUE;
}

BOOL pair_connect(struct pair *pair, const struct side_options *client,
                  const struct side_options *server)
{
    BOOL result;

    if (!pair_create(pair, client, server))
        return FALSE;
    result = pair_handshake(pair);
    ok(result, "no connection: client %s, server %s\n", status_name(pair->client.status),
       status_name(pair->server.status));
    return result;
}

SECURITY_STATUS side_send(struct side *side, const void *bytes, DWORD size)
{
    const SecPkgContext_StreamSizes *sizes = &side->sizes;
    BYTE *record = malloc(sizes->cbHeader + size + sizes->cbTrailer);
    SecBuffer buffers[4] = {0};
    SecBufferDesc message = {SECBUFFER_VERSION, ARRAY_SIZE(buffers), buffers};
    SECURITY_STATUS status;

    set_buffer(&buffers[0], SECBUFFER_STREAM_HEADER, record, sizes->cbHeader);
    set_buffer(&buffers[1], SECBUFFER_DATA, record + sizes->cbHeader, size);
    set_buffer(&buffers[2], SECBUFFER_STREAM_TRAILER, record + sizes->cbHeader + size,
               sizes->cbTrailer);
    if (size)
        memcpy(buffers[1].pvBuffer, bytes, size);
    status = EncryptMessage(&side->context, 0, &message, 0);
    if (status == SEC_E_OK)
        side_deliver(side->peer, record,
                     buffers[0].cbBuffer + buffers[1].cbBuffer + buffers[2].cbBuffer);
    free(record);
    return status;
}

static SecBuffer *find_buffer(SecBuffer *buffers, unsigned int count, ULONG type)
{
    unsigned int i;

    for (i = 0; i < count; i++)
        if (buffers[i].BufferType == type)
            return &buffers[i];
    return NULL;
}

SECURITY_STATUS side_receive(struct side *side, void *bytes, DWORD capacity, DWORD *size)
{
    SECURITY_STATUS status;

    *size = 0;
    for (;;) {
        const DWORD available = side->inbox_size;
        BYTE *copy = malloc(available ? available : 1);
        SecBuffer buffers[4] = {{available, SECBUFFER_DATA, copy}};
        SecBufferDesc message = {SECBUFFER_VERSION, ARRAY_SIZE(buffers), buffers};
        const SecBuffer *data, *extra;

        memcpy(copy, side->inbox, available);
        status = DecryptMessage(&side->context, &message, 0, NULL);
        data = find_buffer(buffers, ARRAY_SIZE(buffers), SECBUFFER_DATA);
        extra = find_buffer(buffers, ARRAY_SIZE(buffers), SECBUFFER_EXTRA);
        if (status == SEC_E_OK || status == SEC_I_RENEGOTIATE || status == SEC_I_CONTEXT_EXPIRED)
            side_consume(side, available - (extra ? extra->cbBuffer : 0));
        if (status == SEC_E_OK && data) {
            *size = data->cbBuffer;
            if (data->cbBuffer <= capacity)
                memcpy(bytes, data->pvBuffer, data->cbBuffer);
            else
                ok(FALSE, "%lu bytes came, room for %lu\n", data->cbBuffer, capacity);
        }
        free(copy);
        if (status != SEC_I_RENEGOTIATE)
            return status;
        status = side_leg(side);
        if (status != SEC_E_OK)
            return status;
        if (!side->inbox_size)
            return SEC_E_INCOMPLETE_MESSAGE;
    }
}

SECURITY_STATUS side_shutdown(struct side *side)
{
    DWORD type = SCHANNEL_SHUTDOWN;
    SecBuffer buffer = {sizeof(type), SECBUFFER_TOKEN, &type};
    SecBufferDesc token = {SECBUFFER_VERSION, 1, &buffer};
    SECURITY_STATUS status;
    struct leg leg;

    status = ApplyControlToken(&side->context, &token);
    if (status != SEC_E_OK)
        return status;
    /* The inbox stays: this leg only makes output. */
    leg_begin(side, &leg);
    leg.fed = 0;
    leg.input_pointer = NULL;
    status = leg_call(side, &leg);
    leg_end(side, &leg, status);
    return status;
}

BOOL side_has_peer_certificate(struct side *side)
{
    const CERT_CONTEXT *certificate = NULL;
    SECURITY_STATUS status =
        QueryContextAttributesW(&side->context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &certificate);

    if (certificate)
        CertFreeCertificateContext(certificate);
    ok(status == SEC_E_OK || status == SEC_E_NO_CREDENTIALS, "REMOTE_CERT_CONTEXT: %s\n",
       status_name(status));
    return status == SEC_E_OK;
}

void pair_exchange(struct side *from, struct side *to, DWORD size)
{
    const DWORD record_size = from->sizes.cbMaximumMessage;
    DWORD sent = 0, got, i, length;
    BYTE *data, *back;
    SECURITY_STATUS status = SEC_E_OK;

    data = malloc(record_size);
    back = malloc(record_size);
    do {
        length = size - sent < record_size ? size - sent : record_size;
        for (i = 0; i < length; i++)
            data[i] = (BYTE)((sent + i) * 7 + (sent + i) / 251);
        status = side_send(from, data, length);
        ok(status == SEC_E_OK, "EncryptMessage of %lu bytes: %s\n", length, status_name(status));
        if (status)
            break;
        memset(back, 0xcc, record_size);
        status = side_receive(to, back, record_size, &got);
        ok(status == SEC_E_OK, "DecryptMessage of %lu bytes: %s\n", length, status_name(status));
        if (status)
            break;
        ok(got == length, "%lu bytes of %lu\n", got, length);
        ok(!memcmp(data, back, length), "the %lu bytes at %lu differ\n", length, sent);
        sent += length;
    } while (sent < size);
    free(data);
    free(back);
}

BOOL pair_resumes(struct pair *pair, DWORD wait)
{
    SecPkgContext_SessionInfo info = {0};
    int i;

    for (i = 0; i < 2; i++) {
        if (i) {
            side_disconnect(&pair->client);
            side_disconnect(&pair->server);
            Sleep(wait);
        }
        ok(pair_handshake(pair), "client %s, server %s\n", status_name(pair->client.status),
           status_name(pair->server.status));
        pair_exchange(&pair->server, &pair->client, 10); /* takes the ticket on its way */
    }
    QueryContextAttributesW(&pair->client.context, SECPKG_ATTR_SESSION_INFO, &info);
    return (info.dwFlags & SSL_SESSION_RECONNECT) != 0;
}

BOOL pair_supports(DWORD protocol)
{
    struct side_options options = {.protocols = protocol};
    struct side client;
    BOOL result = FALSE;

    if (side_acquire(&client, SIDE_CLIENT, &options) == SEC_E_OK)
        result = side_leg(&client) == SEC_I_CONTINUE_NEEDED;
    side_free(&client);
    return result;
}

const DWORD versions[2] = {SIDE_TLS1_2, SIDE_TLS1_3};

const char *version_name(DWORD version)
{
    return version == SIDE_TLS1_3 ? "TLS 1.3" : "TLS 1.2";
}

void for_each_version(void (*tests)(DWORD version))
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(versions); i++) {
        if (!pair_supports(versions[i])) {
            win_skip("no %s\n", version_name(versions[i]));
            continue;
        }
        winetest_push_context("%s", version_name(versions[i]));
        tests(versions[i]);
        winetest_pop_context();
    }
}

BOOL pair_create_quick(struct pair *pair, DWORD version)
{
    struct side_options client = {.protocols = version};
    struct side_options server = {.certificates = {test_cert_localhost(TEST_KEY_ECDSA)}};

    return pair_create(pair, &client, &server);
}
