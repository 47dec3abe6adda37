/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * client.c - fetches a page over TLS, with asynchronous SSPI where secur32.dll has it.
 *
 * Compile in the directory of the sources:
 *
 *   x86_64-w64-mingw32-gcc -I include examples/client.c examples/tls.c examples/certificates.c \
 *       -o client.exe -lsecur32 -lcrypt32 -lws2_32
 *
 * Run:  client.exe HOST PORT [CA.pem [CERTIFICATE.pem KEY.pem]]
 *
 * The server must be trusted by the system, or by the authorities in CA.pem (- for none) if there
 * is one. If the server asks for it, CERTIFICATE.pem is presented. The page goes to standard
 * output, what happens to standard error; the exit status is 0 when all of it has come.
 *
 * What is asynchronous: each call below is queued, the program is free until the callback comes.
 * This one has nothing else to do and waits; server.c serves many connections with one thread.
 */
#include "tls.h"

#include <ws2tcpip.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "certificates.h"

/* EXTENDED_ERROR: a leg that fails puts out the alert for the peer. */
#define REQUEST                                                                                    \
    (ISC_REQ_STREAM | ISC_REQ_CONFIDENTIALITY | ISC_REQ_SEQUENCE_DETECT | ISC_REQ_REPLAY_DETECT |  \
     ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_EXTENDED_ERROR | ISC_REQ_USE_SUPPLIED_CREDS)

struct connection {
    SOCKET socket;
    char *host;
    SspiAsyncContext *call; /* NULL: this secur32.dll has no asynchronous functions */
    HANDLE event;           /* set when a call is finished */
    CredHandle credential;
    CtxtHandle context;
    BOOL has_context;
    struct input input;
};

/* Runs on a thread of the DLL's, after the outputs and the status are there. */
static void finished(SspiAsyncContext *call, void *event)
{
    (void)call;
    SetEvent(event);
}

/* One leg: takes what has come from the server and makes what is to be sent. */
static SECURITY_STATUS initialize(struct connection *c, SecBufferDesc *in, SecBufferDesc *out)
{
    CtxtHandle *context = c->has_context ? &c->context : NULL;
    SECURITY_STATUS status;
    ULONG attributes;

    if (!c->call)
        return InitializeSecurityContextA(&c->credential, context, c->host, REQUEST, 0, 0, in, 0,
                                          &c->context, out, &attributes, NULL);
    async.SspiReinitAsyncContext(c->call);
    status = async.SspiInitializeSecurityContextAsyncA(c->call, &c->credential, context, c->host,
                                                       REQUEST, 0, 0, in, 0, &c->context, out,
                                                       &attributes, NULL);
    if (status == SEC_E_OK) { /* queued; what it points to stays as it is until it is finished */
        WaitForSingleObject(c->event, INFINITE);
        status = async.SspiGetAsyncCallStatus(c->call);
    }
    return status;
}

static SECURITY_STATUS acquire(struct connection *c, HCERTSTORE roots, PCCERT_CONTEXT identity)
{
    SCH_CREDENTIALS wanted = {.dwVersion = SCH_CREDENTIALS_VERSION, .hRootStore = roots};
    SECURITY_STATUS status;

    wanted.dwFlags =
        SCH_CRED_AUTO_CRED_VALIDATION | SCH_CRED_NO_DEFAULT_CREDS | SCH_USE_STRONG_CRYPTO;
    if (identity) {
        wanted.cCreds = 1;
        wanted.paCred = &identity;
    }
    if (!c->call)
        return AcquireCredentialsHandleA(NULL, UNISP_NAME_A, SECPKG_CRED_OUTBOUND, NULL, &wanted,
                                         NULL, NULL, &c->credential, NULL);
    async.SspiReinitAsyncContext(c->call);
    status =
        async.SspiAcquireCredentialsHandleAsyncA(c->call, NULL, UNISP_NAME_A, SECPKG_CRED_OUTBOUND,
                                                 NULL, &wanted, NULL, NULL, &c->credential, NULL);
    if (status == SEC_E_OK) {
        WaitForSingleObject(c->event, INFINITE);
        status = async.SspiGetAsyncCallStatus(c->call);
    }
    return status;
}

static BOOL receive(struct connection *c)
{
    int got = recv(c->socket, (char *)c->input.data + c->input.size,
                   (int)(sizeof(c->input.data) - c->input.size), 0);

    if (got <= 0)
        return FALSE;
    c->input.size += (ULONG)got;
    return TRUE;
}

/*
 * Makes legs until the handshake is over: the first one, and what DecryptMessage calls
 * SEC_I_RENEGOTIATE later, which is a renegotiation (TLS 1.2), or a session ticket or new keys (TLS
 * 1.3), of which one leg is all. SEC_I_CONTINUE_NEEDED: data has come in the middle of a
 * renegotiation; DecryptMessage takes it, and says when to go on here.
 */
static SECURITY_STATUS handshake(struct connection *c)
{
    for (;;) {
        struct leg leg;
        ULONG had = c->input.size, sent;
        SECURITY_STATUS status;

        leg_prepare(&leg, &c->input, "http/1.1");
        status = initialize(c, &leg.input, &leg.output);
        if (status >= 0)
            c->has_context = TRUE;
        sent = leg_send(&leg, c->socket); /* also when the leg has failed: an alert */
        if (status == SEC_E_INCOMPLETE_MESSAGE) {
            if (!receive(c))
                return SEC_E_INCOMPLETE_MESSAGE;
            continue;
        }
        input_keep_extra(&c->input, leg.in, 3);
        if (status != SEC_I_CONTINUE_NEEDED)
            return status;
        if (!c->input.size) {
            if (!receive(c))
                return SEC_E_INCOMPLETE_MESSAGE;
        } else if (c->input.size == had && !sent) {
            return status; /* the leg did nothing with it */
        }
    }
}

/* Prints all that comes. SEC_I_CONTEXT_EXPIRED: the server has said that this was all. */
static SECURITY_STATUS print_answer(struct connection *c)
{
    for (;;) {
        SecBuffer buffers[4] = {{c->input.size, SECBUFFER_DATA, c->input.data}};
        SecBufferDesc message = {SECBUFFER_VERSION, 4, buffers};
        SECURITY_STATUS status = SEC_E_INCOMPLETE_MESSAGE;

        if (c->input.size)
            status = DecryptMessage(&c->context, &message, 0, NULL);
        if (status == SEC_E_INCOMPLETE_MESSAGE) {
            if (!receive(c))
                return status;
            continue;
        }
        for (ULONG i = 0; status == SEC_E_OK && i < 4; i++) {
            if (buffers[i].BufferType != SECBUFFER_DATA)
                continue;
            /* Wine's own secur32.dll makes an empty record of close_notify. */
            if (!buffers[i].cbBuffer && !c->call)
                return SEC_I_CONTEXT_EXPIRED;
            fwrite(buffers[i].pvBuffer, 1, buffers[i].cbBuffer, stdout);
            fflush(stdout);
        }
        if (status != SEC_E_OK && status != SEC_I_RENEGOTIATE)
            return status;
        input_keep_extra(&c->input, buffers, 4);
        if (status == SEC_I_RENEGOTIATE) {
            status = handshake(c);
            if (status != SEC_E_OK && status != SEC_I_CONTINUE_NEEDED)
                return status;
        }
    }
}

/* Tells the server that nothing more comes (close_notify), so that it knows from a cut line. */
static void say_goodbye(struct connection *c)
{
    DWORD what = SCHANNEL_SHUTDOWN;
    SecBuffer token = {sizeof(what), SECBUFFER_TOKEN, &what};
    SecBufferDesc control = {SECBUFFER_VERSION, 1, &token};
    struct leg leg;

    if (ApplyControlToken(&c->context, &control) != SEC_E_OK)
        return;
    leg_prepare(&leg, &c->input, "http/1.1");
    initialize(c, NULL, &leg.output);
    leg_send(&leg, c->socket);
}

static SECURITY_STATUS fetch(struct connection *c)
{
    SECURITY_STATUS status = handshake(c);
    char subject[512], request[512];

    if (status != SEC_E_OK) {
        fprintf(stderr, "handshake failed: %s\n", status_words(status));
        return status;
    }
    print_connection(&c->context);
    if (peer_subject(&c->context, subject, sizeof(subject)))
        fprintf(stderr, "server: %s\n", subject);

    snprintf(request, sizeof(request), "GET / HTTP/1.0\r\nHost: %s\r\n\r\n", c->host);
    status = send_data(&c->context, c->socket, request, (ULONG)strlen(request));
    if (status == SEC_E_OK)
        status = print_answer(c);
    if (status == SEC_I_CONTEXT_EXPIRED)
        status = SEC_E_OK;
    if (status == SEC_E_OK)
        say_goodbye(c);
    else
        fprintf(stderr, "connection lost: %s\n", status_words(status));
    return status;
}

static SOCKET dial(const char *host, const char *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    SOCKET s = INVALID_SOCKET;
    WSADATA data;

    WSAStartup(MAKEWORD(2, 2), &data);
    if (getaddrinfo(host, port, &hints, &list))
        return INVALID_SOCKET;
    for (struct addrinfo *a = list; a && s == INVALID_SOCKET; a = a->ai_next) {
        s = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
        if (s != INVALID_SOCKET && connect(s, a->ai_addr, (int)a->ai_addrlen)) {
            closesocket(s);
            s = INVALID_SOCKET;
        }
    }
    freeaddrinfo(list);
    return s;
}

static void end(struct connection *c)
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
    FreeCredentialsHandle(&c->credential);
    CloseHandle(c->event);
    closesocket(c->socket);
}

int main(int argc, char **argv)
{
    static struct connection c;
    HCERTSTORE roots = NULL;
    PCCERT_CONTEXT identity = NULL;
    SECURITY_STATUS status;

    if (argc != 3 && argc != 4 && argc != 6) {
        fprintf(stderr, "usage: client HOST PORT [CA.pem [CERTIFICATE.pem KEY.pem]]\n");
        return 2;
    }
    if (argc > 3 && strcmp(argv[3], "-") && !(roots = load_certificates(argv[3], NULL)))
        return 1;
    if (argc > 4 && !(identity = load_identity(argv[4], argv[5])))
        return 1;

    c.host = argv[1];
    c.event = CreateEventW(NULL, FALSE, FALSE, NULL);
    if (find_async_functions() && (c.call = async.SspiCreateAsyncContext()))
        async.SspiSetAsyncNotifyCallback(c.call, finished, c.event);
    fprintf(stderr, "SSPI is %s\n", c.call ? "asynchronous" : "synchronous");

    status = acquire(&c, roots, identity);
    CertFreeCertificateContext(identity);
    if (roots)
        CertCloseStore(roots, 0);
    if (status != SEC_E_OK) {
        fprintf(stderr, "no credential: %s\n", status_words(status));
        return 1;
    }
    c.socket = dial(argv[1], argv[2]);
    if (c.socket == INVALID_SOCKET) {
        fprintf(stderr, "cannot connect to %s, port %s\n", argv[1], argv[2]);
        return 1;
    }
    status = fetch(&c);
    end(&c);
    return status == SEC_E_OK ? 0 : 1;
}
