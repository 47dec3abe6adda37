/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * As JSON each connection is a line, before what is received through it, and an HTTP answer is one
 * more behind that.
 */
#include "client/tell.h"

#include <stdio.h>

#include "base/error.h"
#include "base/json.h"
#include "tls/describe.h"

bool tell_begin(struct tell *tell, const struct options *options, const char *host,
                const char *port)
{
    *tell = (struct tell){options, host, port, options->json ? json_open(options->json) : NULL};
    return tell->json || !options->json;
}

static void json_phase(struct json *json, const char *name, double us)
{
    if (us)
        json_number(json, name, us / 1000);
}

static void json_begin_connection(struct json *json, const struct tell *tell,
                                  const struct phases *phases, double handshake_us)
{
    json_begin(json, NULL, '{');
    json_text(json, "host", tell->host);
    json_text(json, "port", tell->port);
    json_begin(json, "ms", '{');
    json_phase(json, "name", phases->name);
    json_phase(json, "connect", phases->connect);
    json_phase(json, "proxy", phases->proxy);
    json_phase(json, "starttls", phases->starttls);
    json_phase(json, "handshake", handshake_us);
    json_end(json, '}');
}

static void print_phases(const struct phases *phases)
{
    const struct {
        const char *name;
        double us;
    } rows[] = {{"name", phases->name},
                {"connection", phases->connect},
                {"proxy", phases->proxy},
                {"STARTTLS", phases->starttls}};
    const char *separator = "time before:  ";

    for (size_t i = 0; i < ARRAYSIZE(rows); i++) {
        if (rows[i].us) {
            fprintf(stderr, "%s%s %.1f ms", separator, rows[i].name, rows[i].us / 1000);
            separator = ", ";
        }
    }
    if (*separator == ',')
        fprintf(stderr, "\n");
}

void tell_connection(const struct tell *tell, struct tls *tls, const struct phases *phases)
{
    struct json json = {.first = true};

    if (tell->json) {
        json_begin_connection(&json, tell, phases, tls->handshake_us);
        json_connection(&json, tls);
        json_end(&json, '}');
        json_write(&json, tell->json);
    } else if (!tell->options->quiet) {
        print_phases(phases);
        print_connection(stderr, tls, tell->options->showcerts);
    }
}

void tell_failure(const struct tell *tell, struct tls *tls, const struct phases *phases,
                  int exit_status)
{
    struct json json = {.first = true};

    if (!tell->json) {
        if (tls)
            print_refused(stderr, tls, tell->options->showcerts);
        return;
    }
    json_begin_connection(&json, tell, phases, 0);
    json_text(&json, "error", reported_first());
    json_number(&json, "exit_status", exit_status);
    if (tls)
        json_refused(&json, tls);
    json_end(&json, '}');
    json_write(&json, tell->json);
}

void tell_http(const struct tell *tell, const struct http_result *result)
{
    const double seconds = max(result->seconds, 1e-6);
    struct json json = {.first = true};

    if (tell->json) {
        json_begin(&json, NULL, '{');
        json_number(&json, "http_status", result->status);
        json_number(&json, "bytes", (double)result->bytes);
        json_number(&json, "first_byte_ms", result->first_byte_us / 1000);
        json_number(&json, "seconds", result->seconds);
        json_end(&json, '}');
        json_write(&json, tell->json);
    } else if (!tell->options->quiet) {
        fprintf(stderr, "HTTP %u, %llu bytes in %.3f s, %.1f MB/s, the first after %.1f ms\n",
                result->status, result->bytes, result->seconds,
                (double)result->bytes / 1e6 / seconds, result->first_byte_us / 1000);
    }
}
