/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The way to the TLS engine: winegnutls.dll, loaded when Schannel is first asked for.
 *
 * There is no lock: threads that come at the same time all load the module and start the engine,
 * both of which may happen more than once, and all publish the same entry point. A lock held around
 * LoadLibrary could meet the loader's own in the other order, when a program acquires credentials
 * in its DllMain.
 *
 * A missing engine is an installation fault that a person has to mend, and SEC_E_SECPKG_NOT_FOUND
 * does not say how. So the first failure of a process is explained on stderr in one line.
 */
#include "schannel/base/engine.h"
#include "core/memory.h"
#include "schannel/base/context.h"
#include "winegnutls/unixlib.h"

#include <stdio.h>

/* STATUS_DLL_NOT_FOUND, which the headers have for one of NTSTATUS and DWORD only. */
#define NOT_FOUND ((NTSTATUS)0xc0000135)

typedef NTSTATUS(WINAPI *engine_entry)(unsigned int code, void *params);

static engine_entry entry;

static void complain(const char *format, unsigned int value)
{
    static LONG said;
    char line[400];
    DWORD written;
    int length;

    if (InterlockedExchange(&said, 1))
        return;
    length = snprintf(line, sizeof(line), format, value);
    if (length >= (int)sizeof(line))
        length = sizeof(line) - 1;
    WriteFile(GetStdHandle(STD_ERROR_HANDLE), line, (DWORD)length, &written, NULL);
}

static SECURITY_STATUS start(engine_entry candidate)
{
    struct tls_startup startup = {.contract_version = TLS_CONTRACT_VERSION,
                                  .status = SEC_E_SECPKG_NOT_FOUND};
    NTSTATUS status = candidate(TLS_CALL_STARTUP, &startup);

    if (status == NOT_FOUND) {
        complain("asyncsspi: no TLS: winegnutls.so or the GnuTLS library it needs cannot be loaded "
                 "(%08x); check WINEDLLPATH and that libgnutls30 is installed\n",
                 (unsigned int)status);
        return SEC_E_SECPKG_NOT_FOUND;
    }
    if (status) {
        complain("asyncsspi: no TLS: Wine's way into winegnutls.so failed (%08x); check that this "
                 "is Wine 8.0 or later\n",
                 (unsigned int)status);
        return SEC_E_SECPKG_NOT_FOUND;
    }
    if (startup.status != SEC_E_OK) {
        complain("asyncsspi: no TLS: secur32.dll (contract %u) and winegnutls.so are of different "
                 "versions, or GnuTLS is older than 3.7.9; run asyncsspi-setup install again\n",
                 TLS_CONTRACT_VERSION);
        return SEC_E_SECPKG_NOT_FOUND;
    }
    __atomic_store_n(&entry, candidate, __ATOMIC_RELEASE);
    return SEC_E_OK;
}

SECURITY_STATUS engine_load(void)
{
    engine_entry candidate;
    SECURITY_STATUS status;
    HMODULE module;

    if (__atomic_load_n(&entry, __ATOMIC_ACQUIRE))
        return SEC_E_OK;

    /* From the system directory alone: a file of that name beside a program is none of ours. */
    module = LoadLibraryExW(L"winegnutls.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
    if (!module) {
        complain("asyncsspi: no TLS: winegnutls.dll cannot be loaded from system32 (error %u); run "
                 "asyncsspi-setup install for this prefix\n",
                 GetLastError());
        return SEC_E_SECPKG_NOT_FOUND;
    }
    candidate = (engine_entry)(void *)GetProcAddress(module, "winegnutls_call");
    if (!candidate) {
        complain("asyncsspi: no TLS: winegnutls.dll in system32 is not asyncsspi's (error %u); run "
                 "asyncsspi-setup install for this prefix\n",
                 GetLastError());
        FreeLibrary(module);
        return SEC_E_SECPKG_NOT_FOUND;
    }
    status = start(candidate);
    if (status != SEC_E_OK)
        FreeLibrary(module);
    return status;
}

SECURITY_STATUS engine_call(enum tls_call code, void *params)
{
    return entry(code, params) ? SEC_E_INTERNAL_ERROR : SEC_E_OK;
}

SECURITY_STATUS engine_get_blob(enum tls_call code, struct tls_get_blob *params)
{
    SECURITY_STATUS status = engine_call(code, params);
    void *buffer;

    if (!status)
        status = params->status;
    if (status != SEC_E_BUFFER_TOO_SMALL)
        return status;
    buffer = heap_zalloc(params->size);
    if (!buffer)
        return SEC_E_INSUFFICIENT_MEMORY;
    params->buffer = (ULONG_PTR)buffer;
    params->buffer_size = params->size;
    status = engine_call(code, params);
    if (!status)
        status = params->status;
    if (status) {
        heap_free(buffer);
        params->buffer = 0;
    }
    return status;
}

SECURITY_STATUS session_call(struct schannel_context *context, enum tls_call code, void *params)
{
    SECURITY_STATUS status;

    context_lock(context);
    status = engine_call(code, params);
    context_unlock(context);
    return status;
}

SECURITY_STATUS connection_info(struct schannel_context *context, struct tls_info *info)
{
    SECURITY_STATUS status;

    memset(info, 0, sizeof(*info));
    info->session = context->session;
    status = session_call(context, TLS_CALL_INFO, info);
    return status ? status : info->status;
}
