/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Private keys for the target that has the headers of Windows and cannot have GnuTLS's.
 */
#ifndef ASYNCSSPI_FUZZ_PKCS8_H
#define ASYNCSSPI_FUZZ_PKCS8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Numbers of a key, most significant byte first. */
struct key_number {
    uint8_t bytes[256];
    size_t size;
};

enum { KEY_N, KEY_E, KEY_D, KEY_P, KEY_Q, KEY_QI, KEY_DP, KEY_DQ, RSA_NUMBERS };
enum { KEY_X, KEY_Y, KEY_K, EC_NUMBERS };

/* Makes one RSA key of 1024 bits and one on P-256. */
void keys_make(struct key_number rsa[RSA_NUMBERS], struct key_number ec[EC_NUMBERS]);

/* Whether the bytes are PKCS#8 of the key that was made. */
bool key_is_genuine(const uint8_t *der, size_t size, bool rsa);

#endif
