/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Cipher suites by IANA number. One row per suite that the TLS engine can negotiate; the parts a
 * row is made of have a row of their own. TLS 1.3 suites name neither exchange nor certificate: the
 * exchange is always an ephemeral one on a curve, the certificate's kind is told by the signature.
 *
 * Source of the facts: the IANA registry of TLS parameters; the reference pages of
 * SecPkgContext_ConnectionInfo and SecPkgContext_CipherInfo; what Get-TlsCipherSuite prints.
 */
#include "schannel/credentials/suites.h"

#include <bcrypt.h>

enum cipher {
    AES_128_GCM,
    AES_256_GCM,
    AES_128_CCM,
    AES_256_CCM,
    AES_128_CBC,
    AES_256_CBC,
    CHACHA20,
    TDES_CBC,
    NO_CIPHER,
};
enum hash { SHA1, SHA256, SHA384 };
enum exchange { RSA, DHE, ECDHE };
enum certificate { BY_SIGNATURE, RSA_CERTIFICATE, ECDSA_CERTIFICATE };

static const struct {
    struct suite_algorithm algorithm;
    DWORD block_size;
    bool aead;
} ciphers[] = {
    [AES_128_GCM] = {{BCRYPT_AES_ALGORITHM, CALG_AES_128, 128}, 16, true},
    [AES_256_GCM] = {{BCRYPT_AES_ALGORITHM, CALG_AES_256, 256}, 16, true},
    [AES_128_CCM] = {{BCRYPT_AES_ALGORITHM, CALG_AES_128, 128}, 16, true},
    [AES_256_CCM] = {{BCRYPT_AES_ALGORITHM, CALG_AES_256, 256}, 16, true},
    [AES_128_CBC] = {{BCRYPT_AES_ALGORITHM, CALG_AES_128, 128}, 16, false},
    [AES_256_CBC] = {{BCRYPT_AES_ALGORITHM, CALG_AES_256, 256}, 16, false},
    /* CryptoAPI has no number for it. */
    [CHACHA20] = {{L"CHACHA20_POLY1305", CALG_OID_INFO_CNG_ONLY, 256}, 1, true},
    [TDES_CBC] = {{BCRYPT_3DES_ALGORITHM, CALG_3DES, 168}, 8, false},
    [NO_CIPHER] = {{L"NULL", CALG_NULLCIPHER, 0}, 1, false},
};

static const struct suite_algorithm hashes[] = {
    [SHA1] = {BCRYPT_SHA1_ALGORITHM, CALG_SHA1, 160},
    [SHA256] = {BCRYPT_SHA256_ALGORITHM, CALG_SHA_256, 256},
    [SHA384] = {BCRYPT_SHA384_ALGORITHM, CALG_SHA_384, 384},
};

static const struct {
    struct suite_algorithm algorithm;
    DWORD minimum, maximum;
} exchanges[] = {
    [RSA] = {{BCRYPT_RSA_ALGORITHM, CALG_RSA_KEYX, 0}, 512, 16384},
    [DHE] = {{BCRYPT_DH_ALGORITHM, CALG_DH_EPHEM, 0}, 1024, 4096},
    [ECDHE] = {{L"ECDH", CALG_ECDH_EPHEM, 0}, 0, 65536},
};

#define SUITE(number, name, cipher, hash, exchange, certificate)                                   \
    {                                                                                              \
        number, L##name, cipher, hash, exchange, certificate                                       \
    }
static const struct {
    uint16_t number;
    const WCHAR *name;
    uint8_t cipher, hash, exchange, certificate;
} suites[] = {
    /* clang-format off */
    SUITE(0x1301, "TLS_AES_128_GCM_SHA256", AES_128_GCM, SHA256, ECDHE, BY_SIGNATURE),
    SUITE(0x1302, "TLS_AES_256_GCM_SHA384", AES_256_GCM, SHA384, ECDHE, BY_SIGNATURE),
    SUITE(0x1303, "TLS_CHACHA20_POLY1305_SHA256", CHACHA20, SHA256, ECDHE, BY_SIGNATURE),
    SUITE(0x1304, "TLS_AES_128_CCM_SHA256", AES_128_CCM, SHA256, ECDHE, BY_SIGNATURE),
    SUITE(0x1305, "TLS_AES_128_CCM_8_SHA256", AES_128_CCM, SHA256, ECDHE, BY_SIGNATURE),

    SUITE(0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", AES_128_GCM, SHA256, ECDHE, ECDSA_CERTIFICATE),
    SUITE(0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", AES_256_GCM, SHA384, ECDHE, ECDSA_CERTIFICATE),
    SUITE(0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", CHACHA20, SHA256, ECDHE, ECDSA_CERTIFICATE),
    SUITE(0xc0ac, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM", AES_128_CCM, SHA256, ECDHE, ECDSA_CERTIFICATE),
    SUITE(0xc0ad, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM", AES_256_CCM, SHA256, ECDHE, ECDSA_CERTIFICATE),
    SUITE(0xc0ae, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", AES_128_CCM, SHA256, ECDHE, ECDSA_CERTIFICATE),
    SUITE(0xc0af, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8", AES_256_CCM, SHA256, ECDHE, ECDSA_CERTIFICATE),
    SUITE(0xc009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", AES_128_CBC, SHA1, ECDHE, ECDSA_CERTIFICATE),
    SUITE(0xc00a, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", AES_256_CBC, SHA1, ECDHE, ECDSA_CERTIFICATE),
    SUITE(0xc023, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", AES_128_CBC, SHA256, ECDHE, ECDSA_CERTIFICATE),
    SUITE(0xc024, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", AES_256_CBC, SHA384, ECDHE, ECDSA_CERTIFICATE),
    SUITE(0xc008, "TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA", TDES_CBC, SHA1, ECDHE, ECDSA_CERTIFICATE),

    SUITE(0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", AES_128_GCM, SHA256, ECDHE, RSA_CERTIFICATE),
    SUITE(0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", AES_256_GCM, SHA384, ECDHE, RSA_CERTIFICATE),
    SUITE(0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", CHACHA20, SHA256, ECDHE, RSA_CERTIFICATE),
    SUITE(0xc013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", AES_128_CBC, SHA1, ECDHE, RSA_CERTIFICATE),
    SUITE(0xc014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", AES_256_CBC, SHA1, ECDHE, RSA_CERTIFICATE),
    SUITE(0xc027, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", AES_128_CBC, SHA256, ECDHE, RSA_CERTIFICATE),
    SUITE(0xc028, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", AES_256_CBC, SHA384, ECDHE, RSA_CERTIFICATE),
    SUITE(0xc012, "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", TDES_CBC, SHA1, ECDHE, RSA_CERTIFICATE),

    SUITE(0x009e, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", AES_128_GCM, SHA256, DHE, RSA_CERTIFICATE),
    SUITE(0x009f, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", AES_256_GCM, SHA384, DHE, RSA_CERTIFICATE),
    SUITE(0xccaa, "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256", CHACHA20, SHA256, DHE, RSA_CERTIFICATE),
    SUITE(0xc09e, "TLS_DHE_RSA_WITH_AES_128_CCM", AES_128_CCM, SHA256, DHE, RSA_CERTIFICATE),
    SUITE(0xc09f, "TLS_DHE_RSA_WITH_AES_256_CCM", AES_256_CCM, SHA256, DHE, RSA_CERTIFICATE),
    SUITE(0xc0a2, "TLS_DHE_RSA_WITH_AES_128_CCM_8", AES_128_CCM, SHA256, DHE, RSA_CERTIFICATE),
    SUITE(0xc0a3, "TLS_DHE_RSA_WITH_AES_256_CCM_8", AES_256_CCM, SHA256, DHE, RSA_CERTIFICATE),
    SUITE(0x0033, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA", AES_128_CBC, SHA1, DHE, RSA_CERTIFICATE),
    SUITE(0x0039, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA", AES_256_CBC, SHA1, DHE, RSA_CERTIFICATE),
    SUITE(0x0067, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256", AES_128_CBC, SHA256, DHE, RSA_CERTIFICATE),
    SUITE(0x006b, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256", AES_256_CBC, SHA256, DHE, RSA_CERTIFICATE),
    SUITE(0x0016, "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA", TDES_CBC, SHA1, DHE, RSA_CERTIFICATE),

    SUITE(0x009c, "TLS_RSA_WITH_AES_128_GCM_SHA256", AES_128_GCM, SHA256, RSA, RSA_CERTIFICATE),
    SUITE(0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384", AES_256_GCM, SHA384, RSA, RSA_CERTIFICATE),
    SUITE(0xc09c, "TLS_RSA_WITH_AES_128_CCM", AES_128_CCM, SHA256, RSA, RSA_CERTIFICATE),
    SUITE(0xc09d, "TLS_RSA_WITH_AES_256_CCM", AES_256_CCM, SHA256, RSA, RSA_CERTIFICATE),
    SUITE(0xc0a0, "TLS_RSA_WITH_AES_128_CCM_8", AES_128_CCM, SHA256, RSA, RSA_CERTIFICATE),
    SUITE(0xc0a1, "TLS_RSA_WITH_AES_256_CCM_8", AES_256_CCM, SHA256, RSA, RSA_CERTIFICATE),
    SUITE(0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA", AES_128_CBC, SHA1, RSA, RSA_CERTIFICATE),
    SUITE(0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA", AES_256_CBC, SHA1, RSA, RSA_CERTIFICATE),
    SUITE(0x003c, "TLS_RSA_WITH_AES_128_CBC_SHA256", AES_128_CBC, SHA256, RSA, RSA_CERTIFICATE),
    SUITE(0x003d, "TLS_RSA_WITH_AES_256_CBC_SHA256", AES_256_CBC, SHA256, RSA, RSA_CERTIFICATE),
    SUITE(0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA", TDES_CBC, SHA1, RSA, RSA_CERTIFICATE),

    SUITE(0xc006, "TLS_ECDHE_ECDSA_WITH_NULL_SHA", NO_CIPHER, SHA1, ECDHE, ECDSA_CERTIFICATE),
    SUITE(0xc010, "TLS_ECDHE_RSA_WITH_NULL_SHA", NO_CIPHER, SHA1, ECDHE, RSA_CERTIFICATE),
    SUITE(0x003b, "TLS_RSA_WITH_NULL_SHA256", NO_CIPHER, SHA256, RSA, RSA_CERTIFICATE),
    SUITE(0x0002, "TLS_RSA_WITH_NULL_SHA", NO_CIPHER, SHA1, RSA, RSA_CERTIFICATE),
    /* clang-format on */
};

static const WCHAR *certificate_of_signature(uint32_t scheme)
{
    switch (scheme) {
    case 0x0201:
    case 0x0401:
    case 0x0501:
    case 0x0601: /* PKCS#1 */
    case 0x0804:
    case 0x0805:
    case 0x0806: /* PSS, RSA key */
    case 0x0809:
    case 0x080a:
    case 0x080b: /* PSS, PSS key */
        return L"RSA";
    case 0x0203:
    case 0x0403:
    case 0x0503:
    case 0x0603:
        return L"ECDSA";
    case 0x0807:
    case 0x0808:
        return L"EdDSA";
    }
    return L"";
}

void suite_describe(uint32_t number, uint32_t signature_scheme, struct suite *suite)
{
    static const struct suite_algorithm none = {L"", 0, 0};

    *suite = (struct suite){.name = L"",
                            .cipher = &none,
                            .hash = &none,
                            .exchange = &none,
                            .certificate = certificate_of_signature(signature_scheme)};
    for (unsigned int i = 0; i < ARRAYSIZE(suites); i++) {
        if (suites[i].number != number)
            continue;
        suite->number = number;
        suite->name = suites[i].name;
        suite->cipher = &ciphers[suites[i].cipher].algorithm;
        suite->block_size = ciphers[suites[i].cipher].block_size;
        suite->aead = ciphers[suites[i].cipher].aead;
        suite->hash = &hashes[suites[i].hash];
        suite->exchange = &exchanges[suites[i].exchange].algorithm;
        suite->exchange_minimum = exchanges[suites[i].exchange].minimum;
        suite->exchange_maximum = exchanges[suites[i].exchange].maximum;
        if (suites[i].certificate == RSA_CERTIFICATE)
            suite->certificate = L"RSA";
        else if (suites[i].certificate == ECDSA_CERTIFICATE)
            suite->certificate = L"ECDSA";
        return;
    }
}

static tls_u64 parts_of(unsigned int index)
{
    static const tls_u64 cipher_parts[] = {
        [AES_128_GCM] = TLS_DISABLE_AES_128_GCM,
        [AES_256_GCM] = TLS_DISABLE_AES_256_GCM,
        [AES_128_CCM] = TLS_DISABLE_AES_CCM,
        [AES_256_CCM] = TLS_DISABLE_AES_CCM,
        [AES_128_CBC] = TLS_DISABLE_AES_128_CBC,
        [AES_256_CBC] = TLS_DISABLE_AES_256_CBC,
        [CHACHA20] = TLS_DISABLE_CHACHA20_POLY1305,
        [TDES_CBC] = TLS_DISABLE_3DES_CBC,
        [NO_CIPHER] = TLS_DISABLE_NULL,
    };
    static const tls_u64 mac_parts[] = {
        [SHA1] = TLS_DISABLE_MAC_SHA1,
        [SHA256] = TLS_DISABLE_MAC_SHA256,
        [SHA384] = TLS_DISABLE_MAC_SHA384,
    };
    static const tls_u64 exchange_parts[] = {
        [RSA] = TLS_DISABLE_KX_RSA,
        [DHE] = TLS_DISABLE_KX_DHE,
        [ECDHE] = TLS_DISABLE_KX_ECDHE,
    };

    return cipher_parts[suites[index].cipher] | exchange_parts[suites[index].exchange] |
           (ciphers[suites[index].cipher].aead ? 0 : mac_parts[suites[index].hash]);
}

uint16_t suite_by_name(const WCHAR *name, int length, tls_u64 *parts)
{
    static const WCHAR *const curves[] = {L"_P256", L"_P384", L"_P521"};
    const int end = 5;

    for (unsigned int i = 0; i < ARRAYSIZE(curves) && length > end; i++) {
        if (CompareStringOrdinal(name + length - end, end, curves[i], end, TRUE) == CSTR_EQUAL)
            length -= end;
    }
    for (unsigned int i = 0; i < ARRAYSIZE(suites); i++) {
        if (CompareStringOrdinal(name, length, suites[i].name, -1, TRUE) != CSTR_EQUAL)
            continue;
        *parts = parts_of(i);
        return suites[i].number;
    }
    return 0;
}

DWORD suite_key_type(uint32_t group)
{
    /* The registry's elliptic curves; finite field groups start at 256. */
    return group < 256 ? group : 0;
}
