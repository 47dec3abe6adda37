/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What calls do besides their work: how often one calls the heap, the unix side and wineserver.
 * Averages over many calls, so that a rare one shows as a fraction.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "bench/checked.h"
#include "bench/hooks.h"
#include "bench/measure.h"
#include "bench/parts.h"
#include "bench/recordlane.h"
#include "bench/table.h"
#include "tls/async.h"

#define RECORDS    2000
#define HANDSHAKES 100
#define WARM_UP    4 /* handshakes that are not counted: caches fill */
#define MAX_LEGS   4
#define CALLS      2000

static void add(struct hook_counts *sum, const struct hook_counts *before)
{
    struct hook_counts now = hooks_read();

    sum->heap += now.heap - before->heap;
    sum->engine = now.engine < 0 ? -1 : sum->engine + now.engine - before->engine;
    sum->server = now.server < 0 ? -1 : sum->server + now.server - before->server;
}

static void print(struct bench *bench, const char *id, const char *name,
                  const struct hook_counts *sum, unsigned calls)
{
    struct bench_count count = {
        .heap = (double)sum->heap / calls,
        .engine = sum->engine < 0 ? -1 : (double)sum->engine / calls,
        .server = sum->server < 0 ? -1 : (double)sum->server / calls,
    };

    snprintf(count.id, sizeof(count.id), "%s", id);
    snprintf(count.name, sizeof(count.name), "%s", name);
    bench_print_count(bench, &count);
}

/* Records -------------------------------------------------------------------------------------- */

static bool count_records(struct bench *bench, const struct bench_sspi_credentials *credentials,
                          const char *version, enum bench_direction direction)
{
    static struct record_lane lane;
    struct hook_counts sum = {0}, before;
    char id[48], name[64];
    ULONG length;
    bool ok;

    memset(&lane, 0, sizeof(lane));
    lane.credentials = credentials;
    lane.direction = direction;
    lane.size = 1024;
    ok = lane_allocate(&lane) && lane_connect(&lane);
    for (unsigned i = 0; ok && i < RECORDS; i++) {
        before = hooks_read();
        ok = lane_seal(&lane, lane.buffer, &length) == SEC_E_OK;
        if (direction == BENCH_RECEIVE) {
            before = hooks_read();
            ok = ok && lane_open(&lane, lane.buffer, length) == SEC_E_OK;
        }
        add(&sum, &before);
    }
    lane_disconnect(&lane);
    lane_free(&lane);
    snprintf(id, sizeof(id), "count-%s-%s", lane_id(direction), version);
    snprintf(name, sizeof(name), "%sMessage, TLS %s", lane_verb(direction), version);
    if (ok)
        print(bench, id, name, &sum, RECORDS);
    return ok;
}

/* Handshakes ----------------------------------------------------------------------------------- */

/* By side (client, server) and leg. */
struct legs {
    struct hook_counts legs[2][MAX_LEGS], deletion;
    unsigned count[2];
};

static bool count_handshake(struct legs *sums, struct bench_sspi_pair *pair,
                            const struct bench_sspi_credentials *credentials)
{
    struct bench_side *side;
    struct hook_counts before;
    SECURITY_STATUS status;
    bool ok = true;

    sspi_pair_init(pair, credentials);
    sums->count[0] = sums->count[1] = 0;
    for (side = sspi_pair_next(pair, NULL); ok && side; side = sspi_pair_next(pair, side)) {
        unsigned role = side == &pair->server, leg = sums->count[role]++;

        side_prepare(side);
        before = hooks_read();
        status = side_call(side, NULL);
        add(&sums->legs[role][min(leg, MAX_LEGS - 1)], &before);
        ok = side_finish(side, status);
    }
    before = hooks_read();
    sspi_pair_delete(pair);
    add(&sums->deletion, &before);
    return ok;
}

static bool count_handshakes(struct bench *bench, const struct bench_sspi_credentials *credentials,
                             const char *version)
{
    static const char *const roles[] = {"client", "server"};
    struct bench_sspi_pair *pair = calloc(1, sizeof(*pair));
    struct legs sums = {0};
    char id[48], name[64];
    bool ok = pair != NULL;

    for (unsigned i = 0; ok && i < WARM_UP + HANDSHAKES; i++) {
        if (i == WARM_UP)
            memset(&sums, 0, sizeof(sums));
        ok = count_handshake(&sums, pair, credentials);
    }
    free(pair);
    for (unsigned role = 0; ok && role < (bench->server ? 2 : 1); role++) {
        for (unsigned leg = 0; leg < min(sums.count[role], MAX_LEGS); leg++) {
            bool last = leg + 1 == sums.count[role];

            snprintf(id, sizeof(id), "count-%s-%s-leg%u%s", roles[role], version, leg + 1,
                     last ? "-last" : "");
            snprintf(name, sizeof(name), "%s, TLS %s, leg %u%s", roles[role], version, leg + 1,
                     last ? ", the last" : "");
            print(bench, id, name, &sums.legs[role][leg], HANDSHAKES);
        }
    }
    snprintf(id, sizeof(id), "count-delete-%s", version);
    snprintf(name, sizeof(name), "DeleteSecurityContext, TLS %s", version);
    if (ok && bench->server)
        print(bench, id, name, &sums.deletion, 2 * HANDSHAKES);
    return ok;
}

static bool count_checked(struct bench *bench)
{
    struct bench_sspi_credentials credentials = {0};
    struct checked checked;
    bool ok = checked_make(&checked, KEY_P256, 3) && checked_load_roots(&checked) &&
              sspi_checking_credentials(&credentials, checked.identity.certificate, checked.roots,
                                        TLS_1_2) &&
              count_handshakes(bench, &credentials, "1.2-checked");

    sspi_credentials_free(&credentials);
    checked_free(&checked);
    return ok;
}

/* Asynchronous calls --------------------------------------------------------------------------- */

struct calls {
    struct bench_side *side;
    const struct tls_credentials *credentials;
    SRWLOCK lock;
    CONDITION_VARIABLE wake;
    unsigned left;
    bool ok;
};

/* The answer to a hello is its context's deletion; then comes the next hello. */
static void completed(SspiAsyncContext *call, void *data)
{
    struct calls *calls = data;
    SECURITY_STATUS status = async.status(call);
    bool more;

    async.reinit(call);
    AcquireSRWLockExclusive(&calls->lock);
    calls->ok &= status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED;
    more = --calls->left && calls->ok;
    if (!more)
        WakeConditionVariable(&calls->wake);
    ReleaseSRWLockExclusive(&calls->lock);
    if (more && status == SEC_I_CONTINUE_NEEDED) {
        async.delete_context(call, &calls->side->context);
    } else if (more) {
        side_init(calls->side, calls->credentials);
        side_prepare(calls->side);
        side_call(calls->side, call);
    }
}

static bool run_calls(struct calls *calls, SspiAsyncContext *call, unsigned count)
{
    calls->left = count;
    calls->ok = true;
    side_init(calls->side, calls->credentials);
    side_prepare(calls->side);
    if (side_call(calls->side, call) != SEC_E_OK)
        return false;
    AcquireSRWLockExclusive(&calls->lock);
    while (calls->left && calls->ok)
        SleepConditionVariableSRW(&calls->wake, &calls->lock, INFINITE, 0);
    ReleaseSRWLockExclusive(&calls->lock);
    return calls->ok;
}

/* One asynchronous hello and one asynchronous deletion, as one: /2 of both is a call. */
static bool count_async(struct bench *bench, const struct bench_sspi_credentials *credentials)
{
    struct calls calls = {.side = calloc(1, sizeof(*calls.side)),
                          .credentials = &credentials->client};
    SspiAsyncContext *call = async.create();
    struct hook_counts sum = {0}, before;
    bool ok = calls.side && call;

    if (ok) {
        async.set_callback(call, completed, &calls);
        ok = run_calls(&calls, call, 100); /* the pool's threads are there now */
    }
    before = hooks_read();
    ok = ok && run_calls(&calls, call, CALLS);
    add(&sum, &before);
    if (ok)
        print(bench, "count-async", "asynchronous hello + delete", &sum, CALLS / 2);
    if (call)
        async.free(call);
    free(calls.side);
    return ok;
}

/* ---------------------------------------------------------------------------------------------- */

/* Shows that what is not counted above would have been. */
static void count_control(struct bench *bench)
{
    struct hook_counts sum = {0}, before = hooks_read();

    for (unsigned i = 0; i < HANDSHAKES; i++) {
        void *volatile memory = malloc(100); /* volatile: not optimised away */

        free(memory);
        CloseHandle(CreateEventW(NULL, FALSE, FALSE, NULL));
    }
    add(&sum, &before);
    print(bench, "count-control", "for comparison: malloc, free, event", &sum, HANDSHAKES);
}

void bench_counts(struct bench *bench, const struct bench_keys *keys)
{
    static const enum tls_version versions[] = {TLS_1_3, TLS_1_2};
    struct bench_sspi_credentials credentials;
    bool ok = true, hooked = false;

    if (!bench_wants(bench, "count-"))
        return;
    for (unsigned i = 0; ok && i < ARRAYSIZE(versions); i++) {
        const char *version = versions[i] == TLS_1_3 ? "1.3" : "1.2";

        if (versions[i] == TLS_1_3 && !bench->tls_1_3)
            continue;
        ok = sspi_credentials(&credentials, keys->identities[KEY_P256].certificate, versions[i],
                              false);
        if (!hooked)
            hooks_install();
        hooked = true;
        ok = ok && count_records(bench, &credentials, version, BENCH_SEND) &&
             count_records(bench, &credentials, version, BENCH_RECEIVE) &&
             count_handshakes(bench, &credentials, version);
        if (ok && versions[i] == TLS_1_2 && bench->async)
            ok = count_async(bench, &credentials);
        sspi_credentials_free(&credentials);
    }
    ok = ok && (!bench->server || count_checked(bench));
    if (ok)
        count_control(bench);
    else
        report("the calls of calls could not be counted");
    bench->failed |= !ok;
}
