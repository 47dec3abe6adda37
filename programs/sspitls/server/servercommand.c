/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sspitls server: options in, one line per connection out, until Ctrl-C or the end of input. */
#include "server/servercommand.h"

#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/error.h"
#include "base/file.h"
#include "base/lines.h"
#include "base/number.h"
#include "command/setup.h"
#include "server/datagramserver.h"
#include "server/log.h"
#include "server/server.h"

#define DEFAULT_HANDSHAKE_MS 10000
#define MOST_THREADS         64

struct server_command {
    const struct options *options;
    char *host;
    char *port;
    struct setup setup;
    struct log log;
};

static HANDLE stop_event;

static BOOL WINAPI on_control(DWORD type)
{
    (void)type;
    SetEvent(stop_event);
    return TRUE;
}

/* What the thread that reads standard input knows; it may outlive the server. */
static struct {
    const struct options *options;
    SRWLOCK lock;
    struct server *server; /* NULL: stopped */
} input;

static void ask(enum server_wish wish)
{
    AcquireSRWLockShared(&input.lock);
    if (input.server)
        server_ask(input.server, wish);
    ReleaseSRWLockShared(&input.lock);
}

/* Reads standard input: commands, and its end. */
static DWORD WINAPI read_input(void *data)
{
    struct lines lines = {.given = 0};
    char command = 0;
    size_t size;

    (void)data;
    while (command != 'Q' && lines_next(&lines, &size)) {
        command = input.options->commands ? lines_command(&lines) : 0;
        if (command == 'R' || command == 'C')
            ask(command == 'R' ? WISH_KEYS : WISH_CERTIFICATE);
    }
    lines_free(&lines);
    if (command == 'Q' || input.options->until_eof)
        SetEvent(stop_event);
    return 0;
}

static bool split_server_address(struct server_command *command)
{
    const char *address = command->options->address;

    if (!strchr(address, ':')) {
        command->port = strdup(address);
        if (command->port && is_port(address))
            return true;
    } else if (split_address(address, NULL, &command->host, &command->port)) {
        return true;
    }
    report("%s: not PORT, ADDRESS:PORT or [IPv6]:PORT", address);
    return false;
}

/* 0: what was given is no number of threads. */
static unsigned read_threads(const struct options *options)
{
    unsigned long long threads;
    const char *end;

    if (!options->threads)
        return 1;
    return read_number(options->threads, &end, MOST_THREADS, &threads) && !*end ? (unsigned)threads
                                                                                : 0;
}

static int run(struct server_command *command)
{
    const struct options *options = command->options;
    const struct server_counters *counters;
    const unsigned threads = read_threads(options);
    struct server_settings settings = {
        .credentials = &command->setup.credentials,
        .host = command->host,
        .port = command->port,
        .www = options->www,
        .threads = threads,
        .handshake_ms = options->timeout ? options->timeout * 1000 : DEFAULT_HANDSHAKE_MS,
        .renegotiate = options->renegotiate,
        .opened = log_opened,
        .renewed = log_renewed,
        .closed = log_closed,
        .data = &command->log,
    };
    struct server *server;

    if (!threads) {
        report("--threads: from 1 to %d", MOST_THREADS);
        return EXIT_USAGE;
    }
    if (options->www && *options->www && !is_directory(options->www)) {
        report("--www %s: no such directory", options->www);
        return EXIT_USAGE;
    }
    stop_event = CreateEventW(NULL, TRUE, FALSE, NULL);
    SetConsoleCtrlHandler(on_control, TRUE);
    server = server_start(&settings);
    if (!server)
        return EXIT_NETWORK;
    log_listening(&command->log, server_address(server));
    input.options = options;
    input.server = server;
    if (options->until_eof || options->commands)
        CloseHandle(CreateThread(NULL, 0, read_input, NULL, 0, NULL));
    WaitForSingleObject(stop_event, INFINITE);
    counters = server_counters(server);
    log_stopped(&command->log, counters);
    AcquireSRWLockExclusive(&input.lock);
    input.server = NULL;
    ReleaseSRWLockExclusive(&input.lock);
    server_stop(server);
    return EXIT_OK;
}

int server_main(const struct options *options)
{
    struct server_command command = {.options = options};
    int status = EXIT_USAGE;

    if (split_server_address(&command) && setup_make(&command.setup, options) &&
        log_begin(&command.log, options))
        status = options->dtls ? datagram_server(options, &command.setup.credentials, command.host,
                                                 command.port, &command.log)
                               : run(&command);

    setup_free(&command.setup);
    free(command.host);
    free(command.port);
    return status;
}
