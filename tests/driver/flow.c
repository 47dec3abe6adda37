/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Connections of a driver: the flow that the page about asynchronous contexts describes, on both
 * sides.
 */
#include "kit/end.h"
#include "tests.h"

/* Followed by more than the string has, as a string in a larger buffer is. */
static const WCHAR target_text[] = L"server.example and not this";
static SECURITY_STRING target = {14 * sizeof(WCHAR), 14 * sizeof(WCHAR),
                                 (unsigned short *)target_text};

static void test_connection(struct end *client)
{
    SecPkgContext_ClientSpecifiedTarget specified = {0};
    SecPkgContext_ConnectionInfo info = {0};
    SECURITY_STATUS status =
        QueryContextAttributesW(&client->context, SECPKG_ATTR_CONNECTION_INFO, &info);

    ok(status == SEC_E_OK, "CONNECTION_INFO: %08lx", status);
    ok(info.dwProtocol == 0x2000 /* SP_PROT_TLS1_3_CLIENT */, "protocol %lx", info.dwProtocol);
    status =
        QueryContextAttributesW(&client->context, SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, &specified);
    ok(status == SEC_E_OK, "CLIENT_SPECIFIED_TARGET: %08lx", status);
    if (status == SEC_E_OK) {
        ok(!memcmp(specified.sTargetName, target_text, target.Length) &&
               !specified.sTargetName[target.Length / sizeof(WCHAR)],
           "the target is %ls", specified.sTargetName);
        FreeContextBuffer(specified.sTargetName);
    }
}

/* A record from the client to the server. */
static void test_record(struct end *client, struct end *server)
{
    static const char text[] = "from one driver to another";
    SecPkgContext_StreamSizes sizes;
    static UCHAR memory[1024];
    SecBuffer buffers[4];
    SecBufferDesc list = {SECBUFFER_VERSION, 4, buffers};
    SECURITY_STATUS status;
    ULONG size;

    status = QueryContextAttributesW(&client->context, SECPKG_ATTR_STREAM_SIZES, &sizes);
    ok(status == SEC_E_OK, "STREAM_SIZES: %08lx", status);
    if (status != SEC_E_OK)
        return;
    memcpy(memory + sizes.cbHeader, text, sizeof(text));
    buffers[0] = (SecBuffer){sizes.cbHeader, SECBUFFER_STREAM_HEADER, memory};
    buffers[1] = (SecBuffer){sizeof(text), SECBUFFER_DATA, memory + sizes.cbHeader};
    buffers[2] = (SecBuffer){sizes.cbTrailer, SECBUFFER_STREAM_TRAILER,
                             memory + sizes.cbHeader + sizeof(text)};
    buffers[3] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    status = SealMessage(&client->context, 0, &list, 0);
    ok(status == SEC_E_OK, "SealMessage: %08lx", status);
    size = buffers[0].cbBuffer + buffers[1].cbBuffer + buffers[2].cbBuffer;
    buffers[0] = (SecBuffer){size, SECBUFFER_DATA, memory};
    for (int i = 1; i < 4; i++)
        buffers[i] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    status = UnsealMessage(&server->context, &list, 0, NULL);
    ok(status == SEC_E_OK, "UnsealMessage: %08lx", status);
    ok(buffers[1].BufferType == SECBUFFER_DATA && buffers[1].cbBuffer == sizeof(text) &&
           !memcmp(buffers[1].pvBuffer, text, sizeof(text)),
       "other data arrived");
}

/*
 * The context's handle is invalid as soon as the delete is queued, and its async context may go
 * before the delete has run.
 */
static void delete_without_callback(struct end *end)
{
    SspiAsyncContext *async = SspiCreateAsyncContext();
    SECURITY_STATUS status;

    ok(async != NULL, "no memory");
    status = SspiDeleteSecurityContextAsync(async, &end->context);
    SspiFreeAsyncContext(async);
    ok(status == SEC_E_OK, "a delete without callback: %08lx", status);
    SecInvalidateHandle(&end->context);
    end->has_context = FALSE;
}

static void test_flow(void)
{
    struct end client, server;
    BOOLEAN opened = end_open(&server, TRUE);

    say("one connection");
    opened = end_open(&client, FALSE) && opened;
    if (opened)
        shake_hands(&client, &server, &target);
    if (opened && client.status == SEC_E_OK && server.status == SEC_E_OK) {
        test_connection(&client);
        test_record(&client, &server);
        delete_without_callback(&client);
        delete_without_callback(&server);
    }
    end_close(&client);
    end_close(&server);
}

/* The calls of both are pending together. */
static void test_two_at_once(void)
{
    struct end clients[2], servers[2];
    BOOLEAN opened = TRUE;

    say("two connections at once");
    for (int i = 0; i < 2; i++) {
        opened = end_open(&clients[i], FALSE) && opened;
        opened = end_open(&servers[i], TRUE) && opened;
    }
    for (int turn = 0; opened && turn < 2; turn++) {
        for (int i = 0; i < 2; i++)
            queue_leg(&clients[i], turn ? &servers[i].output : NULL, &target);
        for (int i = 0; i < 2; i++)
            finish_leg(&clients[i]);
        for (int i = 0; i < 2; i++)
            queue_leg(&servers[i], &clients[i].output, NULL);
        for (int i = 0; i < 2; i++)
            finish_leg(&servers[i]);
    }
    for (int i = 0; opened && i < 2; i++) {
        ok(clients[i].status == SEC_E_OK, "client %d: %08lx", i, clients[i].status);
        ok(servers[i].status == SEC_E_OK, "server %d: %08lx", i, servers[i].status);
        if (clients[i].status == SEC_E_OK && servers[i].status == SEC_E_OK)
            test_record(&clients[i], &servers[i]);
    }
    for (int i = 0; i < 2; i++) {
        end_close(&clients[i]);
        end_close(&servers[i]);
    }
}

/* A target that is no string is the call's status, and makes no context. */
static void test_wrong_target(void)
{
    static unsigned short text[] = {'a', 'b', 0, 'c'};
    SECURITY_STRING wrong[] = {
        {3, 8, text}, /* half a character */
        {4, 2, text}, /* longer than its buffer */
        {4, 4, NULL}, /* no buffer */
        {8, 8, text}, /* a NUL in it */
    };
    struct end client;

    say("targets that are none");
    if (!end_open(&client, FALSE)) {
        end_close(&client);
        return;
    }
    for (ULONG i = 0; i < ARRAYSIZE(wrong); i++) {
        queue_leg(&client, NULL, &wrong[i]);
        finish_leg(&client);
        ok(client.status == SEC_E_TARGET_UNKNOWN, "target %lu: %08lx", i, client.status);
        ok(!client.has_context && !client.output.cbBuffer, "target %lu: a token", i);
    }
    queue_leg(&client, NULL, &(SECURITY_STRING){0});
    finish_leg(&client);
    ok(client.status == SEC_I_CONTINUE_NEEDED, "no target: %08lx", client.status);
    end_close(&client);
}

/* So are a package and a principal, and they make no credential. */
static void test_wrong_names(void)
{
    SECURITY_STRING package = text_of(L"Schannel"), unknown = text_of(L"nobody");
    SECURITY_STRING half = text_of(L"Schannel"), none = {0};
    const struct {
        SECURITY_STRING *principal, *package;
        SECURITY_STATUS status;
    } rows[] = {
        {NULL, NULL, SEC_E_SECPKG_NOT_FOUND},         {NULL, &none, SEC_E_SECPKG_NOT_FOUND},
        {NULL, &unknown, SEC_E_SECPKG_NOT_FOUND},     {NULL, &half, SEC_E_SECPKG_NOT_FOUND},
        {&half, &package, SEC_E_UNKNOWN_CREDENTIALS}, {&none, &package, SEC_E_OK},
    };
    struct end end;

    say("names that are none");
    half.Length--;
    if (!end_open(&end, FALSE)) {
        end_close(&end);
        return;
    }
    for (ULONG i = 0; i < ARRAYSIZE(rows); i++) {
        CredHandle credential = {~(ULONG_PTR)0, ~(ULONG_PTR)0};
        SECURITY_STATUS status;

        begin(&end);
        status = wait_for(&end, SspiAcquireCredentialsHandleAsyncW(end.async, rows[i].principal,
                                                                   rows[i].package,
                                                                   SECPKG_CRED_OUTBOUND, NULL, NULL,
                                                                   NULL, NULL, &credential, NULL));
        ok(status == rows[i].status, "row %lu: %08lx", i, status);
        if (status == SEC_E_OK)
            FreeCredentialsHandle(&credential);
        else
            ok(credential.dwUpper == ~(ULONG_PTR)0 && credential.dwLower == ~(ULONG_PTR)0,
               "row %lu: a credential", i);
    }
    end_close(&end);
}

void test_connections(void)
{
    test_flow();
    test_two_at_once();
    test_wrong_target();
    test_wrong_names();
}

/*
 * What a driver leaves behind: calls that need none of its memory. They are queued behind each
 * other faster than they run.
 */
#define LEFT_BEHIND 64

void test_unload(void)
{
    static struct end ends[LEFT_BEHIND];
    SECURITY_STATUS status = SEC_E_OK;
    int opened = 0, pending = 0;

    say("unload with calls pending");
    for (; opened < LEFT_BEHIND && end_open(&ends[opened], FALSE); opened++) {
        queue_leg(&ends[opened], NULL, &target);
        finish_leg(&ends[opened]);
        FreeContextBuffer(ends[opened].output.pvBuffer);
        begin(&ends[opened]);
        SspiSetAsyncNotifyCallback(ends[opened].async, NULL, NULL);
    }
    for (int i = 0; i < opened && status == SEC_E_OK; i++) {
        SspiAsyncContext *async = SspiCreateAsyncContext();

        status = SspiDeleteSecurityContextAsync(async, &ends[i].context);
        SspiFreeAsyncContext(async);
        if (status == SEC_E_OK)
            status = SspiFreeCredentialsHandleAsync(ends[i].async, &ends[i].credential);
    }
    for (int i = 0; i < opened; i++) {
        if (SspiGetAsyncCallStatus(ends[i].async) == SEC_I_ASYNC_CALL_PENDING)
            pending++;
        SspiFreeAsyncContext(ends[i].async);
        event_free(ends[i].done);
    }
    ok(status == SEC_E_OK, "queueing: %08lx", status);
    say("%d calls are pending", pending);
}
