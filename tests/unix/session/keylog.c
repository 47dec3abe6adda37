/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The file of secrets: what both ends of a connection write into it is the same, and only its owner
 * may read it. The process has one for good, so the order of these tests counts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/check.h"
#include "kit/connected.h"
#include "kit/support.h"

static char path[] = "/tmp/asyncsspi-keylog-XXXXXX";
static char text[65536];

static int32_t keylog(const char *name)
{
    struct tls_keylog params = {.path = address(name)};

    engine_call(TLS_CALL_KEYLOG, &params);
    return params.status;
}

/* What has been added since the last time. */
static void read_more(void)
{
    static long position;
    FILE *file = fopen(path, "r");
    size_t size = 0;

    if (check(file != NULL, "no file")) {
        fseek(file, position, SEEK_SET);
        size = fread(text, 1, sizeof(text) - 1, file);
        position = ftell(file);
        fclose(file);
    }
    text[size] = 0;
}

/* How often a line with that label is there, and that all of them are the same line. */
static unsigned int count(const char *label, size_t secret_size)
{
    const char *first = NULL;
    unsigned int found = 0;

    for (const char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
        size_t size = strlen(label);

        if (strncmp(line, label, size) || line[size] != ' ')
            continue;
        check_equal(end - line, size + 1 + 64 + 1 + 2 * secret_size);
        check(!first || !strncmp(first, line, (size_t)(end - line)), "%s differs", label);
        first = first ? first : line;
        found++;
    }
    return found;
}

static void refusals(void)
{
    check_equal(keylog(NULL), SEC_E_INVALID_PARAMETER);
    check_equal(keylog("/nowhere/at/all"), SEC_E_INVALID_PARAMETER);
}

static void not_asked_for(void)
{
    struct pair pair;

    if (connect_pair(&pair, TLS_PROTOCOL_TLS1_2, IDENTITY_P256, 0))
        transfer(&pair.client, &pair.server, 100);
    pair_release(&pair);
    check(access(path, F_OK) != 0, "there is a file");
}

static void connections(void)
{
    static const char *const labels[] = {
        "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET",
        "CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0", "EXPORTER_SECRET"};
    struct pair pair;
    struct stat status;

    check_equal(keylog(path), SEC_E_OK);
    check(!stat(path, &status) && (status.st_mode & 0777) == 0600, "mode %o", status.st_mode);
    check_equal(keylog("/dev/null"), SEC_E_OK);
    if (connect_pair(&pair, TLS_PROTOCOL_TLS1_2, IDENTITY_P256, 0))
        transfer(&pair.client, &pair.server, 100);
    read_more();
    check_equal(count("CLIENT_RANDOM", 48), 2);
    pair_release(&pair);

    if (connect_pair(&pair, TLS_PROTOCOL_TLS1_3, IDENTITY_P256, 0))
        transfer(&pair.client, &pair.server, 100);
    read_more();
    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
        check_equal(count(labels[i], 48), 2);
    pair_release(&pair);
}

int main(void)
{
    const int file = mkstemp(path);

    close(file);
    unlink(path);
    unsetenv("SSLKEYLOGFILE");
    RUN(refusals);
    RUN(not_asked_for);
    RUN(connections);
    unlink(path);
    identities_free();
    return check_summary();
}
