/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Learning that the registry has changed where something of it is kept in memory.
 *
 * Whoever keeps a part asks for a notification before reading it, and reads again once
 * registry_has_changed says so.
 */
#ifndef ASYNCSSPI_REGISTRY_H
#define ASYNCSSPI_REGISTRY_H

#include "core/sspitypes.h"

/* A key whose changes matter to a part. */
struct registry_key {
    HKEY hive;
    const WCHAR *name;
    bool subtree;  /* with all below it */
    bool optional; /* it may not be there; whoever makes it changes another key of the list */
    HKEY key;      /* NULL while it is not watched */
};

enum registry_part { REGISTRY_SETTINGS, REGISTRY_STORES, REGISTRY_PARTS };

/* Looks for changes of all parts, with one call of wineserver's: acquiring a credential and
 * checking a peer begin with it. A change that was made before is seen. */
void registry_look(void);
/* Asks for a notification of the next change of any of these keys, each opened anew: one that is
 * gone is never told about again. False: there is none to be had, so what is read cannot be kept.
 */
bool registry_watch(enum registry_part part, struct registry_key *keys, unsigned int count);
/* Closes them. */
void registry_unwatch(struct registry_key *keys, unsigned int count);
/* Whether a change was seen since this was last asked. */
bool registry_has_changed(enum registry_part part);
/* When the DLL is unloaded. */
void registry_release(void);

#endif
