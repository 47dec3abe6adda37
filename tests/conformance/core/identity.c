/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Authentication identities in their three forms: what is read of them, what is not, and that they
 * are wiped.
 */
#include <stddef.h>
#include <windows.h>
#define SECURITY_WIN32
#include <security.h>

#include "kit/secrets.h"
#include "wine/test.h"

static SECURITY_STATUS(SEC_ENTRY *encode)(PCWSTR, PCWSTR, PCWSTR, void **);
static SECURITY_STATUS(SEC_ENTRY *decode)(void *, PCWSTR *, PCWSTR *, PCWSTR *);
static SECURITY_STATUS(SEC_ENTRY *prepare)(void *, PCWSTR, ULONG *, PCWSTR *, PCWSTR *, UCHAR **,
                                           ULONG *);
static BOOLEAN(SEC_ENTRY *is_encrypted)(void *);
static void(SEC_ENTRY *free_identity)(void *), (SEC_ENTRY * local_free)(void *);
static void(SEC_ENTRY *zero)(void *);

static BOOL load(void)
{
    HMODULE module = GetModuleHandleA("secur32.dll");

    encode = (void *)GetProcAddress(module, "SspiEncodeStringsAsAuthIdentity");
    decode = (void *)GetProcAddress(module, "SspiEncodeAuthIdentityAsStrings");
    prepare = (void *)GetProcAddress(module, "SspiPrepareForCredWrite");
    is_encrypted = (void *)GetProcAddress(module, "SspiIsAuthIdentityEncrypted");
    free_identity = (void *)GetProcAddress(module, "SspiFreeAuthIdentity");
    local_free = (void *)GetProcAddress(module, "SspiLocalFree");
    zero = (void *)GetProcAddress(module, "SspiZeroAuthIdentity");
    return encode && decode && prepare && is_encrypted && free_identity && local_free && zero;
}

/* What decode says of an identity; where it succeeds, whether the strings are these. */
static SECURITY_STATUS read(void *identity, const WCHAR *user, const WCHAR *domain,
                            const WCHAR *password)
{
    PCWSTR found[3] = {NULL};
    SECURITY_STATUS status = decode(identity, &found[0], &found[1], &found[2]);

    if (status != SEC_E_OK)
        return status;
    ok(found[0] && !wcscmp(found[0], user), "user %s\n", wine_dbgstr_w(found[0]));
    ok(found[1] && !wcscmp(found[1], domain), "domain %s\n", wine_dbgstr_w(found[1]));
    ok(found[2] && !wcscmp(found[2], password), "password %s\n", wine_dbgstr_w(found[2]));
    for (unsigned int i = 0; i < ARRAY_SIZE(found); i++)
        local_free((void *)found[i]);
    return status;
}

static void test_extended(void)
{
    WCHAR user[] = L"tester", domain[] = L"TESTDOMAIN", password[] = L"secret";
    SEC_WINNT_AUTH_IDENTITY_EXW identity = {.Version = SEC_WINNT_AUTH_IDENTITY_VERSION,
                                            .Length = sizeof(identity),
                                            .User = (unsigned short *)user,
                                            .UserLength = 6,
                                            .Domain = (unsigned short *)domain,
                                            .DomainLength = 10,
                                            .Password = (unsigned short *)password,
                                            .PasswordLength = 6,
                                            .Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE};
    SECURITY_STATUS status = read(&identity, user, domain, password);

    ok(status == SEC_E_OK, "%#lx\n", status);
    zero(&identity);
    ok(!password[0] && !password[5], "the password is still there\n");
    ok(!identity.Password && !identity.Version, "the structure is still there\n");
}

/* An identity of offsets, and how its password is packed. */
struct block {
    SEC_WINNT_AUTH_IDENTITY_EX2 header;
    WCHAR user[6], domain[10];
    struct {
        USHORT header_size, size;
        GUID type;
        ULONG data_offset;
        USHORT data_size;
        WCHAR password[6];
    } packed;
};

static struct block make_block(void)
{
    static const GUID password_type = {
        0x28bfc32f, 0x10f6, 0x4738, {0x98, 0xd1, 0x1a, 0xc0, 0x61, 0xdf, 0x71, 0x6a}};
    struct block block = {.header = {.Version = SEC_WINNT_AUTH_IDENTITY_VERSION_2,
                                     .cbHeaderLength = sizeof(block.header),
                                     .cbStructureLength = sizeof(block),
                                     .UserOffset = offsetof(struct block, user),
                                     .UserLength = sizeof(block.user),
                                     .DomainOffset = offsetof(struct block, domain),
                                     .DomainLength = sizeof(block.domain),
                                     .PackedCredentialsOffset = offsetof(struct block, packed),
                                     .PackedCredentialsLength = sizeof(block.packed),
                                     .Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE}};

    memcpy(block.user, L"tester", sizeof(block.user));
    memcpy(block.domain, L"TESTDOMAIN", sizeof(block.domain));
    block.packed.header_size =
        offsetof(struct block, packed.password) - offsetof(struct block, packed);
    block.packed.size = sizeof(block.packed);
    block.packed.type = password_type;
    block.packed.data_offset = block.packed.header_size;
    block.packed.data_size = sizeof(block.packed.password);
    memcpy(block.packed.password, L"secret", sizeof(block.packed.password));
    return block;
}

static void check_block(struct block block, SECURITY_STATUS expected, const char *what)
{
    SECURITY_STATUS status = read(&block, L"tester", L"TESTDOMAIN", L"secret");

    ok(status == expected, "%s: %#lx\n", what, status);
}

static void test_offsets(void)
{
    const struct block good = make_block();
    struct block block = good;

    check_block(good, SEC_E_OK, "as it should be");
    block.header.UserOffset = sizeof(block) + 1;
    check_block(block, SEC_E_INVALID_TOKEN, "a user behind the end");
    block = good;
    block.header.DomainLength = sizeof(block) - block.header.DomainOffset + 2;
    check_block(block, SEC_E_INVALID_TOKEN, "a domain over the end");
    block = good;
    block.header.PackedCredentialsLength = 12;
    check_block(block, SEC_E_INVALID_TOKEN, "half a header");
    block = good;
    block.header.PackedCredentialsLength += 2;
    check_block(block, SEC_E_INVALID_TOKEN, "credentials over the end");
    block = good;
    block.packed.data_size += 4;
    check_block(block, SEC_E_INVALID_TOKEN, "a password over the end");
    block = good;
    block.packed.type.Data1++;
    check_block(block, SEC_E_UNKNOWN_CREDENTIALS, "credentials of another type");
    block = good;
    zero(&block);
    ok(!block.user[0] && !block.packed.password[0] && !block.packed.password[5],
       "the password is still there\n");
}

static void test_encrypted(void)
{
    static const ULONG flags[] = {SEC_WINNT_AUTH_IDENTITY_FLAGS_PROCESS_ENCRYPTED,
                                  SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_PROTECTED};
    SEC_WINNT_AUTH_IDENTITY_W identity = {.User = (unsigned short *)L"tester", .UserLength = 6};
    SECURITY_STATUS status;

    for (unsigned int i = 0; i < ARRAY_SIZE(flags); i++) {
        identity.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE | flags[i];
        ok(is_encrypted(&identity), "flags %#lx are not encrypted\n", flags[i]);
        status = read(&identity, L"tester", L"", L"");
        ok(status == SEC_E_UNKNOWN_CREDENTIALS, "flags %#lx: %#lx\n", flags[i], status);
    }
    identity.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE;
    ok(!is_encrypted(&identity), "a plain one is encrypted\n");
}

/* Every character, in both forms. */
static void test_zero(void)
{
    WCHAR wide[] = L"secret";
    char ansi[] = "secret", zeroes[16] = {0};
    SEC_WINNT_AUTH_IDENTITY_W identity = {.Password = (unsigned short *)wide,
                                          .PasswordLength = 6,
                                          .Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE};

    zero(&identity);
    ok(!memcmp(wide, zeroes, 12), "the wide password is still there\n");
    ok(!identity.Password, "the structure is still there\n");
    identity.Password = (unsigned short *)ansi;
    identity.PasswordLength = 5;
    identity.Flags = SEC_WINNT_AUTH_IDENTITY_ANSI;
    zero(&identity);
    ok(!memcmp(ansi, zeroes, 5) && ansi[5] == 't', "the ANSI password is still there\n");
}

static void test_names(void)
{
    PCWSTR target = NULL, user = NULL;
    SECURITY_STATUS status;
    ULONG type, size = 0;
    UCHAR *blob = NULL;
    void *identity;

    status = encode(L"tester", L"TESTDOMAIN", L"secret", &identity);
    ok(status == SEC_E_OK, "%#lx\n", status);
    if (status != SEC_E_OK)
        return;
    status = prepare(identity, NULL, &type, &target, &user, &blob, &size);
    ok(status == SEC_E_OK, "%#lx\n", status);
    if (status == SEC_E_OK) {
        ok(!wcscmp(user, L"TESTDOMAIN\\tester"), "user %s\n", wine_dbgstr_w(user));
        ok(!wcscmp(target, L"TESTDOMAIN\\tester"), "target %s\n", wine_dbgstr_w(target));
        ok(size == 12 && !memcmp(blob, L"secret", 12), "%lu bytes of password\n", size);
        local_free((void *)target);
        local_free((void *)user);
        local_free(blob);
    }
    free_identity(identity);
}

/* Memory that is none of the heap's stays as it is. */
static void test_foreign_memory(void)
{
    WCHAR *memory = VirtualAlloc(NULL, 4096, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);

    wcscpy(memory, L"tester");
    local_free(memory);
    ok(!wcscmp(memory, L"tester"), "%s\n", wine_dbgstr_w(memory));
    VirtualFree(memory, 0, MEM_RELEASE);
}

/* Our own copies go with what they are in. */
static void test_wiped(void)
{
    SEC_WINNT_AUTH_IDENTITY_A identity = {.PasswordLength = 30,
                                          .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI};
    BYTE random[30];
    WCHAR wide[31] = {0};
    char ansi[31] = {0};
    PCWSTR found[3] = {NULL};
    struct secret secret;
    void *opaque;

    secret_make(random, sizeof(random));
    for (unsigned int i = 0; i < sizeof(random); i++)
        ansi[i] = (char)(wide[i] = (WCHAR)('a' + random[i] % 26));
    /* Not from its start, where the heap keeps its list of what is free. */
    secret = secret_of(wide + 10, 40);
    ok(secret_places(&secret) == 1, "the search does not find it\n");
    ok(encode(L"tester", NULL, wide, &opaque) == SEC_E_OK, "not encoded\n");
    ok(secret_places(&secret) == 2, "%u copies\n", secret_places(&secret));
    free_identity(opaque);
    ok(secret_places(&secret) == 1, "an identity is left in memory\n");
    SecureZeroMemory(wide, sizeof(wide));

    identity.Password = (unsigned char *)ansi;
    ok(decode(&identity, &found[0], &found[1], &found[2]) == SEC_E_OK, "not decoded\n");
    ok(secret_places(&secret) == 1, "%u copies\n", secret_places(&secret));
    local_free((void *)found[2]);
    ok(secret_places(&secret) == 0, "a password is left in memory\n");
}

START_TEST(core_identity)
{
    if (!winetest_platform_is_wine || !load()) {
        win_skip("these identities are opaque\n");
        return;
    }
    test_extended();
    test_offsets();
    test_encrypted();
    test_zero();
    test_names();
    test_foreign_memory();
    test_wiped();
}
