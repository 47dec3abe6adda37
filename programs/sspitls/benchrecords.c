/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * EncryptMessage and DecryptMessage, nanoseconds per record, next to gnutls_record_send and
 * gnutls_record_recv.
 *
 * Both sides do the same work. Sending: plaintext in memory becomes a record in memory; GnuTLS's
 * transport drops it. Receiving: a record that lies in memory is copied to where the TLS side wants
 * it, as recv() would do, and becomes plaintext. Preparing the records is not on the clock.
 *
 * The last rows look for buffer offsets at which a record costs more: the program's buffer is moved
 * through 256 offsets, and the worst one is given next to the median.
 */
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "benchpair.h"
#include "error.h"

#define MAX_COUNT   512
#define BLOCK_BYTES (1u << 20)
#define OFFSETS     256
#define PASSES      15
#define RECORD_MORE 128

struct records {
    struct bench_sspi_pair *pair;
    SecPkgContext_StreamSizes sizes;
    bench_u64 native_pair;
    enum bench_direction direction;
    ULONG size;
    unsigned count;
    unsigned char *records; /* prepared ones, back to back */
    unsigned char *buffer;  /* where one record is sealed or opened */
    ULONG lengths[MAX_COUNT];
};

static SECURITY_STATUS seal(struct records *records, CtxtHandle *context, unsigned char *at,
                            ULONG *length)
{
    const SecPkgContext_StreamSizes *sizes = &records->sizes;
    SecBuffer buffers[4] = {
        {sizes->cbHeader, SECBUFFER_STREAM_HEADER, at},
        {records->size, SECBUFFER_DATA, at + sizes->cbHeader},
        {sizes->cbTrailer, SECBUFFER_STREAM_TRAILER, at + sizes->cbHeader + records->size},
        {0, SECBUFFER_EMPTY, NULL},
    };
    SecBufferDesc description = {SECBUFFER_VERSION, 4, buffers};
    SECURITY_STATUS status = EncryptMessage(context, 0, &description, 0);

    *length = buffers[0].cbBuffer + buffers[1].cbBuffer + buffers[2].cbBuffer;
    return status;
}

static SECURITY_STATUS unseal(struct records *records, unsigned char *at, ULONG length)
{
    SecBuffer buffers[4] = {{length, SECBUFFER_DATA, at}};
    SecBufferDesc description = {SECBUFFER_VERSION, 4, buffers};
    SECURITY_STATUS status = DecryptMessage(&records->pair->server.context, &description, 0, NULL);

    return status == SEC_E_OK && buffers[1].cbBuffer != records->size ? SEC_E_INTERNAL_ERROR
                                                                      : status;
}

static bool prepare_records(struct records *records)
{
    unsigned char *at = records->records;

    for (unsigned i = 0; i < records->count; i++) {
        if (seal(records, &records->pair->client.context, at, &records->lengths[i]) != SEC_E_OK)
            return false;
        at += records->lengths[i];
    }
    return true;
}

static bool measure_ours(void *data, double values[2])
{
    struct records *records = data;
    unsigned char *at = records->records;
    SECURITY_STATUS status = SEC_E_OK;
    double start;
    ULONG length;

    if (records->direction == BENCH_RECEIVE && !prepare_records(records))
        return false;
    start = clock_us();
    for (unsigned i = 0; i < records->count && status == SEC_E_OK; i++) {
        if (records->direction == BENCH_SEND) {
            status = seal(records, &records->pair->client.context, records->buffer, &length);
        } else {
            memcpy(records->buffer, at, records->lengths[i]);
            status = unseal(records, records->buffer, records->lengths[i]);
            at += records->lengths[i];
        }
    }
    values[0] = (clock_us() - start) * 1000 / records->count;
    if (status != SEC_E_OK)
        report_status("record", status);
    return status == SEC_E_OK;
}

static bool measure_native(void *data, double values[2])
{
    const struct records *records = data;
    struct bench_records params = {
        .pair = records->native_pair,
        .direction = records->direction,
        .size = records->size,
        .count = records->count,
        .status = -1,
    };

    if (!native_call(BENCH_CALL_RECORDS, &params) || params.status)
        return false;
    values[0] = (double)params.ns / records->count;
    return true;
}

static bool open_pairs(struct records *records, const struct bench_sspi_credentials *credentials,
                       bench_u64 native)
{
    struct bench_pair params = {.credentials = native, .status = -1};

    sspi_pair_init(records->pair, credentials);
    if (!sspi_pair_connect(records->pair) ||
        QueryContextAttributesW(&records->pair->client.context, SECPKG_ATTR_STREAM_SIZES,
                                &records->sizes) != SEC_E_OK)
        return false;
    records->native_pair = 0;
    if (!native)
        return true;
    if (!native_call(BENCH_CALL_PAIR, &params) || params.status)
        return false;
    records->native_pair = params.pair;
    return true;
}

static void close_pairs(struct records *records)
{
    sspi_pair_delete(records->pair);
    native_free(BENCH_CALL_PAIR_FREE, records->native_pair);
}

static bool measure_size(struct bench *bench, struct records *records, const char *version)
{
    char name[64];
    struct bench_comparison comparison = {
        .names = {name},
        .unit = "ns/record",
        .ours = measure_ours,
        .theirs = measure_native,
        .data = records,
    };

    snprintf(name, sizeof(name), "%s, TLS %s, %lu B",
             records->direction == BENCH_SEND ? "EncryptMessage" : "DecryptMessage", version,
             (unsigned long)records->size);
    records->count = min(max(BLOCK_BYTES / 2 / (records->size + RECORD_MORE), 1), MAX_COUNT);
    return bench_compare(bench, &comparison);
}

/* Costs at the buffer's place without the copy, whose own cost depends on the place too. */
static bool measure_place(struct records *records, double values[2])
{
    double spent = 0, start;
    bool ok = true;
    ULONG length;

    if (records->direction == BENCH_SEND)
        return measure_ours(records, values);
    for (unsigned i = 0; ok && i < records->count; i++) {
        ok = seal(records, &records->pair->client.context, records->buffer, &length) == SEC_E_OK;
        start = clock_us();
        ok = ok && unseal(records, records->buffer, length) == SEC_E_OK;
        spent += clock_us() - start;
    }
    values[0] = spent * 1000 / records->count;
    return ok;
}

/*
 * The worst offset's cost over the median's. An offset's own cost is the median of several passes
 * over all of them, so that a slow moment of the machine does not fall on one offset alone.
 */
static bool measure_offsets(struct bench *bench, struct records *records, unsigned char *base)
{
    static double costs[OFFSETS][PASSES], medians[OFFSETS];
    double values[2], median;
    char name[64];
    bool ok = true;

    records->size = 16384;
    records->count = 8;
    snprintf(name, sizeof(name), "%s, 16 KiB, worst of 256 offsets",
             records->direction == BENCH_SEND ? "EncryptMessage" : "DecryptMessage");
    for (unsigned pass = 0; ok && pass < PASSES; pass++) {
        bench_progress(bench, name, pass, PASSES);
        for (unsigned offset = 0; ok && offset < OFFSETS; offset++) {
            records->buffer = base + offset;
            ok = measure_place(records, values);
            costs[offset][pass] = values[0];
        }
    }
    records->buffer = base;
    if (!ok)
        return false;
    for (unsigned offset = 0; offset < OFFSETS; offset++)
        medians[offset] = bench_median(costs[offset], PASSES);
    median = bench_median(medians, OFFSETS);
    bench_print_row(bench, name, "x median", 3, medians[OFFSETS - 1] / median, 0, 0);
    return true;
}

static bool measure_version(struct bench *bench, struct records *records,
                            const struct bench_keys *keys, enum tls_version version)
{
    static const ULONG sizes[] = {16384, 4096, 1024, 64};
    const char *text = version == TLS_1_3 ? "1.3" : "1.2";
    struct bench_sspi_credentials credentials;
    PCCERT_CONTEXT certificate = keys->certificates[BENCH_P256];
    bench_u64 native = bench->native ? native_credentials(certificate, version) : 0;
    bool ok = sspi_credentials(&credentials, certificate, version, false);

    for (unsigned direction = BENCH_SEND; ok && direction <= BENCH_RECEIVE; direction++) {
        records->direction = direction;
        ok = open_pairs(records, &credentials, native);
        for (unsigned i = 0; ok && i < ARRAYSIZE(sizes); i++) {
            records->size = sizes[i];
            ok = measure_size(bench, records, text);
        }
        if (ok && version == TLS_1_3)
            ok = measure_offsets(bench, records, records->buffer);
        close_pairs(records);
    }
    sspi_credentials_free(&credentials);
    native_free(BENCH_CALL_CREDENTIALS_FREE, native);
    return ok;
}

bool bench_records(struct bench *bench, const struct bench_keys *keys)
{
    struct records records = {.pair = calloc(1, sizeof(*records.pair))};
    bool ok;

    records.records = VirtualAlloc(NULL, BLOCK_BYTES, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    records.buffer = VirtualAlloc(NULL, 65536, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    ok = records.pair && records.records && records.buffer;
    ok = ok && measure_version(bench, &records, keys, TLS_1_3) &&
         measure_version(bench, &records, keys, TLS_1_2);
    if (records.records)
        VirtualFree(records.records, 0, MEM_RELEASE);
    if (records.buffer)
        VirtualFree(records.buffer, 0, MEM_RELEASE);
    free(records.pair);
    return ok;
}
