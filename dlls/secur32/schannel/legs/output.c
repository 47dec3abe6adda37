/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The output of a leg on its way to the caller.
 *
 * The engine has written into the caller's buffer or a scratch area as much as fits; the rest waits
 * in the engine (`pending`) and is fetched here.
 *
 * When the caller's buffer is too small nothing is lost. A first leg leaves no context behind, the
 * caller begins anew. A later one has already taken its input, so its result is put aside
 * (`replay`) and given to the next call, which brings the same input again and is not fed to the
 * engine.
 */
#include "schannel/legs/output.h"
#include "schannel/base/buffers.h"
#include "schannel/base/context.h"
#include "schannel/base/engine.h"
#include "schannel/legs/datagram.h"
#include "schannel/legs/outcome.h"
#include "winegnutls/unixlib.h"

/* Moves what waits in the engine to target, which has room for it. */
static bool take_output(struct schannel_context *context, BYTE *target, uint32_t size)
{
    struct tls_take_output call = {
        .session = context->session, .output = (ULONG_PTR)target, .output_size = size};

    return !size || (engine_call(TLS_CALL_TAKE_OUTPUT, &call) == SEC_E_OK && call.written == size);
}

/* An alert that nobody wants must not come out in front of something else later. */
static void drop_output(struct schannel_context *context, uint32_t size)
{
    BYTE bin[256];
    uint32_t part;

    for (; size && context->session; size -= part) {
        part = size < sizeof(bin) ? size : sizeof(bin);
        if (!take_output(context, bin, part))
            break;
    }
}

/* All output of the leg in one block of the process heap, or NULL. */
static void *collect(struct schannel_context *context, const struct tls_handshake *call,
                     const BYTE *start)
{
    BYTE *memory = HeapAlloc(GetProcessHeap(), 0, call->written + call->pending);

    if (!memory)
        return NULL;
    memcpy(memory, start, call->written);
    if (!take_output(context, memory + call->written, call->pending)) {
        HeapFree(GetProcessHeap(), 0, memory);
        return NULL;
    }
    return memory;
}

static SECURITY_STATUS put_aside(const struct leg *leg, const struct tls_handshake *call,
                                 const BYTE *start)
{
    struct schannel_context *context = leg->context;
    void *memory;

    if (!leg->first) {
        memory = collect(context, call, start);
        if (!memory) {
            leg_fail(context, SEC_E_INSUFFICIENT_MEMORY);
            output_give(leg, NULL, 0);
            return SEC_E_INSUFFICIENT_MEMORY;
        }
        context->replay.waiting = true;
        context->replay.status = call->status;
        context->replay.consumed = call->consumed;
        context->replay.output = memory;
        context->replay.output_size = call->written + call->pending;
    }
    output_give(leg, NULL, call->written + call->pending);
    return SEC_E_BUFFER_TOO_SMALL;
}

SECURITY_STATUS output_deliver(const struct leg *leg, const struct tls_handshake *call,
                               const BYTE *start)
{
    ULONG size = call->written + call->pending;
    bool failed = leg_failed(call->status);
    void *memory = NULL;

    if (leg->context->datagram && !call->written)
        return datagram_deliver(leg, call);
    /* An alert that does not fit is not worth another call: the handshake has failed all the same.
     */
    if (failed &&
        (!leg->extended_error || !leg->buffers.output || (call->pending && !leg->allocate))) {
        drop_output(leg->context, call->pending);
        size = 0;
    }
    if (leg->allocate && size && leg->buffers.output) {
        memory = collect(leg->context, call, start);
        if (!memory && !failed) {
            leg_fail(leg->context, SEC_E_INSUFFICIENT_MEMORY);
            output_give(leg, NULL, 0);
            return SEC_E_INSUFFICIENT_MEMORY;
        }
        if (!memory)
            size = 0;
    } else if (size && (call->pending || leg->allocate)) {
        return put_aside(leg, call, start);
    }
    output_give(leg, memory, size);
    if (!failed)
        buffers_set_extra(&leg->buffers, call->consumed);
    return call->status;
}

SECURITY_STATUS output_replay(const struct leg *leg)
{
    struct schannel_context *context = leg->context;
    SecBuffer *output = leg->buffers.output;
    const SecBuffer *input = leg->buffers.input;
    ULONG size = context->replay.output_size, given = input ? input->cbBuffer : 0;

    /* Else the caller would give again, in its next call, what has been consumed already. */
    if (given < context->replay.consumed) {
        buffers_set_missing(&leg->buffers, context->replay.consumed - given);
        return SEC_E_INCOMPLETE_MESSAGE;
    }
    if (!output)
        return SEC_E_BUFFER_TOO_SMALL;
    if (leg->allocate) {
        output_give(leg, context->replay.output, size);
    } else if (output->cbBuffer < size || !output->pvBuffer) {
        output_give(leg, NULL, size);
        return SEC_E_BUFFER_TOO_SMALL;
    } else {
        memcpy(output->pvBuffer, context->replay.output, size);
        HeapFree(GetProcessHeap(), 0, context->replay.output);
        output_give(leg, NULL, size);
    }
    context->replay.waiting = false;
    context->replay.output = NULL;
    buffers_set_extra(&leg->buffers, context->replay.consumed);
    return context->replay.status;
}

void output_free(struct schannel_context *context)
{
    if (context->replay.output)
        HeapFree(GetProcessHeap(), 0, context->replay.output);
}
