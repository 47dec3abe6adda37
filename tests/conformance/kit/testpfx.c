/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kit/testpfx.h"
#include "wine/test.h"

#define OID_DATA             "1.2.840.113549.1.7.1"
#define OID_LOCAL_KEY_ID     "1.2.840.113549.1.9.21"
#define OID_X509_CERTIFICATE "1.2.840.113549.1.9.22.1"
#define OID_KEY_BAG          "1.2.840.113549.1.12.10.1.1"
#define OID_CERTIFICATE_BAG  "1.2.840.113549.1.12.10.1.3"

enum { OCTETS = 0x04, SEQUENCE = 0x30, SET = 0x31, EXPLICIT_0 = 0xa0 };

/* The same number for both: they belong together. */
static void write_key_id(struct der *der)
{
    static const BYTE number = 1;
    DWORD mark = der_mark(der), inner = mark;

    der_element(der, OCTETS, &number, sizeof(number));
    der_wrap(der, SET, mark);
    der_oid(der, OID_LOCAL_KEY_ID);
    der_wrap(der, SEQUENCE, inner);
    der_wrap(der, SET, mark);
}

static void write_key(struct der *der, const struct test_key *key)
{
    DWORD bag = der_mark(der), value;

    write_key_id(der);
    value = der_mark(der);
    der_raw(der, der_data(&key->pkcs8), der_size(&key->pkcs8));
    der_wrap(der, EXPLICIT_0, value);
    der_oid(der, OID_KEY_BAG);
    der_wrap(der, SEQUENCE, bag);
}

static void write_certificate(struct der *der, const CERT_CONTEXT *certificate)
{
    DWORD bag = der_mark(der), value;

    write_key_id(der);
    value = der_mark(der);
    der_element(der, OCTETS, certificate->pbCertEncoded, certificate->cbCertEncoded);
    der_wrap(der, EXPLICIT_0, value);
    der_oid(der, OID_X509_CERTIFICATE);
    der_wrap(der, SEQUENCE, value);
    der_wrap(der, EXPLICIT_0, value);
    der_oid(der, OID_CERTIFICATE_BAG);
    der_wrap(der, SEQUENCE, bag);
}

/* ContentInfo of plain data around all since mark. */
static void wrap_content(struct der *der, DWORD mark)
{
    der_wrap(der, OCTETS, mark);
    der_wrap(der, EXPLICIT_0, mark);
    der_oid(der, OID_DATA);
    der_wrap(der, SEQUENCE, mark);
}

static void write_pfx(struct der *der, const struct test_cert *cert)
{
    DWORD mark;

    der_init(der);
    mark = der_mark(der);
    write_certificate(der, cert->context);
    write_key(der, cert->key);
    der_wrap(der, SEQUENCE, mark);
    wrap_content(der, mark);
    der_wrap(der, SEQUENCE, mark);
    wrap_content(der, mark);
    der_integer(der, 3);
    der_wrap(der, SEQUENCE, mark);
}

const CERT_CONTEXT *pfx_import(const struct test_cert *cert, DWORD flags)
{
    const CERT_CONTEXT *found = NULL;
    struct der der;
    CRYPT_DATA_BLOB blob;
    HCERTSTORE store;

    write_pfx(&der, cert);
    blob.cbData = der_size(&der);
    blob.pbData = (BYTE *)der_data(&der);
    store = PFXImportCertStore(&blob, L"", flags);
    if (store)
        found = CertFindCertificateInStore(store, X509_ASN_ENCODING, 0, CERT_FIND_EXISTING,
                                           cert->context, NULL);
    ok(found != NULL, "the PFX is not imported, error %#lx\n", GetLastError());
    CertCloseStore(store, 0);
    return found;
}
