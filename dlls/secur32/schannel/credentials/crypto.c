/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Restrictions on algorithms, from the three vocabularies Schannel has for them: ALG_IDs
 * (SCHANNEL_CRED), bits of strength (SCHANNEL_CRED) and CNG names with chaining modes and key
 * lengths (SCH_CREDENTIALS). Each is a table from the program's word to TLS_DISABLE_ bits.
 *
 * Hashes. An ALG_ID of a hash is about the MAC, as its documentation says. A digest in
 * CRYPTO_SETTINGS is about the cipher suites that carry its name, MAC or not. Signatures are a
 * matter of their own usage, TlsParametersCngAlgUsageCertSig.
 */
#include "schannel/credentials/crypto.h"
#include "winegnutls/unixlib.h"

#include <bcrypt.h>

#define CIPHERS_128 (TLS_DISABLE_AES_128_GCM | TLS_DISABLE_AES_128_CBC)
#define CIPHERS_256                                                                                \
    (TLS_DISABLE_AES_256_GCM | TLS_DISABLE_AES_256_CBC | TLS_DISABLE_CHACHA20_POLY1305)

/* The shortest prime, in bits, that SCH_USE_STRONG_CRYPTO lets a server pick. */
#define STRONG_DH 2048

#define ALL_CIPHERS                                                                                \
    (CIPHERS_128 | CIPHERS_256 | TLS_DISABLE_AES_CCM | TLS_DISABLE_3DES_CBC | TLS_DISABLE_NULL)

/* One per ALG_ID of palgSupportedAlgs that we can do. */
static const struct {
    ALG_ID algorithm;
    tls_u64 bits;
} algorithms_known[] = {
    {CALG_AES_128, CIPHERS_128},
    {CALG_AES_256, TLS_DISABLE_AES_256_GCM | TLS_DISABLE_AES_256_CBC},
    {CALG_AES, CIPHERS_128 | TLS_DISABLE_AES_256_GCM | TLS_DISABLE_AES_256_CBC},
    {CALG_3DES, TLS_DISABLE_3DES_CBC},
    {CALG_NULLCIPHER, TLS_DISABLE_NULL},
    {CALG_SHA1, TLS_DISABLE_MAC_SHA1},
    {CALG_SHA_256, TLS_DISABLE_MAC_SHA256},
    {CALG_SHA_384, TLS_DISABLE_MAC_SHA384},
    {CALG_RSA_KEYX, TLS_DISABLE_KX_RSA},
    {CALG_DH_EPHEM, TLS_DISABLE_KX_DHE},
    {CALG_ECDH_EPHEM, TLS_DISABLE_KX_ECDHE},
    {CALG_ECDH, TLS_DISABLE_KX_ECDHE},
    {CALG_RSA_SIGN, TLS_DISABLE_SIGN_RSA},
    {CALG_ECDSA, TLS_DISABLE_SIGN_ECDSA},
};

/* The order of the classes is that of class_bits. */
enum algorithm_class { CLASS_CIPHER, CLASS_HASH, CLASS_EXCHANGE, CLASS_SIGNATURE, CLASS_COUNT };

static enum algorithm_class class_of(ALG_ID algorithm)
{
    switch (GET_ALG_CLASS(algorithm)) {
    case ALG_CLASS_DATA_ENCRYPT:
        return CLASS_CIPHER;
    case ALG_CLASS_HASH:
        return CLASS_HASH;
    case ALG_CLASS_KEY_EXCHANGE:
        return CLASS_EXCHANGE;
    case ALG_CLASS_SIGNATURE:
        return CLASS_SIGNATURE;
    }
    return CLASS_COUNT;
}

static const tls_u64 class_bits[CLASS_COUNT] = {
    [CLASS_CIPHER] = ALL_CIPHERS,
    [CLASS_HASH] = TLS_DISABLE_MAC_SHA1 | TLS_DISABLE_MAC_SHA256 | TLS_DISABLE_MAC_SHA384,
    [CLASS_EXCHANGE] = TLS_DISABLE_KX_RSA | TLS_DISABLE_KX_DHE | TLS_DISABLE_KX_ECDHE,
    [CLASS_SIGNATURE] = TLS_DISABLE_SIGN_RSA | TLS_DISABLE_SIGN_ECDSA | TLS_DISABLE_SIGN_EDDSA,
};

tls_u64 schannel_disabled_by_default(DWORD flags)
{
    return TLS_DISABLE_3DES_CBC | (flags & SCH_ALLOW_NULL_ENCRYPTION ? 0 : TLS_DISABLE_NULL);
}

void schannel_limit_by_flags(DWORD flags, struct crypto_limits *limits)
{
    if (!(flags & SCH_USE_STRONG_CRYPTO))
        return;
    limits->disabled |= TLS_DISABLE_3DES_CBC | TLS_DISABLE_NULL | TLS_DISABLE_HASH_SHA1;
    if (limits->min_dh < STRONG_DH)
        limits->min_dh = STRONG_DH;
}

/* What a list allows, and of which classes it says something. */
struct allowed {
    tls_u64 bits;
    bool named[CLASS_COUNT];
};

static struct allowed read_list(const ALG_ID *algorithms, DWORD count)
{
    struct allowed allowed = {0};

    for (DWORD i = 0; i < count; i++) {
        enum algorithm_class class = class_of(algorithms[i]);

        if (class != CLASS_COUNT)
            allowed.named[class] = true;
        for (unsigned int j = 0; j < ARRAYSIZE(algorithms_known); j++) {
            if (algorithms_known[j].algorithm == algorithms[i])
                allowed.bits |= algorithms_known[j].bits;
        }
    }
    return allowed;
}

tls_u64 schannel_disabled_by_list(tls_u64 disabled, const ALG_ID *algorithms, DWORD count)
{
    const struct allowed allowed = read_list(algorithms, count);

    for (unsigned int class = 0; class < CLASS_COUNT; class ++) {
        if (allowed.named[class])
            disabled = (disabled & ~class_bits[class]) | (class_bits[class] & ~allowed.bits);
    }
    return disabled;
}

bool schannel_list_is_usable(const ALG_ID *algorithms, DWORD count)
{
    const struct allowed allowed = read_list(algorithms, count);

    for (unsigned int class = 0; class < CLASS_COUNT; class ++) {
        if (allowed.named[class] && !(class_bits[class] & allowed.bits))
            return false;
    }
    return true;
}

/* What a key length stands for among the ciphers, for bounds and for CRYPTO_SETTINGS. */
static const struct {
    DWORD bits;
    tls_u64 ciphers;
} strengths[] = {
    {128, CIPHERS_128},
    {168, TLS_DISABLE_3DES_CBC},
    {256, CIPHERS_256},
};

SECURITY_STATUS schannel_disabled_by_strength(DWORD minimum, DWORD maximum, tls_u64 *disabled)
{
    const DWORD none = ~(DWORD)0;

    if (minimum == none && (!maximum || maximum == none)) {
        *disabled = (*disabled | ALL_CIPHERS) & ~TLS_DISABLE_NULL;
        return SEC_E_OK;
    }
    if (maximum && (maximum < minimum || maximum == none))
        return SEC_E_ALGORITHM_MISMATCH;
    for (unsigned int i = 0; i < ARRAYSIZE(strengths); i++) {
        if (strengths[i].bits < minimum || (maximum && strengths[i].bits > maximum))
            *disabled |= strengths[i].ciphers;
    }
    if (minimum)
        *disabled |= TLS_DISABLE_NULL;
    /* AES-CCM has one switch for both lengths. */
    if (minimum > 128 || (maximum && maximum < 256))
        *disabled |= TLS_DISABLE_AES_CCM;
    return (*disabled & ALL_CIPHERS) == ALL_CIPHERS ? SEC_E_ALGORITHM_MISMATCH : SEC_E_OK;
}

/* A CNG name against a UNICODE_STRING, whose length may or may not include its terminator. */
static bool is_named(const UNICODE_STRING *string, const WCHAR *name)
{
    DWORD length = string->Length / sizeof(WCHAR);

    if (!string->Buffer)
        return false;
    while (length && !string->Buffer[length - 1])
        length--;
    return CompareStringOrdinal(string->Buffer, (int)length, name, -1, TRUE) == CSTR_EQUAL;
}

static bool has_bounds(const CRYPTO_SETTINGS *setting)
{
    return setting->dwMinBitLength || setting->dwMaxBitLength;
}

/* Key sizes less than the minimum and greater than the maximum are switched off; without bounds all
 * are. */
static bool switches_off(const CRYPTO_SETTINGS *setting, DWORD bits)
{
    return !has_bounds(setting) || bits < setting->dwMinBitLength ||
           (setting->dwMaxBitLength && bits > setting->dwMaxBitLength);
}

static void disable_aes(const CRYPTO_SETTINGS *setting, tls_u64 *disabled)
{
    bool gcm = !setting->cChainingModes, cbc = gcm, ccm = gcm;
    bool short_key = switches_off(setting, 128), long_key = switches_off(setting, 256);

    for (DWORD i = 0; i < setting->cChainingModes; i++) {
        const UNICODE_STRING *mode = &setting->rgstrChainingModes[i];

        gcm |= is_named(mode, BCRYPT_CHAIN_MODE_GCM);
        cbc |= is_named(mode, BCRYPT_CHAIN_MODE_CBC);
        ccm |= is_named(mode, BCRYPT_CHAIN_MODE_CCM);
    }
    if (gcm)
        *disabled |=
            (short_key ? TLS_DISABLE_AES_128_GCM : 0) | (long_key ? TLS_DISABLE_AES_256_GCM : 0);
    if (cbc)
        *disabled |=
            (short_key ? TLS_DISABLE_AES_128_CBC : 0) | (long_key ? TLS_DISABLE_AES_256_CBC : 0);
    /* One switch for both lengths: off as soon as one has to be. */
    if (ccm && (short_key || long_key))
        *disabled |= TLS_DISABLE_AES_CCM;
}

/* Groups that have a length of their own. */
struct group {
    DWORD bits;
    tls_u64 disabled;
};

static const struct group field_groups[] = {
    {2048, TLS_DISABLE_GROUP_FFDHE2048}, {3072, TLS_DISABLE_GROUP_FFDHE3072},
    {4096, TLS_DISABLE_GROUP_FFDHE4096}, {6144, TLS_DISABLE_GROUP_FFDHE6144},
    {8192, TLS_DISABLE_GROUP_FFDHE8192},
};

static const struct group curves[] = {
    {256, TLS_DISABLE_GROUP_X25519 | TLS_DISABLE_GROUP_SECP256R1 |
              TLS_DISABLE_GROUP_X25519_MLKEM768 | TLS_DISABLE_GROUP_SECP256R1_MLKEM768},
    {384, TLS_DISABLE_GROUP_SECP384R1 | TLS_DISABLE_GROUP_SECP384R1_MLKEM1024},
    {448, TLS_DISABLE_GROUP_X448},
    {521, TLS_DISABLE_GROUP_SECP521R1},
};

tls_u64 schannel_dh_groups_below(DWORD bits)
{
    tls_u64 disabled = 0;

    for (unsigned int i = 0; i < ARRAYSIZE(field_groups); i++)
        disabled |= field_groups[i].bits < bits ? field_groups[i].disabled : 0;
    return disabled;
}

tls_u64 schannel_dh_groups_above(DWORD bits)
{
    tls_u64 disabled = 0;

    for (unsigned int i = 0; i < ARRAYSIZE(field_groups); i++)
        disabled |= field_groups[i].bits > bits ? field_groups[i].disabled : 0;
    return disabled;
}

/* These three are for settings with bounds. */
static void limit_rsa(const CRYPTO_SETTINGS *setting, struct crypto_limits *limits)
{
    if (setting->dwMinBitLength > limits->min_rsa)
        limits->min_rsa = setting->dwMinBitLength;
    if (setting->dwMaxBitLength && (!limits->max_rsa || setting->dwMaxBitLength < limits->max_rsa))
        limits->max_rsa = setting->dwMaxBitLength;
}

static void limit_dh(const CRYPTO_SETTINGS *setting, struct crypto_limits *limits)
{
    for (unsigned int i = 0; i < ARRAYSIZE(field_groups); i++) {
        if (switches_off(setting, field_groups[i].bits))
            limits->disabled |= field_groups[i].disabled;
    }
    if (setting->dwMinBitLength > limits->min_dh)
        limits->min_dh = setting->dwMinBitLength;
}

static void limit_curves(const CRYPTO_SETTINGS *setting, struct crypto_limits *limits)
{
    for (unsigned int i = 0; i < ARRAYSIZE(curves); i++) {
        if (switches_off(setting, curves[i].bits))
            limits->disabled |= curves[i].disabled;
    }
}

static void limit_cipher(const CRYPTO_SETTINGS *setting, struct crypto_limits *limits)
{
    if (is_named(&setting->strCngAlgId, BCRYPT_AES_ALGORITHM))
        disable_aes(setting, &limits->disabled);
    else if (is_named(&setting->strCngAlgId, BCRYPT_3DES_ALGORITHM) && switches_off(setting, 168))
        limits->disabled |= TLS_DISABLE_3DES_CBC;
    else if (is_named(&setting->strCngAlgId, L"CHACHA20_POLY1305") && switches_off(setting, 256))
        limits->disabled |= TLS_DISABLE_CHACHA20_POLY1305;
    else if (is_named(&setting->strCngAlgId, L"NULL") && switches_off(setting, 0))
        limits->disabled |= TLS_DISABLE_NULL;
}

/* `limit` is for settings with bounds; NULL: we cannot tell lengths of this algorithm apart. */
struct cng_name {
    const WCHAR *name;
    tls_u64 bits;
    void (*limit)(const CRYPTO_SETTINGS *setting, struct crypto_limits *limits);
};

static const struct cng_name exchange_names[] = {
    {BCRYPT_RSA_ALGORITHM, TLS_DISABLE_KX_RSA, limit_rsa},
    {BCRYPT_DH_ALGORITHM, TLS_DISABLE_KX_DHE, limit_dh},
    {L"DHE", TLS_DISABLE_KX_DHE, limit_dh},
    {L"ECDH", TLS_DISABLE_KX_ECDHE, limit_curves},
    {L"ECDHE", TLS_DISABLE_KX_ECDHE, limit_curves},
    {L"curve25519", TLS_DISABLE_GROUP_X25519, NULL},
    {BCRYPT_ECDH_P256_ALGORITHM, TLS_DISABLE_GROUP_SECP256R1, NULL},
    {L"nistP256", TLS_DISABLE_GROUP_SECP256R1, NULL},
    {BCRYPT_ECDH_P384_ALGORITHM, TLS_DISABLE_GROUP_SECP384R1, NULL},
    {L"nistP384", TLS_DISABLE_GROUP_SECP384R1, NULL},
    {BCRYPT_ECDH_P521_ALGORITHM, TLS_DISABLE_GROUP_SECP521R1, NULL},
    {L"nistP521", TLS_DISABLE_GROUP_SECP521R1, NULL},
    {L"x25519_mlkem768", TLS_DISABLE_GROUP_X25519_MLKEM768, NULL},
    {L"secp256r1_mlkem768", TLS_DISABLE_GROUP_SECP256R1_MLKEM768, NULL},
    {L"secp384r1_mlkem1024", TLS_DISABLE_GROUP_SECP384R1_MLKEM1024, NULL},
};

/* SCHANNEL_RSA_PKCS_PADDING_ALGORITHM and SCHANNEL_RSA_PSS_PADDING_ALGORITHM of newer headers. */
#define RSA_PKCS_PADDING L"SCH_RSA_PKCS_PAD"
#define RSA_PSS_PADDING  L"SCH_RSA_PSS_PAD"

static const struct cng_name signature_names[] = {
    {BCRYPT_RSA_ALGORITHM, TLS_DISABLE_SIGN_RSA, limit_rsa},
    {L"RSA_SIGN", TLS_DISABLE_SIGN_RSA, limit_rsa},
    {RSA_PKCS_PADDING, TLS_DISABLE_SIGN_PKCS1, NULL},
    {RSA_PSS_PADDING, TLS_DISABLE_SIGN_PSS, NULL},
    {L"ECDSA", TLS_DISABLE_SIGN_ECDSA, NULL},
};

/* Digests of cipher suites. */
static const struct cng_name digest_names[] = {
    {BCRYPT_SHA1_ALGORITHM, SUITES_WITH_SHA1, NULL},
    {BCRYPT_SHA256_ALGORITHM, SUITES_WITH_SHA256, NULL},
    {BCRYPT_SHA384_ALGORITHM, SUITES_WITH_SHA384, NULL},
};

static const struct cng_name certificate_names[] = {
    {BCRYPT_RSA_ALGORITHM, TLS_DISABLE_SIGN_RSA, limit_rsa},
    {RSA_PKCS_PADDING, TLS_DISABLE_SIGN_PKCS1, NULL},
    {RSA_PSS_PADDING, TLS_DISABLE_SIGN_PSS, NULL},
    {L"ECDSA", TLS_DISABLE_SIGN_ECDSA, NULL},
    {BCRYPT_SHA1_ALGORITHM, TLS_DISABLE_HASH_SHA1, NULL},
    {BCRYPT_SHA256_ALGORITHM, TLS_DISABLE_HASH_SHA256, NULL},
    {BCRYPT_SHA384_ALGORITHM, TLS_DISABLE_HASH_SHA384, NULL},
    {BCRYPT_SHA512_ALGORITHM, TLS_DISABLE_HASH_SHA512, NULL},
};

static const struct {
    const struct cng_name *names;
    unsigned int count;
} names_of_usage[] = {
    [TlsParametersCngAlgUsageKeyExchange] = {exchange_names, ARRAYSIZE(exchange_names)},
    [TlsParametersCngAlgUsageSignature] = {signature_names, ARRAYSIZE(signature_names)},
    [TlsParametersCngAlgUsageCipher] = {NULL, 0}, /* limit_cipher */
    [TlsParametersCngAlgUsageDigest] = {digest_names, ARRAYSIZE(digest_names)},
    [TlsParametersCngAlgUsageCertSig] = {certificate_names, ARRAYSIZE(certificate_names)},
};

/* Only ciphers have chaining modes. */
static bool has_legal_modes(const CRYPTO_SETTINGS *setting)
{
    if (!setting->cChainingModes)
        return true;
    if (setting->eAlgorithmUsage != TlsParametersCngAlgUsageCipher ||
        setting->cChainingModes > SCH_CRED_MAX_SUPPORTED_CHAINING_MODES ||
        !setting->rgstrChainingModes)
        return false;
    for (DWORD i = 0; i < setting->cChainingModes; i++) {
        if (!setting->rgstrChainingModes[i].Buffer)
            return false;
    }
    return true;
}

SECURITY_STATUS schannel_limit_by_setting(const CRYPTO_SETTINGS *setting,
                                          struct crypto_limits *limits)
{
    unsigned int usage = setting->eAlgorithmUsage;

    if (usage >= ARRAYSIZE(names_of_usage) || !setting->strCngAlgId.Buffer ||
        !has_legal_modes(setting) ||
        (setting->dwMaxBitLength && setting->dwMaxBitLength < setting->dwMinBitLength))
        return SEC_E_UNKNOWN_CREDENTIALS;
    if (usage == TlsParametersCngAlgUsageCipher)
        limit_cipher(setting, limits);
    for (unsigned int i = 0; i < names_of_usage[usage].count; i++) {
        const struct cng_name *known = &names_of_usage[usage].names[i];

        if (!is_named(&setting->strCngAlgId, known->name))
            continue;
        if (!has_bounds(setting))
            limits->disabled |= known->bits;
        else if (known->limit)
            known->limit(setting, limits);
        else
            return SEC_E_UNSUPPORTED_FUNCTION;
        return SEC_E_OK;
    }
    return SEC_E_OK;
}

unsigned int schannel_allowed_algorithms(tls_u64 disabled,
                                         ALG_ID algorithms[SCHANNEL_MAX_ALGORITHMS])
{
    unsigned int count = 0;

    for (unsigned int i = 0; i < ARRAYSIZE(algorithms_known) && count < SCHANNEL_MAX_ALGORITHMS;
         i++) {
        /* The two that only repeat others. */
        if (algorithms_known[i].algorithm == CALG_AES || algorithms_known[i].algorithm == CALG_ECDH)
            continue;
        if (algorithms_known[i].bits & ~disabled)
            algorithms[count++] = algorithms_known[i].algorithm;
    }
    return count;
}

void schannel_allowed_strengths(tls_u64 disabled, DWORD *minimum, DWORD *maximum)
{
    *minimum = *maximum = 0;
    for (unsigned int i = 0; i < ARRAYSIZE(strengths); i++) {
        if (!(strengths[i].ciphers & ~disabled))
            continue;
        if (!*minimum)
            *minimum = strengths[i].bits;
        *maximum = strengths[i].bits;
    }
}
