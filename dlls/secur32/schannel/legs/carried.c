/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What Wine's winhttp and wininet would lose of TLS 1.3 (calls/callers.c says who they are).
 *
 * They follow the rules of TLS 1.2 as Wine's secur32 has it: the call that returns SEC_E_OK has
 * neither output nor EXTRA, DecryptMessage knows no SEC_I_RENEGOTIATE, and a record goes out as
 * cbBuffer of header, data and trailer together say, from the start of one buffer.
 *
 * Sending: the last flight and answers to KeyUpdate are held in the engine. The next record that is
 * sealed moves up behind them, to the start of the header, which is announced as large as that
 * needs; later records move as well. A leg that sends something (SCHANNEL_SHUTDOWN) takes them
 * along. HTTP clients speak first: nobody waits for ever.
 *
 * Receiving: what stood behind the server's Finished is kept for DecryptMessage, which completes
 * its last record with the program's input. Tickets and KeyUpdate are taken there. When nothing but
 * such has come, the answer is SEC_E_OK without data, and they read on.
 *
 * In TLS 1.2 a handshake that resumes nothing ends with the server's word: nothing is held, and
 * everything is as for others.
 */
#include "schannel/legs/carried.h"
#include "schannel/base/buffers.h"
#include "schannel/base/context.h"
#include "schannel/base/engine.h"
#include "schannel/legs/outcome.h"
#include "winegnutls/unixlib.h"

/* An answer to the peer's KeyUpdate and one for a worn key, 27 bytes each. */
#define KEY_UPDATES_SIZE 64

void carried_free(struct schannel_context *context)
{
    struct carried *carried = &context->carried;

    if (!carried->bytes)
        return;
    RtlSecureZeroMemory(carried->bytes, carried->size);
    HeapFree(GetProcessHeap(), 0, carried->bytes);
    carried->bytes = NULL;
    carried->done = carried->size = 0;
}

/* What is left and `more` behind it, in new memory. */
static bool keep(struct schannel_context *context, const BYTE *more, ULONG size)
{
    struct carried *carried = &context->carried;
    const ULONG left = carried->size - carried->done;
    BYTE *bytes = HeapAlloc(GetProcessHeap(), 0, left + size);

    if (!bytes)
        return false;
    if (left)
        memcpy(bytes, carried->bytes + carried->done, left);
    memcpy(bytes + left, more, size);
    carried_free(context);
    carried->bytes = bytes;
    carried->size = left + size;
    return true;
}

void carried_begin(const struct leg *leg, struct tls_handshake *call)
{
    struct schannel_context *context = leg->context;
    const SecBuffer *input = leg->buffers.input;

    if (call->status != SEC_E_OK || !call->renewed || !call->held)
        return;
    context->carried.room = call->held + KEY_UPDATES_SIZE;
    context->sizes.header += context->carried.room;
    if (!input || call->consumed >= input->cbBuffer)
        return;
    if (!keep(context, (const BYTE *)input->pvBuffer + call->consumed,
              input->cbBuffer - call->consumed)) {
        call->status = SEC_E_INSUFFICIENT_MEMORY;
        leg_fail(context, call->status);
    }
    /* No EXTRA. */
    call->consumed = input->cbBuffer;
}

SECURITY_STATUS carried_lead(struct schannel_context *context, SecBuffer *header, ULONG header_size,
                             SecBuffer *data, SecBuffer *trailer)
{
    const ULONG held = context->carried.held, lead = held + header->cbBuffer;
    BYTE *start = header->pvBuffer, *bytes = data->pvBuffer;
    struct tls_take_output call = {
        .session = context->session, .output = (ULONG_PTR)start, .output_size = held};

    if (lead > header_size)
        return SEC_E_INTERNAL_ERROR;
    memmove(start + held, start, header->cbBuffer);
    if (bytes == start + header_size && trailer->pvBuffer == bytes + data->cbBuffer) {
        memmove(start + lead, bytes, data->cbBuffer + trailer->cbBuffer);
        data->pvBuffer = start + lead;
        trailer->pvBuffer = start + lead + data->cbBuffer;
    }
    header->cbBuffer = lead;
    if (held && (engine_call(TLS_CALL_TAKE_OUTPUT, &call) != SEC_E_OK || call.written != held))
        return SEC_E_INTERNAL_ERROR;
    context->carried.held = 0;
    return SEC_E_OK;
}

/* What DecryptMessage has met and is no data, by a leg of the engine's; the bytes it has taken. */
static ULONG take_messages(struct schannel_context *context, struct tls_decrypt *call)
{
    struct tls_handshake leg = {.session = context->session,
                                .action = TLS_ACTION_HANDSHAKE,
                                .input = call->buffer,
                                .input_size = call->buffer_size};

    lock_acquire(&context->send.lock);
    if (engine_call(TLS_CALL_HANDSHAKE, &leg) != SEC_E_OK)
        leg.status = SEC_E_INTERNAL_ERROR;
    context->carried.held = leg.held;
    leg_driven(context, &leg);
    lock_release(&context->send.lock);
    call->status = leg.status;
    return leg.consumed;
}

/* Where the next record is looked for. */
struct source {
    struct carried *carried;
    BYTE *input;
    ULONG size, taken; /* of the program's input */
};

static bool is_kept(const struct source *source)
{
    return source->carried->done < source->carried->size;
}

static void advance(struct source *source, ULONG size)
{
    if (is_kept(source))
        source->carried->done += size;
    else
        source->taken += size;
}

/* Opens the first record there is. */
static SECURITY_STATUS open_record(const struct source *source, struct tls_decrypt *call)
{
    const struct carried *carried = source->carried;

    call->buffer = (ULONG_PTR)(is_kept(source) ? carried->bytes + carried->done
                                               : source->input + source->taken);
    call->buffer_size =
        is_kept(source) ? carried->size - carried->done : source->size - source->taken;
    return engine_call(TLS_CALL_DECRYPT, call);
}

/* What is kept ends within a record. False: the input has no more of it, or there is no memory. */
static bool complete(struct schannel_context *context, struct source *source,
                     struct tls_decrypt *call)
{
    const ULONG part = min(call->missing, source->size - source->taken);

    if (!part)
        return false;
    if (!keep(context, source->input + source->taken, part)) {
        call->status = SEC_E_INSUFFICIENT_MEMORY;
        return false;
    }
    source->taken += part;
    return true;
}

/* Deals with what is no record of data; false when that is the answer. */
static bool go_on(struct schannel_context *context, struct source *source, struct tls_decrypt *call,
                  bool *idle)
{
    const bool was_idle = *idle;
    ULONG size;

    if (call->status == SEC_E_INCOMPLETE_MESSAGE)
        return is_kept(source) && complete(context, source, call);
    if (call->status != SEC_I_RENEGOTIATE)
        return false;
    /* A worn key is replaced although nothing is taken, once. */
    size = take_messages(context, call);
    *idle = !size;
    advance(source, size);
    return call->status == SEC_E_OK && !(*idle && was_idle);
}

SECURITY_STATUS carried_open(struct schannel_context *context, struct tls_decrypt *call)
{
    struct source source = {.carried = &context->carried,
                            .input = (BYTE *)(ULONG_PTR)call->buffer,
                            .size = call->buffer_size};
    bool idle = false;

    if (!is_kept(&source))
        carried_free(context);
    do {
        if (open_record(&source, call) != SEC_E_OK)
            return SEC_E_INTERNAL_ERROR;
    } while (go_on(context, &source, call, &idle));
    if (call->status == SEC_E_INCOMPLETE_MESSAGE && source.taken) {
        call->status = SEC_E_OK;
        call->header_size = call->data_size = call->trailer_size = 0;
    }
    advance(&source, call->consumed);
    call->consumed = source.taken;
    return SEC_E_OK;
}
