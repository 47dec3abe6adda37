/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Blocks of records, next to gnutls_record_send and gnutls_record_recv.
 *
 * Both sides do the same work. Sending: plaintext in memory becomes a record in memory. Receiving:
 * a record that lies in memory is copied to where the TLS side wants it, as recv() would do, and
 * becomes plaintext. Preparing the records is not on the clock.
 */
#include "bench/recordlane.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define BLOCK_BYTES (512u << 10)
#define RECORD_MORE 128
#define BUFFER_SIZE 65536

const ULONG lane_sizes[LANE_SIZES] = {16384, 4096, 1024, 64};

const char *lane_id(enum bench_direction direction)
{
    return direction == BENCH_SEND ? "encrypt" : "decrypt";
}

const char *lane_verb(enum bench_direction direction)
{
    return direction == BENCH_SEND ? "Encrypt" : "Decrypt";
}

bool lane_allocate(struct record_lane *lane)
{
    SIZE_T size = BLOCK_BYTES + LANE_RECORDS * RECORD_MORE;

    lane->pair = calloc(1, sizeof(*lane->pair));
    lane->records = VirtualAlloc(NULL, size, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    lane->memory = VirtualAlloc(NULL, BUFFER_SIZE, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    lane->buffer = lane->memory;
    return lane->pair && lane->records && lane->memory;
}

void lane_free(struct record_lane *lane)
{
    if (lane->records)
        VirtualFree(lane->records, 0, MEM_RELEASE);
    if (lane->memory)
        VirtualFree(lane->memory, 0, MEM_RELEASE);
    free(lane->pair);
}

bool lane_connect(struct record_lane *lane)
{
    struct bench_pair params = {.credentials = lane->native_credentials, .status = -1};

    lane->native_pair = 0;
    sspi_pair_init(lane->pair, lane->credentials);
    if (!sspi_pair_connect(lane->pair) ||
        QueryContextAttributesW(&lane->pair->client.context, SECPKG_ATTR_STREAM_SIZES,
                                &lane->sizes) != SEC_E_OK)
        return false;
    if (!lane->native_credentials)
        return true;
    if (!native_do(BENCH_CALL_PAIR, &params, &params.status))
        return false;
    lane->native_pair = params.pair;
    return true;
}

void lane_disconnect(struct record_lane *lane)
{
    sspi_pair_delete(lane->pair);
    native_free(BENCH_CALL_PAIR_FREE, lane->native_pair);
    lane->native_pair = 0;
}

void lane_set_size(struct record_lane *lane, ULONG size)
{
    lane->size = size;
    lane->count = min(BLOCK_BYTES / size, LANE_RECORDS);
}

SECURITY_STATUS lane_seal(struct record_lane *lane, unsigned char *at, ULONG *length)
{
    struct bench_sspi_pair *pair = lane->pair;

    return side_seal(lane->direction == BENCH_SEND ? &pair->client : &pair->server, &lane->sizes,
                     lane->size, at, length);
}

SECURITY_STATUS lane_open(struct record_lane *lane, unsigned char *at, ULONG length)
{
    SecBuffer buffers[4] = {{length, SECBUFFER_DATA, at}};
    SecBufferDesc description = {SECBUFFER_VERSION, 4, buffers};
    SECURITY_STATUS status = DecryptMessage(&lane->pair->client.context, &description, 0, NULL);

    return status == SEC_E_OK && buffers[1].cbBuffer != lane->size ? SEC_E_INTERNAL_ERROR : status;
}

static SECURITY_STATUS prepare_records(struct record_lane *lane)
{
    SECURITY_STATUS status = SEC_E_OK;
    unsigned char *at = lane->records;

    for (unsigned i = 0; i < lane->count && status == SEC_E_OK; i++) {
        status = lane_seal(lane, at, &lane->lengths[i]);
        at += lane->lengths[i];
    }
    return status;
}

static SECURITY_STATUS send_block(struct record_lane *lane)
{
    SECURITY_STATUS status = SEC_E_OK;
    ULONG length;

    for (unsigned i = 0; i < lane->count && status == SEC_E_OK; i++)
        status = lane_seal(lane, lane->buffer, &length);
    return status;
}

/* Stands for recv, which copies this way. Wine's memcpy is slower than the C library's, which the
 * native side has. */
static void copy_in(void *to, const void *from, size_t size)
{
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
}

static SECURITY_STATUS receive_block(struct record_lane *lane)
{
    SECURITY_STATUS status = SEC_E_OK;
    const unsigned char *at = lane->records;

    for (unsigned i = 0; i < lane->count && status == SEC_E_OK; i++) {
        copy_in(lane->buffer, at, lane->lengths[i]);
        status = lane_open(lane, lane->buffer, lane->lengths[i]);
        at += lane->lengths[i];
    }
    return status;
}

bool lane_run(struct record_lane *lane, double *ns)
{
    SECURITY_STATUS status = SEC_E_OK;
    double start;

    if (lane->direction == BENCH_RECEIVE)
        status = prepare_records(lane);
    start = bench_clock(lane->clock);
    if (status == SEC_E_OK)
        status = lane->direction == BENCH_SEND ? send_block(lane) : receive_block(lane);
    *ns = (bench_clock(lane->clock) - start) / lane->count;
    if (status != SEC_E_OK)
        report_status("record", status);
    return status == SEC_E_OK;
}

bool lane_run_native(struct record_lane *lane, double *ns)
{
    struct bench_records params = {
        .pair = lane->native_pair,
        .direction = lane->direction,
        .size = lane->size,
        .count = lane->count,
        .clock = lane->clock,
        .status = -1,
    };

    if (!native_do(BENCH_CALL_RECORDS, &params, &params.status))
        return false;
    *ns = (double)params.ns / lane->count;
    return true;
}
