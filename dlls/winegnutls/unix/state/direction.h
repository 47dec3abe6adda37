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
};

/*
 * TLS 1.3 replaces its sending key in the first leg behind so many records (posthandshake.c). Where
 * none comes by itself DecryptMessage asks for one, and at the limit of RFC 8446 5.5 for AES-GCM,
 * 2^24.5, nothing more is sealed. ChaCha20-Poly1305 has no such limit.
 */
#define KEY_UPDATE_AFTER (1ull << 23)
#define KEY_WORN_AFTER   (1ull << 24)
#define KEY_LIMIT        23726566ull

#endif
