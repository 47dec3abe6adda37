/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The two record paths against each other: what records/record.c does in the caller's buffers, and
 * what GnuTLS does with the same keys, sequence number and bytes. Sealing has to give the same
 * record, opening the same data or the same end, for genuine, padded, damaged, misplaced and
 * oversized records in random order. A seed in the environment variable SEED repeats a run.
 *
 * Where records/record.c is meant to differ: it ends the connection over records that RFC 5246 and
 * RFC 8446 forbid and GnuTLS passes over or takes for something else, with SEC_E_ILLEGAL_MESSAGE;
 * and a user_canceled alert, of which GnuTLS makes an end, only announces one in TLS 1.3.
 */
#include <stdlib.h>
#include <string.h>

#include "unix/state/session.h"
#include "unix/wire/wire.h"
#include "kit/check.h"
#include "kit/support.h"

#define CONNECTIONS 400 /* per suite */
#define RECORDS     12  /* per connection, unless one ends it */
#define CIPHERS     0x7full

static const struct {
    const char *name;
    uint32_t protocol;
    uint64_t cipher;
} suites[] = {
    {"TLS 1.3 AES-128-GCM", TLS_PROTOCOL_TLS1_3, TLS_DISABLE_AES_128_GCM},
    {"TLS 1.3 AES-256-GCM", TLS_PROTOCOL_TLS1_3, TLS_DISABLE_AES_256_GCM},
    {"TLS 1.3 ChaCha20-Poly1305", TLS_PROTOCOL_TLS1_3, TLS_DISABLE_CHACHA20_POLY1305},
    {"TLS 1.3 AES-CCM", TLS_PROTOCOL_TLS1_3, TLS_DISABLE_AES_CCM},
    {"TLS 1.2 AES-128-GCM", TLS_PROTOCOL_TLS1_2, TLS_DISABLE_AES_128_GCM},
    {"TLS 1.2 AES-256-GCM", TLS_PROTOCOL_TLS1_2, TLS_DISABLE_AES_256_GCM},
    {"TLS 1.2 ChaCha20-Poly1305", TLS_PROTOCOL_TLS1_2, TLS_DISABLE_CHACHA20_POLY1305},
    {"TLS 1.2 AES-CCM", TLS_PROTOCOL_TLS1_2, TLS_DISABLE_AES_CCM},
};

static unsigned int seed;
static uint64_t random_state;

static unsigned int random_below(unsigned int limit)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned int)(random_state >> 33) % limit;
}

static size_t random_size(void)
{
    static const size_t edges[] = {0, 1, 15, 16, 17, 16383, 16384};

    if (random_below(3))
        return random_below(300);
    return random_below(2) ? edges[random_below(sizeof(edges) / sizeof(edges[0]))]
                           : random_below(16385);
}

static uint8_t *random_bytes(size_t size)
{
    uint8_t *bytes = malloc(size + 1);
    size_t i;

    for (i = 0; i < size; i++)
        bytes[i] = (uint8_t)random_below(256);
    return bytes;
}

static void set_sequence(struct session *session, unsigned int read, uint64_t sequence)
{
    uint8_t bytes[8];
    int i;

    for (i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(sequence >> (56 - 8 * i));
    gnutls_record_set_state(session->tls, read, bytes);
}

static void seal_both(struct session *session, const char *suite)
{
    size_t size = random_size(), gap = random_below(2) * 3, room = 20000;
    uint8_t *data = random_bytes(size), *expected = malloc(room);
    struct queue own = {0};

    set_sequence(session, 0, session->encrypt.sequence);
    sender_begin(&session->sender, expected, room);
    /* GnuTLS makes no record of nothing. */
    if (size && gnutls_record_send(session->tls, data, size) == (ssize_t)size) {
        check_equal(seal_record((uintptr_t)session, data, size, &own, gap), SEC_E_OK);
        check(own.size == session->sender.written && !memcmp(own.data, expected, own.size),
              "%s: %zu bytes sealed differently (seed %u)", suite, size, seed);
    } else {
        check(!size, "%s: GnuTLS seals %zu bytes (seed %u)", suite, size, seed);
    }
    sender_end(&session->sender);
    queue_free(&own);
    free(expected);
    free(data);
}

/* Changes the record at the front of the queue, keeping its header true to its size. */
static void damage(struct queue *queue)
{
    switch (random_below(3)) {
    case 0:
        queue->data[5 + random_below((unsigned int)queue->size - 5)] ^= 1 << random_below(8);
        return;
    case 1:
        queue->size -= random_below((unsigned int)queue->size - 5);
        break;
    default:
        queue_add(queue, "more", 1 + random_below(4));
        break;
    }
    queue->data[3] = (uint8_t)((queue->size - 5) >> 8);
    queue->data[4] = (uint8_t)(queue->size - 5);
}

enum conformity { LEGAL, FORBIDDEN, USER_CANCELED };

static enum conformity make_record(const struct peer *from, struct queue *queue)
{
    enum conformity conformity = LEGAL;
    static const uint8_t types[] = {RECORD_CHANGE_CIPHER_SPEC, RECORD_HEARTBEAT, 99};
    size_t size = random_size(), pad;
    uint8_t *data = random_bytes(size + 8);

    switch (random_below(10)) {
    case 0:
        data[0] = (uint8_t)(1 + random_below(2));
        data[1] = (uint8_t)(random_below(2) ? 0 : random_below(121));
        size = random_below(8) ? 2 : random_below(4);
        seal_anything(from->session, RECORD_ALERT, data, size, random_below(2) * 5, queue);
        conformity = size != 2 ? FORBIDDEN : data[1] == ALERT_USER_CANCELED ? USER_CANCELED : LEGAL;
        break;
    case 1:
        seal_anything(from->session, types[random_below(sizeof(types))], data, size % 5, 0, queue);
        conformity = FORBIDDEN;
        break;
    case 2:
        pad = random_below(400);
        seal_anything(from->session, RECORD_DATA, data, size, pad, queue);
        conformity = size + pad > 16384 ? FORBIDDEN : LEGAL;
        break;
    case 3:
        free(data);
        size = 16384 + random_below(4);
        data = random_bytes(size);
        seal_anything(from->session, RECORD_DATA, data, size, 0, queue);
        conformity = size > 16384 ? FORBIDDEN : LEGAL;
        break;
    default:
        seal_record(from->session, data, size, queue, 0);
        if (!random_below(5)) {
            damage(queue);
            conformity = size > 16380 ? FORBIDDEN : LEGAL;
        }
        break;
    }
    free(data);
    return conformity;
}

/* What became of a record. */
struct outcome {
    int32_t status; /* SEC_E_OK also for a record that leaves the connection as it was */
    size_t size;
    uint8_t *data;
};

static struct outcome open_by_gnutls(struct session *session, const struct queue *record)
{
    struct outcome outcome = {.data = malloc(20000)};
    ssize_t result;

    receiver_begin_one(&session->receiver, record->data, record->size);
    result = gnutls_record_recv(session->tls, outcome.data, 20000);
    receiver_end(&session->receiver);
    if (result > 0)
        outcome.size = (size_t)result;
    else if (result == 0)
        outcome.status = SEC_I_CONTEXT_EXPIRED;
    else if (result == GNUTLS_E_FATAL_ALERT_RECEIVED)
        outcome.status = status_from_alert((uint32_t)gnutls_alert_get(session->tls));
    else if (result != GNUTLS_E_AGAIN && result != GNUTLS_E_WARNING_ALERT_RECEIVED)
        outcome.status = status_from_error((int)result);
    return outcome;
}

/* True while the connection goes on. */
static bool open_both(struct session *session, struct queue *record, enum conformity conformity,
                      const char *suite)
{
    uint64_t sequence = session->decrypt.sequence;
    struct outcome outcome;
    struct queue own = {0};
    struct tls_decrypt params = {.status = 0};
    uint8_t type = record->data[0];
    int32_t status;

    set_sequence(session, 1, sequence);
    outcome = open_by_gnutls(session, record);
    status = open_record((uintptr_t)session, record, &own, &params);
    check(status == outcome.status ||
              (conformity == FORBIDDEN && status == SEC_E_ILLEGAL_MESSAGE) ||
              (conformity == USER_CANCELED && status == SEC_E_OK),
          "%s: a record of %zu bytes, type %u: %08x, GnuTLS %08x (seed %u)", suite,
          record->size + params.consumed, type, (unsigned int)status, (unsigned int)outcome.status,
          seed);
    if (status == SEC_E_OK && outcome.status == SEC_E_OK)
        check(own.size == outcome.size && (!own.size || !memcmp(own.data, outcome.data, own.size)),
              "%s: %zu bytes opened, GnuTLS %zu (seed %u)", suite, own.size, outcome.size, seed);
    queue_free(&own);
    free(outcome.data);
    return status == SEC_E_OK && outcome.status == SEC_E_OK;
}

static void equal(void)
{
    enum identity_kind kind = IDENTITY_P256;
    struct pair pair;
    size_t i, j, k;

    for (i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
        tls_u64 client = credentials_new(TLS_CLIENT, NULL, 0, suites[i].protocol,
                                         CIPHERS & ~suites[i].cipher, 0, NULL);
        tls_u64 server = credentials_new(TLS_SERVER, &kind, 1, suites[i].protocol, 0,
                                         TLS_CREDENTIALS_NO_TICKETS, NULL);

        for (j = 0; j < CONNECTIONS; j++) {
            bool goes_on = true;

            memset(&pair, 0, sizeof(pair));
            pair.client.credentials = client;
            pair.server.credentials = server;
            if (!check(pair_run(&pair), "%s: handshake", suites[i].name))
                break;
            for (k = 0; goes_on && k < RECORDS; k++) {
                struct queue record = {0};
                enum conformity conformity;

                seal_both(pointer(pair.client.session), suites[i].name);
                conformity = make_record(&pair.server, &record);
                goes_on =
                    open_both(pointer(pair.client.session), &record, conformity, suites[i].name);
                queue_free(&record);
            }
            pair_free(&pair);
        }
        credentials_delete(client);
        credentials_delete(server);
    }
}

int main(void)
{
    const char *chosen = getenv("SEED");

    seed = chosen ? (unsigned int)strtoul(chosen, NULL, 0) : 1;
    random_state = seed;
    RUN(equal);
    identities_free();
    return check_summary();
}
