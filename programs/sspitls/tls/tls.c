/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Legs of a connection: one Initialize- or AcceptSecurityContext each, made directly or queued on
 * the asynchronous pool.
 *
 * The only difference between the two ways is who makes the call; what goes in and what is done
 * with the result is the same code. tls_begin_leg() must not touch the connection after a call has
 * been queued: its completion may already run in another thread, and even have freed it.
 *
 * A first AcceptSecurityContext on an incomplete ClientHello makes no context and consumes nothing;
 * the next leg is then a first one again, with more input. `has_context` follows what the handle
 * says, not what the status says.
 */
#include "tls/tls.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "tls/async.h"
#include "tls/cause.h"

#define RECORD_HEADER 5

static void leg_completed(SspiAsyncContext *call, void *data)
{
    struct tls *tls = data;

    (void)call;
    tls->completed(tls, tls->completed_data);
}

SECURITY_STATUS tls_init(struct tls *tls, const struct tls_credentials *credentials,
                         const char *target)
{
    memset(tls, 0, sizeof(*tls));
    tls->credentials = credentials;
    tls->requirements = credentials->requirements;
    SecInvalidateHandle(&tls->context);
    if (target && !(tls->target = wide_text(target)))
        return SEC_E_INSUFFICIENT_MEMORY;
    if (!credentials->sync) {
        tls->call = async.create();
        if (!tls->call)
            return SEC_E_INSUFFICIENT_MEMORY;
        return async.set_callback(tls->call, leg_completed, tls);
    }
    return SEC_E_OK;
}

/* Fills the buffer descriptors; returns the input descriptor to pass, NULL for none. */
static SecBufferDesc *prepare_buffers(struct tls *tls)
{
    const struct tls_credentials *credentials = tls->credentials;
    ULONG inputs = 0;

    if (credentials->server || tls->has_context) {
        tls->in[inputs++] = (SecBuffer){(ULONG)tls->input.size, SECBUFFER_TOKEN, tls->input.data};
        tls->in[inputs++] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    }
    if (!tls->has_context && credentials->alpn_size)
        tls->in[inputs++] = (SecBuffer){credentials->alpn_size, SECBUFFER_APPLICATION_PROTOCOLS,
                                        (void *)credentials->alpn};
    tls->in_description = (SecBufferDesc){SECBUFFER_VERSION, inputs, tls->in};

    tls->token.size = 0;
    tls->out[0] = (SecBuffer){(ULONG)tls->token.capacity, SECBUFFER_TOKEN, tls->token.data};
    tls->out_description = (SecBufferDesc){SECBUFFER_VERSION, 1, tls->out};
    return inputs ? &tls->in_description : NULL;
}

static SECURITY_STATUS call_sync(struct tls *tls, SecBufferDesc *input)
{
    const struct tls_credentials *credentials = tls->credentials;
    CtxtHandle *current = tls->has_context ? &tls->current : NULL;

    if (credentials->server)
        return AcceptSecurityContext((CredHandle *)&credentials->handle, current, input,
                                     tls->requirements, SECURITY_NATIVE_DREP, &tls->context,
                                     &tls->out_description, &tls->attributes, &tls->expiry);
    return InitializeSecurityContextW((CredHandle *)&credentials->handle, current, tls->target,
                                      tls->requirements, 0, SECURITY_NATIVE_DREP, input, 0,
                                      &tls->context, &tls->out_description, &tls->attributes,
                                      &tls->expiry);
}

static SECURITY_STATUS call_async(struct tls *tls, SecBufferDesc *input)
{
    const struct tls_credentials *credentials = tls->credentials;
    CtxtHandle *current = tls->has_context ? &tls->current : NULL;

    if (credentials->server)
        return async.accept(tls->call, (CredHandle *)&credentials->handle, current, input,
                            tls->requirements, SECURITY_NATIVE_DREP, &tls->context,
                            &tls->out_description, &tls->attributes, &tls->expiry);
    return async.initialize(tls->call, (CredHandle *)&credentials->handle, current, tls->target,
                            tls->requirements, 0, SECURITY_NATIVE_DREP, input, 0, &tls->context,
                            &tls->out_description, &tls->attributes, &tls->expiry);
}

bool tls_begin_leg(struct tls *tls)
{
    SecBufferDesc *input;
    SECURITY_STATUS status;

    if (!tls->legs)
        tls->started_us = clock_us();
    tls->legs++;
    if (!buffer_reserve(&tls->token, tls->credentials->max_token)) {
        tls->status = SEC_E_INSUFFICIENT_MEMORY;
        return true;
    }
    input = prepare_buffers(tls);
    tls->current = tls->context;
    if (!tls->call) {
        tls->status = call_sync(tls, input);
        return true;
    }
    tls->status = SEC_I_ASYNC_CALL_PENDING;
    status = call_async(tls, input);
    if (status == SEC_E_OK)
        return false;
    tls->status = status;
    return true;
}

/* Drops what the leg has consumed of the input: all but the EXTRA buffer's bytes. */
static void consume_input(struct tls *tls)
{
    size_t extra = 0;

    for (ULONG i = 0; i < tls->in_description.cBuffers; i++) {
        if (tls->in[i].BufferType == SECBUFFER_EXTRA)
            extra = min(tls->in[i].cbBuffer, tls->input.size);
    }
    buffer_consume(&tls->input, tls->input.size - extra);
}

/* How much input there must be for the next leg to get any further. */
static size_t wanted_input(const struct tls *tls)
{
    for (ULONG i = 0; i < tls->in_description.cBuffers; i++) {
        if (tls->in[i].BufferType == SECBUFFER_MISSING)
            return tls->input.size + tls->in[i].cbBuffer;
    }
    return 0;
}

/* Keeps what a call has written; one that failed may have written an alert, or nothing. */
static void take_output(struct tls *tls, SECURITY_STATUS status)
{
    const SecBuffer *out = &tls->out[0];

    if (out->BufferType == SECBUFFER_TOKEN && out->pvBuffer == tls->token.data &&
        status != SEC_E_INCOMPLETE_MESSAGE && out->cbBuffer < tls->token.capacity)
        tls->token.size = out->cbBuffer;
}

/* The first handshake or a later one is over. */
static enum tls_event handshake_complete(struct tls *tls)
{
    SecPkgContext_ConnectionInfo info = {0};

    if (!tls->connected)
        tls->handshake_us = clock_us() - tls->started_us;
    tls->status = QueryContextAttributesW(&tls->context, SECPKG_ATTR_STREAM_SIZES, &tls->sizes);
    if (tls->status != SEC_E_OK)
        return TLS_FAILED;
    if (QueryContextAttributesW(&tls->context, SECPKG_ATTR_CONNECTION_INFO, &info) == SEC_E_OK)
        tls->renegotiable = !(info.dwProtocol & SP_PROT_TLS1_3);
    tls->connected = true;
    return TLS_CONNECTED;
}

enum tls_event tls_end_leg(struct tls *tls)
{
    bool renegotiating = tls->renegotiating;
    size_t before = tls->input.size;

    if (tls->call && tls->status == SEC_I_ASYNC_CALL_PENDING) {
        tls->status = async.status(tls->call);
        async.reinit(tls->call);
    }
    tls->has_context = SecIsValidHandle(&tls->context);
    take_output(tls, tls->status);

    tls->wanted = 0;
    tls->renegotiating = false;
    switch (tls->status) {
    case SEC_E_INCOMPLETE_MESSAGE:
        tls->wanted = wanted_input(tls);
        tls->renegotiating = renegotiating;
        return TLS_NEED_INPUT;
    case SEC_I_CONTINUE_NEEDED:
        consume_input(tls);
        tls->renegotiating = tls->renegotiable;
        /* Data on a connection is left where it is, for tls_decrypt(). */
        return tls->input.size && tls->input.size < before ? TLS_LEG_AGAIN : TLS_NEED_INPUT;
    case SEC_I_INCOMPLETE_CREDENTIALS:
        /* Asked for a certificate we do not have: the next leg goes on without one.
         * The bytes of this one were consumed like those of any other. */
        consume_input(tls);
        return TLS_LEG_AGAIN;
    case SEC_E_OK:
        consume_input(tls);
        return tls->connected && !renegotiating ? TLS_CONNECTED : handshake_complete(tls);
    case SEC_I_NO_RENEGOTIATION:
        consume_input(tls);
        return TLS_CONNECTED;
    case SEC_I_CONTEXT_EXPIRED:
        consume_input(tls);
        return TLS_CLOSED;
    default:
        tls->cause = cause_of_leg(tls->status, tls->token.size != 0, tls->input.data,
                                  tls->input.size, RECORD_HEADER);
        return TLS_FAILED;
    }
}

/* A leg without input, for what is to be said; the status of that. */
static SECURITY_STATUS speak(struct tls *tls)
{
    SECURITY_STATUS status;

    if (!buffer_reserve(&tls->token, tls->credentials->max_token))
        return SEC_E_INSUFFICIENT_MEMORY;
    prepare_buffers(tls);
    tls->current = tls->context;
    status = call_sync(tls, NULL);
    take_output(tls, status);
    return status;
}

/* Applies the control token and makes what it asks for in `token`; the status of that. */
static SECURITY_STATUS control(struct tls *tls, void *data, ULONG size)
{
    SecBuffer buffer = {size, SECBUFFER_TOKEN, data};
    SecBufferDesc description = {SECBUFFER_VERSION, 1, &buffer};
    SECURITY_STATUS status;

    if (!tls->has_context)
        return SEC_E_INVALID_HANDLE;
    status = ApplyControlToken(&tls->context, &description);
    return status == SEC_E_OK ? speak(tls) : status;
}

void tls_alert(struct tls *tls)
{
    speak(tls);
}

SECURITY_STATUS tls_shutdown(struct tls *tls)
{
    DWORD type = SCHANNEL_SHUTDOWN;
    SECURITY_STATUS status = control(tls, &type, sizeof(type));

    return status == SEC_I_CONTEXT_EXPIRED || status == SEC_I_CONTINUE_NEEDED ? SEC_E_OK : status;
}

SECURITY_STATUS tls_refuse_renegotiation(struct tls *tls)
{
    SCHANNEL_ALERT_TOKEN alert = {SCHANNEL_ALERT, TLS1_ALERT_WARNING, TLS1_ALERT_NO_RENEGOTIATION};

    return control(tls, &alert, sizeof(alert));
}

SECURITY_STATUS tls_renegotiate(struct tls *tls)
{
    DWORD type = SCHANNEL_RENEGOTIATE;
    SECURITY_STATUS status = control(tls, &type, sizeof(type));

    if (status == SEC_I_CONTINUE_NEEDED)
        tls->renegotiating = tls->renegotiable;
    return status;
}

void tls_free(struct tls *tls)
{
    if (tls->call && tls->has_context) {
        /* As the documentation does it: no callback, free right after queueing. */
        async.set_callback(tls->call, NULL, NULL);
        if (async.delete_context(tls->call, &tls->context) == SEC_E_OK)
            tls->has_context = false;
    }
    if (tls->has_context)
        DeleteSecurityContext(&tls->context);
    if (tls->call)
        async.free(tls->call);
    free(tls->target);
    buffer_free(&tls->input);
    buffer_free(&tls->token);
    memset(tls, 0, sizeof(*tls));
}
