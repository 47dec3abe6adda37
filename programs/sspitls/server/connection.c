/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One connection of the server as a state machine on its worker's loop.
 *
 * At any time at most one read, one write and one handshake leg are under way; everything else
 * happens on the loop's thread, so there are no locks. While a leg is under way its input belongs
 * to SSPI: nothing is read into it. The completion callback, on a pool thread, only posts the
 * connection to its loop.
 *
 * Memory is bounded. The application is not given more input while more than OUT_LIMIT bytes wait
 * to be sent, and nothing is read while it has not taken what was decrypted; so a slow reader stops
 * its own input. A ClientHello can be at most HANDSHAKE_LIMIT long, a record RECORD_LIMIT. A leg
 * begins when as much has come as the one before it said was missing: each looks at all of the
 * hello, which a client may send byte by byte.
 *
 * Time is bounded as well: a handshake, a send without progress, an idle connection and the wait
 * for the peer's close all have a deadline, which the worker's tick looks at.
 *
 * Ending: connection_kill() cancels what is under way; the last completion to come frees it.
 */
#include "server/connection.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/clock.h"
#include "tls/record.h"

#define OUT_LIMIT       (64u * 1024)
/* The longest ClientHello that the format allows, each byte in a record of its own. */
#define HANDSHAKE_LIMIT (6u * (4 + 131396))
#define RECORD_LIMIT    (5u + 16384 + 2048)
#define HANDSHAKE_READ  (4u * 1024)
#define READ_SIZE       (32u * 1024)
#define SEND_MS         30000
#define IDLE_MS         120000
#define LINGER_MS       2000

#define FROM_MEMBER(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

static void proceed(struct connection *connection);

static void set_deadline(struct connection *connection, DWORD ms)
{
    connection->deadline = GetTickCount64() + ms;
}

static void destroy(struct connection *connection)
{
    struct worker *worker = connection->worker;
    struct connection_report *report = &connection->report;

    if (connection->last_sent_us > connection->connected_us)
        report->seconds = (connection->last_sent_us - connection->connected_us) / 1e6;
    if (worker->settings->closed)
        worker->settings->closed(worker->settings->data, report);
    if (!connection->tls.connected)
        InterlockedIncrement(&worker->counters->failed);
    InterlockedDecrement(&worker->counters->active);
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        worker->connections = connection->next;
    if (connection->next)
        connection->next->previous = connection->previous;
    closesocket(connection->socket);
    tls_free(&connection->tls);
    buffer_free(&connection->out);
    if (connection->application_state)
        worker->application->free(connection->application_state);
    free(connection);
    if (worker->stopping && !worker->connections)
        loop_quit(worker->loop);
}

static void destroy_if_idle(struct connection *connection)
{
    if (!connection->reading && !connection->writing && !connection->leg_running)
        destroy(connection);
}

/* The connection may be gone when this returns. */
void connection_kill(struct connection *connection, const char *problem)
{
    if (connection->state == CONNECTION_DEAD)
        return;
    if (problem && !connection->report.problem)
        connection->report.problem = problem;
    connection->state = CONNECTION_DEAD;
    if (connection->reading || connection->writing)
        CancelIoEx((HANDLE)connection->socket, NULL);
    destroy_if_idle(connection);
}

void connection_check_deadline(struct connection *connection, ULONGLONG now)
{
    static const char *const problems[] = {
        [CONNECTION_HANDSHAKE] = "the handshake took too long",
        [CONNECTION_OPEN] = "idle for too long",
        [CONNECTION_CLOSING] = "the peer does not read",
    };

    if (connection->state == CONNECTION_DEAD || now < connection->deadline)
        return;
    if (connection->state == CONNECTION_LINGER)
        connection_kill(connection, NULL);
    else
        connection_kill(connection, connection->writing ? problems[CONNECTION_CLOSING]
                                                        : problems[connection->state]);
}

/* Sending -------------------------------------------------------------------------------------- */

/* Sends what goes at once and leaves the rest to an overlapped send; false: the peer is gone. */
static bool flush(struct connection *connection)
{
    struct buffer *out = &connection->out;
    WSABUF piece;
    int sent;

    if (connection->writing || !out->size)
        return true;
    sent = send(connection->socket, (char *)out->data, (int)out->size, 0);
    if (sent < 0 && WSAGetLastError() != WSAEWOULDBLOCK)
        return false;
    if (sent > 0)
        buffer_consume(out, sent);
    if (!out->size) {
        connection->last_sent_us = clock_us();
        return true;
    }
    piece.buf = (char *)out->data;
    piece.len = (ULONG)out->size;
    memset(&connection->write.overlapped, 0, sizeof(connection->write.overlapped));
    if (WSASend(connection->socket, &piece, 1, NULL, 0, &connection->write.overlapped, NULL) &&
        WSAGetLastError() != WSA_IO_PENDING)
        return false;
    connection->writing = true;
    set_deadline(connection, SEND_MS);
    return true;
}

bool connection_has_room(const struct connection *connection)
{
    /* During an overlapped send the buffer must not move. */
    return !connection->writing && connection->out.size < OUT_LIMIT;
}

bool connection_write(struct connection *connection, const void *data, size_t size)
{
    SECURITY_STATUS status = tls_encrypt(&connection->tls, data, size, &connection->out);

    connection->report.sent += size;
    if (status == SEC_E_OK)
        return true;
    connection->report.status = status;
    connection->report.problem = "encrypting";
    return false;
}

/* Adds the leg's or the shutdown's output. */
static bool take_token(struct connection *connection)
{
    struct buffer *token = &connection->tls.token;
    bool ok = buffer_append(&connection->out, token->data, token->size);

    token->size = 0;
    return ok;
}

void connection_finish(struct connection *connection)
{
    if (connection->state != CONNECTION_OPEN)
        return;
    connection->state = CONNECTION_CLOSING;
    set_deadline(connection, SEND_MS);
    if (tls_shutdown(&connection->tls) == SEC_E_OK)
        take_token(connection);
}

/* Everything is out: close our half, and wait for the peer's so that no reset destroys data. */
static void linger(struct connection *connection)
{
    shutdown(connection->socket, SD_SEND);
    connection->state = CONNECTION_LINGER;
    set_deadline(connection, LINGER_MS);
    connection->tls.input.size = 0;
}

static void write_done(struct io *io, DWORD bytes, DWORD error)
{
    struct connection *connection = FROM_MEMBER(io, struct connection, write);

    connection->writing = false;
    if (connection->state == CONNECTION_DEAD) {
        destroy_if_idle(connection);
        return;
    }
    if (error || !bytes) {
        connection_kill(connection, "the peer has gone");
        return;
    }
    buffer_consume(&connection->out, bytes);
    connection->last_sent_us = clock_us();
    proceed(connection);
}

/* Receiving ------------------------------------------------------------------------------------ */

static bool start_read(struct connection *connection)
{
    struct buffer *input = &connection->tls.input;
    size_t room = connection->tls.connected ? READ_SIZE : HANDSHAKE_READ;
    DWORD flags = 0;
    WSABUF piece;

    if (connection->reading || connection->leg_running)
        return true;
    if (connection->state == CONNECTION_LINGER)
        input->size = 0;
    if (!buffer_reserve(input, room))
        return false;
    piece.buf = (char *)input->data + input->size;
    piece.len = (ULONG)(input->capacity - input->size);
    memset(&connection->read.overlapped, 0, sizeof(connection->read.overlapped));
    if (WSARecv(connection->socket, &piece, 1, NULL, &flags, &connection->read.overlapped, NULL) &&
        WSAGetLastError() != WSA_IO_PENDING)
        return false;
    connection->reading = true;
    return true;
}

static void read_done(struct io *io, DWORD bytes, DWORD error)
{
    struct connection *connection = FROM_MEMBER(io, struct connection, read);

    connection->reading = false;
    if (connection->state == CONNECTION_DEAD) {
        destroy_if_idle(connection);
        return;
    }
    if (error || !bytes) {
        if (connection->state == CONNECTION_LINGER)
            connection_kill(connection, NULL);
        else if (connection->state == CONNECTION_HANDSHAKE)
            connection_kill(connection, "the peer went away during the handshake");
        else if (connection->state == CONNECTION_OPEN)
            connection_kill(connection, "the peer cut the connection");
        return;
    }
    connection->tls.input.size += bytes;
    connection->fresh_input = true;
    if (connection->state == CONNECTION_OPEN && !connection->writing)
        set_deadline(connection, IDLE_MS);
    proceed(connection);
}

/* Legs ----------------------------------------------------------------------------------------- */

static void leg_completed(struct tls *tls, void *data)
{
    struct connection *connection = data;

    (void)tls;
    loop_post(connection->worker->loop, &connection->leg);
}

static void opened(struct connection *connection)
{
    struct worker *worker = connection->worker;
    struct connection_report *report = &connection->report;

    connection->state = CONNECTION_OPEN;
    connection->connected_us = clock_us();
    set_deadline(connection, IDLE_MS);
    describe_connection(&connection->tls, &report->negotiated);
    report->connected = true;
    report->handshake_us = connection->tls.handshake_us;
    InterlockedIncrement(&worker->counters->handshakes);
    if (report->negotiated.resumed)
        InterlockedIncrement(&worker->counters->resumed);
    if (worker->settings->opened)
        worker->settings->opened(worker->settings->data, report);
}

static void leg_failed(struct connection *connection)
{
    connection->report.status = connection->tls.status;
    connection->report.cause = connection->tls.cause;
    connection->report.problem = connection->tls.connected ? "after the handshake" : "handshake";
    connection->state = CONNECTION_CLOSING;
    set_deadline(connection, LINGER_MS);
}

/* What came of our wish, or the client's, on a connection. */
static void renewed(struct connection *connection, SECURITY_STATUS status)
{
    struct worker *worker = connection->worker;

    connection->asked = false;
    describe_connection(&connection->tls, &connection->report.negotiated);
    if (worker->settings->renewed)
        worker->settings->renewed(worker->settings->data, &connection->report, status);
}

/* Runs legs until one is under way on the pool, or needs input, or the handshake is over. */
static bool run_legs(struct connection *connection)
{
    struct tls *tls = &connection->tls;
    enum tls_event event;
    bool renegotiating;

    do {
        if (!connection->leg_running) {
            if (tls->input.size > HANDSHAKE_LIMIT + READ_SIZE)
                return false;
            connection->leg_running = true;
            if (!tls_begin_leg(tls))
                return true;
        }
        connection->leg_running = false;
        renegotiating = tls->renegotiating;
        event = tls_end_leg(tls);
        if (!take_token(connection))
            return false;
    } while (event == TLS_LEG_AGAIN);
    if (event == TLS_CONNECTED && connection->state == CONNECTION_HANDSHAKE)
        opened(connection);
    else if (event == TLS_CONNECTED && (renegotiating || connection->asked))
        renewed(connection, tls->status);
    else if (event == TLS_CLOSED)
        connection_finish(connection);
    else if (event == TLS_FAILED)
        leg_failed(connection);
    return true;
}

/*
 * Before TLS 1.3 the only message for the handshake engine that a client has is a new ClientHello.
 * It costs the server far more than the client: unless it was asked for, this server does without.
 */
static bool may_renegotiate(const struct connection *connection)
{
    return !connection->tls.renegotiable || connection->tls.renegotiating || connection->asked ||
           connection->worker->settings->renegotiate;
}

/* Asks the client for what is wished; what it is told goes behind what is to be sent already. */
static bool ask(struct connection *connection)
{
    struct tls *tls = &connection->tls;
    SECURITY_STATUS status;

    tls->requirements = tls->credentials->requirements;
    if (connection->wishes & WISH_CERTIFICATE)
        tls->requirements |= ASC_REQ_MUTUAL_AUTH;
    connection->wishes = 0;
    status = tls_renegotiate(tls);
    if (status == SEC_E_OK)
        connection->asked = true;
    else
        renewed(connection, status);
    return take_token(connection);
}

void connection_ask(struct connection *connection, LONG wishes)
{
    if (connection->state != CONNECTION_OPEN)
        return;
    connection->wishes |= wishes;
    proceed(connection);
}

static void leg_done(struct loop_task *task)
{
    struct connection *connection = FROM_MEMBER(task, struct connection, leg);

    if (connection->state == CONNECTION_DEAD) {
        /* tls_free() must see what the call has made. */
        connection->leg_running = false;
        tls_end_leg(&connection->tls);
        destroy_if_idle(connection);
        return;
    }
    if (!run_legs(connection))
        connection_kill(connection, "out of bounds during the handshake");
    else
        proceed(connection);
}

/* Application data ----------------------------------------------------------------------------- */

/* Gives decrypted bytes to the application, which may take a part; false: it failed. */
static bool feed(struct connection *connection)
{
    size_t taken = connection->worker->application->receive(
        connection->application_state, connection, connection->plain, connection->plain_size);

    connection->plain += taken;
    connection->plain_size -= taken;
    connection->report.received += taken;
    if (!connection->plain_size)
        tls_consume(&connection->tls, connection->record);
    if (connection->report.status == SEC_E_OK)
        return true;
    connection->state = CONNECTION_CLOSING;
    return false;
}

/* Decrypts and serves until input, room or patience is used up; false: kill the connection. */
static bool serve(struct connection *connection)
{
    const struct application *application = connection->worker->application;
    enum tls_event event;

    while (connection->state == CONNECTION_OPEN) {
        if (connection->plain_size && connection_has_room(connection) && !feed(connection))
            return true;
        if (connection->wishes && !connection->tls.renegotiating &&
            connection_has_room(connection) && !ask(connection))
            return false;
        if (application->produce && !connection->tls.renegotiating &&
            connection_has_room(connection))
            application->produce(connection->application_state, connection);
        if (!connection_has_room(connection)) {
            if (!flush(connection))
                return false;
            if (!connection_has_room(connection))
                return true;
            continue;
        }
        if (connection->state != CONNECTION_OPEN || connection->plain_size)
            continue;
        /* A read under way may not find its buffer moved. */
        if (connection->reading)
            return true;
        event = tls_decrypt(&connection->tls, &connection->plain, &connection->plain_size,
                            &connection->record);
        if (event == TLS_DATA) {
            if (!connection->plain_size)
                tls_consume(&connection->tls, connection->record);
            continue;
        }
        connection->plain_size = 0;
        if (event == TLS_NEED_INPUT)
            return connection->tls.input.size <= RECORD_LIMIT;
        if (event == TLS_NEED_LEG && !may_renegotiate(connection)) {
            connection->report.problem = "the client asked to renegotiate";
            if (tls_refuse_renegotiation(&connection->tls) == SEC_E_OK)
                take_token(connection);
            connection_finish(connection);
        } else if (event == TLS_NEED_LEG) {
            if (!run_legs(connection))
                return false;
            if (connection->leg_running)
                return true;
        } else if (event == TLS_CLOSED) {
            connection_finish(connection);
        } else {
            connection->report.status = connection->tls.status;
            connection->report.cause = connection->tls.cause;
            connection->report.problem = "decrypting";
            connection->state = CONNECTION_CLOSING;
            set_deadline(connection, LINGER_MS);
            tls_alert(&connection->tls);
            return take_token(connection);
        }
    }
    return true;
}

/* Does whatever can be done now, then makes sure something will wake us again.
 */
static void proceed(struct connection *connection)
{
    if (connection->leg_running)
        return;
    if (connection->state == CONNECTION_HANDSHAKE && connection->fresh_input &&
        !connection->reading && !connection->writing &&
        connection->tls.input.size >= connection->tls.wanted) {
        connection->fresh_input = false;
        if (!run_legs(connection)) {
            connection_kill(connection, "out of bounds during the handshake");
            return;
        }
        if (connection->leg_running)
            return;
    }
    if (connection->state == CONNECTION_OPEN && !serve(connection)) {
        connection_kill(connection, "the peer has gone");
        return;
    }
    if (!flush(connection)) {
        connection_kill(connection, "the peer has gone");
        return;
    }
    if (connection->state == CONNECTION_CLOSING && !connection->writing && !connection->leg_running)
        linger(connection);
    if (connection->state != CONNECTION_CLOSING && !connection->plain_size &&
        !start_read(connection))
        connection_kill(connection, "the peer has gone");
}

/* Beginning ------------------------------------------------------------------------------------ */

static void start(struct loop_task *task)
{
    struct connection *connection = FROM_MEMBER(task, struct connection, start);
    struct worker *worker = connection->worker;
    const struct tls_credentials *credentials = worker->settings->credentials;

    connection->next = worker->connections;
    if (connection->next)
        connection->next->previous = connection;
    worker->connections = connection;
    set_deadline(connection, worker->settings->handshake_ms);
    connection->report.status = tls_init(&connection->tls, credentials, NULL);
    if (worker->stopping || connection->report.status != SEC_E_OK ||
        !loop_add(worker->loop, connection->socket)) {
        connection_kill(connection, "no resources");
        return;
    }
    connection->tls.completed = leg_completed;
    connection->tls.completed_data = connection;
    proceed(connection);
}

bool connection_open(struct worker *worker, SOCKET socket, unsigned id,
                     const struct sockaddr *address, int address_size)
{
    const struct application *application = worker->application;
    struct connection *connection = calloc(1, sizeof(*connection));

    if (!connection)
        return false;
    format_address(address, address_size, connection->peer, sizeof(connection->peer));
    if (application->create &&
        !(connection->application_state = application->create(worker->settings))) {
        free(connection);
        return false;
    }
    connection->worker = worker;
    connection->socket = socket;
    connection->read.done = read_done;
    connection->write.done = write_done;
    connection->start.run = start;
    connection->leg.run = leg_done;
    connection->report.id = id;
    connection->report.peer = connection->peer;
    InterlockedIncrement(&worker->counters->active);
    loop_post(worker->loop, &connection->start);
    return true;
}
