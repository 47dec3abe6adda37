/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The thunk (dlls/winegnutls/main.c) under loaders of several versions of Wine, played here: which
 * way to the unix library it takes, and what its caller learns when there is none.
 */
#include <windows.h>
#include <winternl.h>
#include <stdio.h>
#include <string.h>

#define PAIRED     1000
#define BY_NAME    1002
#define NOT_FOUND  ((NTSTATUS)0xc0000135)
#define BAD_CLASS  ((NTSTATUS)0xc0000003)
#define NO_ENTRY   ((NTSTATUS)0xc000007a)
#define MOST_CALLS 4

/* A version of Wine. */
static struct {
    const char *version; /* NULL: ntdll does not tell */
    BOOL dispatcher;
    UINT64 paired, by_name; /* handles; 0: STATUS_DLL_NOT_FOUND */
} wine;

static ULONG asked[MOST_CALLS];
static int asked_count, passed, failed;

static NTSTATUS WINAPI play_call(UINT64 library, unsigned int code, void *params)
{
    (void)params;
    return (NTSTATUS)(library + code);
}

static NTSTATUS(WINAPI *dispatcher)(UINT64, unsigned int, void *) = play_call;

static const char *__cdecl play_version(void)
{
    return wine.version;
}

static FARPROC play_address(HMODULE module, const char *name)
{
    (void)module;
    if (!strcmp(name, "wine_get_version"))
        return wine.version ? (FARPROC)(void *)play_version : NULL;
    return wine.dispatcher && !strcmp(name, "__wine_unix_call_dispatcher")
               ? (FARPROC)(void *)&dispatcher
               : NULL;
}

static DWORD play_file_name(HMODULE module, WCHAR *path, DWORD size)
{
    (void)module;
    (void)size;
    wcscpy(path, L"C:\\windows\\sys.tem\\engine.dll");
    return (DWORD)wcslen(path);
}

NTSTATUS NTAPI play_query(HANDLE process, const void *address, ULONG class, void *buffer,
                          SIZE_T size, SIZE_T *returned);
NTSTATUS NTAPI play_query(HANDLE process, const void *address, ULONG class, void *buffer,
                          SIZE_T size, SIZE_T *returned)
{
    const UNICODE_STRING *name = address;
    UINT64 *handles = buffer;

    (void)process;
    (void)returned;
    if (asked_count < MOST_CALLS)
        asked[asked_count++] = class;
    if (class == PAIRED && size == sizeof(*handles) && wine.paired) {
        handles[0] = wine.paired;
        return 0;
    }
    if (class == BY_NAME && size == 2 * sizeof(*handles) && wine.by_name) {
        if (name->Length != 6 * sizeof(WCHAR) || memcmp(name->Buffer, L"engine", name->Length))
            return NOT_FOUND;
        handles[0] = 77;
        handles[1] = wine.by_name;
        return 0;
    }
    return wine.paired || wine.by_name ? BAD_CLASS : NOT_FOUND;
}

#undef NTSYSAPI
#define NTSYSAPI
#define NtQueryVirtualMemory play_query
#define GetProcAddress       play_address
#define GetModuleFileNameW   play_file_name
#define DllMain              thunk_main
#include "winegnutls/main.c"

static void check(int good, const char *what, const char *version)
{
    if (good) {
        passed++;
        return;
    }
    failed++;
    printf("FAILED: %s (Wine %s)\n", what, version ? version : "that does not tell");
}

static void try_version(const char *version, UINT64 paired, UINT64 by_name, NTSTATUS expected,
                        ULONG first, int calls)
{
    wine.version = version;
    wine.dispatcher = TRUE;
    wine.paired = paired;
    wine.by_name = by_name;
    asked_count = 0;
    unix_library = 0;
    dispatch = unreachable;
    check(thunk_main(NULL, DLL_PROCESS_ATTACH, NULL), "the module refuses to be loaded", version);
    check(winegnutls_call(1, NULL) == expected, "what a call says", version);
    check(asked_count == calls, "how often it asks", version);
    check(!calls || asked[0] == first, "what it asks first", version);
}

int main(void)
{
    try_version("8.0 (Debian 8.0~repack-4)", 100, 0, 101, PAIRED, 1);
    try_version("10.0", 100, 200, 101, PAIRED, 1);
    try_version("11.2", 100, 200, 201, BY_NAME, 1);
    try_version("11.0", 100, 0, 101, BY_NAME, 2);
    try_version("12", 0, 200, 201, BY_NAME, 1);
    try_version("11.5", 0, 0, NOT_FOUND, BY_NAME, 2);
    try_version("9.0", 0, 0, NOT_FOUND, PAIRED, 1);
    try_version("", 100, 200, 101, PAIRED, 1);
    try_version(NULL, 100, 200, 101, PAIRED, 1);
    wine.dispatcher = FALSE;
    asked_count = 0;
    dispatch = unreachable;
    thunk_main(NULL, DLL_PROCESS_ATTACH, NULL);
    check(winegnutls_call(1, NULL) == NO_ENTRY && !asked_count, "no dispatcher", wine.version);
    printf("%d passed, %d failed, 0 skipped\n", passed, failed);
    return failed != 0;
}
