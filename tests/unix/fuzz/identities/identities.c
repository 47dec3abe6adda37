/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzz target: files with certificates and private keys, PFX and PEM, as GnuTLS reads them for
 * sspitls.
 *
 * The first byte is a set of: 1 PFX, else PEM; 2 the key in a file of its own; 4 and 8 the
 * password: none, an empty one, the right one, a wrong one; 16 a genuine file with changes, three
 * bytes each (where, with what is it xored), else what follows is the file; 32, 64 and 128 together
 * a PFX file with a MAC, which takes its time. All memory has exactly its size.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>
#include <gnutls/pkcs12.h>
#include <gnutls/x509.h>

#include "fuzz/shared/require.h"
#include "winegnutlsidentity/identity.h"

#define PASSWORD "secret"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The module's table. */
extern int32_t (*const __wine_unix_call_funcs[IDENTITY_CALL_COUNT])(void *params);

enum { IS_PFX = 1, OWN_KEY_FILE = 2, IS_GENUINE = 16, HAS_MAC = 0xe0 };

static gnutls_datum_t pfx, sealed_pfx, pem, encrypted_key;

/*
 * PKCS#8 with a password, by hand: what GnuTLS writes takes a quarter of a second to open, which is
 * the number of iterations.
 */
static void encrypt_key(const gnutls_datum_t *plain, gnutls_datum_t *der)
{
    static const uint8_t algorithm[] = {
        0x30, 0x56, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d, /* PBES2 */
        0x30, 0x49, 0x30, 0x28, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01,
        0x05, 0x0c,                                                             /* PBKDF2 */
        0x30, 0x1b, 0x04, 0x08, 1,    2,    3,    4,    5,    6,    7,    8,    /* salt */
        0x02, 0x01, 0x01,                                                       /* one iteration */
        0x30, 0x0c, 0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x09, /* HMAC-SHA256 */
        0x05, 0x00, 0x30, 0x1d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04,
        0x01, 0x02, /* AES-128-CBC */
        0x04, 0x10, 1,    2,    3,    4,    5,    6,    7,    8,    9,    10,   11,
        12,   13,   14,   15,   16}; /* initialization vector */
    const gnutls_datum_t password = {(uint8_t *)(uintptr_t)PASSWORD, strlen(PASSWORD)};
    const gnutls_datum_t salt = {(uint8_t *)(uintptr_t)algorithm + 32, 8};
    const gnutls_datum_t iv = {(uint8_t *)(uintptr_t)algorithm + sizeof(algorithm) - 16, 16};
    const unsigned int padding = 16 - plain->size % 16, size = plain->size + padding;
    const unsigned int content = sizeof(algorithm) + 4 + size;
    uint8_t key_bytes[16], *at;
    const gnutls_datum_t key = {key_bytes, sizeof(key_bytes)};
    gnutls_cipher_hd_t cipher = NULL;

    der->size = 4 + content;
    der->data = at = gnutls_malloc(der->size);
    require(at != NULL, "memory");
    memcpy(at, (uint8_t[]){0x30, 0x82, (uint8_t)(content >> 8), (uint8_t)content}, 4);
    memcpy(at + 4, algorithm, sizeof(algorithm));
    at += 4 + sizeof(algorithm);
    memcpy(at, (uint8_t[]){0x04, 0x82, (uint8_t)(size >> 8), (uint8_t)size}, 4);
    memcpy(at + 4, plain->data, plain->size);
    memset(at + 4 + plain->size, (int)padding, padding);
    require(gnutls_pbkdf2(GNUTLS_MAC_SHA256, &password, &salt, 1, key_bytes, sizeof(key_bytes)) >=
                    0 &&
                gnutls_cipher_init(&cipher, GNUTLS_CIPHER_AES_128_CBC, &key, &iv) >= 0 &&
                gnutls_cipher_encrypt(cipher, at + 4, size) >= 0,
            "an encrypted key");
    gnutls_cipher_deinit(cipher);
}

static void make_pfx(const gnutls_datum_t *key, gnutls_x509_crt_t certificate,
                     const gnutls_datum_t *key_id)
{
    gnutls_pkcs12_bag_t bags[2];
    gnutls_pkcs12_t made;
    unsigned int content;

    require(gnutls_pkcs12_init(&made) >= 0 && gnutls_pkcs12_bag_init(&bags[0]) >= 0 &&
                gnutls_pkcs12_bag_init(&bags[1]) >= 0 &&
                gnutls_pkcs12_bag_set_data(bags[0], GNUTLS_BAG_PKCS8_ENCRYPTED_KEY, key) == 0 &&
                gnutls_pkcs12_bag_set_crt(bags[1], certificate) == 0,
            "bags");
    for (int i = 0; i < 2; i++) {
        require(gnutls_pkcs12_bag_set_key_id(bags[i], 0, key_id) >= 0 &&
                    gnutls_pkcs12_set_bag(made, bags[i]) >= 0,
                "a bag");
        gnutls_pkcs12_bag_deinit(bags[i]);
    }
    require(gnutls_pkcs12_generate_mac(made, PASSWORD) >= 0 &&
                gnutls_pkcs12_export2(made, GNUTLS_X509_FMT_DER, &sealed_pfx) >= 0,
            "a PFX file");
    gnutls_pkcs12_deinit(made);
    /* The outer SEQUENCE with its version and contents, but not the MAC behind them. */
    require(sealed_pfx.data[1] == 0x82 && sealed_pfx.data[8] == 0x82, "lengths of two bytes");
    content = (unsigned int)sealed_pfx.data[9] << 8 | sealed_pfx.data[10];
    pfx.size = 11 + content;
    pfx.data = gnutls_malloc(pfx.size);
    require(pfx.data && pfx.size < sealed_pfx.size, "memory");
    memcpy(pfx.data, sealed_pfx.data, pfx.size);
    pfx.data[2] = (uint8_t)((pfx.size - 4) >> 8);
    pfx.data[3] = (uint8_t)(pfx.size - 4);
}

/* The certificate and its key in one file, the key alone with a password, both as PFX. */
static void make_files(void)
{
    unsigned char bytes[IDENTITY_MADE_SIZE], key_bytes[IDENTITY_KEY_SIZE];
    struct identity_make make = {.kind = IDENTITY_P256,
                                 .length = 1,
                                 .result = {.certificates = (uintptr_t)bytes,
                                            .certificates_size = sizeof(bytes),
                                            .key = (uintptr_t)key_bytes,
                                            .key_size = sizeof(key_bytes)}};
    gnutls_datum_t der = {bytes, 0}, key_der = {key_bytes, 0}, text[2], encrypted;
    unsigned char id[20];
    size_t id_size = sizeof(id);
    gnutls_x509_crt_t certificate = NULL;
    gnutls_x509_privkey_t key = NULL;

    __wine_unix_call_funcs[IDENTITY_CALL_MAKE](&make);
    require(make.result.status == IDENTITY_OK && make.result.count == 1, "a certificate");
    der.size = make.result.certificates_size;
    key_der.size = make.result.key_size;
    require(gnutls_x509_crt_init(&certificate) >= 0 && gnutls_x509_privkey_init(&key) >= 0 &&
                gnutls_x509_crt_import(certificate, &der, GNUTLS_X509_FMT_DER) >= 0 &&
                gnutls_x509_privkey_import_pkcs8(key, &key_der, GNUTLS_X509_FMT_DER, NULL,
                                                 GNUTLS_PKCS_PLAIN) >= 0,
            "it can be read");
    require(gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_PEM, &text[0]) >= 0 &&
                gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN,
                                                  &text[1]) >= 0 &&
                gnutls_x509_privkey_get_key_id(key, 0, id, &id_size) >= 0,
            "text");
    pem.data = malloc(text[0].size + text[1].size);
    require(pem.data != NULL, "memory");
    memcpy(pem.data, text[0].data, text[0].size);
    memcpy(pem.data + text[0].size, text[1].data, text[1].size);
    pem.size = text[0].size + text[1].size;
    encrypt_key(&key_der, &encrypted);
    require(gnutls_pem_base64_encode2("ENCRYPTED PRIVATE KEY", &encrypted, &encrypted_key) >= 0,
            "text");
    make_pfx(&encrypted, certificate, &(gnutls_datum_t){id, (unsigned int)id_size});
    gnutls_free(encrypted.data);
    gnutls_free(text[0].data);
    gnutls_free(text[1].data);
    gnutls_x509_crt_deinit(certificate);
    gnutls_x509_privkey_deinit(key);
}

/* A copy of exactly its size, with the changes; true: there was one. */
static bool change(const gnutls_datum_t *genuine, const uint8_t *data, size_t size,
                   gnutls_datum_t *file)
{
    bool changed = false;

    file->size = genuine->size;
    file->data = malloc(file->size);
    require(file->data != NULL, "memory");
    memcpy(file->data, genuine->data, file->size);
    for (; size >= 3; data += 3, size -= 3) {
        file->data[(data[0] << 8 | data[1]) % file->size] ^= data[2];
        changed |= data[2] != 0;
    }
    return changed;
}

static bool is_sequence(const uint8_t *der, size_t size)
{
    return size >= 2 && der[0] == 0x30;
}

static void check_result(const struct identity_read *read, const uint8_t *certificates,
                         const uint8_t *key)
{
    const struct identity_result *result = &read->result;
    size_t all = 0;

    require(result->status >= IDENTITY_OK && result->status <= IDENTITY_NO_MATCH, "a status");
    if (result->status != IDENTITY_OK)
        return;
    require(result->count && result->count <= IDENTITY_MAX_CHAIN, "so many certificates");
    for (uint32_t i = 0; i < result->count; i++) {
        require(result->sizes[i] && is_sequence(certificates + all, result->sizes[i]), "in DER");
        all += result->sizes[i];
    }
    require(all == result->certificates_size && all <= read->file_size, "no more than they were");
    require(result->key_size <= IDENTITY_KEY_SIZE && is_sequence(key, result->key_size), "a key");
}

static const gnutls_datum_t *genuine_file(uint8_t choice)
{
    if (!(choice & IS_PFX))
        return &pem;
    return (choice & HAS_MAC) == HAS_MAC ? &sealed_pfx : &pfx;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const passwords[] = {NULL, "", PASSWORD, "wrong"};
    const uint8_t choice = size ? data[0] : 0;
    const char *password = passwords[choice >> 2 & 3];
    const bool is_pfx = choice & IS_PFX, own_key = !is_pfx && choice & OWN_KEY_FILE;
    gnutls_datum_t file, key = {NULL, 0};
    struct identity_read read = {.format = is_pfx ? IDENTITY_PFX : IDENTITY_PEM,
                                 .password = (uintptr_t)password};
    uint8_t *certificates, *key_bytes = malloc(IDENTITY_KEY_SIZE);
    bool changed;

    if (!pfx.data)
        make_files();
    data += size != 0;
    size -= size != 0;
    if (choice & IS_GENUINE) {
        changed = change(genuine_file(choice), data, own_key ? 0 : size, &file);
        if (own_key)
            changed |= change(&encrypted_key, data, size, &key);
    } else {
        const gnutls_datum_t whole = {(uint8_t *)(uintptr_t)data, (unsigned int)size};
        const gnutls_datum_t nothing = {(uint8_t *)(uintptr_t) "", 1};

        changed = true;
        change(size ? &whole : &nothing, NULL, 0, own_key ? &key : &file);
        if (own_key)
            change(&pem, NULL, 0, &file);
    }
    certificates = malloc(file.size);
    require(certificates && key_bytes, "memory");
    read.file = (uintptr_t)file.data;
    read.file_size = file.size;
    read.key_file = (uintptr_t)key.data;
    read.key_file_size = key.size;
    read.result.certificates = (uintptr_t)certificates;
    read.result.certificates_size = file.size;
    read.result.key = (uintptr_t)key_bytes;
    read.result.key_size = IDENTITY_KEY_SIZE;
    __wine_unix_call_funcs[IDENTITY_CALL_READ](&read);
    check_result(&read, certificates, key_bytes);
    require(changed || read.result.status == IDENTITY_OK ||
                ((is_pfx || own_key) && password != passwords[2]),
            "a genuine file with its password is read");
    free(certificates);
    free(key_bytes);
    free(file.data);
    free(key.data);
    return 0;
}
