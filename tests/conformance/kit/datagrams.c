/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A DTLS client and server, and a network in memory between them; see kit/datagrams.h.
 */
#include "kit/datagrams.h"
#include "kit/testcert.h"
#include "wine/test.h"

static WCHAR package_name[] = L"Microsoft Unified Security Protocol Provider";

void datagram_free(struct datagram *datagram)
{
    free(datagram->data);
    memset(datagram, 0, sizeof(*datagram));
}

void wire_send(struct wire *wire, const void *data, DWORD size)
{
    struct datagram *datagram = &wire->waiting[wire->count];

    if (wire->count == MAX_DATAGRAMS)
        return;
    /* An allocation of its own, so that reading beyond it can be noticed. */
    datagram->data = malloc(size ? size : 1);
    datagram->size = size;
    memcpy(datagram->data, data, size);
    wire->count++;
    wire->sent++;
    if (size > wire->largest)
        wire->largest = size;
}

struct datagram wire_take(struct wire *wire, unsigned int which)
{
    struct datagram datagram = wire->waiting[which];

    wire->count--;
    memmove(&wire->waiting[which], &wire->waiting[which + 1],
            (wire->count - which) * sizeof(datagram));
    return datagram;
}

static void wire_clear(struct wire *wire)
{
    while (wire->count)
        free(wire->waiting[--wire->count].data);
}

SECURITY_STATUS end_acquire(struct end *end, enum side_role role,
                            const struct datagram_options *options)
{
    const ULONG use = role == SIDE_CLIENT ? SECPKG_CRED_OUTBOUND : SECPKG_CRED_INBOUND;
    SCHANNEL_CRED old = {.dwVersion = SCHANNEL_CRED_VERSION};
    SCH_CREDENTIALS new = {.dwVersion = SCH_CREDENTIALS_VERSION};
    TLS_PARAMETERS parameters = {0};
    SECURITY_STATUS status;

    memset(end, 0, sizeof(*end));
    end->role = role;
    end->options = *options;
    end->status = SEC_I_CONTINUE_NEEDED;
    if (!end->options.protocols)
        end->options.protocols =
            role == SIDE_CLIENT ? SP_PROT_DTLS1_2_CLIENT : SP_PROT_DTLS1_2_SERVER;
    if (!end->options.flags)
        end->options.flags = role == SIDE_CLIENT ? DATAGRAM_CLIENT_FLAGS : DATAGRAM_SERVER_FLAGS;
    if (!(end->options.cred_flags & SCH_CRED_AUTO_CRED_VALIDATION))
        end->options.cred_flags |= SCH_CRED_MANUAL_CRED_VALIDATION;

    old.cCreds = new.cCreds = end->options.certificate ? 1 : 0;
    old.paCred = new.paCred = end->options.certificate ? &end->options.certificate : NULL;
    old.hRootStore = new.hRootStore = end->options.root_store;
    old.dwFlags = new.dwFlags = end->options.cred_flags;
    old.grbitEnabledProtocols = end->options.protocols;
    old.palgSupportedAlgs = (ALG_ID *)end->options.algorithms;
    old.cSupportedAlgs = end->options.algorithm_count;
    parameters.grbitDisabledProtocols = ~end->options.protocols;
    new.cTlsParameters = 1;
    new.pTlsParameters = &parameters;
    status = AcquireCredentialsHandleW(
        NULL, package_name, use, NULL,
        end->options.version == SCH_CREDENTIALS_VERSION ? (void *)&new : (void *)&old, NULL, NULL,
        &end->credentials, NULL);
    end->have_credentials = status == SEC_E_OK;
    return status;
}

BOOL connection_create(struct connection *connection, const struct datagram_options *client,
                       const struct datagram_options *server)
{
    static const struct datagram_options none;
    struct datagram_options options = server ? *server : none;
    SECURITY_STATUS status;

    memset(connection, 0, sizeof(*connection));
    if (!options.certificate)
        options.certificate = test_cert_localhost(TEST_KEY_RSA);
    status = end_acquire(&connection->client, SIDE_CLIENT, client ? client : &none);
    ok(status == SEC_E_OK, "client credentials: %s\n", status_name(status));
    if (status)
        return FALSE;
    status = end_acquire(&connection->server, SIDE_SERVER, &options);
    ok(status == SEC_E_OK, "server credentials: %s\n", status_name(status));
    connection->client.in = connection->server.out = &connection->to_client;
    connection->server.in = connection->client.out = &connection->to_server;
    connection->server.address = "192.0.2.1:4433";
    return status == SEC_E_OK;
}

static void end_close(struct end *end)
{
    SECURITY_STATUS status;

    if (end->have_context) {
        status = DeleteSecurityContext(&end->context);
        ok(status == SEC_E_OK, "DeleteSecurityContext returned %s\n", status_name(status));
    }
    end->have_context = FALSE;
    end->status = SEC_I_CONTINUE_NEEDED;
}

void connection_close(struct connection *connection)
{
    end_close(&connection->client);
    end_close(&connection->server);
    wire_clear(&connection->to_client);
    wire_clear(&connection->to_server);
}

void connection_destroy(struct connection *connection)
{
    connection_close(connection);
    if (connection->client.have_credentials)
        FreeCredentialsHandle(&connection->client.credentials);
    if (connection->server.have_credentials)
        FreeCredentialsHandle(&connection->server.credentials);
    memset(connection, 0, sizeof(*connection));
}

static void set_buffer(SecBuffer *buffer, ULONG type, const void *bytes, ULONG size)
{
    buffer->BufferType = type;
    buffer->pvBuffer = (void *)bytes;
    buffer->cbBuffer = size;
}

static SECURITY_STATUS make_call(struct end *end, SecBufferDesc *input, SecBufferDesc *output)
{
    const WCHAR *target = end->options.target ? end->options.target : L"localhost";
    CtxtHandle *context = end->have_context ? &end->context : NULL;
    CtxtHandle new_context = {~(ULONG_PTR)0, ~(ULONG_PTR)0};
    SECURITY_STATUS status;
    TimeStamp expiry;

    if (end->role == SIDE_CLIENT)
        status = InitializeSecurityContextW(
            &end->credentials, context, (WCHAR *)target, end->options.flags, 0, 0,
            input->cBuffers ? input : NULL, 0, &new_context, output, &end->attributes, &expiry);
    else
        status = AcceptSecurityContext(&end->credentials, context, input, end->options.flags, 0,
                                       &new_context, output, &end->attributes, &expiry);
    if (!context && new_context.dwLower != ~(ULONG_PTR)0) {
        end->context = new_context;
        end->have_context = TRUE;
    }
    return status;
}

SECURITY_STATUS end_call(struct end *end, const void *data, DWORD size)
{
    const DWORD capacity = end->options.output_size ? end->options.output_size : 70000;
    const BOOL allocate = end->options.flags & ISC_REQ_ALLOCATE_MEMORY;
    BYTE alpn[128], alert[2] = {0}, *token = allocate ? NULL : malloc(capacity);
    SEC_DTLS_MTU mtu = {end->options.mtu};
    unsigned int i;
    SecBuffer in[7], out[2];
    SecBufferDesc input = {SECBUFFER_VERSION, 0, in}, output = {SECBUFFER_VERSION, 2, out};
    SECURITY_STATUS status;

    if (data || end->role == SIDE_SERVER) {
        set_buffer(&in[input.cBuffers++], SECBUFFER_TOKEN, data, size);
        set_buffer(&in[input.cBuffers++], SECBUFFER_EMPTY, NULL, 0);
    }
    if (end->role == SIDE_SERVER)
        set_buffer(&in[input.cBuffers++], SECBUFFER_EXTRA, end->address,
                   (ULONG)strlen(end->address));
    if (end->options.alpn)
        set_buffer(&in[input.cBuffers++], SECBUFFER_APPLICATION_PROTOCOLS, alpn,
                   write_alpn(alpn, end->options.alpn));
    if (end->options.mtu)
        set_buffer(&in[input.cBuffers++], SECBUFFER_DTLS_MTU, &mtu, sizeof(mtu));
    for (i = 0; i < ARRAY_SIZE(end->options.srtp) && !end->have_context; i++)
        if (end->options.srtp[i].BufferType)
            in[input.cBuffers++] = end->options.srtp[i];
    set_buffer(&out[0], SECBUFFER_TOKEN, token, allocate ? 0 : capacity);
    set_buffer(&out[1], SECBUFFER_ALERT, allocate ? NULL : alert, allocate ? 0 : sizeof(alert));

    status = make_call(end, &input, &output);
    end->extra = data && in[1].BufferType == SECBUFFER_EXTRA ? in[1].cbBuffer : 0;
    memset(end->alert, 0, sizeof(end->alert));
    if (out[1].cbBuffer == sizeof(end->alert))
        memcpy(end->alert, out[1].pvBuffer, sizeof(end->alert));
    if (status != SEC_E_BUFFER_TOO_SMALL && out[0].cbBuffer && out[0].pvBuffer)
        wire_send(end->out, out[0].pvBuffer, out[0].cbBuffer);
    if (allocate && out[0].pvBuffer)
        FreeContextBuffer(out[0].pvBuffer);
    if (allocate && out[1].pvBuffer)
        FreeContextBuffer(out[1].pvBuffer);
    free(token);
    return status;
}

SECURITY_STATUS end_leg(struct end *end, const void *data, DWORD size)
{
    SECURITY_STATUS status = end_call(end, data, size);
    DWORD extra = end->extra;

    while (status == SEC_I_MESSAGE_FRAGMENT) {
        end->fragments++;
        status = end_call(end, NULL, 0);
    }
    end->extra = extra;
    end->status = status;
    if (status == SEC_E_OK)
        QueryContextAttributesW(&end->context, SECPKG_ATTR_STREAM_SIZES, &end->sizes);
    return status;
}

SECURITY_STATUS end_encrypt(struct end *end, const void *data, DWORD size, struct datagram *record)
{
    const DWORD header = end->sizes.cbHeader, trailer = end->sizes.cbTrailer;
    BYTE *bytes = malloc(header + size + trailer);
    SecBuffer buffers[4];
    SecBufferDesc message = {SECBUFFER_VERSION, 4, buffers};
    SECURITY_STATUS status;

    memcpy(bytes + header, data, size);
    set_buffer(&buffers[0], SECBUFFER_STREAM_HEADER, bytes, header);
    set_buffer(&buffers[1], SECBUFFER_DATA, bytes + header, size);
    set_buffer(&buffers[2], SECBUFFER_STREAM_TRAILER, bytes + header + size, trailer);
    set_buffer(&buffers[3], SECBUFFER_EMPTY, NULL, 0);
    status = EncryptMessage(&end->context, 0, &message, 0);
    record->data = bytes;
    record->size = buffers[0].cbBuffer + buffers[1].cbBuffer + buffers[2].cbBuffer;
    return status;
}

SECURITY_STATUS end_decrypt(struct end *end, struct datagram *record, SecBuffer buffers[4])
{
    SecBufferDesc message = {SECBUFFER_VERSION, 4, buffers};
    ULONG qop;

    set_buffer(&buffers[0], SECBUFFER_DATA, record->data, record->size);
    set_buffer(&buffers[1], SECBUFFER_EMPTY, NULL, 0);
    set_buffer(&buffers[2], SECBUFFER_EMPTY, NULL, 0);
    set_buffer(&buffers[3], SECBUFFER_EMPTY, NULL, 0);
    return DecryptMessage(&end->context, &message, 0, &qop);
}

BOOL end_transfer(struct end *from, struct end *to, DWORD size)
{
    BYTE *data = malloc(size + 1);
    struct datagram record = {0};
    SecBuffer buffers[4];
    SECURITY_STATUS status;
    BOOL good = FALSE;
    DWORD i;

    for (i = 0; i < size; i++)
        data[i] = (BYTE)(i * 5 + size);
    status = end_encrypt(from, data, size, &record);
    ok(status == SEC_E_OK, "EncryptMessage returned %s\n", status_name(status));
    if (status == SEC_E_OK) {
        status = end_decrypt(to, &record, buffers);
        good = status == SEC_E_OK && buffers[1].BufferType == SECBUFFER_DATA &&
               buffers[1].cbBuffer == size && !memcmp(buffers[1].pvBuffer, data, size);
    }
    datagram_free(&record);
    free(data);
    return good;
}

static unsigned int chance(struct connection *connection)
{
    connection->seed = connection->seed * 1103515245u + 12345u;
    return connection->seed >> 16 & 0x7fff;
}

/* A datagram for an end that is connected may be a flight that is repeated. */
static void deliver(struct end *end, struct datagram *datagram)
{
    SecBuffer buffers[4];
    SECURITY_STATUS status;

    if (end->status != SEC_E_OK) {
        end_leg(end, datagram->data, datagram->size);
        return;
    }
    status = end_decrypt(end, datagram, buffers);
    if (status == SEC_E_UNFINISHED_CONTEXT_DELETED)
        end_leg(end, datagram->data, datagram->size);
    else
        ok(status == SEC_E_OUT_OF_SEQUENCE || status == SEC_E_INVALID_TOKEN,
           "a datagram of the handshake is %s\n", status_name(status));
}

/* What happens to one datagram. */
static void carry(struct connection *connection, struct end *end)
{
    struct wire *wire = end->in;
    unsigned int which = connection->seed ? chance(connection) % wire->count : 0;
    struct datagram datagram = wire_take(wire, which);
    unsigned int fate = connection->seed ? chance(connection) % 100 : 100;

    if (fate >= 15) {
        if (fate < 25)
            wire_send(wire, datagram.data, datagram.size);
        else if (fate < 30)
            datagram.size = chance(connection) % datagram.size; /* cut off */
        deliver(end, &datagram);
    }
    datagram_free(&datagram);
}

static BOOL is_waiting(const struct end *end)
{
    return end->status == SEC_I_CONTINUE_NEEDED || end->status == SEC_E_INCOMPLETE_MESSAGE;
}

BOOL connection_run(struct connection *connection)
{
    struct end *client = &connection->client, *server = &connection->server;
    unsigned int steps;

    if (!client->have_context)
        end_leg(client, NULL, 0);
    for (steps = 0; steps < 5000; steps++) {
        if (connection->to_server.count)
            carry(connection, server);
        else if (connection->to_client.count)
            carry(connection, client);
        else if (!connection->seed || (!is_waiting(client) && !is_waiting(server)))
            break;
        else {
            connection->timeouts++;
            if (is_waiting(client))
                end_leg(client, NULL, 0);
            if (is_waiting(server) && server->have_context)
                end_leg(server, NULL, 0);
        }
    }
    return client->status == SEC_E_OK && server->status == SEC_E_OK;
}
