/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sspitls demo: everything over real sockets on the loopback interface.
 *
 * First both ends in this process, for each kind of key and each version, with a second connection
 * that resumes the first one's session; then with programs that know nothing of SSPI
 * (demo/demopeers.c).
 * Every byte that is exchanged is checked.
 */
#include "demo/demo.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/pattern.h"
#include "demo/demoparts.h"
#include "demo/demopeers.h"

#define CHUNK 65536

/* Servers -------------------------------------------------------------------------------------- */

static void connection_closed(void *data, const struct connection_report *report)
{
    struct demo_server *server = data;

    AcquireSRWLockExclusive(&server->lock);
    server->last = *report;
    server->closed_count++;
    WakeAllConditionVariable(&server->closed);
    ReleaseSRWLockExclusive(&server->lock);
}

static bool start_server(struct demo *demo, struct demo_server *server, enum key_kind kind,
                         const char *www)
{
    struct tls_settings tls = {
        .server = true,
        .sync = demo->options->sync,
        .alpn = "http/1.1,demo",
        .certificates = &demo->identities[kind].certificate,
        .certificate_count = 1,
    };
    SECURITY_STATUS status = tls_credentials_acquire(&server->credentials, &tls);

    if (status != SEC_E_OK) {
        report_status("the server's credentials", status);
        return false;
    }
    InitializeSRWLock(&server->lock);
    InitializeConditionVariable(&server->closed);
    server->settings = (struct server_settings){
        .credentials = &server->credentials,
        .port = "0",
        .www = www,
        .threads = 1,
        .handshake_ms = DEMO_TIMEOUT_MS,
        .closed = connection_closed,
        .data = server,
    };
    server->server = server_start(&server->settings);
    return server->server != NULL;
}

static void stop_server(struct demo_server *server)
{
    if (server->server)
        server_stop(server->server);
    tls_credentials_free(&server->credentials);
}

/* The table ------------------------------------------------------------------------------------ */

static void print_heading(void)
{
    printf("%-28s %-3s %-16s %-8s %-7s %6s %5s\n", "connection", "TLS", "cipher", "ALPN", "session",
           "ms", "MB/s");
    fflush(stdout);
}

/* Both ends here ------------------------------------------------------------------------------- */

struct sender {
    struct stream *stream;
    unsigned long long total;
    bool ok;
};

static DWORD WINAPI send_pattern(void *argument)
{
    struct sender *sender = argument;
    static __thread unsigned char data[CHUNK];
    unsigned long long sent = 0;
    size_t now;

    sender->ok = true;
    while (sender->ok && sent < sender->total) {
        now = (size_t)min((unsigned long long)CHUNK, sender->total - sent);
        pattern_fill(data, sent, now);
        sender->ok = stream_send(sender->stream, data, now);
        sent += now;
    }
    return 0;
}

/* Sends the pattern to the echo server and checks what comes back meanwhile. */
static const char *exchange(struct stream *stream, unsigned long long total, double *seconds)
{
    struct sender sender = {stream, total, false};
    HANDLE thread = CreateThread(NULL, 0, send_pattern, &sender, 0, NULL);
    unsigned long long received = 0;
    const char *problem = NULL;
    enum tls_event event;
    double start = clock_us();
    unsigned char *data;
    size_t size;

    if (!thread)
        return "no thread";
    while (!problem && received < total) {
        event = stream_receive(stream, &data, &size);
        if (event != TLS_DATA)
            problem = "the echo ended too early";
        else if (!pattern_matches(data, received, size))
            problem = "the echo differs from what was sent";
        else
            received += size;
    }
    if (problem)
        shutdown(stream->socket, SD_BOTH);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    *seconds = (clock_us() - start) / 1e6;
    if (!problem && !sender.ok)
        problem = "sending failed";
    if (!problem && (!stream_shutdown(stream) ||
                     stream_receive(stream, &data, &size) != TLS_CLOSED || stream->truncated))
        problem = "the connection was not closed properly";
    return problem;
}

static bool one_connection(struct demo *demo, struct demo_server *server, const char *who,
                           const struct tls_credentials *credentials, bool resumed)
{
    unsigned long long total = demo->megabytes * 1000000ull;
    struct negotiated negotiated;
    struct stream stream;
    const char *problem;
    double seconds;

    if (!demo_connect(demo, &stream, server_port(server->server), who, credentials)) {
        stream_close(&stream);
        return false;
    }
    describe_connection(&stream.tls, &negotiated);
    problem = exchange(&stream, total, &seconds);
    if (!problem && negotiated.resumed != resumed)
        problem = resumed ? "the session was not resumed" : "resumed a session never seen before";
    if (problem)
        demo_failed(demo, who, problem);
    else
        demo_print_row(who, &negotiated, stream.tls.handshake_us, 2 * total, seconds);
    stream_close(&stream);
    return !problem;
}

static void both_ends(struct demo *demo, enum key_kind kind, unsigned version)
{
    struct tls_settings settings = {
        .sync = demo->options->sync,
        .versions = version,
        .alpn = "demo",
        .roots = demo->roots,
    };
    struct tls_credentials credentials;
    char who[32];
    SECURITY_STATUS status = tls_credentials_acquire(&credentials, &settings);

    snprintf(who, sizeof(who), "sspitls -> sspitls, %s", kind == KEY_RSA ? "RSA-2048" : "P-256");
    if (status != SEC_E_OK) {
        report_status(who, status);
        demo_failed(demo, who, "the client's credentials");
        return;
    }
    if (one_connection(demo, &demo->echo[kind], who, &credentials, false))
        one_connection(demo, &demo->echo[kind], who, &credentials, true);
    tls_credentials_free(&credentials);
}

/* The command ---------------------------------------------------------------------------------- */

static bool prepare(struct demo *demo)
{
    demo->roots = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, CERT_STORE_CREATE_NEW_FLAG, NULL);
    for (enum key_kind kind = KEY_RSA; kind <= KEY_P256; kind++) {
        if (!identity_make(&demo->identities[kind], kind, 1))
            return false;
        CertAddEncodedCertificateToStore(
            demo->roots, X509_ASN_ENCODING, demo->identities[kind].certificate->pbCertEncoded,
            demo->identities[kind].certificate->cbCertEncoded, CERT_STORE_ADD_ALWAYS, NULL);
        if (!start_server(demo, &demo->echo[kind], kind, NULL) ||
            !start_server(demo, &demo->www[kind], kind, ""))
            return false;
    }
    return true;
}

static void clean_up(struct demo *demo)
{
    for (enum key_kind kind = KEY_RSA; kind <= KEY_P256; kind++) {
        stop_server(&demo->echo[kind]);
        stop_server(&demo->www[kind]);
        identity_free(&demo->identities[kind]);
    }
    if (demo->roots)
        CertCloseStore(demo->roots, 0);
}

int demo_main(const struct options *options)
{
    struct demo demo = {.options = options};

    demo.megabytes = options->megabytes ? options->megabytes : 4;
    if (!prepare(&demo)) {
        clean_up(&demo);
        return EXIT_TLS;
    }
    printf("TLS through SSPI, %s, %u MB per connection and direction, all data\n"
           "checked; ms: how long the handshake took\n\n",
           options->sync ? "synchronous" : "asynchronous", demo.megabytes);
    print_heading();
    for (enum key_kind kind = KEY_RSA; kind <= KEY_P256; kind++) {
        both_ends(&demo, kind, TLS_1_3);
        both_ends(&demo, kind, TLS_1_2);
    }
    if (!options->no_peers)
        demo_peers(&demo);
    clean_up(&demo);
    if (demo.failures)
        printf("\n%u connections failed\n", demo.failures);
    else
        printf("\nall connections worked\n");
    return demo.failures ? EXIT_TLS : EXIT_OK;
}
