/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Attributes that are derived from a connection's secrets: channel bindings, exported keying
 * material, the keys of EAP methods.
 */
#include "kit/attributes.h"
#include "kit/secrets.h"
#include "wine/test.h"

#define MATERIAL 40

/* The application data of a channel binding behind its prefix; NULL after a failed ok(). */
static const BYTE *binding_data(const SecPkgContext_Bindings *bindings, const char *prefix,
                                DWORD *size)
{
    const SEC_CHANNEL_BINDINGS *header = bindings->Bindings;
    const DWORD prefix_size = (DWORD)strlen(prefix);
    const BYTE *data = (const BYTE *)header + header->dwApplicationDataOffset;

    *size = header->cbApplicationDataLength - prefix_size;
    ok(!header->cbInitiatorLength && !header->cbAcceptorLength, "addresses\n");
    ok(header->dwApplicationDataOffset + header->cbApplicationDataLength <=
           bindings->BindingsLength,
       "%lu + %lu of %lu\n", header->dwApplicationDataOffset, header->cbApplicationDataLength,
       bindings->BindingsLength);
    if (header->cbApplicationDataLength <= prefix_size || memcmp(data, prefix, prefix_size)) {
        ok(FALSE, "another prefix\n");
        return NULL;
    }
    return data + prefix_size;
}

/* Both sides have the same, of the Finished message's 12 bytes; TLS 1.3 has none. */
static void check_unique_bindings(struct scene *scene)
{
    SecPkgContext_Bindings bindings[2] = {{0}};
    const BYTE *data[2] = {NULL};
    DWORD size[2];
    unsigned int i;

    for (i = 0; i < 2; i++) {
        if (query_expecting(scene->sides[i], SECPKG_ATTR_UNIQUE_BINDINGS, &bindings[i],
                            scene->tls13 ? SEC_E_UNSUPPORTED_FUNCTION : SEC_E_OK))
            data[i] = binding_data(&bindings[i], "tls-unique:", &size[i]);
    }
    if (data[0] && data[1])
        ok(size[0] == 12 && size[1] == 12 && !memcmp(data[0], data[1], 12), "they differ\n");
    for (i = 0; i < 2; i++)
        if (bindings[i].Bindings)
            FreeContextBuffer(bindings[i].Bindings);
}

/* RFC 5929: the hash of the server's certificate, on a resumed session too. */
static void check_endpoint_bindings(struct scene *scene)
{
    const CERT_CONTEXT *certificate = scene->certificates[SIDE_SERVER];
    DWORD hash_size = 32, size;
    BYTE hash[32];
    unsigned int i;

    ok(CryptHashCertificate(0, CALG_SHA_256, 0, certificate->pbCertEncoded,
                            certificate->cbCertEncoded, hash, &hash_size),
       "no hash, error %#lx\n", GetLastError());
    for (i = 0; i < 2; i++) {
        SecPkgContext_Bindings bindings = {0};
        const BYTE *data;

        if (!query(scene->sides[i], SECPKG_ATTR_ENDPOINT_BINDINGS, &bindings))
            continue;
        data = binding_data(&bindings, "tls-server-end-point:", &size);
        ok(data && size == sizeof(hash) && !memcmp(data, hash, sizeof(hash)), "another hash\n");
        FreeContextBuffer(bindings.Bindings);
    }
}

static SECURITY_STATUS set_material(struct side *side, const char *label, const char *context,
                                    DWORD size)
{
    SecPkgContext_KeyingMaterialInfo info = {
        .cbLabel = (WORD)(strlen(label) + 1),
        .pszLabel = (char *)label,
        .cbContextValue = context ? (WORD)strlen(context) : 0,
        .pbContextValue = (BYTE *)context,
        .cbKeyingMaterial = size,
    };

    return SetContextAttributesW(&side->context, SECPKG_ATTR_KEYING_MATERIAL_INFO, &info,
                                 sizeof(info));
}

static BOOL get_material(struct side *side, const char *label, const char *context, BYTE *output)
{
    SecPkgContext_KeyingMaterial material = {0};
    SECURITY_STATUS status = set_material(side, label, context, MATERIAL);

    ok(status == SEC_E_OK, "KEYING_MATERIAL_INFO: %s\n", status_name(status));
    if (!query(side, SECPKG_ATTR_KEYING_MATERIAL, &material))
        return FALSE;
    ok(material.cbKeyingMaterial == MATERIAL, "%lu bytes\n", material.cbKeyingMaterial);
    if (material.cbKeyingMaterial == MATERIAL)
        memcpy(output, material.pbKeyingMaterial, MATERIAL);
    FreeContextBuffer(material.pbKeyingMaterial);
    return TRUE;
}

/* RFC 5705: both sides derive the same, which depends on label and context. */
static void check_keying_material(struct scene *scene)
{
    BYTE ours[MATERIAL], theirs[MATERIAL], other[MATERIAL];
    SecPkgContext_KeyingMaterial material;

    query_expecting(scene->sides[SIDE_CLIENT], SECPKG_ATTR_KEYING_MATERIAL, &material,
                    SEC_E_INVALID_PARAMETER);
    if (get_material(scene->sides[0], "EXPORTER-test", "context", ours) &&
        get_material(scene->sides[1], "EXPORTER-test", "context", theirs)) {
        ok(!memcmp(ours, theirs, MATERIAL), "the sides differ\n");
        if (get_material(scene->sides[0], "EXPORTER-other", "context", other))
            ok(memcmp(ours, other, MATERIAL), "the label does not count\n");
        if (get_material(scene->sides[0], "EXPORTER-test", "contexu", other))
            ok(memcmp(ours, other, MATERIAL), "the context does not count\n");
    }
    if (get_material(scene->sides[0], "EXPORTER-test", NULL, other) &&
        get_material(scene->sides[1], "EXPORTER-test", NULL, theirs)) {
        ok(memcmp(ours, other, MATERIAL), "no context is like one\n");
        ok(!memcmp(other, theirs, MATERIAL), "the sides differ without context\n");
    }
}

/* What cannot be derived is refused, and the request before stays. */
static void check_keying_material_info(struct scene *scene)
{
    struct side *side = scene->sides[SIDE_SERVER];
    SecPkgContext_KeyingMaterialInfo bad[] = {
        {.cbLabel = 5, .pszLabel = NULL, .cbKeyingMaterial = 16},
        {.cbLabel = 0, .pszLabel = (char *)"", .cbKeyingMaterial = 16},
        {.cbLabel = 1, .pszLabel = (char *)"", .cbKeyingMaterial = 16},
        {.cbLabel = 2, .pszLabel = (char *)"x", .cbKeyingMaterial = 0},
        {.cbLabel = 2, .pszLabel = (char *)"x", .cbContextValue = 1, .cbKeyingMaterial = 16},
    };
    SecPkgContext_KeyingMaterial material = {0};
    BYTE before[MATERIAL];
    unsigned int i;

    if (!get_material(side, "EXPORTER-kept", "c", before))
        return;
    for (i = 0; i < ARRAY_SIZE(bad); i++) {
        const SECURITY_STATUS status = SetContextAttributesW(
            &side->context, SECPKG_ATTR_KEYING_MATERIAL_INFO, &bad[i], sizeof(bad[i]));

        ok(status == SEC_E_INVALID_PARAMETER || broken(FAILED(status)), "bad request %u: %s\n", i,
           status_name(status));
    }
    if (query(side, SECPKG_ATTR_KEYING_MATERIAL, &material)) {
        ok(material.cbKeyingMaterial == MATERIAL &&
               !memcmp(material.pbKeyingMaterial, before, MATERIAL),
           "the request before is gone\n");
        FreeContextBuffer(material.pbKeyingMaterial);
    }
}

/* The same material as in two steps. */
static void check_keying_material_inproc(struct scene *scene)
{
    unsigned int i;

    for (i = 0; i < 2; i++) {
        SecPkgContext_KeyingMaterial_Inproc inproc = {.cbLabel = 14,
                                                      .pszLabel = (char *)"EXPORTER-test",
                                                      .cbContextValue = 7,
                                                      .pbContextValue = (BYTE *)"context",
                                                      .cbKeyingMaterial = MATERIAL};
        BYTE expected[MATERIAL];

        if (!get_material(scene->sides[i], "EXPORTER-test", "context", expected) ||
            !query(scene->sides[i], SECPKG_ATTR_KEYING_MATERIAL_INPROC, &inproc))
            continue;
        ok(!memcmp(inproc.pbKeyingMaterial, expected, MATERIAL), "other material\n");
        FreeContextBuffer(inproc.pbKeyingMaterial);
        inproc.cbKeyingMaterial = 0;
        query_expecting(scene->sides[i], SECPKG_ATTR_KEYING_MATERIAL_INPROC, &inproc,
                        SEC_E_INVALID_PARAMETER);
    }
}

static SECURITY_STATUS set_prf(struct side *side, DWORD kind)
{
    SecPkgContext_EapPrfInfo info = {0, sizeof(kind), (BYTE *)&kind};

    return SetContextAttributesW(&side->context, SECPKG_ATTR_EAP_PRF_INFO, &info, sizeof(info));
}

/* Both sides derive the same; EAP-TLS alone has vectors. RFC 5216 is the default. */
static void check_eap_key_block(struct scene *scene)
{
    static const BYTE zeroes[64];
    SecPkgContext_EapKeyBlock first[2], block[2];
    SECURITY_STATUS status;
    unsigned int i;
    DWORD kind;

    for (i = 0; i < 2; i++)
        if (!query_expecting(scene->sides[i], SECPKG_ATTR_EAP_KEY_BLOCK, &first[i],
                             scene->tls13 ? SEC_E_UNSUPPORTED_FUNCTION : SEC_E_OK))
            return;
    ok(!memcmp(&first[0], &first[1], sizeof(first[0])), "the sides differ\n");
    ok(memcmp(first[0].rgbIVs, zeroes, sizeof(zeroes)), "no vectors\n");
    for (kind = 1; kind <= 3; kind++) {
        for (i = 0; i < 2; i++) {
            status = set_prf(scene->sides[i], kind);
            ok(status == SEC_E_OK, "kind %lu: %s\n", kind, status_name(status));
            query(scene->sides[i], SECPKG_ATTR_EAP_KEY_BLOCK, &block[i]);
        }
        ok(!memcmp(block[0].rgbKeys, block[1].rgbKeys, sizeof(block[0].rgbKeys)),
           "kind %lu: the sides differ\n", kind);
        ok(memcmp(block[0].rgbKeys, first[0].rgbKeys, sizeof(block[0].rgbKeys)),
           "kind %lu: as kind 0\n", kind);
    }
}

static void check_eap_prf_info(struct scene *scene)
{
    struct side *side = scene->sides[SIDE_CLIENT];
    SecPkgContext_EapKeyBlock before, after;
    DWORD kind = 1;
    SecPkgContext_EapPrfInfo bad[] = {
        {1, sizeof(kind), (BYTE *)&kind},
        {0, sizeof(kind) - 1, (BYTE *)&kind},
        {0, sizeof(kind), NULL},
    };
    SECURITY_STATUS status;
    unsigned int i;

    status = set_prf(side, 0);
    ok(status == SEC_E_OK, "kind 0: %s\n", status_name(status));
    status = set_prf(side, 4);
    ok(status == SEC_E_INVALID_PARAMETER || broken(FAILED(status)), "kind 4: %s\n",
       status_name(status));
    for (i = 0; i < ARRAY_SIZE(bad); i++) {
        status = SetContextAttributesW(&side->context, SECPKG_ATTR_EAP_PRF_INFO, &bad[i],
                                       sizeof(bad[i]));
        ok(status == SEC_E_INVALID_PARAMETER || broken(FAILED(status)), "bad request %u: %s\n", i,
           status_name(status));
    }
    if (scene->tls13)
        return;
    query(side, SECPKG_ATTR_EAP_KEY_BLOCK, &before);
    set_prf(side, 2);
    query(side, SECPKG_ATTR_EAP_KEY_BLOCK, &after);
    ok(memcmp(&before, &after, sizeof(after)), "it has no effect\n");
    set_prf(side, 9);
    query(side, SECPKG_ATTR_EAP_KEY_BLOCK, &before);
    ok(!memcmp(&before, &after, sizeof(after)), "a bad kind has an effect\n");
}

/* Our own copies of what an attribute is are gone when the call returns. */
static void check_eap_keys_wiped(struct scene *scene)
{
    SecPkgContext_EapKeyBlock block;
    SECURITY_STATUS status;
    struct secret secret;

    if (scene->tls13)
        return;
    secret_clear_stack();
    status = QueryContextAttributesW(&scene->sides[SIDE_CLIENT]->context, SECPKG_ATTR_EAP_KEY_BLOCK,
                                     &block);
    ok(status == SEC_E_OK, "%s\n", status_name(status));
    secret = secret_take(block.rgbKeys + 64, SECRET_MAX);
    SecureZeroMemory(&block, sizeof(block));
    secret_check_places(&secret, 0, "a key of an EAP method");
}

/* A program's data lives as long as it is not replaced, and as the context. */
static void check_app_data_wiped(struct scene *scene)
{
    /* The heap writes on both ends of what is freed. */
    BYTE bytes[4 * SECRET_MAX];
    SecPkgContext_SessionAppData data = {0, sizeof(bytes), bytes};
    SECURITY_STATUS status;
    struct secret secret;

    secret_make(bytes, sizeof(bytes));
    secret = secret_of(bytes + 2 * SECRET_MAX, SECRET_MAX);
    status = SetContextAttributesW(&scene->sides[SIDE_CLIENT]->context, SECPKG_ATTR_APP_DATA, &data,
                                   sizeof(data));
    ok(status == SEC_E_OK, "%s\n", status_name(status));
    SecureZeroMemory(bytes, sizeof(bytes));
    secret_check_places(&secret, 1, "a program's data");
    SetContextAttributesW(&scene->sides[SIDE_CLIENT]->context, SECPKG_ATTR_APP_DATA, &data,
                          sizeof(data));
    secret_check_places(&secret, 0, "a program's data that was replaced");
}

START_TEST(schannel_attributes_secrets)
{
    static const struct attribute_test tests[] = {
        {"attribute UNIQUE_BINDINGS", check_unique_bindings},
        {"attribute ENDPOINT_BINDINGS", check_endpoint_bindings},
        {"attribute KEYING_MATERIAL", check_keying_material},
        {"attribute KEYING_MATERIAL_INFO", check_keying_material_info},
        {"attribute KEYING_MATERIAL_INPROC", check_keying_material_inproc},
        {"attribute EAP_KEY_BLOCK", check_eap_key_block},
        {"attribute EAP_PRF_INFO", check_eap_prf_info},
        {"attribute EAP_KEY_BLOCK", check_eap_keys_wiped},
        {"attribute APP_DATA", check_app_data_wiped},
    };

    attributes_run(tests, ARRAY_SIZE(tests));
    tally_report();
}
