/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the system trusts.
 *
 * Wine's crypt32 reads the system's stores when its own chain engine is first used, and never
 * again: a root that is installed while a program runs would not count in it, nor one that is taken
 * away. So there is an engine of our own, made anew when something of the stores or of their
 * policies has changed (credentials/systemstore.c); and a second one, with the host's roots alone.
 */
#include "schannel/peer/trust.h"
#include "core/memory.h"

#include <stddef.h>

static SRWLOCK lock = SRWLOCK_INIT;
static struct trust_engine *current[TRUST_SOURCES]; /* with a reference; NULL: none yet */

HCERTCHAINENGINE chain_engine_create(HCERTSTORE exclusive)
{
    /* The size of Windows 7's structure, which ends before dwExclusiveFlags: all that Wine takes.
     */
    CERT_CHAIN_ENGINE_CONFIG config = {
        .cbSize = offsetof(CERT_CHAIN_ENGINE_CONFIG, hExclusiveRoot) + 2 * sizeof(HCERTSTORE),
        .hExclusiveRoot = exclusive};
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
    if (engine->roots)
        CertCloseStore(engine->roots, 0);
    heap_free(engine);
}

static bool prepare(struct trust_engine *engine, enum trust_source source)
{
    if (source == TRUST_SYSTEM) {
        engine->handle = engine->moment ? chain_engine_create(NULL) : NULL;
        return true;
    }
    engine->roots = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, CERT_STORE_CREATE_NEW_FLAG, NULL);
    engine->handle = engine->roots ? chain_engine_create(engine->roots) : NULL;
    /* Without a handle it would be an engine of other roots. */
    return engine->handle != NULL;
}

struct trust_engine *trust_engine_get(enum trust_source source, stores_moment moment)
{
    struct trust_engine *engine;

    AcquireSRWLockExclusive(&lock);
    engine = current[source];
    if (!engine || engine->moment < moment) {
        engine = heap_zalloc(sizeof(*engine));
        if (engine) {
            engine->references = 1;
            engine->moment = moment;
        }
        if (engine && !prepare(engine, source)) {
            drop(engine);
            engine = NULL;
        }
        if (engine) {
            drop(current[source]);
            current[source] = engine;
        }
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
    for (unsigned int source = 0; source < TRUST_SOURCES; source++) {
        drop(current[source]);
        current[source] = NULL;
    }
}
