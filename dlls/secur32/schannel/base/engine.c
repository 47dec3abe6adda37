/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The way to the TLS engine: winegnutls.dll, loaded when Schannel is first asked for.
 *
 * There is no lock: threads that come at the same time all load the module and start the engine,
 * both of which may happen more than once, and all publish the same entry point. A lock held around
 * LoadLibrary could meet the loader's own in the other order, when a program acquires credentials
 * in its DllMain.
 *
 * A missing engine is an installation fault that a person has to mend. It is explained on stderr in
 * one line, and the program gets Wine's own Schannel to the end, which is no worse than without us;
 * unless ASYNCSSPI_REQUIRE says that ours or nothing is wanted. Only what stays as it is counts as
 * missing: Wine's own checks no certificate, so it is not to be had by a shortage of memory.
 *
 * As a part of Wine's source tree secur32 has the engine as its own unix library.
 */
#include "schannel/base/engine.h"
#include "core/memory.h"
#include "core/package.h"
#include "core/trace.h"
#include "schannel/base/context.h"
#include "winegnutls/unixlib.h"

#include <stdio.h>

#ifdef __WINESRC__
#include <winternl.h>
#include <wine/unixlib.h>
#endif

WINE_DEFAULT_DEBUG_CHANNEL(schannel);

/* Of NTSTATUS; the headers have these for one of NTSTATUS and DWORD only. */
#define NOT_FOUND ((NTSTATUS)0xc0000135)
#define NO_MEMORY ((NTSTATUS)0xc0000017)

#ifndef __WINESRC__
/* A build that is tested in its own directory has the first of these in its prefix, so that a copy
 * of asyncsspi that is installed for all is not taken instead. */
static const WCHAR *const modules[] = {L"winegnutlsprivate.dll", L"winegnutls.dll"};
#endif

typedef NTSTATUS(WINAPI *engine_entry)(unsigned int code, void *params);

static engine_entry entry;
static LONG missing; /* for good */

static bool is_required(void)
{
    WCHAR value[2];

    return GetEnvironmentVariableW(L"ASYNCSSPI_REQUIRE", value, ARRAYSIZE(value)) == 1 &&
           value[0] == '1';
}

#ifdef __WINESRC__
#define ENGINE "secur32.so"
#define MEND   ""
#else
#define ENGINE "winegnutls.so"
#define MEND   "; run asyncsspi-setup install again"
#endif

/* Why there is no engine. */
struct trouble {
    const char *format; /* for the value */
    unsigned int value;
    bool passing; /* for want of memory: the next call may find one */
};

/* What a missing engine means for the program. */
static SECURITY_STATUS absent(void)
{
    return is_required() ? SEC_E_SECPKG_NOT_FOUND : PACKAGE_ABSENT;
}

/* Explains it, in one line of this process. */
static SECURITY_STATUS miss(const struct trouble *trouble)
{
    char reason[320];

    if (trouble->passing)
        return SEC_E_INSUFFICIENT_MEMORY;
    if (!InterlockedExchange(&missing, 1)) {
        snprintf(reason, sizeof(reason), trouble->format, trouble->value);
        ERR("%s: %s\n",
            is_required() ? "no TLS"
                          : "TLS is that of Wine's own secur32, which checks no certificate",
            reason);
    }
    return absent();
}

static bool start(engine_entry candidate, struct trouble *trouble)
{
    struct tls_startup startup = {.contract_version = TLS_CONTRACT_VERSION,
                                  .status = SEC_E_SECPKG_NOT_FOUND};
    NTSTATUS status = candidate(TLS_CALL_STARTUP, &startup);

    trouble->passing = status == NO_MEMORY || startup.status == SEC_E_INSUFFICIENT_MEMORY;
    trouble->value = status ? (unsigned int)status : TLS_CONTRACT_VERSION;
    if (status == NOT_FOUND)
        trouble->format = ENGINE " or the GnuTLS library it needs cannot be loaded (%08x); "
                                 "asyncsspi-setup status says more";
    else if (status)
        trouble->format = "Wine's way into " ENGINE " failed (%08x); Wine 8.0 or later is needed";
    else
        trouble->format = "secur32.dll (contract %u) and " ENGINE " are of different versions, or "
                          "GnuTLS is older than 3.7.9" MEND;
    return !status && startup.status == SEC_E_OK;
}

#ifdef __WINESRC__
static NTSTATUS WINAPI own_unix_library(unsigned int code, void *params)
{
    return WINE_UNIX_CALL(code, params);
}

static bool load(struct trouble *trouble)
{
    NTSTATUS status = __wine_init_unix_call();

    *trouble = (struct trouble){"secur32.so or the GnuTLS library it needs cannot be loaded (%08x)",
                                (unsigned int)status, status == NO_MEMORY};
    if (status || !start(own_unix_library, trouble))
        return false;
    TRACE("the engine is there\n");
    __atomic_store_n(&entry, own_unix_library, __ATOMIC_RELEASE);
    return true;
}
#else
/* Whether a module that could not be loaded is not there, or damaged. */
static bool is_lasting(DWORD error)
{
    return error == ERROR_MOD_NOT_FOUND || error == ERROR_FILE_NOT_FOUND ||
           error == ERROR_PATH_NOT_FOUND || error == ERROR_PROC_NOT_FOUND ||
           error == ERROR_ACCESS_DENIED || error == ERROR_BAD_EXE_FORMAT ||
           error == ERROR_DLL_INIT_FAILED;
}

static bool load_from(const WCHAR *name, struct trouble *trouble)
{
    /* From the system directory alone: a file of that name beside a program is none of ours. */
    HMODULE module = LoadLibraryExW(name, NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
    engine_entry candidate;

    *trouble = (struct trouble){"winegnutls.dll cannot be loaded from system32 (error %u); run "
                                "asyncsspi-setup install for this prefix",
                                GetLastError(), !module && !is_lasting(GetLastError())};
    if (!module)
        return false;
    candidate = (engine_entry)(void *)GetProcAddress(module, "winegnutls_call");
    if (candidate && start(candidate, trouble)) {
        TRACE("%s\n", debugstr_w(name));
        __atomic_store_n(&entry, candidate, __ATOMIC_RELEASE);
        return true;
    }
    if (!candidate)
        *trouble = (struct trouble){"winegnutls.dll in system32 is not asyncsspi's (error %u); run "
                                    "asyncsspi-setup install for this prefix",
                                    GetLastError(), false};
    FreeLibrary(module);
    return false;
}

static bool load(struct trouble *trouble)
{
    for (size_t i = 0; i < ARRAYSIZE(modules); i++) {
        if (load_from(modules[i], trouble))
            return true;
        if (trouble->passing)
            break;
    }
    return false;
}
#endif

SECURITY_STATUS engine_load(void)
{
    struct trouble trouble;

    if (__atomic_load_n(&entry, __ATOMIC_ACQUIRE))
        return SEC_E_OK;
    if (__atomic_load_n(&missing, __ATOMIC_ACQUIRE))
        return absent();
    return load(&trouble) ? SEC_E_OK : miss(&trouble);
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
