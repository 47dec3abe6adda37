/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Application data: EncryptMessage and DecryptMessage, in place. */
#include "tls/record.h"

#include <string.h>

#include "tls/cause.h"

static SECURITY_STATUS encrypt_record(struct tls *tls, const void *data, size_t size,
                                      struct buffer *output)
{
    const SecPkgContext_StreamSizes *sizes = &tls->sizes;
    SecBuffer buffers[4] = {{0}};
    SecBufferDesc description = {SECBUFFER_VERSION, 4, buffers};
    SECURITY_STATUS status;
    unsigned char *start;

    if (!buffer_reserve(output, sizes->cbHeader + size + sizes->cbTrailer))
        return SEC_E_INSUFFICIENT_MEMORY;
    start = output->data + output->size;
    memcpy(start + sizes->cbHeader, data, size);
    buffers[0] = (SecBuffer){sizes->cbHeader, SECBUFFER_STREAM_HEADER, start};
    buffers[1] = (SecBuffer){(ULONG)size, SECBUFFER_DATA, start + sizes->cbHeader};
    buffers[2] =
        (SecBuffer){sizes->cbTrailer, SECBUFFER_STREAM_TRAILER, start + sizes->cbHeader + size};
    buffers[3] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    status = EncryptMessage(&tls->context, 0, &description, 0);
    if (status == SEC_E_OK)
        output->size += buffers[0].cbBuffer + buffers[1].cbBuffer + buffers[2].cbBuffer;
    return status;
}

SECURITY_STATUS tls_encrypt(struct tls *tls, const void *data, size_t size, struct buffer *output)
{
    const unsigned char *bytes = data;
    SECURITY_STATUS status;
    size_t now;

    if (!tls->connected)
        return SEC_E_INVALID_HANDLE;
    while (size) {
        now = min(size, tls->sizes.cbMaximumMessage);
        status = encrypt_record(tls, bytes, now, output);
        if (status != SEC_E_OK)
            return status;
        bytes += now;
        size -= now;
    }
    return SEC_E_OK;
}

static const SecBuffer *find_buffer(const SecBuffer *buffers, ULONG type)
{
    for (unsigned i = 0; i < 4; i++) {
        if (buffers[i].BufferType == type)
            return &buffers[i];
    }
    return NULL;
}

enum tls_event tls_decrypt(struct tls *tls, unsigned char **data, size_t *size, size_t *record)
{
    SecBuffer buffers[4] = {{0}};
    SecBufferDesc description = {SECBUFFER_VERSION, 4, buffers};
    const SecBuffer *plain, *extra;
    unsigned char content_type;

    if (!tls->input.size)
        return TLS_NEED_INPUT;
    content_type = tls->input.data[0];
    buffers[0] = (SecBuffer){(ULONG)tls->input.size, SECBUFFER_DATA, tls->input.data};
    tls->status = DecryptMessage(&tls->context, &description, 0, NULL);
    plain = find_buffer(buffers, SECBUFFER_DATA);
    extra = find_buffer(buffers, SECBUFFER_EXTRA);
    *record = tls->input.size - (extra ? min(extra->cbBuffer, tls->input.size) : 0);
    switch (tls->status) {
    case SEC_E_OK:
        *data = plain ? plain->pvBuffer : tls->input.data;
        *size = plain ? plain->cbBuffer : 0;
        return TLS_DATA;
    case SEC_E_INCOMPLETE_MESSAGE:
        return TLS_NEED_INPUT;
    case SEC_I_RENEGOTIATE:
        /* The handshake engine gets exactly the bytes that EXTRA names. */
        tls_consume(tls, *record);
        return TLS_NEED_LEG;
    case SEC_I_CONTEXT_EXPIRED:
        tls_consume(tls, *record);
        return TLS_CLOSED;
    default:
        tls->cause = cause_of_record(tls->status, content_type);
        return TLS_FAILED;
    }
}

void tls_consume(struct tls *tls, size_t record)
{
    buffer_consume(&tls->input, record);
}
