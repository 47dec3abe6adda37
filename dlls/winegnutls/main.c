/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The thunk: the PE half of winegnutls, and the only file that knows how Wine reaches a unix
 * library.
 *
 * Wine pairs a module it knows as builtin with the .so of the same name and answers for the
 * module's address with a handle to that .so; ntdll exports a pointer to the dispatcher that enters
 * it. Both are asked for once, when the module is loaded. Where there is no .so, or no Wine at all,
 * `dispatch` points to a function that returns the reason, so the fast path has no check.
 */
#include <windows.h>
#include <winternl.h>

/* The information class that returns the unix library's handle for a module. */
#define UNIX_LIBRARY_CLASS 1000

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
    status = NtQueryVirtualMemory(GetCurrentProcess(), module, UNIX_LIBRARY_CLASS, &unix_library,
                                  sizeof(unix_library), NULL);
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
