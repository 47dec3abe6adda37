/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See checks/program.h. */
#include "checks/program.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "checks/files.h"

#define PROGRAMS L"Software\\Wine\\AppDefaults"
#define LONGEST  260 /* name of a key */

static const WCHAR *const dlls[] = {L"secur32", L"sspicli"};

/* What makes Wine take another DLL: neither `native` nor `native,builtin`. */
static bool is_foreign(const WCHAR *order)
{
    return order[wcscspn(order, L"nNbB")] != 'n' && order[wcscspn(order, L"nNbB")] != 'N';
}

/* Appends the overrides of a program that keep asyncsspi away from it; true: there is one. */
static bool add_overrides(struct finding *finding, const WCHAR *program)
{
    WCHAR key[LONGEST + 80], order[80];
    bool any = false;

    swprintf(key, ARRAYSIZE(key), PROGRAMS L"\\%ls\\DllOverrides", program);
    for (size_t i = 0; i < ARRAYSIZE(dlls); i++) {
        const size_t used = strlen(finding->found);
        DWORD size = sizeof(order);

        if (RegGetValueW(HKEY_CURRENT_USER, key, dlls[i], RRF_RT_REG_SZ, NULL, order, &size) ||
            !is_foreign(order))
            continue;
        snprintf(finding->found + used, sizeof(finding->found) - used, "%s%s: %s=%s",
                 used ? "; " : "", utf8(program), utf8(dlls[i]), utf8(order));
        any = true;
    }
    return any;
}

void check_overrides(struct finding *finding)
{
    WCHAR program[LONGEST];
    DWORD length;
    HKEY key;

    if (RegOpenKeyExW(HKEY_CURRENT_USER, PROGRAMS, 0, KEY_READ, &key))
        return;
    for (DWORD i = 0; length = ARRAYSIZE(program),
               !RegEnumKeyExW(key, i, program, &length, NULL, NULL, NULL, NULL);
         i++) {
        if (add_overrides(finding, program)) {
            finding->verdict = VERDICT_NOTE;
            finding_explain(finding, "overrides for a program (AppDefaults) come before those of "
                                     "all; it gets Wine's own secur32.dll");
        }
    }
    RegCloseKey(key);
}

/* secur32.dll of the programs of 32 bits, where this is one of 64 and there are such programs. */
static bool find_wow64(WCHAR *path, size_t size)
{
    UINT length = GetSystemWow64DirectoryW(path, MAX_PATH);

    if (sizeof(void *) < 8 || !length)
        return false;
    swprintf(path + length, size - length, L"\\secur32.dll");
    return is_there(path);
}

void check_wow64(struct finding *finding)
{
    WCHAR path[MAX_PATH + 20];

    if (!find_wow64(path, ARRAYSIZE(path)) || !is_wines(path))
        return;
    finding_set(finding, VERDICT_NOTE, "programs get Wine's own secur32.dll");
    finding_explain(finding, "this asyncsspi is built without its 32-bit modules");
}

/* Whether the program is for the other kind of system DLLs, about which the other probe knows. */
static bool is_for_the_other(DWORD kind)
{
    WCHAR path[MAX_PATH + 20];

    if (kind == (sizeof(void *) < 8 ? SCS_32BIT_BINARY : SCS_64BIT_BINARY))
        return false;
    return sizeof(void *) < 8 || (find_wow64(path, ARRAYSIZE(path)) && !is_wines(path));
}

/* A DLL beside the program, which is found before that of system32, and is another one. */
static const WCHAR *find_neighbour(const WCHAR *program, WCHAR *path, size_t size)
{
    const WCHAR *name = wcsrchr(program, '\\');
    WCHAR system[MAX_PATH + 20];
    UINT length = GetSystemDirectoryW(system, MAX_PATH);

    for (size_t i = 0; name && i < ARRAYSIZE(dlls); i++) {
        swprintf(system + length, ARRAYSIZE(system) - length, L"\\%ls.dll", dlls[i]);
        swprintf(path, size, L"%.*ls\\%ls.dll", (int)(name - program), program, dlls[i]);
        if (is_there(path) && !are_equal(path, system))
            return path;
    }
    return NULL;
}

void check_program(struct finding *finding, const WCHAR *path)
{
    const WCHAR *name = wcsrchr(path, '\\'), *neighbour;
    WCHAR beside[1024];
    DWORD kind;

    name = name ? name + 1 : path;
    if (!is_there(path)) {
        finding_set(finding, VERDICT_BAD, "%s: no such file", utf8(path));
    } else if (!GetBinaryTypeW(path, &kind)) {
        finding_set(finding, VERDICT_BAD, "%s: Wine cannot run it", utf8(name));
        finding_explain(finding, "no Windows program, or one of 32 bits where Wine has 64 only");
    } else if (is_for_the_other(kind)) {
        return;
    } else if (sizeof(void *) == 8 && kind != SCS_64BIT_BINARY) {
        finding_set(finding, VERDICT_BAD, "%s gets Wine's own secur32.dll: it has no 64 bits",
                    utf8(name));
        finding_explain(finding, "this asyncsspi is built without its 32-bit modules");
    } else if ((neighbour = find_neighbour(path, beside, ARRAYSIZE(beside)))) {
        finding_set(finding, VERDICT_BAD, "%s gets the DLL beside it: %s", utf8(name),
                    utf8(neighbour));
        finding_explain(finding, "a DLL beside a program is found before that of system32");
    } else if (add_overrides(finding, name)) {
        finding->verdict = VERDICT_BAD;
        finding_explain(finding, "overrides for a program (AppDefaults) come before those of all");
    } else {
        finding_set(finding, VERDICT_OK, "%s gets asyncsspi's secur32.dll", utf8(name));
    }
}
