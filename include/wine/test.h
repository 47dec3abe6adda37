/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wine/test.h - the test harness that conformance tests are written against.
 *
 * It has the interface of the header of that name in Wine's source tree, so that a test file runs
 * here, on Windows, and could be moved into that tree. Two ways to use it:
 *
 *   one test, one program:  #define STANDALONE before the include, then START_TEST(name) { ... }
 *   many tests, one program: each file has START_TEST(name) { ... }; one more file defines
 *       STANDALONE, includes this header, declares the functions func_<name> and defines
 *       const struct test winetest_testlist[] = { { "name", func_name }, ..., { 0, 0 } };
 *       where the string may be a path, "core/handle" for func_core_handle. With WINETEST_NO_MAIN
 *       that file has neither list nor main(): another one has both, and calls winetest_main.
 *
 * `program name` runs a test, `program --list` lists them, and further arguments are the test's
 * own (winetest_get_mainargs). The exit code is the number of failures, 255 at most.
 *
 * Environment: WINETEST_PLATFORM (windows or wine; found out otherwise), WINETEST_DEBUG (0: no
 * traces and no summary; default 1), WINETEST_INTERACTIVE, WINETEST_REPORT_SUCCESS,
 * WINETEST_REPORT_FLAKY, WINETEST_TIME (put the seconds since the start on every line),
 * WINETEST_COLOR (0, 1 or auto).
 *
 * How it works: ok(...) and its kin are function names behind a call that stores file and line in
 * the thread's state, so they take printf arguments without variadic macros. The state of a thread
 * (location, todo and flaky depth, contexts, strings for debugstr) hangs off a TLS index; counters
 * are process-wide and interlocked. A report is formatted into one buffer and written at once, so
 * lines of several threads do not mix.
 */
#ifndef __WINE_WINE_TEST_H
#define __WINE_WINE_TEST_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windef.h>
#include <winbase.h>
#include <winnls.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#endif

#if defined(__MINGW_PRINTF_FORMAT)
#define WINETEST_PRINTF_ATTR(format_at, arguments_at)                                              \
    __attribute__((format(__MINGW_PRINTF_FORMAT, format_at, arguments_at)))
#elif defined(__GNUC__)
#define WINETEST_PRINTF_ATTR(format_at, arguments_at)                                              \
    __attribute__((format(printf, format_at, arguments_at)))
#else
#define WINETEST_PRINTF_ATTR(format_at, arguments_at)
#endif

struct test {
    const char *name;
    void (*func)(void);
};

/* 0: only failures are printed. */
extern int winetest_debug;
/* The user is there to look and answer. */
extern int winetest_interactive;
/* "windows" or "wine". */
extern const char *winetest_platform;
extern int winetest_platform_is_wine;
extern int winetest_report_success;
extern int winetest_report_flaky;
extern int winetest_time;
extern int winetest_color;
/* Reports other than failures from one line before the rest of them is only counted. */
extern int winetest_mute_threshold;

/* Where the reports that follow in this thread come from. */
extern void winetest_set_location(const char *file, int line);
extern void winetest_subtest(const char *name);
/* Tells whoever reads the output that exceptions from here on are meant to happen. */
extern void winetest_ignore_exceptions(BOOL ignore);

/* Begin returns what end wants to have back, never 0; end returns 0. */
extern int winetest_begin_todo(int is_todo);
extern int winetest_end_todo(int begun);
extern int winetest_begin_flaky(int is_flaky);
extern int winetest_end_flaky(int begun);

/* Returns condition's truth, or the todo's success inside a todo block. */
extern int winetest_vok(int condition, const char *format, va_list arguments);
extern void winetest_ok(int condition, const char *format, ...) WINETEST_PRINTF_ATTR(2, 3);
extern void winetest_vskip(const char *format, va_list arguments);
extern void winetest_skip(const char *format, ...) WINETEST_PRINTF_ATTR(1, 2);
/* For what every Windows does not have, but Wine should: a failure under Wine. */
extern void winetest_win_skip(const char *format, ...) WINETEST_PRINTF_ATTR(1, 2);
extern void winetest_trace(const char *format, ...) WINETEST_PRINTF_ATTR(1, 2);
extern void winetest_printf(const char *format, ...) WINETEST_PRINTF_ATTR(1, 2);

/* Put "text: " in front of this thread's reports; contexts nest, 8 deep. */
extern void winetest_push_context(const char *format, ...) WINETEST_PRINTF_ATTR(1, 2);
extern void winetest_pop_context(void);

/* argv of the program: [0] the program, [1] the test's name, then its own. Returns argc. */
extern int winetest_get_mainargs(char ***argv);

/* Waits for a child that runs a test of the same program and adds its failures to ours. */
extern void winetest_wait_child_process(HANDLE process);
extern LONG winetest_get_successes(void);
extern LONG winetest_get_failures(void);
extern void winetest_add_failures(LONG count);

/* Printable forms; the strings live in a ring of the thread and last for some 50 calls. */
extern const char *wine_dbgstr_an(const char *text, int length);
extern const char *wine_dbgstr_wn(const WCHAR *text, int length);
extern const char *wine_dbgstr_guid(const GUID *guid);
extern const char *wine_dbgstr_point(const POINT *point);
extern const char *wine_dbgstr_size(const SIZE *size);
extern const char *wine_dbgstr_rect(const RECT *rect);
extern const char *wine_dbgstr_longlong(ULONGLONG value);

static inline const char *wine_dbgstr_a(const char *text)
{
    return wine_dbgstr_an(text, -1);
}

static inline const char *wine_dbgstr_w(const WCHAR *text)
{
    return wine_dbgstr_wn(text, -1);
}

static inline const char *debugstr_an(const char *text, int length)
{
    return wine_dbgstr_an(text, length);
}

static inline const char *debugstr_wn(const WCHAR *text, int length)
{
    return wine_dbgstr_wn(text, length);
}

static inline const char *debugstr_a(const char *text)
{
    return wine_dbgstr_an(text, -1);
}

static inline const char *debugstr_w(const WCHAR *text)
{
    return wine_dbgstr_wn(text, -1);
}

static inline const char *debugstr_guid(const GUID *guid)
{
    return wine_dbgstr_guid(guid);
}

/* For results that some Windows gives and that are wrong: true there, never under Wine. */
static inline int broken(int condition)
{
    return condition && !winetest_platform_is_wine;
}

#define ok_(file, line)       (winetest_set_location(file, line), 0) ? (void)0 : winetest_ok
#define skip_(file, line)     (winetest_set_location(file, line), 0) ? (void)0 : winetest_skip
#define win_skip_(file, line) (winetest_set_location(file, line), 0) ? (void)0 : winetest_win_skip
#define trace_(file, line)    (winetest_set_location(file, line), 0) ? (void)0 : winetest_trace
#define wait_child_process_(file, line)                                                            \
    (winetest_set_location(file, line), 0) ? (void)0 : winetest_wait_child_process
#define subtest_(file, line) (winetest_set_location(file, line), 0) ? (void)0 : winetest_subtest
#define ignore_exceptions_(file, line)                                                             \
    (winetest_set_location(file, line), 0) ? (void)0 : winetest_ignore_exceptions

#define subtest            subtest_(__FILE__, __LINE__)
#define ignore_exceptions  ignore_exceptions_(__FILE__, __LINE__)
#define ok                 ok_(__FILE__, __LINE__)
#define skip               skip_(__FILE__, __LINE__)
#define win_skip           win_skip_(__FILE__, __LINE__)
#define trace              trace_(__FILE__, __LINE__)
#define wait_child_process wait_child_process_(__FILE__, __LINE__)

/* Each is a prefix of one statement or block. */
#define todo_if(is_todo)                                                                           \
    for (int winetest_todo_ = winetest_begin_todo(is_todo); winetest_todo_;                        \
         winetest_todo_ = winetest_end_todo(winetest_todo_))
#define todo_wine             todo_if(winetest_platform_is_wine)
#define todo_wine_if(is_todo) todo_if((is_todo) && winetest_platform_is_wine)

#define flaky_if(is_flaky)                                                                         \
    for (int winetest_flaky_ = winetest_begin_flaky(is_flaky); winetest_flaky_;                    \
         winetest_flaky_ = winetest_end_flaky(winetest_flaky_))
#define flaky                   flaky_if(TRUE)
#define flaky_wine              flaky_if(winetest_platform_is_wine)
#define flaky_wine_if(is_flaky) flaky_if((is_flaky) && winetest_platform_is_wine)

/* Runs what the arguments name of a list that ends with {0, 0}; the program's exit code. */
extern int winetest_main(int argc, char **argv, const struct test *tests);

#ifdef STANDALONE
#define START_TEST(name)                                                                           \
    static void func_##name(void);                                                                 \
    const struct test winetest_testlist[] = {{#name, func_##name}, {0, 0}};                        \
    static void func_##name(void)
#else
#define START_TEST(name) void func_##name(void)
#endif

#ifdef __cplusplus
}
#endif

/* What follows is the harness itself; it goes into the one file that defines STANDALONE. */
#ifdef STANDALONE

#include <io.h>

static const struct test *winetest_tests;

int winetest_debug = 1;
int winetest_interactive = 0;
const char *winetest_platform = "windows";
int winetest_platform_is_wine = 0;
int winetest_report_success = 0;
int winetest_report_flaky = 0;
int winetest_time = 0;
int winetest_color = 0;
int winetest_mute_threshold = 42;

#define WINETEST_CONTEXTS      8
#define WINETEST_CONTEXT_SIZE  128
#define WINETEST_STRINGS_SIZE  16384
#define WINETEST_STRING_SIZE   320
#define WINETEST_LINE_SIZE     4096
/* A child that takes longer hangs, however slow the machine. */
#define WINETEST_CHILD_TIMEOUT 300000

struct winetest_thread {
    const char *file;
    int line;
    int todo;
    int flaky_depth;
    unsigned int context_count;
    unsigned int strings_used;
    char contexts[WINETEST_CONTEXTS][WINETEST_CONTEXT_SIZE];
    char strings[WINETEST_STRINGS_SIZE];
};

static int winetest_argc;
static char **winetest_argv;
static const struct test *winetest_current;
static DWORD winetest_tls;
static DWORD winetest_start_time;
static LONG winetest_exceptions_ignored;

static LONG winetest_successes;
static LONG winetest_failures;
static LONG winetest_flaky_failures;
static LONG winetest_skipped;
static LONG winetest_todos;          /* failed where it had to */
static LONG winetest_todo_successes; /* succeeded where it had to fail */
static LONG winetest_muted_todos;
static LONG winetest_muted_skips;
static LONG winetest_muted_traces;
static LONG winetest_reports_of_line[8192];

static struct winetest_thread *winetest_get_thread(void)
{
    const DWORD error = GetLastError();
    struct winetest_thread *thread = (struct winetest_thread *)TlsGetValue(winetest_tls);

    if (!thread) {
        thread = (struct winetest_thread *)HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY,
                                                     sizeof(*thread));
        if (!thread)
            ExitProcess(255);
        thread->file = "(no file)";
        TlsSetValue(winetest_tls, thread);
    }
    /* Tests report GetLastError() in the arguments that are evaluated after this. */
    SetLastError(error);
    return thread;
}

/* What stands between the location and the text: the time, when asked for. */
static const char *winetest_elapsed(char *text, size_t size)
{
    const DWORD elapsed = GetTickCount() - winetest_start_time;

    text[0] = 0;
    if (winetest_time)
        snprintf(text, size, "%lu.%03lu", (unsigned long)(elapsed / 1000),
                 (unsigned long)(elapsed % 1000));
    return text;
}

struct winetest_line {
    size_t used;
    char text[WINETEST_LINE_SIZE];
};

static void winetest_vappend(struct winetest_line *line, const char *format, va_list arguments)
{
    const size_t room = sizeof(line->text) - line->used;
    const int length = vsnprintf(line->text + line->used, room, format, arguments);

    if (length >= 0 && (size_t)length < room)
        line->used += length;
    else
        line->used = sizeof(line->text) - 1;
}

static void winetest_append(struct winetest_line *line, const char *format, ...)
    WINETEST_PRINTF_ATTR(2, 3);

static void winetest_append(struct winetest_line *line, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    winetest_vappend(line, format, arguments);
    va_end(arguments);
}

static void winetest_write(struct winetest_line *line)
{
    /* A cut line still ends as one. */
    if (line->used == sizeof(line->text) - 1)
        line->text[line->used - 1] = '\n';
    fwrite(line->text, 1, line->used, stdout);
    fflush(stdout);
}

static void winetest_begin_line(struct winetest_line *line)
{
    struct winetest_thread *thread = winetest_get_thread();
    char elapsed[32];

    line->used = 0;
    winetest_append(line, "%s:%d:%s ", thread->file, thread->line,
                    winetest_elapsed(elapsed, sizeof(elapsed)));
}

enum winetest_colors { WINETEST_RED = 31, WINETEST_YELLOW = 33, WINETEST_MAGENTA = 35 };

/* "file:line: kind: context: text"; kind in a colour when there is one and colours are on. */
static void winetest_vreport(const char *kind, int color, const char *format, va_list arguments)
{
    const DWORD error = GetLastError();
    struct winetest_thread *thread = winetest_get_thread();
    struct winetest_line line;
    unsigned int i;

    winetest_begin_line(&line);
    if (color && winetest_color)
        winetest_append(&line, "\033[%dm%s\033[0m", color, kind);
    else
        winetest_append(&line, "%s", kind);
    for (i = 0; i < thread->context_count && i < WINETEST_CONTEXTS; i++)
        winetest_append(&line, "%s: ", thread->contexts[i]);
    winetest_vappend(&line, format, arguments);
    winetest_write(&line);
    SetLastError(error);
}

/* Counts a report that is no failure; true when its line has said enough. */
static int winetest_is_muted(LONG *muted)
{
    const unsigned int index =
        (unsigned int)winetest_get_thread()->line % ARRAY_SIZE(winetest_reports_of_line);

    if (winetest_report_success ||
        InterlockedIncrement(&winetest_reports_of_line[index]) <= winetest_mute_threshold)
        return 0;
    InterlockedIncrement(muted);
    return 1;
}

void winetest_set_location(const char *file, int line)
{
    struct winetest_thread *thread = winetest_get_thread();
    const char *name = file;

    for (; *file; file++)
        if (*file == '/' || *file == '\\')
            name = file + 1;
    thread->file = name;
    thread->line = line;
}

void winetest_subtest(const char *name)
{
    struct winetest_line line;

    winetest_begin_line(&line);
    winetest_append(&line, "Subtest %s\n", name);
    winetest_write(&line);
}

void winetest_ignore_exceptions(BOOL ignore)
{
    struct winetest_line line;

    InterlockedExchange(&winetest_exceptions_ignored, ignore != FALSE);
    winetest_begin_line(&line);
    winetest_append(&line, "IgnoreExceptions=%d\n", ignore ? 1 : 0);
    winetest_write(&line);
}

int winetest_begin_todo(int is_todo)
{
    if (is_todo)
        winetest_get_thread()->todo++;
    return is_todo ? 2 : 1;
}

int winetest_end_todo(int begun)
{
    if (begun == 2)
        winetest_get_thread()->todo--;
    return 0;
}

int winetest_begin_flaky(int is_flaky)
{
    if (is_flaky)
        winetest_get_thread()->flaky_depth++;
    return is_flaky ? 2 : 1;
}

int winetest_end_flaky(int begun)
{
    if (begun == 2)
        winetest_get_thread()->flaky_depth--;
    return 0;
}

/* A result that is not what it should be. */
static void winetest_vfail(const char *kind, LONG *counter, const char *format, va_list arguments)
{
    if (!winetest_get_thread()->flaky_depth) {
        winetest_vreport(kind, WINETEST_RED, format, arguments);
        InterlockedIncrement(counter);
        return;
    }
    winetest_vreport("Test marked flaky: ", WINETEST_YELLOW, format, arguments);
    InterlockedIncrement(&winetest_flaky_failures);
    if (winetest_report_flaky)
        InterlockedIncrement(counter);
}

int winetest_vok(int condition, const char *format, va_list arguments)
{
    if (winetest_get_thread()->todo) {
        if (condition) {
            winetest_vfail("Test succeeded inside todo block: ", &winetest_todo_successes, format,
                           arguments);
            return 0;
        }
        InterlockedIncrement(&winetest_todos);
        if (winetest_debug > 0 && !winetest_is_muted(&winetest_muted_todos))
            winetest_vreport("Test marked todo: ", WINETEST_YELLOW, format, arguments);
        return 1;
    }
    if (!condition) {
        winetest_vfail("Test failed: ", &winetest_failures, format, arguments);
        return 0;
    }
    InterlockedIncrement(&winetest_successes);
    if (winetest_report_success)
        winetest_vreport("Test succeeded: ", 0, format, arguments);
    return 1;
}

void winetest_ok(int condition, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    winetest_vok(condition, format, arguments);
    va_end(arguments);
}

void winetest_vskip(const char *format, va_list arguments)
{
    InterlockedIncrement(&winetest_skipped);
    if (!winetest_is_muted(&winetest_muted_skips))
        winetest_vreport("Tests skipped: ", WINETEST_MAGENTA, format, arguments);
}

void winetest_skip(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    winetest_vskip(format, arguments);
    va_end(arguments);
}

void winetest_win_skip(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (winetest_platform_is_wine)
        winetest_vok(0, format, arguments);
    else
        winetest_vskip(format, arguments);
    va_end(arguments);
}

void winetest_trace(const char *format, ...)
{
    va_list arguments;

    if (winetest_debug <= 0 || winetest_is_muted(&winetest_muted_traces))
        return;
    va_start(arguments, format);
    winetest_vreport("", 0, format, arguments);
    va_end(arguments);
}

void winetest_printf(const char *format, ...)
{
    struct winetest_line line;
    va_list arguments;

    winetest_begin_line(&line);
    va_start(arguments, format);
    winetest_vappend(&line, format, arguments);
    va_end(arguments);
    winetest_write(&line);
}

void winetest_push_context(const char *format, ...)
{
    struct winetest_thread *thread = winetest_get_thread();
    va_list arguments;

    if (thread->context_count < WINETEST_CONTEXTS) {
        char *context = thread->contexts[thread->context_count];

        va_start(arguments, format);
        vsnprintf(context, WINETEST_CONTEXT_SIZE, format, arguments);
        va_end(arguments);
        context[WINETEST_CONTEXT_SIZE - 1] = 0;
    }
    thread->context_count++;
}

void winetest_pop_context(void)
{
    struct winetest_thread *thread = winetest_get_thread();

    if (thread->context_count)
        thread->context_count--;
}

int winetest_get_mainargs(char ***argv)
{
    *argv = winetest_argv;
    return winetest_argc;
}

LONG winetest_get_successes(void)
{
    return winetest_successes;
}

LONG winetest_get_failures(void)
{
    return winetest_failures;
}

void winetest_add_failures(LONG count)
{
    InterlockedExchangeAdd(&winetest_failures, count);
}

void winetest_wait_child_process(HANDLE process)
{
    DWORD exit_code = 1;

    if (WaitForSingleObject(process, WINETEST_CHILD_TIMEOUT) != WAIT_OBJECT_0) {
        winetest_ok(0, "the child process did not end\n");
        TerminateProcess(process, 255);
        return;
    }
    GetExitCodeProcess(process, &exit_code);
    if (exit_code > 255) {
        winetest_ok(0, "exception 0x%08lx in the child process\n", (unsigned long)exit_code);
    } else if (exit_code) {
        winetest_printf("%lu failures in the child process\n", (unsigned long)exit_code);
        winetest_add_failures((LONG)exit_code);
    }
}

/* Room for a string that is at most WINETEST_STRING_SIZE with its NUL; overwrites the oldest. */
static char *winetest_new_string(void)
{
    struct winetest_thread *thread = winetest_get_thread();

    if (thread->strings_used + WINETEST_STRING_SIZE > sizeof(thread->strings))
        thread->strings_used = 0;
    return thread->strings + thread->strings_used;
}

static const char *winetest_keep_string(char *text)
{
    winetest_get_thread()->strings_used += (unsigned int)strlen(text) + 1;
    return text;
}

static char *winetest_escape(char *at, unsigned int character, int wide)
{
    if (character == '\n' || character == '\r' || character == '\t') {
        *at++ = '\\';
        *at++ = character == '\n' ? 'n' : character == '\r' ? 'r' : 't';
    } else if (character == '"' || character == '\\') {
        *at++ = '\\';
        *at++ = (char)character;
    } else if (character >= ' ' && character < 0x7f) {
        *at++ = (char)character;
    } else {
        at += sprintf(at, wide ? "\\%04x" : "\\x%02x", character);
    }
    return at;
}

/* Both widths: characters are read through `wide`. */
static const char *winetest_quote(const void *text, int length, int wide)
{
    char *string, *at, *end;
    int i, count = length;

    if (!text)
        return "(null)";
    string = at = winetest_new_string();
    if (!((ULONG_PTR)text >> 16)) {
        sprintf(string, "#%04x", (unsigned int)(ULONG_PTR)text);
        return winetest_keep_string(string);
    }
    if (length < 0)
        count = wide ? lstrlenW((const WCHAR *)text) : lstrlenA((const char *)text);
    /* An escape takes 5 characters, the end `"...` and the NUL another 5. */
    end = string + WINETEST_STRING_SIZE - 10;
    if (wide)
        *at++ = 'L';
    *at++ = '"';
    for (i = 0; i < count && at < end; i++)
        at = winetest_escape(at, wide ? ((const WCHAR *)text)[i] : ((const unsigned char *)text)[i],
                             wide);
    strcpy(at, i < count ? "\"..." : "\"");
    return winetest_keep_string(string);
}

const char *wine_dbgstr_an(const char *text, int length)
{
    return winetest_quote(text, length, 0);
}

const char *wine_dbgstr_wn(const WCHAR *text, int length)
{
    return winetest_quote(text, length, 1);
}

const char *wine_dbgstr_guid(const GUID *guid)
{
    char *string;

    if (!guid)
        return "(null)";
    string = winetest_new_string();
    sprintf(string, "{%08lx-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x}",
            (unsigned long)guid->Data1, guid->Data2, guid->Data3, guid->Data4[0], guid->Data4[1],
            guid->Data4[2], guid->Data4[3], guid->Data4[4], guid->Data4[5], guid->Data4[6],
            guid->Data4[7]);
    return winetest_keep_string(string);
}

const char *wine_dbgstr_point(const POINT *point)
{
    char *string;

    if (!point)
        return "(null)";
    string = winetest_new_string();
    sprintf(string, "(%ld,%ld)", (long)point->x, (long)point->y);
    return winetest_keep_string(string);
}

const char *wine_dbgstr_size(const SIZE *size)
{
    char *string;

    if (!size)
        return "(null)";
    string = winetest_new_string();
    sprintf(string, "(%ld,%ld)", (long)size->cx, (long)size->cy);
    return winetest_keep_string(string);
}

const char *wine_dbgstr_rect(const RECT *rect)
{
    char *string;

    if (!rect)
        return "(null)";
    string = winetest_new_string();
    sprintf(string, "(%ld,%ld)-(%ld,%ld)", (long)rect->left, (long)rect->top, (long)rect->right,
            (long)rect->bottom);
    return winetest_keep_string(string);
}

const char *wine_dbgstr_longlong(ULONGLONG value)
{
    char *string = winetest_new_string();

    if (value >> 32)
        sprintf(string, "%lx%08lx", (unsigned long)(value >> 32),
                (unsigned long)(value & 0xffffffff));
    else
        sprintf(string, "%lx", (unsigned long)value);
    return winetest_keep_string(string);
}

/* How many checks failed, of how many; the last line of a test, however it ends. */
static LONG winetest_summary(void)
{
    const DWORD pid = GetCurrentProcessId();
    const LONG bad = winetest_failures + winetest_todo_successes;
    const char *name = winetest_current->name;
    struct winetest_line line;
    char elapsed[32];

    if (!winetest_debug)
        return bad;
    winetest_elapsed(elapsed, sizeof(elapsed));
    line.used = 0;
    if (winetest_muted_todos || winetest_muted_skips || winetest_muted_traces)
        winetest_append(&line, "%04lx:%s:%s Silenced %ld todos, %ld skips and %ld traces.\n",
                        (unsigned long)pid, name, elapsed, (long)winetest_muted_todos,
                        (long)winetest_muted_skips, (long)winetest_muted_traces);
    winetest_append(&line,
                    "%04x:%s:%s %d tests executed (%d marked as todo, %d as flaky, "
                    "%d failures), %d skipped.\n",
                    (unsigned int)pid, name, elapsed,
                    (int)(winetest_successes + winetest_failures + winetest_flaky_failures +
                          winetest_todos + winetest_todo_successes),
                    (int)winetest_todos, (int)winetest_flaky_failures, (int)bad,
                    (int)winetest_skipped);
    winetest_write(&line);
    return bad;
}

/* What is raised in a DLL under test is a failure; the process ends with its code behind that. */
static LONG CALLBACK winetest_exception_filter(EXCEPTION_POINTERS *pointers)
{
    struct winetest_thread *thread = winetest_get_thread();
    struct winetest_line line;

    if (winetest_exceptions_ignored)
        return EXCEPTION_EXECUTE_HANDLER;
    line.used = 0;
    winetest_append(&line, "%s:%d: this is the last test seen before the exception\n", thread->file,
                    thread->line);
    winetest_append(&line, "%04lx:%s: unhandled exception %08lx at %p\n",
                    (unsigned long)GetCurrentProcessId(), winetest_current->name,
                    (unsigned long)pointers->ExceptionRecord->ExceptionCode,
                    pointers->ExceptionRecord->ExceptionAddress);
    winetest_write(&line);
    InterlockedIncrement(&winetest_failures);
    winetest_summary();
    return EXCEPTION_EXECUTE_HANDLER;
}

static int winetest_run(const struct test *test)
{
    LONG bad;

    winetest_current = test;
    test->func();
    bad = winetest_summary();
    return bad < 255 ? bad : 255;
}

static int winetest_variable(const char *name, int otherwise)
{
    char text[16];
    const DWORD length = GetEnvironmentVariableA(name, text, sizeof(text));

    return length && length < sizeof(text) ? atoi(text) : otherwise;
}

static void winetest_read_environment(void)
{
    static char platform[32];
    char color[8];
    DWORD length;

    length = GetEnvironmentVariableA("WINETEST_PLATFORM", platform, sizeof(platform));
    if (length && length < sizeof(platform))
        winetest_platform = platform;
    else if (GetProcAddress(GetModuleHandleA("ntdll.dll"), "wine_get_version"))
        winetest_platform = "wine";
    winetest_platform_is_wine = !strcmp(winetest_platform, "wine");

    winetest_debug = winetest_variable("WINETEST_DEBUG", winetest_debug);
    winetest_interactive = winetest_variable("WINETEST_INTERACTIVE", winetest_interactive);
    winetest_report_success = winetest_variable("WINETEST_REPORT_SUCCESS", winetest_report_success);
    winetest_report_flaky = winetest_variable("WINETEST_REPORT_FLAKY", winetest_report_flaky);
    winetest_time = winetest_variable("WINETEST_TIME", winetest_time);

    length = GetEnvironmentVariableA("WINETEST_COLOR", color, sizeof(color));
    if (length && length < sizeof(color))
        winetest_color = !strcmp(color, "auto") ? _isatty(_fileno(stdout)) : atoi(color);
}

static int winetest_list(void)
{
    const struct test *test;

    printf("Valid test names:\n");
    for (test = winetest_tests; test->name; test++)
        printf("    %s\n", test->name);
    return 0;
}

static const struct test *winetest_named(const char *name, size_t length)
{
    const struct test *test;

    for (test = winetest_tests; test->name; test++)
        if (strlen(test->name) == length && !strncmp(test->name, name, length))
            return test;
    return NULL;
}

/* "core/handle", and what runners and shells make of it: "core/handle.c", "path/core/handle". */
static const struct test *winetest_find(const char *argument)
{
    const struct test *test = NULL;
    const char *name, *end = argument + strlen(argument);

    if (end - argument > 2 && !strcmp(end - 2, ".c"))
        end -= 2;
    for (name = argument; name < end && !test; name++)
        if (name == argument || name[-1] == '/' || name[-1] == '\\')
            test = winetest_named(name, (size_t)(end - name));
    return test;
}

int winetest_main(int argc, char **argv, const struct test *tests)
{
    const struct test *test = NULL;

    winetest_tests = tests;
    winetest_argc = argc;
    winetest_argv = argv;
    winetest_start_time = GetTickCount();
    winetest_tls = TlsAlloc();
    winetest_read_environment();
    SetUnhandledExceptionFilter(winetest_exception_filter);

    if (argc < 2) {
        if (tests[0].name && !tests[1].name)
            return winetest_run(&tests[0]);
        printf("Usage: %s NAME [ARGUMENTS]\n", argv[0]);
        winetest_list();
        return 1;
    }
    if (!strcmp(argv[1], "--list"))
        return winetest_list();
    test = winetest_find(argv[1]);
    if (!test && tests[0].name && !tests[1].name)
        test = &tests[0];
    if (!test) {
        printf("%s has no test %s\n", argv[0], argv[1]);
        return 1;
    }
    return winetest_run(test);
}

#ifndef WINETEST_NO_MAIN
extern const struct test winetest_testlist[];

int main(int argc, char **argv)
{
    return winetest_main(argc, argv, winetest_testlist);
}
#endif

#endif /* STANDALONE */

#endif /* __WINE_WINE_TEST_H */
