/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The clock. */
#include "base/clock.h"

#include <winsock2.h>
#include <windows.h>

double clock_us(void)
{
    static LARGE_INTEGER frequency;
    LARGE_INTEGER now;

    if (!frequency.QuadPart)
        QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&now);
    return (double)now.QuadPart * 1e6 / (double)frequency.QuadPart;
}
