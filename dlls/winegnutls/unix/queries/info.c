/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * TLS_CALL_INFO, TLS_CALL_NAMES, TLS_CALL_SIGNATURES: what was negotiated and what the peer can
 * verify, in numbers of the protocol rather than of GnuTLS.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "unix/base/calls.h"
#include "unix/base/engine.h"
#include "unix/base/status.h"
#include "unix/credentials/keyselect.h"
#include "unix/credentials/priority.h"
#include "unix/queries/info.h"
#include "unix/state/credentials.h"
#include "unix/state/session.h"

struct number_row {
    int ours;
    uint32_t wire;
    uint32_t bits;
};

/* IANA "TLS Supported Groups"; bits as the size of the key. */
static const struct number_row groups[] = {
    {GNUTLS_GROUP_SECP192R1, 19, 192},   {GNUTLS_GROUP_SECP224R1, 21, 224},
    {GNUTLS_GROUP_SECP256R1, 23, 256},   {GNUTLS_GROUP_SECP384R1, 24, 384},
    {GNUTLS_GROUP_SECP521R1, 25, 521},   {GNUTLS_GROUP_X25519, 29, 255},
    {GNUTLS_GROUP_X448, 30, 448},        {GNUTLS_GROUP_FFDHE2048, 256, 2048},
    {GNUTLS_GROUP_FFDHE3072, 257, 3072}, {GNUTLS_GROUP_FFDHE4096, 258, 4096},
    {GNUTLS_GROUP_FFDHE6144, 259, 6144}, {GNUTLS_GROUP_FFDHE8192, 260, 8192},
};

/* IANA "TLS SignatureScheme". */
static const struct number_row signatures[] = {
    {GNUTLS_SIGN_RSA_SHA1, 0x0201, 0},
    {GNUTLS_SIGN_ECDSA_SHA1, 0x0203, 0},
    {GNUTLS_SIGN_RSA_SHA256, 0x0401, 0},
    {GNUTLS_SIGN_ECDSA_SHA256, 0x0403, 0},
    {GNUTLS_SIGN_ECDSA_SECP256R1_SHA256, 0x0403, 0},
    {GNUTLS_SIGN_RSA_SHA384, 0x0501, 0},
    {GNUTLS_SIGN_ECDSA_SHA384, 0x0503, 0},
    {GNUTLS_SIGN_ECDSA_SECP384R1_SHA384, 0x0503, 0},
    {GNUTLS_SIGN_RSA_SHA512, 0x0601, 0},
    {GNUTLS_SIGN_ECDSA_SHA512, 0x0603, 0},
    {GNUTLS_SIGN_ECDSA_SECP521R1_SHA512, 0x0603, 0},
    {GNUTLS_SIGN_RSA_PSS_RSAE_SHA256, 0x0804, 0},
    {GNUTLS_SIGN_RSA_PSS_RSAE_SHA384, 0x0805, 0},
    {GNUTLS_SIGN_RSA_PSS_RSAE_SHA512, 0x0806, 0},
    {GNUTLS_SIGN_EDDSA_ED25519, 0x0807, 0},
    {GNUTLS_SIGN_EDDSA_ED448, 0x0808, 0},
    {GNUTLS_SIGN_RSA_PSS_SHA256, 0x0809, 0},
    {GNUTLS_SIGN_RSA_PSS_SHA384, 0x080a, 0},
    {GNUTLS_SIGN_RSA_PSS_SHA512, 0x080b, 0},
};

static const struct number_row versions[] = {
    {GNUTLS_TLS1_0, 0x0301, 0}, {GNUTLS_TLS1_1, 0x0302, 0},  {GNUTLS_TLS1_2, 0x0303, 0},
    {GNUTLS_TLS1_3, 0x0304, 0}, {GNUTLS_DTLS1_0, 0xfeff, 0}, {GNUTLS_DTLS1_2, 0xfefd, 0},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct number_row *find(const struct number_row *rows, size_t count, int ours)
{
    static const struct number_row none;
    size_t i;

    for (i = 0; i < count; i++)
        if (rows[i].ours == ours)
            return &rows[i];
    return &none;
}

/*
 * GnuTLS has no number for a session's suite, but numbers those of its list by what they consist
 * of. Asking for that list costs more than all the rest of TLS_CALL_INFO, so it is kept in order.
 */
struct suite_row {
    uint64_t parts;
    uint16_t number;
};

static struct suite_row suites[256];
static size_t suite_count;
static pthread_once_t suites_once = PTHREAD_ONCE_INIT;

/* In TLS 1.3 a suite says nothing about the key exchange, and its MAC is part of the cipher. */
static uint64_t suite_parts(gnutls_protocol_t version, gnutls_kx_algorithm_t kx,
                            gnutls_cipher_algorithm_t cipher, gnutls_mac_algorithm_t mac)
{
    if (version == GNUTLS_TLS1_3)
        return (uint64_t)cipher << 32 | 1ull << 63;
    return (uint64_t)cipher << 32 | (uint64_t)kx << 16 | (uint64_t)mac;
}

static int compare_suites(const void *left, const void *right)
{
    uint64_t a = ((const struct suite_row *)left)->parts;
    uint64_t b = ((const struct suite_row *)right)->parts;

    return a < b ? -1 : a > b;
}

static void list_suites(void)
{
    gnutls_cipher_algorithm_t cipher;
    gnutls_kx_algorithm_t kx;
    gnutls_mac_algorithm_t mac;
    gnutls_protocol_t version;
    uint8_t id[2];

    while (suite_count < COUNT(suites) &&
           gnutls_cipher_suite_info(suite_count, id, &kx, &cipher, &mac, &version)) {
        suites[suite_count].parts = suite_parts(version, kx, cipher, mac);
        suites[suite_count++].number = (uint16_t)(id[0] << 8 | id[1]);
    }
    qsort(suites, suite_count, sizeof(suites[0]), compare_suites);
}

static uint32_t cipher_suite(gnutls_session_t tls)
{
    struct suite_row key = {.parts =
                                suite_parts(gnutls_protocol_get_version(tls), gnutls_kx_get(tls),
                                            gnutls_cipher_get(tls), gnutls_mac_get(tls))};
    const struct suite_row *row;

    pthread_once(&suites_once, list_suites);
    row = bsearch(&key, suites, suite_count, sizeof(suites[0]), compare_suites);
    return row ? row->number : 0;
}

static uint32_t exchange_bits(gnutls_session_t tls, uint32_t group_bits)
{
    const gnutls_datum_t *chain;
    unsigned int count = 0, bits = 0;
    gnutls_pcert_st peer;
    int dh;

    if (group_bits)
        return group_bits;
    dh = gnutls_dh_get_prime_bits(tls);
    if (dh > 0)
        return (uint32_t)dh;
    if (gnutls_kx_get(tls) != GNUTLS_KX_RSA)
        return 0;
    chain = gnutls_certificate_get_peers(tls, &count);
    if (!chain || !count)
        chain = gnutls_certificate_get_ours(tls);
    if (chain && gnutls_pcert_import_x509_raw(&peer, chain, GNUTLS_X509_FMT_DER, 0) >= 0) {
        gnutls_pubkey_get_pk_algorithm(peer.pubkey, &bits);
        gnutls_pcert_deinit(&peer);
    }
    return bits;
}

static uint32_t info_flags(const struct session *session)
{
    unsigned int flags = gnutls_session_get_flags(session->tls);
    uint32_t result = 0;

    if (is_connected(session))
        result |= TLS_INFO_HANDSHAKE_DONE;
    if (gnutls_session_is_resumed(session->tls))
        result |= TLS_INFO_RESUMED;
    if (flags & GNUTLS_SFLAGS_EXT_MASTER_SECRET)
        result |= TLS_INFO_EXTENDED_MASTER_SECRET;
    if (flags & GNUTLS_SFLAGS_SAFE_RENEGOTIATION)
        result |= TLS_INFO_SAFE_RENEGOTIATION;
    if (flags & GNUTLS_SFLAGS_ETM)
        result |= TLS_INFO_ENCRYPT_THEN_MAC;
    if (session->credentials->role == TLS_CLIENT &&
        gnutls_certificate_client_get_request_status(session->tls))
        result |= TLS_INFO_CERT_REQUESTED;
    return result;
}

/* Whether the session is another one than that which the connection began with. */
static bool has_new_session(const struct session *session, bool renewed)
{
    bool ticket = gnutls_session_get_flags(session->tls) & GNUTLS_SFLAGS_SESSION_TICKET;

    if (session->credentials->role != TLS_CLIENT || session->flags & TLS_SESSION_NO_RESUME)
        return false;
    /* Tickets come behind the handshake there. */
    if (gnutls_protocol_get_version(session->tls) == GNUTLS_TLS1_3)
        return ticket;
    return renewed && (ticket || !gnutls_session_is_resumed(session->tls));
}

static uint32_t block_size(const struct session *session)
{
    /* GnuTLS has ChaCha20's own, of which records know nothing. */
    return session->cipher == GNUTLS_CIPHER_CHACHA20_POLY1305
               ? 1
               : (uint32_t)gnutls_cipher_get_block_size(session->cipher);
}

void info_of_leg(const struct session *session, struct tls_handshake *params)
{
    unsigned int count = 0;

    params->new_session = params->status == SEC_E_OK && is_connected(session) &&
                          has_new_session(session, params->renewed);
    if (!params->renewed)
        return;
    params->sizes.header = session->header_size;
    params->sizes.trailer = session->trailer_size;
    params->sizes.max_data = session->max_data;
    params->sizes.block = block_size(session);
    params->peer_certificate = gnutls_certificate_get_peers(session->tls, &count) && count;
}

void info_keep(struct session *session)
{
    struct tls_info *info = session->info ? NULL : calloc(1, sizeof(*info));

    if (!info)
        return;
    info->session = (tls_u64)(uintptr_t)session;
    call_info(info);
    session->info = info;
}

void info_renew(struct session *session)
{
    free(session->info);
    session->info = NULL;
}

void call_info(struct tls_info *params)
{
    tls_u64 handle = params->session;
    struct session *session = pointer(handle);
    const struct number_row *group;
    gnutls_datum_t alpn;
    int signature;

    memset(params, 0, sizeof(*params));
    params->session = handle;
    params->key_index = -1;
    if (!session) {
        params->status = SEC_E_INVALID_HANDLE;
        return;
    }
    if (session->info) {
        *params = *session->info;
        return;
    }
    memcpy(params->session_id, session->session_id, session->session_id_size);
    params->session_id_size = session->session_id_size;
    if (gnutls_alpn_get_selected_protocol(session->tls, &alpn) >= 0)
        params->alpn_size = alpn.size;
    params->flags = info_flags(session);
    params->version =
        find(versions, COUNT(versions), (int)gnutls_protocol_get_version(session->tls))->wire;
    if (!is_connected(session))
        return;

    group = find(groups, COUNT(groups), (int)gnutls_group_get(session->tls));
    signature = gnutls_sign_algorithm_get(session->tls);
    params->cipher_suite = cipher_suite(session->tls);
    params->group = group->wire;
    params->exchange_bits = exchange_bits(session->tls, group->bits);
    params->signature = find(signatures, COUNT(signatures), signature)->wire;
    params->key_index = session_key_index(session);
    params->header_size = session->header_size;
    params->trailer_size = session->trailer_size;
    params->max_data = session->max_data;
}

void call_names(struct tls_names *params)
{
    tls_u64 handle = params->session;
    struct session *session = pointer(handle);
    size_t size = sizeof(params->server_name);
    gnutls_datum_t alpn;
    unsigned int type;

    memset(params, 0, sizeof(*params));
    params->session = handle;
    if (!session) {
        params->status = SEC_E_INVALID_HANDLE;
        return;
    }
    if (gnutls_alpn_get_selected_protocol(session->tls, &alpn) >= 0 &&
        alpn.size <= sizeof(params->alpn)) {
        memcpy(params->alpn, alpn.data, alpn.size);
        params->alpn_size = alpn.size;
    }
    if (session->server_name) {
        size = strlen(session->server_name);
        if (size > sizeof(params->server_name))
            size = sizeof(params->server_name);
        memcpy(params->server_name, session->server_name, size);
        params->server_name_size = (uint32_t)size;
    } else if (session->credentials->role == TLS_SERVER &&
               gnutls_server_name_get(session->tls, params->server_name, &size, &type, 0) >= 0) {
        params->server_name_size = (uint32_t)strnlen(params->server_name, size);
    }
}

/* Appends the scheme to the answer unless it is there, as two of GnuTLS's may be one on the wire.
 */
static void add_signature(struct tls_get_blob *params, int ours)
{
    const uint16_t scheme = (uint16_t)find(signatures, COUNT(signatures), ours)->wire;
    uint16_t *list = pointer(params->buffer);
    uint32_t i;

    if (!scheme)
        return;
    for (i = 0; i < params->count; i++)
        if (list[i] == scheme)
            return;
    params->size += sizeof(scheme);
    if (params->size > params->buffer_size) {
        params->status = SEC_E_BUFFER_TOO_SMALL;
        return;
    }
    list[params->count++] = scheme;
}

void call_signatures(struct tls_get_blob *params)
{
    struct session *session = pointer(params->session);
    gnutls_sign_algorithm_t asked;
    const unsigned int *own = NULL;
    int i, count = 0;

    params->size = params->count = 0;
    if (!session) {
        params->status = SEC_E_INVALID_HANDLE;
        return;
    }
    params->status = SEC_E_OK;
    for (i = 0; gnutls_sign_algorithm_get_requested(session->tls, (size_t)i, &asked) >= 0; i++)
        add_signature(params, (int)asked);
    if (params->size)
        return;
    count = gnutls_priority_sign_list(priority_handle(session->credentials->priority), &own);
    for (i = 0; i < count; i++)
        add_signature(params, (int)own[i]);
}
