/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Handshakes over datagrams: DTLS 1.0 and 1.2 (RFC 4347, RFC 6347).
 *
 * A leg gets one datagram, and GnuTLS gets its records one by one, each as a datagram of its own,
 * which it cannot tell from the other. What is no record, belongs to another epoch or cannot come
 * now is dropped without a word, as anybody can send it.
 *
 * A server keeps nothing of a client that has not proved that it gets what is sent to its address:
 * a ClientHello without our cookie is answered from the hello alone.
 *
 * Nothing waits here, and no clock is read. GnuTLS is told that its timer always has run out, and
 * transport/flight.c passes on what it repeats only when it was asked for: by a leg without input,
 * or by a peer that begins again with its hello or repeats its Finished.
 */
#include <string.h>

#include "unix/base/calls.h"
#include "unix/base/engine.h"
#include "unix/base/status.h"
#include "unix/handshake/datagram.h"
#include "unix/records/dtlsrecord.h"
#include "unix/records/keys.h"
#include "unix/session/lastflight.h"
#include "unix/session/session.h"
#include "unix/state/credentials.h"
#include "unix/state/session.h"
#include "unix/transport/flight.h"
#include "unix/transport/transport.h"
#include "unix/wire/wire.h"

#define CLIENT_HELLO          1
#define SERVER_HELLO          2
#define HANDSHAKE_HEADER_SIZE 12

/* The type of the handshake message that starts in this record; 0 for none. */
static uint8_t message_in(const uint8_t *record, const struct dtls_view *view)
{
    static const uint8_t start[3];

    if (view->type != RECORD_HANDSHAKE || view->epoch ||
        view->size < DTLS_HEADER_SIZE + HANDSHAKE_HEADER_SIZE ||
        memcmp(record + DTLS_HEADER_SIZE + 6, start, sizeof(start)))
        return 0;
    return record[DTLS_HEADER_SIZE];
}

struct verify_request {
    uint8_t bytes[128];
    size_t size;
};

static ssize_t keep_request(gnutls_transport_ptr_t pointer, const void *data, size_t size)
{
    struct verify_request *request = pointer;

    if (size > sizeof(request->bytes))
        return -1;
    memcpy(request->bytes, data, size);
    request->size = size;
    return (ssize_t)size;
}

static void ask_for_cookie(struct tls_handshake *params, gnutls_datum_t *key, void *address,
                           gnutls_dtls_prestate_st *prestate)
{
    struct verify_request request = {.size = 0};

    if (gnutls_dtls_cookie_send(key, address, params->client_address_size, prestate, &request,
                                keep_request) < 0 ||
        !request.size) {
        params->status = SEC_E_INTERNAL_ERROR;
        return;
    }
    params->pending = params->next_datagram = (uint32_t)request.size;
    params->status = SEC_E_BUFFER_TOO_SMALL;
    if (!params->output || params->output_size < request.size)
        return;
    memcpy(pointer(params->output), request.bytes, request.size);
    params->written = (uint32_t)request.size;
    params->pending = params->next_datagram = 0;
    params->consumed = params->input_size;
    params->status = SEC_I_CONTINUE_NEEDED;
}

bool datagram_hello(struct tls_handshake *params, gnutls_dtls_prestate_st *prestate)
{
    struct credentials *credentials = pointer(params->credentials);
    uint8_t *input = pointer(params->input), none = 0;
    void *address = params->client_address ? pointer(params->client_address) : &none;
    struct dtls_view view;
    int error;

    if (!params->client_address)
        params->client_address_size = 0;
    params->status = SEC_E_INCOMPLETE_MESSAGE;
    if (!credentials->cookie_key.data) {
        params->status = SEC_E_ALGORITHM_MISMATCH;
        return false;
    }
    if (!dtls_look(input, params->input_size, &view) || message_in(input, &view) != CLIENT_HELLO)
        return false;
    memset(prestate, 0, sizeof(*prestate));
    error = gnutls_dtls_cookie_verify(&credentials->cookie_key, address,
                                      params->client_address_size, input, view.size, prestate);
    if (error == GNUTLS_E_BAD_COOKIE) {
        /* RFC 6347 4.2.1: with the number of the record that is answered. */
        prestate->record_seq = input[10];
        ask_for_cookie(params, &credentials->cookie_key, address, prestate);
    }
    return error >= 0;
}

/* Whether the peer says its hello (again). */
static bool has_hello(const uint8_t *input, size_t size)
{
    struct dtls_view view;
    uint8_t message;

    for (; dtls_look(input, size, &view); input += view.size, size -= view.size) {
        message = message_in(input, &view);
        if (message == CLIENT_HELLO || message == SERVER_HELLO)
            return true;
    }
    return false;
}

void datagram_begin(struct session *session, const struct tls_handshake *params)
{
    flight_begin(&session->flight, !is_connected(session) && params->input_size &&
                                       !has_hello(pointer(params->input), params->input_size));
}

static int take_record(struct session *session, const uint8_t *record, const struct dtls_view *view,
                       struct tls_handshake *params)
{
    int error, turns = 0;

    if (view->type != RECORD_HANDSHAKE && view->type != RECORD_CHANGE_CIPHER_SPEC &&
        view->type != RECORD_ALERT)
        return GNUTLS_E_AGAIN;
    receiver_begin_one(&session->receiver, record, view->size);
    do
        error = session_step(session, gnutls_handshake);
    while (error == GNUTLS_E_AGAIN && !session->receiver.used && ++turns < DTLS_MAX_TURNS);
    receiver_end(&session->receiver);
    if (error != GNUTLS_E_WARNING_ALERT_RECEIVED)
        return error;
    params->alert_level = GNUTLS_AL_WARNING;
    params->alert = (uint32_t)gnutls_alert_get(session->tls);
    params->alert_received = 1;
    return GNUTLS_E_AGAIN;
}

int datagram_drive(struct session *session, struct tls_handshake *params)
{
    const uint8_t *input = pointer(params->input);
    struct dtls_view view;
    int error = GNUTLS_E_AGAIN;

    if (!params->input_size || params->action != TLS_ACTION_HANDSHAKE)
        error = session_step(session, gnutls_handshake);
    while (error == GNUTLS_E_AGAIN && params->consumed < params->input_size &&
           dtls_look(input + params->consumed, params->input_size - params->consumed, &view)) {
        if (!last_flight_hold(session, input + params->consumed, &view))
            error = take_record(session, input + params->consumed, &view, params);
        else if (last_flight_whole(session))
            error = last_flight_give(session, take_record, params);
        params->consumed += (uint32_t)view.size;
    }
    if (error == GNUTLS_E_AGAIN)
        params->consumed = params->input_size;
    return error;
}

void call_set_mtu(struct tls_set_mtu *params)
{
    struct session *session = pointer(params->session);

    params->max_data = 0;
    if (!session) {
        params->status = SEC_E_INVALID_HANDLE;
    } else if (!session->datagram) {
        params->status = SEC_E_UNSUPPORTED_FUNCTION;
    } else if (params->mtu < TLS_MINIMUM_MTU || params->mtu > TLS_MAXIMUM_MTU) {
        params->status = SEC_E_INVALID_PARAMETER;
    } else {
        session->flight.mtu = params->mtu;
        gnutls_dtls_set_mtu(session->tls, params->mtu);
        if (is_connected(session))
            session->max_data = session_max_data(session);
        params->max_data = session->max_data;
        params->status = SEC_E_OK;
    }
}
