/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The private key of a certificate context.
 *
 * A certificate says in one of its properties where its key is. They are looked at in this order,
 * and the first that is there decides: the key itself (ASYNCSSPI_CERT_PKCS8_PROP_ID), an open
 * CryptoAPI or CNG handle, an open CNG handle, the name of a key container. A key that its provider
 * lets out is exported once, handed to the TLS engine, and every copy made here is wiped; another
 * one is used where it is.
 */
#include "schannel/keys/key.h"
#include "asyncsspi.h"
#include "schannel/keys/capikey.h"
#include "schannel/keys/cngkey.h"
#include "schannel/keys/der.h"
#include "schannel/keys/provider.h"

/* A property's bytes on the process heap; NULL when the certificate has none. */
static void *get_property(const CERT_CONTEXT *certificate, DWORD property, DWORD *size)
{
    void *data = NULL;

    *size = 0;
    if (!CertGetCertificateContextProperty(certificate, property, NULL, size) || !*size)
        return NULL;
    data = HeapAlloc(GetProcessHeap(), 0, *size);
    if (data && !CertGetCertificateContextProperty(certificate, property, data, size)) {
        key_free_secret(data, *size);
        data = NULL;
    }
    return data;
}

SECURITY_STATUS schannel_open_key(const CERT_CONTEXT *certificate, struct schannel_private_key *key)
{
    SECURITY_STATUS status = SEC_E_NO_CREDENTIALS;
    CRYPT_KEY_PROV_INFO *info;
    CERT_KEY_CONTEXT context;
    ULONG_PTR handle;
    DWORD size;

    /* A certificate that is none. */
    if (!certificate->pCertInfo->SubjectPublicKeyInfo.PublicKey.cbData)
        return SEC_E_UNKNOWN_CREDENTIALS;
    key->data = get_property(certificate, ASYNCSSPI_CERT_PKCS8_PROP_ID, &key->size);
    key->capacity = key->size;
    if (key->data && der_is_numbered_sequence(key->data, key->size))
        return SEC_E_OK;
    /* The property's number is also that of a key file's name, which is not for us. It may begin
     * with "0", DER's byte for a SEQUENCE. */
    schannel_free_key(key);

    size = sizeof(context);
    if (CertGetCertificateContextProperty(certificate, CERT_KEY_CONTEXT_PROP_ID, &context, &size)) {
        if (context.dwKeySpec == CERT_NCRYPT_KEY_SPEC)
            return cng_key_from_handle(certificate, context.hCryptProv, key);
        return capi_key_from_handle(certificate, context.hCryptProv, context.dwKeySpec, key);
    }

    size = sizeof(handle);
    if (CertGetCertificateContextProperty(certificate, CERT_NCRYPT_KEY_HANDLE_PROP_ID, &handle,
                                          &size))
        return cng_key_from_handle(certificate, handle, key);

    info = get_property(certificate, CERT_KEY_PROV_INFO_PROP_ID, &size);
    if (!info)
        return SEC_E_NO_CREDENTIALS;
    status = info->dwProvType ? capi_key_from_name(certificate, info, key)
                              : cng_key_from_name(certificate, info, key);
    HeapFree(GetProcessHeap(), 0, info);
    return status;
}
