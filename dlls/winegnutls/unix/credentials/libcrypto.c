/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Private keys that are used with OpenSSL's libcrypto, where the machine has it.
 *
 * libcrypto signs with RSA in a fraction of the time that nettle takes, which is most of what a
 * server's handshake costs, and with P-256 in half of it. It is loaded when there is a first key
 * for it, with a context of its own that reads no configuration, and stays. What it cannot do, or
 * fails to, GnuTLS does with the key it has all the same. Decryption is left to GnuTLS: its way
 * lets nobody tell from the time whether a ciphertext was good.
 *
 * The functions and types are those of OpenSSL 3, whose manual pages have their names; its headers
 * are not needed. ASYNCSSPI_LIBCRYPTO=0 keeps it away, and so does a GnuTLS in FIPS mode, which has
 * been approved of alone.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "unix/credentials/callbacks.h"
#include "unix/credentials/libcrypto.h"

#ifndef NO_LIBCRYPTO

typedef struct ossl_lib_ctx_st OSSL_LIB_CTX;
typedef struct evp_pkey_st EVP_PKEY;
typedef struct evp_pkey_ctx_st EVP_PKEY_CTX;

typedef struct ossl_param_st {
    const char *key;
    unsigned int data_type;
    void *data;
    size_t data_size;
    size_t return_size;
} OSSL_PARAM;

#define OSSL_PARAM_UNSIGNED_INTEGER 2 /* in the order of the machine's bytes */
#define OSSL_PARAM_UTF8_STRING      4
#define OSSL_PARAM_UNMODIFIED       ((size_t)-1)

#define OPENSSL_INIT_NO_ATEXIT 0x00080000
#define EVP_PKEY_KEYPAIR       0x87

static struct {
    OSSL_LIB_CTX *context;
    int (*OPENSSL_init_crypto)(uint64_t options, const void *settings);
    OSSL_LIB_CTX *(*OSSL_LIB_CTX_new)(void);
    EVP_PKEY_CTX *(*EVP_PKEY_CTX_new_from_name)(OSSL_LIB_CTX *, const char *, const char *);
    EVP_PKEY_CTX *(*EVP_PKEY_CTX_new_from_pkey)(OSSL_LIB_CTX *, EVP_PKEY *, const char *);
    void (*EVP_PKEY_CTX_free)(EVP_PKEY_CTX *);
    int (*EVP_PKEY_fromdata_init)(EVP_PKEY_CTX *);
    int (*EVP_PKEY_fromdata)(EVP_PKEY_CTX *, EVP_PKEY **, int selection, OSSL_PARAM *);
    void (*EVP_PKEY_free)(EVP_PKEY *);
    int (*EVP_PKEY_sign_init_ex)(EVP_PKEY_CTX *, const OSSL_PARAM *);
    int (*EVP_PKEY_sign)(EVP_PKEY_CTX *, uint8_t *, size_t *, const uint8_t *, size_t);
    int (*ERR_set_mark)(void);
    int (*ERR_pop_to_mark)(void);
} crypto;

struct libcrypto_key {
    struct callback_key key;
    EVP_PKEY *pkey;
    gnutls_privkey_t own;
};

/* Loading ----------------------------------------------------------------------------------------
 */

static bool find_functions(void *library)
{
#define FIND(name) ((crypto.name = (__typeof__(crypto.name))dlsym(library, #name)) != NULL)
    return FIND(OPENSSL_init_crypto) && FIND(OSSL_LIB_CTX_new) &&
           FIND(EVP_PKEY_CTX_new_from_name) && FIND(EVP_PKEY_CTX_new_from_pkey) &&
           FIND(EVP_PKEY_CTX_free) && FIND(EVP_PKEY_fromdata_init) && FIND(EVP_PKEY_fromdata) &&
           FIND(EVP_PKEY_free) && FIND(EVP_PKEY_sign_init_ex) && FIND(EVP_PKEY_sign) &&
           FIND(ERR_set_mark) && FIND(ERR_pop_to_mark);
#undef FIND
}

static void load(void)
{
    const char *wish = getenv("ASYNCSSPI_LIBCRYPTO");
    void *library;

    if ((wish && strcmp(wish, "0") == 0) || gnutls_fips140_mode_enabled())
        return;
    library = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!library)
        return;
    if (find_functions(library) && crypto.OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL))
        crypto.context = crypto.OSSL_LIB_CTX_new();
    dlclose(library);
}

static bool available(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, load);
    return crypto.context != NULL;
}

/* Keys -------------------------------------------------------------------------------------------
 */

#define MAX_NUMBERS 8

/* The numbers of a key, first in the order of the network, and their names for libcrypto. */
struct numbers {
    gnutls_datum_t value[MAX_NUMBERS];
    OSSL_PARAM params[MAX_NUMBERS + 2];
    size_t count;
};

static OSSL_PARAM text(const char *name, const char *value)
{
    return (OSSL_PARAM){name, OSSL_PARAM_UTF8_STRING, (void *)value, strlen(value),
                        OSSL_PARAM_UNMODIFIED};
}

static void add_number(struct numbers *numbers, const char *name, const gnutls_datum_t *number)
{
    uint8_t *bytes = number->data, byte;

    /* What has TLS has x86's order, too. */
    for (size_t i = 0; i < number->size / 2; i++) {
        byte = bytes[i];
        bytes[i] = bytes[number->size - 1 - i];
        bytes[number->size - 1 - i] = byte;
    }
    numbers->params[numbers->count++] =
        (OSSL_PARAM){name, OSSL_PARAM_UNSIGNED_INTEGER, bytes, number->size, OSSL_PARAM_UNMODIFIED};
}

static bool get_rsa(gnutls_privkey_t own, struct numbers *numbers)
{
    static const char *const names[MAX_NUMBERS] = {"n",
                                                   "e",
                                                   "d",
                                                   "rsa-factor1",
                                                   "rsa-factor2",
                                                   "rsa-coefficient1",
                                                   "rsa-exponent1",
                                                   "rsa-exponent2"};
    gnutls_datum_t *value = numbers->value;

    if (gnutls_privkey_export_rsa_raw2(own, &value[0], &value[1], &value[2], &value[3], &value[4],
                                       &value[5], &value[6], &value[7], 0) < 0)
        return false;
    for (size_t i = 0; i < MAX_NUMBERS; i++)
        add_number(numbers, names[i], &value[i]);
    return true;
}

/* P-256 alone: of the larger curves libcrypto takes seven times as long as nettle. */
static bool get_ecdsa(gnutls_privkey_t own, struct numbers *numbers)
{
    gnutls_ecc_curve_t curve;

    if (gnutls_privkey_export_ecc_raw2(own, &curve, NULL, NULL, &numbers->value[0], 0) < 0 ||
        curve != GNUTLS_ECC_CURVE_SECP256R1)
        return false;
    add_number(numbers, "priv", &numbers->value[0]);
    numbers->params[numbers->count++] = text("group", "P-256");
    return true;
}

static void wipe_numbers(struct numbers *numbers)
{
    for (size_t i = 0; i < MAX_NUMBERS; i++) {
        if (numbers->value[i].data)
            gnutls_memset(numbers->value[i].data, 0, numbers->value[i].size);
        gnutls_free(numbers->value[i].data);
    }
}

static EVP_PKEY *make_pkey(gnutls_privkey_t own, int algorithm)
{
    const bool rsa = algorithm == GNUTLS_PK_RSA;
    struct numbers numbers = {0};
    EVP_PKEY_CTX *context = NULL;
    EVP_PKEY *pkey = NULL;

    if (rsa ? get_rsa(own, &numbers) : get_ecdsa(own, &numbers))
        context = crypto.EVP_PKEY_CTX_new_from_name(crypto.context, rsa ? "RSA" : "EC", NULL);
    if (context && crypto.EVP_PKEY_fromdata_init(context) > 0 &&
        crypto.EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_KEYPAIR, numbers.params) <= 0)
        pkey = NULL;
    crypto.EVP_PKEY_CTX_free(context);
    wipe_numbers(&numbers);
    return pkey;
}

/* What GnuTLS asks of them -----------------------------------------------------------------------
 */

static const char *hash_name(uint32_t hash)
{
    switch (hash) {
    case TLS_KEY_CAN_SHA1:
        return "SHA1";
    case TLS_KEY_CAN_SHA256:
        return "SHA256";
    case TLS_KEY_CAN_SHA384:
        return "SHA384";
    case TLS_KEY_CAN_SHA512:
        return "SHA512";
    default:
        return NULL; /* MD5 and SHA-1: signed as it is */
    }
}

/* Without a name of a hash PKCS#1 is what RSA signs with, and ECDSA asks for none. */
static bool prepare(EVP_PKEY_CTX *context, const struct scheme *scheme)
{
    const char *hash = hash_name(scheme->hash);
    OSSL_PARAM params[4] = {{0}};
    size_t count = 0;

    if (scheme->operation != TLS_KEY_SIGN_ECDSA && hash)
        params[count++] = text("digest", hash);
    if (scheme->operation == TLS_KEY_SIGN_PKCS1)
        params[count++] = text("pad-mode", "pkcs1");
    if (scheme->operation == TLS_KEY_SIGN_PSS) {
        params[count++] = text("pad-mode", "pss");
        params[count++] = text("saltlen", "digest");
    }
    return crypto.EVP_PKEY_sign_init_ex(context, params) > 0;
}

static bool sign_there(const struct libcrypto_key *key, const struct scheme *scheme,
                       const gnutls_datum_t *hash, gnutls_datum_t *signature)
{
    EVP_PKEY_CTX *context = crypto.EVP_PKEY_CTX_new_from_pkey(crypto.context, key->pkey, NULL);
    size_t size = 0;
    bool good;

    good = context && prepare(context, scheme) &&
           crypto.EVP_PKEY_sign(context, NULL, &size, hash->data, hash->size) > 0 &&
           (signature->data = gnutls_malloc(size)) &&
           crypto.EVP_PKEY_sign(context, signature->data, &size, hash->data, hash->size) > 0;
    crypto.EVP_PKEY_CTX_free(context);
    if (good) {
        signature->size = (unsigned int)size;
    } else {
        gnutls_free(signature->data);
        signature->data = NULL;
    }
    return good;
}

static int sign(struct callback_key *callback, const struct scheme *scheme,
                const gnutls_datum_t *hash, gnutls_datum_t *signature)
{
    const struct libcrypto_key *key = (struct libcrypto_key *)callback;
    bool good;

    if (!scheme)
        return GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
    crypto.ERR_set_mark();
    good = sign_there(key, scheme, hash, signature);
    crypto.ERR_pop_to_mark();
    if (good)
        return 0;
    return scheme->algorithm == GNUTLS_SIGN_RSA_RAW
               ? gnutls_privkey_sign_hash(key->own, GNUTLS_DIG_UNKNOWN,
                                          GNUTLS_PRIVKEY_SIGN_FLAG_TLS1_RSA, hash, signature)
               : gnutls_privkey_sign_hash2(key->own, scheme->algorithm, 0, hash, signature);
}

/*
 * TLS decrypts nothing but the secret of a key exchange. A ciphertext that is no such leaves the
 * random bytes, as GnuTLS has it with keys of its own: the handshake fails later, and nobody
 * learns why.
 */
#define SECRET_SIZE 48

static int decrypt(struct callback_key *callback, const gnutls_datum_t *ciphertext,
                   gnutls_datum_t *plaintext)
{
    const struct libcrypto_key *key = (struct libcrypto_key *)callback;
    int error;

    plaintext->data = gnutls_malloc(SECRET_SIZE);
    if (!plaintext->data)
        return GNUTLS_E_MEMORY_ERROR;
    plaintext->size = SECRET_SIZE;
    error = gnutls_rnd(GNUTLS_RND_NONCE, plaintext->data, SECRET_SIZE);
    if (error >= 0)
        gnutls_privkey_decrypt_data2(key->own, 0, ciphertext, plaintext->data, SECRET_SIZE);
    return error;
}

static void release(struct callback_key *callback)
{
    struct libcrypto_key *key = (struct libcrypto_key *)callback;

    crypto.EVP_PKEY_free(key->pkey);
    free(key);
}

static const struct callback_operations operations = {sign, decrypt, release};

#define SHA (TLS_KEY_CAN_SHA1 | TLS_KEY_CAN_SHA256 | TLS_KEY_CAN_SHA384 | TLS_KEY_CAN_SHA512)

gnutls_privkey_t libcrypto_import(gnutls_privkey_t own)
{
    struct libcrypto_key *key;
    gnutls_privkey_t handle = NULL;
    unsigned int bits;
    const int algorithm = gnutls_privkey_get_pk_algorithm(own, &bits);

    if ((algorithm != GNUTLS_PK_RSA && algorithm != GNUTLS_PK_ECDSA) || !available())
        return NULL;
    key = calloc(1, sizeof(*key));
    if (!key)
        return NULL;
    key->key.operations = &operations;
    key->key.algorithm = algorithm;
    key->key.bits = bits;
    key->key.abilities = SHA | (algorithm == GNUTLS_PK_RSA
                                    ? TLS_KEY_CAN_PKCS1 | TLS_KEY_CAN_PSS | TLS_KEY_CAN_MD5_SHA1
                                    : TLS_KEY_CAN_ECDSA);
    key->own = own;
    crypto.ERR_set_mark();
    key->pkey = make_pkey(own, algorithm);
    crypto.ERR_pop_to_mark();
    if (key->pkey && gnutls_privkey_init(&handle) >= 0 && callback_import(handle, &key->key) >= 0)
        return handle;
    if (handle)
        gnutls_privkey_deinit(handle);
    if (key->pkey)
        crypto.EVP_PKEY_free(key->pkey);
    free(key);
    return NULL;
}

#else

gnutls_privkey_t libcrypto_import(gnutls_privkey_t own)
{
    (void)own;
    return NULL;
}

#endif
