/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzz target: whole connections, as two programs and a network may use them.
 *
 * The first bytes choose versions, keys (those that stay with the caller among them), and what each
 * program wishes. The rest is a script of what the programs call and what happens on the wire:
 * legs, renegotiations and later requests for certificates, data, closing, keys that fail,
 * verdicts, questions, calls at the wrong time, another connection that resumes the first, changed
 * and forged records. Whatever happens, what is received is what was sent, in its order; who is not
 * accepted gets no connection; who has failed keeps saying how.
 */
#include <stdlib.h>
#include <string.h>

#include "unix/state/session.h"
#include "kit/support.h"
#include "fuzz/shared/questions.h"
#include "fuzz/shared/require.h"
#include "fuzz/shared/wire.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_STEPS       60
#define MAX_CONNECTIONS 3
#define MAX_BETWEEN     200000 /* bytes on the wire */
#define HEADER          6

/* Version, ways to set up; whose keys; wishes. */
#define VERSION(header)          ((header)[0] & 7)
#define WITH_ISSUERS             8
#define FIRST_KEYS(header, side) ((header)[1 + (side)] & 7)
#define FOUND_KEYS(header, side) ((header)[3] >> 4 * (side)&7)
#define WISHES(header, side)     ((header)[4 + (side)])

#define ANY_VERSION                                                                                \
    (TLS_PROTOCOL_TLS1_0 | TLS_PROTOCOL_TLS1_1 | TLS_PROTOCOL_TLS1_2 | TLS_PROTOCOL_TLS1_3)
#define GCM  (TLS_DISABLE_AES_128_GCM | TLS_DISABLE_AES_256_GCM | TLS_DISABLE_AES_CCM)
#define CBC  (TLS_DISABLE_AES_128_CBC | TLS_DISABLE_AES_256_CBC)
#define SHA2 (TLS_KEY_CAN_SHA256 | TLS_KEY_CAN_SHA384 | TLS_KEY_CAN_SHA512)

/* What the client allows; the server allows everything. */
static const struct {
    uint32_t protocols;
    uint64_t disabled;
} versions[8] = {
    {TLS_PROTOCOL_TLS1_3, 0},
    {TLS_PROTOCOL_TLS1_2, 0},
    {TLS_PROTOCOL_TLS1_2, GCM | CBC},
    {TLS_PROTOCOL_TLS1_2, GCM | TLS_DISABLE_CHACHA20_POLY1305},
    {TLS_PROTOCOL_TLS1_0, 0},
    {TLS_PROTOCOL_TLS1_2 | TLS_PROTOCOL_TLS1_3, 0},
    {TLS_PROTOCOL_TLS1_2, TLS_DISABLE_KX_ECDHE | TLS_DISABLE_KX_DHE},
    {TLS_PROTOCOL_TLS1_2 | TLS_PROTOCOL_TLS1_1, TLS_DISABLE_KX_ECDHE},
};

/* Keys with their abilities; 0: the engine has them. */
static const struct {
    unsigned int count;
    enum identity_kind kinds[2];
    uint32_t abilities;
} keys[8] = {
    {1, {IDENTITY_P256}, 0},
    {1, {IDENTITY_RSA}, 0},
    {2, {IDENTITY_RSA, IDENTITY_P256}, 0},
    {1, {IDENTITY_ED25519}, 0},
    {1, {IDENTITY_P256}, TLS_KEY_CAN_ECDSA | TLS_KEY_CAN_SHA1 | SHA2},
    {1,
     {IDENTITY_RSA},
     TLS_KEY_CAN_PKCS1 | TLS_KEY_CAN_PSS | TLS_KEY_CAN_MD5_SHA1 | TLS_KEY_CAN_SHA1 | SHA2 |
         TLS_KEY_CAN_DECRYPT},
    {1, {IDENTITY_RSA}, TLS_KEY_CAN_PKCS1 | TLS_KEY_CAN_SHA256},
    {0, {IDENTITY_RSA}, 0}, /* clients only */
};

/* One program. */
struct end {
    struct peer *peer;
    tls_u64 first, found; /* credentials to begin with, and to go on with */
    struct queue sent;    /* data from this end */
    size_t received;      /* how much of it the other one has */
    int32_t failure;      /* how the session has ended, or SEC_E_OK */
    bool over;            /* there is no session any more */
    bool connected, known;
    bool accepted; /* a verdict has been given since the last handshake */
    bool rejected;
    unsigned int verdicts;
};

struct world {
    struct pair pair;
    struct end ends[2]; /* client, server */
    struct queue kept;  /* the client's session */
    unsigned int connections;
    const uint8_t *header;
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    identity_get(IDENTITY_RSA);
    identity_get(IDENTITY_P256);
    identity_get(IDENTITY_ED25519);
    return 0;
}

/* Setting up */

static tls_u64 new_credentials(enum tls_role role, unsigned int which, unsigned int version,
                               uint32_t flags)
{
    const uint32_t protocols = role == TLS_SERVER ? ANY_VERSION : versions[version].protocols;
    const uint64_t disabled = role == TLS_SERVER ? 0 : versions[version].disabled;
    tls_u64 credentials;

    if (role == TLS_SERVER && !keys[which].count)
        which = 0;
    if (keys[which].abilities)
        credentials = external_credentials(role, keys[which].kinds, keys[which].count, protocols,
                                           disabled, keys[which].abilities, NULL);
    else
        credentials = credentials_new(role, keys[which].kinds, keys[which].count, protocols,
                                      disabled, flags, NULL);
    return credentials;
}

static void set_issuers(tls_u64 credentials)
{
    const struct identity *identity = identity_get(IDENTITY_P256);
    struct tls_blob issuers[2];
    struct tls_set_issuers call = {
        .credentials = credentials, .issuers = (tls_u64)(uintptr_t)issuers, .count = 2};

    for (int i = 0; i < 2; i++)
        issuers[i] = (struct tls_blob){(tls_u64)(uintptr_t)identity->chain[1 - i].data,
                                       identity->chain[1 - i].size, 0};
    engine_call(TLS_CALL_SET_ISSUERS, &call);
}

static void set_ticket_keys(tls_u64 credentials, uint8_t what)
{
    uint8_t bytes[3][64];
    struct tls_blob blobs[3];
    struct tls_set_ticket_keys call = {
        .credentials = credentials, .keys = (tls_u64)(uintptr_t)blobs, .count = what >> 6};

    for (unsigned int i = 0; i < 3; i++) {
        memset(bytes[i], what + (int)i, sizeof(bytes[i]));
        blobs[i] = (struct tls_blob){(tls_u64)(uintptr_t)bytes[i], what & 63, 0};
    }
    engine_call(TLS_CALL_SET_TICKET_KEYS, &call);
    require(call.status == SEC_E_OK || call.status == SEC_E_INVALID_PARAMETER ||
                call.status == SEC_E_UNSUPPORTED_FUNCTION,
            "ticket keys are taken or not");
}

static void begin(struct world *world)
{
    const uint8_t *header = world->header;
    struct peer *client = &world->pair.client, *server = &world->pair.server;

    memset(&world->pair, 0, sizeof(world->pair));
    for (int i = 0; i < 2; i++) {
        struct end *end = &world->ends[i];

        end->peer = i ? server : client;
        end->peer->credentials = end->first;
        end->peer->flags = WISHES(header, i) & ~TLS_SESSION_DATAGRAM;
        end->peer->key = keys[FIRST_KEYS(header, i)].kinds[0];
        end->peer->alpn = "\2h2\10http/1.1";
        end->peer->alpn_size = 12;
        end->peer->status = SEC_I_CONTINUE_NEEDED;
        end->failure = SEC_E_OK;
        end->over = end->connected = end->known = end->accepted = end->rejected = false;
        end->received = end->sent.size = end->verdicts = 0;
    }
    client->server_name = "localhost";
    client->resume = (gnutls_datum_t){world->kept.data, (unsigned int)world->kept.size};
    client->input = server->output = &world->pair.to_client;
    server->input = client->output = &world->pair.to_server;
    world->connections++;
}

static void keep_session(struct world *world)
{
    uint8_t buffer[8192];
    struct tls_get_blob call = {.session = world->pair.client.session,
                                .buffer = (tls_u64)(uintptr_t)buffer,
                                .buffer_size = sizeof(buffer)};

    engine_call(TLS_CALL_RESUMPTION_DATA, &call);
    if (call.status != SEC_E_OK)
        return;
    world->kept.size = 0;
    queue_add(&world->kept, buffer, call.size);
}

/* What holds after every leg */

static bool is_final(int32_t status)
{
    return status < 0 && status != SEC_E_INCOMPLETE_MESSAGE && status != SEC_E_OUT_OF_SEQUENCE &&
           status != SEC_E_INVALID_PARAMETER;
}

static void check_connected(struct end *end, bool client)
{
    const struct peer *peer = end->peer;
    struct tls_info info;

    info_get(peer->session, &info);
    require(info.flags & TLS_INFO_HANDSHAKE_DONE, "connected means done");
    require(!end->rejected, "who is rejected gets no connection");
    /* A client that shows its certificate later does not look at the server's again. */
    if (peer->flags & TLS_SESSION_VERIFY_PEER && !(info.flags & TLS_INFO_RESUMED) &&
        !(client && end->connected && info.version == 0x0304))
        require(end->accepted || (!client && end->known) || !chain_length(peer->session),
                "who connects was looked at");
    require(!client || chain_length(peer->session), "a server has a certificate");
    /* It stays the client's certificate when a renegotiation does without; also one that came with
     * a session that is resumed, which was judged as this server judges when that was made. */
    end->known |= end->accepted || info.flags & TLS_INFO_RESUMED;
    end->accepted = false;
    end->connected = true;
}

static void check_leg(struct end *end, size_t offered, bool client)
{
    const struct peer *peer = end->peer;
    const struct tls_handshake *last = &peer->last;

    require(last->consumed <= offered, "no more is consumed than was offered");
    require(last->status != SEC_E_INCOMPLETE_MESSAGE || (!last->consumed && last->missing),
            "an incomplete message is not consumed");
    require(last->status != TLS_VERIFY_PEER || last->session, "a verdict needs a session");
    require(last->alert <= 255 || last->alert == TLS_NO_ALERT, "an alert has a number");
    if (peer->verdicts != end->verdicts) {
        end->accepted = true;
        end->rejected |= peer->reject != 0;
        end->verdicts = peer->verdicts;
    }
    require(end->failure == SEC_E_OK || peer->status == end->failure, "a failure stays");
    if (is_final(peer->status))
        end->failure = peer->status;
    if (last->renewed && peer->status == SEC_E_OK)
        check_connected(end, client);
    end->over = !peer->session && (client || is_final(peer->status));
}

/* Steps */

static void leg(struct world *world, int side, size_t limit)
{
    struct end *end = &world->ends[side];
    size_t offered = end->peer->input->size;

    if (end->over || (side && !end->peer->session && !offered) ||
        end->peer->output->size > MAX_BETWEEN)
        return;
    end->peer->input_limit = limit;
    end->peer->offered = 0;
    peer_leg(end->peer);
    end->peer->input_limit = 0;
    check_leg(end, offered, !side);
}

static void both_legs(struct world *world)
{
    for (int turn = 0; turn < 8; turn++)
        for (int side = 0; side < 2; side++)
            if (world->ends[side].peer->input->size || (!side && !world->ends[0].peer->session))
                leg(world, side, 0);
}

static void action(struct end *end, uint32_t action, uint32_t level, uint32_t alert)
{
    if (end->peer->session && end->peer->output->size < MAX_BETWEEN)
        peer_action(end->peer, action, level, alert);
    /* What is fatal here need not be so for the session. */
    end->peer->status = SEC_I_CONTINUE_NEEDED;
}

static bool awaits_verdict(const struct end *end)
{
    const struct session *session = (struct session *)(uintptr_t)end->peer->session;

    return session && !session->helper && session->verdict == VERDICT_WAITING;
}

static void send_data(struct end *end, size_t size)
{
    uint8_t *data = malloc(size + 1);

    for (size_t i = 0; i < size; i++)
        data[i] = (uint8_t)((end->sent.size + i) * 167 >> 3);
    if (end->peer->output->size < MAX_BETWEEN &&
        seal_record(end->peer->session, data, size, end->peer->output, size % 3) == SEC_E_OK)
        queue_add(&end->sent, data, size);
    free(data);
}

static void receive_data(struct end *end, struct end *from)
{
    struct queue data = {0};
    struct tls_decrypt params;
    int32_t status = open_record(end->peer->session, end->peer->input, &data, &params);

    require(status != -1, "what is not consumed is untouched");
    require(data.size <= from->sent.size - from->received &&
                (!data.size || !memcmp(data.data, from->sent.data + from->received, data.size)),
            "what is received is what was sent");
    from->received += data.size;
    queue_free(&data);
}

/* A record of any content behind a good tag. */
static void forge(struct end *end, uint8_t type, const uint8_t *content, size_t size)
{
    const struct session *session = (struct session *)(uintptr_t)end->peer->session;

    if (!session || !is_connected(session) || !session->encrypt.aead ||
        session->phase == PHASE_RUNNING || session->format == FORMAT_NONE)
        return;
    if (seal_anything(end->peer->session, type, content, size, 0, end->peer->output) && type == 23)
        queue_add(&end->sent, content, size);
}

/* As many records as it takes to wear out a key. */
static void wear_key(struct end *end, struct end *to, uint8_t how)
{
    static const uint64_t marks[] = {KEY_UPDATE_AFTER, KEY_WORN_AFTER, KEY_LIMIT, KEY_LIMIT - 2};
    struct session *from = (struct session *)(uintptr_t)end->peer->session;
    struct session *other = (struct session *)(uintptr_t)to->peer->session;
    uint64_t mark = marks[how & 3] - 1;

    if (!from || !other || from->format != FORMAT_TLS13 || other->format != FORMAT_TLS13 ||
        from->encrypt.sequence != other->decrypt.sequence || from->encrypt.sequence >= mark ||
        end->peer->output->size)
        return;
    from->encrypt.sequence = other->decrypt.sequence = mark;
}

static void reconnect(struct world *world)
{
    if (world->connections >= MAX_CONNECTIONS)
        return;
    keep_session(world);
    pair_free(&world->pair);
    begin(world);
}

/* What the program wishes from now on. */
static void wish(struct world *world, int side, uint8_t what, uint8_t value)
{
    struct end *end = &world->ends[side];
    struct peer *peer = end->peer;
    bool found;

    switch (what & 7) {
    case 0:
        peer->flags ^= value & (TLS_SESSION_REQUEST_CERT | TLS_SESSION_ASK_CREDENTIALS);
        break;
    case 1:
        found = peer->credentials != end->found;
        peer->credentials = found ? end->found : end->first;
        peer->key = keys[found ? FOUND_KEYS(world->header, side) : FIRST_KEYS(world->header, side)]
                        .kinds[0];
        break;
    case 2:
        peer->key_damage = value;
        break;
    case 3:
        peer->key_failure = value & 1 ? SEC_E_NO_CREDENTIALS : 0;
        break;
    case 4:
        peer->key_waits = value & 1;
        break;
    case 5:
        peer->reject = value == 0xff ? TLS_NO_ALERT : value;
        break;
    case 6:
        peer->output_size = value & 0x80 ? SIZE_MAX : value;
        break;
    case 7:
        set_ticket_keys(world->ends[1].first, value);
        break;
    }
}

/* One step; returns the script's bytes it took. */
static size_t step(struct world *world, const uint8_t *script, size_t size)
{
    const int side = script[0] >> 7;
    struct end *end = &world->ends[side], *other = &world->ends[!side];
    uint8_t argument[4] = {0};
    size_t part;

    memcpy(argument, script + 1, size - 1 < 4 ? size - 1 : 4);
    switch (script[0] & 15) {
    case 0:
        both_legs(world);
        return 1;
    case 1:
        leg(world, side, 0);
        return 1;
    case 2:
        leg(world, side, argument[0]);
        return 2;
    case 3:
        action(end, TLS_ACTION_RENEGOTIATE, 0, 0);
        return 1;
    case 4:
        action(end, TLS_ACTION_SHUTDOWN, 0, 0);
        return 1;
    case 5:
        action(end, TLS_ACTION_ALERT, argument[0] & 3, argument[1]);
        return 3;
    case 6: /* at any time */
        if (argument[0] % 8 == TLS_ACTION_VERDICT && awaits_verdict(end)) {
            end->accepted = true;
            end->rejected |= argument[2] != 0;
        }
        action(end, argument[0] % 8, argument[1], argument[2]);
        return 4;
    case 7:
        send_data(end, (size_t)(argument[0] << 8 | argument[1]) % 17000);
        return 3;
    case 8:
        receive_data(end, other);
        return 1;
    case 9:
        wire_change(end->peer->output, argument);
        return 1 + WIRE_CHANGE_SIZE;
    case 10:
        part = size > 3 ? size - 3 : 0;
        if (part > argument[1])
            part = argument[1];
        forge(end, argument[0] ? argument[0] : 22, script + 3, part);
        return 3 + part;
    case 11:
        wish(world, side, argument[0], argument[1]);
        return 3;
    case 12:
        ask_everything(end->peer->session, argument[0]);
        return 2;
    case 13:
        wear_key(end, other, argument[0]);
        return 2;
    case 14:
        reconnect(world);
        return 1;
    default: /* a key that waits is used after all, or not */
        if (end->peer->session && argument[0] & 1)
            use_key(end->peer->session, end->peer->key, argument[0] >> 1, &end->peer->request);
        action(end, TLS_ACTION_KEY_USED, 0, 0);
        return 2;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world world = {.header = data};
    size_t used = HEADER;

    if (size <= HEADER)
        return 0;
    for (int i = 0; i < 2; i++) {
        const enum tls_role role = i ? TLS_SERVER : TLS_CLIENT;
        const uint32_t flags =
            data[0] >> 4 & (TLS_CREDENTIALS_NO_TICKETS | TLS_CREDENTIALS_AUX_RECORD);

        world.ends[i].first = new_credentials(role, FIRST_KEYS(data, i), VERSION(data), flags);
        world.ends[i].found = new_credentials(role, FOUND_KEYS(data, i), VERSION(data), 0);
    }
    if (data[0] & WITH_ISSUERS)
        set_issuers(world.ends[1].first);
    begin(&world);
    for (int i = 0; i < 2; i++)
        world.ends[i].over = !world.ends[i].first;
    for (int steps = 0; used < size && steps < MAX_STEPS; steps++)
        used += step(&world, data + used, size - used);
    pair_free(&world.pair);
    for (int i = 0; i < 2; i++) {
        credentials_delete(world.ends[i].first);
        credentials_delete(world.ends[i].found);
        queue_free(&world.ends[i].sent);
    }
    queue_free(&world.kept);
    return 0;
}
