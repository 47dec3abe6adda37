/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SecBufferDesc shapes of the handshake calls: find, check, fill.
 *
 * Programs order their buffers differently and leave EMPTY ones in between, so everything is found
 * by type. The descriptor's version is not looked at, as Windows does not either.
 */
#include "schannel/base/buffers.h"

/* One list of SEC_APPLICATION_PROTOCOLS before its protocols: extension, size. */
#define ALPN_LIST_HEADER (sizeof(ULONG) + sizeof(USHORT))

static ULONG type_of(const SecBuffer *buffer)
{
    return buffer->BufferType & ~SECBUFFER_ATTRMASK;
}

SecBuffer *buffer_find(const SecBufferDesc *description, ULONG type)
{
    if (!description || !description->pBuffers)
        return NULL;
    for (ULONG i = 0; i < description->cBuffers; i++)
        if (type_of(&description->pBuffers[i]) == type)
            return &description->pBuffers[i];
    return NULL;
}

/* (u8 length, bytes)... with no empty name and nothing left over. */
static bool is_name_list(const uint8_t *list, uint32_t size)
{
    uint32_t offset = 0;

    while (offset < size) {
        uint32_t length = list[offset++];

        if (!length || length > size - offset)
            return false;
        offset += length;
    }
    return size > 0;
}

/* Takes the first ALPN list; lists of other extensions (NPN) are stepped over. */
static bool parse_alpn(const SecBuffer *buffer, struct leg_buffers *buffers)
{
    const uint8_t *bytes = buffer->pvBuffer;
    ULONG lists_size, extension;
    USHORT size;

    if (!bytes || buffer->cbBuffer < sizeof(lists_size))
        return false;
    memcpy(&lists_size, bytes, sizeof(lists_size));
    bytes += sizeof(lists_size);
    if (lists_size > buffer->cbBuffer - sizeof(lists_size))
        return false;

    while (lists_size) {
        if (lists_size < ALPN_LIST_HEADER)
            return false;
        memcpy(&extension, bytes, sizeof(extension));
        memcpy(&size, bytes + sizeof(extension), sizeof(size));
        bytes += ALPN_LIST_HEADER;
        lists_size -= ALPN_LIST_HEADER;
        if (size > lists_size)
            return false;
        if (extension == SecApplicationProtocolNegotiationExt_ALPN) {
            buffers->alpn = bytes;
            buffers->alpn_size = size;
            return is_name_list(bytes, size);
        }
        bytes += size;
        lists_size -= size;
    }
    return true;
}

static bool has_memory(const SecBufferDesc *description)
{
    return !description || !description->cBuffers || description->pBuffers;
}

/* Buffers with a wish that we cannot fulfil: better said than passed over. */
static const ULONG unsupported_types[] = {
    SECBUFFER_CHANNEL_BINDINGS,
    SECBUFFER_TOKEN_BINDING,
    SECBUFFER_PRESHARED_KEY,
    SECBUFFER_PRESHARED_KEY_IDENTITY,
    SECBUFFER_SEND_GENERIC_TLS_EXTENSION,
    SECBUFFER_SUBSCRIBE_GENERIC_TLS_EXTENSION,
    SECBUFFER_TRAFFIC_SECRETS,
};

static bool asks_too_much(const SecBufferDesc *input, const SecBufferDesc *output)
{
    for (unsigned int i = 0; i < ARRAYSIZE(unsupported_types); i++)
        if (buffer_find(input, unsupported_types[i]))
            return true;
    return buffer_find(output, SECBUFFER_TRAFFIC_SECRETS) ||
           buffer_find(output, SECBUFFER_SUBSCRIBE_GENERIC_TLS_EXTENSION);
}

/* SEC_FLAGS: *_REQ_ flags with 64 bits. */
static bool parse_flags(const SecBuffer *buffer, struct leg_buffers *buffers)
{
    if (!buffer->pvBuffer || buffer->cbBuffer < sizeof(buffers->flags))
        return false;
    memcpy(&buffers->flags, buffer->pvBuffer, sizeof(buffers->flags));
    return true;
}

SECURITY_STATUS buffers_parse(const SecBufferDesc *input, const SecBufferDesc *output,
                              struct leg_buffers *buffers)
{
    const SecBuffer *alpn, *flags;

    memset(buffers, 0, sizeof(*buffers));
    if (!has_memory(input) || !has_memory(output))
        return SEC_E_INVALID_TOKEN;
    if (asks_too_much(input, output))
        return SEC_E_UNSUPPORTED_FUNCTION;
    flags = buffer_find(input, SECBUFFER_FLAGS);
    if (flags && !parse_flags(flags, buffers))
        return SEC_E_INVALID_TOKEN;

    buffers->input = buffer_find(input, SECBUFFER_TOKEN);
    buffers->spare = buffer_find(input, SECBUFFER_EMPTY);
    if (buffers->input && buffers->input->cbBuffer && !buffers->input->pvBuffer)
        return SEC_E_INVALID_TOKEN;
    buffers->mtu = buffer_find(input, SECBUFFER_DTLS_MTU);
    buffers->srtp_profiles = buffer_find(input, SECBUFFER_SRTP_PROTECTION_PROFILES);
    buffers->srtp_identifier = buffer_find(input, SECBUFFER_SRTP_MASTER_KEY_IDENTIFIER);
    buffers->address = buffer_find(input, SECBUFFER_EXTRA);
    if (buffers->address && buffers->address->cbBuffer && !buffers->address->pvBuffer)
        return SEC_E_INVALID_TOKEN;

    buffers->output = buffer_find(output, SECBUFFER_TOKEN);
    if (!buffers->output)
        buffers->output = buffer_find(output, SECBUFFER_EMPTY);
    buffers->alert = buffer_find(output, SECBUFFER_ALERT);

    alpn = buffer_find(input, SECBUFFER_APPLICATION_PROTOCOLS);
    if (alpn && !parse_alpn(alpn, buffers))
        return SEC_E_INVALID_PARAMETER;
    return SEC_E_OK;
}

static bool lacks_memory(const SecBuffer *buffer)
{
    return buffer && buffer->pvBuffer && !buffer->cbBuffer;
}

bool buffers_lack_memory(const struct leg_buffers *buffers)
{
    return lacks_memory(buffers->output) || lacks_memory(buffers->alert);
}

void buffers_set_extra(const struct leg_buffers *buffers, ULONG consumed)
{
    if (!buffers->spare || !buffers->input || consumed >= buffers->input->cbBuffer)
        return;
    buffers->spare->BufferType = SECBUFFER_EXTRA;
    buffers->spare->cbBuffer = buffers->input->cbBuffer - consumed;
    buffers->spare->pvBuffer = (BYTE *)buffers->input->pvBuffer + consumed;
}

void buffers_set_missing(const struct leg_buffers *buffers, ULONG missing)
{
    if (!buffers->spare)
        return;
    buffers->spare->BufferType = SECBUFFER_MISSING;
    buffers->spare->cbBuffer = missing;
    buffers->spare->pvBuffer = NULL;
}

void buffers_set_alert(const struct leg_buffers *buffers, bool allocate, bool present, BYTE level,
                       BYTE number)
{
    const BYTE bytes[2] = {level, number};
    SecBuffer *alert = buffers->alert;

    if (!alert)
        return;
    if (allocate)
        alert->pvBuffer = present ? HeapAlloc(GetProcessHeap(), 0, sizeof(bytes)) : NULL;
    if (!present || !alert->pvBuffer || (!allocate && alert->cbBuffer < sizeof(bytes))) {
        alert->cbBuffer = 0;
        return;
    }
    memcpy(alert->pvBuffer, bytes, sizeof(bytes));
    alert->cbBuffer = sizeof(bytes);
}

void output_give(const struct leg *leg, void *memory, ULONG size)
{
    SecBuffer *output = leg->buffers.output;

    if (!output)
        return;
    output->BufferType = (output->BufferType & SECBUFFER_ATTRMASK) | SECBUFFER_TOKEN;
    output->cbBuffer = size;
    if (leg->allocate)
        output->pvBuffer = memory;
}
