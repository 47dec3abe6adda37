/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Threads that take jobs from one queue. */
#include "unix/pool.h"

#include <stdlib.h>

#include "unix/native.h"

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct pool_job *first, **last;
    int ending;
    uint32_t threads;
    pthread_t thread[];
};

static void *run_jobs(void *data)
{
    struct pool *pool = data;
    struct pool_job *job;

    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (!pool->first && !pool->ending)
            pthread_cond_wait(&pool->wake, &pool->lock);
        job = pool->first;
        if (!job)
            break;
        pool->first = job->next;
        if (!pool->first)
            pool->last = &pool->first;
        pthread_mutex_unlock(&pool->lock);
        job->run(pool, job);
        pthread_mutex_lock(&pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

void pool_queue(struct pool *pool, struct pool_job *job)
{
    job->next = NULL;
    pthread_mutex_lock(&pool->lock);
    *pool->last = job;
    pool->last = &job->next;
    pthread_mutex_unlock(&pool->lock);
    pthread_cond_signal(&pool->wake);
}

void bench_call_pool(struct bench_pool *params)
{
    struct pool *pool = calloc(1, sizeof(*pool) + params->threads * sizeof(pool->thread[0]));

    params->pool = 0;
    params->status = GNUTLS_E_MEMORY_ERROR;
    if (!pool)
        return;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pool->last = &pool->first;
    while (pool->threads < params->threads &&
           !pthread_create(&pool->thread[pool->threads], NULL, run_jobs, pool))
        pool->threads++;
    params->pool = (uintptr_t)pool;
    if (pool->threads == params->threads)
        params->status = 0;
    else
        bench_call_pool_free(&(struct bench_free){params->pool});
}

void bench_call_pool_free(struct bench_free *params)
{
    struct pool *pool = (void *)(uintptr_t)params->object;

    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->ending = 1;
    pthread_mutex_unlock(&pool->lock);
    pthread_cond_broadcast(&pool->wake);
    while (pool->threads)
        pthread_join(pool->thread[--pool->threads], NULL);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

void latch_init(struct pool_latch *latch, unsigned int count)
{
    pthread_mutex_init(&latch->lock, NULL);
    pthread_cond_init(&latch->wake, NULL);
    latch->left = count;
}

int latch_count_down(struct pool_latch *latch)
{
    int last;

    pthread_mutex_lock(&latch->lock);
    last = !--latch->left;
    if (last)
        pthread_cond_signal(&latch->wake);
    pthread_mutex_unlock(&latch->lock);
    return last;
}

void latch_wait(struct pool_latch *latch)
{
    pthread_mutex_lock(&latch->lock);
    while (latch->left)
        pthread_cond_wait(&latch->wake, &latch->lock);
    pthread_mutex_unlock(&latch->lock);
}

void latch_release(struct pool_latch *latch)
{
    pthread_cond_destroy(&latch->wake);
    pthread_mutex_destroy(&latch->lock);
}
