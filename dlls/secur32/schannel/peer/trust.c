/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the system trusts.
 *
 * Wine's crypt32 reads the system's stores when its own chain engine is first used, and never
 * again: a root that is installed while a program runs would not count in it, nor one that is taken
 * away. So there is an engine of our own, made anew when something of the stores or of their
 * policies has changed (credentials/systemstore.c).
 */
#include "schannel/peer/trust.h"
#include "core/memory.h"

#include <stddef.h>

static SRWLOCK lock = SRWLOCK_INIT;
static struct trust_engine *current; /* with a reference; NULL: none yet */

static HCERTCHAINENGINE create(void)
{
    /* The size of Windows 7's structure, which ends before dwExclusiveFlags: all that Wine takes.
     */
    CERT_CHAIN_ENGINE_CONFIG config = {
        .cbSize = offsetof(CERT_CHAIN_ENGINE_CONFIG, hExclusiveRoot) + 2 * sizeof(HCERTSTORE)};
    HCERTCHAINENGINE handle;

    return CertCreateCertificateChainEngine(&config, &handle) ? handle : NULL;
}

/* Under the lock. */
static void drop(struct trust_engine *engine)
{
    if (!engine || --engine->references)
        return;
    if (engine->handle)
        CertFreeCertificateChainEngine(engine->handle);
    heap_free(engine);
}

struct trust_engine *trust_engine_get(stores_moment moment)
{
    struct trust_engine *engine;

    AcquireSRWLockExclusive(&lock);
    if (!current || current->moment < moment) {
        engine = heap_zalloc(sizeof(*engine));
        if (engine) {
            drop(current);
            current = engine;
            engine->references = 1;
            engine->moment = moment;
            engine->handle = moment ? create() : NULL;
        }
    } else {
        engine = current;
    }
    if (engine)
        engine->references++;
    ReleaseSRWLockExclusive(&lock);
    return engine;
}

void trust_engine_release(struct trust_engine *engine)
{
    AcquireSRWLockExclusive(&lock);
    drop(engine);
    ReleaseSRWLockExclusive(&lock);
}

void trust_release(void)
{
    drop(current);
    current = NULL;
}
