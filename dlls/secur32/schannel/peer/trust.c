/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the system trusts.
 *
 * Wine's crypt32 reads the system's stores when its own chain engine is first used, and never
 * again: a root that is installed while a program runs would not count in it, nor one that is taken
 * away. So there is an engine of our own, made anew when the registry tells of a change where
 * stores and their policies are. The notification comes before the call that changed something
 * returns, and is asked for before an engine reads anything.
 */
#include "schannel/peer/trust.h"
#include "core/memory.h"
#include "schannel/credentials/registry.h"

#include <stddef.h>

#define PARENT_KEY L"Software\\Microsoft"
#define POLICY_KEY L"Software\\Policies"
#define STORES     L"\\SystemCertificates"

/* In either hive, with what has to be made before they can be. */
#define TREE_OF(root)                                                                              \
    {                                                                                              \
        .hive = root, .name = L"Software"                                                          \
    }
#define MICROSOFT_OF(root)                                                                         \
    {                                                                                              \
        .hive = root, .name = PARENT_KEY                                                           \
    }
#define STORES_OF(root)                                                                            \
    {                                                                                              \
        .hive = root, .name = PARENT_KEY STORES, .subtree = true, .optional = true                 \
    }
#define POLICIES_OF(root)                                                                          \
    {                                                                                              \
        .hive = root, .name = POLICY_KEY, .optional = true                                         \
    }
#define POLICY_OF(root)                                                                            \
    {                                                                                              \
        .hive = root, .name = POLICY_KEY L"\\Microsoft", .optional = true                          \
    }
#define POLICY_STORES_OF(root)                                                                     \
    {                                                                                              \
        .hive = root, .name = POLICY_KEY L"\\Microsoft" STORES, .subtree = true, .optional = true  \
    }
#define ALL_OF(root)                                                                               \
    TREE_OF(root), MICROSOFT_OF(root), STORES_OF(root), POLICIES_OF(root), POLICY_OF(root),        \
        POLICY_STORES_OF(root)

static struct registry_key keys[] = {ALL_OF(HKEY_CURRENT_USER), ALL_OF(HKEY_LOCAL_MACHINE)};

static SRWLOCK lock = SRWLOCK_INIT;
static bool watching;
static trust_moment now;
static struct trust_engine *current; /* with a reference; NULL: none yet */

trust_moment trust_look(void)
{
    trust_moment moment;

    registry_look();
    AcquireSRWLockExclusive(&lock);
    if (!watching || registry_has_changed(REGISTRY_TRUST)) {
        watching = registry_watch(REGISTRY_TRUST, keys, ARRAYSIZE(keys));
        now++;
    }
    moment = watching ? now : 0;
    ReleaseSRWLockExclusive(&lock);
    return moment;
}

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

struct trust_engine *trust_engine_get(trust_moment moment)
{
    struct trust_engine *engine;

    AcquireSRWLockExclusive(&lock);
    if (!current || current->moment < moment) {
        engine = heap_zalloc(sizeof(*engine));
        if (engine) {
            drop(current);
            current = engine;
            engine->references = 1;
            engine->moment = now;
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
    registry_unwatch(keys, ARRAYSIZE(keys));
}
