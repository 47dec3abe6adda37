/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One thread waits for what another one completes. All zeroes: nothing is completed yet. */
#ifndef SSPITLS_COMPLETION_H
#define SSPITLS_COMPLETION_H

#include <stdbool.h>
#include <winsock2.h>
#include <windows.h>

struct completion {
    SRWLOCK lock;
    CONDITION_VARIABLE wake;
    bool done;
};

/* The waiting thread may go on, and its memory with `completion` may go, before this returns. */
void completion_signal(struct completion *completion);
/* Waits, and is ready for the next time. */
void completion_wait(struct completion *completion);

#endif
