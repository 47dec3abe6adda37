/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The asynchronous functions, looked up at run time: with --sync this program also runs over a
 * secur32 that has none, and says so clearly when it is asked for them there.
 */
#ifndef SSPITLS_ASYNC_H
#define SSPITLS_ASYNC_H

#include <stdbool.h>
#include <winsock2.h>
#include "asyncsspi.h"

struct async_functions {
    __typeof__(&SspiCreateAsyncContext) create;
    __typeof__(&SspiFreeAsyncContext) free;
    __typeof__(&SspiReinitAsyncContext) reinit;
    __typeof__(&SspiSetAsyncNotifyCallback) set_callback;
    __typeof__(&SspiGetAsyncCallStatus) status;
    __typeof__(&SspiAcquireCredentialsHandleAsyncW) acquire;
    __typeof__(&SspiInitializeSecurityContextAsyncW) initialize;
    __typeof__(&SspiAcceptSecurityContextAsync) accept;
    __typeof__(&SspiFreeCredentialsHandleAsync) free_credentials;
    __typeof__(&SspiDeleteSecurityContextAsync) delete_context;
};

/* Valid after async_load() has returned true. */
extern struct async_functions async;

/* Finds the functions in secur32.dll; false, with a line on stderr, when they are not there. */
bool async_load(void);

#endif
