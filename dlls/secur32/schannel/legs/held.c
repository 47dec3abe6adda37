/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Input that a program gives twice.
 *
 * With SEC_I_INCOMPLETE_CREDENTIALS nothing counts as consumed: the program finds a certificate and
 * calls again with the same input. But the engine has taken what stood in front of the server's
 * request. So a copy of the input is kept, with how much of it is done. The next leg compares:
 *
 *   the same bytes, or more   the engine goes on behind what it has
 *   others, or none           the program takes its input for consumed: what the engine has not
 *                             taken is put in front of what comes now
 */
#include "schannel/legs/held.h"
#include "schannel/base/context.h"
#include "schannel/legs/outcome.h"
#include "winegnutls/unixlib.h"

void held_free(struct schannel_context *context)
{
    if (context->held.bytes)
        HeapFree(GetProcessHeap(), 0, context->held.bytes);
    if (context->held.joined)
        HeapFree(GetProcessHeap(), 0, context->held.joined);
    memset(&context->held, 0, sizeof(context->held));
}

SECURITY_STATUS held_begin(struct schannel_context *context, struct tls_handshake *call)
{
    struct held_input *held = &context->held;
    const BYTE *input = (const BYTE *)(ULONG_PTR)call->input;
    ULONG rest = held->size - held->done;

    held->given = input;
    held->given_size = call->input_size;
    held->skipped = 0;
    if (!held->size)
        return SEC_E_OK;
    if (call->input_size >= held->size && !memcmp(input, held->bytes, held->size)) {
        held->skipped = held->done;
        call->input += held->done;
        call->input_size -= held->done;
        return SEC_E_OK;
    }
    held->joined = HeapAlloc(GetProcessHeap(), 0, rest + call->input_size + 1);
    if (!held->joined)
        return SEC_E_INSUFFICIENT_MEMORY;
    memcpy(held->joined, held->bytes + held->done, rest);
    if (call->input_size)
        memcpy(held->joined + rest, input, call->input_size);
    call->input = (ULONG_PTR)held->joined;
    call->input_size += rest;
    return SEC_E_OK;
}

static bool keep(struct held_input *held, const BYTE *bytes, ULONG size, ULONG done)
{
    BYTE *copy = HeapAlloc(GetProcessHeap(), 0, size + 1);

    if (!copy)
        return false;
    if (size)
        memcpy(copy, bytes, size);
    held->bytes = copy;
    held->size = size;
    held->done = done;
    return true;
}

/* The leg worked on what was left and the new input together. */
static void end_joined(struct held_input *held, struct tls_handshake *call)
{
    ULONG rest = held->size - held->done, size = rest + held->given_size;
    BYTE *joined = held->joined, *former = held->bytes;
    bool kept = true;

    held->joined = NULL;
    /* The program will bring this input again, with more. */
    if (call->status == SEC_E_INCOMPLETE_MESSAGE) {
        HeapFree(GetProcessHeap(), 0, joined);
        return;
    }
    held->bytes = NULL;
    held->size = held->done = 0;
    if (call->consumed >= rest) {
        call->consumed -= rest;
    } else {
        kept = keep(held, joined + call->consumed, size - call->consumed, 0);
        call->consumed = held->given_size;
    }
    HeapFree(GetProcessHeap(), 0, former);
    HeapFree(GetProcessHeap(), 0, joined);
    if (!kept)
        call->status = SEC_E_INSUFFICIENT_MEMORY;
}

void held_end(struct schannel_context *context, struct tls_handshake *call)
{
    struct held_input *held = &context->held;

    if (held->joined)
        end_joined(held, call);
    else if (held->size && call->status != SEC_E_INCOMPLETE_MESSAGE) {
        call->consumed += held->skipped;
        held_free(context);
    }
    if (call->status != SEC_I_INCOMPLETE_CREDENTIALS || held->size || !held->given_size)
        return;
    if (!keep(held, held->given, held->given_size, call->consumed)) {
        call->status = SEC_E_INSUFFICIENT_MEMORY;
        leg_fail(context, call->status);
    }
    /* No EXTRA. */
    call->consumed = held->given_size;
}
