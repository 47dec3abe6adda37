/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What ASYNCSSPI_LOG keeps: what happened and why, each line whole, and nothing that is secret.
 */
#include "kit/async_api.h"
#include "kit/other.h"
#include "kit/pair.h"
#include "kit/testcert.h"
#include "kit/textfile.h"
#include "wine/test.h"

#include <stdio.h>
#include <string.h>

static struct text_file file;

/* Before the first call of secur32's. */
static void begin_log(void)
{
    text_file_name(&file, "trace");
    SetEnvironmentVariableA("ASYNCSSPI_LOG", file.path);
}

static void read_log(void)
{
    ok(text_file_read(&file), "no %s: error %lu\n", file.path, GetLastError());
}

static unsigned int count_lines(const char *one, const char *other)
{
    return text_file_count(&file, one, other);
}

#define has_line(one, other)                                                                       \
    ok(count_lines(one, other), "no line with \"%s\" and \"%s\" in:\n%s", one, other, file.text)

/* Every line begins as lines do, so nothing that came from outside has made one. */
static void check_lines(void)
{
    unsigned int year;

    for (const char *line = file.text, *end; *line; line = end + 1) {
        end = strchr(line, '\n');
        ok(end != NULL, "the last line has no end\n");
        if (!end)
            break;
        ok(!strncmp(line, "--- process ", 12) || sscanf(line, "%4u-", &year) == 1,
           "a line: %.60s\n", line);
        for (const char *at = line; at < end; at++)
            ok((*at >= ' ' && *at < 0x7f), "a byte of %02x\n", (BYTE)*at);
    }
}

static void test_success(void)
{
    static const char plaintext[] = "what nobody is to know";
    struct pair pair;
    char bytes[64];
    DWORD size;

    begin_log();
    if (pair_create_quick(&pair, SIDE_TLS1_2) && pair_handshake(&pair)) {
        side_send(&pair.client, plaintext, sizeof(plaintext));
        side_receive(&pair.server, bytes, sizeof(bytes), &size);
    }
    pair_destroy(&pair);
    read_log();
    check_lines();
    ok(count_lines("--- process", ".exe") == 1, "not one process in:\n%s", file.text);
    ok(count_lines("trace:secur32:", "package L\"Microsoft Unified Security Protocol") == 2,
       "not two credentials in:\n%s", file.text);
    has_line("trace:schannel:", "client of \"localhost\": TLS 1.2, L\"TLS_ECDHE_ECDSA_");
    has_line("trace:schannel:", "server for \"localhost\": TLS 1.2, L\"TLS_ECDHE_ECDSA_");
    has_line("trace:secur32:", "bytes in, ");
    has_line("L\"localhost\"", "SEC_I_CONTINUE_NEEDED");
    ok(count_lines("trace:secur32:", "delete_context") == 2, "not two ends in:\n%s", file.text);
    ok(!strstr(file.text, "nobody is to know"), "plaintext is in the log\n");
    ok(!count_lines("warn:", "") && !count_lines("err:", ""), "complaints in:\n%s", file.text);
    DeleteFileA(file.path);
}

/* The user is told once of each cause, whatever else is kept. */
static void test_refusal(void)
{
    struct side_options client = {.cred_flags = SCH_CRED_AUTO_CRED_VALIDATION},
                        server = {.certificates = {test_cert_localhost(TEST_KEY_ECDSA)}};
    struct pair pair;

    begin_log();
    for (int i = 0; i < 2; i++) {
        if (pair_create(&pair, &client, &server))
            pair_handshake(&pair);
        ok(pair.client.status == SEC_E_UNTRUSTED_ROOT, "client: %s\n",
           status_name(pair.client.status));
        pair_destroy(&pair);
    }
    read_log();
    check_lines();
    ok(count_lines("err:schannel:", "L\"localhost\" is refused, SEC_E_UNTRUSTED_ROOT: nobody here "
                                    "trusts the root") == 1,
       "not one line for the user in:\n%s", file.text);
    ok(count_lines("err:", "") == 1, "more for the user in:\n%s", file.text);
    ok(count_lines("warn:schannel:", "certificate 0: L\"CN=localhost\", issued by "
                                     "L\"CN=localhost\", valid from 20") == 2,
       "the certificates are not in:\n%s", file.text);
    has_line("SEC_E_UNTRUSTED_ROOT, sent alert 48", "");
    has_line("received alert 48: ", "the peer sent alert 48");
    DeleteFileA(file.path);
}

/* A name that would write lines of its own, and a log that two processes write to. */
static void test_hostile_name(void)
{
    struct side_options client = {.target = L"a\n2026-11-30 err:\x1b[1m\"\\"},
                        server = {.certificates = {test_cert_localhost(TEST_KEY_ECDSA)}};
    struct pair pair;

    begin_log();
    if (pair_create(&pair, &client, &server))
        pair_handshake(&pair);
    pair_destroy(&pair);
    read_log();
    check_lines();
    has_line("L\"a\\x0a2026-11-30 err:\\x1b[1m\\\"\\\\\"", "trace:secur32:");
    DeleteFileA(file.path);
}

/* A path that is none changes nothing. */
static void test_no_file(void)
{
    struct pair pair;

    SetEnvironmentVariableA("ASYNCSSPI_LOG", "Z:\\nowhere\\at\\all\\log");
    if (pair_create_quick(&pair, SIDE_TLS1_2))
        ok(pair_handshake(&pair), "no connection\n");
    pair_destroy(&pair);
}

/* A program's last error is its own, also where the look for a log finds none. */
static void test_last_error(void)
{
    SspiAsyncContext *async = sspi.create();
    CtxtHandle none = {0};

    SetEnvironmentVariableA("ASYNCSSPI_LOG", NULL);
    SetLastError(0xdead);
    sspi.delete_context(async, &none);
    ok(GetLastError() == 0xdead, "last error %lu\n", GetLastError());
    while (sspi.status(async) == SEC_I_ASYNC_CALL_PENDING)
        Sleep(1);
    sspi.free(async);
}

START_TEST(core_trace)
{
    if (!async_available())
        return;
    if (!GetModuleHandleA("asyncsspi.dll")) {
        skip("this secur32 has no trace of its own: it is a part of Wine\n");
        return;
    }
    RUN_APART(test_success);
    RUN_APART(test_refusal);
    RUN_APART(test_hostile_name);
    RUN_APART(test_no_file);
    RUN_APART(test_last_error);
}
