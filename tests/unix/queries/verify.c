/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Signatures between certificates: TLS_CALL_VERIFY_SIGNATURE.
 */
#include <stdlib.h>
#include <string.h>

#include "kit/check.h"
#include "kit/support.h"

static int32_t verify(const void *certificate, size_t size, const void *issuer, size_t issuer_size)
{
    struct tls_verify_signature params = {.certificate = (tls_u64)(uintptr_t)certificate,
                                          .certificate_size = (uint32_t)size,
                                          .issuer = (tls_u64)(uintptr_t)issuer,
                                          .issuer_size = (uint32_t)issuer_size};

    engine_call(TLS_CALL_VERIFY_SIGNATURE, &params);
    return params.status;
}

static void genuine(void)
{
    enum identity_kind kind;

    for (kind = 0; kind < IDENTITY_COUNT; kind++) {
        const gnutls_datum_t *chain = identity_get(kind)->chain;

        check(verify(chain[0].data, chain[0].size, chain[1].data, chain[1].size) == SEC_E_OK,
              "leaf of key %d", kind);
        check(verify(chain[1].data, chain[1].size, chain[1].data, chain[1].size) == SEC_E_OK,
              "root of key %d", kind);
    }
}

/* Another root of the same name, a root of another name, a leaf. */
static void wrong_issuer(void)
{
    static const enum identity_kind others[] = {IDENTITY_P256, IDENTITY_OTHER_RSA};
    const gnutls_datum_t *chain = identity_get(IDENTITY_RSA)->chain;
    size_t i;

    for (i = 0; i < 2; i++) {
        const gnutls_datum_t *other = identity_get(others[i])->chain;

        check_equal(verify(chain[0].data, chain[0].size, other[1].data, other[1].size),
                    SEC_E_CERT_UNKNOWN);
        check_equal(verify(chain[1].data, chain[1].size, other[1].data, other[1].size),
                    SEC_E_CERT_UNKNOWN);
    }
    check_equal(verify(chain[0].data, chain[0].size, chain[0].data, chain[0].size),
                SEC_E_CERT_UNKNOWN);
    check_equal(verify(chain[1].data, chain[1].size, chain[0].data, chain[0].size),
                SEC_E_CERT_UNKNOWN);
}

/* A bit flipped anywhere in what is signed or in the signature. */
static void altered(void)
{
    static const enum identity_kind kinds[] = {IDENTITY_RSA, IDENTITY_P384, IDENTITY_ED25519};
    size_t i, offset;

    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const gnutls_datum_t *chain = identity_get(kinds[i])->chain;
        unsigned int accepted = 0;
        uint8_t *copy = malloc(chain[0].size);

        for (offset = 0; offset < chain[0].size; offset += 3) {
            memcpy(copy, chain[0].data, chain[0].size);
            copy[offset] ^= 4;
            if (verify(copy, chain[0].size, chain[1].data, chain[1].size) == SEC_E_OK)
                accepted++;
        }
        check_equal(accepted, 0);
        free(copy);
    }
}

/* A root is not believed for being its own issuer. */
static void altered_root(void)
{
    const gnutls_datum_t *root = &identity_get(IDENTITY_RSA)->chain[1];
    uint8_t *copy = malloc(root->size);

    memcpy(copy, root->data, root->size);
    copy[root->size - 1] ^= 1;
    check_equal(verify(copy, root->size, copy, root->size), SEC_E_CERT_UNKNOWN);
    free(copy);
}

static void malformed(void)
{
    const gnutls_datum_t *chain = identity_get(IDENTITY_P256)->chain;
    size_t size;

    check_equal(verify(NULL, 0, chain[1].data, chain[1].size), SEC_E_CERT_UNKNOWN);
    check_equal(verify(chain[0].data, chain[0].size, NULL, 0), SEC_E_CERT_UNKNOWN);
    check_equal(verify("nonsense", 8, chain[1].data, chain[1].size), SEC_E_CERT_UNKNOWN);
    for (size = 0; size < chain[0].size; size += 7) {
        uint8_t *copy = malloc(size ? size : 1);

        memcpy(copy, chain[0].data, size);
        check_equal(verify(copy, size, chain[1].data, chain[1].size), SEC_E_CERT_UNKNOWN);
        check_equal(verify(chain[0].data, chain[0].size, copy, size), SEC_E_CERT_UNKNOWN);
        free(copy);
    }
}

int main(void)
{
    RUN(genuine);
    RUN(wrong_issuer);
    RUN(altered);
    RUN(altered_root);
    RUN(malformed);
    identities_free();
    return check_summary();
}
