/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A server's request for a certificate of the client.
 *
 * GnuTLS answers it in the moment it reads it, but a program whose credentials have no certificate
 * shall first hear of it, look whom the server trusts, and find one. So for such clients the
 * messages are read here before GnuTLS gets them (transport/transport.c asks record by record), and
 * the record that ends the request is held back until the program has answered.
 *
 * To read what is protected, a copy of the record is opened with the state GnuTLS is about to open
 * it with. That is done for the few records in front of the request or of what follows its place:
 * in TLS 1.3 the server's Certificate, before that its ServerHelloDone. What cannot be opened is
 * given to GnuTLS, which then says why. Records of CBC suites, which occur in renegotiations, are
 * not looked into: there the request is answered with what there is.
 */
#include <stdlib.h>
#include <string.h>

#include "unix/base/bytes.h"
#include "unix/base/calls.h"
#include "unix/base/engine.h"
#include "unix/base/status.h"
#include "unix/records/keys.h"
#include "unix/records/open.h"
#include "unix/session/former.h"
#include "unix/session/request.h"
#include "unix/state/credentials.h"
#include "unix/state/session.h"
#include "unix/wire/wire.h"

/* As much as GnuTLS takes of one message in practice; a longer list of names is none. */
#define MAX_REQUEST             (64 * 1024)
#define CERTIFICATE_AUTHORITIES 47

void request_keep(struct session *session, const uint8_t *body, size_t size)
{
    struct request *request = &session->request;
    uint8_t *copy = malloc(size ? size : 1);

    if (!copy)
        return;
    if (size)
        memcpy(copy, body, size);
    free(request->body.data);
    request->body.data = copy;
    request->body.size = (unsigned int)size;
}

void request_free(struct session *session)
{
    free(session->request.body.data);
    free(session->request.message);
}

/* Takes what a record has of the message. True when that was a whole CertificateRequest. */
static bool take_message(struct session *session, const uint8_t **data, size_t *size)
{
    struct request *request = &session->request;
    struct message_part part;
    bool is_request;

    if (!message_take(&request->stream, data, size, &part))
        return false;
    if (request->stream.header[0] == GNUTLS_HANDSHAKE_CERTIFICATE_REQUEST &&
        part.length <= MAX_REQUEST && !part.offset && !request->message)
        request->message = malloc(part.length ? part.length : 1);
    is_request = request->message != NULL;
    if (is_request && part.size)
        memcpy(request->message + part.offset, part.data, part.size);
    if (!part.ended)
        return false;
    if (is_request)
        request_keep(session, request->message, part.length);
    free(request->message);
    request->message = NULL;
    return is_request;
}

/* Whether the message that has just begun or ended means that no request will come any more. */
static bool too_late(const struct request *request, bool tls13)
{
    if (tls13)
        return request->stream.header[0] == GNUTLS_HANDSHAKE_CERTIFICATE_PKT ||
               request->stream.header[0] == GNUTLS_HANDSHAKE_FINISHED;
    return request->stream.header[0] == GNUTLS_HANDSHAKE_SERVER_HELLO_DONE;
}

static bool look_at_messages(struct session *session, const uint8_t *data, size_t size)
{
    bool tls13 = gnutls_protocol_get_version(session->tls) == GNUTLS_TLS1_3;
    struct request *request = &session->request;

    while (size) {
        if (take_message(session, &data, &size)) {
            request->unanswered = true;
            return false;
        }
        if (too_late(request, tls13)) {
            request->watch = false;
            request_watch(session);
            break;
        }
    }
    return true;
}

/* The state that GnuTLS opens the next record with. False: it is not protected, or by CBC. */
static bool reading_state(struct session *session, struct direction *direction, bool *plain)
{
    gnutls_datum_t iv = {NULL, 0}, key = {NULL, 0};
    gnutls_cipher_algorithm_t cipher;
    uint8_t sequence[8];

    *plain = gnutls_record_get_state(session->tls, 1, NULL, &iv, &key, sequence) < 0 || !key.size;
    if (*plain || iv.size > sizeof(direction->iv))
        return false;
    cipher = gnutls_cipher_get(session->tls);
    if (!record_cipher_is_aead(cipher))
        return false;
    memset(direction, 0, sizeof(*direction));
    memcpy(direction->iv, iv.data, iv.size);
    direction->sequence = load64(sequence);
    return gnutls_aead_cipher_init(&direction->aead, cipher, &key) >= 0;
}

/* Looks into a protected record. */
static bool look_inside(struct session *session, struct direction *direction, const uint8_t *record,
                        size_t size)
{
    uint32_t tag_size = gnutls_cipher_get_tag_size(gnutls_cipher_get(session->tls)), alert;
    uint8_t *copy = malloc(size), type = record[0];
    size_t start = RECORD_HEADER_SIZE, content = 0;
    int32_t status;
    bool pass = true;

    if (!copy)
        return true;
    memcpy(copy, record, size);
    if (gnutls_protocol_get_version(session->tls) == GNUTLS_TLS1_3)
        status = tls13_open(direction, tag_size, copy, size, &type, &content, &alert);
    else
        status = tls12_open(direction, tag_size, session->format, copy, size, &start, &content);
    if (status == SEC_E_OK && type == RECORD_HANDSHAKE)
        pass = look_at_messages(session, copy + start, content);
    gnutls_memset(copy, 0, size);
    free(copy);
    return pass;
}

/* The receiver's callback: false when GnuTLS must not answer the request in the record yet. */
static bool look_at_record(void *context, const uint8_t *record, size_t size)
{
    struct session *session = context;
    struct direction direction;
    bool plain, pass = true;

    if (session->request.unanswered)
        return false;
    if (record[0] != RECORD_HANDSHAKE && record[0] != RECORD_DATA)
        return true;
    if (reading_state(session, &direction, &plain)) {
        pass = look_inside(session, &direction, record, size);
        gnutls_aead_cipher_deinit(direction.aead);
        gnutls_memset(&direction, 0, sizeof(direction));
    } else if (plain && record[0] == RECORD_HANDSHAKE) {
        pass = look_at_messages(session, record + RECORD_HEADER_SIZE, size - RECORD_HEADER_SIZE);
    }
    return pass;
}

void request_watch(struct session *session)
{
    session->receiver.watch = session->request.watch ? look_at_record : NULL;
    session->receiver.context = session;
}

void request_begin_leg(struct session *session, struct tls_handshake *params)
{
    struct request *request = &session->request;

    if (session->credentials->role != TLS_CLIENT || session->datagram ||
        params->action == TLS_ACTION_SHUTDOWN || params->action == TLS_ACTION_ALERT)
        return;
    if (request->unanswered) {
        session_take_credentials(session, params);
        request->watch = false;
        /* Of a later request in TLS 1.3 handshake/later.c still has to know. */
        request->unanswered = session->phase == PHASE_CONNECTED;
    } else {
        request->watch =
            params->flags & TLS_SESSION_ASK_CREDENTIALS && !session->credentials->key_count;
    }
    request_watch(session);
}

void request_came_later(struct session *session)
{
    session->request.unanswered = true;
}

bool request_may_be_answered(struct session *session)
{
    if (session->request.watch && !session->credentials->key_count)
        return false;
    session->request.unanswered = false;
    return true;
}

/* Reading the request: (data, size) moves over what is read; false when it is not there. */

static bool skip(const uint8_t **data, size_t *size, size_t count)
{
    if (*size < count)
        return false;
    *data += count;
    *size -= count;
    return true;
}

/* A vector behind its length of 1 or 2 bytes. */
static bool vector(const uint8_t **data, size_t *size, unsigned int width, const uint8_t **part,
                   size_t *part_size)
{
    if (*size < width)
        return false;
    *part_size = width == 1 ? (*data)[0] : (size_t)(*data)[0] << 8 | (*data)[1];
    skip(data, size, width);
    *part = *data;
    return skip(data, size, *part_size);
}

/* The list of names, which is the last part before TLS 1.3 and an extension there. */
static bool find_names(const struct session *session, const uint8_t **names, size_t *names_size)
{
    gnutls_protocol_t version = gnutls_protocol_get_version(session->tls);
    const uint8_t *data = session->request.body.data, *part, *content;
    size_t size = session->request.body.size, part_size, content_size;

    *names = NULL;
    *names_size = 0;
    if (version != GNUTLS_TLS1_3) {
        return vector(&data, &size, 1, &part, &part_size) &&
               ((version != GNUTLS_TLS1_2 && version != GNUTLS_DTLS1_2) ||
                vector(&data, &size, 2, &part, &part_size)) &&
               vector(&data, &size, 2, names, names_size);
    }
    if (!vector(&data, &size, 1, &part, &part_size) || !vector(&data, &size, 2, &part, &part_size))
        return false;
    while (part_size >= 2) {
        unsigned int type = (unsigned int)part[0] << 8 | part[1];

        skip(&part, &part_size, 2);
        if (!vector(&part, &part_size, 2, &content, &content_size))
            return false;
        if (type == CERTIFICATE_AUTHORITIES)
            return vector(&content, &content_size, 2, names, names_size);
    }
    return true;
}

void call_issuers(struct tls_get_blob *params)
{
    const struct session *session = pointer(params->session);
    const uint8_t *names, *left, *name;
    size_t names_size, left_size, name_size;
    uint8_t *out = pointer(params->buffer);

    params->size = params->count = 0;
    params->status = session ? SEC_E_UNSUPPORTED_FUNCTION : SEC_E_INVALID_HANDLE;
    if (!session || !session->request.body.data || !find_names(session, &names, &names_size))
        return;
    for (left = names, left_size = names_size; vector(&left, &left_size, 2, &name, &name_size);
         params->count++)
        params->size += (uint32_t)(sizeof(uint32_t) + name_size);
    params->status = SEC_E_OK;
    if (params->buffer_size < params->size || (params->size && !out)) {
        params->status = SEC_E_BUFFER_TOO_SMALL;
        return;
    }
    for (left = names, left_size = names_size; vector(&left, &left_size, 2, &name, &name_size);) {
        uint32_t length = (uint32_t)name_size;

        memcpy(out, &length, sizeof(length));
        memcpy(out + sizeof(length), name, length);
        out += sizeof(length) + length;
    }
}
