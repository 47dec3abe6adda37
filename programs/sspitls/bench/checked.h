/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A server's certificate, and whom a client that checks it trusts. */
#ifndef SSPITLS_BENCH_CHECKED_H
#define SSPITLS_BENCH_CHECKED_H

#include "certificates/identity.h"

struct checked {
    struct identity identity;
    PCCERT_CONTEXT authority, root; /* of the identity's store; authority: NULL in a chain of two */
    HCERTSTORE roots;               /* the system's, and that one; NULL until they are loaded */
};

/* A chain of so many certificates; false after a line on stderr. To be freed in any case. */
bool checked_make(struct checked *checked, enum key_kind key, unsigned length);
/* false after a line on stderr. */
bool checked_load_roots(struct checked *checked);
void checked_free(struct checked *checked);

#endif
