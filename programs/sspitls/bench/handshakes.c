/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rows: handshakes one after the other, what each side costs, full and resumed. A side's time is
 * that of its calls, from the context's creation to its deletion. Nobody checks a certificate.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "bench/handshakes.h"
#include "bench/measure.h"
#include "bench/native.h"
#include "bench/pair.h"
#include "bench/parts.h"
#include "bench/table.h"

struct kind {
    const char *id, *name;
    enum key_kind key;
    bool resumed;
    unsigned count; /* in a block */
    double server_goal, server_stretch, client_goal, client_stretch;
};

/* A server's goals are those with libcrypto on the machine (docs/performance.md). */
static const struct kind kinds_1_3[] = {
    {"rsa", "RSA-2048", KEY_RSA, false, 1, 3.2, 4, .98, .99},
    {"p256", "P-256", KEY_P256, false, 2, 1.05, 1.1, .98, .99},
    {"resumed", "resumed", KEY_P256, true, 4, .95, .97, .95, .97},
};
static const struct kind kinds_1_2[] = {
    {"rsa", "RSA-2048", KEY_RSA, false, 1, 3.2, 4, .98, .99},
    {"p256", "P-256", KEY_P256, false, 2, 1.05, 1.1, .98, .99},
    {"resumed", "resumed", KEY_P256, true, 16, .92, .95, .95, .97},
};

static bool ours(void *data, double values[])
{
    struct handshakes *handshakes = data;
    struct bench_sspi_pair *pair = handshakes->pair;
    bool ok = true;

    if (handshakes->before)
        handshakes->before();
    for (unsigned i = 0; ok && i < handshakes->count; i++) {
        sspi_pair_init(pair, &handshakes->credentials);
        ok = sspi_pair_connect(pair);
        if (ok && sspi_pair_resumed(pair) != handshakes->resumed) {
            report("a session was%s resumed", handshakes->resumed ? " not" : "");
            ok = false;
        }
        /* The next one's ticket; its time belongs to no handshake. */
        if (ok && handshakes->resumed) {
            double client_ns = pair->client.ns;

            ok = sspi_pair_take_ticket(pair);
            pair->client.ns = client_ns;
        }
        sspi_pair_delete(pair);
        values[0] += pair->client.ns / 1000 / handshakes->count;
        values[1] += pair->server.ns / 1000 / handshakes->count;
    }
    return ok;
}

static bool native(void *data, double values[])
{
    const struct handshakes *handshakes = data;
    struct bench_handshakes params = {
        .credentials = handshakes->native,
        .count = handshakes->count,
        .resumed = handshakes->resumed,
        .status = -1,
    };

    if (!native_do(BENCH_CALL_HANDSHAKES, &params, &params.status))
        return false;
    values[0] = (double)params.client_ns / 1000 / handshakes->count;
    values[1] = (double)params.server_ns / 1000 / handshakes->count;
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

const struct bench_subject handshakes_subject = {.ours = ours, .native = native};

static void measure(struct bench *bench, struct handshakes *handshakes,
                    const struct bench_keys *keys, enum tls_version version,
                    const struct kind *kind)
{
    PCCERT_CONTEXT certificate = keys->identities[kind->key].certificate;
    struct bench_row rows[] = {
        {.unit = "us", .decimals = 1, .goal = kind->client_goal, .stretch = kind->client_stretch},
        {.unit = "us", .decimals = 1, .goal = kind->server_goal, .stretch = kind->server_stretch},
    };
    const char *text = version == TLS_1_3 ? "1.3" : "1.2";
    char id[48];

    if (kind->resumed && !bench->server)
        return; /* the native server of sspi_credentials gives no tickets */
    snprintf(id, sizeof(id), "server-%s-%s", text, kind->id);
    bench_name(&rows[1], id, "server, %s", kind->name);
    snprintf(id, sizeof(id), "client-%s-%s", text, kind->id);
    bench_name(&rows[0], id, "client, %s", kind->name);
    handshakes->resumed = kind->resumed;
    handshakes->count = kind->count;
    handshakes->native = bench->native ? native_credentials(certificate, version) : 0;
    if (sspi_credentials(&handshakes->credentials, certificate, version, kind->resumed) &&
        (!kind->resumed || make_session(handshakes)))
        bench_measure(bench, &handshakes_subject, rows, bench->server ? 2 : 1, handshakes);
    else
        bench->failed = true;
    sspi_credentials_free(&handshakes->credentials);
    native_free(BENCH_CALL_CREDENTIALS_FREE, handshakes->native);
}

void bench_handshakes(struct bench *bench, const struct bench_keys *keys)
{
    struct handshakes handshakes = {.pair = calloc(1, sizeof(*handshakes.pair))};

    if (!handshakes.pair || (!bench_wants(bench, "server-") && !bench_wants(bench, "client-")))
        goto done;
    bench_group(bench, "Handshakes, TLS 1.3");
    for (unsigned i = 0; bench->tls_1_3 && i < ARRAYSIZE(kinds_1_3); i++)
        measure(bench, &handshakes, keys, TLS_1_3, &kinds_1_3[i]);
    bench_group(bench, "Handshakes, TLS 1.2");
    for (unsigned i = 0; i < ARRAYSIZE(kinds_1_2); i++)
        measure(bench, &handshakes, keys, TLS_1_2, &kinds_1_2[i]);
done:
    free(handshakes.pair);
}
