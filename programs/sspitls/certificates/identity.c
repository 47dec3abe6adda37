/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Own certificates. There are two ways to their keys: GnuTLS reads the file, and the key goes into
 * the PKCS#8 property of the certificate (see asyncsspi.h); or PFXImportCertStore does, as Windows
 * programs have it. The second one serves where asyncsspi is not, and knows neither PEM nor, under
 * Wine, keys that are not RSA.
 */
#include "certificates/identity.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "certificates/pem.h"
#include "certificates/pfx.h"
#include "certificates/unixidentity.h"

#define FILE_LIMIT (4u << 20)

/* A file of the command line, and what stands behind its name there. */
struct named_file {
    char *name;
    size_t name_size;
    const char *password; /* in `name`; NULL: none */
    struct buffer content;
};

/* Reads NAME; if there is no such file, its part before a colon, with the password behind that. */
static bool read_with_password(struct named_file *file, const char *argument)
{
    struct buffer *content = &file->content;
    DWORD error;
    char *name;

    memset(file, 0, sizeof(*file));
    file->name = name = strdup(argument);
    if (!name)
        return false;
    file->name_size = strlen(name);
    if (read_file(name, FILE_LIMIT, content))
        return true;
    error = GetLastError();
    for (char *colon = name; (colon = strchr(colon, ':')); colon++) {
        /* C:\file is a drive, not a password. */
        if (colon == name + 1)
            continue;
        *colon = 0;
        if (read_file(name, FILE_LIMIT, content)) {
            file->password = colon + 1;
            return true;
        }
        *colon = ':';
    }
    /* Without what may be a password. */
    if (strlen(name) > 2 && strchr(name + 2, ':'))
        *strchr(name + 2, ':') = 0;
    report_system(name, error);
    return false;
}

static void free_file(struct named_file *file)
{
    buffer_free(&file->content);
    if (file->name)
        SecureZeroMemory(file->name, file->name_size);
    free(file->name);
}

/* asyncsspi's secur32, which takes the key from the PKCS#8 property. */
static bool property_counts(void)
{
    HMODULE secur32 = GetModuleHandleA("secur32.dll");

    return unix_identity_there() && secur32 && GetProcAddress(secur32, "SspiCreateAsyncContext");
}

static void report_problem(enum identity_status status, const struct named_file *file,
                           const struct named_file *key)
{
    static const char *const problems[] = {
        [IDENTITY_FAILED] = "cannot be used",
        [IDENTITY_DAMAGED] = "damaged, or of another kind than PFX and PEM",
        [IDENTITY_UNSUPPORTED] = "made with an algorithm that is not known here",
        [IDENTITY_WRONG_PASSWORD] =
            "wrong password; it goes behind the name, FILE:PASSWORD, or into --pass",
        [IDENTITY_PASSWORD_NEEDED] = "the private key is encrypted; its password goes behind the "
                                     "name, FILE:PASSWORD, or into --pass",
        [IDENTITY_WRONG_MAC] = "damaged: its contents are not those that its checksum is of",
        [IDENTITY_NO_CERTIFICATE] = "no certificate in this file",
        [IDENTITY_NO_KEY] = "no private key in this file",
        [IDENTITY_NO_MATCH] = "no certificate in this file belongs to the private key",
    };
    bool about_key = status == IDENTITY_WRONG_PASSWORD || status == IDENTITY_PASSWORD_NEEDED ||
                     status == IDENTITY_NO_KEY;

    if (key && !about_key && status != IDENTITY_NO_CERTIFICATE && status != IDENTITY_NO_MATCH)
        report("%s or %s: %s", file->name, key->name, problems[status]);
    else
        report("%s: %s", key && about_key ? key->name : file->name, problems[status]);
}

static bool open_store(struct identity *identity)
{
    identity->store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, CERT_STORE_CREATE_NEW_FLAG, NULL);
    if (!identity->store)
        report_status("certificate store", (LONG)GetLastError());
    return identity->store != NULL;
}

static bool read_with_gnutls(struct identity *identity, enum identity_format format,
                             const struct named_file *file, const struct named_file *key,
                             const char *password)
{
    enum identity_status status;

    if (!open_store(identity))
        return false;
    status = unix_identity_read(format, &file->content, key ? &key->content : NULL, password,
                                identity->store, &identity->certificate);
    if (status != IDENTITY_OK)
        report_problem(status, file, key);
    return status == IDENTITY_OK;
}

static bool read_with_system(struct identity *identity, enum identity_format format,
                             const struct named_file *file, const char *password)
{
    if (format == IDENTITY_PEM) {
        report("%s: keys in PEM form need asyncsspi's secur32.dll and winegnutlsidentity.dll;",
               file->name);
        report("    openssl pkcs12 -export makes a PFX file");
        return false;
    }
    identity->store = pfx_import(&file->content, password, &identity->certificate);
    if (identity->store)
        return true;
    report("%s: cannot be read: no PFX file, wrong password (FILE.pfx:PASSWORD), or, under Wine, a",
           file->name);
    report("    key that is not RSA and so needs asyncsspi's secur32.dll and "
           "winegnutlsidentity.dll");
    return false;
}

bool identity_load(struct identity *identity, const char *certificate, const char *key,
                   const char *password)
{
    struct named_file file, key_file = {.name = NULL};
    enum identity_format format;
    bool ok = false;

    memset(identity, 0, sizeof(*identity));
    if (!read_with_password(&file, certificate) || (key && !read_with_password(&key_file, key)))
        goto done;
    if (file.password)
        password = file.password;
    if (key_file.password)
        password = key_file.password;
    format = is_pem(&file.content) ? IDENTITY_PEM : IDENTITY_PFX;
    if (key && format != IDENTITY_PEM)
        report("%s: --key belongs to a certificate in PEM form, and this file is not", file.name);
    else if (property_counts())
        ok = read_with_gnutls(identity, format, &file, key ? &key_file : NULL, password);
    else
        ok = read_with_system(identity, format, &file, password);
done:
    free_file(&file);
    free_file(&key_file);
    if (!ok)
        identity_free(identity);
    return ok;
}

bool identity_make(struct identity *identity, enum key_kind kind, unsigned length)
{
    static const enum identity_kind kinds[] = {
        [KEY_RSA] = IDENTITY_RSA_2048,
        [KEY_P256] = IDENTITY_P256,
    };

    memset(identity, 0, sizeof(*identity));
    if (!unix_identity_there())
        report("making a certificate needs winegnutlsidentity.dll, which is not here");
    else if (open_store(identity) && unix_identity_make(kinds[kind], length, identity->store,
                                                        &identity->certificate) == IDENTITY_OK)
        return true;
    else
        report("a certificate cannot be made");
    identity_free(identity);
    return false;
}

bool identity_staple(struct identity *identity, const char *path)
{
    struct buffer response = {0};
    CRYPT_DATA_BLOB blob;
    DWORD size = 0;
    bool ok = false;

    if (!read_file(path, FILE_LIMIT, &response)) {
        report_system(path, GetLastError());
        goto done;
    }
    if (!CryptDecodeObject(X509_ASN_ENCODING, X509_SEQUENCE_OF_ANY, response.data,
                           (DWORD)response.size, 0, NULL, &size)) {
        report("%s: no OCSP response in DER form", path);
        goto done;
    }
    blob = (CRYPT_DATA_BLOB){(DWORD)response.size, response.data};
    ok = CertSetCertificateContextProperty(identity->certificate, CERT_OCSP_RESPONSE_PROP_ID, 0,
                                           &blob);
    if (!ok)
        report_status(path, (LONG)GetLastError());
done:
    buffer_free(&response);
    return ok;
}

void identity_free(struct identity *identity)
{
    if (identity->certificate)
        CertFreeCertificateContext(identity->certificate);
    if (identity->store)
        CertCloseStore(identity->store, 0);
    memset(identity, 0, sizeof(*identity));
}
