/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * DTLS over UDP.
 *
 * The calls are the synchronous ones: what they compute is what it is, and a datagram that comes
 * meanwhile waits in the socket. A flight may take several calls (SEC_I_MESSAGE_FRAGMENT), one for
 * each datagram. A call without input, when the timer has run out, repeats the last flight.
 */
#include "tls/datagram.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "tls/cause.h"
#include "tls/record.h"

#define FIRST_INTERVAL 1000
#define LAST_INTERVAL  60000
#define RECORD_HEADER  13

SECURITY_STATUS datagram_init(struct datagram_end *end, const struct tls_credentials *credentials,
                              const char *target, SOCKET socket, const void *address,
                              int address_size)
{
    memset(end, 0, sizeof(*end));
    end->tls.credentials = credentials;
    SecInvalidateHandle(&end->tls.context);
    end->socket = socket;
    memcpy(&end->address, address, address_size);
    end->address_size = address_size;
    end->interval = FIRST_INTERVAL;
    end->tls.started_us = clock_us();
    if (target && !(end->tls.target = wide_text(target)))
        return SEC_E_INSUFFICIENT_MEMORY;
    return SEC_E_OK;
}

/* One call; its token goes to the peer. What was not consumed stays in tls.input. */
static SECURITY_STATUS call(struct datagram_end *end, bool with_input)
{
    struct tls *tls = &end->tls;
    const struct tls_credentials *credentials = tls->credentials;
    PCtxtHandle context = tls->has_context ? &tls->context : NULL;
    unsigned char token[DATAGRAM_MAX];
    SecBuffer in[4], out = {sizeof(token), SECBUFFER_TOKEN, token};
    SecBufferDesc input = {SECBUFFER_VERSION, 0, in}, output = {SECBUFFER_VERSION, 1, &out};
    CtxtHandle made = tls->context;
    SECURITY_STATUS status;

    if (with_input) {
        in[input.cBuffers++] =
            (SecBuffer){(ULONG)tls->input.size, SECBUFFER_TOKEN, tls->input.data};
        in[input.cBuffers++] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    }
    if (credentials->server)
        in[input.cBuffers++] =
            (SecBuffer){(ULONG)end->address_size, SECBUFFER_EXTRA, &end->address};
    if (credentials->alpn_size && (credentials->server || !context))
        in[input.cBuffers++] = (SecBuffer){credentials->alpn_size, SECBUFFER_APPLICATION_PROTOCOLS,
                                           (void *)credentials->alpn};
    if (credentials->server)
        status = AcceptSecurityContext((PCredHandle)&credentials->handle, context, &input,
                                       credentials->requirements, 0, &made, &output,
                                       &tls->attributes, &tls->expiry);
    else
        status = InitializeSecurityContextW(
            (PCredHandle)&credentials->handle, context, tls->target, credentials->requirements, 0,
            0, input.cBuffers ? &input : NULL, 0, &made, &output, &tls->attributes, &tls->expiry);
    if (!context && SecIsValidHandle(&made)) {
        tls->context = made;
        tls->has_context = true;
    }
    tls->legs++;
    end->answered = out.cbBuffer && status != SEC_E_BUFFER_TOO_SMALL;
    if (end->answered)
        sendto(end->socket, (const char *)token, (int)out.cbBuffer, 0,
               (struct sockaddr *)&end->address, end->address_size);
    if (with_input)
        buffer_consume(&tls->input, tls->input.size -
                                        (in[1].BufferType == SECBUFFER_EXTRA ? in[1].cbBuffer : 0));
    return status;
}

/* A whole flight; then the timer starts anew, unless we are done. */
static enum tls_event leg(struct datagram_end *end, bool with_input)
{
    struct tls *tls = &end->tls;
    const unsigned char *input = tls->input.data;
    size_t size = with_input ? tls->input.size : 0;

    tls->status = call(end, with_input);
    while (tls->status == SEC_I_MESSAGE_FRAGMENT)
        tls->status = call(end, false);
    end->due = tls->has_context ? GetTickCount64() + end->interval : 0;
    if (tls->status == SEC_I_CONTINUE_NEEDED || tls->status == SEC_E_INCOMPLETE_MESSAGE)
        return TLS_NEED_INPUT;
    end->due = 0;
    if (tls->status != SEC_E_OK) {
        tls->cause = cause_of_leg(tls->status, end->answered, input, size, RECORD_HEADER);
        return TLS_FAILED;
    }
    if (tls->connected)
        return TLS_NEED_INPUT;
    tls->status = QueryContextAttributesW(&tls->context, SECPKG_ATTR_STREAM_SIZES, &tls->sizes);
    tls->connected = tls->status == SEC_E_OK;
    tls->handshake_us = clock_us() - tls->started_us;
    return tls->connected ? TLS_CONNECTED : TLS_FAILED;
}

enum tls_event datagram_begin(struct datagram_end *end)
{
    return leg(end, false);
}

/* The records of tls.input. */
static enum tls_event take_records(struct datagram_end *end, datagram_sink *sink, void *data)
{
    struct tls *tls = &end->tls;
    unsigned char *bytes;
    size_t size, record;

    while (tls->input.size) {
        switch (tls_decrypt(tls, &bytes, &size, &record)) {
        case TLS_DATA:
            if (!sink(data, bytes, size))
                return TLS_CLOSED;
            tls_consume(tls, record);
            break;
        case TLS_NEED_LEG:
            if (leg(end, true) == TLS_FAILED)
                return TLS_FAILED;
            break;
        case TLS_CLOSED:
            return TLS_CLOSED;
        default:
            /* The peer has not got our last flight; or a datagram that is to be dropped. */
            if (tls->status == SEC_E_UNFINISHED_CONTEXT_DELETED)
                return leg(end, true);
            if (tls->status != SEC_E_INVALID_TOKEN && tls->status != SEC_E_OUT_OF_SEQUENCE)
                return TLS_FAILED;
            buffer_consume(&tls->input, tls->input.size);
            break;
        }
    }
    return TLS_NEED_INPUT;
}

enum tls_event datagram_take(struct datagram_end *end, const void *bytes, size_t size,
                             datagram_sink *sink, void *data)
{
    struct tls *tls = &end->tls;
    enum tls_event event, more;

    buffer_consume(&tls->input, tls->input.size);
    if (!buffer_append(&tls->input, bytes, size)) {
        tls->status = SEC_E_INSUFFICIENT_MEMORY;
        return TLS_FAILED;
    }
    if (tls->connected)
        return take_records(end, sink, data);
    end->interval = FIRST_INTERVAL;
    event = leg(end, true);
    if (event != TLS_CONNECTED)
        return event;
    more = take_records(end, sink, data);
    return more == TLS_NEED_INPUT ? TLS_CONNECTED : more;
}

enum tls_event datagram_tick(struct datagram_end *end)
{
    if (!end->due || GetTickCount64() < end->due)
        return TLS_NEED_INPUT;
    end->interval = min(2 * end->interval, LAST_INTERVAL);
    return leg(end, false);
}

DWORD datagram_patience(const struct datagram_end *end, DWORD most)
{
    ULONGLONG now = GetTickCount64();

    if (!end->due)
        return most;
    return end->due <= now ? 0 : (DWORD)min(end->due - now, most);
}

bool datagram_send(struct datagram_end *end, const void *bytes, size_t size)
{
    struct buffer record = {0};
    bool sent = size <= end->tls.sizes.cbMaximumMessage &&
                tls_encrypt(&end->tls, bytes, size, &record) == SEC_E_OK &&
                sendto(end->socket, (const char *)record.data, (int)record.size, 0,
                       (struct sockaddr *)&end->address, end->address_size) == (int)record.size;

    buffer_free(&record);
    return sent;
}

void datagram_shutdown(struct datagram_end *end)
{
    DWORD token = SCHANNEL_SHUTDOWN;
    SecBuffer buffer = {sizeof(token), SECBUFFER_TOKEN, &token};
    SecBufferDesc description = {SECBUFFER_VERSION, 1, &buffer};

    if (end->tls.connected && ApplyControlToken(&end->tls.context, &description) == SEC_E_OK)
        call(end, false);
}

void datagram_free(struct datagram_end *end)
{
    tls_free(&end->tls);
}
