/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzz target: DTLS, from the first datagram to records.
 *
 * The first two bytes choose the suite, the MTU and what is agreed on, the rest is a script of what
 * a network and two programs may do: deliver, lose, repeat, reorder, change, cut off or join
 * datagrams, let timers run out, send data, alerts and forged records, ask, close, connect again,
 * and put anything on the wire. After each step the promises of the calls are checked. A datagram
 * that was changed may end a handshake, but never an established connection.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unix/state/session.h"
#include "unix/wire/wire.h"
#include "kit/support.h"
#include "fuzz/shared/questions.h"
#include "fuzz/shared/require.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_WAITING     32
#define MAX_STEPS       200
#define MAX_CONNECTIONS 3
#define EVERY_AEAD                                                                                 \
    (TLS_DISABLE_AES_128_GCM | TLS_DISABLE_AES_256_GCM | TLS_DISABLE_CHACHA20_POLY1305 |           \
     TLS_DISABLE_AES_CCM)

static const uint64_t disabled[] = {0, EVERY_AEAD & ~TLS_DISABLE_CHACHA20_POLY1305, EVERY_AEAD};

#define SUITES (sizeof(disabled) / sizeof(disabled[0]))

/* What two programs may agree on. */
enum {
    WITH_SRTP = 0x01,
    WITH_CERTIFICATE = 0x02, /* of the client's */
    WITH_VERDICTS = 0x04,
    WITH_EXTERNAL_KEY = 0x08, /* of the server's */
    WITHOUT_ADDRESS = 0x10,
    WITH_OLD_VERSION = 0x20,
};

static tls_u64 clients[SUITES], servers[SUITES], old_client, external_server;

struct side {
    tls_u64 session, credentials;
    bool server, connected, over;
    uint32_t mtu;
    struct queue waiting[MAX_WAITING]; /* to this side */
    unsigned int count;
    struct side *peer;
    uint8_t options;
    uint32_t sent;
    bool came[MAX_STEPS]; /* of what the peer has sent */
    bool again;           /* another connection is wanted */
    struct queue kept;    /* client: a session to resume */
    bool lies;            /* has sent what may well end a connection */
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const uint32_t abilities =
        TLS_KEY_CAN_ECDSA | TLS_KEY_CAN_SHA1 | TLS_KEY_CAN_SHA256 | TLS_KEY_CAN_SHA384;
    enum identity_kind kind = IDENTITY_P256;
    size_t i;

    (void)argc;
    (void)argv;
    for (i = 0; i < SUITES; i++) {
        clients[i] =
            credentials_new(TLS_CLIENT, &kind, 1, TLS_PROTOCOL_DTLS1_2, disabled[i], 0, NULL);
        servers[i] =
            credentials_new(TLS_SERVER, &kind, 1, TLS_PROTOCOL_ANY_DTLS, disabled[i], 0, NULL);
        require(clients[i] && servers[i], "credentials");
    }
    old_client = credentials_new(TLS_CLIENT, &kind, 1, TLS_PROTOCOL_DTLS1_0, 0, 0, NULL);
    external_server =
        external_credentials(TLS_SERVER, &kind, 1, TLS_PROTOCOL_ANY_DTLS, 0, abilities, NULL);
    require(old_client && external_server, "more credentials");
    return 0;
}

static void put(struct side *side, const void *data, size_t size)
{
    if (side->count < MAX_WAITING)
        queue_add(&side->waiting[side->count++], data, size);
}

static struct queue take(struct side *side, unsigned int which)
{
    struct queue datagram = side->waiting[which];

    side->count--;
    memmove(&side->waiting[which], &side->waiting[which + 1],
            (side->count - which) * sizeof(datagram));
    memset(&side->waiting[side->count], 0, sizeof(datagram));
    return datagram;
}

static void send_flight(struct side *side, uint32_t next)
{
    uint8_t datagram[4096];

    while (next) {
        struct tls_take_output call = {
            .session = side->session, .output = address(datagram), .output_size = sizeof(datagram)};

        require(next <= side->mtu && next <= sizeof(datagram), "a datagram above the MTU");
        engine_call(TLS_CALL_TAKE_OUTPUT, &call);
        require(call.written == next, "another datagram than was announced");
        put(side->peer, datagram, call.written);
        next = call.next_datagram;
    }
}

/* Gives verdicts and uses keys until the leg is over. */
static void answer(struct side *side, struct tls_handshake *call)
{
    struct tls_key_request request;

    while (call->status == TLS_VERIFY_PEER || call->status == TLS_KEY_WANTED) {
        call->action = TLS_ACTION_VERDICT;
        call->alert = 0;
        if (call->status == TLS_KEY_WANTED) {
            require(use_key(side->session, IDENTITY_P256, 0, &request), "a key is wanted");
            call->action = TLS_ACTION_KEY_USED;
        }
        call->input += call->consumed;
        call->input_size -= call->consumed;
        engine_call(TLS_CALL_HANDSHAKE, call);
        require(call->consumed <= call->input_size, "more consumed than there was");
    }
}

static void offer(struct side *side, struct tls_handshake *call)
{
    static const uint8_t profiles[] = {0, 7, 0, 8, 0, 1};

    if (side->options & WITH_SRTP) {
        call->srtp_profiles = address(profiles);
        call->srtp_profiles_size = sizeof(profiles);
        call->srtp_mki = address("identifier");
        call->srtp_mki_size = 10;
    }
    if (!side->server) {
        call->resume = address(side->kept.data);
        call->resume_size = (uint32_t)side->kept.size;
    }
    if (side->options & WITH_CERTIFICATE && side->server)
        call->flags |= TLS_SESSION_REQUEST_CERT;
    if (side->options & WITH_VERDICTS)
        call->flags |= TLS_SESSION_VERIFY_PEER;
    if (!(side->options & WITHOUT_ADDRESS)) {
        call->client_address = address("address");
        call->client_address_size = 7;
    }
}

static void leg(struct side *side, uint32_t action, const void *data, size_t size)
{
    uint8_t request[128];
    struct tls_handshake call = {.session = side->session,
                                 .credentials = side->credentials,
                                 .flags = TLS_SESSION_DATAGRAM,
                                 .mtu = side->mtu,
                                 .action = action,
                                 .input = address(data),
                                 .input_size = (uint32_t)size,
                                 .output = address(request),
                                 .output_size = sizeof(request)};

    if (side->over || (!side->session && action != TLS_ACTION_HANDSHAKE))
        return;
    offer(side, &call);
    engine_call(TLS_CALL_HANDSHAKE, &call);
    require(call.consumed <= size, "more consumed than there was");
    if (call.written) {
        require(side->server && !side->session && call.written < size, "output at once");
        put(side->peer, request, call.written);
        return;
    }
    side->session = call.session;
    answer(side, &call);
    side->session = call.session;
    if (action == TLS_ACTION_HANDSHAKE && call.status == SEC_E_OK) {
        side->connected = true;
    } else if (call.status < 0 && call.status != SEC_E_INCOMPLETE_MESSAGE) {
        require(!side->connected || side->peer->lies || action != TLS_ACTION_HANDSHAKE,
                "a datagram ended a connection");
        side->over = action == TLS_ACTION_HANDSHAKE;
    } else if (call.status == SEC_I_CONTEXT_EXPIRED) {
        side->over = true;
    }
    if (side->session)
        send_flight(side, call.next_datagram);
}

static void send_alert(struct side *side, uint8_t level, uint8_t number)
{
    struct tls_handshake call = {.session = side->session,
                                 .action = TLS_ACTION_ALERT,
                                 .alert_level = level,
                                 .alert = number};

    if (!side->session)
        return;
    engine_call(TLS_CALL_HANDSHAKE, &call);
    side->lies = true;
    send_flight(side, call.next_datagram);
}

/* A record of any content behind a good tag. */
static void forge(struct side *side, uint8_t type, const uint8_t *content, size_t size)
{
    const struct session *session = (struct session *)(uintptr_t)side->session;
    struct tls_info info;
    uint8_t record[13 + 8 + 256 + 16] = {type, 0xfe, 0xfd}, nonce[12], aad[13];
    size_t header, sealed;

    if (!session || !side->connected || side->over || !session->encrypt.aead || size > 200)
        return;
    info_get(side->session, &info);
    header = info.header_size;
    sealed = size + session->tag_size;
    for (int i = 0; i < 8; i++)
        record[3 + i] = (uint8_t)(session->encrypt.sequence >> (56 - 8 * i));
    record[11] = (uint8_t)((header - 13 + sealed) >> 8);
    record[12] = (uint8_t)(header - 13 + sealed);
    memcpy(nonce, session->encrypt.iv, sizeof(nonce));
    for (int i = 0; i < 8; i++)
        nonce[4 + i] = header == 21 ? record[3 + i] : (uint8_t)(nonce[4 + i] ^ record[3 + i]);
    if (header == 21)
        memcpy(record + 13, record + 3, 8);
    memcpy(aad, record + 3, 8);
    memcpy(aad + 8, record, 3);
    aad[11] = 0;
    aad[12] = (uint8_t)size;
    memcpy(record + header, content, size);
    require(gnutls_aead_cipher_encrypt(session->encrypt.aead, nonce, sizeof(nonce), aad,
                                       sizeof(aad), session->tag_size, record + header, size,
                                       record + header, &sealed) >= 0,
            "sealing");
    ((struct session *)session)->encrypt.sequence++;
    side->lies = true;
    put(side->peer, record, header + sealed);
}

/* Its number is the data. */
static void send_data(struct side *side)
{
    struct queue datagram = {0};

    if (side->connected && !side->over && side->sent < MAX_STEPS &&
        seal_record(side->session, &side->sent, sizeof(side->sent), &datagram, 0) == SEC_E_OK) {
        put(side->peer, datagram.data, datagram.size);
        side->sent++;
    }
    queue_free(&datagram);
}

static void check_data(struct side *side, const uint8_t *data, size_t size)
{
    uint32_t number;

    if (side->peer->lies || !size)
        return;
    require(size == sizeof(number), "data as it was sent");
    memcpy(&number, data, sizeof(number));
    require(number < side->peer->sent && !side->came[number], "nothing comes twice");
    side->came[number] = true;
}

static void set_mtu(struct side *side, uint32_t mtu)
{
    struct tls_set_mtu call = {.session = side->session, .mtu = mtu};

    engine_call(TLS_CALL_SET_MTU, &call);
    if (call.status == SEC_E_OK)
        side->mtu = mtu > side->mtu ? mtu : side->mtu; /* what waits already may be larger */
}

static void receive(struct side *side, struct queue *datagram)
{
    uint8_t *copy = malloc(datagram->size + 1);
    struct tls_decrypt call = {
        .session = side->session, .buffer = address(copy), .buffer_size = (uint32_t)datagram->size};

    if (datagram->size)
        memcpy(copy, datagram->data, datagram->size);
    if (side->over) {
        free(copy);
        return;
    }
    if (!side->connected) {
        leg(side, TLS_ACTION_HANDSHAKE, copy, datagram->size);
        free(copy);
        return;
    }
    engine_call(TLS_CALL_DECRYPT, &call);
    require(call.consumed <= datagram->size, "more consumed than there was");
    require(call.header_size + call.data_size + call.trailer_size == call.consumed, "sizes");
    switch (call.status) {
    case SEC_E_OK:
        check_data(side, copy + call.header_size, call.data_size);
        break;
    case SEC_E_INVALID_TOKEN:
    case SEC_E_OUT_OF_SEQUENCE:
        break;
    case SEC_E_UNFINISHED_CONTEXT_DELETED:
    case SEC_I_RENEGOTIATE:
        leg(side, TLS_ACTION_HANDSHAKE, datagram->data, datagram->size);
        break;
    case SEC_I_CONTEXT_EXPIRED:
        side->over = true;
        break;
    default:
        /* Only the peer may do that, with an alert. */
        require(side->peer->lies || (call.alert != TLS_NO_ALERT && side->peer->over),
                "a datagram ended a connection");
        side->over = true;
    }
    free(copy);
}

/* One step of the script; the number of bytes it took. */
static size_t step(struct side *side, const uint8_t *script, size_t size)
{
    unsigned int which = side->count ? script[1] % side->count : 0;
    struct queue datagram = {0};
    size_t length, at;

    switch (script[0] >> 1) {
    default: /* deliver */
        if (side->count) {
            datagram = take(side, 0);
            receive(side, &datagram);
            queue_free(&datagram);
        }
        return 1;
    case 1: /* out of order */
        if (side->count) {
            datagram = take(side, which);
            receive(side, &datagram);
            queue_free(&datagram);
        }
        return 2;
    case 2: /* lose */
        if (side->count) {
            datagram = take(side, which);
            queue_free(&datagram);
        }
        return 2;
    case 3: /* repeat */
        if (side->count)
            put(side, side->waiting[which].data, side->waiting[which].size);
        return 2;
    case 4: /* the timer */
        if (side->session && !side->connected)
            leg(side, TLS_ACTION_HANDSHAKE, NULL, 0);
        return 1;
    case 5: /* change */
        if (side->count && side->waiting[which].size) {
            at = (script[2] << 8 | script[3]) % side->waiting[which].size;
            side->waiting[which].data[at] ^= script[4];
        }
        return 5;
    case 6: /* cut off */
        if (side->count && side->waiting[which].size)
            side->waiting[which].size = (script[2] << 8 | script[3]) % side->waiting[which].size;
        return 4;
    case 7: /* join */
        if (side->count > 1) {
            datagram = take(side, which);
            queue_add(&side->waiting[0], datagram.data, datagram.size);
            queue_free(&datagram);
        }
        return 2;
    case 8:
        send_data(side->peer);
        return 1;
    case 9: /* anything */
        length = script[1] < size - 2 ? script[1] : size - 2;
        put(side, script + 2, length);
        return 2 + length;
    case 10:
        if (side->connected)
            leg(side, TLS_ACTION_SHUTDOWN, NULL, 0);
        return 1;
    case 11:
        send_alert(side, script[1] & 3, script[2]);
        return 3;
    case 12:
        length = script[2] < size - 3 ? script[2] : size - 3;
        forge(side, script[1] ? script[1] : RECORD_HANDSHAKE, script + 3, length);
        return 3 + length;
    case 13:
        set_mtu(side, (uint32_t)(script[1] << 4));
        return 2;
    case 14: /* at any time */
        if (side->session)
            leg(side, TLS_ACTION_HANDSHAKE + script[1] % 8, script + 2, script[1] >> 3 & 3);
        return 2;
    case 15:
        ask_everything(side->session, script[1]);
        return 2;
    case 16:
        side->again = true;
        return 1;
    }
}

static void side_free(struct side *side)
{
    struct tls_free call = {.object = side->session};

    engine_call(TLS_CALL_SESSION_FREE, &call);
    while (side->count)
        queue_free(&side->waiting[--side->count]);
    side->session = 0;
    side->sent = 0;
    memset(side->came, 0, sizeof(side->came));
    side->connected = side->over = side->lies = side->again = false;
}

static void keep_session(struct side *side)
{
    uint8_t buffer[8192];
    struct tls_get_blob call = {
        .session = side->session, .buffer = address(buffer), .buffer_size = sizeof(buffer)};

    side->kept.size = 0;
    engine_call(TLS_CALL_RESUMPTION_DATA, &call);
    if (call.status == SEC_E_OK)
        queue_add(&side->kept, buffer, call.size);
}

/* One connection; returns the script's bytes it took. */
static size_t connection(struct side *client, struct side *server, const uint8_t *script,
                         size_t size)
{
    size_t used = 0;

    leg(client, TLS_ACTION_HANDSHAKE, NULL, 0);
    for (int steps = 0; steps < MAX_STEPS && used + 5 <= size && !client->again; steps++)
        used += step(script[used] & 1 ? server : client, script + used, size - used);
    if (!client->again)
        used = size;
    keep_session(client);
    side_free(client);
    side_free(server);
    return used;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint32_t mtus[] = {1096, 256, 600, 200};
    struct side client = {0}, server = {.server = true};
    size_t used = 2, suite;

    if (size < 3)
        return 0;
    suite = data[0] % SUITES;
    client.peer = &server;
    server.peer = &client;
    client.options = server.options = data[1];
    client.credentials = data[1] & WITH_OLD_VERSION ? old_client : clients[suite];
    server.credentials = data[1] & WITH_EXTERNAL_KEY ? external_server : servers[suite];
    for (int count = 0; count < MAX_CONNECTIONS && used < size; count++) {
        client.mtu = server.mtu = mtus[data[0] / SUITES % 4];
        used += connection(&client, &server, data + used, size - used);
    }
    queue_free(&client.kept);
    return 0;
}
