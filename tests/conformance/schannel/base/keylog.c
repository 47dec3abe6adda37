/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SSLKEYLOGFILE as a Windows program sees it. What the engine writes: tests/unix/session/keylog.c.
 */
#include "kit/async_api.h"
#include "kit/other.h"
#include "kit/pair.h"
#include "kit/textfile.h"
#include "wine/test.h"

#include <string.h>

static struct text_file file;

static void connect_once(DWORD version)
{
    struct pair pair;

    if (pair_create_quick(&pair, version))
        ok(pair_handshake(&pair), "no connection\n");
    pair_destroy(&pair);
}

static void test_path_of_windows(void)
{
    text_file_name(&file, "keys");
    SetEnvironmentVariableA("SSLKEYLOGFILE", file.path);
    connect_once(SIDE_TLS1_2);
    ok(text_file_read(&file) && text_file_count(&file, "CLIENT_RANDOM ", "") == 2,
       "not two ends in:\n%s", file.text);
    if (pair_supports(SIDE_TLS1_3)) {
        connect_once(SIDE_TLS1_3);
        text_file_read(&file);
        ok(text_file_count(&file, "CLIENT_TRAFFIC_SECRET_0 ", "") == 2, "not two ends in:\n%s",
           file.text);
    }
    DeleteFileA(file.path);
}

static void test_no_path(void)
{
    SetEnvironmentVariableA("SSLKEYLOGFILE", "Z:\\nowhere\\at\\all");
    connect_once(SIDE_TLS1_2);
}

static void test_long_path(void)
{
    char path[600];

    memset(path, 'x', sizeof(path) - 1);
    path[sizeof(path) - 1] = 0;
    SetEnvironmentVariableA("SSLKEYLOGFILE", path);
    connect_once(SIDE_TLS1_2);
}

/* A program that sets it later does not get what it has not asked for in time. */
static void test_too_late(void)
{
    text_file_name(&file, "keys");
    SetEnvironmentVariableA("SSLKEYLOGFILE", NULL);
    connect_once(SIDE_TLS1_2);
    SetEnvironmentVariableA("SSLKEYLOGFILE", file.path);
    connect_once(SIDE_TLS1_2);
    ok(!text_file_read(&file), "there is a file\n");
}

START_TEST(schannel_base_keylog)
{
    if (!async_available())
        return;
    RUN_APART(test_path_of_windows);
    RUN_APART(test_no_path);
    RUN_APART(test_long_path);
    RUN_APART(test_too_late);
}
