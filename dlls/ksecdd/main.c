/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The entry of ksecdd.sys. Wine calls it in two ways: as DllMain when a driver that imports from it
 * is loaded, because it imports from kernel32.dll itself, and as DriverEntry when its own service
 * is started. Only in the latter is the second argument a pointer.
 */
#include "ksecdd.h"

LONG_PTR WINAPI ksecdd_entry(void *object, ULONG_PTR reason_or_path, void *reserved);

LONG_PTR WINAPI ksecdd_entry(void *object, ULONG_PTR reason_or_path, void *reserved)
{
    (void)object;
    (void)reserved;
    return reason_or_path <= DLL_THREAD_DETACH ? TRUE : STATUS_SUCCESS;
}
