/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzz target: what sspitls reads, where it is only looked at: requests and responses of HTTP, the
 * command line, lines of input, certificates in PEM form, alerts among records.
 *
 * The first byte chooses the subject, the rest is read by it. All memory that a subject gets has
 * exactly its size, so that a sanitizer sees any byte read beyond it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/buffer.h"
#include "base/lines.h"
#include "bench/threads.h"
#include "certificates/pem.h"
#include "client/response.h"
#include "command/options.h"
#include "server/request.h"
#include "tls/alpn.h"
#include "tls/cause.h"
#include "fuzz/shared/require.h"
#include "fuzz/sspitls/system.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum subject {
    SUBJECT_REQUEST,
    SUBJECT_RESPONSE,
    SUBJECT_ARGUMENTS,
    SUBJECT_LINES,
    SUBJECT_PEM,
    SUBJECT_ALERT,
    SUBJECT_COUNT
};

#define MOST_ARGUMENTS 12

static char *copy(const uint8_t *data, size_t size)
{
    char *memory = malloc(size + !size);

    require(memory != NULL, "memory");
    if (size)
        memcpy(memory, data, size);
    return memory;
}

/* With a NUL behind it. */
static char *copy_text(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    require(text != NULL, "memory");
    if (size)
        memcpy(text, data, size);
    text[size] = 0;
    return text;
}

/* Byte by byte, as the server collects it, and one after the other. */
static void try_requests(const uint8_t *data, size_t size)
{
    struct request request;
    size_t start = 0, length;

    for (size_t i = 0; i < size; i++) {
        char *seen = copy(data + start, i + 1 - start), *text;

        length = request_header((unsigned char *)seen, i + 1 - start);
        require(length <= i + 1 - start, "a header in what there is");
        free(seen);
        if (!length)
            continue;
        text = copy_text(data + start, length);
        if (request_parse(&request, text, length)) {
            require(request.path[0] == '/', "a path begins with a slash");
            require(!strpbrk(request.method, " \n") && !strpbrk(request.path, " \n"), "words");
            require(request.length <= REQUEST_MOST, "a length that can be");
            require(!request_is_inside(request.path) || !strstr(request.path, "/../"),
                    "a path that stays where it is");
        }
        free(text);
        start = i + 1;
    }
}

/* In pieces of a size that the first byte names. */
static void try_response(const uint8_t *data, size_t size)
{
    const size_t piece = size ? data[0] + 1u : 1;
    struct response response;
    size_t length = 0, whole, seen = 0, now;
    char *text;

    data += size != 0;
    size -= size != 0;
    whole = response_header(data, size, 0);
    while (!length && seen < size) {
        now = size - seen < piece ? size : seen + piece;
        text = copy(data, now);
        length = response_header((unsigned char *)text, now, seen);
        free(text);
        seen = now;
    }
    require(length == whole, "a header is found however it comes");
    if (!length)
        return;
    text = copy(data, length);
    if (response_parse(&response, text, length)) {
        require(response.status >= 100 && response.status <= 999, "a status of three digits");
        require(response.length >= -1, "a length or none");
    }
    free(text);
}

static void try_values(const struct options *options)
{
    unsigned char list[64], *exact;
    unsigned int threads[BENCH_MAX_THREADS];
    char *host, *port;
    const char *usual = options->sync ? "443" : NULL;
    size_t size;

    if (options->address && split_address(options->address, usual, &host, &port)) {
        require(*host && is_port(port), "a host and a port");
        free(host);
        free(port);
    } else if (options->address) {
        free(host);
        free(port);
    }
    if (options->alpn && (size = alpn_build(options->alpn, list, sizeof(list)))) {
        exact = malloc(size);
        require(exact && size <= sizeof(list), "a list that fits");
        require(alpn_build(options->alpn, exact, size) == size, "the size that is needed");
        free(exact);
    }
    require(bench_parse_threads(options->threads, threads) <= BENCH_MAX_THREADS, "threads");
}

/* Arguments end with a NUL each. */
static void try_arguments(const uint8_t *data, size_t size)
{
    char *arguments[MOST_ARGUMENTS + 1] = {NULL};
    struct options options;
    int count = 0, status = -1;
    size_t length;
    bool good;

    arguments[count++] = copy_text((const uint8_t *)"sspitls", 7);
    while (size && count < MOST_ARGUMENTS) {
        length = strnlen((const char *)data, size);
        arguments[count++] = copy_text(data, length);
        length += length < size;
        data += length;
        size -= length;
    }
    system_lines_said();
    good = options_parse(&options, count, arguments, &status);
    require(good || status == EXIT_OK || system_lines_said(), "what is wrong is said");
    if (good)
        try_values(&options);
    for (int i = 0; i < count; i++)
        free(arguments[i]);
}

static void try_lines(const uint8_t *data, size_t size)
{
    const size_t piece = size ? data[0] + 1u : 1;
    struct lines lines = {.given = 0};
    size_t length, all = 0;
    const char *line;
    char command;

    data += size != 0;
    size -= size != 0;
    system_set_input(data, size, piece);
    while ((line = lines_next(&lines, &length))) {
        require(length && all + length <= size && !memcmp(line, data + all, length),
                "lines are what came");
        command = lines_command(&lines);
        require(!command || (line[0] == command && (!all || data[all - 1] == '\n')),
                "a command is a line of its own");
        all += length;
    }
    require(all == size, "nothing is lost");
    lines_free(&lines);
}

/* Of root certificates: what Windows decodes is only copied here. */
static void try_pem(const uint8_t *data, size_t size)
{
    struct buffer text = {0};

    if (buffer_append(&text, data, size) && is_pem(&text))
        require(pem_certificates(&text, NULL) <= size / 52, "certificates have lines around them");
    buffer_free(&text);
}

static void try_alert(const uint8_t *data, size_t size)
{
    static const LONG statuses[] = {SEC_E_ILLEGAL_MESSAGE, SEC_E_UNTRUSTED_ROOT,
                                    SEC_E_UNSUPPORTED_FUNCTION, SEC_E_INVALID_TOKEN};
    const uint8_t choice = size ? data[0] : 0;
    char *input, text[CAUSE_TEXT];
    unsigned int cause;

    data += size != 0;
    size -= size != 0;
    input = copy(data, size);
    cause = cause_of_leg(statuses[choice & 3], choice & 4, (unsigned char *)input, size,
                         choice & 8 ? 13 : 5);
    require(cause <= CAUSE_VERSION, "an alert has a number");
    require(strlen(cause_text(statuses[choice & 3], cause, text)) < CAUSE_TEXT, "text that fits");
    cause_report("fuzz", statuses[choice & 3], cause);
    free(input);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const subjects[])(const uint8_t *data, size_t size) = {
        [SUBJECT_REQUEST] = try_requests,
        [SUBJECT_RESPONSE] = try_response,
        [SUBJECT_ARGUMENTS] = try_arguments,
        [SUBJECT_LINES] = try_lines,
        [SUBJECT_PEM] = try_pem,
        [SUBJECT_ALERT] = try_alert,
    };

    if (size)
        subjects[data[0] % SUBJECT_COUNT](data + 1, size - 1);
    return 0;
}
