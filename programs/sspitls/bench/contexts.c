/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rows: contexts by themselves. What it costs to make one, write its ClientHello and delete it,
 * alone and among many others; how much memory one takes; and what credentials cost.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "bench/measure.h"
#include "bench/native.h"
#include "bench/pair.h"
#include "bench/parts.h"
#include "bench/table.h"

#define HELLOS      64
#define LIVE_ROUNDS 100
#define LIVE_MANY   10000
#define LIVE_MOST   40000

struct contexts {
    const struct bench *bench;
    PCCERT_CONTEXT certificate;
    struct bench_sspi_credentials credentials;
    bench_u64 native;
    struct bench_sspi_pair *pair;
    CtxtHandle *kept; /* LIVE_MOST */
    unsigned kept_count;
    bool connected; /* memory: of connected contexts */
    unsigned count;
};

static void clear(struct contexts *contexts)
{
    while (contexts->kept_count)
        DeleteSecurityContext(&contexts->kept[--contexts->kept_count]);
}

static bool keep_hellos(struct contexts *contexts, unsigned count)
{
    struct bench_side *side = &contexts->pair->client;
    bool ok = true;

    while (ok && contexts->kept_count < count) {
        sspi_pair_init(contexts->pair, &contexts->credentials);
        side_prepare(side);
        ok = side_call(side, NULL) == SEC_I_CONTINUE_NEEDED;
        if (ok)
            contexts->kept[contexts->kept_count++] = side->context;
    }
    return ok;
}

static bool keep_connected(struct contexts *contexts, unsigned pairs)
{
    bool ok = true;

    for (unsigned i = 0; ok && i < pairs; i++) {
        sspi_pair_init(contexts->pair, &contexts->credentials);
        ok = sspi_pair_connect(contexts->pair) && sspi_pair_talk(contexts->pair);
        if (contexts->pair->client.has_context)
            contexts->kept[contexts->kept_count++] = contexts->pair->client.context;
        if (contexts->pair->server.has_context)
            contexts->kept[contexts->kept_count++] = contexts->pair->server.context;
    }
    return ok;
}

/* Hello ---------------------------------------------------------------------------------------- */

static bool hellos(void *data, double values[])
{
    struct contexts *contexts = data;
    double start = bench_clock(BENCH_CLOCK_WALL);
    bool ok = true;

    for (unsigned i = 0; ok && i < HELLOS; i++)
        ok = sspi_hello(&contexts->pair->client, &contexts->credentials.client);
    values[0] = (bench_clock(BENCH_CLOCK_WALL) - start) / 1000 / HELLOS;
    return ok;
}

static bool native_hellos(void *data, double values[])
{
    const struct contexts *contexts = data;
    struct bench_hellos params = {.credentials = contexts->native, .count = HELLOS, .status = -1};

    if (!native_do(BENCH_CALL_HELLOS, &params, &params.status))
        return false;
    values[0] = (double)params.ns / 1000 / HELLOS;
    return true;
}

static const struct bench_subject hello_subject = {.ours = hellos, .native = native_hellos};

static void measure_hellos(struct bench *bench, struct contexts *contexts, const char *version)
{
    struct bench_row row = {.unit = "us", .decimals = 2, .goal = .9, .stretch = .95};
    char id[48];

    snprintf(id, sizeof(id), "hello-%s", version);
    bench_name(&row, id, "create + hello + delete, %s", version);
    bench_measure(bench, &hello_subject, &row, 1, contexts);
}

/* Among others --------------------------------------------------------------------------------- */

/* How much faster than native ones, with as many contexts as there are now. */
static bool hello_ratio(struct contexts *contexts, double *ratio)
{
    static double ratios[LIVE_ROUNDS];
    double own[BENCH_MAX_ROWS], other[BENCH_MAX_ROWS];
    bool ok = true;

    for (unsigned i = 0; ok && i < LIVE_ROUNDS; i++) {
        ok = hellos(contexts, own);
        other[0] = 1;
        if (contexts->native)
            ok = ok && native_hellos(contexts, other);
        ratios[i] = other[0] / own[0];
    }
    *ratio = bench_median(ratios, LIVE_ROUNDS);
    return ok;
}

static bool among_others(void *data, double values[])
{
    struct contexts *contexts = data;
    double alone, many, most;
    bool ok;

    ok = hello_ratio(contexts, &alone) && keep_hellos(contexts, LIVE_MANY) &&
         hello_ratio(contexts, &many) && keep_hellos(contexts, LIVE_MOST) &&
         hello_ratio(contexts, &most);
    clear(contexts);
    if (ok) {
        values[0] = alone / many;
        values[1] = alone / most;
    }
    return ok;
}

static const struct bench_subject among_others_subject = {.ours = among_others, .rounds = 1};

static void measure_live(struct bench *bench, struct contexts *contexts)
{
    struct bench_row rows[] = {
        {.unit = "x", .decimals = 3, .rule = BENCH_LIMIT, .goal = 1.10, .stretch = 1.05},
        {.unit = "x", .decimals = 3, .rule = BENCH_LIMIT, .goal = 1.10, .stretch = 1.05},
    };

    bench_name(&rows[0], "live-10000", "with 10,000 live / with none");
    bench_name(&rows[1], "live-40000", "with 40,000 live / with none");
    bench_measure(bench, &among_others_subject, rows, ARRAYSIZE(rows), contexts);
}

/* Memory --------------------------------------------------------------------------------------- */

static bool memory(void *data, double values[])
{
    struct contexts *contexts = data;
    double before = bench_resident();
    bool ok = contexts->connected ? keep_connected(contexts, contexts->count / 2)
                                  : keep_hellos(contexts, contexts->count);

    values[0] = (bench_resident() - before) / 1024 / contexts->count;
    clear(contexts);
    return ok;
}

static bool native_memory(void *data, double values[])
{
    const struct contexts *contexts = data;
    struct bench_sessions params = {
        .credentials = contexts->native,
        .count = contexts->connected ? contexts->count / 2 : contexts->count,
        .connected = contexts->connected,
        .status = -1,
    };
    double before = bench_resident();
    bool ok = native_do(BENCH_CALL_SESSIONS, &params, &params.status);

    values[0] = (bench_resident() - before) / 1024 / contexts->count;
    native_free(BENCH_CALL_SESSIONS_FREE, params.sessions);
    return ok;
}

static const struct bench_subject memory_subject = {
    .ours = memory, .native = native_memory, .rounds = 1};

static void measure_memory(struct bench *bench, struct contexts *contexts, const char *version,
                           bool connected)
{
    struct bench_row row = {
        .unit = "KB", .decimals = 1, .rule = BENCH_LIMIT, .goal = 11.6, .stretch = 11};
    char id[48];

    contexts->connected = connected;
    contexts->count = connected ? 1000 : 4000;
    snprintf(id, sizeof(id), "memory-%s-%s", connected ? "connected" : "hello", version);
    bench_name(&row, id, "memory, %s, %s", connected ? "connected" : "after the hello", version);
    bench_measure(bench, &memory_subject, &row, 1, contexts);
}

/* Credentials ---------------------------------------------------------------------------------- */

static bool acquire(void *data, double values[])
{
    const struct contexts *contexts = data;
    struct tls_settings settings = {.server = true,
                                    .sync = true,
                                    .certificates = (PCCERT_CONTEXT *)&contexts->certificate,
                                    .certificate_count = 1};
    struct tls_credentials credentials;
    double start = bench_clock(BENCH_CLOCK_WALL);
    SECURITY_STATUS status = tls_credentials_acquire(&credentials, &settings);

    values[0] = (bench_clock(BENCH_CLOCK_WALL) - start) / 1000;
    tls_credentials_free(&credentials);
    if (status != SEC_E_OK)
        report_status("AcquireCredentialsHandle", status);
    return status == SEC_E_OK;
}

static bool native_acquire(void *data, double values[])
{
    const struct contexts *contexts = data;
    double start = bench_clock(BENCH_CLOCK_WALL);
    bench_u64 credentials = native_credentials(contexts->certificate, TLS_1_2 | TLS_1_3);

    values[0] = (bench_clock(BENCH_CLOCK_WALL) - start) / 1000;
    native_free(BENCH_CALL_CREDENTIALS_FREE, credentials);
    return credentials != 0;
}

static const struct bench_subject acquire_subject = {.ours = acquire, .native = native_acquire};

static void measure_acquire(struct bench *bench, struct contexts *contexts)
{
    struct bench_row row = {
        .unit = "us", .decimals = 1, .rule = BENCH_LIMIT, .goal = 60, .stretch = 30};

    bench_group(bench, "Credentials");
    bench_name(&row, "acquire-rsa", "Acquire, RSA seen before");
    bench_measure(bench, &acquire_subject, &row, 1, contexts);
}

/* ---------------------------------------------------------------------------------------------- */

static void measure_version(struct bench *bench, struct contexts *contexts,
                            const struct bench_keys *keys, unsigned versions)
{
    PCCERT_CONTEXT certificate = keys->identities[KEY_P256].certificate;
    const char *version = versions == TLS_1_2 ? "1.2" : versions == TLS_1_3 ? "1.3" : "1.2+1.3";

    contexts->native = bench->native ? native_credentials(certificate, versions) : 0;
    if (!sspi_credentials(&contexts->credentials, certificate, versions, false)) {
        bench->failed = true;
    } else if (versions == (TLS_1_2 | TLS_1_3)) {
        measure_memory(bench, contexts, version, false);
    } else {
        measure_hellos(bench, contexts, version);
        if (versions == TLS_1_2)
            measure_live(bench, contexts);
        if (versions == TLS_1_2)
            measure_memory(bench, contexts, version, false);
        if (bench->server)
            measure_memory(bench, contexts, version, true);
    }
    clear(contexts);
    sspi_credentials_free(&contexts->credentials);
    native_free(BENCH_CALL_CREDENTIALS_FREE, contexts->native);
}

void bench_contexts(struct bench *bench, const struct bench_keys *keys)
{
    bool wanted = bench_wants(bench, "hello-") || bench_wants(bench, "live-") ||
                  bench_wants(bench, "memory-");
    struct contexts contexts = {
        .bench = bench,
        .certificate = keys->identities[KEY_RSA].certificate,
        .pair = calloc(1, sizeof(*contexts.pair)),
        .kept = calloc(LIVE_MOST, sizeof(*contexts.kept)),
    };

    if (contexts.pair && contexts.kept) {
        if (bench->server && bench_wants(bench, "acquire-"))
            measure_acquire(bench, &contexts);
        bench_group(bench, "Contexts");
        if (wanted)
            measure_version(bench, &contexts, keys, TLS_1_2);
        if (wanted && bench->tls_1_3) {
            measure_version(bench, &contexts, keys, TLS_1_3);
            measure_version(bench, &contexts, keys, TLS_1_2 | TLS_1_3);
        }
    }
    free(contexts.pair);
    free(contexts.kept);
}
