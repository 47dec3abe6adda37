/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Wine's own secur32, beside ours.
 *
 * A copy of it in a directory of its own makes Wine load its real builtin under another module
 * name. Loading it is slow (it starts its packages in DllMain), so it happens when somebody first
 * asks for something that only it has.
 *
 * No lock is held while it loads: a thread may come here from inside the loader, and a second one
 * waiting for it with the loader lock in its hands would wait for ever. Threads that come at the
 * same time each load it, which the loader counts, and the first one's result is kept. So is the
 * result "missing". The module stays loaded to the end.
 */
#include "core/core.h"
#include <stdatomic.h>
#include <string.h>

#define MARKER L"\\asyncsspi\\secur32.dll"

struct delegate {
    HMODULE module;
    const SecurityFunctionTableW *table;
    SecPkgInfoW *infos;
    unsigned int count;
    struct package packages[];
};

/* What is kept when there is no delegate, or no memory for telling about it. */
static struct delegate missing;

static struct delegate *_Atomic loaded;

/* A module that has the asynchronous calls is one of ours, and would lead back here. */
static bool is_ours(HMODULE module)
{
    return module == (HMODULE)secur32_module || GetProcAddress(module, "SspiCreateAsyncContext");
}

static HMODULE load_module(void)
{
    WCHAR path[MAX_PATH + sizeof(MARKER) / sizeof(WCHAR)];
    UINT length = GetSystemWindowsDirectoryW(path, MAX_PATH);
    HMODULE module;

    if (!length || length >= MAX_PATH)
        return NULL;
    memcpy(path + length, MARKER, sizeof(MARKER));
    module = LoadLibraryW(path);
    if (module && is_ours(module)) {
        FreeLibrary(module);
        return NULL;
    }
    return module;
}

static bool is_schannel(const SEC_WCHAR *name)
{
    for (int i = 0; i < 2; i++)
        if (CompareStringOrdinal(schannel_packages[i].info->Name, -1, name, -1, TRUE) == CSTR_EQUAL)
            return true;
    return false;
}

static struct delegate *describe(HMODULE module)
{
    INIT_SECURITY_INTERFACE_W init =
        (INIT_SECURITY_INTERFACE_W)(void (*)(void))GetProcAddress(module, "InitSecurityInterfaceW");
    const SecurityFunctionTableW *table = init ? init() : NULL;
    struct delegate *delegate;
    SecPkgInfoW *infos = NULL;
    ULONG count = 0;

    if (!table)
        return NULL;
    if (table->EnumerateSecurityPackagesW(&count, &infos) < 0)
        count = 0;
    delegate = heap_zalloc(sizeof(*delegate) + count * sizeof(*delegate->packages));
    if (!delegate) {
        heap_free(infos);
        return NULL;
    }
    delegate->module = module;
    delegate->table = table;
    delegate->infos = infos;
    for (ULONG i = 0; i < count; i++) {
        if (is_schannel(infos[i].Name))
            continue;
        delegate->packages[delegate->count].info = &infos[i];
        delegate->packages[delegate->count].operations = &delegate_operations;
        delegate->count++;
    }
    return delegate;
}

static struct delegate *load(void)
{
    HMODULE module = load_module();
    struct delegate *delegate = module ? describe(module) : NULL;
    struct delegate *winner = NULL;

    if (!delegate) {
        if (module)
            FreeLibrary(module);
        delegate = &missing;
    }
    if (atomic_compare_exchange_strong(&loaded, &winner, delegate))
        return delegate;
    if (delegate != &missing) {
        heap_free(delegate->infos);
        heap_free(delegate);
        FreeLibrary(module);
    }
    return winner;
}

static const struct delegate *get(void)
{
    struct delegate *delegate = atomic_load_explicit(&loaded, memory_order_acquire);

    return delegate ? delegate : load();
}

HMODULE delegate_module(void)
{
    return get()->module;
}

const SecurityFunctionTableW *delegate_table(void)
{
    return get()->table;
}

FARPROC delegate_function(const char *name)
{
    HMODULE module = delegate_module();

    return module ? GetProcAddress(module, name) : NULL;
}

const struct package *delegate_packages(unsigned int *count)
{
    const struct delegate *delegate = get();

    *count = delegate->count;
    return delegate->packages;
}
