/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the system trusts.
 */
#ifndef ASYNCSSPI_TRUST_H
#define ASYNCSSPI_TRUST_H

#include "schannel/credentials/systemstore.h"

/* Whose roots a chain may end in. */
enum trust_source {
    TRUST_SYSTEM, /* those of the store of roots */
    TRUST_HOST,   /* those that peer/hostroots.c has found so far, and put into `roots` */
    TRUST_SOURCES
};

/* crypt32's chain engine with the roots of that moment, or later. */
struct trust_engine {
    HCERTCHAINENGINE handle; /* NULL: crypt32's own, whose roots are those of its first use */
    unsigned int references;
    stores_moment moment;
    HCERTSTORE roots; /* TRUST_HOST; may be added to at any time */
};

/* An engine of crypt32's with these roots alone, or with the system's; NULL: failed. */
HCERTCHAINENGINE chain_engine_create(HCERTSTORE exclusive);

/* NULL: no memory. Each has to be released. */
struct trust_engine *trust_engine_get(enum trust_source source, stores_moment moment);
void trust_engine_release(struct trust_engine *engine);

/* When the DLL is unloaded. */
void trust_release(void);

#endif
