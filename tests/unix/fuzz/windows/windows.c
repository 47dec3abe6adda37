/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzz target: what programs hand to secur32, where it is only looked at: key blobs, shapes of
 * buffers, targets and the names in certificates, restrictions on algorithms, SRTP profiles,
 * identities.
 *
 * The first byte chooses the subject, the rest is read by it. All memory that a subject gets has
 * exactly its size, so that a sanitizer sees any byte read beyond it.
 */
#include "fuzz/windows/system.h"

#include <bcrypt.h>

#include "core/identity.h"
#include "core/memory.h"
#include "schannel/attributes/srtp.h"
#include "schannel/base/buffers.h"
#include "schannel/base/context.h"
#include "schannel/credentials/crypto.h"
#include "schannel/keys/keyblob.h"
#include "schannel/keys/provider.h"
#include "schannel/peer/names.h"
#include "schannel/peer/target.h"
#include "fuzz/shared/pkcs8.h"
#include "fuzz/shared/require.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum subject {
    SUBJECT_CAPI,
    SUBJECT_CNG_RSA,
    SUBJECT_CNG_EC,
    SUBJECT_BUFFERS,
    SUBJECT_NAMES,
    SUBJECT_CRYPTO,
    SUBJECT_IDENTITY,
    SUBJECT_COUNT
};

#define FLAG_CHANGED 0x80 /* a genuine key with changes: where (two bytes) and with what */
#define MAX_BUFFERS  8

struct blob {
    BYTE bytes[1024];
    DWORD size;
};

static struct blob genuine[3]; /* by subject */

/* The script */

struct script {
    const uint8_t *data;
    size_t size;
};

static uint8_t next(struct script *script)
{
    if (!script->size)
        return 0;
    script->size--;
    return *script->data++;
}

/* So many bytes in memory of their own, or NULL for none. */
static void *take(struct script *script, size_t wanted, size_t *size)
{
    void *memory;

    *size = wanted < script->size ? wanted : script->size;
    if (!*size)
        return NULL;
    memory = HeapAlloc(GetProcessHeap(), 0, *size);
    memcpy(memory, script->data, *size);
    script->data += *size;
    script->size -= *size;
    return memory;
}

/* Text with its terminator. */
static WCHAR *take_text(struct script *script, size_t wanted)
{
    size_t size;
    BYTE *bytes = take(script, wanted, &size);
    WCHAR *text = HeapAlloc(GetProcessHeap(), 0, (size + 1) * sizeof(*text));

    for (size_t i = 0; i < size; i++)
        text[i] = bytes[i] == 0xff ? 0x212a : bytes[i];
    text[size] = 0;
    heap_free(bytes);
    return text;
}

/* Keys */

static void append(struct blob *blob, const void *data, DWORD size)
{
    memcpy(blob->bytes + blob->size, data, size);
    blob->size += size;
}

/* A number of a fixed size. */
static void append_number(struct blob *blob, const struct key_number *number, DWORD size,
                          bool little)
{
    BYTE bytes[256] = {0};

    require(number->size <= size, "a number that fits");
    memcpy(bytes + size - number->size, number->bytes, number->size);
    for (DWORD i = 0; little && i < size / 2; i++) {
        BYTE swap = bytes[i];

        bytes[i] = bytes[size - 1 - i];
        bytes[size - 1 - i] = swap;
    }
    append(blob, bytes, size);
}

static void make_rsa(const struct key_number numbers[RSA_NUMBERS])
{
    static const int order[] = {KEY_P, KEY_Q, KEY_DP, KEY_DQ, KEY_QI};
    const BLOBHEADER header = {PRIVATEKEYBLOB, CUR_BLOB_VERSION, 0, CALG_RSA_KEYX};
    RSAPUBKEY public = {0x32415352, 1024, 0};
    BCRYPT_RSAKEY_BLOB cng = {
        BCRYPT_RSAFULLPRIVATE_MAGIC, 1024, (ULONG)numbers[KEY_E].size, 128, 64, 64};
    struct blob *blobs[] = {&genuine[SUBJECT_CAPI], &genuine[SUBJECT_CNG_RSA]};

    for (size_t i = 0; i < numbers[KEY_E].size; i++)
    public.pubexp = public.pubexp << 8 | numbers[KEY_E].bytes[i];
    append(blobs[0], &header, sizeof(header));
    append(blobs[0], &public, sizeof(public));
    append(blobs[1], &cng, sizeof(cng));
    append_number(blobs[1], &numbers[KEY_E], cng.cbPublicExp, false);
    for (int kind = 0; kind < 2; kind++) {
        append_number(blobs[kind], &numbers[KEY_N], 128, !kind);
        for (int i = 0; i < 5; i++)
            append_number(blobs[kind], &numbers[order[i]], 64, !kind);
        append_number(blobs[kind], &numbers[KEY_D], 128, !kind);
    }
}

static void make_ec(const struct key_number numbers[EC_NUMBERS])
{
    const BCRYPT_ECCKEY_BLOB header = {BCRYPT_ECDSA_PRIVATE_P256_MAGIC, 32};
    struct blob *blob = &genuine[SUBJECT_CNG_EC];

    append(blob, &header, sizeof(header));
    for (int i = 0; i < EC_NUMBERS; i++)
        append_number(blob, &numbers[i], 32, false);
}

static SECURITY_STATUS convert(enum subject subject, const BYTE *blob, DWORD size,
                               struct schannel_private_key *key)
{
    switch (subject) {
    case SUBJECT_CAPI:
        return keyblob_from_capi(blob, size, key);
    case SUBJECT_CNG_RSA:
        return keyblob_from_cng_rsa(blob, size, key);
    default:
        return keyblob_from_cng_ec(blob, size, key);
    }
}

/* One SEQUENCE that is all there is. */
static bool is_sequence(const BYTE *der, DWORD size)
{
    DWORD length, octets, i;

    if (size < 2 || der[0] != 0x30)
        return false;
    length = der[1];
    octets = length & 0x80 ? length & 0x7f : 0;
    if (octets > 3 || size < 2 + octets)
        return false;
    for (i = 0, length = octets ? 0 : length; i < octets; i++)
        length = length << 8 | der[2 + i];
    return size == 2 + octets + length;
}

static void try_key(enum subject subject, struct script *script, bool changed)
{
    struct schannel_private_key key = {.data = NULL};
    struct blob blob = {.size = 0};
    SECURITY_STATUS status;
    BYTE *memory;
    size_t size;
    bool touched = false;

    if (changed) {
        blob = genuine[subject];
        while (script->size >= 3) {
            size_t where = (size_t)next(script) << 8;
            uint8_t value;

            where = (where | next(script)) % blob.size;
            value = next(script);
            touched |= value != 0;
            blob.bytes[where] ^= value;
        }
    }
    if (changed && script->size && next(script) < blob.size) {
        blob.size -= script->data[-1];
        touched |= script->data[-1] != 0;
    }
    memory = changed ? HeapAlloc(GetProcessHeap(), 0, blob.size ? blob.size : 1) : NULL;
    if (changed)
        memcpy(memory, blob.bytes, size = blob.size);
    else
        memory = take(script, script->size, &size);
    status = convert(subject, memory, (DWORD)size, &key);
    require(status == SEC_E_OK || status == SEC_E_UNKNOWN_CREDENTIALS, "a key or none");
    require((status == SEC_E_OK) == (key.data != NULL), "a key is where it is said to be");
    require(status || is_sequence(key.data, key.size), "a key is a sequence");
    require(!changed || touched ||
                (!status && key_is_genuine(key.data, key.size, subject != SUBJECT_CNG_EC)),
            "a genuine key is the same behind it");
    schannel_free_key(&key);
    heap_free(memory);
}

/* Buffers */

static void take_buffers(struct script *script, SecBuffer buffers[MAX_BUFFERS],
                         SecBufferDesc *description)
{
    static const ULONG types[] = {SECBUFFER_EMPTY,
                                  SECBUFFER_TOKEN,
                                  SECBUFFER_EXTRA,
                                  SECBUFFER_ALERT,
                                  SECBUFFER_APPLICATION_PROTOCOLS,
                                  SECBUFFER_SRTP_PROTECTION_PROFILES,
                                  SECBUFFER_SRTP_MASTER_KEY_IDENTIFIER,
                                  SECBUFFER_DTLS_MTU,
                                  SECBUFFER_FLAGS};
    const uint8_t count = next(script);

    description->cBuffers = count % (MAX_BUFFERS + 1);
    description->pBuffers = count & 0x80 ? NULL : buffers;
    for (ULONG i = 0; i < MAX_BUFFERS; i++) {
        const uint8_t type = next(script), length = next(script);
        size_t size;

        buffers[i].BufferType = type % 16 < ARRAYSIZE(types) ? types[type % 16] : type;
        buffers[i].BufferType |= (ULONG)(type & 0x80) << 24;
        buffers[i].pvBuffer = i < description->cBuffers ? take(script, length & 0x7f, &size) : NULL;
        buffers[i].cbBuffer = buffers[i].pvBuffer ? (ULONG)size : 0;
        if (!buffers[i].pvBuffer && length & 0x80)
            buffers[i].cbBuffer = length;
    }
}

static bool is_inside(const void *pointer, size_t size, const SecBuffer *buffers)
{
    for (int i = 0; i < MAX_BUFFERS; i++) {
        const BYTE *start = buffers[i].pvBuffer, *bytes = pointer;

        if (start && bytes >= start && bytes + size <= start + buffers[i].cbBuffer)
            return true;
    }
    return false;
}

static void fill_buffers(const struct leg_buffers *parsed, struct script *script)
{
    const uint8_t number = next(script);

    if (number & 1)
        buffers_set_extra(parsed, number);
    else
        buffers_set_missing(parsed, number);
    if (parsed->alert && !(parsed->alert->cbBuffer && !parsed->alert->pvBuffer))
        buffers_set_alert(parsed, false, number & 2, 2, number);
}

static void try_buffers(struct script *script)
{
    SecBuffer buffers[2][MAX_BUFFERS], before[2][MAX_BUFFERS];
    SecBufferDesc descriptions[2] = {{SECBUFFER_VERSION, 0, NULL}, {SECBUFFER_VERSION, 0, NULL}};
    struct schannel_context context;
    struct leg leg = {.context = &context};
    struct tls_handshake call = {0};
    SECURITY_STATUS status;

    memset(&context, 0, sizeof(context));
    take_buffers(script, buffers[0], &descriptions[0]);
    take_buffers(script, buffers[1], &descriptions[1]);
    memcpy(before, buffers, sizeof(before));
    status = buffers_parse(&descriptions[0], &descriptions[1], &leg.buffers);
    require(status == SEC_E_OK || status == SEC_E_INVALID_TOKEN ||
                status == SEC_E_INVALID_PARAMETER || status == SEC_E_UNSUPPORTED_FUNCTION,
            "buffers that are fine, or one of three failures");
    require(!memcmp(before, buffers, sizeof(before)), "looking changes nothing");
    if (!status) {
        require(!leg.buffers.alpn || is_inside(leg.buffers.alpn, leg.buffers.alpn_size, buffers[0]),
                "protocols are in the buffer");
        status = srtp_prepare(&leg, &call);
        require(status == SEC_E_OK || status == SEC_E_INVALID_PARAMETER, "profiles or none");
        require(status || call.srtp_profiles_size % 2 == 0, "profiles have two bytes");
        fill_buffers(&leg.buffers, script);
        srtp_release(&context);
    }
    for (int side = 0; side < 2; side++)
        for (int i = 0; i < MAX_BUFFERS; i++)
            heap_free(before[side][i].pvBuffer);
}

/* Names */

static void try_names(struct script *script)
{
    static char identifier[] = szOID_SUBJECT_ALT_NAME2;
    const uint8_t how = next(script), length = next(script);
    CERT_EXTENSION extension = {identifier, FALSE, {0, NULL}};
    CERT_INFO info = {.cExtension = how & 1, .rgExtension = &extension};
    const CERT_CONTEXT certificate = {.pCertInfo = &info};
    WCHAR *target = take_text(script, length);
    char name[SERVER_NAME_MAX + 1];
    struct target_host host;
    uint32_t name_size;
    size_t size;

    extension.Value.pbData = take(script, script->size, &size);
    extension.Value.cbData = (DWORD)size;
    info.Subject = extension.Value;
    host = target_find_host(target);
    require(!host.size || (host.name >= target &&
                           host.name + host.size <= target + wide_length(target, TARGET_MAX)),
            "a host is in its target");
    name_size = server_name_from_target(target, name);
    require(name_size <= SERVER_NAME_MAX && (!name_size || !name[name_size]), "a name ends");
    certificate_is_for(&certificate, target);
    require(!certificate_is_for(&certificate, NULL), "nothing is for nobody");
    heap_free(target);
    heap_free(extension.Value.pbData);
}

/* Restrictions */

static const WCHAR *const words[] = {L"RSA",
                                     L"DH",
                                     L"DHE",
                                     L"ECDH",
                                     L"ECDHE",
                                     L"AES",
                                     L"3DES",
                                     L"CHACHA20_POLY1305",
                                     L"NULL",
                                     L"curve25519",
                                     L"nistP384",
                                     L"SHA1",
                                     L"SHA256",
                                     L"SHA384",
                                     L"SHA512",
                                     L"ECDSA",
                                     L"ChainingModeGCM",
                                     L"ChainingModeCBC",
                                     L"ChainingModeCCM"};

/* A word we know or any, with or without its end; its memory in *memory. */
static UNICODE_STRING take_word(struct script *script, void **memory)
{
    const uint8_t which = next(script);
    const WCHAR *known = words[which % ARRAYSIZE(words)];
    UNICODE_STRING word = {0, 0, NULL};
    size_t size;

    if (which & 0x80) {
        word.Buffer = take(script, which & 0x1e, &size);
        word.Length = (USHORT)size;
    } else {
        size = (wide_length(known, 64) + (which >> 6 & 1)) * sizeof(WCHAR);
        word.Buffer = HeapAlloc(GetProcessHeap(), 0, size);
        memcpy(word.Buffer, known, size);
        word.Length = (USHORT)size;
    }
    word.MaximumLength = word.Length;
    *memory = word.Buffer;
    return word;
}

static void try_crypto(struct script *script)
{
    static const DWORD bits[] = {0, 128, 256, 384, 512, 1024, 2048, 3072, 4096, 16384, ~(DWORD)0};
    struct crypto_limits limits = {0};
    void *memory[4] = {NULL};
    UNICODE_STRING modes[3];
    CRYPTO_SETTINGS setting = {.eAlgorithmUsage = next(script) % 7};
    ALG_ID algorithms[8], allowed[SCHANNEL_MAX_ALGORITHMS];
    DWORD minimum, maximum;
    SECURITY_STATUS status;

    setting.dwMinBitLength = bits[next(script) % ARRAYSIZE(bits)];
    setting.dwMaxBitLength = bits[next(script) % ARRAYSIZE(bits)];
    setting.cChainingModes = next(script) % 4;
    setting.strCngAlgId = take_word(script, &memory[3]);
    for (DWORD i = 0; i < setting.cChainingModes; i++)
        modes[i] = take_word(script, &memory[i]);
    setting.rgstrChainingModes = modes;
    status = schannel_limit_by_setting(&setting, &limits);
    require(status == SEC_E_OK || status == SEC_E_UNKNOWN_CREDENTIALS ||
                status == SEC_E_UNSUPPORTED_FUNCTION,
            "a restriction or a failure");
    schannel_disabled_by_strength(setting.dwMinBitLength, setting.dwMaxBitLength, &limits.disabled);
    for (unsigned int i = 0; i < ARRAYSIZE(algorithms); i++) {
        algorithms[i] = (ALG_ID)next(script) << 8;
        algorithms[i] |= next(script);
    }
    limits.disabled |= schannel_disabled_by_list(limits.disabled, algorithms, next(script) % 9);
    require(schannel_allowed_algorithms(limits.disabled, allowed) <= SCHANNEL_MAX_ALGORITHMS,
            "not more than there are");
    schannel_allowed_strengths(limits.disabled, &minimum, &maximum);
    require(minimum <= maximum, "a range");
    for (int i = 0; i < 4; i++)
        heap_free(memory[i]);
}

/* Identities */

/* One block with offsets in it. */
static void try_identity(struct script *script)
{
    const uint8_t how = next(script);
    const size_t header = sizeof(SEC_WINNT_AUTH_IDENTITY_EX2);
    SEC_WINNT_AUTH_IDENTITY_EX2 *block;
    struct identity identity;
    size_t size;

    block = take(script, script->size, &size);
    if (size >= header) {
        block->Version = SEC_WINNT_AUTH_IDENTITY_VERSION_2;
        block->cbHeaderLength = (USHORT)header;
        block->cbStructureLength = (ULONG)size;
        if (identity_parse(block, how & 1, &identity) == SEC_E_OK) {
            const WCHAR *texts[] = {identity.user, identity.domain, identity.password};
            const ULONG lengths[] = {identity.user_length, identity.domain_length,
                                     identity.password_length};

            for (int i = 0; i < 3; i++)
                if (texts[i] && lengths[i]) {
                    void *copy = HeapAlloc(GetProcessHeap(), 0, lengths[i] * sizeof(WCHAR));

                    memcpy(copy, texts[i], lengths[i] * sizeof(WCHAR));
                    heap_free(copy);
                }
        }
        identity_release(&identity);
        identity_wipe(block);
    }
    heap_free(block);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct key_number rsa[RSA_NUMBERS], ec[EC_NUMBERS];

    (void)argc;
    (void)argv;
    keys_make(rsa, ec);
    make_rsa(rsa);
    make_ec(ec);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct script script = {data + 1, size - 1};
    enum subject subject;

    if (!size)
        return 0;
    subject = (data[0] & 0x7f) % SUBJECT_COUNT;
    switch (subject) {
    case SUBJECT_BUFFERS:
        try_buffers(&script);
        break;
    case SUBJECT_NAMES:
        try_names(&script);
        break;
    case SUBJECT_CRYPTO:
        try_crypto(&script);
        break;
    case SUBJECT_IDENTITY:
        try_identity(&script);
        break;
    default:
        try_key(subject, &script, data[0] & FLAG_CHANGED);
        break;
    }
    return 0;
}
