/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Queueing an asynchronous call, and running it up to its callback, on a package whose legs do
 * nothing. There is no second thread: the pool's worker is run by the first one when everything is
 * queued, until it would sleep. So the counts are the same each time.
 */
#include "asyncsspi.h"
#include "core/lane.h"
#include "core/package.h"
#include "collect.h"
#include "system/system.h"

#include <setjmp.h>
#include <stdlib.h>

#define CALLS 100

static void destroy(struct object *object)
{
    system_now.release(object);
}

static SECURITY_STATUS acquire(const struct package *package, const struct acquire_args *args,
                               struct credentials **result, TimeStamp *expiry)
{
    (void)args;
    *result = system_now.allocate(sizeof(**result), 16);
    (*result)->object =
        (struct object){.kind = OBJECT_CREDENTIALS, .package = package, .destroy = destroy};
    *expiry = (TimeStamp){0};
    return SEC_E_OK;
}

static SECURITY_STATUS leg(struct credentials *owner, struct context **context,
                           const struct accept_args *args)
{
    (void)args;
    if (!*context) {
        *context = system_now.allocate(sizeof(**context), 16);
        (*context)->object = (struct object){
            .kind = OBJECT_CONTEXT, .package = owner->object.package, .destroy = destroy};
    }
    return SEC_I_CONTINUE_NEEDED;
}

static const struct package_operations operations = {.acquire = acquire, .accept = leg};
static const SecPkgInfoW information = {.Name = (SEC_WCHAR[]){'C', 'o', 'u', 'n', 't', 0},
                                        .Comment = (SEC_WCHAR[]){0}};
static const struct package package = {.info = &information, .operations = &operations};

static const struct package *no_others(unsigned int *count)
{
    *count = 0;
    return NULL;
}

/* The worker. */
static void (*worker)(void *argument);
static void *worker_argument;
static jmp_buf asleep;

static bool create_thread(void (*function)(void *argument), void *argument)
{
    worker = function;
    worker_argument = argument;
    return true;
}

static void wait(const uint32_t *word, uint32_t value, uint64_t milliseconds)
{
    (void)word;
    (void)value;
    (void)milliseconds;
    longjmp(asleep, 1);
}

static unsigned int called;

static void count(SspiAsyncContext *async, void *data)
{
    (void)async;
    (void)data;
    called++;
}

int main(void)
{
    static SspiAsyncContext *calls[CALLS + 1];
    static CtxtHandle contexts[CALLS + 1];
    CredHandle credential;

    system_now.create_thread = create_thread;
    system_now.wait = wait;
    system_now.processors = 1;
    packages_use(&package, 1, no_others);
    if (AcquireCredentialsHandleW(NULL, information.Name, SECPKG_CRED_INBOUND, NULL, NULL, NULL,
                                  NULL, &credential, NULL) != SEC_E_OK)
        return 1;
    for (unsigned int i = 0; i <= CALLS; i++) {
        calls[i] = SspiCreateAsyncContext();
        SspiSetAsyncNotifyCallback(calls[i], count, NULL);
    }
    /* The first one finds no worker yet. */
    for (unsigned int i = 0; i <= CALLS; i++) {
        if (i == 1)
            collect_begin();
        SspiAcceptSecurityContextAsync(calls[i], &credential, NULL, NULL, 0, 0, &contexts[i], NULL,
                                       NULL, NULL);
    }
    collect_end();
    collect_dump("call-queue", CALLS);
    if (!worker)
        return 1;
    if (!setjmp(asleep)) {
        collect_begin();
        worker(worker_argument);
    }
    collect_end();
    collect_dump("call-run", CALLS + 1);
    return called == CALLS + 1 ? 0 : 1;
}
