/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The record path of DTLS. A record is
 *
 *   type, version, epoch (16 bits), number (48 bits), length | for AES: explicit nonce | data | tag
 *
 * with the epoch and the number together where TLS has its sequence number. They travel with the
 * record, so that records may be lost or come in another order; a window of 64 numbers tells those
 * that came before (RFC 6347 4.1.2.6).
 *
 * A datagram may hold several records, and anybody may have sent it. Records that are not to be
 * looked at are passed over, the first good one is opened. Nothing that was not sealed with our
 * keys ends the session.
 *
 * Of suites that are GnuTLS's (CBC), GnuTLS opens and seals; the window is kept here all the same,
 * because GnuTLS does not say why it drops a record.
 */
#include <stdlib.h>
#include <string.h>

#include "unix/base/bytes.h"
#include "unix/base/engine.h"
#include "unix/base/status.h"
#include "unix/records/aead.h"
#include "unix/records/dtlsrecord.h"
#include "unix/records/keys.h"
#include "unix/records/open.h"
#include "unix/state/credentials.h"
#include "unix/state/session.h"
#include "unix/transport/transport.h"
#include "unix/wire/wire.h"

#define NUMBER_OFFSET 3 /* of epoch and number in the header */
#define LENGTH_OFFSET 11
#define WINDOW_SIZE   64
#define LAST_NUMBER   ((1ull << 48) - 1)

#define HELLO_REQUEST 0
#define CLIENT_HELLO  1
#define FINISHED      20

void dtls_encrypt(struct session *session, struct tls_encrypt *params)
{
    struct direction *direction = &session->encrypt;
    uint8_t *header = pointer(params->header), aad[TLS12_AAD_SIZE];
    struct seal record = seal_of(params, aad, sizeof(aad), session->tag_size);
    size_t explicit_size = session->header_size - DTLS_HEADER_SIZE;

    if ((direction->sequence & LAST_NUMBER) == LAST_NUMBER) {
        params->status = SEC_E_ENCRYPT_FAILURE;
        return;
    }
    header[0] = RECORD_DATA;
    store16(header + 1, 0xfefd);
    store64(header + NUMBER_OFFSET, direction->sequence);
    store16(header + LENGTH_OFFSET, explicit_size + params->data_size + session->tag_size);
    if (explicit_size)
        store64(header + DTLS_HEADER_SIZE, direction->sequence);
    tls12_nonce(record.nonce, direction, session->format, direction->sequence,
                header + DTLS_HEADER_SIZE);
    tls12_aad(aad, direction->sequence, header, params->data_size);
    params->status = seal(direction, &record) < 0 ? SEC_E_ENCRYPT_FAILURE : SEC_E_OK;
}

static bool is_new(const struct direction *direction, uint64_t number)
{
    if (!direction->seen || number > direction->newest)
        return true;
    return direction->newest - number < WINDOW_SIZE &&
           !(direction->seen >> (direction->newest - number) & 1);
}

/* Only for records that turned out to be genuine. */
static void mark_seen(struct direction *direction, uint64_t number)
{
    uint64_t ahead;

    if (direction->seen && number <= direction->newest) {
        direction->seen |= 1ull << (direction->newest - number);
        return;
    }
    ahead = direction->seen ? number - direction->newest : WINDOW_SIZE;
    direction->seen = (ahead < WINDOW_SIZE ? direction->seen << ahead : 0) | 1;
    direction->newest = number;
}

/* Statuses that mean: pass over this record and look at the next one. */
static bool is_passed_over(int32_t status)
{
    return status == SEC_E_INVALID_TOKEN || status == SEC_E_OUT_OF_SEQUENCE;
}

static void describe(struct session *session, struct tls_decrypt *params,
                     const struct dtls_view *view, size_t data_size)
{
    params->header_size = session->header_size;
    params->data_size = (uint32_t)data_size;
    params->consumed = (uint32_t)view->size;
    params->trailer_size = params->consumed - params->header_size - params->data_size;
}

/* Opens in place: 0 with the size of the content, or a negative error. */
static int open_in_place(struct session *session, uint8_t *record, const struct dtls_view *view,
                         size_t *size)
{
    uint8_t nonce[NONCE_SIZE], aad[TLS12_AAD_SIZE], *data = record + session->header_size;
    size_t overhead = session->header_size + session->tag_size;
    uint64_t number;
    int error;

    if (view->size < overhead || view->size - overhead > RECORD_MAX_DATA)
        return GNUTLS_E_UNEXPECTED_PACKET_LENGTH;
    if (direction_ready(session, &session->decrypt) < 0)
        return GNUTLS_E_MEMORY_ERROR;
    *size = view->size - overhead;
    number = load64(record + NUMBER_OFFSET);
    tls12_nonce(nonce, &session->decrypt, session->format, number, record + DTLS_HEADER_SIZE);
    tls12_aad(aad, number, record, *size);
    error =
        gnutls_aead_cipher_decrypt(session->decrypt.aead, nonce, NONCE_SIZE, aad, sizeof(aad),
                                   session->tag_size, data, *size + session->tag_size, data, size);
    if (error < 0) /* GnuTLS has decrypted it by the time it looks at the tag */
        gnutls_memset(data, 0, view->size - session->header_size);
    return error;
}

int32_t dtls_judge(struct session *session, const uint8_t *record, const struct dtls_view *view)
{
    bool server = session->credentials->role == TLS_SERVER;
    int32_t status = SEC_E_INVALID_TOKEN;
    uint8_t *copy, message;
    size_t size;

    /* GnuTLS has the key and will see what it is. */
    if (session->format == FORMAT_GNUTLS)
        return sent_last_flight(session) ? SEC_E_UNFINISHED_CONTEXT_DELETED : SEC_E_INVALID_TOKEN;
    if (!(copy = malloc(view->size)))
        return SEC_E_INVALID_TOKEN;
    memcpy(copy, record, view->size);
    if (open_in_place(session, copy, view, &size) >= 0 && size) {
        message = copy[session->header_size];
        if (message == FINISHED && sent_last_flight(session))
            status = SEC_E_UNFINISHED_CONTEXT_DELETED;
        else if (message == (server ? CLIENT_HELLO : HELLO_REQUEST))
            status = SEC_I_RENEGOTIATE;
    }
    free(copy);
    return status;
}

static int32_t open_aead(struct session *session, struct tls_decrypt *params, uint8_t *record,
                         const struct dtls_view *view)
{
    struct direction *direction = &session->decrypt;
    uint8_t *data = record + session->header_size;
    size_t size;

    if (view->type == RECORD_HANDSHAKE)
        return dtls_judge(session, record, view);
    if (open_in_place(session, record, view, &size) < 0)
        return SEC_E_INVALID_TOKEN;

    switch (view->type) {
    case RECORD_DATA:
        mark_seen(direction, view->sequence);
        describe(session, params, view, size);
        return SEC_E_OK;
    case RECORD_ALERT:
        mark_seen(direction, view->sequence);
        if (size != 2)
            return SEC_E_INVALID_TOKEN;
        describe(session, params, view, 0);
        params->alert = data[1];
        return alert_received(session, data[0], data[1]);
    default:
        return SEC_E_INVALID_TOKEN;
    }
}

static int32_t open_gnutls(struct session *session, struct tls_decrypt *params, uint8_t *record,
                           const struct dtls_view *view)
{
    ssize_t result;

    if (view->type == RECORD_HANDSHAKE)
        return dtls_judge(session, record, view);
    if ((view->type != RECORD_DATA && view->type != RECORD_ALERT) ||
        view->size <= session->header_size)
        return SEC_E_INVALID_TOKEN;

    receiver_begin_one(&session->receiver, record, view->size);
    result =
        datagram_recv(session, record + session->header_size, view->size - session->header_size);
    receiver_end(&session->receiver);
    if (result < 0 && result != GNUTLS_E_WARNING_ALERT_RECEIVED &&
        result != GNUTLS_E_FATAL_ALERT_RECEIVED)
        return SEC_E_INVALID_TOKEN;

    mark_seen(&session->decrypt, view->sequence);
    describe(session, params, view, result < 0 ? 0 : (size_t)result);
    if (view->type == RECORD_DATA)
        return SEC_E_OK;
    params->alert = result ? (uint32_t)gnutls_alert_get(session->tls) : ALERT_CLOSE_NOTIFY;
    return alert_received(
        session, result == GNUTLS_E_FATAL_ALERT_RECEIVED ? GNUTLS_AL_FATAL : GNUTLS_AL_WARNING,
        params->alert);
}

static int32_t open_record(struct session *session, struct tls_decrypt *params, uint8_t *record,
                           const struct dtls_view *view)
{
    if (view->epoch != session->decrypt.epoch)
        return view->epoch < session->decrypt.epoch ? SEC_E_OUT_OF_SEQUENCE : SEC_E_INVALID_TOKEN;
    if (!is_new(&session->decrypt, view->sequence))
        return SEC_E_OUT_OF_SEQUENCE;
    if (session->format == FORMAT_GNUTLS)
        return open_gnutls(session, params, record, view);
    return open_aead(session, params, record, view);
}

void dtls_decrypt(struct session *session, struct tls_decrypt *params)
{
    uint8_t *datagram = pointer(params->buffer);
    struct dtls_view view;
    uint32_t offset = 0;

    params->status = SEC_E_INVALID_TOKEN;
    while (offset < params->buffer_size &&
           dtls_look(datagram + offset, params->buffer_size - offset, &view)) {
        params->status = open_record(session, params, datagram + offset, &view);
        if (!is_passed_over(params->status))
            break;
        offset += (uint32_t)view.size;
    }
    /* What was passed over counts to the header of what was opened. */
    if (params->consumed) {
        params->consumed += offset;
        params->header_size += offset;
    }
}

ssize_t datagram_recv(struct session *session, uint8_t *data, size_t size)
{
    ssize_t result;
    int turns = 0;

    do
        result = gnutls_record_recv(session->tls, data, size);
    while (result == GNUTLS_E_AGAIN && !session->receiver.used && ++turns < DTLS_MAX_TURNS);
    return result;
}

bool sent_last_flight(const struct session *session)
{
    bool resumed = gnutls_session_is_resumed(session->tls);

    return session->credentials->role == TLS_SERVER ? !resumed : resumed;
}
