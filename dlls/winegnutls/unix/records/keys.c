/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Handing the connection to and fro between GnuTLS and the record path.
 *
 * Both number records from the same counters, and only one may be ahead. Whoever makes GnuTLS send
 * or receive after the handshake (alerts, tickets, KeyUpdate) calls keys_give before and keys_take
 * after; keys_take also notices that a KeyUpdate has replaced a direction's key. Suites that the
 * record path does not do stay with GnuTLS (FORMAT_GNUTLS), and both calls are then no-ops. So they
 * are while a renegotiation runs: its keys change one direction at a time, and are taken at its
 * end.
 */
#include <string.h>

#include "unix/base/bytes.h"
#include "unix/records/keys.h"
#include "unix/records/legacy.h"
#include "unix/state/credentials.h"
#include "unix/state/session.h"
#include "unix/wire/wire.h"

struct suite_row {
    gnutls_cipher_algorithm_t cipher;
    enum record_format format; /* in TLS 1.2 */
    uint32_t tag_size;
};

static const struct suite_row suites[] = {
    {GNUTLS_CIPHER_AES_128_GCM, FORMAT_EXPLICIT, 16},
    {GNUTLS_CIPHER_AES_256_GCM, FORMAT_EXPLICIT, 16},
    {GNUTLS_CIPHER_CHACHA20_POLY1305, FORMAT_IMPLICIT, 16},
    {GNUTLS_CIPHER_AES_128_CCM, FORMAT_EXPLICIT, 16},
    {GNUTLS_CIPHER_AES_256_CCM, FORMAT_EXPLICIT, 16},
    {GNUTLS_CIPHER_AES_128_CCM_8, FORMAT_EXPLICIT, 8},
    {GNUTLS_CIPHER_AES_256_CCM_8, FORMAT_EXPLICIT, 8},
};

static const struct suite_row *find_suite(gnutls_cipher_algorithm_t cipher)
{
    size_t i;

    for (i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
        if (suites[i].cipher == cipher)
            return &suites[i];
    return NULL;
}

bool record_cipher_is_aead(gnutls_cipher_algorithm_t cipher)
{
    return find_suite(cipher) != NULL;
}

static void choose_legacy_format(struct session *session, gnutls_protocol_t version)
{
    size_t overhead = gnutls_record_overhead_size(session->tls);

    session->format = FORMAT_GNUTLS;
    /* TLS 1.0 chains the IV from record to record, later versions send it in front of the data. */
    if (version != GNUTLS_TLS1_0)
        session->header_size += (uint32_t)gnutls_cipher_get_iv_size(session->cipher);
    session->trailer_size =
        overhead > session->header_size ? (uint32_t)overhead - session->header_size : 0;
    session->aux_record = session->credentials->flags & TLS_CREDENTIALS_AUX_RECORD &&
                          version == GNUTLS_TLS1_0 && gnutls_cipher_get_iv_size(session->cipher) &&
                          overhead + 1 <= AUX_RECORD_SIZE;
    if (session->aux_record)
        session->trailer_size += (uint32_t)overhead;
}

uint32_t session_max_data(const struct session *session)
{
    uint32_t limit = session->record_limit;
    uint32_t most = session->datagram ? gnutls_dtls_get_data_mtu(session->tls) : RECORD_MAX_DATA;

    if (most > RECORD_MAX_DATA)
        most = RECORD_MAX_DATA;

    if (limit && gnutls_protocol_get_version(session->tls) == GNUTLS_TLS1_3)
        limit--; /* it counts the content type there */
    if (!limit)
        limit = session->fragment_limit;
    return limit && limit < most ? limit : most;
}

static void choose_format(struct session *session)
{
    gnutls_protocol_t version = gnutls_protocol_get_version(session->tls);
    const struct suite_row *row;

    session->cipher = gnutls_cipher_get(session->tls);
    session->max_data = session_max_data(session);
    session->header_size = session->datagram ? DTLS_HEADER_SIZE : RECORD_HEADER_SIZE;
    row = find_suite(session->cipher);
    if (!row ||
        (version != GNUTLS_TLS1_2 && version != GNUTLS_TLS1_3 && version != GNUTLS_DTLS1_2)) {
        choose_legacy_format(session, version);
        return;
    }

    session->tag_size = row->tag_size;
    session->trailer_size = row->tag_size;
    session->format = row->format;
    if (version == GNUTLS_TLS1_3) {
        session->format = FORMAT_TLS13;
        session->trailer_size++; /* the inner content type */
    } else if (row->format == FORMAT_EXPLICIT) {
        session->header_size += 8;
    }
}

static int take_direction(struct session *session, struct direction *direction, unsigned int read)
{
    gnutls_datum_t iv = {NULL, 0}, key = {NULL, 0};
    uint8_t sequence[8];
    int error;

    error = gnutls_record_get_state(session->tls, read, NULL, &iv, &key, sequence);
    if (error < 0)
        return error;
    if (key.size > sizeof(direction->key) || iv.size > sizeof(direction->iv) || !key.size)
        return GNUTLS_E_INTERNAL_ERROR;
    direction->sequence = load64(sequence);
    memcpy(direction->iv, iv.data, iv.size);
    if (direction->key_size == key.size && !memcmp(direction->key, key.data, key.size))
        return 0;

    if (direction->aead)
        gnutls_aead_cipher_deinit(direction->aead);
    direction->aead = NULL;
    memcpy(direction->key, key.data, key.size);
    direction->key_size = key.size;
    if (!read)
        atomic_store(&session->key_worn, false);
    return 0;
}

int direction_make_cipher(const struct session *session, struct direction *direction)
{
    const gnutls_datum_t key = {direction->key, direction->key_size};

    return gnutls_aead_cipher_init(&direction->aead, session->cipher, &key);
}

/* DTLS: which records are of the connection that the handshake has made. */
static int take_epoch(struct session *session)
{
    uint8_t sequence[8];
    int error = gnutls_record_get_state(session->tls, 1, NULL, NULL, NULL, sequence);

    session->decrypt.epoch = (uint16_t)(sequence[0] << 8 | sequence[1]);
    return error;
}

int keys_take(struct session *session)
{
    int error = 0;

    if (session->phase == PHASE_RUNNING)
        return 0;
    if (session->format == FORMAT_NONE) {
        choose_format(session);
        if (session->datagram)
            error = take_epoch(session);
    }
    if (error < 0)
        return error;
    if (session->format == FORMAT_GNUTLS)
        return 0;
    error = take_direction(session, &session->encrypt, 0);
    if (error >= 0)
        error = take_direction(session, &session->decrypt, 1);
    return error;
}

void keys_give(struct session *session)
{
    uint8_t sequence[8];

    if (session->phase == PHASE_RUNNING || session->format == FORMAT_NONE ||
        session->format == FORMAT_GNUTLS)
        return;
    store64(sequence, session->encrypt.sequence);
    gnutls_record_set_state(session->tls, 0, sequence);
    store64(sequence, session->decrypt.sequence);
    gnutls_record_set_state(session->tls, 1, sequence);
}

static void wipe_direction(struct direction *direction)
{
    if (direction->aead)
        gnutls_aead_cipher_deinit(direction->aead);
    gnutls_memset(direction, 0, sizeof(*direction));
}

void keys_wipe(struct session *session)
{
    wipe_direction(&session->encrypt);
    wipe_direction(&session->decrypt);
}
