/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SRTP over DTLS: profiles and master key identifiers that are offered, SECPKG_ATTR_SRTP_PARAMETERS
 * and the keys that both sides derive for it.
 */
#include "kit/attributes.h"
#include "kit/datagrams.h"
#include "wine/test.h"

#define PROFILES_MAX 4

/* IANA's, as they are written on the wire. */
#define PROFILE(number) ((number) >> 8), ((number)&0xff)

struct profiles {
    USHORT size;
    BYTE list[2 * PROFILES_MAX];
};

static void set_profiles(struct datagram_options *options, struct profiles *profiles)
{
    options->srtp[0] = (SecBuffer){sizeof(*profiles), SECBUFFER_SRTP_PROTECTION_PROFILES, profiles};
}

static void set_identifier(struct datagram_options *options, BYTE *identifier)
{
    options->srtp[1] =
        (SecBuffer){identifier[0] + 1, SECBUFFER_SRTP_MASTER_KEY_IDENTIFIER, identifier};
}

static BOOL query_end(struct end *end, ULONG attribute, void *buffer, SECURITY_STATUS expected)
{
    const SECURITY_STATUS status = QueryContextAttributesW(&end->context, attribute, buffer);

    ok(status == expected, "attribute %#lx: %s, not %s\n", attribute, status_name(status),
       status_name(expected));
    return status == SEC_E_OK;
}

/* RFC 5764 4.2: what WebRTC implementations ask for. */
static BOOL derive(struct end *end, BYTE output[60])
{
    SecPkgContext_KeyingMaterialInfo info = {
        .cbLabel = 20, .pszLabel = (char *)"EXTRACTOR-dtls_srtp", .cbKeyingMaterial = 60};
    SecPkgContext_KeyingMaterial material = {0};
    SECURITY_STATUS status;

    status =
        SetContextAttributesW(&end->context, SECPKG_ATTR_KEYING_MATERIAL_INFO, &info, sizeof(info));
    ok(status == SEC_E_OK, "KEYING_MATERIAL_INFO: %s\n", status_name(status));
    if (!query_end(end, SECPKG_ATTR_KEYING_MATERIAL, &material, SEC_E_OK))
        return FALSE;
    memcpy(output, material.pbKeyingMaterial, 60);
    FreeContextBuffer(material.pbKeyingMaterial);
    return TRUE;
}

static void test_profiles(void)
{
    static const struct {
        const char *name;
        struct profiles client, server;
        USHORT agreed; /* 0: nothing */
    } cases[] = {
        {"one", {2, {PROFILE(1)}}, {2, {PROFILE(1)}}, 1},
        {"the client's order", {4, {PROFILE(2), PROFILE(1)}}, {4, {PROFILE(1), PROFILE(2)}}, 2},
        {"one in common", {6, {PROFILE(5), PROFILE(6), PROFILE(2)}}, {2, {PROFILE(2)}}, 2},
        {"AES-GCM", {4, {PROFILE(7), PROFILE(1)}}, {4, {PROFILE(7), PROFILE(1)}}, 7},
        {"nothing in common", {2, {PROFILE(1)}}, {2, {PROFILE(2)}}, 0},
        {"the client alone", {2, {PROFILE(1)}}, {0, {0}}, 0},
        {"the server alone", {0, {0}}, {2, {PROFILE(1)}}, 0},
    };
    unsigned int i, j;

    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        struct profiles profiles[2] = {cases[i].client, cases[i].server};
        struct datagram_options options[2] = {{0}};
        const SECURITY_STATUS expected = cases[i].agreed ? SEC_E_OK : SEC_E_UNSUPPORTED_FUNCTION;
        struct connection c;
        BYTE keys[2][60];

        winetest_push_context("%s", cases[i].name);
        for (j = 0; j < 2; j++)
            if (profiles[j].size)
                set_profiles(&options[j], &profiles[j]);
        if (connection_create(&c, &options[0], &options[1]) && connection_run(&c)) {
            struct end *const ends[] = {&c.client, &c.server};

            for (j = 0; j < 2; j++) {
                SecPkgContext_SrtpParameters parameters;

                memset(&parameters, 0xcc, sizeof(parameters));
                winetest_push_context("%s", j ? "server" : "client");
                if (query_end(ends[j], SECPKG_ATTR_SRTP_PARAMETERS, &parameters, expected)) {
                    /* In network byte order. */
                    ok(parameters.ProtectionProfile == (WORD)(cases[i].agreed << 8),
                       "profile %#x\n", parameters.ProtectionProfile);
                    ok(!parameters.MasterKeyIdentifierSize && !parameters.MasterKeyIdentifier,
                       "identifier of %u bytes\n", parameters.MasterKeyIdentifierSize);
                }
                winetest_pop_context();
            }
            if (derive(&c.client, keys[0]) && derive(&c.server, keys[1]))
                ok(!memcmp(keys[0], keys[1], sizeof(keys[0])), "the keys differ\n");
        } else {
            ok(FALSE, "client %s, server %s\n", status_name(c.client.status),
               status_name(c.server.status));
        }
        connection_destroy(&c);
        winetest_pop_context();
    }
}

/* The client's identifier is what both sides tell. */
static void test_identifier(void)
{
    struct profiles profiles = {2, {PROFILE(1)}};
    BYTE identifier[] = {4, 'k', 'e', 'y', '1'};
    struct datagram_options client = {0}, server = {0};
    struct connection c;
    unsigned int i;

    set_profiles(&client, &profiles);
    set_identifier(&client, identifier);
    set_profiles(&server, &profiles);
    set_identifier(&server, identifier);
    if (connection_create(&c, &client, &server) && connection_run(&c)) {
        struct end *const ends[] = {&c.client, &c.server};

        for (i = 0; i < 2; i++) {
            SecPkgContext_SrtpParameters parameters = {0};

            if (!query_end(ends[i], SECPKG_ATTR_SRTP_PARAMETERS, &parameters, SEC_E_OK))
                continue;
            ok(parameters.MasterKeyIdentifierSize == 4 &&
                   !memcmp(parameters.MasterKeyIdentifier, "key1", 4),
               "%s: identifier of %u bytes\n", i ? "server" : "client",
               parameters.MasterKeyIdentifierSize);
            FreeContextBuffer(parameters.MasterKeyIdentifier);
        }
    } else {
        ok(FALSE, "client %s, server %s\n", status_name(c.client.status),
           status_name(c.server.status));
    }
    connection_destroy(&c);
}

/* Buffers that say more than they hold. */
static void test_malformed(void)
{
    static const struct {
        const char *name;
        ULONG profiles_size, identifier_size;
        USHORT size;
        BYTE identifier;
    } cases[] = {
        {"no size", 1, 0, 2, 0},       {"empty", 2, 0, 0, 0},
        {"odd", 5, 0, 3, 0},           {"longer than the buffer", 4, 0, 4, 0},
        {"no identifier", 4, 0, 2, 1}, {"identifier longer than the buffer", 4, 3, 2, 3},
    };
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        struct profiles profiles = {cases[i].size, {PROFILE(1), PROFILE(2)}};
        BYTE identifier[] = {cases[i].identifier, 1, 2, 3};
        struct datagram_options client = {0};
        struct connection c;
        SECURITY_STATUS status;

        winetest_push_context("%s", cases[i].name);
        set_profiles(&client, &profiles);
        client.srtp[0].cbBuffer = cases[i].profiles_size;
        if (cases[i].identifier) {
            set_identifier(&client, identifier);
            client.srtp[1].cbBuffer = cases[i].identifier_size;
        }
        if (connection_create(&c, &client, NULL)) {
            status = end_call(&c.client, NULL, 0);
            ok(status == SEC_E_INVALID_PARAMETER || broken(FAILED(status)), "%s\n",
               status_name(status));
        }
        connection_destroy(&c);
        winetest_pop_context();
    }
}

START_TEST(schannel_attributes_srtp)
{
    tally("attribute SRTP_PARAMETERS");
    test_profiles();
    test_identifier();
    test_malformed();
    tally_report();
}
