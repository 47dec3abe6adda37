/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Counted strings, as drivers pass them: which are names and which are none. By the target of the
 * function that ksecdd.sys forwards to; tests/driver has the same in a driver.
 */
#include "kit/async_api.h"
#include "kit/other.h"
#include "wine/test.h"

static SECURITY_STATUS (*initialize)(SspiAsyncContext *, CredHandle *, CtxtHandle *,
                                     SECURITY_STRING *, ULONG, ULONG, ULONG, SecBufferDesc *, ULONG,
                                     CtxtHandle *, SecBufferDesc *, ULONG *, TimeStamp *);

static CredHandle credential;

static BOOL holds(const SecBuffer *token, const char *text)
{
    size_t length = strlen(text);

    for (ULONG i = 0; i + length <= token->cbBuffer; i++)
        if (!memcmp((char *)token->pvBuffer + i, text, length))
            return TRUE;
    return FALSE;
}

/* A first leg for the target; *named says whether its hello is for server.example. */
static SECURITY_STATUS try_target(SECURITY_STRING *target, BOOL *named)
{
    SecBuffer token = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &token};
    SspiAsyncContext *async = sspi.create();
    CtxtHandle context;
    SECURITY_STATUS status;
    ULONG attributes;

    status = initialize(async, &credential, NULL, target, ISC_REQ_ALLOCATE_MEMORY, 0, 0, NULL, 0,
                        &context, &output, &attributes, NULL);
    ok(status == SEC_E_OK, "got %08lx\n", status);
    status = async_poll(async);
    sspi.free(async);
    if (status < 0) {
        ok(!token.pvBuffer && !token.cbBuffer, "%lu bytes of token\n", token.cbBuffer);
        return status;
    }
    *named = holds(&token, "server.example");
    ok(!holds(&token, "server.example and"), "the name is too long\n");
    FreeContextBuffer(token.pvBuffer);
    DeleteSecurityContext(&context);
    return status;
}

static void test_names(void)
{
    static const WCHAR text[] = L"server.example and more";
    unsigned short *buffer = (unsigned short *)text;
    SECURITY_STRING part = {14 * sizeof(WCHAR), 14 * sizeof(WCHAR), buffer};
    SECURITY_STRING roomy = {14 * sizeof(WCHAR), sizeof(text), buffer}, none = {0, 0, NULL};
    SECURITY_STRING *names[] = {&part, &roomy, &none, NULL};
    BOOL named = FALSE;
    SECURITY_STATUS status;

    for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
        status = try_target(names[i], &named);
        ok(status == SEC_I_CONTINUE_NEEDED, "%u: got %08lx\n", i, status);
        ok(named == (i < 2), "%u: named %d\n", i, named);
    }
}

static void test_no_strings(void)
{
    static unsigned short text[] = {'a', 'b', 0, 'c'};
    SECURITY_STRING strings[] = {
        {3, 8, text}, /* half a character */
        {4, 2, text}, /* more than its buffer has */
        {4, 4, NULL}, /* no buffer */
        {8, 8, text}, /* a NUL inside */
        {6, 6, text}, /* and at its end */
    };
    SECURITY_STATUS status;
    BOOL named;

    for (unsigned int i = 0; i < ARRAY_SIZE(strings); i++) {
        status = try_target(&strings[i], &named);
        ok(status == SEC_E_TARGET_UNKNOWN, "%u: got %08lx\n", i, status);
    }
}

START_TEST(core_text)
{
    SECURITY_STATUS status;

    initialize = (void *)GetProcAddress(GetModuleHandleA("secur32.dll"),
                                        "SspiInitializeSecurityContextAsyncK");
    if (!initialize || !async_available()) {
        win_skip("no function takes counted strings\n");
        return;
    }
    status = AcquireCredentialsHandleW(NULL, (WCHAR *)UNISP_NAME_W, SECPKG_CRED_OUTBOUND, NULL,
                                       NULL, NULL, NULL, &credential, NULL);
    ok(status == SEC_E_OK, "got %08lx\n", status);
    RUN(test_names);
    RUN(test_no_strings);
    FreeCredentialsHandle(&credential);
}
