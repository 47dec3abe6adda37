/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kit/secrets.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <gnutls/gnutls.h>

#define PAGE      4096u
#define WINDOW    (1024 * 1024u)
#define PRESENT   (1ull << 63) /* in /proc/self/pagemap */
/* AddressSanitizer's shadow is of terabytes, and has no secrets. */
#define MAX_RANGE (1ull << 32)

struct search {
    const struct secret *secret;
    int memory, pages;
    uint8_t *window; /* a mapping of its own, which is not looked at */
    int places;
};

struct secret secret_of(const void *bytes, size_t size)
{
    struct secret secret = {.size = size};

    for (size_t i = 0; i < size; i++)
        secret.inverted[i] = (uint8_t) ~((const uint8_t *)bytes)[i];
    return secret;
}

struct secret secret_take(void *bytes, size_t size)
{
    struct secret secret = secret_of(bytes, size);

    gnutls_memset(bytes, 0, size);
    return secret;
}

static void look_at(struct search *search, uintptr_t start, uintptr_t end)
{
    const size_t size = search->secret->size;
    uint8_t *at, *found;
    ssize_t got;

    for (; end >= start + size; start += (size_t)got - size + 1) {
        const size_t wanted = end - start < WINDOW ? end - start : WINDOW;

        got = pread(search->memory, search->window, wanted, (off_t)start);
        if (got < (ssize_t)size)
            return;
        for (ssize_t i = 0; i < got; i++)
            search->window[i] = (uint8_t)~search->window[i];
        for (at = search->window; at < search->window + got; at = found + 1) {
            found = memmem(at, (size_t)(search->window + got - at), search->secret->inverted, size);
            if (!found)
                break;
            search->places++;
        }
    }
}

/* How many of the next pages were ever touched, or were not, whichever the first one is; at most as
 * many as one reading tells. */
static size_t run_of_pages(const struct search *search, uintptr_t start, uintptr_t end,
                           bool *present)
{
    uint64_t entries[512];
    size_t count = (end - start) / PAGE, i = 0;
    ssize_t got;

    if (count > sizeof(entries) / sizeof(entries[0]))
        count = sizeof(entries) / sizeof(entries[0]);
    got = pread(search->pages, entries, count * sizeof(entries[0]),
                (off_t)(start / PAGE * sizeof(entries[0])));
    if (got < (ssize_t)sizeof(entries[0]))
        return 0;
    *present = entries[0] & PRESENT;
    while (i < (size_t)got / sizeof(entries[0]) && !(entries[i] & PRESENT) == !*present)
        i++;
    return i;
}

/* What was never touched is left so. */
static void look_at_range(struct search *search, uintptr_t start, uintptr_t end)
{
    uintptr_t first = start; /* of those present that have not been looked at */
    bool present = false;
    size_t count;

    for (; start < end && (count = run_of_pages(search, start, end, &present));
         start += count * PAGE) {
        if (present)
            continue;
        look_at(search, first, start);
        first = start + count * PAGE;
    }
    if (first < start)
        look_at(search, first, start);
}

int secret_places(const struct secret *secret)
{
    struct search search = {.secret = secret,
                            .memory = open("/proc/self/mem", O_RDONLY),
                            .pages = open("/proc/self/pagemap", O_RDONLY),
                            .places = 0};
    FILE *ranges = fopen("/proc/self/maps", "r");
    unsigned long start, end;
    char line[512], rights[8];

    search.window = mmap(NULL, WINDOW, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (search.memory < 0 || search.pages < 0 || !ranges || search.window == MAP_FAILED)
        search.places = -1;
    while (search.places >= 0 && fgets(line, sizeof(line), ranges)) {
        const uintptr_t own = (uintptr_t)search.window;

        if (sscanf(line, "%lx-%lx %7s", &start, &end, rights) != 3 || strncmp(rights, "rw", 2) ||
            end - start > MAX_RANGE)
            continue;
        if (start <= own && own < end) {
            look_at_range(&search, start, own);
            start = own + WINDOW;
        }
        look_at_range(&search, start, end);
    }
    if (search.window != MAP_FAILED)
        munmap(search.window, WINDOW);
    if (ranges)
        fclose(ranges);
    close(search.memory);
    close(search.pages);
    return search.places;
}
