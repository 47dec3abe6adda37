/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Loading and unloading. Nothing is prepared here: whatever a package needs is loaded when the
 * first program asks for it, outside the loader lock.
 */
#include "core/core.h"

HINSTANCE secur32_module;

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, void *reserved)
{
    switch (reason) {
    case DLL_PROCESS_ATTACH:
        secur32_module = module;
        DisableThreadLibraryCalls(module);
        break;
    case DLL_PROCESS_DETACH:
        /* At the end of the process other threads may have stopped anywhere: leave all as it is. */
        if (!reserved) {
            handle_table_free();
            schannel_unload();
        }
        break;
    }
    return TRUE;
}
