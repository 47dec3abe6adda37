/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An HTTP server for tests, see kit/httpserver.h. One request per connection, one connection at a
 * time.
 */
#include <winsock2.h>
#include "kit/httpserver.h"
#include "wine/test.h"

static struct http_page *find_page(struct http_server *server, const char *path)
{
    unsigned int i;

    for (i = 0; i < server->page_count; i++)
        if (!strncmp(path, server->pages[i].path, strlen(server->pages[i].path)))
            return &server->pages[i];
    return NULL;
}

static void send_all(SOCKET connection, const void *bytes, DWORD size)
{
    const char *at = bytes;

    while (size) {
        const int sent = send(connection, at, (int)size, 0);

        if (sent <= 0)
            return;
        at += sent;
        size -= (DWORD)sent;
    }
}

static void answer(struct http_server *server, SOCKET connection, const char *path)
{
    char head[128];
    struct http_page *page;

    EnterCriticalSection(&server->lock);
    page = find_page(server, path);
    if (page)
        page->requests++;
    if (!page || page->status) {
        snprintf(head, sizeof(head),
                 "HTTP/1.1 %u Test\r\nContent-Length: %lu\r\nConnection: close\r\n\r\n",
                 page ? page->status : 404, page ? page->size : 0);
        send_all(connection, head, (DWORD)strlen(head));
        if (page)
            send_all(connection, page->bytes, page->size);
    }
    LeaveCriticalSection(&server->lock);
}

static void serve(struct http_server *server, SOCKET connection)
{
    char request[4096];
    int used = 0, got;
    char *end;

    do {
        got = recv(connection, request + used, (int)sizeof(request) - 1 - used, 0);
        if (got <= 0)
            return;
        used += got;
        request[used] = 0;
    } while (!strstr(request, "\r\n\r\n") && used < (int)sizeof(request) - 1);
    if (strncmp(request, "GET ", 4) || !(end = strchr(request + 4, ' ')))
        return;
    *end = 0;
    answer(server, connection, request + 4);
}

static DWORD WINAPI http_thread(void *argument)
{
    struct http_server *server = argument;
    SOCKET connection;

    /* Closing the socket ends this. */
    while ((connection = accept(server->socket, NULL, NULL)) != INVALID_SOCKET) {
        serve(server, connection);
        shutdown(connection, SD_SEND);
        closesocket(connection);
    }
    return 0;
}

BOOL http_start(struct http_server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int size = sizeof(address);
    WSADATA data;
    BOOL result;

    memset(server, 0, sizeof(*server));
    InitializeCriticalSection(&server->lock);
    WSAStartup(MAKEWORD(2, 2), &data);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server->socket = socket(AF_INET, SOCK_STREAM, 0);
    result = server->socket != INVALID_SOCKET &&
             !bind(server->socket, (struct sockaddr *)&address, sizeof(address)) &&
             !listen(server->socket, 8) &&
             !getsockname(server->socket, (struct sockaddr *)&address, &size);
    ok(result, "no socket to listen on, error %d\n", WSAGetLastError());
    if (!result)
        return FALSE;
    server->port = ntohs(address.sin_port);
    server->thread = CreateThread(NULL, 0, http_thread, server, 0, NULL);
    return server->thread != NULL;
}

void http_clear(struct http_server *server)
{
    EnterCriticalSection(&server->lock);
    while (server->page_count) {
        struct http_page *page = &server->pages[--server->page_count];

        free(page->bytes);
        page->bytes = NULL;
    }
    LeaveCriticalSection(&server->lock);
}

void http_stop(struct http_server *server)
{
    closesocket(server->socket);
    if (server->thread) {
        WaitForSingleObject(server->thread, INFINITE);
        CloseHandle(server->thread);
    }
    http_clear(server);
    DeleteCriticalSection(&server->lock);
    WSACleanup();
}

void http_put(struct http_server *server, const char *path, unsigned int status, const void *bytes,
              DWORD size)
{
    struct http_page *page;

    EnterCriticalSection(&server->lock);
    page = find_page(server, path);
    if (!page && server->page_count < HTTP_MAX_PAGES)
        page = &server->pages[server->page_count++];
    ok(page != NULL, "no room for a page\n");
    if (page) {
        free(page->bytes);
        page->path = path;
        page->status = status;
        page->requests = 0;
        page->size = size;
        page->bytes = malloc(size ? size : 1);
        if (size)
            memcpy(page->bytes, bytes, size);
    }
    LeaveCriticalSection(&server->lock);
}

LONG http_requests(struct http_server *server, const char *path)
{
    struct http_page *page;
    LONG requests;

    EnterCriticalSection(&server->lock);
    page = find_page(server, path);
    requests = page ? page->requests : 0;
    LeaveCriticalSection(&server->lock);
    return requests;
}
