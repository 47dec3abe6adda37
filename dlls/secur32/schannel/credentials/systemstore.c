/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The system's certificate stores, kept open while they do not change.
 *
 * crypt32 reads every certificate of a store out of the registry when it opens one, which takes
 * half a millisecond and more, and does not look there again. A notification on the keys they are
 * in tells when to open them anew: the registry gives it before the call that changed something
 * returns, so who acquires a credential afterwards finds what is there then.
 */
#include "schannel/credentials/systemstore.h"
#include "schannel/credentials/registry.h"

#define PARENT_KEY     L"Software\\Microsoft"
#define STORES_KEY     PARENT_KEY L"\\SystemCertificates"
/* Policies have stores of their own; each key of their path may be missing. */
#define ABOVE_POLICIES L"Software"
#define POLICIES_KEY   L"Software\\Policies"
#define POLICY_KEY     POLICIES_KEY L"\\Microsoft"
#define POLICY_STORES  POLICY_KEY L"\\SystemCertificates"

static struct registry_key keys[] = {
    {.hive = HKEY_CURRENT_USER, .name = PARENT_KEY},
    {.hive = HKEY_CURRENT_USER, .name = STORES_KEY, .subtree = true, .optional = true},
    {.hive = HKEY_CURRENT_USER, .name = ABOVE_POLICIES},
    {.hive = HKEY_CURRENT_USER, .name = POLICIES_KEY, .optional = true},
    {.hive = HKEY_CURRENT_USER, .name = POLICY_KEY, .optional = true},
    {.hive = HKEY_CURRENT_USER, .name = POLICY_STORES, .subtree = true, .optional = true},
    {.hive = HKEY_LOCAL_MACHINE, .name = PARENT_KEY},
    {.hive = HKEY_LOCAL_MACHINE, .name = STORES_KEY, .subtree = true, .optional = true},
    {.hive = HKEY_LOCAL_MACHINE, .name = ABOVE_POLICIES},
    {.hive = HKEY_LOCAL_MACHINE, .name = POLICIES_KEY, .optional = true},
    {.hive = HKEY_LOCAL_MACHINE, .name = POLICY_KEY, .optional = true},
    {.hive = HKEY_LOCAL_MACHINE, .name = POLICY_STORES, .subtree = true, .optional = true},
};
static const WCHAR *const names[SYSTEM_STORE_COUNT] = {L"CA", L"Root", L"Disallowed"};

static SRWLOCK lock = SRWLOCK_INIT;
static bool watching;
static stores_moment now;
static HCERTSTORE stores[SYSTEM_STORE_COUNT]; /* opened since the last change, or NULL */

HCERTSTORE system_store_open(const WCHAR *name)
{
    const DWORD flags = CERT_STORE_OPEN_EXISTING_FLAG | CERT_STORE_READONLY_FLAG;
    /* Who opens the user's makes an empty one of that name for the machine as well. */
    HCERTSTORE store =
        CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, CERT_SYSTEM_STORE_CURRENT_USER | flags, name);

    return store ? store
                 : CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0,
                                 CERT_SYSTEM_STORE_LOCAL_MACHINE | flags, name);
}

static void close_stores(void)
{
    for (unsigned int i = 0; i < SYSTEM_STORE_COUNT; i++) {
        if (stores[i])
            CertCloseStore(stores[i], 0);
        stores[i] = NULL;
    }
}

/* Under the lock: what a change that was seen makes old goes. */
static void follow_changes(void)
{
    if (watching && !registry_has_changed(REGISTRY_STORES))
        return;
    close_stores();
    /* Before the stores are read, so that no change is missed. */
    watching = registry_watch(REGISTRY_STORES, keys, ARRAYSIZE(keys));
    now++;
}

stores_moment system_stores_look(void)
{
    stores_moment moment;

    registry_look();
    AcquireSRWLockExclusive(&lock);
    follow_changes();
    moment = watching ? now : 0;
    ReleaseSRWLockExclusive(&lock);
    return moment;
}

HCERTSTORE system_store_get(enum system_store which)
{
    HCERTSTORE store;

    AcquireSRWLockExclusive(&lock);
    follow_changes();
    if (!stores[which])
        stores[which] = system_store_open(names[which]);
    store = stores[which] ? CertDuplicateStore(stores[which]) : NULL;
    ReleaseSRWLockExclusive(&lock);
    return store;
}

void system_stores_release(void)
{
    close_stores();
    registry_unwatch(keys, ARRAYSIZE(keys));
}
