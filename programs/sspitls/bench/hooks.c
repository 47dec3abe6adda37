/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Counting, from within.
 *
 * Heap: every module's import table is searched for the addresses of the heap's functions, which
 * are replaced by functions that count and go on to the real ones. That covers malloc as well: the
 * C runtime's own imports are among them. Only what ntdll asks of itself is missing.
 *
 * Engine: secur32 keeps the address of winegnutls_call in its own data, where it is found by its
 * value.
 *
 * Wineserver: a request is a write() to a pipe; the kernel counts those of a process.
 */
#include "bench/hooks.h"

#include <winsock2.h>
#include <windows.h>
#include <psapi.h>
#include <string.h>

#include "bench/native.h"

#define MAX_MODULES 256

static volatile LONG64 heap_calls, engine_calls;
static bool engine_found;

static __typeof__(&HeapAlloc) real_alloc;
static __typeof__(&HeapReAlloc) real_realloc;
static __typeof__(&HeapFree) real_free;
static LONG(WINAPI *real_engine)(unsigned int code, void *params);

static void *WINAPI count_alloc(HANDLE heap, DWORD flags, SIZE_T size)
{
    InterlockedIncrement64(&heap_calls);
    return real_alloc(heap, flags, size);
}

static void *WINAPI count_realloc(HANDLE heap, DWORD flags, void *memory, SIZE_T size)
{
    InterlockedIncrement64(&heap_calls);
    return real_realloc(heap, flags, memory, size);
}

static BOOL WINAPI count_free(HANDLE heap, DWORD flags, void *memory)
{
    InterlockedIncrement64(&heap_calls);
    return real_free(heap, flags, memory);
}

static LONG WINAPI count_engine(unsigned int code, void *params)
{
    InterlockedIncrement64(&engine_calls);
    return real_engine(code, params);
}

/* Replaces the word; its page may be read-only. */
static void replace(ULONG_PTR *place, ULONG_PTR value)
{
    DWORD protection;

    if (!VirtualProtect(place, sizeof(*place), PAGE_READWRITE, &protection))
        return;
    *place = value;
    VirtualProtect(place, sizeof(*place), protection, &protection);
}

static void hook_imports(HMODULE module)
{
    const struct {
        ULONG_PTR real, counting;
    } hooks[] = {
        {(ULONG_PTR)real_alloc, (ULONG_PTR)count_alloc},
        {(ULONG_PTR)real_realloc, (ULONG_PTR)count_realloc},
        {(ULONG_PTR)real_free, (ULONG_PTR)count_free},
    };
    char *base = (char *)module;
    const IMAGE_NT_HEADERS *headers =
        (IMAGE_NT_HEADERS *)(base + ((IMAGE_DOS_HEADER *)base)->e_lfanew);
    const IMAGE_DATA_DIRECTORY *directory =
        &headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT];
    const IMAGE_IMPORT_DESCRIPTOR *import =
        (IMAGE_IMPORT_DESCRIPTOR *)(base + directory->VirtualAddress);

    if (!directory->VirtualAddress)
        return;
    for (; import->Name && import->FirstThunk; import++) {
        for (ULONG_PTR *place = (ULONG_PTR *)(base + import->FirstThunk); *place; place++) {
            for (unsigned i = 0; i < ARRAYSIZE(hooks); i++) {
                if (*place == hooks[i].real)
                    replace(place, hooks[i].counting);
            }
        }
    }
}

/* Where secur32's code keeps the way to its engine. */
static void hook_engine(HMODULE module)
{
    char *base = (char *)module;
    const IMAGE_NT_HEADERS *headers =
        (IMAGE_NT_HEADERS *)(base + ((IMAGE_DOS_HEADER *)base)->e_lfanew);
    const IMAGE_SECTION_HEADER *section = IMAGE_FIRST_SECTION(headers);

    for (unsigned i = 0; i < headers->FileHeader.NumberOfSections; i++, section++) {
        ULONG_PTR *place = (ULONG_PTR *)(base + section->VirtualAddress);

        if (!(section->Characteristics & IMAGE_SCN_MEM_WRITE))
            continue;
        for (DWORD n = section->Misc.VirtualSize / sizeof(*place); n; n--, place++) {
            if (*place != (ULONG_PTR)real_engine)
                continue;
            replace(place, (ULONG_PTR)count_engine);
            engine_found = true;
        }
    }
}

void hooks_install(void)
{
    HMODULE modules[MAX_MODULES], kernel32 = GetModuleHandleA("kernel32.dll");
    HMODULE thunk = GetModuleHandleA("winegnutlsprivate.dll");
    HMODULE code = GetModuleHandleA("asyncsspi.dll");
    DWORD size = 0;

    if (!thunk)
        thunk = GetModuleHandleA("winegnutls.dll");
    real_alloc = (void *)GetProcAddress(kernel32, "HeapAlloc");
    real_realloc = (void *)GetProcAddress(kernel32, "HeapReAlloc");
    real_free = (void *)GetProcAddress(kernel32, "HeapFree");
    if (!EnumProcessModules(GetCurrentProcess(), modules, sizeof(modules), &size))
        size = 0;
    for (unsigned i = 0; i < min(size / sizeof(modules[0]), MAX_MODULES); i++)
        hook_imports(modules[i]);
    real_engine = thunk ? (void *)GetProcAddress(thunk, "winegnutls_call") : NULL;
    if (real_engine && code)
        hook_engine(code);
}

struct hook_counts hooks_read(void)
{
    struct bench_writes writes = {.status = -1};
    struct hook_counts counts = {heap_calls, engine_found ? engine_calls : -1, -1};

    if (native_call(BENCH_CALL_WRITES, &writes) && !writes.status)
        counts.server = (long long)writes.count;
    return counts;
}
