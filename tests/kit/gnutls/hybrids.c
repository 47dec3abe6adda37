/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A GnuTLS that has the hybrid groups, or one that has not, see hybrids.h.
 */
#include <dlfcn.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>

#include "gnutls/hybrids.h"

#define SEEN __attribute__((visibility("default")))

SEEN gnutls_group_t gnutls_group_get_id(const char *name)
{
    gnutls_group_t (*real)(const char *) =
        (gnutls_group_t(*)(const char *))dlsym(RTLD_NEXT, "gnutls_group_get_id");

    if (strstr(name, "MLKEM"))
        return hybrids_are_there() ? (gnutls_group_t)1000 : GNUTLS_GROUP_INVALID;
    return real(name);
}

SEEN int gnutls_priority_init2(gnutls_priority_t *priority, const char *text, const char **error,
                               unsigned int flags)
{
    int (*real)(gnutls_priority_t *, const char *, const char **, unsigned int) =
        (int (*)(gnutls_priority_t *, const char *, const char **, unsigned int))dlsym(
            RTLD_NEXT, "gnutls_priority_init2");
    char *known = calloc(1, strlen(text) + 1), *rest = strdup(text), *next = rest, *word;
    int result;

    hybrids_asked_for(text);
    while ((word = strsep(&next, ":"))) {
        if (strstr(word, "MLKEM"))
            continue;
        if (*known)
            strcat(known, ":");
        strcat(known, word);
    }
    result = real(priority, known, error, flags);
    free(known);
    free(rest);
    return result;
}
