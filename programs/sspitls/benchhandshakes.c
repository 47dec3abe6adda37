/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Handshakes one after the other: microseconds of each side, full and resumed. */
#include <stdlib.h>

#include "bench.h"
#include "benchpair.h"
#include "error.h"

struct handshakes {
    struct bench_sspi_pair *pair;
    struct bench_sspi_credentials credentials;
    bench_u64 native;
    bool resumed;
    unsigned count;
};

static bool measure_ours(void *data, double values[2])
{
    struct handshakes *handshakes = data;
    struct bench_sspi_pair *pair = handshakes->pair;
    bool ok = true;

    values[0] = values[1] = 0;
    for (unsigned i = 0; ok && i < handshakes->count; i++) {
        sspi_pair_init(pair, &handshakes->credentials);
        ok = sspi_pair_connect(pair);
        if (ok && sspi_pair_resumed(pair) != handshakes->resumed) {
            report("a session was%s resumed", handshakes->resumed ? " not" : "");
            ok = false;
        }
        /* The next one's ticket; its time belongs to no handshake. */
        if (ok && handshakes->resumed) {
            double client_us = pair->client.us;

            ok = sspi_pair_take_ticket(pair);
            pair->client.us = client_us;
        }
        sspi_pair_delete(pair);
        values[0] += pair->server.us / handshakes->count;
        values[1] += pair->client.us / handshakes->count;
    }
    return ok;
}

static bool measure_native(void *data, double values[2])
{
    const struct handshakes *handshakes = data;
    struct bench_handshakes params = {
        .credentials = handshakes->native,
        .count = handshakes->count,
        .resumed = handshakes->resumed,
        .status = -1,
    };

    if (!native_call(BENCH_CALL_HANDSHAKES, &params) || params.status)
        return false;
    values[0] = (double)params.server_ns / 1000 / handshakes->count;
    values[1] = (double)params.client_ns / 1000 / handshakes->count;
    return true;
}

/* One connection whose session the measured ones resume. */
static bool make_session(struct handshakes *handshakes)
{
    bool ok;

    sspi_pair_init(handshakes->pair, &handshakes->credentials);
    ok = sspi_pair_connect(handshakes->pair) && sspi_pair_take_ticket(handshakes->pair);
    sspi_pair_delete(handshakes->pair);
    return ok;
}

static bool measure(struct bench *bench, struct handshakes *handshakes,
                    const struct bench_keys *keys, enum tls_version version, enum bench_key kind,
                    bool resumed)
{
    PCCERT_CONTEXT certificate = keys->certificates[kind];
    char server[64], client[64];
    struct bench_comparison comparison = {
        .names = {server, client},
        .unit = "us",
        .decimals = 1,
        .ours = measure_ours,
        .theirs = measure_native,
        .data = handshakes,
    };
    const char *what = resumed ? "resumed" : kind == BENCH_P256 ? "P-256" : "RSA-2048";
    bool ok;

    snprintf(server, sizeof(server), "server handshake, TLS %s, %s",
             version == TLS_1_3 ? "1.3" : "1.2", what);
    snprintf(client, sizeof(client), "client handshake, TLS %s, %s",
             version == TLS_1_3 ? "1.3" : "1.2", what);
    handshakes->resumed = resumed;
    handshakes->count = resumed ? 4 : 1;
    handshakes->native = bench->native ? native_credentials(certificate, version) : 0;
    ok = sspi_credentials(&handshakes->credentials, certificate, version, resumed) &&
         (!resumed || make_session(handshakes)) && bench_compare(bench, &comparison);
    sspi_credentials_free(&handshakes->credentials);
    native_free(BENCH_CALL_CREDENTIALS_FREE, handshakes->native);
    return ok;
}

bool bench_handshakes(struct bench *bench, const struct bench_keys *keys)
{
    static const enum tls_version versions[] = {TLS_1_3, TLS_1_2};
    struct handshakes handshakes = {.pair = calloc(1, sizeof(*handshakes.pair))};
    bool ok = handshakes.pair != NULL;

    for (unsigned i = 0; ok && i < ARRAYSIZE(versions); i++) {
        ok = measure(bench, &handshakes, keys, versions[i], BENCH_RSA_2048, false) &&
             measure(bench, &handshakes, keys, versions[i], BENCH_P256, false) &&
             measure(bench, &handshakes, keys, versions[i], BENCH_P256, true);
    }
    free(handshakes.pair);
    return ok;
}
