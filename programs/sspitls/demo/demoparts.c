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

/* "AES_256_GCM" of TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 and TLS_AES_256_GCM_SHA384. */
static void short_cipher(const char *suite, char *text, size_t size)
{
    const char *with = strstr(suite, "_WITH_"), *begin = with ? with + 6 : suite;
    const char *end;

    if (!with && !strncmp(begin, "TLS_", 4))
        begin += 4;
    end = strrchr(begin, '_');
    snprintf(text, size, "%.*s", end ? (int)(end - begin) : (int)strlen(begin), begin);
}

void demo_print_row(const char *who, const struct negotiated *negotiated, double handshake_us,
                    unsigned long long bytes, double seconds)
{
    char cipher[18];

    short_cipher(negotiated->suite, cipher, sizeof(cipher));
    printf("%-28s %-3s %-16s %-8s %-7s %6.1f %5.0f\n", who,
           negotiated->version + strcspn(negotiated->version, "0123456789"), cipher,
           negotiated->alpn[0] ? negotiated->alpn : "-", negotiated->resumed ? "resumed" : "new",
           handshake_us / 1000, (double)bytes / 1e6 / max(seconds, 1e-6));
    fflush(stdout);
}

bool demo_failed(struct demo *demo, const char *who, const char *what)
{
    printf("%-28s FAILED: %s\n", who, what);
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
