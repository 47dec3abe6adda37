/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Opening one record of TLS 1.2 and TLS 1.3, and what the alerts and wishes in it mean. Used by the
 * record path and by those that look into a record before GnuTLS gets it.
 *
 * What does not authenticate is wiped: GnuTLS has decrypted it by the time it looks at the tag.
 */
#include "unix/base/reason.h"
#include "unix/base/status.h"
#include "unix/records/aead.h"
#include "unix/records/open.h"
#include "unix/state/credentials.h"
#include "unix/state/session.h"
#include "unix/wire/wire.h"

void decrypt_fail(struct session *session, struct tls_decrypt *params, int32_t status,
                  uint32_t alert)
{
    reason_say("a record of the peer's was refused: alert %u, %s", alert,
               gnutls_alert_get_name((gnutls_alert_description_t)alert));
    params->status = status;
    params->alert = session->alert_due = alert;
    atomic_store(&session->failure, status);
}

int32_t alert_received(struct session *session, uint32_t level, uint32_t alert)
{
    if (alert == ALERT_CLOSE_NOTIFY) {
        session->decrypt.closed = true;
        return SEC_I_CONTEXT_EXPIRED;
    }
    /* TLS 1.3 has no level (RFC 8446 6): all but these two alerts are fatal there. */
    if (session->format == FORMAT_TLS13 ? alert == ALERT_USER_CANCELED : level == GNUTLS_AL_WARNING)
        return SEC_E_OK;
    reason_alert(alert);
    atomic_store(&session->failure, status_from_alert(alert));
    return status_from_alert(alert);
}

int32_t tls12_open(struct direction *direction, uint32_t tag_size, enum record_format format,
                   uint8_t *record, size_t size, size_t *start, size_t *content)
{
    uint8_t nonce[NONCE_SIZE], aad[TLS12_AAD_SIZE], *data;

    *start = RECORD_HEADER_SIZE + (format == FORMAT_EXPLICIT ? EXPLICIT_NONCE_SIZE : 0);
    if (size < *start + tag_size)
        return SEC_E_MESSAGE_ALTERED;
    data = record + *start;
    *content = size - *start - tag_size;
    tls12_nonce(nonce, direction, format, direction->sequence, record + RECORD_HEADER_SIZE);
    tls12_aad(aad, direction->sequence, record, *content);
    size = *content + tag_size;
    if (gnutls_aead_cipher_decrypt(direction->aead, nonce, NONCE_SIZE, aad, sizeof(aad), tag_size,
                                   data, size, data, content) < 0) {
        gnutls_memset(data, 0, size);
        return SEC_E_MESSAGE_ALTERED;
    }
    return SEC_E_OK;
}

int32_t tls13_open(struct direction *direction, uint32_t tag_size, uint8_t *record, size_t size,
                   uint8_t *type, size_t *content, uint32_t *alert)
{
    uint8_t nonce[NONCE_SIZE], *data = record + RECORD_HEADER_SIZE;
    size_t inner;

    if (record[0] != RECORD_DATA) {
        *alert = ALERT_UNEXPECTED_MESSAGE;
        return SEC_E_ILLEGAL_MESSAGE;
    }
    if (size < RECORD_HEADER_SIZE + tag_size + 1) {
        *alert = ALERT_BAD_RECORD_MAC;
        return SEC_E_MESSAGE_ALTERED;
    }
    inner = size - RECORD_HEADER_SIZE - tag_size;
    if (inner > RECORD_MAX_DATA + 1) {
        *alert = ALERT_RECORD_OVERFLOW;
        return SEC_E_ILLEGAL_MESSAGE;
    }

    implicit_nonce(nonce, direction, direction->sequence);
    if (gnutls_aead_cipher_decrypt(direction->aead, nonce, NONCE_SIZE, record, RECORD_HEADER_SIZE,
                                   tag_size, data, inner + tag_size, data, &inner) < 0) {
        gnutls_memset(data, 0, size - RECORD_HEADER_SIZE);
        *alert = ALERT_BAD_RECORD_MAC;
        return SEC_E_MESSAGE_ALTERED;
    }
    while (inner && !data[inner - 1])
        inner--;
    if (!inner) {
        *alert = ALERT_UNEXPECTED_MESSAGE;
        return SEC_E_ILLEGAL_MESSAGE;
    }
    *type = data[inner - 1];
    *content = inner - 1;
    return SEC_E_OK;
}

bool renegotiation_may_be_asked(const struct session *session)
{
    return session->credentials->role == TLS_CLIENT && session->phase == PHASE_CONNECTED &&
           session->format != FORMAT_TLS13 && !session->datagram;
}

int32_t hello_requested(struct session *session)
{
    session->decrypt.hello_requested = true;
    return SEC_I_RENEGOTIATE;
}

bool hello_request_take(struct session *session)
{
    bool requested = session->decrypt.hello_requested;

    session->decrypt.hello_requested = false;
    return requested;
}
