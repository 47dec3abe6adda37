/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * TLS_ACTION_HANDSHAKE after the handshake: tickets, KeyUpdate, HelloRequest and alerts.
 *
 * GnuTLS takes such messages in gnutls_record_recv, which would swallow application data as well,
 * so records are given to it one by one and only when their type says that they are not data.
 * TLS 1.3 hides the type: a copy of the record is opened to see it. That costs a decryption and an
 * allocation for each such record, of which a connection has a handful.
 */
#include <stdlib.h>
#include <string.h>

#include "engine.h"

/* Records sealed with one key before it is replaced; below the 2^24.5 of RFC 8446 5.5 for AES-GCM.
 */
#define KEY_UPDATE_AFTER (1ull << 23)

/* The type of a TLS 1.3 record, and its content when that is an alert. */
static int32_t peek(struct session *session, const uint8_t *record, size_t size, uint8_t *type,
                    uint8_t alert_content[2], uint32_t *alert)
{
    uint8_t *copy = malloc(size);
    size_t content = 0;
    int32_t status;

    *alert = ALERT_INTERNAL_ERROR;
    if (!copy)
        return SEC_E_INSUFFICIENT_MEMORY;
    memcpy(copy, record, size);
    status = tls13_open(&session->decrypt, session->tag_size, copy, size, type, &content, alert);
    if (status == SEC_E_OK && *type != RECORD_DATA &&
        (*type == RECORD_ALERT ? content != 2 : content == 0)) {
        *alert = ALERT_UNEXPECTED_MESSAGE;
        status = SEC_E_ILLEGAL_MESSAGE;
    }
    if (status == SEC_E_OK && *type == RECORD_ALERT)
        memcpy(alert_content, copy + RECORD_HEADER_SIZE, 2);
    gnutls_memset(copy, 0, size);
    free(copy);
    return status;
}

/* Lets GnuTLS process one record. False when the leg ends here. */
static bool feed(struct session *session, const uint8_t *record, size_t size,
                 struct tls_handshake *params)
{
    uint8_t unused[16];
    ssize_t result;
    int error = 0;

    keys_give(session);
    receiver_begin_one(&session->receiver, record, size);
    result = gnutls_record_recv(session->tls, unused, sizeof(unused));
    receiver_end(&session->receiver);

    switch (result) {
    case GNUTLS_E_AGAIN:
        error = account_input(session, size);
        break;
    case GNUTLS_E_REHANDSHAKE:
        /* TLS 1.2 and older: either side may refuse to negotiate anew (RFC 5246 7.2.2). */
        error = gnutls_alert_send(session->tls, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
        break;
    case GNUTLS_E_WARNING_ALERT_RECEIVED:
        params->alert_level = GNUTLS_AL_WARNING;
        params->alert = (uint32_t)gnutls_alert_get(session->tls);
        params->alert_received = 1;
        break;
    case 0:
        error = GNUTLS_E_SESSION_EOF;
        break;
    default:
        error = result > 0 ? GNUTLS_E_UNEXPECTED_PACKET : (int)result;
        break;
    }
    if (error >= 0 && session->answer_key_update) {
        session->answer_key_update = false;
        /* Nothing follows our close_notify (RFC 8446 6.1). */
        error = session->shut_down ? 0 : gnutls_session_key_update(session->tls, 0);
    }
    if (error >= 0)
        error = keys_take(session);
    if (error >= 0)
        return true;
    session_fail(session, error, params);
    return false;
}

/*
 * Processes one whole record. False when the leg ends here, with the record consumed or not. An
 * alert behind other messages is left for TLS_CALL_DECRYPT: programs take anything but SEC_E_OK for
 * a ticket as a failure.
 */
static bool take_record(struct session *session, const uint8_t *record,
                        const struct record_view *view, struct tls_handshake *params)
{
    uint8_t type = view->type, content[2];
    uint32_t alert;
    int32_t status;

    if (session->format != FORMAT_TLS13) {
        if (type == RECORD_HANDSHAKE || (type == RECORD_ALERT && !params->consumed)) {
            params->consumed += (uint32_t)view->size;
            return feed(session, record, view->size, params);
        }
        return false;
    }

    status = peek(session, record, view->size, &type, content, &alert);
    if (status != SEC_E_OK) {
        session_refuse(session, status, alert, params);
        return false;
    }
    if (type == RECORD_DATA || (type == RECORD_ALERT && params->consumed))
        return false;
    params->consumed += (uint32_t)view->size;
    if (type != RECORD_ALERT)
        return feed(session, record, view->size, params);

    session->decrypt.sequence++;
    params->alert_level = content[0];
    params->alert = content[1];
    params->alert_received = 1;
    params->status = alert_received(session, content[0], content[1]);
    return params->status == SEC_E_OK;
}

static int refresh_key(struct session *session)
{
    int error;

    if (session->format != FORMAT_TLS13 || session->shut_down ||
        session->encrypt.sequence < KEY_UPDATE_AFTER)
        return 0;
    keys_give(session);
    error = gnutls_session_key_update(session->tls, 0);
    return error < 0 ? error : keys_take(session);
}

void posthandshake(struct session *session, struct tls_handshake *params)
{
    const uint8_t *input = pointer(params->input);
    enum record_state state = RECORD_PARTIAL;
    struct record_view view = {.missing = 0};
    uint32_t consumed = 0;
    bool more = true;
    int error;

    params->status = SEC_E_OK;
    if (session->peer_closed) {
        params->status = SEC_I_CONTEXT_EXPIRED;
        return;
    }
    while (more && consumed < params->input_size) {
        state = record_look(input + consumed, params->input_size - consumed, RECORD_MAX_EXPANSION,
                            &view);
        if (state != RECORD_WHOLE)
            break;
        more = take_record(session, input + consumed, &view, params);
        consumed = params->consumed;
    }
    if (session->sender.out_of_memory)
        session_refuse(session, SEC_E_INSUFFICIENT_MEMORY, ALERT_INTERNAL_ERROR, params);
    else if (more && state == RECORD_BAD && consumed == 0)
        session_refuse(session, SEC_E_ILLEGAL_MESSAGE, view.alert, params);
    else if (more && state == RECORD_PARTIAL && consumed == 0 && params->input_size) {
        params->missing = (uint32_t)view.missing;
        params->status = SEC_E_INCOMPLETE_MESSAGE;
    } else if (params->status == SEC_E_OK) {
        error = refresh_key(session);
        if (error < 0)
            session_fail(session, error, params);
    }
}
