/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Handshakes of asynchronous calls, in chains. */
#include "bench/chains.h"

#include <stdlib.h>

#include "base/error.h"
#include "bench/native.h"
#include "tls/async.h"

struct chain {
    struct chains *chains;
    struct bench_sspi_pair pair;
    struct bench_side *side; /* whose leg is under way */
    SspiAsyncContext *call;
};

struct chains {
    const struct bench_sspi_credentials *credentials;
    volatile LONG64 left; /* handshakes to begin */
    SRWLOCK lock;
    CONDITION_VARIABLE wake;
    unsigned running;
    bool failed;
    double ended;
    unsigned count;
    struct chain chain[];
};

static void end_chain(struct chain *chain, bool failed)
{
    struct chains *chains = chain->chains;

    sspi_pair_delete(&chain->pair);
    AcquireSRWLockExclusive(&chains->lock);
    chains->ended = bench_clock(BENCH_CLOCK_WALL);
    chains->failed |= failed;
    if (!--chains->running)
        WakeConditionVariable(&chains->wake);
    ReleaseSRWLockExclusive(&chains->lock);
}

static void start_leg(struct chain *chain, struct bench_side *side)
{
    chain->side = side;
    side_prepare(side);
    if (side_call(side, chain->call) != SEC_E_OK)
        end_chain(chain, true);
}

static void start_handshake(struct chain *chain)
{
    sspi_pair_init(&chain->pair, chain->chains->credentials);
    if (InterlockedDecrement64(&chain->chains->left) < 0)
        end_chain(chain, false);
    else
        start_leg(chain, sspi_pair_next(&chain->pair, NULL));
}

static void leg_completed(SspiAsyncContext *call, void *data)
{
    struct chain *chain = data;
    SECURITY_STATUS status = async.status(call);
    struct bench_side *next;

    async.reinit(call);
    if (!side_finish(chain->side, status)) {
        end_chain(chain, true);
        return;
    }
    next = sspi_pair_next(&chain->pair, chain->side);
    if (next) {
        start_leg(chain, next);
        return;
    }
    sspi_pair_delete(&chain->pair);
    start_handshake(chain);
}

struct chains *chains_create(const struct bench_sspi_credentials *credentials, unsigned count)
{
    struct chains *chains = calloc(1, sizeof(*chains) + count * sizeof(chains->chain[0]));

    if (!chains || !async_load()) {
        free(chains);
        return NULL;
    }
    chains->credentials = credentials;
    for (; chains->count < count; chains->count++) {
        struct chain *chain = &chains->chain[chains->count];

        chain->chains = chains;
        chain->call = async.create();
        if (!chain->call) {
            report("no memory for an asynchronous call");
            chains_free(chains);
            return NULL;
        }
        async.set_callback(chain->call, leg_completed, chain);
    }
    return chains;
}

void chains_free(struct chains *chains)
{
    if (!chains)
        return;
    for (unsigned i = 0; i < chains->count; i++)
        async.free(chains->chain[i].call);
    free(chains);
}

void chains_start(struct chains *chains, LONG64 handshakes)
{
    chains->left = handshakes;
    chains->running = chains->count;
    chains->failed = false;
    for (unsigned i = 0; i < chains->count; i++)
        start_handshake(&chains->chain[i]);
}

void chains_stop(struct chains *chains)
{
    InterlockedExchange64(&chains->left, 0);
}

bool chains_wait(struct chains *chains, double *ended)
{
    AcquireSRWLockExclusive(&chains->lock);
    while (chains->running)
        SleepConditionVariableSRW(&chains->wake, &chains->lock, INFINITE, 0);
    *ended = chains->ended;
    ReleaseSRWLockExclusive(&chains->lock);
    return !chains->failed;
}
