/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The entry of ksecdd.sys. Wine calls it in two ways: as DllMain when a driver that imports from it
 * is loaded, because it imports from kernel32.dll itself, and as DriverEntry when its own service
 * is started. Only in the latter is the second argument a pointer.
 *
 * A service whose driver has no DriverUnload cannot be stopped. There is nothing to do in ours:
 * drivers that import from here keep the module.
 */
#include <ntddk.h>

#define LAST_REASON 3 /* DLL_THREAD_DETACH, whose header does not go with the kernel's */

LONG_PTR WINAPI ksecdd_entry(void *object, ULONG_PTR reason_or_path, void *reserved);

static void NTAPI unload(DRIVER_OBJECT *driver)
{
    (void)driver;
}

LONG_PTR WINAPI ksecdd_entry(void *object, ULONG_PTR reason_or_path, void *reserved)
{
    DRIVER_OBJECT *driver = object;

    (void)reserved;
    if (reason_or_path <= LAST_REASON)
        return TRUE;
    driver->DriverUnload = unload;
    return STATUS_SUCCESS;
}
