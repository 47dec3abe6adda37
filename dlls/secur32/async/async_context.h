/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SspiAsyncContext inside: the program's side (async/async_context.c) and the calls
 * (async/async.c).
 */
#ifndef ASYNCSSPI_ASYNC_CONTEXT_H
#define ASYNCSSPI_ASYNC_CONTEXT_H

#include "async/pool.h"
#include "asyncsspi.h"
#include "core/lane.h"
#include "core/package.h"
#include "core/sspi.h"
#include <stdatomic.h>

enum async_state {
    ASYNC_IDLE,
    ASYNC_CHANGING, /* somebody sets the callback */
    ASYNC_PENDING,
    ASYNC_COMPLETE
};

struct _SspiAsyncContext {
    _Atomic(LONG) references; /* one is the program's, one that of each call not yet let go */
    _Atomic(LONG) state;      /* enum async_state */
    _Atomic(LONG) freed;      /* the program's reference is gone */
    _Atomic(SECURITY_STATUS) status;
    _Atomic(SspiAsyncNotifyCallback) callback;
    void *callback_data;

    /* The call, from queueing to completion. */
    struct pool_work work;
    struct lane_ticket ticket;
    SECURITY_STATUS (*perform)(SspiAsyncContext *async);
    struct credentials *credentials; /* references for the time of the call, or NULL */
    struct context *context;
    union {
        struct acquire_call acquire;
        struct initialize_call initialize;
        struct accept_call accept;
    } call;
};

/*
 * Makes the context pending, with a reference for the call. Otherwise the status says why not and
 * nothing changed.
 */
SECURITY_STATUS async_begin(SspiAsyncContext *async);

/*
 * Makes the status visible. From here on the context may be used for the next call; only its
 * memory is sure to exist, until async_release.
 */
void async_publish(SspiAsyncContext *async, SECURITY_STATUS status);

void async_release(SspiAsyncContext *async);

#endif
