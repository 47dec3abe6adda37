/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which certificates go out with a leaf, and which leaf a thumbprint names.
 *
 * The chain is found by walking from issuer to issuer, in the store that came with the leaf and in
 * the system's stores of intermediate authorities. When several certificates carry an issuer's name
 * those whose key verifies the signature come first, or all where crypt32 cannot verify that kind
 * of signature; among them those that are valid now, as in the chain that Windows' engine prefers:
 * an authority's certificate may have been renewed with its key. Nothing is fetched from the
 * network.
 */
#include "schannel/credentials/chain.h"
#include "schannel/credentials/systemstore.h"

#include <string.h>

#define ENCODING  (X509_ASN_ENCODING | PKCS_7_ASN_ENCODING)
#define SHA1_SIZE 20

static bool is_self_issued(const CERT_CONTEXT *certificate)
{
    return CertCompareCertificateName(ENCODING, &certificate->pCertInfo->Subject,
                                      &certificate->pCertInfo->Issuer);
}

static bool is_signed_by(const CERT_CONTEXT *certificate, const CERT_CONTEXT *issuer)
{
    return CryptVerifyCertificateSignatureEx(
        0, X509_ASN_ENCODING, CRYPT_VERIFY_CERT_SIGN_SUBJECT_CERT, (void *)certificate,
        CRYPT_VERIFY_CERT_SIGN_ISSUER_CERT, (void *)issuer, 0, NULL);
}

/* The best issuer found so far. */
struct search {
    const CERT_CONTEXT *subject;
    const CERT_CONTEXT *issuer; /* a reference, or NULL */
    int quality;                /* of `issuer`; UNKNOWN while there is no other of the name */
};

enum { UNKNOWN = -1, VALID_NOW = 1, HAS_SIGNED = 2 };

static int quality_of(const struct search *search, const CERT_CONTEXT *issuer)
{
    return (is_signed_by(search->subject, issuer) ? HAS_SIGNED : 0) |
           (CertVerifyTimeValidity(NULL, issuer->pCertInfo) ? 0 : VALID_NOW);
}

static bool is_same(const CERT_CONTEXT *one, const CERT_CONTEXT *other)
{
    return one->cbCertEncoded == other->cbCertEncoded &&
           !memcmp(one->pbCertEncoded, other->pbCertEncoded, one->cbCertEncoded);
}

/*
 * Takes the certificate if it is a better issuer than the one that was found before. The only one
 * of the name is taken as it is; that its signature fits is for the peer to see.
 */
static void consider(struct search *search, const CERT_CONTEXT *candidate)
{
    int quality;

    if (!search->issuer) {
        search->issuer = CertDuplicateCertificateContext(candidate);
        search->quality = UNKNOWN;
        return;
    }
    if (is_same(search->issuer, candidate))
        return;
    if (search->quality == UNKNOWN)
        search->quality = quality_of(search, search->issuer);
    quality = quality_of(search, candidate);
    if (quality <= search->quality)
        return;
    CertFreeCertificateContext(search->issuer);
    search->issuer = CertDuplicateCertificateContext(candidate);
    search->quality = quality;
}

static void search_store(struct search *search, HCERTSTORE store)
{
    const CERT_CONTEXT *candidate = NULL;

    while ((candidate = CertFindCertificateInStore(store, ENCODING, 0, CERT_FIND_SUBJECT_NAME,
                                                   &search->subject->pCertInfo->Issuer, candidate)))
        consider(search, candidate);
}

static void search_system(struct search *search, enum system_store which)
{
    HCERTSTORE store = system_store_get(which);

    if (!store)
        return;
    search_store(search, store);
    CertCloseStore(store, 0);
}

/* A new reference, or NULL. */
static const CERT_CONTEXT *find_issuer(const CERT_CONTEXT *leaf, const CERT_CONTEXT *certificate,
                                       bool with_root)
{
    struct search search = {.subject = certificate};

    if (leaf->hCertStore)
        search_store(&search, leaf->hCertStore);
    search_system(&search, SYSTEM_STORE_CA);
    if (!search.issuer && with_root)
        search_system(&search, SYSTEM_STORE_ROOT);
    return search.issuer;
}

unsigned int schannel_build_chain(const CERT_CONTEXT *leaf, bool with_root,
                                  const CERT_CONTEXT *chain[SCHANNEL_MAX_CHAIN])
{
    unsigned int count = 0;

    chain[count++] = CertDuplicateCertificateContext(leaf);
    while (count < SCHANNEL_MAX_CHAIN && !is_self_issued(chain[count - 1])) {
        const CERT_CONTEXT *issuer = find_issuer(leaf, chain[count - 1], with_root);

        if (!issuer)
            break;
        if (is_self_issued(issuer) && !with_root) {
            CertFreeCertificateContext(issuer);
            break;
        }
        chain[count++] = issuer;
    }
    return count;
}

static const CERT_CONTEXT *find_by_hash_in(const WCHAR *name, DWORD location, const BYTE *hash)
{
    CRYPT_HASH_BLOB blob = {SHA1_SIZE, (BYTE *)hash};
    const CERT_CONTEXT *certificate = NULL;
    HCERTSTORE store;

    store =
        CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0,
                      location | CERT_STORE_READONLY_FLAG | CERT_STORE_OPEN_EXISTING_FLAG, name);
    if (!store)
        return NULL;
    /* The context keeps the store's contents alive. */
    certificate = CertFindCertificateInStore(store, ENCODING, 0, CERT_FIND_SHA1_HASH, &blob, NULL);
    CertCloseStore(store, 0);
    return certificate;
}

static const CERT_CONTEXT *find_by_hash(const WCHAR *name, DWORD flags, const BYTE *hash)
{
    const CERT_CONTEXT *certificate = NULL;

    if (!(flags & SCH_MACHINE_CERT_HASH))
        certificate = find_by_hash_in(name, CERT_SYSTEM_STORE_CURRENT_USER, hash);
    if (!certificate)
        certificate = find_by_hash_in(name, CERT_SYSTEM_STORE_LOCAL_MACHINE, hash);
    return certificate;
}

static const CERT_CONTEXT *find_by_stored_hash(const SCHANNEL_CERT_HASH_STORE *hash)
{
    WCHAR name[SCH_CRED_MAX_STORE_NAME_SIZE + 1];

    memcpy(name, hash->pwszStoreName, sizeof(hash->pwszStoreName));
    name[SCH_CRED_MAX_STORE_NAME_SIZE] = 0;
    return find_by_hash(name, hash->dwFlags, hash->ShaHash);
}

const CERT_CONTEXT *schannel_find_certificate(DWORD format, const void *entries, DWORD index)
{
    switch (format) {
    case SCH_CRED_FORMAT_CERT_CONTEXT:
        return CertDuplicateCertificateContext(((const CERT_CONTEXT *const *)entries)[index]);
    case SCH_CRED_FORMAT_CERT_HASH:
        return find_by_hash(L"MY", 0, (const BYTE *)entries + (SIZE_T)index * SHA1_SIZE);
    case SCH_CRED_FORMAT_CERT_HASH_STORE:
        return find_by_stored_hash((const SCHANNEL_CERT_HASH_STORE *)entries + index);
    }
    return NULL;
}
