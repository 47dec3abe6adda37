/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The demonstration's second half: connections with openssl and curl, in both directions. */
#include "demo/demopeers.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/pattern.h"
#include "certificates/pem.h"
#include "client/httpget.h"
#include "demo/peer.h"

#define PEER_SECONDS 60

static const char *option_for(unsigned version, const char *tls13, const char *tls12)
{
    return version == TLS_1_3 ? tls13 : tls12;
}

/* Prints what the peer said on its way out. */
static void print_peer_errors(const struct peer_directory *directory, const char *name)
{
    struct buffer content = {0};

    if (peer_read(directory, name, "err", &content) && content.size)
        fprintf(stderr, "%s said:\n%s\n", name, content.data);
    buffer_free(&content);
}

/* openssl s_server ----------------------------------------------------------------------------- */

struct check {
    unsigned long long offset;
    bool ok;
};

static bool check_piece(void *data, const unsigned char *piece, size_t size)
{
    struct check *check = data;

    check->ok = check->ok && pattern_matches(piece, check->offset, size);
    check->offset += size;
    return check->ok;
}

static bool write_pattern_file(const struct peer_directory *directory, const char *name,
                               unsigned long long size)
{
    struct buffer data = {0};
    char path[MAX_PATH];
    bool ok = buffer_reserve(&data, (size_t)size);

    if (ok) {
        pattern_fill(data.data, 0, (size_t)size);
        peer_path(directory, name, path);
        ok = write_file(path, data.data, (size_t)size);
    }
    buffer_free(&data);
    return ok;
}

/* The port that s_server says it listens on, 0 when it does not come up. */
static unsigned short wait_for_port(const struct peer_directory *directory, const char *name)
{
    static const char word[] = "ACCEPT 127.0.0.1:";
    struct buffer content = {0};
    unsigned short port = 0;
    const char *found;

    for (unsigned tries = 0; !port && tries < 500; tries++) {
        if (peer_read(directory, name, "out", &content) &&
            (found = strstr((char *)content.data, word)) && strchr(found, '\n'))
            port = (unsigned short)atoi(found + sizeof(word) - 1);
        else if (peer_wait(directory, name, 0) >= 0)
            break;
        else
            Sleep(20);
    }
    buffer_free(&content);
    return port;
}

static void fetch(struct demo *demo, unsigned short port, const char *who, unsigned version)
{
    struct tls_settings settings = {
        .sync = demo->options->sync,
        .versions = version,
        .alpn = "http/1.1",
        .roots = demo->roots,
    };
    struct tls_credentials credentials;
    struct check check = {0, true};
    struct http_result result;
    struct negotiated negotiated;
    struct stream stream;
    enum http_outcome outcome;
    SECURITY_STATUS status = tls_credentials_acquire(&credentials, &settings);

    if (status != SEC_E_OK) {
        report_status(who, status);
        demo_failed(demo, who, "the client's credentials");
        return;
    }
    if (demo_connect(demo, &stream, port, who, &credentials)) {
        describe_connection(&stream.tls, &negotiated);
        outcome = http_request(&stream, "/data.bin", "localhost", check_piece, &check, &result);
        if (outcome == HTTP_STREAM_FAILED)
            stream_report(&stream, who);
        if (outcome != HTTP_OK || !check.ok || check.offset != demo->megabytes * 1000000ull)
            demo_failed(demo, who, "the file did not arrive whole");
        else
            demo_print_row(who, &negotiated, stream.tls.handshake_us, check.offset, result.seconds);
    }
    stream_close(&stream);
    tls_credentials_free(&credentials);
}

static void openssl_server(struct demo *demo, const struct peer_directory *directory)
{
    static const char name[] = "s_server", who[] = "sspitls -> openssl s_server";
    unsigned short port;

    if (!peer_start(directory, name,
                    "openssl s_server -accept 127.0.0.1:0 -cert p256.pem -key p256.key -alpn "
                    "http/1.1 -WWW",
                    PEER_SECONDS)) {
        demo_failed(demo, who, "cannot be started");
        return;
    }
    port = wait_for_port(directory, name);
    if (port) {
        fetch(demo, port, who, TLS_1_3);
        fetch(demo, port, who, TLS_1_2);
    } else {
        demo_failed(demo, who, "openssl does not come up; is it installed?");
        print_peer_errors(directory, name);
    }
    peer_stop(directory, name);
}

/* openssl s_client and curl -------------------------------------------------------------------- */

/* The end of the peer's output is the pattern, the whole pattern, and nothing is behind it. */
static bool output_ends_with_pattern(const struct peer_directory *directory, const char *name,
                                     unsigned long long size)
{
    struct buffer content = {0};
    bool ok = peer_read(directory, name, "out", &content) && content.size >= size &&
              pattern_matches(content.data + content.size - size, 0, (size_t)size);

    buffer_free(&content);
    return ok;
}

/* Runs a peer that fetches the pattern from our server, and prints the server's view of it. */
static void serve_peer(struct demo *demo, const struct peer_directory *directory,
                       struct demo_server *server, const char *name, const char *who,
                       const char *program, const char *command)
{
    unsigned long long size = demo->megabytes * 1000000ull;
    struct connection_report report;
    unsigned closed = server->closed_count;
    char problem[64];
    int status;

    if (!peer_start(directory, name, command, PEER_SECONDS)) {
        demo_failed(demo, who, "cannot be started");
        return;
    }
    status = peer_wait(directory, name, PEER_SECONDS + 5);
    if (status) {
        snprintf(problem, sizeof(problem),
                 status == 127 ? "%s is not installed" : "%s ended with status %d", program,
                 status);
        demo_failed(demo, who, problem);
        print_peer_errors(directory, name);
        peer_stop(directory, name);
    } else if (!output_ends_with_pattern(directory, name, size)) {
        demo_failed(demo, who, "the data did not arrive whole");
    } else if (!demo_wait_closed(server, closed + 1, &report) || !report.connected) {
        demo_failed(demo, who, "the server saw no connection");
    } else {
        demo_print_row(who, &report.negotiated, report.handshake_us, size, report.seconds);
    }
}

static void openssl_client(struct demo *demo, const struct peer_directory *directory,
                           unsigned version)
{
    const char *name = option_for(version, "s_client-13", "s_client-12");
    struct demo_server *server = &demo->www[KEY_P256];
    char command[512], request[128], file[32], path[MAX_PATH];

    snprintf(request, sizeof(request), "GET /bytes/%llu HTTP/1.0\r\n\r\n",
             demo->megabytes * 1000000ull);
    snprintf(file, sizeof(file), "%s.in", name);
    peer_path(directory, file, path);
    write_file(path, request, strlen(request));
    snprintf(command, sizeof(command),
             "openssl s_client -connect 127.0.0.1:%u -servername localhost -CAfile roots.pem "
             "-verify_hostname localhost -verify_return_error -quiet -ign_eof %s",
             server_port(server->server), option_for(version, "-tls1_3", "-tls1_2"));
    serve_peer(demo, directory, server, name, "openssl s_client -> sspitls", "openssl", command);
}

static void curl(struct demo *demo, const struct peer_directory *directory, unsigned version)
{
    const char *name = option_for(version, "curl-13", "curl-12");
    struct demo_server *server = &demo->www[KEY_RSA];
    char command[512];

    snprintf(command, sizeof(command),
             "curl -q --silent --show-error --fail --noproxy '*' --cacert roots.pem %s --resolve "
             "localhost:%u:127.0.0.1 https://localhost:%u/bytes/%llu",
             option_for(version, "--tlsv1.3", "--tls-max 1.2"), server_port(server->server),
             server_port(server->server), demo->megabytes * 1000000ull);
    serve_peer(demo, directory, server, name, "curl -> sspitls", "curl", command);
}

/* ---------------------------------------------------------------------------------------------- */

/* Files the peers need: the servers' certificates to trust, a key pair, data to serve. */
static bool write_files(struct demo *demo, const struct peer_directory *directory)
{
    char rsa[MAX_PATH], p256[MAX_PATH], key[MAX_PATH], roots[MAX_PATH];
    struct buffer text = {0};
    bool ok;

    peer_path(directory, "rsa.pem", rsa);
    peer_path(directory, "p256.pem", p256);
    peer_path(directory, "p256.key", key);
    peer_path(directory, "roots.pem", roots);
    ok = pem_save_certificate(demo->identities[KEY_RSA].certificate, rsa) &&
         pem_save_certificate(demo->identities[KEY_P256].certificate, p256) &&
         pem_save_key(demo->identities[KEY_P256].certificate, key) &&
         read_file(rsa, 65536, &text) && read_file(p256, 65536, &text) &&
         write_file(roots, text.data, text.size) &&
         write_pattern_file(directory, "data.bin", demo->megabytes * 1000000ull);
    buffer_free(&text);
    return ok;
}

void demo_peers(struct demo *demo)
{
    struct peer_directory directory;

    if (!peer_directory_create(&directory, demo->options->peers)) {
        demo->failures++;
        return;
    }
    if (write_files(demo, &directory)) {
        openssl_server(demo, &directory);
        openssl_client(demo, &directory, TLS_1_3);
        openssl_client(demo, &directory, TLS_1_2);
        curl(demo, &directory, TLS_1_3);
        curl(demo, &directory, TLS_1_2);
    } else {
        demo_failed(demo, "openssl, curl", "their files cannot be written");
    }
    peer_directory_remove(&directory);
}
