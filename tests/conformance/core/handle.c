/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Handles that are none: every function that takes one answers SEC_E_INVALID_HANDLE to random
 * values, the usual invalid ones, stale ones, those of the other kind, and NULL.
 */
#include "kit/pair.h"
#include "kit/tally.h"
#include "kit/testcert.h"
#include "wine/test.h"

/* Arguments that are good but for the handle. */
static BYTE storage[256];
static SecBuffer buffers[4];
static SecBufferDesc description = {SECBUFFER_VERSION, ARRAY_SIZE(buffers), buffers};
static SecBuffer output_buffer;
static SecBufferDesc output = {SECBUFFER_VERSION, 1, &output_buffer};
static CtxtHandle new_context;
static CredHandle good_credentials; /* of a client */
static CtxtHandle good_context;
static ULONG attributes;

static const char *handle_text(const SecHandle *handle)
{
    static char text[48];

    snprintf(text, sizeof(text), "{%s,%s}", wine_dbgstr_longlong(handle->dwLower),
             wine_dbgstr_longlong(handle->dwUpper));
    return text;
}

static void reset_arguments(void)
{
    memset(buffers, 0, sizeof(buffers));
    buffers[0].BufferType = SECBUFFER_DATA;
    buffers[0].pvBuffer = storage;
    buffers[0].cbBuffer = 64;
    memset(&output_buffer, 0, sizeof(output_buffer));
    output_buffer.BufferType = SECBUFFER_TOKEN;
    new_context.dwLower = new_context.dwUpper = 0x5a5a5a5a;
}

#define CALL(name, expression)                                                                     \
    static SECURITY_STATUS name(SecHandle *handle)                                                 \
    {                                                                                              \
        return expression;                                                                         \
    }

CALL(free_credentials, FreeCredentialsHandle(handle))
CALL(query_credentials_a,
     QueryCredentialsAttributesA(handle, SECPKG_ATTR_SUPPORTED_PROTOCOLS, storage))
CALL(query_credentials_w,
     QueryCredentialsAttributesW(handle, SECPKG_ATTR_SUPPORTED_PROTOCOLS, storage))
CALL(add_credentials_w, AddCredentialsW(handle, NULL, (SEC_WCHAR *)L"Schannel",
                                        SECPKG_CRED_OUTBOUND, NULL, NULL, NULL, NULL))
CALL(initialize_with_credentials,
     InitializeSecurityContextW(handle, NULL, (SEC_WCHAR *)L"localhost", ISC_REQ_ALLOCATE_MEMORY, 0,
                                0, NULL, 0, &new_context, &output, &attributes, NULL))
CALL(initialize_with_credentials_a,
     InitializeSecurityContextA(handle, NULL, (SEC_CHAR *)"localhost", ISC_REQ_ALLOCATE_MEMORY, 0,
                                0, NULL, 0, &new_context, &output, &attributes, NULL))
CALL(accept_with_credentials,
     AcceptSecurityContext(handle, NULL, &description, ASC_REQ_ALLOCATE_MEMORY, 0, &new_context,
                           &output, &attributes, NULL))

CALL(initialize_with_context,
     InitializeSecurityContextW(&good_credentials, handle, (SEC_WCHAR *)L"localhost",
                                ISC_REQ_ALLOCATE_MEMORY, 0, 0, &description, 0, NULL, &output,
                                &attributes, NULL))
CALL(accept_with_context,
     AcceptSecurityContext(&good_credentials, handle, &description, ASC_REQ_ALLOCATE_MEMORY, 0,
                           NULL, &output, &attributes, NULL))
/* Where a new one could begin instead. */
CALL(initialize_with_context_or_new,
     InitializeSecurityContextW(&good_credentials, handle, (SEC_WCHAR *)L"localhost",
                                ISC_REQ_ALLOCATE_MEMORY, 0, 0, NULL, 0, &new_context, &output,
                                &attributes, NULL))
CALL(delete_context, DeleteSecurityContext(handle))
CALL(complete_token, CompleteAuthToken(handle, &description))
CALL(apply_token, ApplyControlToken(handle, &description))
CALL(query_context_a, QueryContextAttributesA(handle, SECPKG_ATTR_STREAM_SIZES, storage))
CALL(query_context_w, QueryContextAttributesW(handle, SECPKG_ATTR_STREAM_SIZES, storage))
CALL(set_context_a, SetContextAttributesA(handle, SECPKG_ATTR_APP_DATA, storage, sizeof(storage)))
CALL(set_context_w, SetContextAttributesW(handle, SECPKG_ATTR_APP_DATA, storage, sizeof(storage)))
CALL(encrypt, EncryptMessage(handle, 0, &description, 0))
CALL(decrypt, DecryptMessage(handle, &description, 0, NULL))
CALL(make_signature, MakeSignature(handle, 0, &description, 0))
CALL(verify_signature, VerifySignature(handle, &description, 0, &attributes))
/* A bad handle is what is said of it also where the message is missing. */
CALL(encrypt_nothing, EncryptMessage(handle, 0, NULL, 0))
CALL(decrypt_nothing, DecryptMessage(handle, NULL, 0, NULL))
CALL(sign_nothing, MakeSignature(handle, 0, NULL, 0))
CALL(verify_nothing, VerifySignature(handle, NULL, 0, NULL))
CALL(impersonate, ImpersonateSecurityContext(handle))
CALL(revert, RevertSecurityContext(handle))
CALL(query_token, QuerySecurityContextToken(handle, (HANDLE *)storage))
CALL(export_context, ExportSecurityContext(handle, 0, &output_buffer, NULL))

/* Functions that not every secur32.dll has; without them the answer is the expected one. */
static void *optional(const char *name)
{
    return (void *)GetProcAddress(GetModuleHandleA("secur32.dll"), name);
}

static SECURITY_STATUS call_with_size(const char *name, SecHandle *handle, ULONG attribute)
{
    SECURITY_STATUS(WINAPI * function)(SecHandle *, ULONG, void *, ULONG) = optional(name);

    if (!function) {
        win_skip("no %s\n", name);
        return SEC_E_INVALID_HANDLE;
    }
    return function(handle, attribute, storage, sizeof(storage));
}

CALL(query_credentials_ex_a,
     call_with_size("QueryCredentialsAttributesExA", handle, SECPKG_ATTR_SUPPORTED_PROTOCOLS))
CALL(query_credentials_ex_w,
     call_with_size("QueryCredentialsAttributesExW", handle, SECPKG_ATTR_SUPPORTED_PROTOCOLS))
CALL(set_credentials_a,
     call_with_size("SetCredentialsAttributesA", handle, SECPKG_ATTR_CLIENT_CERT_POLICY))
CALL(set_credentials_w,
     call_with_size("SetCredentialsAttributesW", handle, SECPKG_ATTR_CLIENT_CERT_POLICY))
CALL(query_context_ex_a,
     call_with_size("QueryContextAttributesExA", handle, SECPKG_ATTR_STREAM_SIZES))
CALL(query_context_ex_w,
     call_with_size("QueryContextAttributesExW", handle, SECPKG_ATTR_STREAM_SIZES))

struct handle_call {
    const char *name;
    SECURITY_STATUS (*call)(SecHandle *handle);
};

static const struct handle_call credentials_calls[] = {
    {"FreeCredentialsHandle", free_credentials},
    {"QueryCredentialsAttributesA", query_credentials_a},
    {"QueryCredentialsAttributesW", query_credentials_w},
    {"QueryCredentialsAttributesExA", query_credentials_ex_a},
    {"QueryCredentialsAttributesExW", query_credentials_ex_w},
    {"SetCredentialsAttributesA", set_credentials_a},
    {"SetCredentialsAttributesW", set_credentials_w},
    {"AddCredentialsW", add_credentials_w},
    {"InitializeSecurityContextW", initialize_with_credentials},
    {"InitializeSecurityContextA", initialize_with_credentials_a},
    {"AcceptSecurityContext", accept_with_credentials},
};

static const struct handle_call context_calls[] = {
    {"InitializeSecurityContextW", initialize_with_context},
    {"AcceptSecurityContext", accept_with_context},
    {"InitializeSecurityContextW with room for a new one", initialize_with_context_or_new},
    {"DeleteSecurityContext", delete_context},
    {"CompleteAuthToken", complete_token},
    {"ApplyControlToken", apply_token},
    {"QueryContextAttributesA", query_context_a},
    {"QueryContextAttributesW", query_context_w},
    {"QueryContextAttributesExA", query_context_ex_a},
    {"QueryContextAttributesExW", query_context_ex_w},
    {"SetContextAttributesA", set_context_a},
    {"SetContextAttributesW", set_context_w},
    {"EncryptMessage", encrypt},
    {"DecryptMessage", decrypt},
    {"MakeSignature", make_signature},
    {"VerifySignature", verify_signature},
    {"EncryptMessage of nothing", encrypt_nothing},
    {"DecryptMessage of nothing", decrypt_nothing},
    {"MakeSignature of nothing", sign_nothing},
    {"VerifySignature of nothing", verify_nothing},
    {"ImpersonateSecurityContext", impersonate},
    {"RevertSecurityContext", revert},
    {"QuerySecurityContextToken", query_token},
    {"ExportSecurityContext", export_context},
};

static void check_calls(const struct handle_call *calls, unsigned int count, SecHandle *handle)
{
    const SecHandle before = handle ? *handle : (SecHandle){0, 0};
    unsigned int i;

    for (i = 0; i < count; i++) {
        SECURITY_STATUS status;

        reset_arguments();
        status = calls[i].call(handle);
        ok(status == SEC_E_INVALID_HANDLE && !output_buffer.pvBuffer &&
               (!handle || !memcmp(handle, &before, sizeof(before))),
           "%s: %s, output %p, handle %s\n", calls[i].name, status_name(status),
           output_buffer.pvBuffer, handle ? handle_text(handle) : "NULL");
    }
}

static void check_all_calls(SecHandle *handle)
{
    check_calls(credentials_calls, ARRAY_SIZE(credentials_calls), handle);
    /* As phContext NULL means that there is none yet. */
    if (handle)
        check_calls(context_calls, ARRAY_SIZE(context_calls), handle);
    else
        check_calls(context_calls + 3, ARRAY_SIZE(context_calls) - 3, NULL);
}

static void test_invalid_values(void)
{
    static const SecHandle values[] = {
        {0, 0},
        {~(ULONG_PTR)0, ~(ULONG_PTR)0},
        {0, ~(ULONG_PTR)0},
        {~(ULONG_PTR)0, 0},
        {1, 1},
        {0x10000, 0},
        {(ULONG_PTR)0x8000000000000000ull, 1},
    };
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(values); i++) {
        SecHandle handle = values[i];

        winetest_push_context("%s", handle_text(&handle));
        check_all_calls(&handle);
        winetest_pop_context();
    }
    winetest_push_context("NULL");
    check_all_calls(NULL);
    winetest_pop_context();
}

static void test_random_values(void)
{
    UINT64 state = 0x123456789abcdefull;
    unsigned int i;

    for (i = 0; i < 200; i++) {
        SecHandle handle;

        state = state * 6364136223846793005ull + 1442695040888963407ull;
        handle.dwLower = (ULONG_PTR)(state >> 7);
        state = state * 6364136223846793005ull + 1442695040888963407ull;
        handle.dwUpper = (ULONG_PTR)(state >> 7);
        winetest_push_context("%s", handle_text(&handle));
        check_all_calls(&handle);
        winetest_pop_context();
    }
}

/* Each bit of a good handle counts. */
static void test_changed_bits(void)
{
    unsigned int bit;

    for (bit = 0; bit < 2 * 8 * sizeof(ULONG_PTR); bit++) {
        ULONG_PTR *words;
        SecHandle handle = good_credentials;

        words = &handle.dwLower;
        words[bit / (8 * sizeof(*words))] ^= (ULONG_PTR)1 << bit % (8 * sizeof(*words));
        winetest_push_context("credentials, bit %u", bit);
        check_calls(credentials_calls, ARRAY_SIZE(credentials_calls), &handle);
        winetest_pop_context();

        handle = good_context;
        words[bit / (8 * sizeof(*words))] ^= (ULONG_PTR)1 << bit % (8 * sizeof(*words));
        winetest_push_context("context, bit %u", bit);
        check_calls(context_calls, ARRAY_SIZE(context_calls), &handle);
        winetest_pop_context();
    }
}

static void test_wrong_kind(void)
{
    SecHandle handle = good_context;

    winetest_push_context("a context's handle");
    check_calls(credentials_calls, ARRAY_SIZE(credentials_calls), &handle);
    winetest_pop_context();
    handle = good_credentials;
    winetest_push_context("a credential's handle");
    check_calls(context_calls, ARRAY_SIZE(context_calls), &handle);
    winetest_pop_context();
}

static SECURITY_STATUS acquire_client(CredHandle *credentials)
{
    return AcquireCredentialsHandleW(NULL, (SEC_WCHAR *)L"Schannel", SECPKG_CRED_OUTBOUND, NULL,
                                     NULL, NULL, NULL, credentials, NULL);
}

static SECURITY_STATUS start_client(CredHandle *credentials, CtxtHandle *context)
{
    SECURITY_STATUS status;

    reset_arguments();
    status = InitializeSecurityContextW(credentials, NULL, (SEC_WCHAR *)L"localhost",
                                        ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_STREAM, 0, 0, NULL, 0,
                                        context, &output, &attributes, NULL);
    if (output_buffer.pvBuffer)
        FreeContextBuffer(output_buffer.pvBuffer);
    return status;
}

static void test_stale(void)
{
    CredHandle credentials, stale_credentials, more[64];
    CtxtHandle context, stale_context, contexts[64];
    SECURITY_STATUS status;
    unsigned int i;

    status = acquire_client(&credentials);
    ok(status == SEC_E_OK, "AcquireCredentialsHandleW: %s\n", status_name(status));
    status = start_client(&credentials, &context);
    ok(status == SEC_I_CONTINUE_NEEDED, "InitializeSecurityContextW: %s\n", status_name(status));
    stale_credentials = credentials;
    stale_context = context;
    status = DeleteSecurityContext(&context);
    ok(status == SEC_E_OK, "DeleteSecurityContext: %s\n", status_name(status));
    status = FreeCredentialsHandle(&credentials);
    ok(status == SEC_E_OK, "FreeCredentialsHandle: %s\n", status_name(status));

    winetest_push_context("stale");
    check_calls(credentials_calls, ARRAY_SIZE(credentials_calls), &stale_credentials);
    check_calls(context_calls, ARRAY_SIZE(context_calls), &stale_context);

    /* Others have taken the places meanwhile. */
    for (i = 0; i < ARRAY_SIZE(more); i++) {
        status = acquire_client(&more[i]);
        ok(status == SEC_E_OK, "AcquireCredentialsHandleW: %s\n", status_name(status));
        status = start_client(&more[i], &contexts[i]);
        ok(status == SEC_I_CONTINUE_NEEDED, "InitializeSecurityContextW: %s\n",
           status_name(status));
        ok(memcmp(&more[i], &stale_credentials, sizeof(more[i])) &&
               memcmp(&contexts[i], &stale_context, sizeof(contexts[i])),
           "an old handle comes back\n");
    }
    check_calls(credentials_calls, ARRAY_SIZE(credentials_calls), &stale_credentials);
    check_calls(context_calls, ARRAY_SIZE(context_calls), &stale_context);
    for (i = 0; i < ARRAY_SIZE(more); i++) {
        status = DeleteSecurityContext(&contexts[i]);
        ok(status == SEC_E_OK, "DeleteSecurityContext: %s\n", status_name(status));
        status = FreeCredentialsHandle(&more[i]);
        ok(status == SEC_E_OK, "FreeCredentialsHandle: %s\n", status_name(status));
    }
    winetest_pop_context();
}

/*
 * No call keeps a reference: what is closed behind it is gone, and its place is the next one's. The
 * place is the lower half of a handle, and the last that was given back is the first to be used.
 */
static void check_given_back(const struct handle_call *call, BOOL is_context)
{
    SecHandle handle, next;

    if (is_context)
        start_client(&good_credentials, &handle);
    else
        acquire_client(&handle);
    next = handle;
    reset_arguments();
    if (call->call(&handle) >= 0 && new_context.dwLower != 0x5a5a5a5a)
        DeleteSecurityContext(&new_context);
    if (output_buffer.pvBuffer)
        FreeContextBuffer(output_buffer.pvBuffer);
    if (is_context) {
        DeleteSecurityContext(&next);
        start_client(&good_credentials, &next);
        DeleteSecurityContext(&next);
    } else {
        FreeCredentialsHandle(&next);
        acquire_client(&next);
        FreeCredentialsHandle(&next);
    }
    ok(next.dwLower == handle.dwLower, "%s has kept something\n", call->name);
}

static void test_given_back(void)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(credentials_calls); i++)
        check_given_back(&credentials_calls[i], FALSE);
    for (i = 0; i < ARRAY_SIZE(context_calls); i++)
        check_given_back(&context_calls[i], TRUE);
}

static void test_rule9_handle_values(void)
{
    const SecHandle zero = {0, 0}, ones = {~(ULONG_PTR)0, ~(ULONG_PTR)0};
    SECURITY_STATUS status;
    CredHandle credentials;
    CtxtHandle context;
    unsigned int i;

    for (i = 0; i < 300; i++) {
        status = acquire_client(&credentials);
        ok(status == SEC_E_OK, "AcquireCredentialsHandleW: %s\n", status_name(status));
        ok(memcmp(&credentials, &zero, sizeof(zero)) && memcmp(&credentials, &ones, sizeof(ones)),
           "credentials %s\n", handle_text(&credentials));
        status = start_client(&credentials, &context);
        ok(status == SEC_I_CONTINUE_NEEDED, "InitializeSecurityContextW: %s\n",
           status_name(status));
        ok(memcmp(&context, &zero, sizeof(zero)) && memcmp(&context, &ones, sizeof(ones)),
           "context %s\n", handle_text(&context));
        DeleteSecurityContext(&context);
        FreeCredentialsHandle(&credentials);
    }
}

/* A context lives on when its credentials' handle is freed first. */
static void test_free_order(void)
{
    SECURITY_STATUS status;
    CredHandle credentials;
    CtxtHandle context;

    status = acquire_client(&credentials);
    ok(status == SEC_E_OK, "AcquireCredentialsHandleW: %s\n", status_name(status));
    status = start_client(&credentials, &context);
    ok(status == SEC_I_CONTINUE_NEEDED, "InitializeSecurityContextW: %s\n", status_name(status));
    status = FreeCredentialsHandle(&credentials);
    ok(status == SEC_E_OK, "FreeCredentialsHandle: %s\n", status_name(status));
    status = DeleteSecurityContext(&context);
    ok(status == SEC_E_OK, "DeleteSecurityContext: %s\n", status_name(status));
}

struct race {
    CredHandle credentials;
    CtxtHandle contexts[200];
    LONG next, deleted;
};

/* Several threads delete the same handles; each is deleted once. */
static DWORD WINAPI delete_thread(void *argument)
{
    struct race *race = argument;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(race->contexts); i++) {
        const SECURITY_STATUS status = DeleteSecurityContext(&race->contexts[i]);

        ok(status == SEC_E_OK || status == SEC_E_INVALID_HANDLE, "DeleteSecurityContext: %s\n",
           status_name(status));
        if (status == SEC_E_OK)
            InterlockedIncrement(&race->deleted);
    }
    return 0;
}

static void test_racing_deletes(void)
{
    static struct race race;
    HANDLE threads[4];
    unsigned int i;

    ok(acquire_client(&race.credentials) == SEC_E_OK, "no credentials\n");
    for (i = 0; i < ARRAY_SIZE(race.contexts); i++)
        ok(start_client(&race.credentials, &race.contexts[i]) == SEC_I_CONTINUE_NEEDED,
           "no context\n");
    for (i = 0; i < ARRAY_SIZE(threads); i++)
        threads[i] = CreateThread(NULL, 0, delete_thread, &race, 0, NULL);
    WaitForMultipleObjects(ARRAY_SIZE(threads), threads, TRUE, INFINITE);
    for (i = 0; i < ARRAY_SIZE(threads); i++)
        CloseHandle(threads[i]);
    ok(race.deleted == (LONG)ARRAY_SIZE(race.contexts), "%ld deletions\n", race.deleted);
    FreeCredentialsHandle(&race.credentials);
}

START_TEST(core_handle)
{
    SECURITY_STATUS status = acquire_client(&good_credentials);

    ok(status == SEC_E_OK, "AcquireCredentialsHandleW: %s\n", status_name(status));
    status = start_client(&good_credentials, &good_context);
    ok(status == SEC_I_CONTINUE_NEEDED, "InitializeSecurityContextW: %s\n", status_name(status));

    /* Windows looks at some handles' parts as pointers. */
    if (winetest_platform_is_wine) {
        tally("rule 9");
        test_invalid_values();
        test_random_values();
        test_changed_bits();
        test_wrong_kind();
        test_stale();
        test_given_back();
        test_racing_deletes();
    }
    test_rule9_handle_values();
    tally(NULL);
    test_free_order();

    /* None of that harmed them. */
    status = DeleteSecurityContext(&good_context);
    ok(status == SEC_E_OK, "DeleteSecurityContext: %s\n", status_name(status));
    status = FreeCredentialsHandle(&good_credentials);
    ok(status == SEC_E_OK, "FreeCredentialsHandle: %s\n", status_name(status));
    tally_report();
}
