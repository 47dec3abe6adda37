/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The record path: sealing and opening one record in the caller's buffers.
 *
 * AEAD records are made here, not by GnuTLS, which would copy every byte twice and allocate. What a
 * record is made of:
 *
 *   TLS 1.2 GCM, CCM   header = 5 bytes + explicit nonce (the sequence number), trailer = tag
 *   TLS 1.2 ChaCha20   header = 5 bytes, trailer = tag
 *   TLS 1.3            header = 5 bytes, trailer = encrypted content type + tag
 *
 * When the trailer follows the data directly, as callers usually have it, one contiguous AEAD call
 * does the record; it is the faster one, because ciphers interleave encryption with authentication
 * there. Otherwise the scatter call does.
 *
 * TLS 1.3 hides the content type, so a record that turns out to be a handshake message has been
 * opened already when it is recognised. It is sealed again with the same key and nonce, which gives
 * back the bytes it had, and left for GnuTLS (handshake/later.c).
 *
 * No function here writes anything of the session but its own direction, `failure` and, encrypting,
 * `key_worn`. Nothing here allocates.
 */
#include <string.h>

#include "unix/base/bytes.h"
#include "unix/base/calls.h"
#include "unix/base/engine.h"
#include "unix/base/status.h"
#include "unix/records/aead.h"
#include "unix/records/dtlsrecord.h"
#include "unix/records/keys.h"
#include "unix/records/legacy.h"
#include "unix/records/open.h"
#include "unix/state/session.h"
#include "unix/wire/wire.h"

static void encrypt_tls12(struct session *session, struct tls_encrypt *params)
{
    struct direction *direction = &session->encrypt;
    uint8_t *header = pointer(params->header), aad[TLS12_AAD_SIZE];
    struct seal record = seal_of(params, aad, sizeof(aad), session->tag_size);

    header[0] = RECORD_DATA;
    header[1] = header[2] = 3;
    store16(header + 3,
            session->header_size - RECORD_HEADER_SIZE + params->data_size + session->tag_size);
    tls12_aad(aad, direction->sequence, header, params->data_size);
    if (session->format == FORMAT_EXPLICIT)
        store64(header + RECORD_HEADER_SIZE, direction->sequence);
    tls12_nonce(record.nonce, direction, session->format, direction->sequence,
                header + RECORD_HEADER_SIZE);
    params->status = seal(direction, &record) < 0 ? SEC_E_ENCRYPT_FAILURE : SEC_E_OK;
}

static void encrypt_tls13(struct session *session, struct tls_encrypt *params)
{
    struct direction *direction = &session->encrypt;
    uint8_t *header = pointer(params->header);
    struct seal record = seal_of(params, header, RECORD_HEADER_SIZE, session->tag_size);

    header[0] = RECORD_DATA;
    header[1] = header[2] = 3;
    store16(header + 3, params->data_size + 1 + session->tag_size);
    record.inner = 1;
    record.trailer[0] = RECORD_DATA;
    implicit_nonce(record.nonce, direction, direction->sequence);
    params->status = seal(direction, &record) < 0 ? SEC_E_ENCRYPT_FAILURE : SEC_E_OK;
}

static bool has_key_limit(const struct session *session)
{
    return session->format == FORMAT_TLS13 && session->cipher != GNUTLS_CIPHER_CHACHA20_POLY1305;
}

/* Nothing but handshake messages may follow our hello. */
static bool renegotiating(const struct session *session)
{
    return session->phase == PHASE_RUNNING || session->phase == PHASE_HELLO_SENT;
}

void call_encrypt(struct tls_encrypt *params)
{
    struct session *session = pointer(params->session);

    if (!session || !is_connected(session)) {
        params->status = SEC_E_INVALID_HANDLE;
        return;
    }
    if (session->encrypt.closed || atomic_load_explicit(&session->failure, memory_order_relaxed)) {
        params->status = SEC_E_CONTEXT_EXPIRED;
        return;
    }
    if (renegotiating(session) ||
        (session->encrypt.sequence >= KEY_LIMIT && has_key_limit(session))) {
        params->status = SEC_E_OUT_OF_SEQUENCE;
        return;
    }
    if (params->data_size > session->max_data || (params->data_size && !params->data) ||
        !params->header || !params->trailer) {
        params->status = SEC_E_INVALID_PARAMETER;
        return;
    }
    if (params->header_size < session->header_size ||
        params->trailer_size < session->trailer_size) {
        params->header_size = session->header_size;
        params->trailer_size = session->trailer_size;
        params->status = SEC_E_BUFFER_TOO_SMALL;
        return;
    }

    if (session->format == FORMAT_GNUTLS) {
        legacy_encrypt(session, params);
        return;
    }
    if (direction_ready(session, &session->encrypt) < 0) {
        params->status = SEC_E_INSUFFICIENT_MEMORY;
        return;
    }
    if (session->datagram)
        dtls_encrypt(session, params);
    else if (session->format == FORMAT_TLS13)
        encrypt_tls13(session, params);
    else
        encrypt_tls12(session, params);
    if (params->status == SEC_E_OK) {
        if (++session->encrypt.sequence == KEY_WORN_AFTER && has_key_limit(session))
            atomic_store(&session->key_worn, true);
        params->header_size = session->header_size;
        params->trailer_size = session->trailer_size;
    }
}

/* `content` are the opened bytes of an alert record. */
static void take_alert(struct session *session, struct tls_decrypt *params, const uint8_t *content,
                       size_t size)
{
    if (size != 2) {
        /* RFC 8446 5.1: no empty ones. */
        decrypt_fail(session, params, SEC_E_ILLEGAL_MESSAGE,
                     size || session->format != FORMAT_TLS13 ? ALERT_DECODE_ERROR
                                                             : ALERT_UNEXPECTED_MESSAGE);
        return;
    }
    params->alert = content[1];
    params->status = alert_received(session, content[0], content[1]);
}

/*
 * A server's wish for a new handshake is taken like data, as Windows does it: programs do not give
 * it to the handshake functions. It is opened in a copy, because it may be anything else.
 */
static bool is_hello_request(struct session *session, const uint8_t *record, size_t size)
{
    static const uint8_t hello_request[4] = {0};
    uint8_t copy[RECORD_HEADER_SIZE + EXPLICIT_NONCE_SIZE + 4 + 16];
    size_t start, content;

    if (!renegotiation_may_be_asked(session) || size > sizeof(copy) ||
        size != session->header_size + sizeof(hello_request) + session->tag_size)
        return false;
    memcpy(copy, record, size);
    return tls12_open(&session->decrypt, session->tag_size, session->format, copy, size, &start,
                      &content) == SEC_E_OK &&
           content == sizeof(hello_request) &&
           !memcmp(copy + start, hello_request, sizeof(hello_request));
}

static void take_hello_request(struct session *session, struct tls_decrypt *params, size_t size)
{
    session->decrypt.sequence++;
    params->status = hello_requested(session);
    params->consumed = (uint32_t)size;
    params->header_size = session->header_size;
    params->trailer_size = params->consumed - params->header_size;
}

static void decrypt_tls12(struct session *session, struct tls_decrypt *params,
                          const struct record_view *view)
{
    struct direction *direction = &session->decrypt;
    uint8_t *record = pointer(params->buffer);
    size_t overhead = session->header_size + session->tag_size, start, size;

    if (view->type == RECORD_HANDSHAKE) {
        params->status = SEC_I_RENEGOTIATE;
        if (is_hello_request(session, record, view->size))
            take_hello_request(session, params, view->size);
        return;
    }
    if (view->type != RECORD_DATA && view->type != RECORD_ALERT) {
        decrypt_fail(session, params, SEC_E_ILLEGAL_MESSAGE, ALERT_UNEXPECTED_MESSAGE);
        return;
    }
    if (view->size < overhead) {
        decrypt_fail(session, params, SEC_E_MESSAGE_ALTERED, ALERT_BAD_RECORD_MAC);
        return;
    }
    size = view->size - overhead;
    if (size > RECORD_MAX_DATA) {
        decrypt_fail(session, params, SEC_E_ILLEGAL_MESSAGE, ALERT_RECORD_OVERFLOW);
        return;
    }

    if (tls12_open(direction, session->tag_size, session->format, record, view->size, &start,
                   &size) != SEC_E_OK) {
        decrypt_fail(session, params, SEC_E_MESSAGE_ALTERED, ALERT_BAD_RECORD_MAC);
        return;
    }
    direction->sequence++;

    params->consumed = (uint32_t)view->size;
    params->header_size = session->header_size;
    if (view->type == RECORD_ALERT)
        take_alert(session, params, record + start, size);
    else
        params->data_size = (uint32_t)size;
    params->trailer_size = params->consumed - params->header_size - params->data_size;
}

/* Undoes tls13_open. */
static bool tls13_reseal(struct direction *direction, uint32_t tag_size, uint8_t *record,
                         size_t size)
{
    uint8_t nonce[NONCE_SIZE], *data = record + RECORD_HEADER_SIZE;
    size_t sealed_size = size - RECORD_HEADER_SIZE;

    implicit_nonce(nonce, direction, direction->sequence);
    return gnutls_aead_cipher_encrypt(direction->aead, nonce, NONCE_SIZE, record,
                                      RECORD_HEADER_SIZE, tag_size, data, sealed_size - tag_size,
                                      data, &sealed_size) >= 0;
}

static void decrypt_tls13(struct session *session, struct tls_decrypt *params,
                          const struct record_view *view)
{
    struct direction *direction = &session->decrypt;
    uint8_t *record = pointer(params->buffer), type = 0;
    uint32_t alert = TLS_NO_ALERT;
    size_t content = 0;
    int32_t status;

    status = tls13_open(direction, session->tag_size, record, view->size, &type, &content, &alert);
    if (status != SEC_E_OK) {
        decrypt_fail(session, params, status, alert);
        return;
    }
    if (type == RECORD_HANDSHAKE && content) {
        if (!tls13_reseal(direction, session->tag_size, record, view->size))
            decrypt_fail(session, params, SEC_E_INTERNAL_ERROR, ALERT_INTERNAL_ERROR);
        else
            params->status = SEC_I_RENEGOTIATE;
        return;
    }
    /* Nothing may stand between the parts of a message (RFC 8446 5.1), but that it is all over. */
    if ((type != RECORD_DATA && type != RECORD_ALERT) ||
        (type == RECORD_DATA && session->later_messages.have)) {
        gnutls_memset(record + RECORD_HEADER_SIZE, 0, view->size - RECORD_HEADER_SIZE);
        decrypt_fail(session, params, SEC_E_ILLEGAL_MESSAGE, ALERT_UNEXPECTED_MESSAGE);
        return;
    }
    direction->sequence++;

    params->consumed = (uint32_t)view->size;
    params->header_size = RECORD_HEADER_SIZE;
    if (type == RECORD_ALERT)
        take_alert(session, params, record + RECORD_HEADER_SIZE, content);
    else
        params->data_size = (uint32_t)content;
    params->trailer_size = params->consumed - params->header_size - params->data_size;
}

/* An alert may be the peer's answer to our wish to renegotiate. */
static bool is_for_a_leg(const struct session *session, const struct record_view *view)
{
    return session->phase == PHASE_RUNNING ||
           ((session->phase == PHASE_REQUESTED || session->phase == PHASE_HELLO_SENT) &&
            view->type == RECORD_ALERT);
}

void call_decrypt(struct tls_decrypt *params)
{
    struct session *session = pointer(params->session);
    struct record_view view;
    size_t expansion;
    int32_t failure;

    params->header_size = params->data_size = params->trailer_size = 0;
    params->consumed = params->missing = 0;
    params->alert = TLS_NO_ALERT;
    params->status = SEC_E_OK;
    if (!session || !is_connected(session)) {
        params->status = SEC_E_INVALID_HANDLE;
        return;
    }
    failure = atomic_load_explicit(&session->failure, memory_order_relaxed);
    if (failure || session->decrypt.closed) {
        params->status = failure ? failure : SEC_I_CONTEXT_EXPIRED;
        return;
    }
    if (!params->buffer)
        params->buffer_size = 0;
    if (session->datagram) {
        dtls_decrypt(session, params);
        return;
    }

    expansion = session->format == FORMAT_TLS13 ? RECORD_TLS13_EXPANSION : RECORD_MAX_EXPANSION;
    switch (record_look(pointer(params->buffer), params->buffer_size, expansion, &view)) {
    case RECORD_PARTIAL:
        params->missing = (uint32_t)view.missing;
        params->status = SEC_E_INCOMPLETE_MESSAGE;
        return;
    case RECORD_BAD:
        decrypt_fail(session, params, SEC_E_ILLEGAL_MESSAGE, view.alert);
        return;
    case RECORD_WHOLE:
        break;
    }
    /* A leg can replace a worn key. */
    if ((atomic_load_explicit(&session->key_worn, memory_order_relaxed) &&
         !session->encrypt.closed) ||
        is_for_a_leg(session, &view))
        params->status = SEC_I_RENEGOTIATE;
    else if (session->format == FORMAT_GNUTLS)
        legacy_decrypt(session, params, &view);
    else if (direction_ready(session, &session->decrypt) < 0)
        params->status = SEC_E_INSUFFICIENT_MEMORY;
    else if (session->format == FORMAT_TLS13)
        decrypt_tls13(session, params, &view);
    else
        decrypt_tls12(session, params, &view);
}
