/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any form of authentication identity, taken apart.
 */
#ifndef ASYNCSSPI_IDENTITY_H
#define ASYNCSSPI_IDENTITY_H

#include "core/sspitypes.h"

/* The strings belong to the identity they came from or, when converted, to `memory`. */
struct identity {
    const WCHAR *user, *domain, *password;             /* not terminated; NULL when absent */
    ULONG user_length, domain_length, password_length; /* in characters */
    void *memory;
    SIZE_T memory_size;
};

/*
 * `ansi`: the strings are ANSI when the identity's flags do not tell. SEC_E_OK, or why it cannot be
 * read; either way identity_release may be called.
 */
SECURITY_STATUS identity_parse(const void *auth_identity, bool ansi, struct identity *identity);
/* Wipes and frees what identity_parse converted. */
void identity_release(struct identity *identity);
bool identity_is_encrypted(const void *auth_identity);
/* Zeroes the identity and the strings it points to. */
void identity_wipe(void *auth_identity);

#endif
