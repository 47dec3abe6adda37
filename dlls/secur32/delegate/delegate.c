/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Wine's own secur32, beside ours.
 *
 * A copy of it in a directory of its own makes Wine load its real builtin under another module
 * name. The directory is below system32, which is another one for programs of 32 bits. In Wine's
 * own source tree, where we are secur32, it is a module with a name of its own. Loading it
 * is slow (it starts its packages in DllMain), so it happens when somebody first asks for something
 * that only it has.
 *
 * No lock is held while it loads: a thread may come here from inside the loader, and a second one
 * waiting for it with the loader lock in its hands would wait for ever. Threads that come at the
 * same time each load it, which the loader counts, and the first one's result is kept. So is the
 * result "missing". The module stays loaded to the end.
 *
 * Wine's loader remembers which module it has found last, and when somebody looks a module up by a
 * name that is that one's, gives it out without looking any further. Both modules are called
 * secur32.dll; so whatever makes the loader find the copy is followed, before any other thread can
 * look, by a look at ours, which it remembers instead.
 *
 * When it is loaded, and when its Schannel is first asked for, Wine's secur32 asks schannel.dll for
 * a table of functions, and schannel.dll asks the secur32.dll of the process: us. With our table in
 * the place of its own it would call us back for ever. So it gets none, which it takes for "no
 * other".
 */
#include "delegate/delegate.h"
#include "core/memory.h"
#include "core/table.h"
#include "core/trace.h"

#include <stdatomic.h>
#include <string.h>
#include <subauth.h>
#include <schannel.h>

WINE_DEFAULT_DEBUG_CHANNEL(secur32);

/* Below system32. */
#ifdef __WINESRC__
#define WINES_OWN L"\\wsecur32.dll"
#else
#define WINES_OWN L"\\asyncsspi\\secur32.dll"
#endif

struct delegate {
    HMODULE module;
    const SecurityFunctionTableW *table;
};

/* The loaded DLL itself, as the linker names its beginning. */
extern const IMAGE_DOS_HEADER __ImageBase;

/* What is kept when there is no delegate, or no memory for telling about it. */
static struct delegate missing;

static struct delegate *_Atomic loaded;

NTSYSAPI LONG WINAPI LdrLockLoaderLock(ULONG flags, ULONG *result, ULONG_PTR *cookie);
NTSYSAPI LONG WINAPI LdrUnlockLoaderLock(ULONG flags, ULONG_PTR cookie);

/* Any of our exports: the loader finds us. */
static void be_found(void)
{
    GetProcAddress((HMODULE)&__ImageBase, "FreeContextBuffer");
}

/*
 * Around everything that makes the loader look into the copy, or the copy ask for tables. The
 * loader holds this lock for as long anyway.
 */
static ULONG_PTR enter(void)
{
    ULONG_PTR cookie = 0;

    LdrLockLoaderLock(0, NULL, &cookie);
    tables_withhold(GetCurrentThreadId());
    return cookie;
}

static void leave(ULONG_PTR cookie)
{
    tables_withhold(0);
    be_found();
    LdrUnlockLoaderLock(0, cookie);
}

static FARPROC find_function(HMODULE module, const char *name)
{
    const ULONG_PTR cookie = enter();
    FARPROC function = GetProcAddress(module, name);

    leave(cookie);
    return function;
}

static void let_go(HMODULE module)
{
    const ULONG_PTR cookie = enter();

    FreeLibrary(module);
    leave(cookie);
}

/* A module that has the asynchronous calls is one of ours, and would lead back here. */
static bool is_ours(HMODULE module)
{
    return module == (HMODULE)&__ImageBase || find_function(module, "SspiCreateAsyncContext");
}

static HMODULE load_module(void)
{
    WCHAR path[MAX_PATH + sizeof(WINES_OWN) / sizeof(WCHAR)];
    UINT length = GetSystemDirectoryW(path, MAX_PATH);
    ULONG_PTR cookie;
    HMODULE module;

    if (!length || length >= MAX_PATH)
        return NULL;
    memcpy(path + length, WINES_OWN, sizeof(WINES_OWN));
    cookie = enter();
    module = LoadLibraryW(path);
    leave(cookie);
    TRACE("%s: %p\n", debugstr_w(path), module);
    if (module && is_ours(module)) {
        let_go(module);
        return NULL;
    }
    return module;
}

/* Has Wine's Schannel settle with its own table. */
static void settle_schannel(const SecurityFunctionTableW *table)
{
    static SEC_WCHAR name[] = UNISP_NAME_W;
    const ULONG_PTR cookie = enter();
    SecPkgInfoW *info;

    if (table->QuerySecurityPackageInfoW(name, &info) == SEC_E_OK)
        table->FreeContextBuffer(info);
    leave(cookie);
}

static struct delegate *describe(HMODULE module)
{
    INIT_SECURITY_INTERFACE_W init =
        (INIT_SECURITY_INTERFACE_W)(void (*)(void))find_function(module, "InitSecurityInterfaceW");
    const SecurityFunctionTableW *table = init ? init() : NULL;
    struct delegate *delegate;

    if (!table)
        return NULL;
    settle_schannel(table);
    delegate = heap_zalloc(sizeof(*delegate));
    if (!delegate)
        return NULL;
    delegate->module = module;
    delegate->table = table;
    return delegate;
}

static struct delegate *load(void)
{
    HMODULE module = load_module();
    struct delegate *delegate = module ? describe(module) : NULL;
    struct delegate *winner = NULL;

    if (!delegate) {
        if (module)
            let_go(module);
        delegate = &missing;
    }
    if (atomic_compare_exchange_strong(&loaded, &winner, delegate))
        return delegate;
    if (delegate != &missing) {
        heap_free(delegate);
        let_go(module);
    }
    return winner;
}

static const struct delegate *get(void)
{
    struct delegate *delegate = atomic_load_explicit(&loaded, memory_order_acquire);

    return delegate ? delegate : load();
}

const SecurityFunctionTableW *delegate_table(void)
{
    return get()->table;
}

FARPROC delegate_function(const char *name)
{
    HMODULE module = get()->module;

    return module ? find_function(module, name) : NULL;
}
