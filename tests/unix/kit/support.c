/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See kit/support.h.
 */
#include "kit/support.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gnutls/crypto.h>

#include "unix/records/keys.h"
#include "unix/state/session.h"

/* The engine's files are linked in, so that tests may also look into its objects. */
typedef int32_t unix_call(void *params);
extern unix_call *const __wine_unix_call_funcs[TLS_CALL_COUNT];

void engine_call(enum tls_call code, void *params)
{
    if (__wine_unix_call_funcs[code](params)) {
        fprintf(stderr, "call %d failed\n", code);
        abort();
    }
}

static void require(int error, const char *what)
{
    if (error >= 0)
        return;
    fprintf(stderr, "%s: %s\n", what, gnutls_strerror(error));
    abort();
}

/* Certificates */

static struct identity identities[IDENTITY_COUNT];

struct key_type {
    gnutls_pk_algorithm_t algorithm;
    unsigned int bits;
    gnutls_digest_algorithm_t digest;
};

static const struct key_type key_types[IDENTITY_COUNT] = {
    [IDENTITY_RSA] = {GNUTLS_PK_RSA, 2048, GNUTLS_DIG_SHA256},
    [IDENTITY_P256] = {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1),
                       GNUTLS_DIG_SHA256},
    [IDENTITY_P384] = {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1),
                       GNUTLS_DIG_SHA384},
    [IDENTITY_P521] = {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP521R1),
                       GNUTLS_DIG_SHA512},
    [IDENTITY_ED25519] = {GNUTLS_PK_EDDSA_ED25519, 0, GNUTLS_DIG_SHA512},
    [IDENTITY_ED448] = {GNUTLS_PK_EDDSA_ED448, 0, GNUTLS_DIG_SHA512},
    [IDENTITY_OTHER_RSA] = {GNUTLS_PK_RSA, 2048, GNUTLS_DIG_SHA256},
};

static gnutls_x509_privkey_t generate_key(gnutls_pk_algorithm_t algorithm, unsigned int bits)
{
    gnutls_x509_privkey_t key;

    require(gnutls_x509_privkey_init(&key), "privkey_init");
    require(gnutls_x509_privkey_generate(key, algorithm, bits, 0), "privkey_generate");
    return key;
}

static gnutls_x509_crt_t make_certificate(const char *name, bool authority,
                                          gnutls_x509_privkey_t key, gnutls_x509_crt_t issuer,
                                          gnutls_x509_privkey_t issuer_key,
                                          gnutls_digest_algorithm_t digest)
{
    gnutls_x509_crt_t certificate;
    time_t now = time(NULL);
    uint8_t serial[8];
    char dn[64];

    snprintf(dn, sizeof(dn), "CN=%s", name);
    require(gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof(serial)), "rnd");
    serial[0] = 1;
    require(gnutls_x509_crt_init(&certificate), "crt_init");
    require(gnutls_x509_crt_set_version(certificate, 3), "version");
    require(gnutls_x509_crt_set_serial(certificate, serial, sizeof(serial)), "serial");
    require(gnutls_x509_crt_set_activation_time(certificate, now - 3600), "activation");
    require(gnutls_x509_crt_set_expiration_time(certificate, now + 86400), "expiration");
    require(gnutls_x509_crt_set_dn(certificate, dn, NULL), "dn");
    require(gnutls_x509_crt_set_key(certificate, key), "key");
    require(gnutls_x509_crt_set_basic_constraints(certificate, authority, -1), "constraints");
    if (!authority)
        require(gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_DNSNAME, "localhost",
                                                     9, GNUTLS_FSAN_SET),
                "alt name");
    require(gnutls_x509_crt_sign2(certificate, issuer ? issuer : certificate,
                                  issuer ? issuer_key : key, digest, 0),
            "sign");
    return certificate;
}

const struct identity *identity_get(enum identity_kind kind)
{
    /* Of one length, so that a comparison has to look at them. */
    static const char *const roots[] = {"This root", "That root"};
    struct identity *identity = &identities[kind];
    const struct key_type *type = &key_types[kind];
    gnutls_x509_privkey_t key, root_key;
    gnutls_x509_crt_t leaf, root;

    if (identity->key.data)
        return identity;
    root_key = generate_key(GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1));
    root = make_certificate(roots[kind == IDENTITY_OTHER_RSA], true, root_key, NULL, NULL,
                            GNUTLS_DIG_SHA256);
    key = generate_key(type->algorithm, type->bits);
    /* The root's key is P-256, but the digest may be any: endpoint bindings depend on it. */
    leaf = make_certificate("localhost", false, key, root, root_key,
                            type->algorithm == GNUTLS_PK_ECDSA ? type->digest : GNUTLS_DIG_SHA256);
    require(gnutls_x509_crt_export2(leaf, GNUTLS_X509_FMT_DER, &identity->chain[0]), "export");
    require(gnutls_x509_crt_export2(root, GNUTLS_X509_FMT_DER, &identity->chain[1]), "export");
    require(gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_DER, NULL, GNUTLS_PKCS_PLAIN,
                                              &identity->key),
            "export key");
    gnutls_x509_crt_deinit(leaf);
    gnutls_x509_crt_deinit(root);
    gnutls_x509_privkey_deinit(key);
    gnutls_x509_privkey_deinit(root_key);
    return identity;
}

void identities_free(void)
{
    int i;

    for (i = 0; i < IDENTITY_COUNT; i++) {
        gnutls_free(identities[i].chain[0].data);
        gnutls_free(identities[i].chain[1].data);
        gnutls_free(identities[i].key.data);
        memset(&identities[i], 0, sizeof(identities[i]));
    }
}

/* Queues */

void queue_add(struct queue *queue, const void *data, size_t size)
{
    if (!size)
        return;
    if (queue->size + size > queue->capacity) {
        queue->capacity = 2 * (queue->size + size);
        if (!(queue->data = realloc(queue->data, queue->capacity)))
            abort();
    }
    memcpy(queue->data + queue->size, data, size);
    queue->size += size;
}

void queue_drop(struct queue *queue, size_t size)
{
    if (size > queue->size)
        abort();
    if (size)
        memmove(queue->data, queue->data + size, queue->size - size);
    queue->size -= size;
}

void queue_free(struct queue *queue)
{
    free(queue->data);
    memset(queue, 0, sizeof(*queue));
}

/* Credentials */

static tls_u64 create_credentials(struct tls_credentials_create *params,
                                  const enum identity_kind *kinds, uint32_t abilities,
                                  const gnutls_datum_t *ocsp)
{
    struct tls_blob chains[8][2] = {0};
    struct tls_key keys[8] = {0};
    uint32_t i;

    for (i = 0; i < params->key_count; i++) {
        const struct identity *identity = identity_get(kinds[i]);
        int j;

        for (j = 0; j < 2; j++) {
            chains[i][j].data = address(identity->chain[j].data);
            chains[i][j].size = identity->chain[j].size;
        }
        keys[i].chain = address(chains[i]);
        keys[i].chain_count = 2;
        keys[i].abilities = abilities;
        keys[i].key.data = abilities ? 0 : address(identity->key.data);
        keys[i].key.size = identity->key.size;
        if (ocsp) {
            keys[i].ocsp.data = address(ocsp[i].data);
            keys[i].ocsp.size = ocsp[i].size;
        }
    }
    params->keys = address(keys);
    engine_call(TLS_CALL_CREDENTIALS_CREATE, params);
    params->keys = 0;
    return params->credentials;
}

tls_u64 credentials_make(struct tls_credentials_create *params, const enum identity_kind *kinds,
                         const gnutls_datum_t *ocsp)
{
    return create_credentials(params, kinds, 0, ocsp);
}

tls_u64 credentials_new(enum tls_role role, const enum identity_kind *kinds, uint32_t count,
                        uint32_t protocols, uint64_t disabled, uint32_t flags, int32_t *status)
{
    struct tls_credentials_create params = {.role = role,
                                            .protocols = protocols,
                                            .disabled = disabled,
                                            .flags = flags,
                                            .key_count = count};

    create_credentials(&params, kinds, 0, NULL);
    if (status)
        *status = params.status;
    return params.credentials;
}

tls_u64 external_credentials(enum tls_role role, const enum identity_kind *kinds, uint32_t count,
                             uint32_t protocols, uint64_t disabled, uint32_t abilities,
                             int32_t *status)
{
    struct tls_credentials_create params = {
        .role = role, .protocols = protocols, .disabled = disabled, .key_count = count};

    create_credentials(&params, kinds, abilities, NULL);
    if (status)
        *status = params.status;
    return params.credentials;
}

tls_u64 client_credentials(uint32_t protocols)
{
    return credentials_new(TLS_CLIENT, NULL, 0, protocols, 0, 0, NULL);
}

tls_u64 server_credentials(enum identity_kind kind, uint32_t protocols)
{
    return credentials_new(TLS_SERVER, &kind, 1, protocols, 0, 0, NULL);
}

void credentials_delete(tls_u64 credentials)
{
    struct tls_free params = {.object = credentials};

    engine_call(TLS_CALL_CREDENTIALS_FREE, &params);
}

/* Keys that stay here */

struct scheme {
    uint32_t operation;
    uint32_t hash;
    gnutls_sign_algorithm_t algorithm;
};

static const struct scheme key_schemes[] = {
    {TLS_KEY_SIGN_PKCS1, TLS_KEY_CAN_SHA1, GNUTLS_SIGN_RSA_SHA1},
    {TLS_KEY_SIGN_PKCS1, TLS_KEY_CAN_SHA256, GNUTLS_SIGN_RSA_SHA256},
    {TLS_KEY_SIGN_PKCS1, TLS_KEY_CAN_SHA384, GNUTLS_SIGN_RSA_SHA384},
    {TLS_KEY_SIGN_PKCS1, TLS_KEY_CAN_SHA512, GNUTLS_SIGN_RSA_SHA512},
    {TLS_KEY_SIGN_PSS, TLS_KEY_CAN_SHA256, GNUTLS_SIGN_RSA_PSS_RSAE_SHA256},
    {TLS_KEY_SIGN_PSS, TLS_KEY_CAN_SHA384, GNUTLS_SIGN_RSA_PSS_RSAE_SHA384},
    {TLS_KEY_SIGN_PSS, TLS_KEY_CAN_SHA512, GNUTLS_SIGN_RSA_PSS_RSAE_SHA512},
    {TLS_KEY_SIGN_ECDSA, TLS_KEY_CAN_SHA1, GNUTLS_SIGN_ECDSA_SHA1},
    {TLS_KEY_SIGN_ECDSA, TLS_KEY_CAN_SHA256, GNUTLS_SIGN_ECDSA_SHA256},
    {TLS_KEY_SIGN_ECDSA, TLS_KEY_CAN_SHA384, GNUTLS_SIGN_ECDSA_SHA384},
    {TLS_KEY_SIGN_ECDSA, TLS_KEY_CAN_SHA512, GNUTLS_SIGN_ECDSA_SHA512},
};

/* Numbers without leading zeros into halves of equal length. */
static void flatten_ecdsa(gnutls_datum_t *signature)
{
    gnutls_datum_t r = {NULL, 0}, s = {NULL, 0};
    uint32_t half;
    uint8_t *flat;

    require(gnutls_decode_rs_value(signature, &r, &s), "decode");
    half = r.size > s.size ? r.size : s.size;
    flat = gnutls_calloc(2, half);
    memcpy(flat + half - r.size, r.data, r.size);
    memcpy(flat + 2 * half - s.size, s.data, s.size);
    gnutls_free(signature->data);
    gnutls_free(r.data);
    gnutls_free(s.data);
    signature->data = flat;
    signature->size = 2 * half;
}

/* Nothing when the key cannot do what is asked for. */
static gnutls_datum_t answer_request(const struct tls_key_request *request, gnutls_privkey_t key)
{
    gnutls_datum_t data = {(uint8_t *)request->data, request->size}, result = {NULL, 0};
    int error = GNUTLS_E_INVALID_REQUEST;
    size_t i;

    if (request->operation == TLS_KEY_DECRYPT)
        error = gnutls_privkey_decrypt_data(key, 0, &data, &result);
    else if (request->hash == TLS_KEY_CAN_MD5_SHA1 && request->size == 36)
        error = gnutls_privkey_sign_hash(key, GNUTLS_DIG_UNKNOWN, GNUTLS_PRIVKEY_SIGN_FLAG_TLS1_RSA,
                                         &data, &result);
    for (i = 0; i < sizeof(key_schemes) / sizeof(key_schemes[0]); i++)
        if (key_schemes[i].operation == request->operation && key_schemes[i].hash == request->hash)
            error = gnutls_privkey_sign_hash2(key, key_schemes[i].algorithm, 0, &data, &result);
    if (error < 0)
        return (gnutls_datum_t){NULL, 0};
    if (request->operation == TLS_KEY_SIGN_ECDSA)
        flatten_ecdsa(&result);
    return result;
}

bool use_key(tls_u64 session, enum identity_kind kind, uint8_t damage,
             struct tls_key_request *request)
{
    const struct identity *identity = identity_get(kind);
    struct tls_key_answer answer = {.session = session, .failure = SEC_E_NO_CREDENTIALS};
    gnutls_datum_t result;
    gnutls_privkey_t key;

    memset(request, 0, sizeof(*request));
    request->session = session;
    engine_call(TLS_CALL_KEY_REQUEST, request);
    if (request->status != SEC_E_OK)
        return false;
    require(gnutls_privkey_init(&key), "privkey");
    require(gnutls_privkey_import_x509_raw(key, &identity->key, GNUTLS_X509_FMT_DER, NULL, 0),
            "import");
    result = answer_request(request, key);
    if (result.size)
        result.data[result.size - 1] ^= damage;
    answer.data = address(result.data);
    answer.size = result.size;
    engine_call(TLS_CALL_KEY_ANSWER, &answer);
    gnutls_free(result.data);
    gnutls_privkey_deinit(key);
    return answer.status == SEC_E_OK;
}

/* Ends */

static void collect_output(struct peer *peer, uint8_t *output, size_t capacity)
{
    struct tls_take_output take = {.session = peer->session};

    queue_add(peer->output, output, peer->last.written);
    /* With a capacity of nothing per leg, what waits is fetched a byte at a time. */
    take.pending = peer->last.pending;
    while (take.pending) {
        take.session = peer->session;
        take.output = address(output);
        take.output_size = capacity ? (uint32_t)capacity : 1;
        engine_call(TLS_CALL_TAKE_OUTPUT, &take);
        if (!take.written)
            abort();
        queue_add(peer->output, output, take.written);
    }
}

static void run_leg(struct peer *peer, uint32_t action, uint32_t level, uint32_t alert,
                    size_t input_size)
{
    struct tls_handshake *params = &peer->last;
    size_t capacity = peer->output_size == SIZE_MAX ? 0
                      : peer->output_size           ? peer->output_size
                                                    : 65536;
    uint8_t *output = malloc(capacity + 1), *input = NULL;

    /* A copy of exactly this size, so that a sanitizer sees any byte read beyond it. */
    if (input_size && (input = malloc(input_size)))
        memcpy(input, peer->input->data, input_size);
    memset(params, 0, sizeof(*params));
    params->session = peer->session;
    params->credentials = peer->credentials;
    params->server_name = address(peer->server_name);
    params->server_name_size = peer->server_name ? (uint32_t)strlen(peer->server_name) : 0;
    params->alpn = address(peer->alpn);
    params->alpn_size = peer->alpn_size;
    params->resume = address(peer->resume.data);
    params->resume_size = peer->resume.size;
    params->flags = peer->flags;
    params->policy = peer->policy;
    params->action = action;
    params->alert_level = level;
    params->alert = alert;
    params->input = address(input);
    params->input_size = (uint32_t)input_size;
    params->output = address(output);
    params->output_size = (uint32_t)capacity;
    engine_call(TLS_CALL_HANDSHAKE, params);
    peer->session = params->session;
    peer->status = params->status;
    peer->legs++;
    collect_output(peer, output, capacity);
    queue_drop(peer->input, params->consumed);
    free(output);
    free(input);
}

static void answer_key(struct peer *peer)
{
    struct tls_key_answer refusal = {.session = peer->session, .failure = peer->key_failure};

    peer->keys_used++;
    if (!peer->key_failure) {
        if (!use_key(peer->session, peer->key, peer->key_damage, &peer->request))
            abort();
        return;
    }
    engine_call(TLS_CALL_KEY_ANSWER, &refusal);
}

/* Gives verdicts and uses keys until the leg is over. `before`: the output's size at its start. */
static void finish_leg(struct peer *peer, size_t before)
{
    for (;;) {
        if (peer->status == TLS_VERIFY_PEER) {
            if (!peer->verdicts++)
                peer->sent_at_verdict = peer->output->size - before;
            run_leg(peer, TLS_ACTION_VERDICT, 0, peer->reject, peer->input->size);
        } else if (peer->status == TLS_KEY_WANTED && !peer->key_waits) {
            answer_key(peer);
            run_leg(peer, TLS_ACTION_KEY_USED, 0, 0, peer->input->size);
        } else {
            break;
        }
    }
}

void peer_key_used(struct peer *peer)
{
    size_t before = peer->output->size;

    run_leg(peer, TLS_ACTION_KEY_USED, 0, 0, peer->input->size);
    finish_leg(peer, before);
}

bool peer_leg(struct peer *peer)
{
    size_t before = peer->output->size, input_before = peer->input->size, size = peer->input->size;

    if (peer->input_limit) {
        peer->offered += peer->input_limit;
        if (peer->offered < size)
            size = peer->offered;
    }
    run_leg(peer, TLS_ACTION_HANDSHAKE, 0, 0, size);
    if (peer->last.consumed)
        peer->offered = size > peer->last.consumed ? size - peer->last.consumed : 0;
    finish_leg(peer, before);
    return peer->output->size != before || peer->input->size != input_before ||
           (peer->input_limit && size < input_before);
}

int32_t peer_action(struct peer *peer, uint32_t action, uint32_t level, uint32_t alert)
{
    run_leg(peer, action, level, alert, 0);
    return peer->status;
}

void peer_free(struct peer *peer)
{
    struct tls_free params = {.object = peer->session};

    engine_call(TLS_CALL_SESSION_FREE, &params);
    peer->session = 0;
}

static bool unfinished(const struct peer *peer)
{
    return peer->status == SEC_I_CONTINUE_NEEDED || peer->status == SEC_E_INCOMPLETE_MESSAGE;
}

void pair_join(struct pair *pair)
{
    pair->client.input = pair->server.output = &pair->to_client;
    pair->server.input = pair->client.output = &pair->to_server;
}

bool pair_run(struct pair *pair)
{
    bool progress = true;

    pair_join(pair);
    pair->client.status = pair->server.status = SEC_I_CONTINUE_NEEDED;
    while (progress) {
        progress = false;
        if (unfinished(&pair->client) && (!pair->client.session || pair->to_client.size))
            progress |= peer_leg(&pair->client);
        if (unfinished(&pair->server) && pair->to_server.size)
            progress |= peer_leg(&pair->server);
    }
    return pair->client.status == SEC_E_OK && pair->server.status == SEC_E_OK;
}

void pair_free(struct pair *pair)
{
    peer_free(&pair->client);
    peer_free(&pair->server);
    queue_free(&pair->to_client);
    queue_free(&pair->to_server);
}

void pair_release(struct pair *pair)
{
    credentials_delete(pair->client.credentials);
    credentials_delete(pair->server.credentials);
    pair_free(pair);
}

/* Records */

void info_get(tls_u64 session, struct tls_info *info)
{
    memset(info, 0xaa, sizeof(*info));
    info->session = session;
    engine_call(TLS_CALL_INFO, info);
}

void names_get(tls_u64 session, struct tls_names *names)
{
    memset(names, 0xaa, sizeof(*names));
    names->session = session;
    engine_call(TLS_CALL_NAMES, names);
}

int32_t blob_get(enum tls_call call, tls_u64 session, uint32_t kind, struct queue *out)
{
    struct tls_get_blob params = {.session = session, .kind = kind};
    uint8_t *buffer;

    engine_call(call, &params);
    if (params.status != SEC_E_BUFFER_TOO_SMALL)
        return params.status;
    buffer = malloc(params.size);
    params.buffer = address(buffer);
    params.buffer_size = params.size;
    engine_call(call, &params);
    if (params.status == SEC_E_OK)
        queue_add(out, buffer, params.size);
    free(buffer);
    return params.status;
}

uint32_t chain_length(tls_u64 session)
{
    struct tls_get_blob params = {.session = session};

    engine_call(TLS_CALL_PEER_CHAIN, &params);
    return params.count;
}

int32_t seal_record(tls_u64 session, const void *data, size_t size, struct queue *out, size_t gap)
{
    struct tls_encrypt params = {.session = session, .data_size = (uint32_t)size};
    uint8_t *header, *body, *trailer, *buffer;
    struct tls_info info;

    info_get(session, &info);
    buffer = malloc(info.header_size + size + info.trailer_size + 2 * gap);
    header = buffer;
    body = header + info.header_size + gap;
    trailer = body + size + gap;
    if (size)
        memcpy(body, data, size);
    params.header = address(header);
    params.data = size ? address(body) : 0;
    params.trailer = address(trailer);
    params.header_size = info.header_size;
    params.trailer_size = info.trailer_size;
    engine_call(TLS_CALL_ENCRYPT, &params);
    if (params.status == SEC_E_OK) {
        queue_add(out, header, params.header_size);
        queue_add(out, body, size);
        queue_add(out, trailer, params.trailer_size);
    }
    free(buffer);
    return params.status;
}

int32_t open_record(tls_u64 session, struct queue *in, struct queue *out,
                    struct tls_decrypt *params)
{
    uint8_t *buffer = in->size ? malloc(in->size) : NULL;

    if (buffer)
        memcpy(buffer, in->data, in->size);
    memset(params, 0, sizeof(*params));
    params->session = session;
    params->buffer = address(buffer);
    params->buffer_size = (uint32_t)in->size;
    engine_call(TLS_CALL_DECRYPT, params);
    if (out && params->status == SEC_E_OK)
        queue_add(out, buffer + params->header_size, params->data_size);
    /* Whatever was not consumed has to be as it was. */
    if (params->status == SEC_I_RENEGOTIATE || params->status == SEC_E_INCOMPLETE_MESSAGE)
        if (in->size > params->consumed &&
            memcmp(buffer + params->consumed, in->data + params->consumed,
                   in->size - params->consumed))
            params->status = -1;
    queue_drop(in, params->consumed);
    free(buffer);
    return params->status;
}

bool seal_anything(tls_u64 handle, uint8_t type, const void *data, size_t size, size_t pad,
                   struct queue *out)
{
    struct session *session = (struct session *)(uintptr_t)handle;
    struct direction *direction = &session->encrypt;
    uint32_t header = session->header_size, tag = session->tag_size;
    bool tls13 = session->format == FORMAT_TLS13;
    size_t plain = size + (tls13 ? 1 + pad : 0), length = header - 5 + plain + tag,
           sealed = plain + tag;
    uint8_t *record, nonce[12], aad[13], sequence[8];
    int i;

    if (session->format == FORMAT_GNUTLS)
        return false;
    if (!(record = calloc(1, header + sealed)))
        abort();
    record[0] = tls13 ? 23 : type;
    record[1] = record[2] = 3;
    record[3] = (uint8_t)(length >> 8);
    record[4] = (uint8_t)length;
    if (size)
        memcpy(record + header, data, size);
    if (tls13)
        record[header + size] = type;

    for (i = 0; i < 8; i++)
        sequence[i] = (uint8_t)(direction->sequence >> (56 - 8 * i));
    memcpy(nonce, direction->iv, sizeof(nonce));
    if (session->format == FORMAT_EXPLICIT) {
        memcpy(record + 5, sequence, 8);
        memcpy(nonce + 4, sequence, 8);
    } else {
        for (i = 0; i < 8; i++)
            nonce[4 + i] ^= sequence[i];
    }
    memcpy(aad, sequence, 8);
    memcpy(aad + 8, record, 3);
    aad[11] = (uint8_t)(plain >> 8);
    aad[12] = (uint8_t)plain;
    require(direction_ready(session, direction), "cipher");
    require(gnutls_aead_cipher_encrypt(direction->aead, nonce, sizeof(nonce), tls13 ? record : aad,
                                       tls13 ? 5 : 13, tag, record + header, plain, record + header,
                                       &sealed),
            "sealing");
    direction->sequence++;
    queue_add(out, record, header + sealed);
    free(record);
    return true;
}

int32_t open_data(struct peer *peer, struct queue *out, struct tls_decrypt *params)
{
    while (open_record(peer->session, peer->input, out, params) == SEC_I_RENEGOTIATE) {
        size_t before = peer->input->size;

        peer_leg(peer);
        if (peer->status != SEC_E_OK || peer->input->size >= before)
            return peer->status == SEC_E_OK ? -1 : peer->status;
    }
    return params->status;
}

bool transfer(struct peer *from, struct peer *to, size_t size)
{
    uint8_t *data = malloc(size + 1);
    struct queue received = {0};
    struct tls_decrypt params;
    bool result;
    size_t i;

    for (i = 0; i < size; i++)
        data[i] = (uint8_t)(i * 31 + size);
    result = seal_record(from->session, data, size, from->output, size % 3) == SEC_E_OK &&
             open_data(to, &received, &params) == SEC_E_OK && !to->input->size &&
             received.size == size && (!size || !memcmp(received.data, data, size)) &&
             params.header_size + params.data_size + params.trailer_size == params.consumed;
    queue_free(&received);
    free(data);
    return result;
}

/* GnuTLS itself */

static ssize_t native_pull(gnutls_transport_ptr_t pointer, void *data, size_t size)
{
    struct native *native = pointer;

    if (!native->input->size) {
        errno = EAGAIN;
        return -1;
    }
    if (size > native->input->size)
        size = native->input->size;
    memcpy(data, native->input->data, size);
    queue_drop(native->input, size);
    return (ssize_t)size;
}

static ssize_t native_push(gnutls_transport_ptr_t pointer, const void *data, size_t size)
{
    struct native *native = pointer;

    queue_add(native->output, data, size);
    return (ssize_t)size;
}

bool native_init(struct native *native, unsigned int flags, const char *priority,
                 const struct identity *identity)
{
    gnutls_datum_t chain[2];

    require(gnutls_certificate_allocate_credentials(&native->credentials), "credentials");
    if (identity) {
        gnutls_x509_crt_t crts[2];
        gnutls_x509_privkey_t key;
        int i;

        memcpy(chain, identity->chain, sizeof(chain));
        require(gnutls_x509_privkey_init(&key), "key");
        require(gnutls_x509_privkey_import_pkcs8(key, &identity->key, GNUTLS_X509_FMT_DER, NULL,
                                                 GNUTLS_PKCS_PLAIN),
                "key");
        for (i = 0; i < 2; i++) {
            require(gnutls_x509_crt_init(&crts[i]), "crt");
            require(gnutls_x509_crt_import(crts[i], &chain[i], GNUTLS_X509_FMT_DER), "crt");
        }
        require(gnutls_certificate_set_x509_key(native->credentials, crts, 2, key), "set key");
        gnutls_x509_crt_deinit(crts[0]);
        gnutls_x509_crt_deinit(crts[1]);
        gnutls_x509_privkey_deinit(key);
    }
    require(gnutls_init(&native->tls, flags | GNUTLS_NONBLOCK), "init");
    require(gnutls_priority_set_direct(native->tls, priority, NULL), "priority");
    require(gnutls_credentials_set(native->tls, GNUTLS_CRD_CERTIFICATE, native->credentials),
            "credentials");
    gnutls_transport_set_ptr(native->tls, native);
    gnutls_transport_set_pull_function(native->tls, native_pull);
    gnutls_transport_set_push_function(native->tls, native_push);
    return true;
}

void native_free(struct native *native)
{
    gnutls_deinit(native->tls);
    gnutls_certificate_free_credentials(native->credentials);
    memset(native, 0, sizeof(*native));
}

bool native_run(struct native *native, struct peer *peer)
{
    int error = GNUTLS_E_AGAIN, turns;

    peer->status = SEC_I_CONTINUE_NEEDED;
    for (turns = 0; turns < 20; turns++) {
        if (unfinished(peer) && (peer->input->size || (!peer->session && peer->last.session == 0)))
            peer_leg(peer);
        if (error == GNUTLS_E_AGAIN || error == GNUTLS_E_INTERRUPTED)
            error = gnutls_handshake(native->tls);
        if (error == GNUTLS_E_SUCCESS && peer->status == SEC_E_OK)
            return true;
    }
    return false;
}
