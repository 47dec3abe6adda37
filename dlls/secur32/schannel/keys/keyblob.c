/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Private key blobs into PKCS#8 DER (RFC 5208, RFC 8017 A.1.2, RFC 5915).
 *
 * A CryptoAPI blob stores its numbers least significant byte first, a CNG blob most significant
 * byte first; both are cut into fields whose sizes follow from the header. The DER is written back
 * to front into a buffer that is larger than it can become; what is left in front is moved over,
 * and everything that was ever written is wiped when the key is freed.
 */
#include "schannel/keys/keyblob.h"
#include "schannel/keys/der.h"
#include "schannel/keys/provider.h"
#include "schannel/keys/rsa.h"

#include <wincrypt.h>
#include <bcrypt.h>
#include <string.h>

/* Tags, lengths, object identifiers and sign bytes of any of our structures. */
#define DER_OVERHEAD 128

enum rsa_field { RSA_N, RSA_E, RSA_D, RSA_P, RSA_Q, RSA_DP, RSA_DQ, RSA_QI, RSA_FIELDS };

struct number {
    const BYTE *data;
    DWORD size;
};

static const BYTE oid_rsa[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01};
static const BYTE oid_ec[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
static const BYTE oid_p256[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
static const BYTE oid_p384[] = {0x2b, 0x81, 0x04, 0x00, 0x22};
static const BYTE oid_p521[] = {0x2b, 0x81, 0x04, 0x00, 0x23};

static bool open_der(struct der *der, struct schannel_private_key *key, DWORD capacity)
{
    key->data = HeapAlloc(GetProcessHeap(), 0, capacity);
    if (!key->data)
        return false;
    key->capacity = capacity;
    key->size = 0;
    der_init(der, key->data, capacity);
    return true;
}

static SECURITY_STATUS close_der(struct der *der, struct schannel_private_key *key)
{
    if (der->overflow) {
        schannel_free_key(key);
        return SEC_E_INTERNAL_ERROR;
    }
    key->size = (DWORD)der_mark(der);
    memmove(key->data, key->data + der->start, key->size);
    return SEC_E_OK;
}

static void integer_zero(struct der *der)
{
    static const uint8_t zero = 0;

    der_integer(der, &zero, 1, DER_BIG_ENDIAN);
}

/* The numbers may be in either order; the order of the DER elements is RFC 8017's. */
static SECURITY_STATUS write_rsa(const struct number numbers[RSA_FIELDS], enum der_order order,
                                 struct schannel_private_key *key)
{
    DWORD capacity = DER_OVERHEAD;
    struct der der;
    size_t algorithm;

    for (unsigned int i = 0; i < RSA_FIELDS; i++)
        capacity += numbers[i].size + 8;
    if (!open_der(&der, key, capacity))
        return SEC_E_INSUFFICIENT_MEMORY;
    for (int i = RSA_FIELDS - 1; i >= 0; i--)
        der_integer(&der, numbers[i].data, numbers[i].size, order);
    integer_zero(&der);
    der_wrap(&der, DER_SEQUENCE, 0);
    der_wrap(&der, DER_OCTET_STRING, 0);
    algorithm = der_mark(&der);
    der_element(&der, DER_NULL, NULL, 0);
    der_element(&der, DER_OID, oid_rsa, sizeof(oid_rsa));
    der_wrap(&der, DER_SEQUENCE, algorithm);
    integer_zero(&der);
    der_wrap(&der, DER_SEQUENCE, 0);
    return close_der(&der, key);
}

/* Takes the next field; false when the blob ends before it. */
static bool take(struct number *number, const BYTE **next, DWORD *left, DWORD size)
{
    if (!size || size > *left)
        return false;
    number->data = *next;
    number->size = size;
    *next += size;
    *left -= size;
    return true;
}

/*
 * Puts d, dP and dQ into room, which holds them, and makes them the key's. They are not taken from
 * the blob: when one of its numbers is shorter than usual (4 % of keys), Wine's PFX import shifts
 * what follows it.
 */
static bool compute_exponents(struct number numbers[RSA_FIELDS], DWORD exponent, BYTE *room)
{
    const struct number *n = &numbers[RSA_N], *p = &numbers[RSA_P], *q = &numbers[RSA_Q];
    BYTE *d = room, *dp = d + n->size, *dq = dp + p->size;

    rsa_totient(d, n->data, n->size, p->data, q->data, p->size);
    memcpy(dp, p->data, p->size);
    memcpy(dq, q->data, q->size);
    dp[0] &= ~1; /* less one: primes are odd */
    dq[0] &= ~1;
    numbers[RSA_D].data = d;
    numbers[RSA_DP].data = dp;
    numbers[RSA_DQ].data = dq;
    return rsa_invert(d, n->size, exponent) && rsa_invert(dp, p->size, exponent) &&
           rsa_invert(dq, q->size, exponent);
}

SECURITY_STATUS keyblob_from_capi(const BYTE *blob, DWORD size, struct schannel_private_key *key)
{
    SECURITY_STATUS status = SEC_E_UNKNOWN_CREDENTIALS;
    struct number numbers[RSA_FIELDS];
    BLOBHEADER header;
    RSAPUBKEY rsa;
    BYTE exponent[4], *room;
    DWORD left, whole, half;
    const BYTE *next;

    if (size < sizeof(header) + sizeof(rsa))
        return SEC_E_UNKNOWN_CREDENTIALS;
    memcpy(&header, blob, sizeof(header));
    memcpy(&rsa, blob + sizeof(header), sizeof(rsa));
    if (header.bType != PRIVATEKEYBLOB || rsa.magic != 0x32415352 || rsa.bitlen > 65536)
        return SEC_E_UNKNOWN_CREDENTIALS;
    whole = (rsa.bitlen + 7) / 8;
    half = (rsa.bitlen + 15) / 16;
    next = blob + sizeof(header) + sizeof(rsa);
    left = size - sizeof(header) - sizeof(rsa);
    if (!take(&numbers[RSA_N], &next, &left, whole) || !take(&numbers[RSA_P], &next, &left, half) ||
        !take(&numbers[RSA_Q], &next, &left, half) || !take(&numbers[RSA_DP], &next, &left, half) ||
        !take(&numbers[RSA_DQ], &next, &left, half) ||
        !take(&numbers[RSA_QI], &next, &left, half) || !take(&numbers[RSA_D], &next, &left, whole))
        return SEC_E_UNKNOWN_CREDENTIALS;
    for (unsigned int i = 0; i < sizeof(exponent); i++)
        exponent[i] = (BYTE)(rsa.pubexp >> 8 * i);
    numbers[RSA_E].data = exponent;
    numbers[RSA_E].size = sizeof(exponent);
    room = HeapAlloc(GetProcessHeap(), 0, whole + 2 * half);
    if (!room)
        return SEC_E_INSUFFICIENT_MEMORY;
    if (compute_exponents(numbers, rsa.pubexp, room))
        status = write_rsa(numbers, DER_LITTLE_ENDIAN, key);
    SecureZeroMemory(room, whole + 2 * half);
    HeapFree(GetProcessHeap(), 0, room);
    return status;
}

SECURITY_STATUS keyblob_from_cng_rsa(const BYTE *blob, DWORD size, struct schannel_private_key *key)
{
    struct number numbers[RSA_FIELDS];
    BCRYPT_RSAKEY_BLOB rsa;
    const BYTE *next;
    DWORD left;

    if (size < sizeof(rsa))
        return SEC_E_UNKNOWN_CREDENTIALS;
    memcpy(&rsa, blob, sizeof(rsa));
    next = blob + sizeof(rsa);
    left = size - sizeof(rsa);
    if (rsa.Magic != BCRYPT_RSAFULLPRIVATE_MAGIC ||
        !take(&numbers[RSA_E], &next, &left, rsa.cbPublicExp) ||
        !take(&numbers[RSA_N], &next, &left, rsa.cbModulus) ||
        !take(&numbers[RSA_P], &next, &left, rsa.cbPrime1) ||
        !take(&numbers[RSA_Q], &next, &left, rsa.cbPrime2) ||
        !take(&numbers[RSA_DP], &next, &left, rsa.cbPrime1) ||
        !take(&numbers[RSA_DQ], &next, &left, rsa.cbPrime2) ||
        !take(&numbers[RSA_QI], &next, &left, rsa.cbPrime1) ||
        !take(&numbers[RSA_D], &next, &left, rsa.cbModulus))
        return SEC_E_UNKNOWN_CREDENTIALS;
    return write_rsa(numbers, DER_BIG_ENDIAN, key);
}

static const BYTE *curve_oid(ULONG magic, DWORD coordinate, DWORD *size)
{
    switch (magic) {
    case BCRYPT_ECDSA_PRIVATE_P256_MAGIC:
    case BCRYPT_ECDH_PRIVATE_P256_MAGIC:
        *size = sizeof(oid_p256);
        return coordinate == 32 ? oid_p256 : NULL;
    case BCRYPT_ECDSA_PRIVATE_P384_MAGIC:
    case BCRYPT_ECDH_PRIVATE_P384_MAGIC:
        *size = sizeof(oid_p384);
        return coordinate == 48 ? oid_p384 : NULL;
    case BCRYPT_ECDSA_PRIVATE_P521_MAGIC:
    case BCRYPT_ECDH_PRIVATE_P521_MAGIC:
        *size = sizeof(oid_p521);
        return coordinate == 66 ? oid_p521 : NULL;
    }
    return NULL;
}

SECURITY_STATUS keyblob_from_cng_ec(const BYTE *blob, DWORD size, struct schannel_private_key *key)
{
    /* No unused bits, then an uncompressed point. */
    static const BYTE point_prefix[] = {0x00, 0x04};
    static const BYTE version = 1;
    struct number x, y, d;
    const BYTE *next, *curve;
    BCRYPT_ECCKEY_BLOB ec;
    DWORD left, curve_size;
    struct der der;
    size_t algorithm;

    if (size < sizeof(ec))
        return SEC_E_UNKNOWN_CREDENTIALS;
    memcpy(&ec, blob, sizeof(ec));
    next = blob + sizeof(ec);
    left = size - sizeof(ec);
    curve = curve_oid(ec.dwMagic, ec.cbKey, &curve_size);
    if (!curve || !take(&x, &next, &left, ec.cbKey) || !take(&y, &next, &left, ec.cbKey) ||
        !take(&d, &next, &left, ec.cbKey))
        return SEC_E_UNKNOWN_CREDENTIALS;
    if (!open_der(&der, key, DER_OVERHEAD + 3 * ec.cbKey))
        return SEC_E_INSUFFICIENT_MEMORY;
    der_bytes(&der, y.data, y.size);
    der_bytes(&der, x.data, x.size);
    der_bytes(&der, point_prefix, sizeof(point_prefix));
    der_wrap(&der, DER_BIT_STRING, 0);
    der_wrap(&der, DER_CONTEXT_1, 0);
    der_element(&der, DER_OCTET_STRING, d.data, d.size);
    der_integer(&der, &version, 1, DER_BIG_ENDIAN);
    der_wrap(&der, DER_SEQUENCE, 0);
    der_wrap(&der, DER_OCTET_STRING, 0);
    algorithm = der_mark(&der);
    der_element(&der, DER_OID, curve, curve_size);
    der_element(&der, DER_OID, oid_ec, sizeof(oid_ec));
    der_wrap(&der, DER_SEQUENCE, algorithm);
    integer_zero(&der);
    der_wrap(&der, DER_SEQUENCE, 0);
    return close_der(&der, key);
}
