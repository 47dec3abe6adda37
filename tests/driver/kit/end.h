/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One end of a connection as the test driver drives it, by <sspi.h> of kernel mode.
 */
#ifndef ASYNCSSPI_TEST_END_H
#define ASYNCSSPI_TEST_END_H

#include "kit/kernel.h"

#define SECURITY_KERNEL
#include <windows.h>
#include <winternl.h>
#include <sspi.h>
#define SCHANNEL_USE_BLACKLISTS
#include <schannel.h>

/* Without the NUL of the literal. */
#define text_of(literal)                                                                           \
    {                                                                                              \
        sizeof(literal) - 2, sizeof(literal) - 2, (unsigned short *)(literal)                      \
    }

struct end {
    SspiAsyncContext *async;
    struct event *done; /* set by the callback */
    int callbacks;
    unsigned long callback_thread;
    CredHandle credential;
    CtxtHandle context;
    BOOLEAN is_server, has_credential, has_context;
    SECURITY_STATUS status; /* of the last leg */
    SecBuffer input[2], output;
    SecBufferDesc input_list, output_list;
    ULONG attributes;
};

/* An async context with its callback, and a credential that was acquired asynchronously. */
BOOLEAN end_open(struct end *end, BOOLEAN is_server);
/* Deletes what is there, waiting for each call. */
void end_close(struct end *end);

/* Makes the async context ready for a call. */
void begin(struct end *end);
/* EncryptMessage and DecryptMessage in kernel mode; not in the header. */
SECURITY_STATUS WINAPI SealMessage(CtxtHandle *context, ULONG quality, SecBufferDesc *message,
                                   ULONG number);
SECURITY_STATUS WINAPI UnsealMessage(CtxtHandle *context, SecBufferDesc *message, ULONG number,
                                     ULONG *quality);

/* Waits for the call that was queued with this status; returns its own. */
SECURITY_STATUS wait_for(struct end *end, SECURITY_STATUS queued);

/* Queues a leg with what the peer has said; finish_leg waits for it. */
void queue_leg(struct end *end, const SecBuffer *token, SECURITY_STRING *target);
void finish_leg(struct end *end);
/* Legs of both ends, by turns, until both are connected or one fails. */
void shake_hands(struct end *client, struct end *server, SECURITY_STRING *target);

#endif
