/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Stopping GnuTLS in the middle of a handshake, to have the caller use one of its keys.
 *
 * GnuTLS wants a signature from its callback at once, and the callback cannot call the program's
 * side of Wine, where the key is. So sessions whose credentials have such keys run GnuTLS in a
 * helper thread, while the thread of the call waits. When the callback needs the key, the helper
 * waits and the call returns; the next call brings the answer and lets the helper go on. Only one
 * of the two threads runs at a time, so nothing of the session needs a lock.
 *
 * A helper serves one step of one session, which ends when GnuTLS returns; between the legs of a
 * handshake it is free for others. It blocks all signals, because it is no thread of Wine's, and it
 * never waits for anything but its own session.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "unix/base/calls.h"
#include "unix/base/engine.h"
#include "unix/base/futex.h"
#include "unix/base/status.h"
#include "unix/credentials/helper.h"
#include "unix/state/session.h"

/* Helpers that are kept for later sessions. */
#define MAX_IDLE   4
#define STACK_SIZE (512 * 1024)

enum { CALLERS_TURN, HELPERS_TURN };

struct helper {
    struct helper *next; /* idle ones */
    _Atomic uint32_t turn;
    struct session *session;
    helper_step *step; /* NULL: end */
    int result;

    /* While suspended: what is wanted, and the answer. */
    const struct key_use *use;
    gnutls_datum_t answer; /* data NULL: the key could not be used */
    int32_t failure;
};

static pthread_mutex_t idle_lock = PTHREAD_MUTEX_INITIALIZER;
static struct helper *idle;
static unsigned int idle_count;

/* In a helper's thread: itself. */
static _Thread_local struct helper *this_helper;

/* Helpers that are running GnuTLS: it may not be unloaded under them. */
static _Atomic uint32_t running;

static void wait_for_turn(struct helper *helper, uint32_t mine)
{
    uint32_t turn;

    while ((turn = atomic_load(&helper->turn)) != mine)
        futex_wait(&helper->turn, turn, NULL);
}

/* The other thread may free the helper at once. */
static void give_turn(struct helper *helper, uint32_t to)
{
    atomic_store(&helper->turn, to);
    futex_wake(&helper->turn);
}

static void return_turn(struct helper *helper)
{
    atomic_fetch_sub(&running, 1);
    futex_wake(&running);
    give_turn(helper, CALLERS_TURN);
}

/*
 * When the process ends, Wine has ended its own threads but not these, and GnuTLS is about to go. A
 * step takes milliseconds; the limit is for one that waits for a lock of a thread that is no more.
 */
__attribute__((destructor)) static void wait_for_helpers(void)
{
    const struct timespec limit = {.tv_sec = 1};
    uint32_t count;

    while ((count = atomic_load(&running)) && futex_wait(&running, count, &limit))
        continue;
}

static void *helper_main(void *argument)
{
    struct helper *helper = argument;

    this_helper = helper;
    for (;;) {
        wait_for_turn(helper, HELPERS_TURN);
        if (!helper->step)
            break;
        helper->result = helper->step(helper->session->tls);
        return_turn(helper);
    }
    free(helper);
    return NULL;
}

static struct helper *create(void)
{
    struct helper *helper = calloc(1, sizeof(*helper));
    sigset_t all, before;
    pthread_attr_t attributes;
    pthread_t thread;
    int error;

    if (!helper)
        return NULL;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&thread, &attributes, helper_main, helper);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (error) {
        free(helper);
        return NULL;
    }
    return helper;
}

static struct helper *acquire(void)
{
    struct helper *helper;

    pthread_mutex_lock(&idle_lock);
    helper = idle;
    if (helper) {
        idle = helper->next;
        idle_count--;
    }
    pthread_mutex_unlock(&idle_lock);
    return helper ? helper : create();
}

static void release(struct helper *helper)
{
    bool keep;

    helper->session = NULL;
    helper->step = NULL;
    pthread_mutex_lock(&idle_lock);
    keep = idle_count < MAX_IDLE;
    if (keep) {
        helper->next = idle;
        idle = helper;
        idle_count++;
    }
    pthread_mutex_unlock(&idle_lock);
    if (!keep)
        give_turn(helper, HELPERS_TURN);
}

int helper_run(struct session *session, helper_step *step)
{
    struct helper *helper = session->helper;
    int result;

    if (!helper) {
        if (!(helper = acquire()))
            return GNUTLS_E_MEMORY_ERROR;
        helper->session = session;
        helper->step = step;
    }
    atomic_fetch_add(&running, 1);
    give_turn(helper, HELPERS_TURN);
    wait_for_turn(helper, CALLERS_TURN);
    result = helper->result;
    session->helper = result == HELPER_SUSPENDED ? helper : NULL;
    if (!session->helper)
        release(helper);
    return result;
}

/* It may be a secret that was decrypted. */
static void drop_answer(struct helper *helper)
{
    if (helper->answer.data)
        gnutls_memset(helper->answer.data, 0, helper->answer.size);
    gnutls_free(helper->answer.data);
    helper->answer.data = NULL;
}

void helper_abandon(struct session *session)
{
    while (session->helper) {
        drop_answer(session->helper);
        session->helper->failure = SEC_E_INTERNAL_ERROR;
        helper_run(session, NULL);
    }
}

int helper_use_key(const struct key_use *use, gnutls_datum_t *answer)
{
    struct helper *helper = this_helper;

    /* The credentials say beforehand that they need a helper. */
    if (!helper)
        return GNUTLS_E_INTERNAL_ERROR;
    helper->use = use;
    helper->answer.data = NULL;
    helper->failure = SEC_E_INTERNAL_ERROR;
    helper->result = HELPER_SUSPENDED;
    return_turn(helper);
    wait_for_turn(helper, HELPERS_TURN);
    helper->use = NULL;
    if (!helper->answer.data) {
        helper->session->key_failure = helper->failure;
        return GNUTLS_E_PK_SIGN_FAILED;
    }
    *answer = helper->answer;
    helper->answer.data = NULL;
    return 0;
}

void helper_key_failed(int32_t failure)
{
    this_helper->session->key_failure = failure;
}

void call_key_request(struct tls_key_request *params)
{
    const struct session *session = pointer(params->session);
    const struct key_use *use;

    params->status = SEC_E_OUT_OF_SEQUENCE;
    if (!session || !session->helper)
        return;
    use = session->helper->use;
    params->key_index = use->key_index;
    params->operation = use->operation;
    params->hash = use->hash;
    params->size = use->size;
    memcpy(params->data, use->data, use->size);
    params->status = SEC_E_OK;
}

void call_key_answer(struct tls_key_answer *params)
{
    struct session *session = pointer(params->session);
    const void *data = pointer(params->data);
    struct helper *helper;

    params->status = SEC_E_OUT_OF_SEQUENCE;
    if (!session || !session->helper || session->helper->answer.data)
        return;
    params->status = SEC_E_INVALID_PARAMETER;
    if (params->size > TLS_MAX_KEY_DATA || (params->size && !data))
        return;
    helper = session->helper;
    params->status = SEC_E_OK;
    if (!params->size) {
        helper->failure = params->failure < 0 ? params->failure : SEC_E_INTERNAL_ERROR;
        return;
    }
    helper->failure = SEC_E_INSUFFICIENT_MEMORY;
    helper->answer.data = gnutls_malloc(params->size);
    if (helper->answer.data) {
        memcpy(helper->answer.data, data, params->size);
        helper->answer.size = params->size;
    }
}
