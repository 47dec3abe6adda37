/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * server.c - a TLS server: one thread, any number of connections, each greeted by its name.
 *
 * Compile in the directory of the sources:
 *
 *   x86_64-w64-mingw32-gcc -I include examples/server.c examples/tls.c examples/certificates.c \
 *       -o server.exe -lsecur32 -lcrypt32 -lws2_32
 *
 * Run:  server.exe PORT CERTIFICATE.pem KEY.pem [CA.pem]
 *
 * It listens on the loopback interface; port 0 takes a free one and prints it. With CA.pem it asks
 * for a certificate that one of these authorities has issued. A client may come without one; it is
 * told so. A client with a bad one is refused in the handshake.
 *
 * How it works: everything that happens to a connection, bytes that have come as well as a leg of
 * the handshake that is finished, arrives at one completion port. A connection has either a receive
 * or a leg under way, never both, so whoever takes its completion has it to himself. Where
 * secur32.dll has no asynchronous functions a leg is over when it is begun, and its completion is
 * posted all the same.
 *
 * What a real server has besides: a limit of time for each state, and overlapped sends, so that a
 * client that does not read cannot hold up the others.
 */
#include "tls.h"

#include <ws2tcpip.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "certificates.h"

#define REQUEST                                                                                    \
    (ASC_REQ_STREAM | ASC_REQ_CONFIDENTIALITY | ASC_REQ_SEQUENCE_DETECT | ASC_REQ_REPLAY_DETECT |  \
     ASC_REQ_ALLOCATE_MEMORY | ASC_REQ_EXTENDED_ERROR)

enum state {
    HANDSHAKE, /* legs take what comes: the first handshake, a renegotiation, new keys */
    OPEN,      /* DecryptMessage takes what comes */
    CLOSING,   /* a leg makes our close_notify */
    DRAINING,  /* what comes is not looked at, until the client closes */
};

struct connection {
    OVERLAPPED receiving;
    SOCKET socket;
    enum state state;
    SspiAsyncContext *call; /* NULL: this secur32.dll has no asynchronous functions */
    SECURITY_STATUS status; /* of the leg that has finished */
    ULONG attributes;
    CtxtHandle context;
    BOOL has_context, greeted;
    struct leg leg;
    ULONG leg_had; /* what there was of input before it */
    struct input input;
    char request[4096];
    ULONG request_size;
};

static HANDLE port;
static CredHandle credential;
static ULONG requirements = REQUEST;

/* Runs on a thread of the DLL's: hands the connection over to ours. */
static void finished(SspiAsyncContext *call, void *argument)
{
    struct connection *c = argument;

    c->status = async.SspiGetAsyncCallStatus(call);
    PostQueuedCompletionStatus(port, 0, (ULONG_PTR)c, NULL);
}

static void destroy(struct connection *c)
{
    if (c->call) {
        /* Without a callback the deletion runs to its end by itself: nobody has to wait for it. */
        async.SspiReinitAsyncContext(c->call);
        async.SspiSetAsyncNotifyCallback(c->call, NULL, NULL);
        if (c->has_context)
            async.SspiDeleteSecurityContextAsync(c->call, &c->context);
        async.SspiFreeAsyncContext(c->call);
    } else if (c->has_context) {
        DeleteSecurityContext(&c->context);
    }
    closesocket(c->socket);
    free(c);
}

static void start_receive(struct connection *c)
{
    WSABUF buffer = {sizeof(c->input.data) - c->input.size, (char *)c->input.data + c->input.size};
    DWORD flags = 0;

    memset(&c->receiving, 0, sizeof(c->receiving));
    if (!buffer.len || (WSARecv(c->socket, &buffer, 1, NULL, &flags, &c->receiving, NULL) &&
                        WSAGetLastError() != WSA_IO_PENDING))
        destroy(c);
}

static void start_leg(struct connection *c)
{
    CtxtHandle *context = c->has_context ? &c->context : NULL;
    SecBufferDesc *input = c->state == CLOSING ? NULL : &c->leg.input;
    SECURITY_STATUS status;

    leg_prepare(&c->leg, &c->input, "http/1.1");
    c->leg_had = c->input.size;
    if (c->call) {
        async.SspiReinitAsyncContext(c->call);
        status = async.SspiAcceptSecurityContextAsync(c->call, &credential, context, input,
                                                      requirements, 0, &c->context, &c->leg.output,
                                                      &c->attributes, NULL);
        if (status == SEC_E_OK)
            return; /* queued: finished() is called, and may have been already */
    } else {
        status = AcceptSecurityContext(&credential, context, input, requirements, 0, &c->context,
                                       &c->leg.output, &c->attributes, NULL);
    }
    c->status = status;
    PostQueuedCompletionStatus(port, 0, (ULONG_PTR)c, NULL);
}

/* Tells the client that nothing more comes (close_notify), so that it knows from a cut line. */
static void start_goodbye(struct connection *c)
{
    DWORD what = SCHANNEL_SHUTDOWN;
    SecBuffer token = {sizeof(what), SECBUFFER_TOKEN, &what};
    SecBufferDesc control = {SECBUFFER_VERSION, 1, &token};

    c->state = CLOSING;
    if (ApplyControlToken(&c->context, &control) == SEC_E_OK)
        start_leg(c);
    else
        destroy(c);
}

static void answer(struct connection *c)
{
    char subject[512], text[1024];

    if (!peer_subject(&c->context, subject, sizeof(subject)))
        strcpy(subject, "you, who have shown no certificate");
    snprintf(text, sizeof(text),
             "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nHello, %s\n",
             subject);
    if (send_data(&c->context, c->socket, text, (ULONG)strlen(text)) == SEC_E_OK)
        start_goodbye(c);
    else
        destroy(c);
}

/* Takes the records that are there, one by one. */
static void read_records(struct connection *c)
{
    for (;;) {
        SecBuffer buffers[4] = {{c->input.size, SECBUFFER_DATA, c->input.data}};
        SecBufferDesc message = {SECBUFFER_VERSION, 4, buffers};
        SECURITY_STATUS status = SEC_E_INCOMPLETE_MESSAGE;

        if (c->input.size)
            status = DecryptMessage(&c->context, &message, 0, NULL);
        if (status == SEC_E_INCOMPLETE_MESSAGE) {
            start_receive(c);
            return;
        }
        if (status == SEC_I_CONTEXT_EXPIRED) { /* the client has said goodbye */
            start_goodbye(c);
            return;
        }
        for (ULONG i = 0; status == SEC_E_OK && i < 4; i++) {
            ULONG room = sizeof(c->request) - 1 - c->request_size, size = buffers[i].cbBuffer;
            if (buffers[i].BufferType != SECBUFFER_DATA)
                continue;
            memcpy(c->request + c->request_size, buffers[i].pvBuffer, size < room ? size : room);
            c->request_size += size < room ? size : room;
        }
        if (status != SEC_E_OK && status != SEC_I_RENEGOTIATE) {
            fprintf(stderr, "connection lost: %s\n", status_words(status));
            destroy(c);
            return;
        }
        input_keep_extra(&c->input, buffers, 4);
        if (status == SEC_I_RENEGOTIATE) {
            c->state = HANDSHAKE;
            start_leg(c);
            return;
        }
        if (strstr(c->request, "\r\n\r\n") || c->request_size == sizeof(c->request) - 1) {
            answer(c);
            return;
        }
    }
}

static void greet(struct connection *c)
{
    char subject[512];

    print_connection(&c->context);
    if (peer_subject(&c->context, subject, sizeof(subject)))
        fprintf(stderr, "client: %s\n", subject);
    else
        fprintf(stderr, "client: no certificate\n");
    c->greeted = TRUE;
}

/* What a leg of the handshake means for the connection. */
static void on_handshake_leg(struct connection *c, ULONG sent)
{
    if (c->status == SEC_E_INCOMPLETE_MESSAGE) {
        start_receive(c);
        return;
    }
    input_keep_extra(&c->input, c->leg.in, 3);
    if (c->status == SEC_E_OK) {
        c->state = OPEN;
        if (!c->greeted)
            greet(c);
        read_records(c);
    } else if (c->status != SEC_I_CONTINUE_NEEDED) {
        fprintf(stderr, "handshake failed: %s\n", status_words(c->status));
        destroy(c);
    } else if (!c->input.size) {
        start_receive(c);
    } else if (c->input.size < c->leg_had || sent) {
        start_leg(c);
    } else {
        read_records(c); /* data in the middle of a renegotiation, which the leg has not touched */
    }
}

static void on_leg(struct connection *c)
{
    ULONG sent = leg_send(&c->leg, c->socket); /* also when the leg has failed: an alert */

    if (c->status >= 0)
        c->has_context = TRUE;
    if (c->state == CLOSING) {
        shutdown(c->socket, SD_SEND);
        c->state = DRAINING;
        c->input.size = 0;
        start_receive(c);
    } else {
        on_handshake_leg(c, sent);
    }
}

static void on_received(struct connection *c, DWORD bytes)
{
    if (!bytes) {
        if (c->state != DRAINING)
            fprintf(stderr, "connection lost: %s\n", status_words(SEC_E_INCOMPLETE_MESSAGE));
        destroy(c);
        return;
    }
    c->input.size += bytes;
    if (c->state == DRAINING) {
        c->input.size = 0;
        start_receive(c);
    } else if (c->state == HANDSHAKE) {
        start_leg(c);
    } else {
        read_records(c);
    }
}

static DWORD WINAPI serve(void *argument)
{
    (void)argument;
    for (;;) {
        OVERLAPPED *receiving = NULL;
        ULONG_PTR key = 0;
        DWORD bytes = 0;
        BOOL good = GetQueuedCompletionStatus(port, &bytes, &key, &receiving, INFINITE);
        struct connection *c = (struct connection *)key;

        if (!c)
            return 1; /* the port is gone */
        if (receiving)
            on_received(c, good ? bytes : 0);
        else
            on_leg(c);
    }
}

static void greet_connection(SOCKET s)
{
    struct connection *c = calloc(1, sizeof(*c));

    if (!c) {
        closesocket(s);
        return;
    }
    c->socket = s;
    c->state = HANDSHAKE;
    if (async.SspiCreateAsyncContext && (c->call = async.SspiCreateAsyncContext()))
        async.SspiSetAsyncNotifyCallback(c->call, finished, c);
    if (CreateIoCompletionPort((HANDLE)s, port, (ULONG_PTR)c, 0))
        start_receive(c);
    else
        destroy(c);
}

static SOCKET listen_on(const char *number)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((USHORT)atoi(number))};
    int size = sizeof(address);
    SOCKET s;
    WSADATA data;

    WSAStartup(MAKEWORD(2, 2), &data);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    s = WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
    if (s == INVALID_SOCKET || bind(s, (struct sockaddr *)&address, sizeof(address)) ||
        listen(s, SOMAXCONN) || getsockname(s, (struct sockaddr *)&address, &size)) {
        fprintf(stderr, "cannot listen on port %s\n", number);
        return INVALID_SOCKET;
    }
    fprintf(stderr, "listening on port %u\n", ntohs(address.sin_port));
    return s;
}

static SECURITY_STATUS acquire(PCCERT_CONTEXT identity, HCERTSTORE clients_roots)
{
    SCH_CREDENTIALS wanted = {.dwVersion = SCH_CREDENTIALS_VERSION, .hRootStore = clients_roots};

    /* AUTO: Schannel looks at a client's certificate, so that a bad one fails the handshake. */
    wanted.dwFlags =
        SCH_CRED_AUTO_CRED_VALIDATION | SCH_CRED_NO_SYSTEM_MAPPER | SCH_USE_STRONG_CRYPTO;
    wanted.cCreds = 1;
    wanted.paCred = &identity;
    return AcquireCredentialsHandleA(NULL, UNISP_NAME_A, SECPKG_CRED_INBOUND, NULL, &wanted, NULL,
                                     NULL, &credential, NULL);
}

int main(int argc, char **argv)
{
    HCERTSTORE roots = NULL;
    PCCERT_CONTEXT identity;
    SECURITY_STATUS status;
    SOCKET listener, s;

    if (argc != 4 && argc != 5) {
        fprintf(stderr, "usage: server PORT CERTIFICATE.pem KEY.pem [CA.pem]\n");
        return 2;
    }
    identity = load_identity(argv[2], argv[3]);
    if (!identity || (argc > 4 && !(roots = load_certificates(argv[4], NULL))))
        return 1;
    if (roots)
        requirements |= ASC_REQ_MUTUAL_AUTH;
    fprintf(stderr, "SSPI is %s\n", find_async_functions() ? "asynchronous" : "synchronous");
    status = acquire(identity, roots);
    if (status != SEC_E_OK) {
        fprintf(stderr, "no credential: %s\n", status_words(status));
        return 1;
    }
    port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
    listener = listen_on(argv[1]);
    if (listener == INVALID_SOCKET)
        return 1;
    CloseHandle(CreateThread(NULL, 0, serve, NULL, 0, NULL));
    while ((s = accept(listener, NULL, NULL)) != INVALID_SOCKET)
        greet_connection(s);
    return 1;
}
