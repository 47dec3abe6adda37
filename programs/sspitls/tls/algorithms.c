/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Each name is one entry of CRYPTO_SETTINGS, as its reference page has them: an algorithm of CNG,
 * for one usage. Bounds say which lengths stay. Windows takes a suite out of the offer when it
 * needs what is switched off; a suite by its own name can be named in the registry's lists alone.
 */
#include "tls/algorithms.h"

#include <bcrypt.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

#define TEXT_OF(literal)                                                                           \
    {                                                                                              \
        sizeof(literal) - sizeof(WCHAR), sizeof(literal), (WCHAR *)(literal)                       \
    }

static UNICODE_STRING gcm = TEXT_OF(BCRYPT_CHAIN_MODE_GCM);
static UNICODE_STRING cbc = TEXT_OF(BCRYPT_CHAIN_MODE_CBC);
static UNICODE_STRING ccm = TEXT_OF(BCRYPT_CHAIN_MODE_CCM);

static const struct row {
    const char *name;
    eTlsAlgorithmUsage usage;
    UNICODE_STRING algorithm;
    UNICODE_STRING *mode;
    DWORD shortest, longest; /* bits of keys that stay; 0: none does, or no bound */
} rows[] = {
    {"aes128-gcm", TlsParametersCngAlgUsageCipher, TEXT_OF(L"AES"), &gcm, 256, 0},
    {"aes256-gcm", TlsParametersCngAlgUsageCipher, TEXT_OF(L"AES"), &gcm, 0, 128},
    {"aes128-cbc", TlsParametersCngAlgUsageCipher, TEXT_OF(L"AES"), &cbc, 256, 0},
    {"aes256-cbc", TlsParametersCngAlgUsageCipher, TEXT_OF(L"AES"), &cbc, 0, 128},
    {"aes-ccm", TlsParametersCngAlgUsageCipher, TEXT_OF(L"AES"), &ccm, 0, 0},
    {"chacha20", TlsParametersCngAlgUsageCipher, TEXT_OF(L"CHACHA20_POLY1305"), NULL, 0, 0},
    {"3des", TlsParametersCngAlgUsageCipher, TEXT_OF(L"3DES"), NULL, 0, 0},
    {"rsa-kex", TlsParametersCngAlgUsageKeyExchange, TEXT_OF(L"RSA"), NULL, 0, 0},
    {"dhe", TlsParametersCngAlgUsageKeyExchange, TEXT_OF(L"DH"), NULL, 0, 0},
    {"ecdhe", TlsParametersCngAlgUsageKeyExchange, TEXT_OF(L"ECDH"), NULL, 0, 0},
    {"x25519", TlsParametersCngAlgUsageKeyExchange, TEXT_OF(L"curve25519"), NULL, 0, 0},
    {"p256", TlsParametersCngAlgUsageKeyExchange, TEXT_OF(L"ECDH_P256"), NULL, 0, 0},
    {"p384", TlsParametersCngAlgUsageKeyExchange, TEXT_OF(L"ECDH_P384"), NULL, 0, 0},
    {"p521", TlsParametersCngAlgUsageKeyExchange, TEXT_OF(L"ECDH_P521"), NULL, 0, 0},
    {"x25519mlkem768", TlsParametersCngAlgUsageKeyExchange, TEXT_OF(L"x25519_mlkem768"), NULL, 0,
     0},
    {"rsa", TlsParametersCngAlgUsageCertSig, TEXT_OF(L"RSA"), NULL, 0, 0},
    {"rsa-pkcs1", TlsParametersCngAlgUsageCertSig, TEXT_OF(L"SCH_RSA_PKCS_PAD"), NULL, 0, 0},
    {"rsa-pss", TlsParametersCngAlgUsageCertSig, TEXT_OF(L"SCH_RSA_PSS_PAD"), NULL, 0, 0},
    {"ecdsa", TlsParametersCngAlgUsageCertSig, TEXT_OF(L"ECDSA"), NULL, 0, 0},
    {"sha1", TlsParametersCngAlgUsageCertSig, TEXT_OF(L"SHA1"), NULL, 0, 0},
    {"sha256", TlsParametersCngAlgUsageCertSig, TEXT_OF(L"SHA256"), NULL, 0, 0},
    {"sha384", TlsParametersCngAlgUsageCertSig, TEXT_OF(L"SHA384"), NULL, 0, 0},
    {"sha512", TlsParametersCngAlgUsageCertSig, TEXT_OF(L"SHA512"), NULL, 0, 0},
};

static const struct row *find_row(const char *name, size_t length)
{
    for (size_t i = 0; i < ARRAYSIZE(rows); i++) {
        if (strlen(rows[i].name) == length && !strncmp(rows[i].name, name, length))
            return &rows[i];
    }
    return NULL;
}

static void report_names(const char *list)
{
    char names[512];
    size_t used = 0;

    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
        used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i ? ", " : "",
                                 rows[i].name);
    report("--without: '%s' is not a list of %s", list, names);
}

bool algorithms_parse(struct algorithms *algorithms, const char *list)
{
    for (const char *at = list;; at++) {
        const size_t length = strcspn(at, ",");
        const struct row *row = find_row(at, length);

        if (!row) {
            report_names(list);
            return false;
        }
        if (algorithms->count == ARRAYSIZE(algorithms->settings)) {
            report("--without: more than %u names", algorithms->count);
            return false;
        }
        algorithms->settings[algorithms->count++] = (CRYPTO_SETTINGS){
            .eAlgorithmUsage = row->usage,
            .strCngAlgId = row->algorithm,
            .cChainingModes = row->mode ? 1 : 0,
            .rgstrChainingModes = row->mode,
            .dwMinBitLength = row->shortest,
            .dwMaxBitLength = row->longest,
        };
        at += length;
        if (!*at)
            return true;
    }
}
