/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How long it still takes is worked out from what measurements may take at most, and from how much
 * of that those before have taken.
 */
#include "bench/progress.h"

#include <winsock2.h>
#include <windows.h>
#include <stdio.h>

#include "bench/native.h"

bool progress_wanted(void)
{
    DWORD mode;

    return GetConsoleMode(GetStdHandle(STD_ERROR_HANDLE), &mode);
}

void progress_plan(struct bench *bench, double seconds)
{
    bench->planned += seconds;
    bench->last++;
}

void progress_show(struct bench *bench, const char *group, const char *name)
{
    double elapsed = (bench_clock(BENCH_CLOCK_WALL) - bench->started) / 1e9, left;
    char text[80], time[32] = "";

    if (!bench->last)
        return;
    if (bench->done) {
        left = elapsed / bench->done * (bench->planned - bench->done);
        if (left < 100)
            snprintf(time, sizeof(time), "%.0f s left, ", left);
        else
            snprintf(time, sizeof(time), "%.0f min left, ", left / 60);
    }
    snprintf(text, sizeof(text), "%u of %u, %s%s: %s", ++bench->number, bench->last, time,
             group ? group : "", name);
    fprintf(stderr, "\r\033[K%s", text);
    fflush(stderr);
    bench->shown = true;
}

void progress_done(struct bench *bench, double seconds)
{
    bench->done += seconds;
}

void progress_clear(struct bench *bench)
{
    if (bench->shown)
        fprintf(stderr, "\r\033[K");
    fflush(stderr);
    bench->shown = false;
}
