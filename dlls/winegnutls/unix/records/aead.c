/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sealing in the caller's memory: one call of GnuTLS's per record. */
#include "unix/records/aead.h"
#include "unix/state/direction.h"

/* One piece of memory when the trailer follows the data; else GnuTLS gathers. */
int seal(struct direction *direction, struct seal *record)
{
    const giovec_t aad = {(void *)record->aad, record->aad_size};
    const giovec_t text[2] = {{record->data, record->data_size}, {record->trailer, record->inner}};
    size_t size = record->data_size + record->inner, sealed_size = size + record->tag_size;

    if (!record->data_size || record->trailer == record->data + record->data_size) {
        uint8_t *start = record->data_size ? record->data : record->trailer;

        return gnutls_aead_cipher_encrypt(direction->aead, record->nonce, NONCE_SIZE, record->aad,
                                          record->aad_size, record->tag_size, start, size, start,
                                          &sealed_size);
    }
    return gnutls_aead_cipher_encryptv2(direction->aead, record->nonce, NONCE_SIZE, &aad, 1, text,
                                        record->inner ? 2 : 1, record->trailer + record->inner,
                                        &record->tag_size);
}
