/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sspitls: a TLS client, server, demonstration and benchmark over SSPI. */
#include <winsock2.h>
#include <windows.h>
#include <fcntl.h>
#include <io.h>
#include <shellapi.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "bench/bench.h"
#include "client/client.h"
#include "command/options.h"
#include "demo/demo.h"
#include "server/servercommand.h"

/* The command line as UTF-8; lives as long as the process. */
static char **utf8_arguments(int *count)
{
    WCHAR **wide = CommandLineToArgvW(GetCommandLineW(), count);
    char **arguments = calloc(*count + 1, sizeof(*arguments));
    int size;

    for (int i = 0; wide && arguments && i < *count; i++) {
        size = WideCharToMultiByte(CP_UTF8, 0, wide[i], -1, NULL, 0, NULL, NULL);
        arguments[i] = malloc(size);
        if (!arguments[i])
            return NULL;
        WideCharToMultiByte(CP_UTF8, 0, wide[i], -1, arguments[i], size, NULL, NULL);
    }
    LocalFree(wide);
    return arguments;
}

static int run(const struct options *options)
{
    switch (options->command) {
    case COMMAND_CLIENT:
        return client_main(options);
    case COMMAND_SERVER:
        return server_main(options);
    case COMMAND_DEMO:
        return demo_main(options);
    default:
        return bench_main(options);
    }
}

int main(void)
{
    struct options options;
    char **arguments;
    int count = 0, status;
    WSADATA data;

    /* What is relayed must arrive as it was sent. */
    _setmode(0, _O_BINARY);
    _setmode(1, _O_BINARY);
    _setmode(2, _O_BINARY);
    arguments = utf8_arguments(&count);
    if (!arguments)
        return EXIT_USAGE;
    if (!options_parse(&options, count, arguments, &status)) {
        fflush(stdout);
        return status;
    }
    if (WSAStartup(MAKEWORD(2, 2), &data)) {
        report("no network: WSAStartup failed");
        return EXIT_NETWORK;
    }
    status = run(&options);
    fflush(stdout);
    return status;
}
