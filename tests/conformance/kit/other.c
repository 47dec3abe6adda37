/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kit/other.h"
#include "wine/test.h"

#include <stdio.h>
#include <string.h>

static struct {
    void *back[5]; /* for __builtin_longjmp */
    DWORD thread;  /* that it runs in; 0: none runs */
    DWORD code;
    void *address;
} part_state;

static LPTOP_LEVEL_EXCEPTION_FILTER harness_filter;

SECURITY_STATUS call_sized(const char *name, SecHandle *handle, ULONG attribute, void *buffer,
                           ULONG size)
{
    SECURITY_STATUS(WINAPI * function)(SecHandle *, ULONG, void *, ULONG);

    function = (void *)GetProcAddress(GetModuleHandleA("secur32.dll"), name);
    if (function)
        return function(handle, attribute, buffer, size);
    win_skip("no %s\n", name);
    return SEC_E_UNSUPPORTED_FUNCTION;
}

HMODULE module_of_code(void)
{
    const DWORD flags =
        GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
    FARPROC function = GetProcAddress(GetModuleHandleA("secur32.dll"), "FreeContextBuffer");
    HMODULE module = NULL;

    GetModuleHandleExW(flags, (const WCHAR *)(void *)function, &module);
    return module;
}

/* Called when nobody has taken the exception, on the stack of the thread that raised it. */
static LONG CALLBACK leave_part(EXCEPTION_POINTERS *pointers)
{
    if (part_state.thread != GetCurrentThreadId())
        return harness_filter(pointers);
    part_state.thread = 0;
    part_state.code = pointers->ExceptionRecord->ExceptionCode;
    part_state.address = pointers->ExceptionRecord->ExceptionAddress;
    __builtin_longjmp(part_state.back, 1);
}

static void __attribute__((noinline)) run_to_the_end(const char *name, void (*part)(void))
{
    if (__builtin_setjmp(part_state.back)) {
        ok(FALSE, "%s: exception %#lx at %p\n", name, part_state.code, part_state.address);
        return;
    }
    part_state.thread = GetCurrentThreadId();
    part();
    part_state.thread = 0;
}

void run_part(const char *name, void (*part)(void))
{
    LPTOP_LEVEL_EXCEPTION_FILTER before;

    if (only_a_part())
        return;
    before = SetUnhandledExceptionFilter(leave_part);
    if (before != leave_part)
        harness_filter = before;
    run_to_the_end(name, part);
}

BOOL only_a_part(void)
{
    char **arguments;

    return winetest_get_mainargs(&arguments) >= 3;
}

void run_part_apart(const char *name, void (*part)(void))
{
    PROCESS_INFORMATION process;
    STARTUPINFOA startup = {.cb = sizeof(startup)};
    char command[2 * MAX_PATH], **arguments;

    winetest_get_mainargs(&arguments);
    if (only_a_part()) {
        if (!strcmp(arguments[2], name))
            part();
        return;
    }
    snprintf(command, sizeof(command), "\"%s\" %s %s", arguments[0], arguments[1], name);
    if (!CreateProcessA(NULL, command, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process)) {
        ok(FALSE, "%s: no process for it, error %lu\n", name, GetLastError());
        return;
    }
    winetest_push_context("%s", name);
    wait_child_process(process.hProcess);
    winetest_pop_context();
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
}
