/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What client.c and server.c share: the functions of the DLL, buffers, records, words for errors.
 */
#ifndef EXAMPLES_TLS_H
#define EXAMPLES_TLS_H

#include <winsock2.h>
#include <asyncsspi.h>
#define SCHANNEL_USE_BLACKLISTS
#include <subauth.h>
#include <schannel.h>

/*
 * The asynchronous functions, as GetProcAddress finds them. A program that runs with asyncsspi only
 * can leave this out and link with its import library (-lsecur32 of this project).
 */
struct async_functions {
    __typeof__(SspiCreateAsyncContext) *SspiCreateAsyncContext;
    __typeof__(SspiFreeAsyncContext) *SspiFreeAsyncContext;
    __typeof__(SspiReinitAsyncContext) *SspiReinitAsyncContext;
    __typeof__(SspiSetAsyncNotifyCallback) *SspiSetAsyncNotifyCallback;
    __typeof__(SspiGetAsyncCallStatus) *SspiGetAsyncCallStatus;
    __typeof__(SspiAcquireCredentialsHandleAsyncA) *SspiAcquireCredentialsHandleAsyncA;
    __typeof__(SspiInitializeSecurityContextAsyncA) *SspiInitializeSecurityContextAsyncA;
    __typeof__(SspiAcceptSecurityContextAsync) *SspiAcceptSecurityContextAsync;
    __typeof__(SspiDeleteSecurityContextAsync) *SspiDeleteSecurityContextAsync;
};
extern struct async_functions async;

/* Fills `async`. FALSE: this secur32.dll has no asynchronous functions; use the others. */
BOOL find_async_functions(void);

/* What has come from the peer and is not consumed yet. One record or one ClientHello fits in. */
struct input {
    ULONG size;
    BYTE data[80 * 1024];
};

/* Keeps only what a call has left: its buffer EXTRA, which is the end of the input. */
void input_keep_extra(struct input *input, const SecBuffer *buffers, ULONG count);

/* The buffers of one call of InitializeSecurityContext or AcceptSecurityContext: a leg. */
struct leg {
    SecBuffer in[3], out[1];
    SecBufferDesc input, output;
    BYTE protocols[64];
};

/* Sets up a leg that takes `input` and speaks the application protocol `protocol` (ALPN). */
void leg_prepare(struct leg *leg, struct input *input, const char *protocol);

/* Sends what the leg has put out, if anything, and frees it. Returns the number of bytes. */
ULONG leg_send(struct leg *leg, SOCKET s);

/* Sends data in as many records as it takes. */
SECURITY_STATUS send_data(CtxtHandle *context, SOCKET s, const void *data, ULONG size);

/* Prints version, suite and application protocol of a connection. */
void print_connection(CtxtHandle *context);

/* The subject of the peer's certificate. FALSE: it has shown none. */
BOOL peer_subject(CtxtHandle *context, char *subject, DWORD size);

/* What a status says, in words. The text stays good until the next call. */
const char *status_words(SECURITY_STATUS status);

#endif
