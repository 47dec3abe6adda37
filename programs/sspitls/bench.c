/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sspitls bench: what SSPI costs, next to the same work done by GnuTLS itself in the same process.
 * Both ends of every connection are in memory. See benchtable.c for how figures are taken.
 */
#include "bench.h"

#include <io.h>

#include "certificate.h"
#include "error.h"

#define DEFAULT_ROUNDS  100
#define DEFAULT_SECONDS 4

/* The native side's, so that both use the same keys; else made here. */
static bool prepare_keys(struct bench *bench, struct bench_keys *keys,
                         struct identity identities[2])
{
    static const enum key_kind kinds[] = {KEY_RSA, KEY_P256};

    for (unsigned i = 0; i < 2; i++) {
        if (bench->native) {
            keys->certificates[i] = native_identity(i);
            if (!keys->certificates[i]) {
                report("the native side cannot make a certificate");
                return false;
            }
            continue;
        }
        if (!identity_generate(&identities[i], kinds[i]))
            return false;
        keys->certificates[i] = CertDuplicateCertificateContext(identities[i].certificate);
    }
    return true;
}

int bench_main(const struct options *options)
{
    struct bench bench = {
        .options = options,
        .rounds = options->rounds ? options->rounds : DEFAULT_ROUNDS,
        .seconds = options->seconds ? options->seconds : DEFAULT_SECONDS,
        .progress = _isatty(2),
    };
    struct bench_keys keys = {{NULL}};
    struct identity identities[2] = {{0}};
    unsigned threads[BENCH_MAX_THREADS];
    bool ok;

    if (!bench_parse_threads(options->threads, threads)) {
        report("--threads: a list of numbers from 1 to %d, as 1,2,4", BENCH_MAX_THREADS);
        return EXIT_USAGE;
    }
    bench.native = native_load();
    if (!bench.native)
        report("no winegnutlsbench here: figures without native ones beside them");
    ok = prepare_keys(&bench, &keys, identities);
    if (ok) {
        bench_print_heading(&bench);
        ok = bench_records(&bench, &keys) && bench_handshakes(&bench, &keys) &&
             bench_calls(&bench, &keys) && bench_parallel(&bench, &keys);
        bench_print_end(&bench);
    }
    for (unsigned i = 0; i < 2; i++) {
        if (keys.certificates[i])
            CertFreeCertificateContext(keys.certificates[i]);
        identity_free(&identities[i]);
    }
    return ok ? EXIT_OK : EXIT_TLS;
}
