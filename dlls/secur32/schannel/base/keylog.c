/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The variable that browsers and curl know: a path of Windows or, beginning with a slash, of Unix.
 * Whoever has it set can read what all connections of the process say, so there is a line about it.
 */
#include "schannel/base/keylog.h"
#include "core/memory.h"
#include "core/trace.h"
#include "schannel/base/engine.h"
#include "winegnutls/unixlib.h"

#include <string.h>

WINE_DEFAULT_DEBUG_CHANNEL(schannel);

/* An export of kernel32's, in Wine: the result is on the process heap. */
typedef char *(__cdecl *unix_name_function)(const WCHAR *path);

/* For the caller to free; NULL: it has none. */
static char *unix_name(const WCHAR *path)
{
    unix_name_function function = (unix_name_function)(void *)GetProcAddress(
        GetModuleHandleW(L"kernel32.dll"), "wine_get_unix_file_name");
    char *name;
    int size;

    if (path[0] != '/')
        return function ? function(path) : NULL;
    size = WideCharToMultiByte(CP_UTF8, 0, path, -1, NULL, 0, NULL, NULL);
    name = heap_zalloc((SIZE_T)size);
    if (name)
        WideCharToMultiByte(CP_UTF8, 0, path, -1, name, size, NULL, NULL);
    return name;
}

static void begin(const WCHAR *path)
{
    struct tls_keylog call = {.status = SEC_E_INVALID_PARAMETER};
    char *name = unix_name(path);

    call.path = (ULONG_PTR)name;
    if (name && engine_call(TLS_CALL_KEYLOG, &call) == SEC_E_OK && call.status == SEC_E_OK)
        ERR("SSLKEYLOGFILE is set: who reads %s can read all that this process sends and receives "
            "by TLS\n",
            debugstr_w(path));
    else
        ERR("SSLKEYLOGFILE: %s cannot be written to\n", debugstr_w(path));
    heap_free(name);
}

void keylog_begin(void)
{
    static LONG begun;
    const DWORD error = GetLastError();
    WCHAR path[MAX_PATH];
    DWORD length;

    if (__atomic_load_n(&begun, __ATOMIC_RELAXED) || InterlockedExchange(&begun, 1))
        return;
    length = GetEnvironmentVariableW(L"SSLKEYLOGFILE", path, MAX_PATH);
    if (length >= MAX_PATH)
        ERR("SSLKEYLOGFILE: a path of %lu characters is too long\n", length);
    else if (length)
        begin(path);
    SetLastError(error);
}
