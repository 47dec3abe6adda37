/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Plays a program's calls of SSPI, see kit/player.h.
 */
#include <stdio.h>
#include "kit/player.h"
#include "kit/testcert.h"
#include "wine/test.h"

#define PLAY_MAX_BUFFERS 4
#define PLAY_MAX_CALLS   20000 /* of one handshake; byte by byte there are a few thousand */

/* A shape with its memory. */
struct shape {
    SecBuffer buffers[PLAY_MAX_BUFFERS];
    SecBufferDesc description;
    BYTE alpn[64];
};

static SecBufferDesc *shape_make(struct shape *shape, const char *letters, BYTE *token, DWORD size,
                                 const char *alpn)
{
    memset(shape, 0, sizeof(*shape));
    if (!letters)
        return NULL;
    shape->description.ulVersion = SECBUFFER_VERSION;
    shape->description.pBuffers = shape->buffers;
    for (; *letters; letters++) {
        SecBuffer *buffer = &shape->buffers[shape->description.cBuffers++];

        switch (*letters) {
        case 'T':
            buffer->BufferType = SECBUFFER_TOKEN;
            buffer->pvBuffer = token;
            buffer->cbBuffer = size;
            break;
        case 'A':
            buffer->BufferType = SECBUFFER_APPLICATION_PROTOCOLS;
            buffer->pvBuffer = shape->alpn;
            buffer->cbBuffer = write_alpn(shape->alpn, alpn);
            break;
        case 'L':
            buffer->BufferType = SECBUFFER_ALERT;
            break;
        default:
            buffer->BufferType = SECBUFFER_EMPTY;
        }
    }
    return &shape->description;
}

static const SecBuffer *shape_find(const struct shape *shape, ULONG type)
{
    ULONG i;

    for (i = 0; i < shape->description.cBuffers; i++)
        if (shape->buffers[i].BufferType == type)
            return &shape->buffers[i];
    return NULL;
}

static void shape_free_output(struct shape *shape)
{
    ULONG i;

    for (i = 0; i < shape->description.cBuffers; i++)
        if (shape->buffers[i].pvBuffer)
            FreeContextBuffer(shape->buffers[i].pvBuffer);
}

BOOL play_begin(struct play *play, const struct manner *manner, void *auth_data,
                const struct side_options *peer)
{
    const BOOL client = manner->role == SIDE_CLIENT;
    struct side_options options = {0};
    SECURITY_STATUS status;

    memset(play, 0, sizeof(*play));
    play->manner = manner;
    play->self = client ? &play->pair.client : &play->pair.server;
    play->peer = client ? &play->pair.server : &play->pair.client;
    if (peer)
        options = *peer;
    if (client && !options.certificates[0])
        options.certificates[0] = test_cert_localhost(TEST_KEY_RSA);
    status = side_acquire(play->peer, client ? SIDE_SERVER : SIDE_CLIENT, &options);
    ok(status == SEC_E_OK, "credentials of the peer: %s\n", status_name(status));
    play->self->role = manner->role;
    play->self->status = SEC_I_CONTINUE_NEEDED;
    play->self->peer = play->peer;
    play->peer->peer = play->self;
    play->self->inbox = malloc(SIDE_INBOX_SIZE);
    play->flags = manner->first_flags ? manner->first_flags : manner->flags;
    status = AcquireCredentialsHandleW(NULL, (SEC_WCHAR *)UNISP_NAME_W,
                                       client ? SECPKG_CRED_OUTBOUND : SECPKG_CRED_INBOUND, NULL,
                                       auth_data, NULL, NULL, &play->self->credentials, NULL);
    ok(status == SEC_E_OK, "credentials of the program: %s\n", status_name(status));
    play->self->have_credentials = status == SEC_E_OK;
    return play->self->have_credentials && play->peer->have_credentials;
}

void play_end(struct play *play)
{
    if (play->have_second)
        FreeCredentialsHandle(&play->second);
    pair_destroy(&play->pair);
}

BOOL play_second(struct play *play, void *auth_data)
{
    SECURITY_STATUS status =
        AcquireCredentialsHandleW(NULL, (SEC_WCHAR *)UNISP_NAME_W, SECPKG_CRED_OUTBOUND, NULL,
                                  auth_data, NULL, NULL, &play->second, NULL);

    ok(status == SEC_E_OK, "second credentials: %s\n", status_name(status));
    play->have_second = status == SEC_E_OK;
    return play->have_second;
}

void play_again(struct play *play)
{
    const struct manner *manner = play->manner;

    side_disconnect(play->self);
    side_disconnect(play->peer);
    play->flags = manner->first_flags ? manner->first_flags : manner->flags;
    play->available = play->wanted = play->asked = play->renegotiated = 0;
}

static void consume(struct play *play, DWORD size)
{
    side_consume(play->self, size);
    play->available -= size;
}

/* FALSE: nothing has come. */
static BOOL read_more(struct play *play)
{
    const DWORD there = play->self->inbox_size - play->available;
    DWORD size = there;

    if (play->manner->reading != READ_ALL)
        size = play->manner->reading == READ_MISSING && play->wanted ? play->wanted : 1;
    if (size > there)
        size = there;
    play->available += size;
    play->wanted = 0;
    return size > 0;
}

static void *target_name(const struct play *play, BOOL first)
{
    static char ansi[] = "localhost";
    static WCHAR wide[] = L"localhost";

    if (!first &&
        (play->closing ? play->manner->closing_without_target : play->manner->no_later_target))
        return NULL;
    return play->manner->ansi ? (void *)ansi : (void *)wide;
}

/* Which function it is, is the program's manner. */
static SECURITY_STATUS call(struct play *play, BOOL initialize, BOOL handle_again,
                            SecBufferDesc *input, SecBufferDesc *output, CtxtHandle *new_context)
{
    const struct manner *manner = play->manner;
    struct side *self = play->self;
    const BOOL first = !self->have_context;
    CredHandle *credentials = play->have_second && play->asked ? &play->second : &self->credentials;
    CtxtHandle *context = first ? NULL : &self->context;
    TimeStamp expiry;

    if (first || handle_again)
        *new_context = self->context;
    else
        new_context = NULL;
    if (!initialize)
        return AcceptSecurityContext(credentials, context, input, play->flags, 0, new_context,
                                     output, &self->attributes, &expiry);
    if (manner->ansi)
        return InitializeSecurityContextA(credentials, context, target_name(play, first),
                                          play->flags, 0, 0, input, 0, new_context, output,
                                          &self->attributes, &expiry);
    return InitializeSecurityContextW(credentials, context, target_name(play, first), play->flags,
                                      0, 0, input, 0, new_context, output, &self->attributes,
                                      &expiry);
}

static void send_token(struct play *play, const struct shape *output, SECURITY_STATUS status)
{
    const SecBuffer *token = shape_find(output, SECBUFFER_TOKEN);

    if (status == SEC_E_OK && play->manner->drops_last_token && !play->renegotiated)
        return;
    if (token && token->pvBuffer && token->cbBuffer)
        side_deliver(play->peer, token->pvBuffer, token->cbBuffer);
}

static void when_asked(struct play *play)
{
    const enum asked asked = play->manner->asked;

    play->asked++;
    ok(asked != ASKED_FAILS && play->asked == 1, "asked for a certificate %u times\n", play->asked);
    if (asked == ASKED_SUPPLIED)
        play->flags |= ISC_REQ_USE_SUPPLIED_CREDS;
    if (asked != ASKED_EMPTY && asked != ASKED_NEW)
        return;
    consume(play, play->available);
    play->empty = TRUE;
}

SECURITY_STATUS play_leg(struct play *play)
{
    const struct manner *manner = play->manner;
    struct side *self = play->self;
    const BOOL first = !self->have_context;
    BYTE *copy = malloc(play->available + 1);
    CtxtHandle new_context;
    struct shape input, output;
    SecBufferDesc *in, *out;
    SECURITY_STATUS status;

    memcpy(copy, self->inbox, play->available);
    in = shape_make(&input, first ? manner->first_input : manner->input, copy, play->available,
                    manner->alpn);
    out = shape_make(&output, first ? manner->first_output : manner->output, NULL, 0, NULL);
    status = call(play, manner->role == SIDE_CLIENT || (!first && manner->by_initialize),
                  manner->handle_again, in, out, &new_context);
    self->status = status;
    self->legs++;
    play->empty = FALSE;
    if (first && status >= 0) {
        self->context = new_context;
        self->have_context = TRUE;
    } else if (!first && manner->handle_again && status >= 0) {
        ok(!memcmp(&new_context, &self->context, sizeof(new_context)), "another handle\n");
    }
    if (status == SEC_E_INCOMPLETE_MESSAGE) {
        const SecBuffer *missing = shape_find(&input, SECBUFFER_MISSING);

        ok(missing && missing->cbBuffer, "nothing is said to be missing\n");
        play->wanted = missing ? missing->cbBuffer : 0;
    } else if (status == SEC_I_INCOMPLETE_CREDENTIALS) {
        when_asked(play);
    } else if (in && !(first && manner->role == SIDE_CLIENT)) {
        const SecBuffer *extra = shape_find(&input, SECBUFFER_EXTRA);

        consume(play, play->available - (extra ? extra->cbBuffer : 0));
    }
    if (status != SEC_E_INCOMPLETE_MESSAGE && status >= 0)
        send_token(play, &output, status);
    shape_free_output(&output);
    if (first && self->have_context && manner->first_flags)
        play->flags = manner->flags;
    free(copy);
    return status;
}

/* The program's calls until it waits for the peer or is done. */
static void play_on(struct play *play)
{
    unsigned int calls = 0;

    while (calls++ < PLAY_MAX_CALLS) {
        const SECURITY_STATUS status = play->self->status;
        const BOOL starts = play->manner->role == SIDE_CLIENT && !play->self->have_context;

        if (status != SEC_I_CONTINUE_NEEDED && status != SEC_E_INCOMPLETE_MESSAGE &&
            status != SEC_I_INCOMPLETE_CREDENTIALS)
            return;
        /* EXTRA is looked at before more is read; what was incomplete is not. */
        if (!starts && !play->empty && status != SEC_I_INCOMPLETE_CREDENTIALS &&
            (!play->available || status == SEC_E_INCOMPLETE_MESSAGE || !play->self->legs) &&
            !read_more(play))
            return;
        play_leg(play);
    }
    ok(FALSE, "the handshake does not end\n");
}

static void peer_on(struct play *play)
{
    struct side *peer = play->peer;

    for (;;) {
        const DWORD before = peer->inbox_size;
        const BOOL starts = peer->role == SIDE_CLIENT && !peer->have_context;

        if ((peer->status != SEC_I_CONTINUE_NEEDED && peer->status != SEC_E_INCOMPLETE_MESSAGE) ||
            (!starts && !before))
            return;
        if (side_leg(peer) == SEC_E_INCOMPLETE_MESSAGE && peer->inbox_size == before)
            return;
    }
}

SECURITY_STATUS play_query(struct play *play, ULONG attribute, void *buffer)
{
    if (play->manner->ansi)
        return QueryContextAttributesA(&play->self->context, attribute, buffer);
    return QueryContextAttributesW(&play->self->context, attribute, buffer);
}

void play_on_both(struct play *play)
{
    unsigned int rounds;

    for (rounds = 0; rounds < 10; rounds++) {
        play_on(play);
        peer_on(play);
    }
}

BOOL play_handshake(struct play *play)
{
    /* What a client gets unasked, and of its first call. */
    const DWORD unasked = play->self->role == SIDE_CLIENT
                              ? ISC_RET_REPLAY_DETECT | ISC_RET_SEQUENCE_DETECT |
                                    (play->manner->first_flags & ~ISC_REQ_ALLOCATE_MEMORY)
                              : 0;
    const DWORD expected =
        unasked | (play->manner->attributes ? play->manner->attributes : play->manner->flags);
    SECURITY_STATUS status;

    play_on_both(play);
    ok(play->self->status == SEC_E_OK && play->peer->status == SEC_E_OK,
       "no connection: program %s, peer %s\n", status_name(play->self->status),
       status_name(play->peer->status));
    if (play->self->status || play->peer->status)
        return FALSE;
    if (play->manner->asked == ASKED_SUPPLIED && play->asked)
        ok(play->self->attributes == (play->flags | unasked), "attributes %#lx\n",
           play->self->attributes);
    else
        ok(play->self->attributes == expected, "attributes %#lx, not %#lx\n",
           play->self->attributes, expected);
    status = play_query(play, SECPKG_ATTR_STREAM_SIZES, &play->self->sizes);
    ok(status == SEC_E_OK, "STREAM_SIZES of the program: %s\n", status_name(status));
    status =
        QueryContextAttributesW(&play->peer->context, SECPKG_ATTR_STREAM_SIZES, &play->peer->sizes);
    ok(status == SEC_E_OK, "STREAM_SIZES of the peer: %s\n", status_name(status));
    return TRUE;
}

/* One DecryptMessage with what was read. Puts data into bytes, and deals with what is no data. */
static SECURITY_STATUS decrypt(struct play *play, BYTE *bytes, DWORD *size)
{
    struct side *self = play->self;
    SecBuffer buffers[4] = {{play->available, SECBUFFER_DATA, self->inbox}};
    SecBufferDesc message = {SECBUFFER_VERSION, ARRAY_SIZE(buffers), buffers};
    const DWORD before = play->available;
    SECURITY_STATUS status;

    *size = 0;
    status = DecryptMessage(&self->context, &message, 0, NULL);
    if (status == SEC_E_INCOMPLETE_MESSAGE) {
        const SecBuffer *missing = &buffers[play->manner->missing_at];

        ok(missing->BufferType == SECBUFFER_MISSING && missing->cbBuffer,
           "buffer %u has type %lu, size %lu\n", play->manner->missing_at, missing->BufferType,
           missing->cbBuffer);
        ok(buffers[0].pvBuffer == self->inbox, "the input is somewhere else\n");
        play->wanted = missing->cbBuffer;
        return status;
    }
    if (status < 0)
        return status;
    ok(buffers[0].BufferType == SECBUFFER_STREAM_HEADER && buffers[0].pvBuffer == self->inbox,
       "buffer 0 has type %lu\n", buffers[0].BufferType);
    ok(buffers[1].BufferType == SECBUFFER_DATA, "buffer 1 has type %lu\n", buffers[1].BufferType);
    if (buffers[1].BufferType == SECBUFFER_DATA && buffers[1].cbBuffer) {
        *size = buffers[1].cbBuffer;
        memcpy(bytes, buffers[1].pvBuffer, *size);
    }
    consume(play, before - (buffers[3].BufferType == SECBUFFER_EXTRA ? buffers[3].cbBuffer : 0));
    if (status == SEC_I_RENEGOTIATE) {
        play->renegotiated++;
        return play_leg(play);
    }
    return status;
}

/* Until there is data, or anything but that. */
static SECURITY_STATUS receive(struct play *play, BYTE *bytes, DWORD *size)
{
    SECURITY_STATUS status = SEC_E_INCOMPLETE_MESSAGE;

    *size = 0;
    do {
        if ((!play->available || status == SEC_E_INCOMPLETE_MESSAGE) && !read_more(play) &&
            !play->available)
            return SEC_E_INCOMPLETE_MESSAGE;
        status = decrypt(play, bytes, size);
    } while ((status == SEC_E_OK && !*size) ||
             (status == SEC_E_INCOMPLETE_MESSAGE && play->available < play->self->inbox_size));
    return status;
}

void play_receive(struct play *play, DWORD size)
{
    BYTE *sent = calloc(size, 1), *got = malloc(SIDE_INBOX_SIZE);
    SECURITY_STATUS status;
    DWORD i, length, total = 0;

    for (i = 0; i < size; i++)
        sent[i] = (BYTE)(i * 13 + i / 251);
    status = side_send(play->peer, sent, size);
    ok(status == SEC_E_OK, "the peer sends %lu bytes: %s\n", size, status_name(status));
    while (total < size) {
        status = receive(play, got + total, &length);
        ok(status == SEC_E_OK, "receiving %lu bytes: %s\n", size, status_name(status));
        if (status)
            break;
        total += length;
    }
    ok(total == size && !memcmp(sent, got, size), "%lu bytes of %lu\n", total, size);
    free(sent);
    free(got);
}

void play_data(struct play *play)
{
    static const DWORD sizes[] = {1, 300, 5000};
    const BOOL bytes = play->manner->reading == READ_BYTES;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(sizes); i++) {
        play_receive(play, sizes[i]);
        pair_exchange(play->self, play->peer, sizes[i]);
    }
    if (!bytes)
        play_receive(play, play->peer->sizes.cbMaximumMessage);
    pair_exchange(play->self, play->peer, 3 * play->self->sizes.cbMaximumMessage + 1);
}

void play_renegotiate(struct play *play)
{
    SECURITY_STATUS status;
    unsigned int rounds;
    BYTE byte[1];
    DWORD size;

    read_more(play);
    status = decrypt(play, byte, &size);
    ok(status == SEC_I_CONTINUE_NEEDED && play->renegotiated, "the program finds %s\n",
       status_name(status));
    for (rounds = 0; rounds < 5; rounds++) {
        peer_on(play);
        play_on(play);
    }
    ok(play->self->status == SEC_E_OK && play->peer->status == SEC_E_OK,
       "no new handshake: program %s, peer %s\n", status_name(play->self->status),
       status_name(play->peer->status));
}

void play_shutdown(struct play *play)
{
    const struct manner *manner = play->manner;
    DWORD type = SCHANNEL_SHUTDOWN, size;
    SecBuffer buffer = {sizeof(type), SECBUFFER_TOKEN, &type};
    SecBufferDesc token = {SECBUFFER_VERSION, 1, &buffer};
    CtxtHandle new_context;
    struct shape input, output;
    SecBufferDesc *in, *out;
    SECURITY_STATUS status;
    BYTE none[1];

    status = ApplyControlToken(&play->self->context, &token);
    ok(status == SEC_E_OK, "ApplyControlToken: %s\n", status_name(status));
    in = shape_make(&input, manner->closing_input, none, 0, manner->alpn);
    out = shape_make(&output, manner->closing_output, NULL, 0, NULL);
    if (manner->closing_in_place)
        output.buffers[0] = buffer;
    play->closing = TRUE;
    status = call(play, manner->role == SIDE_CLIENT || manner->closing_by_initialize,
                  manner->closing_handle_again, in, out, &new_context);
    ok(status == SEC_E_OK, "the closing call: %s\n", status_name(status));
    ok(output.buffers[0].BufferType == SECBUFFER_TOKEN && output.buffers[0].cbBuffer,
       "output has type %lu, %lu bytes\n", output.buffers[0].BufferType,
       output.buffers[0].cbBuffer);
    if (status >= 0 && output.buffers[0].pvBuffer)
        side_deliver(play->peer, output.buffers[0].pvBuffer, output.buffers[0].cbBuffer);
    if (status >= 0)
        shape_free_output(&output);
    status = side_receive(play->peer, none, sizeof(none), &size);
    ok(status == SEC_I_CONTEXT_EXPIRED, "the peer finds %s\n", status_name(status));
}

void play_peer_shutdown(struct play *play)
{
    BYTE bytes[64];
    SECURITY_STATUS status;
    DWORD size;

    status = side_shutdown(play->peer);
    ok(status == SEC_E_OK, "the peer closes: %s\n", status_name(status));
    status = receive(play, bytes, &size);
    ok(status == SEC_I_CONTEXT_EXPIRED, "the program finds %s\n", status_name(status));
}

void play_whole(const struct manner *manner, void *auth_data, const struct side_options *peer)
{
    struct play play;

    if (play_begin(&play, manner, auth_data, peer) && play_handshake(&play)) {
        play_data(&play);
        if (manner->closing_output)
            play_shutdown(&play);
        play_peer_shutdown(&play);
    }
    play_end(&play);
}
