/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kit/crew.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct member {
    void (*work)(unsigned int number, void *argument);
    void *argument;
    unsigned int number;
    pthread_t thread;
};

static void *work_once(void *argument)
{
    struct member *member = argument;

    member->work(member->number, member->argument);
    return NULL;
}

void crew(unsigned int count, void (*work)(unsigned int number, void *argument), void *argument)
{
    struct member *members = calloc(count, sizeof(*members));

    if (!members)
        abort();
    for (unsigned int i = 0; i < count; i++) {
        members[i] = (struct member){.work = work, .argument = argument, .number = i};
        if (pthread_create(&members[i].thread, NULL, work_once, &members[i]))
            abort();
    }
    for (unsigned int i = 0; i < count; i++)
        pthread_join(members[i].thread, NULL);
    free(members);
}

bool reaches(const atomic_uint *count, unsigned int wanted)
{
    struct timespec moment = {.tv_nsec = 1000000};

    for (unsigned int i = 0; i < 60000; i++) {
        if (atomic_load_explicit(count, memory_order_acquire) >= wanted)
            return true;
        nanosleep(&moment, NULL);
    }
    return false;
}
