/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A line is one call, so that lines of several loops do not mix. */
#include "server/log.h"

#include <string.h>

#include "base/error.h"
#include "tls/cause.h"

bool log_begin(struct log *log, const struct options *options)
{
    *log = (struct log){options->json ? json_open(options->json) : stdout, options->json != NULL,
                        options->quiet};
    return log->file != NULL;
}

static void write_json(const struct log *log, struct json *json)
{
    json_end(json, '}');
    json_write(json, log->file);
}

static void begin_json(struct json *json, const char *event)
{
    *json = (struct json){.first = true};
    json_begin(json, NULL, '{');
    json_text(json, "event", event);
}

static void begin_connection(struct json *json, const char *event,
                             const struct connection_report *report)
{
    begin_json(json, event);
    json_number(json, "connection", report->id);
    json_text(json, "peer", report->peer);
}

/* The first line, on standard output in any case: somebody waits for it. */
void log_listening(const struct log *log, const char *address)
{
    struct json json;

    if (!log->json || log->file != stdout) {
        printf("listening on %s\n", address);
        fflush(stdout);
    }
    if (log->json) {
        begin_json(&json, "listening");
        json_text(&json, "address", address);
        write_json(log, &json);
    }
}

void log_stopped(const struct log *log, const struct server_counters *counters)
{
    struct json json;

    if (log->json) {
        begin_json(&json, "stopped");
        json_number(&json, "connections", counters->accepted);
        json_number(&json, "handshakes", counters->handshakes);
        json_number(&json, "resumed", counters->resumed);
        json_number(&json, "failed", counters->failed);
        write_json(log, &json);
        return;
    }
    fprintf(log->file, "%ld connections, %ld handshakes (%ld resumed), %ld failed\n",
            (long)counters->accepted, (long)counters->handshakes, (long)counters->resumed,
            (long)counters->failed);
    fflush(log->file);
}

void log_opened(void *data, const struct connection_report *report)
{
    const struct negotiated *negotiated = &report->negotiated;
    const struct log *log = data;
    struct json json;

    if (log->json) {
        begin_connection(&json, "opened", report);
        json_negotiated(&json, negotiated);
        json_number(&json, "handshake_ms", report->handshake_us / 1000);
        json_text(&json, "certificate", negotiated->peer[0] ? negotiated->peer : NULL);
        write_json(log, &json);
    } else if (!log->quiet) {
        fprintf(log->file, "#%u %s %s %s%s%s %s, handshake %.1f ms%s%s\n", report->id, report->peer,
                negotiated->version, negotiated->suite, negotiated->alpn[0] ? " " : "",
                negotiated->alpn, negotiated->resumed ? "resumed" : "new",
                report->handshake_us / 1000, negotiated->peer[0] ? ", " : "", negotiated->peer);
        fflush(log->file);
    }
}

void log_renewed(void *data, const struct connection_report *report, SECURITY_STATUS status)
{
    const struct negotiated *negotiated = &report->negotiated;
    const struct log *log = data;
    struct json json;

    if (log->json) {
        begin_connection(&json, "renewed", report);
        json_negotiated(&json, negotiated);
        json_text(&json, "certificate", negotiated->peer[0] ? negotiated->peer : NULL);
        json_text(&json, "refused", status == SEC_E_OK ? NULL : error_text(status));
        write_json(log, &json);
        return;
    }
    if (log->quiet)
        return;
    if (status == SEC_E_OK)
        fprintf(log->file, "#%u %s %s: %s %s, %s\n", report->id, report->peer,
                strcmp(negotiated->version, "TLS 1.3") ? "renegotiated" : "answered",
                negotiated->version, negotiated->suite,
                negotiated->peer[0] ? negotiated->peer : "no certificate");
    else
        fprintf(log->file, "#%u %s does not renegotiate: %s\n", report->id, report->peer,
                error_text(status));
    fflush(log->file);
}

void log_closed(void *data, const struct connection_report *report)
{
    const bool failed = report->problem && report->status != SEC_E_OK;
    const struct log *log = data;
    char text[CAUSE_TEXT] = "";
    struct json json;

    if (failed)
        cause_text(report->status, report->cause, text);
    if (log->json) {
        begin_connection(&json, "closed", report);
        json_number(&json, "received", (double)report->received);
        json_number(&json, "sent", (double)report->sent);
        json_text(&json, "problem", report->problem);
        json_text(&json, "error", failed ? text : NULL);
        write_json(log, &json);
        return;
    }
    if (report->problem)
        fprintf(log->file, "#%u %s %s%s%s\n", report->id, report->peer, report->problem,
                failed ? ": " : "", text);
    else if (!log->quiet)
        fprintf(log->file, "#%u %s closed, received %llu, sent %llu bytes\n", report->id,
                report->peer, report->received, report->sent);
    fflush(log->file);
}
