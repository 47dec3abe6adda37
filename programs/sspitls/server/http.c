/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * HTTP/1.1 as far as a test server needs it: GET and HEAD of a status page, of generated data and
 * of files; POST /echo.
 *
 * A connection is in one of three phases: it collects a request header, it takes a request body, or
 * it produces a response body. Requests may follow each other without waiting; the bytes of the
 * next one are not taken before the response to the last one is out.
 */
#include "server/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/pattern.h"
#include "base/text.h"
#include "server/request.h"

#define HEADER_LIMIT 8192
#define CHUNK        16384

#define BYTES "application/octet-stream"

enum phase { COLLECT_HEADER, ECHO_BODY, DISCARD_BODY, SEND_PATTERN, SEND_FILE };

struct http {
    const char *directory;
    enum phase phase;
    struct buffer header;
    struct buffer unsent; /* the response's header, until it goes with the first of the body */
    unsigned long long remaining; /* of the body in either direction */
    unsigned long long offset;
    HANDLE file;
    bool head_only;
    bool keep_alive;
};

static void *http_create(const struct server_settings *settings)
{
    struct http *http = calloc(1, sizeof(*http));

    if (http) {
        http->directory = settings->www;
        http->file = INVALID_HANDLE_VALUE;
    }
    return http;
}

static void close_file(struct http *http)
{
    if (http->file != INVALID_HANDLE_VALUE)
        CloseHandle(http->file);
    http->file = INVALID_HANDLE_VALUE;
}

static void http_free(void *state)
{
    struct http *http = state;

    close_file(http);
    buffer_free(&http->header);
    buffer_free(&http->unsent);
    free(http);
}

/* Responses ------------------------------------------------------------------------------------ */

static void make_header(struct http *http, const char *status, const char *type,
                        unsigned long long length)
{
    buffer_printf(&http->unsent,
                  "HTTP/1.1 %s\r\nServer: sspitls\r\nContent-Type: %s\r\nContent-Length: %llu\r\n"
                  "Connection: %s\r\n\r\n",
                  status, type, length, http->keep_alive ? "keep-alive" : "close");
}

/* Sends a piece of the body, behind the header if that is still here. */
static bool send_piece(struct http *http, struct connection *connection, const void *data,
                       size_t size)
{
    struct buffer *unsent = &http->unsent;
    bool ok;

    if (!unsent->size)
        return connection_write(connection, data, size);
    ok = buffer_append(unsent, data, size) &&
         connection_write(connection, unsent->data, unsent->size);
    buffer_consume(unsent, unsent->size);
    return ok;
}

/* The response is out; on to the next request, or the end. */
static void end_response(struct http *http, struct connection *connection)
{
    if (http->unsent.size)
        send_piece(http, connection, NULL, 0);
    close_file(http);
    http->phase = COLLECT_HEADER;
    http->remaining = 0;
    if (!http->keep_alive)
        connection_finish(connection);
}

static void send_text(struct http *http, struct connection *connection, const char *status,
                      const char *text)
{
    make_header(http, status, "text/plain; charset=utf-8", strlen(text));
    if (!http->head_only)
        send_piece(http, connection, text, strlen(text));
    end_response(http, connection);
}

static void send_status_page(struct http *http, struct connection *connection)
{
    const struct connection_report *report = &connection->report;
    const struct negotiated *negotiated = &report->negotiated;
    const struct server_counters *counters = connection->worker->counters;
    char text[2048], allowed[512];

    describe_credentials(connection->worker->settings->credentials, allowed, sizeof(allowed));
    snprintf(text, sizeof(text),
             "sspitls server\n\n"
             "connection:   #%u from %s\n"
             "version:      %s\n"
             "suite:        %s (0x%04x)\n"
             "key exchange: %s\n"
             "ALPN:         %s\n"
             "session:      %s\n"
             "client:       %s\n"
             "handshake:    %.1f ms\n\n"
             "This server allows\n\n%s\n"
             "connections:  %ld accepted, %ld open\n"
             "handshakes:   %ld complete, %ld resumed, %ld failed\n\n"
             "/bytes/N      N bytes; byte number i is i modulo %d\n"
             "/echo         POST: the body comes back\n",
             report->id, report->peer, negotiated->version, negotiated->suite, negotiated->suite_id,
             negotiated->exchange, negotiated->alpn[0] ? negotiated->alpn : "none",
             negotiated->resumed ? "resumed" : "new",
             negotiated->peer[0] ? negotiated->peer : "no certificate", report->handshake_us / 1000,
             allowed, (long)counters->accepted, (long)counters->active, (long)counters->handshakes,
             (long)counters->resumed, (long)counters->failed, PATTERN_PERIOD);
    send_text(http, connection, "200 OK", text);
}

static void begin_body(struct http *http, struct connection *connection, enum phase phase,
                       const char *type, unsigned long long size)
{
    make_header(http, "200 OK", type, size);
    http->phase = phase;
    http->offset = 0;
    http->remaining = size;
    if (http->head_only || !size)
        end_response(http, connection);
}

/* Opens DIRECTORY/path followed by `rest`. */
static bool open_named(struct http *http, const char *path, const char *rest, LARGE_INTEGER *size)
{
    char name[1024];
    WCHAR *wide;
    DWORD attributes;

    if (snprintf(name, sizeof(name), "%s%s%s", http->directory, path, rest) >= (int)sizeof(name))
        return false;
    wide = wide_text(name);
    if (!wide)
        return false;
    attributes = GetFileAttributesW(wide);
    if (attributes != INVALID_FILE_ATTRIBUTES && !(attributes & FILE_ATTRIBUTE_DIRECTORY))
        http->file = CreateFileW(wide, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                                 OPEN_EXISTING, FILE_FLAG_SEQUENTIAL_SCAN, NULL);
    free(wide);
    if (http->file == INVALID_HANDLE_VALUE)
        return false;
    if (GetFileSizeEx(http->file, size))
        return true;
    close_file(http);
    return false;
}

static const struct {
    const char *ending, *type;
} file_types[] = {
    {".html", "text/html"},
    {".json", "application/json"},
    {".txt", "text/plain"},
};

/*
 * Opens what a path means: nothing above the directory, no drives, no streams. Returns the
 * content's type, NULL when there is no such file.
 */
static const char *open_file(struct http *http, const char *path, LARGE_INTEGER *size)
{
    bool directory = path[strlen(path) - 1] == '/';
    const char *name = directory ? "index.json" : path;

    if (!http->directory[0] || !request_is_inside(path))
        return NULL;
    if (directory && open_named(http, path, "index.html", size))
        return "text/html";
    if (!open_named(http, path, directory ? name : "", size))
        return NULL;
    for (size_t i = 0; i < ARRAYSIZE(file_types); i++) {
        size_t length = strlen(name), ending = strlen(file_types[i].ending);

        if (length > ending && !strcmp(name + length - ending, file_types[i].ending))
            return file_types[i].type;
    }
    return BYTES;
}

static void answer_get(struct http *http, struct connection *connection, const char *path)
{
    LARGE_INTEGER size;
    unsigned long long count;
    const char *type;
    const char *end;

    if (!strncmp(path, "/bytes/", 7)) {
        if (!read_number(path + 7, &end, REQUEST_MOST, &count) || *end)
            send_text(http, connection, "400 Bad Request", "/bytes/N, with N a number\n");
        else
            begin_body(http, connection, SEND_PATTERN, BYTES, count);
    } else if ((type = open_file(http, path, &size))) {
        begin_body(http, connection, SEND_FILE, type, size.QuadPart);
    } else if (!strcmp(path, "/") || !strcmp(path, "/status")) {
        send_status_page(http, connection);
    } else {
        send_text(http, connection, "404 Not Found", "no such page; / lists some\n");
    }
}

/* Requests ------------------------------------------------------------------------------------- */

static void answer(struct http *http, struct connection *connection, char *text, size_t size)
{
    struct request request;

    http->keep_alive = http->head_only = false;
    if (!request_parse(&request, text, size)) {
        send_text(http, connection, "400 Bad Request", "that is not HTTP/1\n");
        return;
    }
    http->head_only = !strcmp(request.method, "HEAD");
    if (request.chunked) {
        send_text(http, connection, "411 Length Required", "no chunks here\n");
        return;
    }
    if (!strcmp(request.method, "POST") && !strcmp(request.path, "/echo")) {
        http->keep_alive = request.keep_alive;
        if (request.expect_continue)
            connection_write(connection, "HTTP/1.1 100 Continue\r\n\r\n", 25);
        begin_body(http, connection, ECHO_BODY, BYTES, request.length);
        return;
    }
    if (strcmp(request.method, "GET") && !http->head_only) {
        send_text(http, connection, "405 Method Not Allowed", "GET, HEAD, or POST /echo\n");
        return;
    }
    /* A body that nobody asked for would be read as the next request. */
    http->keep_alive = request.keep_alive && !request.length;
    answer_get(http, connection, request.path);
}

/* Collects header bytes up to the empty line; returns how many were taken. */
static size_t collect(struct http *http, struct connection *connection, const unsigned char *data,
                      size_t size)
{
    struct buffer *header = &http->header;
    size_t taken = 0, length;

    while (taken < size) {
        if (header->size >= HEADER_LIMIT || !buffer_append(header, data + taken, 1)) {
            http->keep_alive = http->head_only = false;
            send_text(http, connection, "431 Request Header Fields Too Large", "too long\n");
            return size;
        }
        taken++;
        length = request_header(header->data, header->size);
        if (length) {
            header->data[length] = 0;
            header->size = 0;
            answer(http, connection, (char *)header->data, length);
            break;
        }
    }
    return taken;
}

static size_t http_receive(void *state, struct connection *connection, const unsigned char *data,
                           size_t size)
{
    struct http *http = state;
    size_t now = (size_t)min((unsigned long long)size, http->remaining);

    switch (http->phase) {
    case COLLECT_HEADER:
        return collect(http, connection, data, size);
    case ECHO_BODY:
        send_piece(http, connection, data, now);
        /* fall through */
    case DISCARD_BODY:
        http->remaining -= now;
        if (!http->remaining)
            end_response(http, connection);
        return now;
    default:
        return 0;
    }
}

/* Reads the next piece of the file; the length was announced, so a short file ends it all. */
static bool read_piece(struct http *http, unsigned char *data, DWORD size)
{
    DWORD got;

    return ReadFile(http->file, data, size, &got, NULL) && got == size;
}

static void http_produce(void *state, struct connection *connection)
{
    struct http *http = state;
    unsigned char data[CHUNK];
    size_t now;

    while ((http->phase == SEND_PATTERN || http->phase == SEND_FILE) &&
           connection_has_room(connection)) {
        now = (size_t)min((unsigned long long)sizeof(data), http->remaining);
        if (http->phase == SEND_PATTERN)
            pattern_fill(data, http->offset, now);
        else if (!read_piece(http, data, (DWORD)now))
            break;
        if (!send_piece(http, connection, data, now))
            break;
        http->offset += now;
        http->remaining -= now;
        if (!http->remaining) {
            end_response(http, connection);
            return;
        }
    }
    if ((http->phase == SEND_PATTERN || http->phase == SEND_FILE) &&
        connection_has_room(connection)) {
        http->keep_alive = false;
        end_response(http, connection);
    }
}

const struct application http_application = {
    .create = http_create,
    .free = http_free,
    .receive = http_receive,
    .produce = http_produce,
};
