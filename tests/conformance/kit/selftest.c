/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Tests of the test harness: children of this program run small cases, and their output and exit
 * codes are compared with what the harness promises.
 */
#include <windows.h>
#include "kit/tally.h"
#include "wine/test.h"

static DWORD WINAPI report_from_thread(void *argument)
{
    winetest_push_context("thread %d", (int)(INT_PTR)argument);
    todo_if(TRUE) ok(FALSE, "in todo of the thread\n");
    winetest_pop_context();
    return 0;
}

static void run_case_threads(void)
{
    HANDLE thread;

    winetest_push_context("main");
    todo_if(TRUE)
    {
        thread = CreateThread(NULL, 0, report_from_thread, (void *)7, 0, NULL);
        WaitForSingleObject(thread, INFINITE);
        CloseHandle(thread);
    }
    ok(FALSE, "outside\n");
    winetest_pop_context();
}

static void run_case_todo(void)
{
    todo_if(TRUE) ok(FALSE, "expected to fail\n");
    todo_if(TRUE) ok(TRUE, "not expected to succeed\n");
    todo_if(FALSE) ok(TRUE, "plain\n");
    todo_if(TRUE)
    {
        todo_if(FALSE) ok(FALSE, "the outer todo holds\n");
    }
    ok(TRUE, "after the block\n");
}

static void run_case_flaky(void)
{
    flaky ok(FALSE, "now and then\n");
    flaky ok(TRUE, "and then not\n");
    flaky_if(FALSE) ok(FALSE, "always\n");
}

static void run_case_context(void)
{
    winetest_push_context("outer %d", 1);
    winetest_push_context("inner");
    ok(FALSE, "text %s\n", wine_dbgstr_w(L"a\n\x1234"));
    winetest_pop_context();
    ok(FALSE, "text %s\n", debugstr_an("xyz\x80", 4));
    winetest_pop_context();
    ok_("dir/other.c", 42)(FALSE, "elsewhere\n");
}

static void run_case_many(void)
{
    unsigned int i;

    for (i = 0; i < 300; i++)
        ok(FALSE, "failure %u\n", i);
}

static void run_case_quiet(void)
{
    unsigned int i;

    for (i = 0; i < 50; i++)
        skip("nothing to do\n");
    ok(broken(TRUE) == !winetest_platform_is_wine, "broken() is %d\n", broken(TRUE));
    ok(!broken(FALSE), "broken(FALSE)\n");
}

static void run_case_tally(void)
{
    ok(TRUE, "about nothing\n");
    tally("rule 1");
    ok(TRUE, "first\n");
    tally("attribute FLAGS");
    ok(FALSE, "second\n");
    tally("rule 1");
    ok(TRUE, "third\n");
    tally(NULL);
    ok(TRUE, "about nothing\n");
    tally_report();
}

static void run_case(const char *name)
{
    if (!strcmp(name, "pass"))
        ok(TRUE, "fine\n");
    else if (!strcmp(name, "fail"))
        ok(FALSE, "bad %d\n", 5);
    else if (!strcmp(name, "todo"))
        run_case_todo();
    else if (!strcmp(name, "flaky"))
        run_case_flaky();
    else if (!strcmp(name, "context"))
        run_case_context();
    else if (!strcmp(name, "many"))
        run_case_many();
    else if (!strcmp(name, "threads"))
        run_case_threads();
    else if (!strcmp(name, "quiet"))
        run_case_quiet();
    else if (!strcmp(name, "tally"))
        run_case_tally();
    else if (!strcmp(name, "win_skip"))
        win_skip("not in this Windows\n");
    else if (!strcmp(name, "lasterror")) {
        SetLastError(4711);
        ok(GetLastError() == 4711, "last error %lu\n", GetLastError());
        ok(GetLastError() == 4711, "last error %lu\n", GetLastError());
    } else if (!strcmp(name, "exception")) {
        ignore_exceptions(TRUE);
        RaiseException(0xc0001234, EXCEPTION_NONCONTINUABLE, 0, NULL);
    } else if (!strcmp(name, "raise")) {
        ok(TRUE, "fine\n");
        RaiseException(0xc0001235, EXCEPTION_NONCONTINUABLE, 0, NULL);
    } else
        ok(FALSE, "unknown case %s\n", name);
}

struct child {
    PROCESS_INFORMATION process;
    DWORD exit_code;
    char output[65536];
};

/* Runs this test with `name` and reads all it prints, without carriage returns. */
static BOOL run_child(const char *name, struct child *child)
{
    SECURITY_ATTRIBUTES inherit = {sizeof(inherit), NULL, TRUE};
    STARTUPINFOA startup = {.cb = sizeof(startup)};
    DWORD used = 0, got, i, kept = 0;
    HANDLE reader, writer;
    char command[MAX_PATH + 64], **argv;
    BOOL started;

    winetest_get_mainargs(&argv);
    snprintf(command, sizeof(command), "\"%s\" kit/selftest %s", argv[0], name);
    if (!CreatePipe(&reader, &writer, &inherit, 0))
        return FALSE;
    SetHandleInformation(reader, HANDLE_FLAG_INHERIT, 0);
    startup.dwFlags = STARTF_USESTDHANDLES;
    startup.hStdOutput = startup.hStdError = writer;
    startup.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
    /* Wine 8.0 now and then fails to start a program with this error, and can the next time. */
    for (i = 0; i < 3; i++) {
        started = CreateProcessA(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup,
                                 &child->process);
        if (started || GetLastError() != ERROR_INTERNAL_ERROR)
            break;
    }
    CloseHandle(writer);
    if (started) {
        while (
            used < sizeof(child->output) - 1 &&
            ReadFile(reader, child->output + used, sizeof(child->output) - 1 - used, &got, NULL) &&
            got)
            used += got;
        WaitForSingleObject(child->process.hProcess, INFINITE);
        GetExitCodeProcess(child->process.hProcess, &child->exit_code);
    }
    for (i = 0; i < used; i++)
        if (child->output[i] != '\r')
            child->output[kept++] = child->output[i];
    child->output[kept] = 0;
    CloseHandle(reader);
    return started;
}

static void close_child(struct child *child)
{
    CloseHandle(child->process.hThread);
    CloseHandle(child->process.hProcess);
}

/* The summary is the last line; `summary` is what follows the process id. */
static void check_child(const char *name, DWORD exit_code, const char *summary,
                        const char *const *contains)
{
    static struct child child;
    char expected[256];
    size_t length, expected_length;

    winetest_push_context("case %s", name);
    if (!run_child(name, &child)) {
        ok(FALSE, "the child does not start, error %lu\n", GetLastError());
        winetest_pop_context();
        return;
    }
    ok(child.exit_code == exit_code, "exit code %lu, expected %lu\n", child.exit_code, exit_code);
    expected_length = snprintf(expected, sizeof(expected), "%04x:kit/selftest: %s\n",
                               (unsigned int)child.process.dwProcessId, summary);
    length = strlen(child.output);
    ok(length >= expected_length && !strcmp(child.output + length - expected_length, expected),
       "expected %s at the end of %s\n", wine_dbgstr_a(expected), wine_dbgstr_a(child.output));
    for (; *contains; contains++)
        ok(strstr(child.output, *contains) != NULL, "no %s in %s\n", wine_dbgstr_a(*contains),
           wine_dbgstr_a(child.output));
    close_child(&child);
    winetest_pop_context();
}

/* Lines of output that contain text. */
static unsigned int count_of(const char *output, const char *text)
{
    unsigned int count = 0;

    for (; (output = strstr(output, text)); output++)
        count++;
    return count;
}

static void test_results(void)
{
    static const char *const nothing[] = {NULL};
    static const char *const fail[] = {"selftest.c:", ": Test failed: bad 5\n", NULL};
    static const char *const todo[] = {
        ": Test marked todo: expected to fail\n",
        ": Test succeeded inside todo block: not expected to succeed\n",
        ": Test marked todo: the outer todo holds\n",
        NULL,
    };
    static const char *const flaky_lines[] = {
        ": Test marked flaky: now and then\n",
        ": Test failed: always\n",
        NULL,
    };
    static const char *const context[] = {
        ": Test failed: outer 1: inner: text L\"a\\n\\1234\"\n",
        ": Test failed: outer 1: text \"xyz\\x80\"\n",
        "\nother.c:42: Test failed: elsewhere\n",
        NULL,
    };
    static const char *const threads[] = {
        ": Test marked todo: thread 7: in todo of the thread\n",
        ": Test failed: main: outside\n",
        NULL,
    };
    static const char *const counts[] = {
        "\nrule 1: 2 passed\nattribute FLAGS: 0 passed, 1 failed\n",
        NULL,
    };

    check_child("pass", 0,
                "1 tests executed (0 marked as todo, 0 as flaky, 0 failures), 0 skipped.", nothing);
    check_child("fail", 1,
                "1 tests executed (0 marked as todo, 0 as flaky, 1 failures), 0 skipped.", fail);
    check_child("todo", 1,
                "5 tests executed (2 marked as todo, 0 as flaky, 1 failures), 0 skipped.", todo);
    check_child("flaky", 1,
                "3 tests executed (0 marked as todo, 1 as flaky, 1 failures), 0 skipped.",
                flaky_lines);
    check_child("context", 3,
                "3 tests executed (0 marked as todo, 0 as flaky, 3 failures), 0 skipped.", context);
    check_child("many", 255,
                "300 tests executed (0 marked as todo, 0 as flaky, 300 failures), 0 skipped.",
                nothing);
    check_child("threads", 1,
                "2 tests executed (1 marked as todo, 0 as flaky, 1 failures), 0 skipped.", threads);
    check_child("tally", 1,
                "5 tests executed (0 marked as todo, 0 as flaky, 1 failures), 0 skipped.", counts);
    check_child("lasterror", 0,
                "2 tests executed (0 marked as todo, 0 as flaky, 0 failures), 0 skipped.", nothing);
}

static void test_skips(void)
{
    static const char *const silenced[] = {
        "Tests skipped: nothing to do\n",
        " Silenced 0 todos, 8 skips and 0 traces.\n",
        NULL,
    };
    static const char *const skipped[] = {": Tests skipped: not in this Windows\n", NULL};
    static const char *const failed[] = {": Test failed: not in this Windows\n", NULL};
    static struct child child;

    check_child("quiet", 0,
                "2 tests executed (0 marked as todo, 0 as flaky, 0 failures), 50 skipped.",
                silenced);
    if (run_child("quiet", &child)) {
        ok(count_of(child.output, "nothing to do\n") == 42, "%u lines\n",
           count_of(child.output, "nothing to do\n"));
        close_child(&child);
    }

    SetEnvironmentVariableA("WINETEST_PLATFORM", "windows");
    check_child("win_skip", 0,
                "0 tests executed (0 marked as todo, 0 as flaky, 0 failures), 1 skipped.", skipped);
    SetEnvironmentVariableA("WINETEST_PLATFORM", "wine");
    check_child("win_skip", 1,
                "1 tests executed (0 marked as todo, 0 as flaky, 1 failures), 0 skipped.", failed);
    SetEnvironmentVariableA("WINETEST_PLATFORM", NULL);
}

static void test_variables(void)
{
    static struct child child;

    SetEnvironmentVariableA("WINETEST_DEBUG", "0");
    ok(run_child("pass", &child), "the child does not start\n");
    ok(!child.output[0], "with WINETEST_DEBUG=0 it prints %s\n", wine_dbgstr_a(child.output));
    close_child(&child);
    SetEnvironmentVariableA("WINETEST_DEBUG", NULL);

    SetEnvironmentVariableA("WINETEST_REPORT_SUCCESS", "1");
    ok(run_child("pass", &child), "the child does not start\n");
    ok(strstr(child.output, ": Test succeeded: fine\n") != NULL, "it prints %s\n",
       wine_dbgstr_a(child.output));
    close_child(&child);
    SetEnvironmentVariableA("WINETEST_REPORT_SUCCESS", NULL);
}

static void test_children(void)
{
    /* As the list has it, and as somebody names it who has the file at hand. */
    static const char *const names[] = {"kit/selftest", "tests\\conformance/kit/selftest.c"};
    char command[MAX_PATH + 64], **argv;
    STARTUPINFOA startup = {.cb = sizeof(startup)};
    PROCESS_INFORMATION process;
    static struct child child;
    unsigned int i;

    ok(run_child("exception", &child), "the child does not start\n");
    ok(child.exit_code == 0xc0001234, "exit code %#lx\n", child.exit_code);
    ok(strstr(child.output, "IgnoreExceptions=1\n") != NULL, "it prints %s\n",
       wine_dbgstr_a(child.output));
    close_child(&child);

    ok(run_child("raise", &child), "the child does not start\n");
    ok(child.exit_code == 0xc0001235, "exit code %#lx\n", child.exit_code);
    ok(strstr(child.output, "unhandled exception c0001235") != NULL, "it prints %s\n",
       wine_dbgstr_a(child.output));
    ok(strstr(child.output, "2 tests executed (0 marked as todo, 0 as flaky, 1 failures)") != NULL,
       "it prints %s\n", wine_dbgstr_a(child.output));
    close_child(&child);

    /* Without a summary of its own among our lines. */
    SetEnvironmentVariableA("WINETEST_DEBUG", "0");
    winetest_get_mainargs(&argv);
    for (i = 0; i < ARRAY_SIZE(names); i++) {
        snprintf(command, sizeof(command), "\"%s\" %s pass", argv[0], names[i]);
        ok(CreateProcessA(NULL, command, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process),
           "the child does not start, error %lu\n", GetLastError());
        wait_child_process(process.hProcess);
        CloseHandle(process.hThread);
        CloseHandle(process.hProcess);
    }
    SetEnvironmentVariableA("WINETEST_DEBUG", NULL);
}

START_TEST(kit_selftest)
{
    char **argv;

    if (winetest_get_mainargs(&argv) >= 3) {
        run_case(argv[2]);
        return;
    }
    test_results();
    test_skips();
    test_variables();
    test_children();
}
