/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SSLKEYLOGFILE as a Windows program sees it. What the engine writes: tests/unix/session/keylog.c.
 */
#include "kit/async_api.h"
#include "kit/other.h"
#include "kit/pair.h"
#include "wine/test.h"

#include <stdio.h>
#include <string.h>

static char path[MAX_PATH], text[32768];

static void name_file(void)
{
    char folder[MAX_PATH];

    GetTempPathA(sizeof(folder), folder);
    snprintf(path, sizeof(path), "%.200s\\asyncsspi-keys-%lu.log", folder, GetCurrentProcessId());
    DeleteFileA(path);
}

static BOOL read_file(void)
{
    HANDLE file = CreateFileA(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                              OPEN_EXISTING, 0, NULL);
    DWORD size = 0;

    if (file != INVALID_HANDLE_VALUE) {
        ReadFile(file, text, sizeof(text) - 1, &size, NULL);
        CloseHandle(file);
    }
    text[size] = 0;
    return file != INVALID_HANDLE_VALUE;
}

/* Lines that begin so. */
static unsigned int count(const char *label)
{
    unsigned int found = 0;

    for (const char *at = text; at && *at; at = strchr(at, '\n'), at = at ? at + 1 : NULL)
        found += !strncmp(at, label, strlen(label));
    return found;
}

static void connect_once(DWORD version)
{
    struct pair pair;

    if (pair_create_quick(&pair, version))
        ok(pair_handshake(&pair), "no connection\n");
    pair_destroy(&pair);
}

static void test_path_of_windows(void)
{
    name_file();
    SetEnvironmentVariableA("SSLKEYLOGFILE", path);
    connect_once(SIDE_TLS1_2);
    ok(read_file() && count("CLIENT_RANDOM ") == 2, "not two ends in:\n%s", text);
    if (pair_supports(SIDE_TLS1_3)) {
        connect_once(SIDE_TLS1_3);
        read_file();
        ok(count("CLIENT_TRAFFIC_SECRET_0 ") == 2, "not two ends in:\n%s", text);
    }
    DeleteFileA(path);
}

static void test_no_path(void)
{
    SetEnvironmentVariableA("SSLKEYLOGFILE", "Z:\\nowhere\\at\\all");
    connect_once(SIDE_TLS1_2);
}

/* A program that sets it later does not get what it has not asked for in time. */
static void test_too_late(void)
{
    name_file();
    SetEnvironmentVariableA("SSLKEYLOGFILE", NULL);
    connect_once(SIDE_TLS1_2);
    SetEnvironmentVariableA("SSLKEYLOGFILE", path);
    connect_once(SIDE_TLS1_2);
    ok(!read_file(), "there is a file\n");
}

START_TEST(schannel_base_keylog)
{
    if (!async_available())
        return;
    RUN_APART(test_path_of_windows);
    RUN_APART(test_no_path);
    RUN_APART(test_too_late);
}
