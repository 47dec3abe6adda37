/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files by what is in them. */
#ifndef PROBE_FILES_H
#define PROBE_FILES_H

#include <stdbool.h>
#include <windows.h>

bool is_there(const WCHAR *path);
/* A DLL that Wine has made, or a stand-in for one that is in Wine itself. */
bool is_wines(const WCHAR *path);
/* Both are there, with the same bytes. */
bool are_equal(const WCHAR *one, const WCHAR *two);

#endif
