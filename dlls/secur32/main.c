/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Loading and unloading. Nothing is prepared here: whatever a package needs is loaded when the
 * first program asks for it, outside the loader lock. The core only learns which packages there
 * are.
 */
#include "core/object.h"
#include "core/package.h"
#include "core/trace.h"
#include "delegate/delegate_list.h"
#include "schannel/schannel.h"

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, void *reserved);

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, void *reserved)
{
    switch (reason) {
    case DLL_PROCESS_ATTACH:
        packages_use(schannel_packages, ARRAYSIZE(schannel_packages), delegate_packages);
        DisableThreadLibraryCalls(module);
        break;
    case DLL_PROCESS_DETACH:
        /* At the end of the process other threads may have stopped anywhere: leave all as it is. */
        if (!reserved) {
            handle_table_free();
            schannel_unload();
            trace_release();
        }
        break;
    }
    return TRUE;
}
