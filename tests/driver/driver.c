/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The test driver's start and end.
 */
#include "kit/kernel.h"
#include "tests.h"

#include <ntddk.h>

static void NTAPI unload(DRIVER_OBJECT *driver)
{
    (void)driver;
    test_unload();
    say_summary();
    close_log();
}

NTSTATUS NTAPI DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *service)
{
    open_log();
    say("driver started");
    driver->DriverUnload = unload;
    if (!read_hash(service)) {
        say("no hash of a certificate in the service's key");
        return STATUS_UNSUCCESSFUL;
    }
    test_connections();
    test_calls();
    return STATUS_SUCCESS;
}
