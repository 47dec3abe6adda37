/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Asynchronous calls on a package of the test's own, from their queueing to their callbacks: calls
 * on one context run one at a time, in order, synchronous ones among them; what a call wrote is
 * seen by whoever saw it complete; contexts and handles may go at any moment.
 */
#include "asyncsspi.h"
#include "core/lane.h"
#include "core/package.h"
#include "kit/crew.h"
#include "kit/report.h"
#include "system/system.h"

#include <stdatomic.h>

#define THREADS 4
#define ROUNDS  500

/* The package: a leg counts, without atomics, in its context and in the caller's output. */
struct counter {
    struct context context;
    unsigned int legs;
    bool inside;
};

static atomic_uint contexts, credentials;

/* Legs that have begun while the gate was closed wait until it opens. */
static atomic_bool gate_closed;
static atomic_uint at_gate;

static void destroy_counter(struct object *object)
{
    struct counter *counter = CONTAINING_RECORD(object, struct counter, context.object);

    check(!counter->inside, "destroyed while a leg runs");
    atomic_fetch_sub_explicit(&contexts, 1, memory_order_relaxed);
    system_now.release(counter);
}

static void destroy_credentials(struct object *object)
{
    atomic_fetch_sub_explicit(&credentials, 1, memory_order_relaxed);
    system_now.release(object);
}

static SECURITY_STATUS acquire(const struct package *package, const struct acquire_args *args,
                               struct credentials **result, TimeStamp *expiry)
{
    struct credentials *made = system_now.allocate(sizeof(*made), 16);

    (void)args;
    made->object = (struct object){
        .kind = OBJECT_CREDENTIALS, .package = package, .destroy = destroy_credentials};
    atomic_fetch_add_explicit(&credentials, 1, memory_order_relaxed);
    *expiry = (TimeStamp){0};
    *result = made;
    return SEC_E_OK;
}

static SECURITY_STATUS count_leg(struct credentials *owner, struct context **context,
                                 const struct accept_args *args)
{
    struct counter *counter;

    if (!*context) {
        counter = system_now.allocate(sizeof(*counter), 16);
        counter->context.object = (struct object){
            .kind = OBJECT_CONTEXT, .package = owner->object.package, .destroy = destroy_counter};
        atomic_fetch_add_explicit(&contexts, 1, memory_order_relaxed);
        *context = &counter->context;
    }
    counter = CONTAINING_RECORD(*context, struct counter, context);
    check(!counter->inside, "two legs of one context at the same time");
    counter->inside = true;
    *args->attributes = ++counter->legs;
    if (atomic_load_explicit(&gate_closed, memory_order_relaxed)) {
        atomic_fetch_add_explicit(&at_gate, 1, memory_order_relaxed);
        while (atomic_load_explicit(&gate_closed, memory_order_relaxed))
            system_linux.sleep(1);
    }
    counter->inside = false;
    return SEC_I_CONTINUE_NEEDED;
}

static const struct package_operations operations = {.acquire = acquire, .accept = count_leg};
static const SecPkgInfoW information = {.Name = (SEC_WCHAR[]){'C', 'o', 'u', 'n', 't', 0},
                                        .Comment = (SEC_WCHAR[]){0}};
static const struct package package = {.info = &information, .operations = &operations};

static const struct package *no_others(unsigned int *count)
{
    *count = 0;
    return NULL;
}

static CredHandle credential;

/* One caller's place for a call. */
struct call {
    SspiAsyncContext *async;
    CtxtHandle context;
    ULONG attributes;
    unsigned int expected; /* of attributes */
    atomic_uint *called;   /* callbacks of all calls */
};

static void note(SspiAsyncContext *async, void *data)
{
    struct call *call = data;

    check(async == call->async, "the call's own context");
    check(SspiGetAsyncCallStatus(async) == SEC_I_CONTINUE_NEEDED, "status 0x%x in the callback",
          (unsigned int)SspiGetAsyncCallStatus(async));
    check(call->attributes == call->expected, "leg %u", (unsigned int)call->attributes);
    atomic_fetch_add_explicit(call->called, 1, memory_order_release);
}

static SECURITY_STATUS leg(struct call *call, CtxtHandle *context)
{
    return SspiAcceptSecurityContextAsync(call->async, &credential, context, NULL, 0, 0,
                                          context ? context : &call->context, NULL,
                                          &call->attributes, NULL);
}

static void wait_for(SspiAsyncContext *async)
{
    while (SspiGetAsyncCallStatus(async) == SEC_I_ASYNC_CALL_PENDING)
        ;
}

static ULONG leg_now(CtxtHandle *context)
{
    ULONG attributes = 0;

    check(AcceptSecurityContext(&credential, context, NULL, 0, 0, context, NULL, &attributes,
                                NULL) == SEC_I_CONTINUE_NEEDED,
          "a synchronous leg");
    return attributes;
}

static CtxtHandle new_context(void)
{
    CtxtHandle context;
    ULONG attributes;

    check(AcceptSecurityContext(&credential, NULL, NULL, 0, 0, &context, NULL, &attributes, NULL) ==
              SEC_I_CONTINUE_NEEDED,
          "a new context");
    return context;
}

/* Queued one behind the other: each is a leg later. */
static void in_order(unsigned int number, void *argument)
{
    CtxtHandle context = new_context();
    struct call calls[8] = {0};
    atomic_uint called = 0;

    (void)number;
    (void)argument;
    for (unsigned int i = 0; i < 8; i++) {
        calls[i].async = SspiCreateAsyncContext();
        calls[i].called = &called;
        check(SspiSetAsyncNotifyCallback(calls[i].async, note, &calls[i]) == SEC_E_OK, "set");
    }
    for (unsigned int round = 0; round < ROUNDS / 10; round++) {
        unsigned int first = 2 + round * 9;

        for (unsigned int i = 0; i < 8; i++) {
            calls[i].expected = first + i;
            check(leg(&calls[i], &context) == SEC_E_OK, "queued");
        }
        check(leg_now(&context) == first + 8, "behind those that came before");
        /* Whether the callbacks have run is not said by that: only all of them reuse. */
        check(reaches(&called, (round + 1) * 8), "%u callbacks", atomic_load(&called));
        for (unsigned int i = 0; i < 8; i++)
            check(SspiReinitAsyncContext(calls[i].async) == 0, "again");
    }
    check(DeleteSecurityContext(&context) == SEC_E_OK, "deleted");
    for (unsigned int i = 0; i < 8; i++)
        SspiFreeAsyncContext(calls[i].async);
}

static void order_on_one_context(void)
{
    crew(THREADS, in_order, NULL);
    check(atomic_load(&contexts) == 0, "%u contexts left", atomic_load(&contexts));
}

/* Without a callback: whoever sees the status sees what the call wrote. */
static void poll_for_it(unsigned int number, void *argument)
{
    struct call call = {.async = SspiCreateAsyncContext()};

    (void)number;
    (void)argument;
    for (unsigned int i = 0; i < ROUNDS; i++) {
        check(leg(&call, NULL) == SEC_E_OK, "queued");
        wait_for(call.async);
        check(call.attributes == 1, "the first leg");
        check(DeleteSecurityContext(&call.context) == SEC_E_OK, "deleted");
        check(SspiReinitAsyncContext(call.async) == 0, "again");
    }
    SspiFreeAsyncContext(call.async);
}

static void status_orders_outputs(void)
{
    crew(THREADS, poll_for_it, NULL);
    check(atomic_load(&contexts) == 0, "%u contexts left", atomic_load(&contexts));
}

/* Freed at once, or in the callback. */
static void free_in_callback(SspiAsyncContext *async, void *data)
{
    SspiFreeAsyncContext(async);
    atomic_fetch_add_explicit((atomic_uint *)data, 1, memory_order_relaxed);
}

static void free_anytime(unsigned int number, void *argument)
{
    CtxtHandle context = new_context();
    atomic_uint called = 0;

    (void)argument;
    for (unsigned int i = 0; i < ROUNDS; i++) {
        SspiAsyncContext *async = SspiCreateAsyncContext();
        bool in_callback = (i + number) % 2;

        if (in_callback)
            SspiSetAsyncNotifyCallback(async, free_in_callback, &called);
        check(SspiAcceptSecurityContextAsync(async, &credential, &context, NULL, 0, 0, &context,
                                             NULL, NULL, NULL) == SEC_E_OK,
              "queued");
        if (!in_callback)
            SspiFreeAsyncContext(async);
    }
    check(reaches(&called, ROUNDS / 2), "%u callbacks", atomic_load(&called));
    check(DeleteSecurityContext(&context) == SEC_E_OK, "deleted");
}

static void freed_anytime(void)
{
    crew(THREADS, free_anytime, NULL);
}

/* Tells when one piece of memory is given back. */
static _Atomic(void *) watched;
static atomic_uint watched_released;

static void release(void *memory)
{
    if (memory && memory == atomic_load_explicit(&watched, memory_order_relaxed))
        atomic_fetch_add_explicit(&watched_released, 1, memory_order_relaxed);
    system_linux.release(memory);
}

/* Freed while it waits for its turn: the call is made, and nobody is called. */
static void freed_in_the_queue(void)
{
    SspiAsyncContext *first = SspiCreateAsyncContext(), *freed = SspiCreateAsyncContext();
    CtxtHandle context = new_context();
    atomic_uint called = 0;

    atomic_store(&gate_closed, true);
    check(SspiAcceptSecurityContextAsync(first, &credential, &context, NULL, 0, 0, &context, NULL,
                                         NULL, NULL) == SEC_E_OK,
          "queued");
    check(reaches(&at_gate, 1), "the first leg runs");
    SspiSetAsyncNotifyCallback(freed, free_in_callback, &called);
    check(SspiAcceptSecurityContextAsync(freed, &credential, &context, NULL, 0, 0, &context, NULL,
                                         NULL, NULL) == SEC_E_OK,
          "queued behind it");
    atomic_store(&watched, freed);
    SspiFreeAsyncContext(freed);
    atomic_store(&gate_closed, false);
    check(leg_now(&context) == 4, "behind both");
    check(reaches(&watched_released, 1), "the call lets go of it");
    atomic_store(&watched, NULL);
    check(DeleteSecurityContext(&context) == SEC_E_OK, "deleted");
    wait_for(first);
    SspiFreeAsyncContext(first);
    check(!atomic_load(&called), "no callback");
}

/* A delete among legs: those in front of it run, those behind it find no context. */
static void delete_among_legs(unsigned int number, void *argument)
{
    (void)number;
    (void)argument;
    for (unsigned int i = 0; i < ROUNDS; i++) {
        SspiAsyncContext *delete = SspiCreateAsyncContext();
        CtxtHandle context = new_context(), same = context;
        struct call before = {.async = SspiCreateAsyncContext()}, behind = before;

        behind.async = SspiCreateAsyncContext();
        check(leg(&before, &context) == SEC_E_OK, "queued");
        check(SspiDeleteSecurityContextAsync(delete, &same) == SEC_E_OK, "queued");
        check(leg(&behind, &context) == SEC_E_OK, "queued");
        wait_for(behind.async);
        /* One that found no handle any more did not queue behind it. */
        wait_for(delete);
        check(SspiGetAsyncCallStatus(before.async) == SEC_I_CONTINUE_NEEDED, "in front of it");
        check(SspiGetAsyncCallStatus(delete) == SEC_E_OK, "the delete");
        check(SspiGetAsyncCallStatus(behind.async) == SEC_E_INVALID_HANDLE, "behind it");
        SspiFreeAsyncContext(before.async);
        SspiFreeAsyncContext(behind.async);
        SspiFreeAsyncContext(delete);
    }
}

static void deleted_among_legs(void)
{
    crew(THREADS, delete_among_legs, NULL);
    check(atomic_load(&contexts) == 0, "%u contexts left", atomic_load(&contexts));
}

/* Of all threads that start a call on one async context, one may. */
static atomic_uint started;

static void start_call(unsigned int number, void *argument)
{
    struct call *call = argument;
    static CtxtHandle contexts_made[THREADS];
    static ULONG attributes[THREADS];

    if (SspiAcceptSecurityContextAsync(call->async, &credential, NULL, NULL, 0, 0,
                                       &contexts_made[number], NULL, &attributes[number],
                                       NULL) != SEC_E_OK)
        return;
    atomic_fetch_add_explicit(&started, 1, memory_order_relaxed);
    wait_for(call->async);
    check(DeleteSecurityContext(&contexts_made[number]) == SEC_E_OK, "deleted");
}

static void one_of_all(void)
{
    for (unsigned int i = 0; i < ROUNDS / 2; i++) {
        struct call call = {.async = SspiCreateAsyncContext()};

        atomic_store(&started, 0);
        crew(THREADS, start_call, &call);
        check(atomic_load(&started) == 1, "%u started", atomic_load(&started));
        SspiFreeAsyncContext(call.async);
    }
}

static void end_of_process(void)
{
    struct call call = {.async = SspiCreateAsyncContext()};

    system_now.shutdown = true;
    check(leg(&call, NULL) == SEC_E_SHUTDOWN_IN_PROGRESS, "nothing is queued any more");
    system_now.shutdown = false;
    check(SspiGetAsyncCallStatus(call.async) == SEC_I_ASYNC_CALL_PENDING, "no call was made");
    SspiFreeAsyncContext(call.async);
}

int main(void)
{
    system_now.release = release;
    packages_use(&package, 1, no_others);
    check(AcquireCredentialsHandleW(NULL, information.Name, SECPKG_CRED_INBOUND, NULL, NULL, NULL,
                                    NULL, &credential, NULL) == SEC_E_OK,
          "credentials");
    RUN(order_on_one_context);
    RUN(status_orders_outputs);
    RUN(freed_anytime);
    RUN(freed_in_the_queue);
    RUN(deleted_among_legs);
    RUN(one_of_all);
    RUN(end_of_process);
    check(FreeCredentialsHandle(&credential) == SEC_E_OK, "freed");
    check(atomic_load(&credentials) == 0, "%u credentials left", atomic_load(&credentials));
    return report_summary();
}
