/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sspitls client: connects, tells what was negotiated, then relays or makes one HTTP request.
 *
 * Relaying: a second thread reads standard input, encrypts and sends; this one receives and writes.
 * At the end of input our close_notify goes out and receiving goes on until the peer closes too.
 * What is received goes to standard output, everything else to standard error. With --commands a
 * line of input may be a command instead.
 */
#include "client/client.h"

#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/lines.h"
#include "base/output.h"
#include "client/datagramclient.h"
#include "client/httpget.h"
#include "client/proxy.h"
#include "client/starttls.h"
#include "client/tell.h"
#include "command/setup.h"
#include "tls/describe.h"
#include "tls/stream.h"

#define DEFAULT_TIMEOUT 30
#define SENDER_END_MS   5000

struct client {
    const struct options *options;
    const struct starttls *starttls; /* NULL: TLS from the beginning */
    struct proxy proxy;              /* without a host: none */
    char *host;
    char *port;
    struct tell tell;
    struct setup setup;
    struct output output;
};

static bool prepare(struct client *client)
{
    const struct options *options = client->options;

    if (options->starttls && !(client->starttls = starttls_find(options->starttls))) {
        report("--starttls: '%s' is none of %s", options->starttls, STARTTLS_NAMES);
        return false;
    }
    if (!split_address(options->address, client->starttls ? starttls_port(client->starttls) : "443",
                       &client->host, &client->port)) {
        report("%s: not HOST, HOST:PORT or [IPv6]:PORT", options->address);
        return false;
    }
    if (options->proxy && !proxy_parse(&client->proxy, options->proxy))
        return false;
    if (!setup_make(&client->setup, options) ||
        !tell_begin(&client->tell, options, client->host, client->port))
        return false;
    client->output.path = options->output;
    if (options->output && !can_create_file(options->output)) {
        report_system(options->output, GetLastError());
        return false;
    }
    return true;
}

static void clean_up(struct client *client)
{
    setup_free(&client->setup);
    output_close(&client->output);
    proxy_free(&client->proxy);
    free(client->host);
    free(client->port);
}

static int failure_status(const struct stream *stream)
{
    return stream->network_error || stream->truncated ? EXIT_NETWORK : EXIT_TLS;
}

struct sender {
    struct stream *stream;
    bool commands;
    volatile LONG input_ended;
};

/* Until the end of input; false when nothing can be sent any more. */
static bool send_bytes(struct stream *stream)
{
    HANDLE input = GetStdHandle(STD_INPUT_HANDLE);
    static unsigned char data[65536];
    DWORD got;

    while (ReadFile(input, data, sizeof(data), &got, NULL) && got) {
        if (!stream_send(stream, data, got))
            return false;
    }
    return true;
}

static void tell_later(struct stream *stream, enum stream_later what)
{
    switch (what) {
    case LATER_RENEGOTIATED:
        fprintf(stderr, "renegotiated\n");
        print_connection(stderr, &stream->tls, false);
        break;
    case LATER_DENIED:
        fprintf(stderr, "the peer does not renegotiate\n");
        break;
    case LATER_ANSWERED:
        fprintf(stderr, "the peer asked for a certificate or new keys, and got an answer\n");
        break;
    }
    fflush(stderr);
}

static void ask_for_new_keys(struct stream *stream)
{
    SECURITY_STATUS status = stream_renegotiate(stream);

    if (status == SEC_E_OK)
        fprintf(stderr, "asked for new keys\n");
    else if (status == SEC_I_NO_RENEGOTIATION)
        tell_later(stream, LATER_DENIED);
    else if (status != SEC_I_CONTINUE_NEEDED)
        report_status("asking for new keys", status);
}

/* Like send_bytes, where a line can be a command. */
static bool send_lines(struct stream *stream)
{
    struct lines lines = {.given = 0};
    const char *line;
    bool ok = true;
    size_t size;

    while (ok && (line = lines_next(&lines, &size))) {
        char command = lines_command(&lines);

        if (command == 'Q')
            break;
        if (command == 'R')
            ask_for_new_keys(stream);
        else
            ok = stream_send(stream, line, size);
    }
    lines_free(&lines);
    return ok;
}

static DWORD WINAPI send_input(void *argument)
{
    struct sender *sender = argument;
    struct stream *stream = sender->stream;

    if (!(sender->commands ? send_lines(stream) : send_bytes(stream)))
        return 1;
    InterlockedExchange(&sender->input_ended, TRUE);
    stream_shutdown(stream);
    return 0;
}

static __attribute__((noreturn)) void relay(struct client *client, struct stream *stream)
{
    struct sender sender = {stream, client->options->commands, FALSE};
    HANDLE thread = CreateThread(NULL, 0, send_input, &sender, 0, NULL);
    int status = EXIT_OK;
    unsigned char *data;
    enum tls_event event;
    size_t size;

    if (!client->options->quiet)
        stream->later = tell_later;
    while ((event = stream_receive(stream, &data, &size)) == TLS_DATA) {
        if (!output_write(&client->output, data, size)) {
            status = EXIT_DATA;
            break;
        }
    }
    if (event == TLS_CLOSED && !stream->truncated && !output_write(&client->output, NULL, 0))
        status = EXIT_DATA;
    if (event != TLS_DATA && (event != TLS_CLOSED || stream->truncated)) {
        stream_report(stream, "receiving");
        status = failure_status(stream);
    }
    /*
     * The sending thread still knows the stream, and may wait for a key for ever: the process has
     * to end with it. But not in the middle of what it does at the end of input.
     */
    if (sender.input_ended)
        WaitForSingleObject(thread, SENDER_END_MS);
    fflush(stderr);
    ExitProcess(status);
}

static int get(struct client *client, struct stream *stream)
{
    struct http_result result;
    enum http_outcome outcome = http_get(stream, client->options->http, client->host, client->port,
                                         &client->output, &result);

    if (outcome == HTTP_OK && !output_write(&client->output, NULL, 0))
        outcome = HTTP_CUT;
    if (client->output.failed)
        return EXIT_DATA;

    if (outcome == HTTP_STREAM_FAILED) {
        stream_report(stream, "receiving");
        return failure_status(stream);
    }
    if (outcome == HTTP_NOT_HTTP) {
        report("the answer is not HTTP");
        return EXIT_DATA;
    }
    if (outcome == HTTP_CUT) {
        report("the answer ends after %llu of %lld bytes", result.bytes, result.length);
        return EXIT_DATA;
    }
    tell_http(&client->tell, &result);
    return result.status < 400 ? EXIT_OK : EXIT_DATA;
}

/* What a TLS 1.3 server sends after the handshake, its ticket, comes before its close. */
static void receive_ticket(struct stream *stream)
{
    unsigned char *data;
    size_t size;

    stream_shutdown(stream);
    while (stream_receive(stream, &data, &size) == TLS_DATA)
        ;
}

/* All that comes before TLS; false after a line on stderr. */
static bool reach(struct client *client, struct stream *stream, DWORD timeout, const char *target,
                  struct phases *phases)
{
    const struct proxy *proxy = &client->proxy;
    const int error = stream_connect(stream, proxy->host ? proxy->host : client->host,
                                     proxy->host ? proxy->port : client->port, timeout);
    double start = clock_us();

    phases->name = stream->name_us;
    phases->connect = stream->connect_us;
    if (error) {
        report_system(proxy->host ? "the proxy" : client->options->address, error);
        return false;
    }
    if (proxy->host) {
        if (!proxy_ask(proxy, stream->socket, client->host, client->port))
            return false;
        phases->proxy = clock_us() - start;
        start = clock_us();
    }
    if (client->starttls) {
        if (!starttls_ask(client->starttls, stream->socket, target))
            return false;
        phases->starttls = clock_us() - start;
    }
    return true;
}

/* One connection; `last` is the one that data is exchanged on. */
static int connect_once(struct client *client, bool last)
{
    const struct options *options = client->options;
    const char *target = options->sni ? options->sni : client->host;
    DWORD timeout = (options->timeout ? options->timeout : DEFAULT_TIMEOUT) * 1000;
    struct phases phases = {0};
    struct stream stream;
    int status = EXIT_NETWORK;

    /* A person may think longer than any timeout; what must not hang is the rest. */
    if (!reach(client, &stream, timeout, target, &phases)) {
        tell_failure(&client->tell, NULL, &phases, status);
        goto done;
    }
    if (stream_handshake(&stream, &client->setup.credentials, target) != TLS_CONNECTED) {
        stream_report(&stream, "handshake");
        status = failure_status(&stream);
        tell_failure(&client->tell, &stream.tls, &phases, status);
        goto done;
    }
    tell_connection(&client->tell, &stream.tls, &phases);
    status = EXIT_OK;
    if (!last) {
        receive_ticket(&stream);
        goto done;
    }
    if (options->http) {
        status = get(client, &stream);
        goto done;
    }
    if (!options->timeout) {
        timeout = 0;
        setsockopt(stream.socket, SOL_SOCKET, SO_RCVTIMEO, (char *)&timeout, sizeof(timeout));
    }
    relay(client, &stream);
done:
    stream_close(&stream);
    return status;
}

int client_main(const struct options *options)
{
    struct client client = {.options = options};
    bool ready = prepare(&client);
    int status = EXIT_USAGE;

    if (ready && options->dtls) {
        status = datagram_client(&client.tell, &client.setup.credentials, &client.output);
    } else if (ready) {
        for (unsigned i = 0; i <= options->reconnect; i++) {
            if (i && !options->quiet && !options->json)
                fprintf(stderr, "\nreconnecting, %u of %u\n", i, options->reconnect);
            status = connect_once(&client, i == options->reconnect);
            if (status)
                break;
        }
    }
    clean_up(&client);
    return status;
}
