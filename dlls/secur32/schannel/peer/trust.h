/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the system trusts, and when that was last another thing.
 */
#ifndef ASYNCSSPI_TRUST_H
#define ASYNCSSPI_TRUST_H

#include "schannel/base/schanneltypes.h"

#include <stdint.h>

/* Between two moments something has changed; 0: nobody would tell of a change. */
typedef uint64_t trust_moment;

/* Now. One call of wineserver's. */
trust_moment trust_look(void);

/* crypt32's chain engine with the system's roots of that moment, or later. */
struct trust_engine {
    HCERTCHAINENGINE
    handle; /* NULL: crypt32's own, which has those that were there when it was first used */
    unsigned int references;
    trust_moment moment;
};

/* NULL: no memory. Each has to be released. */
struct trust_engine *trust_engine_get(trust_moment moment);
void trust_engine_release(struct trust_engine *engine);

/* When the DLL is unloaded. */
void trust_release(void);

#endif
