/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kit/clock.h"

time_t clock_offset;

time_t time(time_t *out)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    now.tv_sec += clock_offset;
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}
