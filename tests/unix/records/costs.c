/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a record of an AEAD suite must not cost: memory; and what a connection must not keep.
 * AddressSanitizer tells of every allocation, those within GnuTLS included.
 */
#include <string.h>

#include "kit/check.h"
#include "kit/support.h"

/* Of the sanitizer's runtime, which not every compiler has a header for. */
int __sanitizer_install_malloc_and_free_hooks(void (*malloc_hook)(const volatile void *, size_t),
                                              void (*free_hook)(const volatile void *));
size_t __sanitizer_get_current_allocated_bytes(void);

#define RECORDS 200

#define AEADS                                                                                      \
    (TLS_DISABLE_AES_128_GCM | TLS_DISABLE_AES_256_GCM | TLS_DISABLE_CHACHA20_POLY1305 |           \
     TLS_DISABLE_AES_CCM)
#define CBCS (TLS_DISABLE_AES_128_CBC | TLS_DISABLE_AES_256_CBC)

static const struct {
    const char *name;
    uint64_t cipher;
} suites[] = {
    {"AES-128-GCM", TLS_DISABLE_AES_128_GCM},
    {"AES-256-GCM", TLS_DISABLE_AES_256_GCM},
    {"CHACHA20-POLY1305", TLS_DISABLE_CHACHA20_POLY1305},
};

static unsigned long allocations;

static void allocated(const volatile void *memory, size_t size)
{
    (void)memory;
    (void)size;
    allocations++;
}

static void released(const volatile void *memory)
{
    (void)memory;
}

/* One record from the client to the server, with calls on memory of ours alone. */
static bool exchange(const struct pair *pair, uint8_t *record, uint32_t size)
{
    struct tls_info info;
    struct tls_encrypt seal = {.session = pair->client.session, .data_size = size};
    struct tls_decrypt open = {.session = pair->server.session, .buffer = (uintptr_t)record};

    info_get(pair->client.session, &info);
    seal.header = (uintptr_t)record;
    seal.header_size = info.header_size;
    seal.data = seal.header + info.header_size;
    seal.trailer = seal.data + size;
    seal.trailer_size = info.trailer_size;
    engine_call(TLS_CALL_ENCRYPT, &seal);
    open.buffer_size = seal.header_size + size + seal.trailer_size;
    engine_call(TLS_CALL_DECRYPT, &open);
    return seal.status == SEC_E_OK && open.status == SEC_E_OK && open.data_size == size;
}

static void no_memory_per_record(uint32_t protocol, const char *version)
{
    static const uint32_t sizes[] = {0, 1, 64, 1024, 16384};
    static uint8_t record[20000];
    enum identity_kind kind = IDENTITY_P256;

    for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
        uint64_t disabled = (AEADS | CBCS) & ~suites[i].cipher;
        struct pair pair = {0};

        pair.client.credentials = credentials_new(TLS_CLIENT, NULL, 0, protocol, disabled, 0, NULL);
        pair.server.credentials = credentials_new(TLS_SERVER, &kind, 1, protocol, disabled,
                                                  TLS_CREDENTIALS_NO_TICKETS, NULL);
        check(pair_run(&pair), "%s, TLS %s: connects", suites[i].name, version);
        for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
            unsigned long before;
            unsigned int good = 0;

            /* The first one may set up what the connection keeps. */
            check(exchange(&pair, record, sizes[s]), "%s, TLS %s: a record of %u bytes",
                  suites[i].name, version, sizes[s]);
            before = allocations;
            for (unsigned int n = 0; n < RECORDS; n++)
                good += exchange(&pair, record, sizes[s]);
            check(good == RECORDS, "%s, TLS %s: %u of %u records of %u bytes", suites[i].name,
                  version, good, RECORDS, sizes[s]);
            check(allocations == before, "%s, TLS %s: %lu allocations for %u records of %u bytes",
                  suites[i].name, version, allocations - before, RECORDS, sizes[s]);
        }
        pair_release(&pair);
    }
}

static void tls_1_3(void)
{
    no_memory_per_record(TLS_PROTOCOL_TLS1_3, "1.3");
}

static void tls_1_2(void)
{
    no_memory_per_record(TLS_PROTOCOL_TLS1_2, "1.2");
}

/* Bytes that the server's end of a connection holds. */
static size_t server_memory(uint32_t client_flags)
{
    struct pair pair = {0};
    size_t before, after;

    pair.client.credentials = client_credentials(TLS_PROTOCOL_TLS1_3);
    pair.server.credentials = server_credentials(IDENTITY_P256, TLS_PROTOCOL_TLS1_3);
    pair.client.flags = client_flags;
    check(pair_run(&pair), "connects");
    before = __sanitizer_get_current_allocated_bytes();
    peer_free(&pair.server);
    after = __sanitizer_get_current_allocated_bytes();
    pair_release(&pair);
    return before - after;
}

/* The handshake's messages are kept for a later request only where the client offers that. */
static void no_memory_for_requests(void)
{
    size_t without, with;

    server_memory(0); /* what the first connection sets up for all */
    without = server_memory(0);
    with = server_memory(TLS_SESSION_LATER_REQUEST);
    check(with > without + 1000, "%zu bytes without, %zu with", without, with);
}

int main(void)
{
    void *memory;

    if (!check(__sanitizer_install_malloc_and_free_hooks(allocated, released), "counts"))
        return check_summary();
    memory = gnutls_malloc(1);
    check(allocations, "an allocation of GnuTLS is seen");
    gnutls_free(memory);
    RUN(tls_1_3);
    RUN(tls_1_2);
    RUN(no_memory_for_requests);
    identities_free();
    return check_summary();
}
