/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Counts checks per subject: the differences of the harness's own counters.
 */
#include <windows.h>
#include "kit/tally.h"
#include "wine/test.h"

#define MAX_SUBJECTS 128

static struct subject {
    char name[64];
    LONG passed, failed;
} subjects[MAX_SUBJECTS];
static unsigned int subject_count;
static struct subject *current;
static LONG passed_before, failed_before;

static struct subject *find_subject(const char *name)
{
    unsigned int i;

    for (i = 0; i < subject_count; i++)
        if (!strcmp(subjects[i].name, name))
            return &subjects[i];
    if (subject_count == MAX_SUBJECTS) {
        ok(FALSE, "no room to count %s\n", name);
        return NULL;
    }
    snprintf(subjects[i].name, sizeof(subjects[i].name), "%s", name);
    return &subjects[subject_count++];
}

void tally(const char *name)
{
    if (current) {
        current->passed += winetest_get_successes() - passed_before;
        current->failed += winetest_get_failures() - failed_before;
    }
    current = name ? find_subject(name) : NULL;
    passed_before = winetest_get_successes();
    failed_before = winetest_get_failures();
}

void tally_report(void)
{
    unsigned int i;

    tally(NULL);
    for (i = 0; i < subject_count; i++) {
        printf("%s: %ld passed", subjects[i].name, (long)subjects[i].passed);
        if (subjects[i].failed)
            printf(", %ld failed", (long)subjects[i].failed);
        printf("\n");
    }
    fflush(stdout);
}
