/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For running over another secur32.dll than ours, Windows' or Wine's: functions that it may not
 * have, and parts of a test in which it may fail in ways of its own.
 */
#ifndef ASYNCSSPI_TESTS_OTHER_H
#define ASYNCSSPI_TESTS_OTHER_H

#include <windows.h>
#define SECURITY_WIN32
#include <security.h>

/*
 * Calls the function of that name in secur32.dll: QueryCredentialsAttributesExW and all others of
 * its form. Where there is none that is a win_skip and SEC_E_UNSUPPORTED_FUNCTION.
 */
SECURITY_STATUS call_sized(const char *name, SecHandle *handle, ULONG attribute, void *buffer,
                           ULONG size);

/* The module that has the code: secur32.dll has names that lead elsewhere, as on Windows. */
HMODULE module_of_code(void);

/*
 * Runs a part of a test, void part(void). What is raised in it by this thread is one failure and
 * ends the part; the test goes on behind it, with whatever the part did not give back.
 */
#define RUN(part) run_part(#part, part)
void run_part(const char *name, void (*part)(void));

/*
 * Runs a part in a process of its own, because it can end the process. The test is called again in
 * it, and runs that part only: what is not called with one of these two comes behind only_a_part().
 */
#define RUN_APART(part) run_part_apart(#part, part)
void run_part_apart(const char *name, void (*part)(void));
BOOL only_a_part(void);

#endif
