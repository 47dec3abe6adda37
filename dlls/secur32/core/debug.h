/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Wine's debug channel `secur32`, which there is as a part of Wine's source tree only: what is
 * traced here is what WINEDEBUG=+secur32 shows.
 */
#ifndef ASYNCSSPI_DEBUG_H
#define ASYNCSSPI_DEBUG_H

#ifdef __WINESRC__
#include <wine/debug.h>

WINE_DEFAULT_DEBUG_CHANNEL(secur32);
#else
#define TRACE(...)                                                                                 \
    do {                                                                                           \
    } while (0)
#endif

#endif
