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
#include "unix/base/status.h"
#include "unix/credentials/helper.h"
#include "unix/state/session.h"

/* Helpers that are kept for later sessions. */
#define MAX_IDLE   4
#define STACK_SIZE (512 * 1024)

struct helper {
    struct helper *next; /* idle ones */
    pthread_mutex_t lock;
    pthread_cond_t turn_changed;
    bool helpers_turn;
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

static void destroy(struct helper *helper)
{
    pthread_cond_destroy(&helper->turn_changed);
    pthread_mutex_destroy(&helper->lock);
    free(helper);
}

/* Gives the turn to the other thread; with `wait`, until it comes back. */
static void change_turn(struct helper *helper, bool to_helper, bool wait)
{
    pthread_mutex_lock(&helper->lock);
    helper->helpers_turn = to_helper;
    pthread_cond_signal(&helper->turn_changed);
    while (wait && helper->helpers_turn == to_helper)
        pthread_cond_wait(&helper->turn_changed, &helper->lock);
    pthread_mutex_unlock(&helper->lock);
}

static void wait_for_turn(struct helper *helper)
{
    pthread_mutex_lock(&helper->lock);
    while (!helper->helpers_turn)
        pthread_cond_wait(&helper->turn_changed, &helper->lock);
    pthread_mutex_unlock(&helper->lock);
}

static void *helper_main(void *argument)
{
    struct helper *helper = argument;

    this_helper = helper;
    for (;;) {
        wait_for_turn(helper);
        if (!helper->step)
            break;
        helper->result = helper->step(helper->session->tls);
        change_turn(helper, false, false);
    }
    destroy(helper);
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
    pthread_mutex_init(&helper->lock, NULL);
    pthread_cond_init(&helper->turn_changed, NULL);
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&thread, &attributes, helper_main, helper);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (error) {
        destroy(helper);
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
        change_turn(helper, true, false);
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
    change_turn(helper, true, true);
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
    change_turn(helper, false, true);
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
