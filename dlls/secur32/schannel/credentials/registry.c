/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One event per part, set by the registry's notifications before the call that changed something
 * returns. To look at an event costs a call of wineserver's, so all are looked at together.
 */
#include "schannel/credentials/registry.h"

#include <stdatomic.h>

static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
static HANDLE events[REGISTRY_PARTS]; /* reset by who sees them; all or none */
static _Atomic(bool) changed[REGISTRY_PARTS];

static BOOL CALLBACK create_events(INIT_ONCE *ignored, void *data, void **result)
{
    (void)ignored;
    (void)data;
    (void)result;
    for (unsigned int i = 0; i < REGISTRY_PARTS; i++) {
        if (!(events[i] = CreateEventW(NULL, FALSE, FALSE, NULL))) {
            registry_release();
            return FALSE;
        }
    }
    return TRUE;
}

static bool have_events(void)
{
    return InitOnceExecuteOnce(&once, create_events, NULL, NULL);
}

void registry_look(void)
{
    DWORD seen;

    if (!have_events())
        return;
    while ((seen = WaitForMultipleObjects(REGISTRY_PARTS, events, FALSE, 0)) < REGISTRY_PARTS)
        atomic_store(&changed[seen], true);
}

void registry_unwatch(struct registry_key *keys, unsigned int count)
{
    for (unsigned int i = 0; i < count; i++) {
        if (keys[i].key)
            RegCloseKey(keys[i].key);
        keys[i].key = NULL;
    }
}

static bool watch(enum registry_part part, struct registry_key *key)
{
    LSTATUS error = RegOpenKeyExW(key->hive, key->name, 0, KEY_NOTIFY, &key->key);

    if (error) {
        key->key = NULL;
        return error == ERROR_FILE_NOT_FOUND && key->optional;
    }
    return !RegNotifyChangeKeyValue(key->key, key->subtree,
                                    REG_NOTIFY_CHANGE_NAME | REG_NOTIFY_CHANGE_LAST_SET,
                                    events[part], TRUE);
}

bool registry_watch(enum registry_part part, struct registry_key *keys, unsigned int count)
{
    unsigned int i = 0;

    registry_unwatch(keys, count);
    if (!have_events())
        return false;
    /* Closing a watched key gives a notification, too. */
    ResetEvent(events[part]);
    while (i < count && watch(part, &keys[i]))
        i++;
    return i == count;
}

bool registry_has_changed(enum registry_part part)
{
    return atomic_load_explicit(&changed[part], memory_order_relaxed) &&
           atomic_exchange(&changed[part], false);
}

void registry_release(void)
{
    for (unsigned int i = 0; i < REGISTRY_PARTS; i++) {
        if (events[i])
            CloseHandle(events[i]);
        events[i] = NULL;
    }
}
