/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the two halves of the test driver know of each other: the headers of the kernel and those of
 * SSPI cannot be included together.
 */
#ifndef ASYNCSSPI_TEST_DRIVER_H
#define ASYNCSSPI_TEST_DRIVER_H

/* kernel.c: the kernel's functions */

/* A line of the log, C:\asyncsspi-driver.log. */
void say(const char *format, ...);
/* Counts a check; says it when it failed. */
void check(const char *file, int line, int condition, const char *format, ...);
void count_skip(const char *why);
/* `N passed, N failed, N skipped` */
void say_summary(void);
#define ok(condition, ...) check(__FILE__, __LINE__, (condition) != 0, __VA_ARGS__)

struct event;
struct event *event_create(void);
void event_free(struct event *event);
void event_set(struct event *event);
void event_clear(struct event *event);
/* 0 when it was not set in two minutes. */
int event_wait(struct event *event);

void pool_free(void *memory);
unsigned long current_thread(void);

/* SHA-1 of the server's certificate, which the loader puts into the service's key. */
extern unsigned char server_hash[20];

/* What is tested. */
void test_connections(void); /* flow.c */
void test_calls(void);       /* calls.c */
/* Leaves calls pending behind itself (flow.c). */
void run_unload(void);

#endif
