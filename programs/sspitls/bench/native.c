/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The way to winegnutlsbench, the native side of the benchmark. */
#include "bench/native.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/unixside.h"

static unix_side dispatch;

bool native_load(void)
{
    struct bench_startup startup = {.contract_version = BENCH_CONTRACT_VERSION, .status = -1};

    dispatch = unix_side_load("winegnutlsbench");
    if (dispatch && native_call(BENCH_CALL_STARTUP, &startup) && !startup.status)
        return true;
    dispatch = NULL;
    return false;
}

bool native_call(enum bench_call call, void *params)
{
    return dispatch && dispatch(call, params) >= 0;
}

bool native_do(enum bench_call call, void *params, const int32_t *status)
{
    if (!native_call(call, params))
        return false;
    if (*status)
        report("the native side failed: GnuTLS error %d in call %d", (int)*status, call);
    return !*status;
}

bench_u64 native_checking_credentials(PCCERT_CONTEXT certificate, PCCERT_CONTEXT authority,
                                      PCCERT_CONTEXT root, unsigned versions)
{
    unsigned char key[4096];
    DWORD size = sizeof(key);
    struct bench_credentials params = {
        .certificate = (ULONG_PTR)certificate->pbCertEncoded,
        .certificate_size = certificate->cbCertEncoded,
        .authority = authority ? (ULONG_PTR)authority->pbCertEncoded : 0,
        .authority_size = authority ? authority->cbCertEncoded : 0,
        .root = root ? (ULONG_PTR)root->pbCertEncoded : 0,
        .root_size = root ? root->cbCertEncoded : 0,
        .key = (ULONG_PTR)key,
        .versions =
            (versions & TLS_1_2 ? BENCH_TLS_1_2 : 0) | (versions & TLS_1_3 ? BENCH_TLS_1_3 : 0),
        .status = -1,
    };

    if (!dispatch ||
        !CertGetCertificateContextProperty(certificate, ASYNCSSPI_CERT_PKCS8_PROP_ID, key, &size))
        return 0;
    params.key_size = size;
    if (!native_do(BENCH_CALL_CREDENTIALS, &params, &params.status))
        params.credentials = 0;
    SecureZeroMemory(key, sizeof(key));
    return params.credentials;
}

bench_u64 native_credentials(PCCERT_CONTEXT certificate, unsigned versions)
{
    return native_checking_credentials(certificate, NULL, NULL, versions);
}

bench_u64 native_pool(unsigned threads)
{
    struct bench_pool params = {.threads = threads, .status = -1};

    return native_do(BENCH_CALL_POOL, &params, &params.status) ? params.pool : 0;
}

void native_free(enum bench_call call, bench_u64 object)
{
    struct bench_free params = {object};

    if (object)
        native_call(call, &params);
}

double bench_clock(enum bench_clock_id clock)
{
    struct bench_clock params = {.clock = clock};
    FILETIME created, ended, kernel, user;
    ULONGLONG total;

    if (native_call(BENCH_CALL_CLOCK, &params))
        return (double)params.ns;
    if (clock == BENCH_CLOCK_WALL)
        return clock_us() * 1000;
    if (clock == BENCH_CLOCK_THREAD)
        GetThreadTimes(GetCurrentThread(), &created, &ended, &kernel, &user);
    else
        GetProcessTimes(GetCurrentProcess(), &created, &ended, &kernel, &user);
    total = ((ULONGLONG)kernel.dwHighDateTime << 32) + kernel.dwLowDateTime +
            ((ULONGLONG)user.dwHighDateTime << 32) + user.dwLowDateTime;
    return (double)total * 100;
}

double bench_resident(void)
{
    struct bench_resident params = {0};

    return native_call(BENCH_CALL_RESIDENT, &params) ? (double)params.bytes : 0;
}
