/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The thunk: the PE half of winegnutls, and the only file that knows how Wine reaches a unix
 * library.
 *
 * Wine pairs a module it knows as builtin with the .so of the same name and answers for the
 * module's address with a handle to that .so; ntdll exports a pointer to the dispatcher that enters
 * it. From Wine 11 on the .so can be had by its name as well, also by a module that is no builtin;
 * older ones are not asked, for they would complain. All is asked for once, when the module is
 * loaded. Where there is no .so, or no Wine at all, `dispatch` points to a function that returns
 * the reason, so the fast path has no check.
 */
#include <windows.h>
#include <winternl.h>

/* The information class that returns the unix library's handle for a module, and the one that
 * returns a number to unload it by and the handle for a UNICODE_STRING, its name without .so. */
#define UNIX_LIBRARY_CLASS 1000
#define BY_NAME_CLASS      1002
#define WINE_WITH_BY_NAME  11u

#ifndef STATUS_DLL_NOT_FOUND
#define STATUS_DLL_NOT_FOUND ((NTSTATUS)0xc0000135)
#endif
#ifndef STATUS_PROCEDURE_NOT_FOUND
#define STATUS_PROCEDURE_NOT_FOUND ((NTSTATUS)0xc000007a)
#endif

/* In ntdll; not in the headers. */
NTSYSAPI NTSTATUS NTAPI NtQueryVirtualMemory(HANDLE process, const void *address, ULONG class,
                                             void *buffer, SIZE_T size, SIZE_T *returned);

typedef NTSTATUS(WINAPI *unix_dispatcher)(UINT64 library, unsigned int code, void *params);

static NTSTATUS load_status = STATUS_DLL_NOT_FOUND;

static NTSTATUS WINAPI unreachable(UINT64 library, unsigned int code, void *params)
{
    (void)library;
    (void)code;
    (void)params;
    return load_status;
}

static unix_dispatcher dispatch = unreachable;
static UINT64 unix_library;

NTSTATUS WINAPI winegnutls_call(unsigned int code, void *params)
{
    return dispatch(unix_library, code, params);
}

/* The number before the first point; 0: no Wine that tells. */
static unsigned int wine_version(HMODULE ntdll)
{
    typedef const char *(__cdecl * version_function)(void);
    version_function function = (version_function)(void *)GetProcAddress(ntdll, "wine_get_version");
    unsigned int number = 0;

    for (const char *text = function ? function() : ""; *text >= '0' && *text <= '9'; text++)
        number = 10 * number + (unsigned int)(*text - '0');
    return number;
}

/* By the name that this module's file has. */
static NTSTATUS load_by_name(HINSTANCE module, UINT64 *handle)
{
    WCHAR path[MAX_PATH];
    DWORD end = GetModuleFileNameW(module, path, MAX_PATH), start;
    UNICODE_STRING name;
    UINT64 loaded[2] = {0, 0};
    NTSTATUS status;

    if (!end || end == MAX_PATH)
        return STATUS_DLL_NOT_FOUND;
    for (start = end; start && path[start - 1] != '\\'; start--)
        if (path[start - 1] == '.')
            end = start - 1;
    name.Buffer = path + start;
    name.Length = name.MaximumLength = (USHORT)((end - start) * sizeof(WCHAR));
    status = NtQueryVirtualMemory(GetCurrentProcess(), &name, BY_NAME_CLASS, loaded, sizeof(loaded),
                                  NULL);
    *handle = loaded[1];
    return status;
}

static NTSTATUS find_unix_library(HINSTANCE module)
{
    HMODULE ntdll = GetModuleHandleA("ntdll.dll");
    unix_dispatcher *wine_dispatcher;
    NTSTATUS status;

    if (!ntdll)
        return STATUS_DLL_NOT_FOUND;
    wine_dispatcher =
        (unix_dispatcher *)(void *)GetProcAddress(ntdll, "__wine_unix_call_dispatcher");
    if (!wine_dispatcher || !*wine_dispatcher)
        return STATUS_PROCEDURE_NOT_FOUND;
    status = STATUS_DLL_NOT_FOUND;
    if (wine_version(ntdll) >= WINE_WITH_BY_NAME)
        status = load_by_name(module, &unix_library);
    if (status < 0 || !unix_library)
        status = NtQueryVirtualMemory(GetCurrentProcess(), module, UNIX_LIBRARY_CLASS,
                                      &unix_library, sizeof(unix_library), NULL);
    if (status < 0)
        return status;
    if (!unix_library)
        return STATUS_DLL_NOT_FOUND;
    dispatch = *wine_dispatcher;
    return 0;
}

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, void *reserved)
{
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH) {
        DisableThreadLibraryCalls(module);
        load_status = find_unix_library(module);
    }
    /* Also without the unix library: the caller learns the reason from winegnutls_call. */
    return TRUE;
}
