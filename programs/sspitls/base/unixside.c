/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Wine takes a builtin module from WINEDLLPATH if a copy lies where Windows programs look: for
 * those of this program that is its own directory, so they need no place in the prefix.
 */
#include "base/unixside.h"

#include <stdio.h>

unix_side unix_side_load(const char *name)
{
    char entry[64];
    HMODULE module;

    snprintf(entry, sizeof(entry), "%s.dll", name);
    module = LoadLibraryExA(entry, NULL, LOAD_LIBRARY_SEARCH_APPLICATION_DIR);
    snprintf(entry, sizeof(entry), "%s_call", name);
    return module ? (unix_side)(void *)GetProcAddress(module, entry) : NULL;
}
