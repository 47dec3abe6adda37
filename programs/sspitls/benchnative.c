/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The way to winegnutlsbench, the native side of the benchmark. */
#include <string.h>

#include "bench.h"
#include "error.h"

static LONG(WINAPI *dispatch)(unsigned int code, void *params);

bool native_load(void)
{
    struct bench_startup startup = {.contract_version = BENCH_CONTRACT_VERSION, .status = -1};
    HMODULE module = LoadLibraryExW(L"winegnutlsbench.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);

    if (module)
        dispatch = (void *)GetProcAddress(module, "winegnutlsbench_call");
    if (dispatch && native_call(BENCH_CALL_STARTUP, &startup) && !startup.status)
        return true;
    dispatch = NULL;
    return false;
}

bool native_call(enum bench_call call, void *params)
{
    return dispatch && dispatch(call, params) >= 0;
}

PCCERT_CONTEXT native_identity(enum bench_key kind)
{
    unsigned char certificate[4096], key[4096];
    struct bench_identity params = {
        .certificate = (ULONG_PTR)certificate,
        .key = (ULONG_PTR)key,
        .certificate_size = sizeof(certificate),
        .key_size = sizeof(key),
        .kind = kind,
        .status = -1,
    };
    PCCERT_CONTEXT context = NULL;
    CRYPT_DATA_BLOB blob;

    if (native_call(BENCH_CALL_IDENTITY, &params) && !params.status) {
        context =
            CertCreateCertificateContext(X509_ASN_ENCODING, certificate, params.certificate_size);
        blob.cbData = params.key_size;
        blob.pbData = key;
        if (context &&
            !CertSetCertificateContextProperty(context, ASYNCSSPI_CERT_PKCS8_PROP_ID, 0, &blob)) {
            CertFreeCertificateContext(context);
            context = NULL;
        }
    }
    SecureZeroMemory(key, sizeof(key));
    return context;
}

bench_u64 native_credentials(PCCERT_CONTEXT certificate, enum tls_version version)
{
    unsigned char key[4096];
    DWORD size = sizeof(key);
    struct bench_credentials params = {
        .certificate = (ULONG_PTR)certificate->pbCertEncoded,
        .certificate_size = certificate->cbCertEncoded,
        .key = (ULONG_PTR)key,
        .version = version == TLS_1_3 ? 0x0304 : 0x0303,
        .status = -1,
    };

    if (!dispatch ||
        !CertGetCertificateContextProperty(certificate, ASYNCSSPI_CERT_PKCS8_PROP_ID, key, &size))
        return 0;
    params.key_size = size;
    if (!native_call(BENCH_CALL_CREDENTIALS, &params) || params.status) {
        report("the native side cannot use the certificate: GnuTLS error %d", (int)params.status);
        params.credentials = 0;
    }
    SecureZeroMemory(key, sizeof(key));
    return params.credentials;
}

void native_free(enum bench_call call, bench_u64 object)
{
    struct bench_free params = {object};

    if (object)
        native_call(call, &params);
}

double process_cpu_ns(void)
{
    struct bench_cpu params;
    FILETIME created, ended, kernel, user;
    ULONGLONG total;

    if (native_call(BENCH_CALL_CPU, &params))
        return (double)params.process_ns;
    GetProcessTimes(GetCurrentProcess(), &created, &ended, &kernel, &user);
    total = ((ULONGLONG)kernel.dwHighDateTime << 32) + kernel.dwLowDateTime +
            ((ULONGLONG)user.dwHighDateTime << 32) + user.dwLowDateTime;
    return (double)total * 100;
}
