/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An HTTP server for GETs on loopback, in a thread of its own: where revocation checks go to.
 */
#ifndef HTTPSERVER_H
#define HTTPSERVER_H

#include <windows.h>

#define HTTP_MAX_PAGES 8

struct http_page {
    const char *path; /* a request for anything that starts with it gets this page */
    BYTE *bytes;      /* a copy */
    DWORD size;
    unsigned int status; /* 200; 0: the connection is closed without an answer */
    LONG requests;
};

struct http_server {
    UINT_PTR socket;
    WORD port;
    HANDLE thread;
    CRITICAL_SECTION lock;
    struct http_page pages[HTTP_MAX_PAGES];
    unsigned int page_count;
};

/* FALSE after a failed ok(). */
BOOL http_start(struct http_server *server);
void http_stop(struct http_server *server);
/* Adds a page or replaces the one of that path, which has to outlive the server. */
void http_put(struct http_server *server, const char *path, unsigned int status, const void *bytes,
              DWORD size);
/* Takes all pages away. */
void http_clear(struct http_server *server);
/* How often it was asked for since it was put. */
LONG http_requests(struct http_server *server, const char *path);

#endif
