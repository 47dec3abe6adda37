/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the test driver needs of the kernel, whose headers cannot be included together with those of
 * SSPI.
 */
#ifndef ASYNCSSPI_TEST_KERNEL_H
#define ASYNCSSPI_TEST_KERNEL_H

/* Opens the log, C:\asyncsspi-driver.log. */
void open_log(void);
void close_log(void);
/* A line of it. */
void say(const char *format, ...);
/* Counts a check; says it when it failed. */
void check(const char *file, int line, int condition, const char *format, ...);
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

/* SHA-1 of the server's certificate, which the loader has put into the service's key. */
extern unsigned char server_hash[20];
/* 0: it is not there. Takes the UNICODE_STRING of DriverEntry. */
int read_hash(void *service);

#endif
