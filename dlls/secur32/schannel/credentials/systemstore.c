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

/* The second may not be there, or be deleted and made again: the first tells. */
static const struct {
    const WCHAR *name;
    bool subtree;
} keys[] = {
    {L"Software\\Microsoft", false},
    {L"Software\\Microsoft\\SystemCertificates", true},
};

static const HKEY hives[] = {HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE};
static const WCHAR *const names[SYSTEM_STORE_COUNT] = {L"CA", L"Root"};

static SRWLOCK lock = SRWLOCK_INIT;
static HKEY watched[ARRAYSIZE(hives)][ARRAYSIZE(keys)];
static bool watching;
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

/* A key that is gone is never told about again, so each is opened anew. */
static void stop_watching(void)
{
    for (unsigned int i = 0; i < ARRAYSIZE(hives); i++) {
        for (unsigned int j = 0; j < ARRAYSIZE(keys); j++) {
            if (watched[i][j])
                RegCloseKey(watched[i][j]);
            watched[i][j] = NULL;
        }
    }
    watching = false;
}

static bool watch(HKEY hive, unsigned int which, HKEY *key)
{
    LSTATUS error = RegOpenKeyExW(hive, keys[which].name, 0, KEY_NOTIFY, key);

    if (error) {
        *key = NULL;
        return error == ERROR_FILE_NOT_FOUND && which > 0;
    }
    return registry_watch(REGISTRY_STORES, *key, keys[which].subtree);
}

/* Before the stores are read, so that no change is missed. */
static void start_watching(void)
{
    registry_forget(REGISTRY_STORES);
    watching = true;
    for (unsigned int i = 0; i < ARRAYSIZE(hives) && watching; i++) {
        for (unsigned int j = 0; j < ARRAYSIZE(keys) && watching; j++)
            watching = watch(hives[i], j, &watched[i][j]);
    }
}

static void close_stores(void)
{
    for (unsigned int i = 0; i < SYSTEM_STORE_COUNT; i++) {
        if (stores[i])
            CertCloseStore(stores[i], 0);
        stores[i] = NULL;
    }
}

HCERTSTORE system_store_get(enum system_store which)
{
    HCERTSTORE store;

    AcquireSRWLockExclusive(&lock);
    if (!watching || registry_has_changed(REGISTRY_STORES)) {
        close_stores();
        stop_watching();
        start_watching();
    }
    if (!stores[which])
        stores[which] = system_store_open(names[which]);
    store = stores[which] ? CertDuplicateStore(stores[which]) : NULL;
    ReleaseSRWLockExclusive(&lock);
    return store;
}

void system_stores_release(void)
{
    close_stores();
    stop_watching();
}
