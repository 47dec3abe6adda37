/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The system's certificate stores that issuers are looked for in, and the one of those that nobody
 * is to trust.
 */
#ifndef ASYNCSSPI_SYSTEMSTORE_H
#define ASYNCSSPI_SYSTEMSTORE_H

#include "schannel/base/schanneltypes.h"

#include <stdint.h>

/* The user's system store of that name with the machine's in it; NULL: there is none. */
HCERTSTORE system_store_open(const WCHAR *name);

enum system_store {
    SYSTEM_STORE_CA,
    SYSTEM_STORE_ROOT,
    SYSTEM_STORE_DISALLOWED,
    SYSTEM_STORE_COUNT
};

/* The same for these names, without opening them again while nothing changes. To be closed; not to
 * be written to. */
HCERTSTORE system_store_get(enum system_store which);

/* Between two moments something of the stores or of their policies has changed; 0: nobody would
 * tell of a change. */
typedef uint64_t stores_moment;

/* Now. One call of wineserver's. */
stores_moment system_stores_look(void);

/* When the DLL is unloaded. */
void system_stores_release(void);

#endif
