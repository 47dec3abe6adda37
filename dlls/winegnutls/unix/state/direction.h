/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One direction of a connection whose records are ours: its key and its numbers. */
#ifndef UNIX_STATE_DIRECTION_H
#define UNIX_STATE_DIRECTION_H

#include <stdbool.h>
#include <stdint.h>

#include <gnutls/crypto.h>

enum record_format {
    FORMAT_NONE,     /* no handshake yet */
    FORMAT_GNUTLS,   /* records go through GnuTLS: CBC suites */
    FORMAT_EXPLICIT, /* TLS 1.2 GCM and CCM: salt and an explicit nonce */
    FORMAT_IMPLICIT, /* TLS 1.2 ChaCha20-Poly1305: nonce from the sequence number */
    FORMAT_TLS13,
};

struct direction {
    gnutls_aead_cipher_hd_t aead; /* NULL until there is a record: direction_ready */
    uint64_t sequence;
    uint8_t iv[12];
    uint8_t key[32];
    uint32_t key_size;
    /* DTLS, receiving: the epoch, what was seen of the 64 numbers up to `newest` (RFC 6347 4.1.2.6)
     * with bit 0 for `newest` itself. Sending, `sequence` has the epoch in its upper 16 bits. */
    uint16_t epoch;
    uint64_t newest, seen;
    /* The half of the connection is over. Sending: our close_notify or fatal alert has left, by
     * handshake/leg.c; data does not follow, another alert may. Receiving: the peer's close_notify
     * has come, by records/open.c. Read by everybody who would go on. */
    bool closed;
    bool hello_requested; /* receiving: a HelloRequest awaits its answer; records/open.c's */
};

/*
 * TLS 1.3 replaces its sending key in the first leg behind so many records (handshake/later.c).
 * Where none comes by itself DecryptMessage asks for one, and at the limit of RFC 8446 5.5 for
 * AES-GCM, 2^24.5, nothing more is sealed. ChaCha20-Poly1305 has no such limit.
 */
#define KEY_UPDATE_AFTER (1ull << 23)
#define KEY_WORN_AFTER   (1ull << 24)
#define KEY_LIMIT        23726566ull

#endif
