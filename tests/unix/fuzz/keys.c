/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzz target: what a program puts into credentials and sessions.
 *
 * The first bytes are numbers: role, versions, algorithms, bounds, abilities of a key. The rest is
 * a sequence of parts, each behind its kind and its size: raw bytes, or a genuine certificate, key
 * or OCSP response with changes element by element (fuzz/shared/elements.h); names, application
 * protocols, ticket keys, SRTP profiles. Credentials that come to be are used for a handshake with
 * an honest peer, so that what was accepted is also found to work or to fail in order.
 */
#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>
#include <gnutls/ocsp.h>

#include "kit/support.h"
#include "fuzz/shared/elements.h"
#include "fuzz/shared/questions.h"
#include "fuzz/shared/require.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum part {
    PART_LEAF,
    PART_ISSUER,
    PART_KEY,
    PART_RESPONSE,
    PART_TRUSTED, /* whom a server's requests name */
    PART_TICKET_KEY,
    PART_ALPN,
    PART_NAME,
    PART_COUNT
};

#define MAX_TRUSTED 4
#define HEADER      16
#define FLAG_SERVER 0x01
#define FLAG_DTLS   0x02
#define FLAG_STAYS  0x04 /* the key stays with the caller */
#define FLAG_TWICE  0x08 /* the certificate and key a second time */

static const enum identity_kind kinds[] = {IDENTITY_RSA, IDENTITY_P256, IDENTITY_ED25519};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static tls_u64 honest[2]; /* by role */
static struct queue responses[KINDS];

struct setup {
    unsigned int which; /* of kinds */
    struct queue parts[PART_COUNT];
    struct queue trusted[MAX_TRUSTED];
    unsigned int trusted_count;
};

/* An OCSPResponse that says good about the leaf, by its issuer's name and its number; what it is
 * signed with is nobody's business here. */
static void make_response(const struct identity *identity, struct queue *out)
{
    static const uint8_t oid[] = {0x2b, 6, 1, 5, 5, 7, 48, 1, 1};
    static const uint8_t sha1[] = {0x30, 9, 6, 5, 0x2b, 14, 3, 2, 26, 5, 0};
    static const uint8_t ecdsa[] = {0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2};
    static const char when[] = "20260101000000Z", end[] = "20360101000000Z";
    uint8_t hash[20], serial[40];
    size_t start, next, serial_size = sizeof(serial);
    struct queue basic = {0};
    gnutls_x509_crt_t leaf;
    gnutls_datum_t name;

    require(gnutls_x509_crt_init(&leaf) >= 0 &&
                gnutls_x509_crt_import(leaf, &identity->chain[0], GNUTLS_X509_FMT_DER) >= 0 &&
                gnutls_x509_crt_get_raw_issuer_dn(leaf, &name) >= 0 &&
                gnutls_x509_crt_get_serial(leaf, serial, &serial_size) >= 0 &&
                gnutls_hash_fast(GNUTLS_DIG_SHA1, name.data, name.size, hash) >= 0,
            "the leaf's issuer and number");
    element_put(&basic, 0x04, hash, 20);
    element_wrap(&basic, 0, 0xa2);
    element_put(&basic, 0x18, when, 15);
    start = basic.size;
    queue_add(&basic, sha1, sizeof(sha1));
    element_put(&basic, 0x04, hash, 20);
    element_put(&basic, 0x04, hash, 20);
    element_put(&basic, 0x02, serial, serial_size);
    element_wrap(&basic, start, 0x30);
    element_put(&basic, 0x80, "", 0);
    element_put(&basic, 0x18, when, 15);
    next = basic.size;
    element_put(&basic, 0x18, end, 15);
    element_wrap(&basic, next, 0xa0);
    element_wrap(&basic, start, 0x30);
    element_wrap(&basic, start, 0x30);
    element_wrap(&basic, 0, 0x30);
    queue_add(&basic, ecdsa, sizeof(ecdsa));
    element_put(&basic, 0x03, "\0\0", 2);
    element_wrap(&basic, 0, 0x30);

    element_put(out, 0x0a, "", 1);
    start = out->size;
    element_put(out, 0x06, oid, sizeof(oid));
    element_put(out, 0x04, basic.data, basic.size);
    element_wrap(out, start, 0x30);
    element_wrap(out, start, 0xa0);
    element_wrap(out, 0, 0x30);
    queue_free(&basic);
    gnutls_free(name.data);
    gnutls_x509_crt_deinit(leaf);
}

static void check_response(const struct identity *identity, const struct queue *response)
{
    const gnutls_datum_t der = {response->data, (unsigned int)response->size};
    gnutls_x509_crt_t leaf;
    gnutls_ocsp_resp_t parsed = NULL;

    require(gnutls_x509_crt_init(&leaf) >= 0 &&
                gnutls_x509_crt_import(leaf, &identity->chain[0], GNUTLS_X509_FMT_DER) >= 0 &&
                gnutls_ocsp_resp_init(&parsed) >= 0 && gnutls_ocsp_resp_import(parsed, &der) >= 0 &&
                gnutls_ocsp_resp_check_crt(parsed, 0, leaf) >= 0,
            "a response about the leaf");
    gnutls_ocsp_resp_deinit(parsed);
    gnutls_x509_crt_deinit(leaf);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const enum identity_kind two[] = {IDENTITY_P256, IDENTITY_RSA};

    (void)argc;
    (void)argv;
    for (unsigned int i = 0; i < KINDS; i++) {
        make_response(identity_get(kinds[i]), &responses[i]);
        check_response(identity_get(kinds[i]), &responses[i]);
    }
    honest[TLS_CLIENT] = credentials_new(TLS_CLIENT, two, 1, TLS_PROTOCOL_ANY_TLS, 0, 0, NULL);
    honest[TLS_SERVER] = credentials_new(TLS_SERVER, two, 2, TLS_PROTOCOL_ANY_TLS, 0, 0, NULL);
    require(honest[TLS_CLIENT] && honest[TLS_SERVER], "an honest peer");
    return 0;
}

/* The parts */

/* One of the chosen identity's, or of the `other`-th behind it. */
static void genuine_part(const struct setup *setup, enum part part, unsigned int other,
                         struct queue *out)
{
    const unsigned int which = (setup->which + other) % KINDS;
    const struct identity *identity = identity_get(kinds[which]);

    switch (part) {
    case PART_LEAF:
        queue_add(out, identity->chain[0].data, identity->chain[0].size);
        break;
    case PART_ISSUER:
    case PART_TRUSTED:
        queue_add(out, identity->chain[1].data, identity->chain[1].size);
        break;
    case PART_KEY:
        queue_add(out, identity->key.data, identity->key.size);
        break;
    case PART_RESPONSE:
        queue_add(out, responses[which].data, responses[which].size);
        break;
    case PART_ALPN:
        queue_add(out, "\2h2\10http/1.1", 12);
        break;
    case PART_NAME:
        queue_add(out, "localhost", 9);
        break;
    default:
        break;
    }
}

/* Takes one part off the script: kind, how (bit 0: a genuine one with changes, above it whose),
 * size (two bytes), bytes. */
static size_t read_part(struct setup *setup, const uint8_t *script, size_t size)
{
    struct queue genuine = {0}, *part;
    enum part kind;
    size_t length;

    if (size < 4)
        return size;
    kind = script[0] % PART_COUNT;
    length = (size_t)script[2] << 8 | script[3];
    if (length > size - 4)
        length = size - 4;
    part = &setup->parts[kind];
    if (kind == PART_TRUSTED && setup->trusted_count < MAX_TRUSTED)
        part = &setup->trusted[setup->trusted_count++];
    queue_free(part);
    if (script[1] & 1 && kind <= PART_TRUSTED) {
        genuine_part(setup, kind, script[1] >> 1, &genuine);
        elements_change(part, &genuine, script + 4, length);
        queue_free(&genuine);
    } else {
        queue_add(part, script + 4, length);
    }
    /* Of exactly its size, so that a sanitizer sees any byte read beyond it. */
    if (part->size)
        part->data = realloc(part->data, part->capacity = part->size);
    return 4 + length;
}

static struct tls_blob blob(const struct queue *part)
{
    return (struct tls_blob){address(part->size ? part->data : NULL), (uint32_t)part->size, 0};
}

/* The calls */

static tls_u64 create(const struct setup *setup, const uint8_t *header)
{
    struct tls_blob chain[2] = {blob(&setup->parts[PART_LEAF]), blob(&setup->parts[PART_ISSUER])};
    struct tls_blob trusted[MAX_TRUSTED];
    struct tls_key key[2] = {{.chain = address(chain),
                              .chain_count = header[1] & 3,
                              .key = blob(&setup->parts[PART_KEY]),
                              .ocsp = blob(&setup->parts[PART_RESPONSE])}};
    struct tls_credentials_create call = {.keys = address(key),
                                          .key_count = header[0] & FLAG_TWICE ? 2
                                                       : header[1] & 4        ? 0
                                                                              : 1,
                                          .role = header[0] & FLAG_SERVER ? TLS_SERVER : TLS_CLIENT,
                                          .protocols = header[2],
                                          .flags = header[0] >> 4,
                                          .issuers = address(trusted),
                                          .issuer_count = setup->trusted_count,
                                          .ticket_lifetime = header[3],
                                          .min_rsa_bits = (uint32_t)header[4] << 4,
                                          .max_rsa_bits = (uint32_t)header[5] << 4,
                                          .min_dh_bits = (uint32_t)header[6] << 4};

    if (key[0].chain_count > 2)
        key[0].chain_count = 2;
    if (header[0] & FLAG_STAYS) {
        key[0].key = (struct tls_blob){0};
        key[0].abilities = (uint32_t)header[7] << 8 | (header[1] >> 4);
    }
    key[1] = key[0];
    for (unsigned int i = 0; i < setup->trusted_count; i++)
        trusted[i] = blob(&setup->trusted[i]);
    memcpy(&call.disabled, header + 8, sizeof(call.disabled));
    engine_call(TLS_CALL_CREDENTIALS_CREATE, &call);
    require(call.status == SEC_E_OK || call.status == SEC_E_UNKNOWN_CREDENTIALS ||
                call.status == SEC_E_ALGORITHM_MISMATCH || call.status == SEC_E_INVALID_PARAMETER,
            "credentials are made or refused");
    require(!call.credentials == (call.status != SEC_E_OK), "or they are not");
    require(!(call.protocols & ~(uint32_t)header[2]), "no version but those asked for");
    return call.credentials;
}

static void more_settings(const struct setup *setup, tls_u64 credentials)
{
    struct tls_blob blobs[2] = {blob(&setup->parts[PART_TICKET_KEY]),
                                blob(&setup->parts[PART_LEAF])};
    struct tls_set_ticket_keys keys = {
        .credentials = credentials, .keys = address(blobs), .count = 1};
    struct tls_set_issuers issuers = {
        .credentials = credentials, .issuers = address(blobs), .count = 2};

    if (setup->parts[PART_TICKET_KEY].size) {
        engine_call(TLS_CALL_SET_TICKET_KEYS, &keys);
        require(keys.status != SEC_E_OK || blobs[0].size >= 32, "a ticket key is long enough");
    }
    engine_call(TLS_CALL_SET_ISSUERS, &issuers);
}

/* Stream or datagrams; the honest peer is the other role. */
static void use(const struct setup *setup, const uint8_t *header, tls_u64 credentials)
{
    const enum tls_role role = header[0] & FLAG_SERVER ? TLS_SERVER : TLS_CLIENT;
    struct pair pair = {0};
    struct peer *peer = role == TLS_SERVER ? &pair.server : &pair.client;
    struct peer *other = role == TLS_SERVER ? &pair.client : &pair.server;
    const struct queue *name = &setup->parts[PART_NAME], *alpn = &setup->parts[PART_ALPN];
    char *text = malloc(name->size + 1);

    if (name->size)
        memcpy(text, name->data, name->size);
    text[name->size] = 0;
    pair.server.flags = TLS_SESSION_REQUEST_CERT;
    peer->credentials = credentials;
    other->credentials = honest[!role];
    pair.client.server_name = name->size ? text : NULL;
    peer->alpn = alpn->data;
    peer->alpn_size = (uint32_t)alpn->size;
    other->alpn = "\2h2\10http/1.1";
    other->alpn_size = header[1] & 8 ? 12 : 0;
    peer->key = kinds[setup->which];
    if (pair_run(&pair) && !(header[0] >> 4 & TLS_CREDENTIALS_AUX_RECORD)) {
        require(transfer(&pair.client, &pair.server, 100), "data to the server");
        require(transfer(&pair.server, &pair.client, 100), "data to the client");
    }
    ask_everything(peer->session, 200);
    ask_everything(other->session, 200);
    pair_free(&pair);
    free(text);
}

/* A client's first leg of DTLS, with SRTP. */
static void use_datagrams(const struct setup *setup, const uint8_t *header, tls_u64 credentials)
{
    const struct queue *profiles = &setup->parts[PART_ALPN], *mki = &setup->parts[PART_NAME];
    struct tls_handshake call = {.credentials = credentials,
                                 .flags = TLS_SESSION_DATAGRAM,
                                 .srtp_profiles = address(profiles->data),
                                 .srtp_profiles_size = (uint32_t)profiles->size,
                                 .srtp_mki = address(mki->data),
                                 .srtp_mki_size = mki->size < 255 ? (uint32_t)mki->size : 255,
                                 .mtu = 1000};
    struct tls_free release;

    engine_call(TLS_CALL_HANDSHAKE, &call);
    require(!call.session == !call.next_datagram, "a session that has something to send, or none");
    require(call.status != SEC_I_CONTINUE_NEEDED || call.session || header[0] & FLAG_SERVER,
            "a client has a session");
    ask_everything(call.session, 255);
    release.object = call.session;
    engine_call(TLS_CALL_SESSION_FREE, &release);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct setup setup = {0};
    size_t used = HEADER;
    tls_u64 credentials;

    if (size < HEADER)
        return 0;
    setup.which = (data[1] >> 6) % KINDS;
    for (int part = 0; part < PART_COUNT; part++)
        if (part != PART_RESPONSE)
            genuine_part(&setup, (enum part)part, 0, &setup.parts[part]);
    while (used < size)
        used += read_part(&setup, data + used, size - used);
    credentials = create(&setup, data);
    if (credentials) {
        more_settings(&setup, credentials);
        if (data[0] & FLAG_DTLS)
            use_datagrams(&setup, data, credentials);
        else
            use(&setup, data, credentials);
        credentials_delete(credentials);
    }
    for (int part = 0; part < PART_COUNT; part++)
        queue_free(&setup.parts[part]);
    for (unsigned int i = 0; i < setup.trusted_count; i++)
        queue_free(&setup.trusted[i]);
    return 0;
}
