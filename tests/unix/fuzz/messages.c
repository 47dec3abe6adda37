/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzz target: a hostile peer that can do TLS.
 *
 * The other end is GnuTLS itself, and its messages are changed before it hashes, protects and sends
 * them. So they arrive intact however wrong they are, and reach what stands behind the protection:
 * extensions, certificates, requests, key exchanges, tickets, KeyUpdates, in the first handshake,
 * in renegotiations and after it.
 *
 * The first bytes choose versions and roles, the rest is a script: an event after the handshake, or
 * a change of a message by its number: where (two bytes), how many bytes, and the bytes.
 */
#include <string.h>

#include "kit/support.h"
#include "fuzz/shared/questions.h"
#include "fuzz/shared/require.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_CHANGES 16
#define MAX_EVENTS  8

enum {
    FLAG_SERVER = 0x04, /* the engine is the server */
    FLAG_CERTIFICATE = 0x08,
    FLAG_REQUEST = 0x10,
    FLAG_ASK = 0x20,
    FLAG_RSA = 0x40,
    FLAG_VERIFY = 0x80,
};

static const char *const priorities[4] = {
    "NORMAL:-VERS-ALL:+VERS-TLS1.3",
    "NORMAL:-VERS-ALL:+VERS-TLS1.2",
    "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+DHE-RSA:+RSA:-CIPHER-ALL:+AES-128-CBC:%COMPAT",
    "NORMAL:-VERS-ALL:+VERS-TLS1.2:+VERS-TLS1.3:-GROUP-ALL:+GROUP-SECP384R1:%SERVER_PRECEDENCE",
};

struct change {
    uint8_t number; /* of the message, from the first one on */
    uint8_t how;
    size_t where, size;
    const uint8_t *bytes;
};

/* What the native end does to its messages. */
static struct change changes[MAX_CHANGES];
static unsigned int change_count, message_count;

static tls_u64 clients[2], servers[2]; /* without and with a certificate; P-256 and RSA */

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const enum identity_kind kinds[] = {IDENTITY_P256, IDENTITY_RSA};
    const uint32_t both = TLS_PROTOCOL_TLS1_2 | TLS_PROTOCOL_TLS1_3;

    (void)argc;
    (void)argv;
    for (int i = 0; i < 2; i++) {
        clients[i] = credentials_new(TLS_CLIENT, kinds, (uint32_t)i, both, 0, 0, NULL);
        servers[i] = credentials_new(TLS_SERVER, &kinds[i], 1, both, 0, 0, NULL);
        require(clients[i] && servers[i], "credentials");
    }
    return 0;
}

/* GnuTLS hands its hook the message that it is about to send, in its own memory. */
static int on_message(gnutls_session_t tls, unsigned int type, unsigned int when,
                      unsigned int incoming, const gnutls_datum_t *message)
{
    (void)tls;
    (void)type;
    (void)when;
    if (incoming)
        return 0;
    for (unsigned int i = 0; i < change_count && message->size; i++) {
        const struct change *change = &changes[i];

        if (change->number != (message_count & 0x1f))
            continue;
        for (size_t j = 0; j < change->size; j++) {
            uint8_t *byte = &message->data[(change->where + j) % message->size];

            *byte = change->how ? (uint8_t)(*byte ^ change->bytes[j]) : change->bytes[j];
        }
    }
    message_count++;
    return 0;
}

/* The script */

/* Takes one change off the script. */
static size_t read_change(const uint8_t *script, size_t size)
{
    struct change change = {.number = script[0] & 0x1f, .how = script[0] & 0x20};
    size_t header = 4;

    if (size < header + 1)
        return size;
    change.where = (size_t)script[1] << 8 | script[2];
    change.size = script[3];
    change.bytes = script + header;
    if (change.size > size - header)
        change.size = size - header;
    if (change_count < MAX_CHANGES)
        changes[change_count++] = change;
    return header + change.size;
}

static bool goes_on(const struct peer *peer)
{
    return peer->status == SEC_I_CONTINUE_NEEDED || peer->status == SEC_E_INCOMPLETE_MESSAGE ||
           peer->status == SEC_E_OK || peer->status == SEC_I_INCOMPLETE_CREDENTIALS ||
           peer->status == SEC_I_NO_RENEGOTIATION;
}

static void engine_leg(struct peer *peer)
{
    size_t offered = peer->input->size;

    if (!goes_on(peer) || (!offered && peer->legs))
        return;
    peer_leg(peer);
    require(peer->last.consumed <= offered, "no more is consumed than was offered");
    require(peer->status != SEC_E_INCOMPLETE_MESSAGE || !peer->last.consumed,
            "an incomplete message is not consumed");
}

/* What a program does with input behind the handshake. */
static void engine_receive(struct peer *peer)
{
    struct tls_decrypt params;

    for (int turn = 0; turn < 20 && peer->input->size && goes_on(peer); turn++) {
        size_t before = peer->input->size;
        int32_t status = open_record(peer->session, peer->input, NULL, &params);

        require(status != -1, "what is not consumed is untouched");
        if (status == SEC_I_RENEGOTIATE)
            engine_leg(peer);
        else if (status != SEC_E_OK)
            return;
        if (peer->input->size == before)
            return;
    }
}

static void native_receive(struct native *native)
{
    uint8_t buffer[256];
    ssize_t result;

    do {
        result = gnutls_record_recv(native->tls, buffer, sizeof(buffer));
        if (result == GNUTLS_E_REHANDSHAKE)
            result = gnutls_handshake(native->tls) == 0;
        else if (result == GNUTLS_E_REAUTH_REQUEST)
            result = gnutls_reauth(native->tls, 0) == 0;
    } while (result > 0 || result == GNUTLS_E_WARNING_ALERT_RECEIVED);
}

/* An event after the handshake. */
static void event(struct native *native, struct peer *peer, uint8_t what)
{
    switch (what & 7) {
    case 0:
        gnutls_session_key_update(native->tls, what & 8 ? GNUTLS_KU_PEER : 0);
        break;
    case 1:
        gnutls_certificate_server_set_request(native->tls, GNUTLS_CERT_REQUEST);
        gnutls_rehandshake(native->tls);
        break;
    case 2:
        gnutls_certificate_server_set_request(native->tls, GNUTLS_CERT_REQUEST);
        gnutls_reauth(native->tls, 0);
        break;
    case 3:
        gnutls_session_ticket_send(native->tls, 1, 0);
        break;
    case 4:
        gnutls_handshake(native->tls);
        break;
    case 5:
        peer->flags |= TLS_SESSION_REQUEST_CERT;
        if (goes_on(peer))
            peer_action(peer, TLS_ACTION_RENEGOTIATE, 0, 0);
        break;
    case 6:
        gnutls_record_send(native->tls, "data", 4);
        break;
    case 7:
        gnutls_alert_send(native->tls, GNUTLS_AL_WARNING, (gnutls_alert_description_t)(what >> 3));
        break;
    }
    for (int turn = 0; turn < 4; turn++) {
        engine_receive(peer);
        native_receive(native);
        if (what & 0x20)
            gnutls_handshake(native->tls);
        if (what & 0x40)
            gnutls_reauth(native->tls, 0);
    }
}

static bool handshake(struct native *native, struct peer *peer, bool server)
{
    int error = GNUTLS_E_AGAIN;

    for (int turn = 0; turn < 20 && goes_on(peer) && !(error < 0 && gnutls_error_is_fatal(error));
         turn++) {
        if (turn || !server)
            engine_leg(peer);
        if (error == GNUTLS_E_AGAIN || error == GNUTLS_E_WARNING_ALERT_RECEIVED)
            error = gnutls_handshake(native->tls);
        if (error == 0 && peer->status == SEC_E_OK)
            return true;
    }
    return false;
}

static void setup(struct native *native, struct peer *peer, uint8_t flags)
{
    const bool server = flags & FLAG_SERVER;
    const struct identity *identity =
        identity_get(flags & FLAG_RSA || (flags & 3) == 2 ? IDENTITY_RSA : IDENTITY_P256);

    native_init(native,
                (server ? GNUTLS_CLIENT : GNUTLS_SERVER) | GNUTLS_POST_HANDSHAKE_AUTH |
                    GNUTLS_NO_SIGNAL,
                priorities[flags & 3], server && !(flags & FLAG_CERTIFICATE) ? NULL : identity);
    gnutls_handshake_set_hook_function(native->tls, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_PRE,
                                       on_message);
    if ((flags & 3) == 3)
        gnutls_record_set_max_size(native->tls, 512);
    gnutls_alpn_set_protocols(native->tls, &(gnutls_datum_t){(uint8_t *)"http/1.1", 8}, 1, 0);
    if (server)
        gnutls_server_name_set(native->tls, GNUTLS_NAME_DNS, "localhost", 9);
    else if (flags & FLAG_REQUEST)
        gnutls_certificate_server_set_request(native->tls, GNUTLS_CERT_REQUEST);
    if (!server)
        gnutls_certificate_set_x509_trust_mem(native->credentials, &identity->chain[1],
                                              GNUTLS_X509_FMT_DER);
    if (server)
        peer->credentials = servers[flags & FLAG_RSA || (flags & 3) == 2];
    else
        peer->credentials = clients[!!(flags & FLAG_CERTIFICATE)];
    peer->flags = (flags & FLAG_VERIFY ? TLS_SESSION_VERIFY_PEER : 0) |
                  (server && flags & FLAG_REQUEST ? TLS_SESSION_REQUEST_CERT : 0) |
                  (flags & FLAG_ASK ? TLS_SESSION_ASK_CREDENTIALS | TLS_SESSION_LATER_REQUEST : 0);
    peer->alpn = "\2h2\10http/1.1";
    peer->alpn_size = 12;
    peer->server_name = server ? NULL : "localhost";
    peer->status = SEC_I_CONTINUE_NEEDED;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct queue to_native = {0}, to_engine = {0};
    struct native native = {.input = &to_native, .output = &to_engine};
    struct peer peer = {.input = &to_engine, .output = &to_native};
    uint8_t events[MAX_EVENTS];
    unsigned int event_count = 0;
    size_t used = 1;

    if (!size)
        return 0;
    change_count = message_count = 0;
    while (used < size) {
        if (!(data[used] & 0x80)) {
            used += read_change(data + used, size - used);
            continue;
        }
        if (event_count < MAX_EVENTS)
            events[event_count++] = data[used];
        used++;
    }
    setup(&native, &peer, data[0]);
    if (handshake(&native, &peer, data[0] & FLAG_SERVER))
        for (unsigned int i = 0; i < event_count; i++)
            event(&native, &peer, events[i]);
    ask_everything(peer.session, 255);
    native_free(&native);
    peer_free(&peer);
    queue_free(&to_native);
    queue_free(&to_engine);
    return 0;
}
