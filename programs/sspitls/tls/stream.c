/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * TLS over a blocking socket.
 *
 * Handshake legs run asynchronously here too; this thread sleeps on a condition variable until the
 * completion callback wakes it. One thread may send while another receives: `send_lock` is held
 * whenever bytes go out, and also during legs after the handshake, because a key update changes the
 * key that later records are sealed with. While a renegotiation runs there is nothing to send with:
 * whoever wants to waits for his `turn`.
 */
#include "tls/stream.h"

#include <stdlib.h>
#include <string.h>
#include <ws2tcpip.h>

#include "base/clock.h"
#include "base/error.h"
#include "tls/cause.h"
#include "tls/record.h"

#define RECEIVE_CHUNK (64u * 1024)
#define LINGER_MS     2000

static int connect_to(struct stream *stream, const struct addrinfo *address, DWORD timeout_ms)
{
    int one = 1, error;

    stream->socket = socket(address->ai_family, address->ai_socktype, address->ai_protocol);
    if (stream->socket == INVALID_SOCKET)
        return WSAGetLastError();
    if (!connect(stream->socket, address->ai_addr, (int)address->ai_addrlen)) {
        setsockopt(stream->socket, IPPROTO_TCP, TCP_NODELAY, (char *)&one, sizeof(one));
        setsockopt(stream->socket, SOL_SOCKET, SO_RCVTIMEO, (char *)&timeout_ms,
                   sizeof(timeout_ms));
        setsockopt(stream->socket, SOL_SOCKET, SO_SNDTIMEO, (char *)&timeout_ms,
                   sizeof(timeout_ms));
        return 0;
    }
    error = WSAGetLastError();
    closesocket(stream->socket);
    stream->socket = INVALID_SOCKET;
    return error;
}

int stream_connect(struct stream *stream, const char *host, const char *port, DWORD timeout_ms)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *addresses = NULL;
    double start = clock_us(), resolved;
    int error;

    memset(stream, 0, sizeof(*stream));
    stream->socket = INVALID_SOCKET;
    InitializeSRWLock(&stream->send_lock);
    InitializeConditionVariable(&stream->turn);
    error = getaddrinfo(host, port, &hints, &addresses);
    resolved = clock_us();
    stream->name_us = resolved - start;
    if (error)
        return stream->network_error = error;
    error = WSAHOST_NOT_FOUND;
    for (const struct addrinfo *address = addresses; address; address = address->ai_next) {
        error = connect_to(stream, address, timeout_ms);
        if (!error)
            break;
    }
    freeaddrinfo(addresses);
    stream->connect_us = clock_us() - resolved;
    return stream->network_error = error;
}

static bool send_all(struct stream *stream, const unsigned char *data, size_t size)
{
    int sent;

    while (size) {
        sent = send(stream->socket, (const char *)data, (int)min(size, 1u << 20), 0);
        if (sent <= 0) {
            stream->network_error = WSAGetLastError();
            return false;
        }
        data += sent;
        size -= sent;
    }
    return true;
}

/*
 * The peer was told what is wrong: our half ends, and what it still sends is read away for a while.
 * A socket that is closed with bytes unread resets the connection, and the alert is lost.
 */
static void linger(struct stream *stream)
{
    const ULONGLONG end = GetTickCount64() + LINGER_MS;
    char unwanted[4096];
    ULONGLONG now;

    shutdown(stream->socket, SD_SEND);
    while ((now = GetTickCount64()) < end) {
        DWORD left = (DWORD)(end - now);

        setsockopt(stream->socket, SOL_SOCKET, SO_RCVTIMEO, (char *)&left, sizeof(left));
        if (recv(stream->socket, unwanted, sizeof(unwanted), 0) <= 0)
            break;
    }
}

static void leg_completed(struct tls *tls, void *data)
{
    (void)tls;
    completion_signal(data);
}

/* One leg, its output sent. */
static enum tls_event run_leg(struct stream *stream)
{
    struct tls *tls = &stream->tls;
    enum tls_event event;

    if (!tls_begin_leg(tls))
        completion_wait(&stream->leg);
    event = tls_end_leg(tls);
    stream->answer = tls->token.size;
    if (tls->token.size && !send_all(stream, tls->token.data, tls->token.size)) {
        /* An alert that nobody hears: the failure that it tells about stays the reason. */
        if (event == TLS_FAILED)
            stream->network_error = 0;
        event = TLS_FAILED;
    } else if (tls->token.size && event == TLS_FAILED) {
        linger(stream);
    }
    tls->token.size = 0;
    return event;
}

/* Reads what is there; false at the end or on an error. */
static bool receive_some(struct stream *stream)
{
    struct buffer *input = &stream->tls.input;
    int got;

    if (!buffer_reserve(input, RECEIVE_CHUNK)) {
        stream->tls.status = SEC_E_INSUFFICIENT_MEMORY;
        return false;
    }
    got = recv(stream->socket, (char *)input->data + input->size,
               (int)(input->capacity - input->size), 0);
    if (got > 0) {
        input->size += got;
        return true;
    }
    if (got < 0)
        stream->network_error = WSAGetLastError();
    else
        stream->truncated = true;
    return false;
}

enum tls_event stream_handshake(struct stream *stream, const struct tls_credentials *credentials,
                                const char *target)
{
    enum tls_event event;

    stream->tls.status = tls_init(&stream->tls, credentials, target);
    if (stream->tls.status != SEC_E_OK)
        return TLS_FAILED;
    stream->tls.completed = leg_completed;
    stream->tls.completed_data = &stream->leg;
    for (;;) {
        event = run_leg(stream);
        if (event == TLS_NEED_INPUT) {
            if (!receive_some(stream))
                return TLS_FAILED;
            /* Content types: 20 to 23. */
            if (stream->tls.legs == 1)
                stream->not_tls = stream->tls.input.data[0] < 20 || stream->tls.input.data[0] > 23;
        }
        if (event == TLS_CLOSED)
            event = TLS_FAILED;
        if (event == TLS_CONNECTED || event == TLS_FAILED)
            return event;
    }
}

/* A leg on a connection; what the peer makes of our wish to renegotiate may be its result. */
static enum tls_event run_later_leg(struct stream *stream)
{
    struct tls *tls = &stream->tls;
    enum tls_event event;
    bool renegotiating;

    AcquireSRWLockExclusive(&stream->send_lock);
    renegotiating = tls->renegotiating;
    event = run_leg(stream);
    if (event == TLS_CONNECTED && stream->later && (renegotiating || stream->answer))
        stream->later(stream, !renegotiating            ? LATER_ANSWERED
                              : tls->status == SEC_E_OK ? LATER_RENEGOTIATED
                                                        : LATER_DENIED);
    WakeAllConditionVariable(&stream->turn);
    ReleaseSRWLockExclusive(&stream->send_lock);
    return event;
}

/* Takes send_lock when something can be sent. */
static void take_turn(struct stream *stream)
{
    AcquireSRWLockExclusive(&stream->send_lock);
    while (stream->tls.renegotiating)
        SleepConditionVariableSRW(&stream->turn, &stream->send_lock, INFINITE, 0);
}

/* Tells the peer what tls_decrypt has found wrong. */
static void refuse(struct stream *stream)
{
    const ULONGLONG end = GetTickCount64() + LINGER_MS;
    struct tls *tls = &stream->tls;

    /* The other thread may be sending to a peer that does not read. */
    while (!TryAcquireSRWLockExclusive(&stream->send_lock)) {
        if (GetTickCount64() >= end)
            return;
        Sleep(10);
    }
    tls_alert(tls);
    if (tls->token.size && send_all(stream, tls->token.data, tls->token.size))
        linger(stream);
    stream->network_error = 0;
    tls->token.size = 0;
    ReleaseSRWLockExclusive(&stream->send_lock);
}

bool stream_send(struct stream *stream, const void *data, size_t size)
{
    const unsigned char *bytes = data;
    SECURITY_STATUS status;
    bool ok = true;
    size_t now;

    take_turn(stream);
    while (ok && size) {
        now = min(size, RECEIVE_CHUNK);
        status = tls_encrypt(&stream->tls, bytes, now, &stream->out);
        ok = status == SEC_E_OK;
        if (ok)
            ok = send_all(stream, stream->out.data, stream->out.size);
        else
            stream->tls.status = status;
        stream->out.size = 0;
        bytes += now;
        size -= now;
    }
    ReleaseSRWLockExclusive(&stream->send_lock);
    return ok;
}

enum tls_event stream_receive(struct stream *stream, unsigned char **data, size_t *size)
{
    struct tls *tls = &stream->tls;
    enum tls_event event;

    for (;;) {
        tls_consume(tls, stream->record);
        stream->record = 0;
        event = tls_decrypt(tls, data, size, &stream->record);
        if (event == TLS_DATA && *size)
            return event;
        if (event != TLS_DATA)
            stream->record = 0;
        if (event == TLS_FAILED)
            refuse(stream);
        if (event == TLS_CLOSED || event == TLS_FAILED)
            return event;
        if (event == TLS_NEED_LEG) {
            event = run_later_leg(stream);
            if (event == TLS_FAILED || event == TLS_CLOSED)
                return event;
            if (tls->status != SEC_E_INCOMPLETE_MESSAGE)
                continue;
        }
        if (event == TLS_NEED_INPUT && !receive_some(stream))
            return stream->truncated ? TLS_CLOSED : TLS_FAILED;
    }
}

SECURITY_STATUS stream_renegotiate(struct stream *stream)
{
    struct tls *tls = &stream->tls;
    SECURITY_STATUS status;

    take_turn(stream);
    status = tls_renegotiate(tls);
    send_all(stream, tls->token.data, tls->token.size);
    tls->token.size = 0;
    ReleaseSRWLockExclusive(&stream->send_lock);
    return status;
}

bool stream_shutdown(struct stream *stream)
{
    struct tls *tls = &stream->tls;
    bool ok;

    take_turn(stream);
    ok = tls_shutdown(tls) == SEC_E_OK;
    ok = ok && send_all(stream, tls->token.data, tls->token.size);
    tls->token.size = 0;
    shutdown(stream->socket, SD_SEND);
    ReleaseSRWLockExclusive(&stream->send_lock);
    return ok;
}

void stream_close(struct stream *stream)
{
    if (stream->socket != INVALID_SOCKET)
        closesocket(stream->socket);
    stream->socket = INVALID_SOCKET;
    if (stream->tls.credentials)
        tls_free(&stream->tls);
    buffer_free(&stream->out);
}

void stream_report(const struct stream *stream, const char *what)
{
    if (stream->network_error)
        report_system(what, stream->network_error);
    else if (stream->not_tls)
        report("%s: the peer does not speak TLS; is the port right?", what);
    else if (stream->truncated)
        report("%s: the peer closed the connection without a word%s", what,
               stream->tls.connected ? "" : " during the handshake");
    else
        cause_report(what, stream->tls.status, stream->tls.cause);
}
