/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * EncryptMessage and DecryptMessage: one record each, in the caller's memory.
 *
 * These two run outside the context's lane, at the same time as each other. Each takes the lock of
 * its own direction only, so one thread may send while another receives; a handshake leg takes
 * both. Between the caller's buffers and the engine there is neither memory to allocate nor
 * anything to copy.
 *
 * Everything that can be wrong with the buffers is found before they or the session are touched.
 * The statuses are those that Windows is known to give where it is known; SEC_E_ENCRYPT_FAILURE for
 * more than cbMaximumMessage is.
 *
 * Of the quality of protection values there is, besides 0, SECQOP_WRAP_OOB_DATA of TLS: DATA holds
 * an alert, level and number, and comes out as its record.
 */
#include "schannel/calls/calls.h"
#include "core/lock.h"
#include "core/package.h"
#include "schannel/base/buffers.h"
#include "schannel/base/context.h"
#include "schannel/base/engine.h"
#include "schannel/legs/carried.h"
#include "schannel/legs/outcome.h"
#include "schannel/legs/report.h"
#include "winegnutls/unixlib.h"

/* What DecryptMessage wants beside DATA, for HEADER, TRAILER and EXTRA. */
#define DECRYPT_SPARE    3
/* The record of an alert, with any suite's header, padding and MAC. */
#define MAX_ALERT_RECORD 512

static void set_buffer(SecBuffer *buffer, ULONG type, void *memory, ULONG size)
{
    buffer->BufferType = type;
    buffer->pvBuffer = memory;
    buffer->cbBuffer = size;
}

struct encrypt_buffers {
    SecBuffer *header, *data, *trailer;
};

static SECURITY_STATUS find_encrypt_buffers(const SecBufferDesc *message,
                                            struct encrypt_buffers *found)
{
    SecBuffer **slot;

    memset(found, 0, sizeof(*found));
    if (!message || !message->pBuffers)
        return SEC_E_INVALID_TOKEN;
    for (ULONG i = 0; i < message->cBuffers; i++) {
        SecBuffer *buffer = &message->pBuffers[i];

        switch (buffer->BufferType & ~SECBUFFER_ATTRMASK) {
        case SECBUFFER_STREAM_HEADER:
            slot = &found->header;
            break;
        case SECBUFFER_DATA:
            slot = &found->data;
            break;
        case SECBUFFER_STREAM_TRAILER:
            slot = &found->trailer;
            break;
        default:
            continue;
        }
        if (*slot || (buffer->cbBuffer && !buffer->pvBuffer))
            return SEC_E_INVALID_TOKEN;
        *slot = buffer;
    }
    return found->header && found->data && found->trailer ? SEC_E_OK : SEC_E_INVALID_TOKEN;
}

static SECURITY_STATUS encrypt(struct schannel_context *context,
                               const struct encrypt_buffers *buffers)
{
    struct tls_encrypt call = {.session = context->session,
                               .header = (ULONG_PTR)buffers->header->pvBuffer,
                               .data = (ULONG_PTR)buffers->data->pvBuffer,
                               .trailer = (ULONG_PTR)buffers->trailer->pvBuffer,
                               .header_size = buffers->header->cbBuffer,
                               .data_size = buffers->data->cbBuffer,
                               .trailer_size = buffers->trailer->cbBuffer};

    if (!context->connected)
        return SEC_E_OUT_OF_SEQUENCE;
    if (context->send.closed)
        return SEC_E_CONTEXT_EXPIRED;
    if (call.data_size > context->sizes.max_data)
        return SEC_E_ENCRYPT_FAILURE;
    if (call.header_size < context->sizes.header || call.trailer_size < context->sizes.trailer)
        return SEC_E_BUFFER_TOO_SMALL;
    if (engine_call(TLS_CALL_ENCRYPT, &call) != SEC_E_OK)
        return SEC_E_INTERNAL_ERROR;
    if (call.status == SEC_E_OK) {
        buffers->header->cbBuffer = call.header_size;
        buffers->trailer->cbBuffer = call.trailer_size;
    }
    return call.status;
}

/* Under both locks: what is held comes out of the engine. */
static SECURITY_STATUS encrypt_carried(struct schannel_context *context,
                                       const struct encrypt_buffers *buffers)
{
    const ULONG header_size = buffers->header->cbBuffer;
    SECURITY_STATUS status = encrypt(context, buffers);

    if (status != SEC_E_OK)
        return status;
    return carried_lead(context, buffers->header, header_size, buffers->data, buffers->trailer);
}

/* Divides the engine's record like one of data. False: it does not fit, which cannot be. */
static bool divide(const BYTE *record, ULONG size, const struct encrypt_buffers *buffers,
                   ULONG header)
{
    const ULONG data = buffers->data->cbBuffer;

    if (size < header + data || size - header - data > buffers->trailer->cbBuffer)
        return false;
    memcpy(buffers->header->pvBuffer, record, header);
    memcpy(buffers->data->pvBuffer, record + header, data);
    memcpy(buffers->trailer->pvBuffer, record + header + data, size - header - data);
    buffers->header->cbBuffer = header;
    buffers->trailer->cbBuffer = size - header - data;
    return true;
}

/* Under both locks: an alert may end the context. */
static SECURITY_STATUS encrypt_alert(struct schannel_context *context,
                                     const struct encrypt_buffers *buffers)
{
    const BYTE *alert = buffers->data->pvBuffer;
    BYTE record[MAX_ALERT_RECORD];
    struct tls_handshake call = {.session = context->session,
                                 .action = TLS_ACTION_ALERT,
                                 .output = (ULONG_PTR)record,
                                 .output_size = sizeof(record)};

    if (buffers->data->cbBuffer != 2 ||
        (alert[0] != TLS1_ALERT_WARNING && alert[0] != TLS1_ALERT_FATAL))
        return SEC_E_INVALID_TOKEN;
    if (!context->connected)
        return SEC_E_OUT_OF_SEQUENCE;
    if (context->state != SCHANNEL_CONNECTED)
        return SEC_E_CONTEXT_EXPIRED;
    if (buffers->header->cbBuffer < context->sizes.header ||
        buffers->trailer->cbBuffer < context->sizes.trailer)
        return SEC_E_BUFFER_TOO_SMALL;
    context->alert.level = call.alert_level = alert[0];
    context->alert.number = call.alert = alert[1];
    if (engine_call(TLS_CALL_HANDSHAKE, &call) != SEC_E_OK)
        call.status = SEC_E_INTERNAL_ERROR;
    if (call.status == SEC_E_OK &&
        (call.pending || !divide(record, call.written, buffers, context->sizes.header)))
        call.status = SEC_E_INTERNAL_ERROR;
    leg_alert_sent(context, call.status);
    return call.status;
}

SECURITY_STATUS schannel_encrypt(struct context *base, ULONG qop, SecBufferDesc *message,
                                 ULONG sequence)
{
    struct schannel_context *context = (struct schannel_context *)base;
    struct encrypt_buffers buffers;
    SECURITY_STATUS status;

    (void)sequence;
    if (qop && (qop != SECQOP_WRAP_OOB_DATA || context->datagram || context->carried.room))
        return SEC_E_QOP_NOT_SUPPORTED;
    status = find_encrypt_buffers(message, &buffers);
    if (status != SEC_E_OK)
        return status;
    if (qop || context->carried.room) {
        context_lock(context);
        status = qop ? encrypt_alert(context, &buffers) : encrypt_carried(context, &buffers);
        context_unlock(context);
        return status;
    }
    lock_acquire(&context->send.lock);
    status = encrypt(context, &buffers);
    lock_release(&context->send.lock);
    return status;
}

/* The one DATA buffer of a message that has EMPTY ones for the answer; NULL: not such a message. */
static SecBuffer *find_decrypt_data(const SecBufferDesc *message)
{
    SecBuffer *data = NULL;
    unsigned int spare = 0;

    if (!message || !message->pBuffers)
        return NULL;
    for (ULONG i = 0; i < message->cBuffers; i++) {
        SecBuffer *buffer = &message->pBuffers[i];
        ULONG type = buffer->BufferType & ~SECBUFFER_ATTRMASK;

        if (type == SECBUFFER_EMPTY)
            spare++;
        if (type != SECBUFFER_DATA)
            continue;
        if (data)
            return NULL;
        data = buffer;
    }
    return spare >= DECRYPT_SPARE && data && (data->pvBuffer || !data->cbBuffer) ? data : NULL;
}

/*
 * HEADER, DATA, TRAILER and EXTRA or EMPTY in the first four buffers, wherever the input stood. A
 * record without data of its own (a ticket, an alert) has an empty DATA.
 */
static void describe_record(SecBufferDesc *message, SecBuffer *data, const struct tls_decrypt *call)
{
    SecBuffer *buffers = message->pBuffers;
    BYTE *memory = (BYTE *)(ULONG_PTR)call->buffer, *input = data->pvBuffer;
    ULONG left = data->cbBuffer - call->consumed;

    set_buffer(data, SECBUFFER_EMPTY, NULL, 0);
    set_buffer(&buffers[0], SECBUFFER_STREAM_HEADER, memory, call->header_size);
    memory += call->header_size;
    set_buffer(&buffers[1], SECBUFFER_DATA, memory, call->data_size);
    memory += call->data_size;
    set_buffer(&buffers[2], SECBUFFER_STREAM_TRAILER, memory, call->trailer_size);
    if (left)
        set_buffer(&buffers[3], SECBUFFER_EXTRA, input + call->consumed, left);
    else
        set_buffer(&buffers[3], SECBUFFER_EMPTY, NULL, 0);
}

/*
 * As Windows does it: the size is both in the place of the input, whose memory stays where it is,
 * and in the first EMPTY buffer. Programs look at either.
 */
static void describe_missing(const struct schannel_context *context, const SecBufferDesc *message,
                             SecBuffer *data, ULONG missing)
{
    SecBuffer *spare = buffer_find(message, SECBUFFER_EMPTY);
    const ULONG whole = data->cbBuffer + missing;

    set_buffer(data, SECBUFFER_MISSING, data->pvBuffer, missing);
    if (spare)
        set_buffer(spare, SECBUFFER_MISSING, NULL,
                   context->caller == CALLER_WLDAP32 ? whole : missing);
}

static SECURITY_STATUS decrypt(struct schannel_context *context, SecBufferDesc *message,
                               SecBuffer *data)
{
    struct tls_decrypt call = {.session = context->session,
                               .buffer = (ULONG_PTR)data->pvBuffer,
                               .buffer_size = data->cbBuffer};

    if (!context->connected)
        return SEC_E_OUT_OF_SEQUENCE;
    if ((context->carried.room ? carried_open(context, &call)
                               : engine_call(TLS_CALL_DECRYPT, &call)) != SEC_E_OK)
        return SEC_E_INTERNAL_ERROR;
    if (leg_failed(call.status) && call.alert != TLS_NO_ALERT && !context->datagram)
        context->receive.failed = true;
    if (leg_failed(call.status))
        report_refused_record(context, call.status);
    switch (call.status) {
    case SEC_I_RENEGOTIATE:
        /* A HelloRequest is taken; else all of it is EXTRA, for the handshake functions. */
        describe_record(message, data, &call);
        break;
    case SEC_I_CONTEXT_EXPIRED:
        call.header_size = call.data_size = call.trailer_size = 0;
        describe_record(message, data, &call);
        break;
    case SEC_E_OK:
        describe_record(message, data, &call);
        break;
    case SEC_E_INCOMPLETE_MESSAGE:
        describe_missing(context, message, data, call.missing);
        break;
    }
    return call.status;
}

SECURITY_STATUS schannel_decrypt(struct context *base, SecBufferDesc *message, ULONG sequence,
                                 ULONG *qop)
{
    struct schannel_context *context = (struct schannel_context *)base;
    SecBuffer *data = find_decrypt_data(message);
    SECURITY_STATUS status;

    (void)sequence;
    if (!data)
        return SEC_E_INVALID_TOKEN;
    lock_acquire(&context->receive.lock);
    status = decrypt(context, message, data);
    lock_release(&context->receive.lock);
    if (qop)
        *qop = 0;
    return status;
}
