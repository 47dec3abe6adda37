/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The record path of suites that stay with GnuTLS: CBC in TLS 1.0 to 1.2.
 *
 * GnuTLS reads from and writes to the caller's buffers as in the handshake, only that the output
 * goes to header, data and trailer in turn. Sending and receiving have separate transports, so the
 * two may run at once here as well.
 */
#include "unix/base/engine.h"
#include "unix/base/status.h"
#include "unix/records/legacy.h"
#include "unix/records/open.h"
#include "unix/state/session.h"
#include "unix/transport/transport.h"
#include "unix/wire/wire.h"

/*
 * SCH_SEND_AUX_RECORD. In TLS 1.0 a record's IV is the last block of the one before, which an
 * attacker has seen; a record of the first byte in front makes it one he could not foresee. That
 * record is put aside until GnuTLS has read the rest of the data, whose place both go to.
 */
static bool send_first_byte(struct session *session, const uint8_t *data,
                            uint8_t aside[AUX_RECORD_SIZE])
{
    const struct span spans[3] = {{aside, AUX_RECORD_SIZE}, {NULL, 0}, {NULL, 0}};
    struct sender *sender = &session->sender;

    sender_begin_spans(sender, spans);
    if (gnutls_record_send(session->tls, data, 1) != 1 || sender->pending_size)
        return false;
    sender->before.data = aside;
    sender->before.size = sender->written;
    return true;
}

static bool send_records(struct session *session, const uint8_t *data, size_t size,
                         const struct span spans[3])
{
    struct sender *sender = &session->sender;
    uint8_t aside[AUX_RECORD_SIZE];

    if (session->aux_record && size > 1) {
        if (!send_first_byte(session, data, aside))
            return false;
        data++;
        size--;
    }
    sender_begin_spans(sender, spans);
    return gnutls_record_send(session->tls, data, size) == (ssize_t)size && !sender->pending_size &&
           !sender->out_of_memory;
}

void legacy_encrypt(struct session *session, struct tls_encrypt *params)
{
    const struct span spans[3] = {{pointer(params->header), session->header_size},
                                  {pointer(params->data), params->data_size},
                                  {pointer(params->trailer), params->trailer_size}};
    struct sender *sender = &session->sender;

    if (sender->pending_size) {
        params->status = SEC_E_OUT_OF_SEQUENCE;
        return;
    }
    /* GnuTLS makes no record of nothing; what is sent then is nothing as well. */
    if (!params->data_size) {
        params->header_size = params->trailer_size = 0;
        params->status = SEC_E_OK;
        return;
    }
    if (!send_records(session, pointer(params->data), params->data_size, spans) ||
        sender->written < (size_t)session->header_size + params->data_size) {
        params->status = SEC_E_ENCRYPT_FAILURE;
        atomic_store(&session->failure, params->status);
    } else {
        params->status = SEC_E_OK;
        params->header_size = session->header_size;
        params->trailer_size =
            (uint32_t)(sender->written - session->header_size - params->data_size);
    }
    sender->before.size = 0;
    sender_end(sender);
}

static void finish(struct session *session, struct tls_decrypt *params, ssize_t result)
{
    if (result >= 0) {
        params->data_size = (uint32_t)result;
        return;
    }
    switch (result) {
    case GNUTLS_E_AGAIN: /* an empty record */
        return;
    case GNUTLS_E_WARNING_ALERT_RECEIVED:
        params->alert = (uint32_t)gnutls_alert_get(session->tls);
        return;
    case GNUTLS_E_FATAL_ALERT_RECEIVED:
        params->alert = (uint32_t)gnutls_alert_get(session->tls);
        params->status = alert_received(session, GNUTLS_AL_FATAL, params->alert);
        return;
    default:
        decrypt_fail(session, params, status_from_error((int)result),
                     alert_from_error((int)result));
        return;
    }
}

void legacy_decrypt(struct session *session, struct tls_decrypt *params,
                    const struct record_view *view)
{
    uint8_t *record = pointer(params->buffer);
    size_t room;
    ssize_t result;

    const bool request = view->type == RECORD_HANDSHAKE && renegotiation_may_be_asked(session);

    if (view->type == RECORD_HANDSHAKE && !request) {
        params->status = SEC_I_RENEGOTIATE;
        return;
    }
    if (view->type != RECORD_DATA && view->type != RECORD_ALERT && !request) {
        decrypt_fail(session, params, SEC_E_ILLEGAL_MESSAGE, ALERT_UNEXPECTED_MESSAGE);
        return;
    }
    if (view->size <= session->header_size) {
        decrypt_fail(session, params, SEC_E_MESSAGE_ALTERED, ALERT_BAD_RECORD_MAC);
        return;
    }

    room = view->size - session->header_size;
    receiver_begin_one(&session->receiver, record, view->size);
    result = gnutls_record_recv(session->tls, record + session->header_size, room);
    receiver_end(&session->receiver);

    params->consumed = (uint32_t)view->size;
    params->header_size = session->header_size;
    if (result == 0 && view->type == RECORD_ALERT) {
        params->alert = ALERT_CLOSE_NOTIFY;
        params->status = alert_received(session, GNUTLS_AL_WARNING, ALERT_CLOSE_NOTIFY);
    } else if (result == GNUTLS_E_REHANDSHAKE) {
        params->status = hello_requested(session);
    } else {
        finish(session, params, result);
    }
    params->trailer_size = params->consumed - params->header_size - params->data_size;
}
