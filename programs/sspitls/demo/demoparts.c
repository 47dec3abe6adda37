/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connections of the demonstration and their rows in its table. */
#include "demo/demoparts.h"

#include <stdio.h>

#include "base/error.h"

bool demo_wait_closed(struct demo_server *server, unsigned count, struct connection_report *report)
{
    bool ok = true;

    AcquireSRWLockExclusive(&server->lock);
    while (ok && server->closed_count < count)
        ok = SleepConditionVariableSRW(&server->closed, &server->lock, DEMO_TIMEOUT_MS, 0);
    *report = server->last;
    ReleaseSRWLockExclusive(&server->lock);
    return ok;
}

void demo_print_row(const char *who, const struct negotiated *negotiated, double handshake_us,
                    unsigned long long bytes, double seconds)
{
    printf("%-31s %-8s %-39s %-8s %-8s %7.1f ms %9.1f\n", who, negotiated->version,
           negotiated->suite, negotiated->alpn[0] ? negotiated->alpn : "-",
           negotiated->resumed ? "resumed" : "new", handshake_us / 1000,
           (double)bytes / 1e6 / max(seconds, 1e-6));
    fflush(stdout);
}

bool demo_failed(struct demo *demo, const char *who, const char *what)
{
    printf("%-31s FAILED: %s\n", who, what);
    fflush(stdout);
    demo->failures++;
    return false;
}

bool demo_connect(struct demo *demo, struct stream *stream, unsigned short port, const char *who,
                  const struct tls_credentials *credentials)
{
    char text[8];
    int error;

    snprintf(text, sizeof(text), "%u", port);
    error = stream_connect(stream, "127.0.0.1", text, DEMO_TIMEOUT_MS);
    if (error) {
        report_system(who, error);
        return demo_failed(demo, who, "no connection");
    }
    if (stream_handshake(stream, credentials, "localhost") == TLS_CONNECTED)
        return true;
    stream_report(stream, who);
    return demo_failed(demo, who, "handshake");
}
