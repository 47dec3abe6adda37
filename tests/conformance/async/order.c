/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Asynchronous SSPI: what runs one after the other, what runs at the same time, what may wait.
 */
#include "kit/async_api.h"
#include "wine/test.h"

/* More calls than threads that would be there for them without help. */
#define HELD_UP 32

static const struct side_options *tls12_server(void)
{
    static struct side_options options = {.protocols = SIDE_TLS1_2};

    options.certificates[0] = test_cert_localhost(TEST_KEY_ECDSA);
    return &options;
}

/* The size of the first record in the inbox. */
static DWORD record_size(const struct side *side)
{
    return side->inbox_size < 5 ? 0 : 5 + side->inbox[3] * 256 + side->inbox[4];
}

/* The next record as a leg of its own; leg_end then takes nothing from the inbox any more. */
static BOOL begin_record(struct side *side, struct leg *leg)
{
    side->feed = record_size(side);
    if (!side->feed || side->feed > side->inbox_size)
        return FALSE;
    leg_begin(side, leg);
    side_consume(side, leg->fed);
    leg->fed = 0;
    return TRUE;
}

/* A pair whose server has three records to accept: key exchange, cipher change, Finished. */
static BOOL create_with_three_records(struct pair *pair)
{
    if (!pair_create(pair, tls12_server(), tls12_server()))
        return FALSE;
    side_leg(&pair->client);
    side_leg(&pair->server);
    side_leg(&pair->client);
    ok(pair->client.status == SEC_I_CONTINUE_NEEDED && record_size(&pair->server),
       "client %s, server %s\n", status_name(pair->client.status),
       status_name(pair->server.status));
    return pair->client.status == SEC_I_CONTINUE_NEEDED;
}

/* One of several calls in a row. */
struct in_row {
    struct completion completion;
    SspiAsyncContext *async;
    struct in_row *before;
    BOOL early; /* its callback came while the call before was not known to be complete */
};

static void look_at_call_before(SspiAsyncContext *handle, void *data)
{
    struct in_row *call = data;

    call->early = call->before && sspi.status(call->before->async) == SEC_I_ASYNC_CALL_PENDING;
    completion_callback(handle, &call->completion);
}

static void row_create(struct in_row *calls, unsigned int count)
{
    unsigned int i;

    for (i = 0; i < count; i++) {
        completion_create(&calls[i].completion);
        calls[i].async = sspi.create();
        calls[i].before = i ? &calls[i - 1] : NULL;
        sspi.set_callback(calls[i].async, look_at_call_before, &calls[i]);
    }
}

static void row_close(struct in_row *calls, unsigned int count)
{
    unsigned int i;

    for (i = 0; i < count; i++) {
        sspi.free(calls[i].async);
        completion_close(&calls[i].completion);
    }
}

/* Three accepts, each with a record that only follows the one before, and the delete. */
static void test_one_context(void)
{
    struct in_row calls[4];
    SECURITY_STATUS status;
    struct leg legs[3];
    unsigned int i, round;
    struct pair pair;

    row_create(calls, 4);
    for (round = 0; round < 100 && create_with_three_records(&pair); round++) {
        CtxtHandle context = pair.server.context;

        for (i = 0; i < 3; i++)
            if (!begin_record(&pair.server, &legs[i]))
                break;
        ok(i == 3, "only %u records\n", i);
        for (i = 0; i < 3; i++) {
            status = leg_queue(calls[i].async, &pair.server, &legs[i]);
            ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
        }
        status = sspi.delete_context(calls[3].async, &pair.server.context);
        ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
        for (i = 0; i < 4; i++) {
            const SECURITY_STATUS expected = i < 2 ? SEC_I_CONTINUE_NEEDED : SEC_E_OK;

            completion_wait(&calls[i].completion);
            status = calls[i].completion.status;
            ok(status == expected, "round %u, call %u: %s\n", round, i, status_name(status));
            ok(!calls[i].early, "round %u, call %u is complete before the one before\n", round, i);
            if (i < 3)
                leg_end(&pair.server, &legs[i], status);
        }
        for (i = 0; i < 4; i++)
            sspi.reinit(calls[i].async);
        ok(pair.client.inbox_size > 0, "the server sent nothing\n");
        pair.server.have_context = FALSE;
        status = DeleteSecurityContext(&context);
        ok(status == SEC_E_INVALID_HANDLE, "deleted twice: %s\n", status_name(status));
        pair_destroy(&pair);
    }
    ok(round == 100, "%u rounds\n", round);
    row_close(calls, 4);
}

/* The same with synchronous calls in between. */
static void test_mixed_with_synchronous(void)
{
    SspiAsyncContext *first = sspi.create(), *third = sspi.create();
    SECURITY_STATUS status;
    struct leg legs[3];
    unsigned int i, round;
    struct pair pair;

    for (round = 0; round < 100 && create_with_three_records(&pair); round++) {
        for (i = 0; i < 3; i++)
            begin_record(&pair.server, &legs[i]);
        status = leg_queue(first, &pair.server, &legs[0]);
        ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
        status = leg_call(&pair.server, &legs[1]);
        ok(status == SEC_I_CONTINUE_NEEDED, "second record: %s\n", status_name(status));
        status = sspi.status(first);
        ok(status == SEC_I_CONTINUE_NEEDED, "first record: %s\n", status_name(status));
        status = leg_queue(third, &pair.server, &legs[2]);
        ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
        status = DeleteSecurityContext(&pair.server.context);
        ok(status == SEC_E_OK, "delete: %s\n", status_name(status));
        status = sspi.status(third);
        ok(status == SEC_E_OK, "third record: %s\n", status_name(status));
        for (i = 0; i < 3; i++)
            leg_end(&pair.server, &legs[i], i < 2 ? SEC_I_CONTINUE_NEEDED : SEC_E_OK);
        pair.server.have_context = FALSE;
        sspi.reinit(first);
        sspi.reinit(third);
        pair_destroy(&pair);
    }
    ok(round == 100, "%u rounds\n", round);
    sspi.free(first);
    sspi.free(third);
}

/* A call stands at a gate: what is queued on its context waits, what is queued on another runs. */
static void test_two_contexts(void)
{
    struct completion held, behind, late, other;
    SspiAsyncContext *held_call, *behind_call, *late_call, *other_call;
    SECURITY_STATUS status;
    struct leg leg, late_leg, other_leg;
    struct pair one, two;
    struct gate gate;
    unsigned int i;

    completion_create(&held);
    completion_create(&behind);
    completion_create(&late);
    completion_create(&other);
    held_call = async_create_with(&held);
    behind_call = async_create_with(&behind);
    late_call = async_create_with(&late);
    other_call = async_create_with(&other);
    if (!create_with_three_records(&one))
        return;
    begin_record(&one.server, &leg);
    gate_create(&gate, &leg.input);
    leg.input_pointer = gate.desc;
    status = leg_queue(held_call, &one.server, &leg);
    ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
    async_wait(gate.reached, "call");
    status = sspi.delete_context(behind_call, &one.server.context);
    ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
    begin_record(&one.server, &late_leg);
    status = leg_queue(late_call, &one.server, &late_leg);
    ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));

    for (i = 0; i < 10 && create_with_three_records(&two); i++) {
        begin_record(&two.server, &other_leg);
        status = leg_queue(other_call, &two.server, &other_leg);
        ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
        completion_wait(&other);
        ok(other.status == SEC_I_CONTINUE_NEEDED, "accept: %s\n", status_name(other.status));
        leg_end(&two.server, &other_leg, other.status);
        sspi.reinit(other_call);
        pair_destroy(&two);
    }
    ok(i == 10, "%u rounds\n", i);
    ok(sspi.status(held_call) == SEC_I_ASYNC_CALL_PENDING, "went through the gate\n");
    ok(sspi.status(behind_call) == SEC_I_ASYNC_CALL_PENDING, "overtook the call before\n");

    gate_open(&gate);
    completion_wait(&held);
    completion_wait(&behind);
    completion_wait(&late);
    ok(held.status == SEC_I_CONTINUE_NEEDED, "accept: %s\n", status_name(held.status));
    ok(behind.status == SEC_E_OK, "delete: %s\n", status_name(behind.status));
    ok(late.status == SEC_E_INVALID_HANDLE, "behind the delete: %s\n", status_name(late.status));
    leg_end(&one.server, &leg, held.status);
    leg_end(&one.server, &late_leg, late.status);
    one.server.have_context = FALSE;
    pair_destroy(&one);
    gate_close(&gate);
    sspi.free(held_call);
    sspi.free(behind_call);
    sspi.free(late_call);
    sspi.free(other_call);
    completion_close(&held);
    completion_close(&behind);
    completion_close(&late);
    completion_close(&other);
}

/* Calls that do not get on, as many as there are workers and more, do not stop the others. */
static void test_calls_held_up(void)
{
    SspiAsyncContext *calls[HELD_UP], *other = sspi.create();
    struct gate gates[HELD_UP];
    struct leg legs[HELD_UP];
    SECURITY_STATUS status;
    struct side client;
    struct pair pair;
    unsigned int i;

    if (!pair_create(&pair, NULL, tls12_server()))
        return;
    /* The client's hello, and beyond that only its credentials. */
    side_leg(&pair.client);
    for (i = 0; i < HELD_UP; i++) {
        leg_begin(&pair.server, &legs[i]);
        gate_create(&gates[i], &legs[i].input);
        legs[i].input_pointer = gates[i].desc;
        calls[i] = sspi.create();
        status = leg_queue(calls[i], &pair.server, &legs[i]);
        ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
    }
    for (i = 0; i < HELD_UP; i++)
        async_wait(gates[i].reached, "call");
    client = pair.client;
    status = sspi.delete_context(other, &client.context);
    ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
    status = async_poll(other);
    ok(status == SEC_E_OK, "delete: %s\n", status_name(status));
    pair.client.have_context = FALSE;

    for (i = 0; i < HELD_UP; i++) {
        status = sspi.status(calls[i]);
        ok(status == SEC_I_ASYNC_CALL_PENDING, "call %u: %s\n", i, status_name(status));
        gate_open(&gates[i]);
    }
    for (i = 0; i < HELD_UP; i++) {
        status = async_poll(calls[i]);
        ok(status == SEC_I_CONTINUE_NEEDED, "call %u: %s\n", i, status_name(status));
        DeleteSecurityContext(&legs[i].new_context);
        FreeContextBuffer(legs[i].out[0].pvBuffer);
        free(legs[i].copy);
        gate_close(&gates[i]);
        sspi.free(calls[i]);
    }
    sspi.free(other);
    pair_destroy(&pair);
}

#define MEETING 64

static struct {
    LONG arrived, returned;
    HANDLE complete, over;
} meeting;

static void wait_for_all(SspiAsyncContext *handle, void *data)
{
    DWORD *result = data;

    (void)handle;
    if (InterlockedIncrement(&meeting.arrived) == MEETING)
        SetEvent(meeting.complete);
    *result = WaitForSingleObject(meeting.complete, ASYNC_PATIENCE);
    if (InterlockedIncrement(&meeting.returned) == MEETING)
        SetEvent(meeting.over);
}

/* 64 callbacks, each of which waits until all have begun. */
static void test_callbacks_wait_for_each_other(void)
{
    SspiAsyncContext *calls[MEETING];
    DWORD results[MEETING], start;
    SECURITY_STATUS status;
    struct leg legs[MEETING];
    unsigned int i, round;
    struct pair pair;

    meeting.complete = CreateEventW(NULL, TRUE, FALSE, NULL);
    meeting.over = CreateEventW(NULL, FALSE, FALSE, NULL);
    if (!pair_create(&pair, NULL, tls12_server()))
        return;
    for (i = 0; i < MEETING; i++) {
        calls[i] = sspi.create();
        sspi.set_callback(calls[i], wait_for_all, &results[i]);
    }
    for (round = 0; round < 3; round++) {
        meeting.arrived = meeting.returned = 0;
        start = GetTickCount();
        for (i = 0; i < MEETING; i++) {
            leg_begin(&pair.client, &legs[i]);
            status = leg_queue(calls[i], &pair.client, &legs[i]);
            ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
        }
        async_wait(meeting.over, "64 callbacks");
        trace("met after %lu ms\n", GetTickCount() - start);
        for (i = 0; i < MEETING; i++) {
            ok(results[i] == WAIT_OBJECT_0, "callback %u waited in vain\n", i);
            status = sspi.status(calls[i]);
            ok(status == SEC_I_CONTINUE_NEEDED, "call %u: %s\n", i, status_name(status));
            FreeContextBuffer(legs[i].out[0].pvBuffer);
            free(legs[i].copy);
            DeleteSecurityContext(&legs[i].new_context);
            sspi.reinit(calls[i]);
        }
        ResetEvent(meeting.complete);
    }
    for (i = 0; i < MEETING; i++)
        sspi.free(calls[i]);
    pair_destroy(&pair);
    CloseHandle(meeting.complete);
    CloseHandle(meeting.over);
}

struct clearing {
    struct completion completion;
    struct pair *pair;
    SECURITY_STATUS query, deleted, freed;
};

/* Synchronous calls on the context from the callback of a call on it, and its end. */
static void clear_away(SspiAsyncContext *handle, void *data)
{
    struct clearing *clearing = data;
    struct side *server = &clearing->pair->server;
    SecPkgContext_ConnectionInfo info;

    clearing->query = QueryContextAttributesW(&server->context, SECPKG_ATTR_CONNECTION_INFO, &info);
    clearing->deleted = DeleteSecurityContext(&server->context);
    clearing->freed = FreeCredentialsHandle(&server->credentials);
    completion_callback(handle, &clearing->completion);
}

static void test_calls_in_callback(void)
{
    SspiAsyncContext *async = sspi.create();
    struct clearing clearing;
    SECURITY_STATUS status;
    struct pair pair;
    struct leg leg;

    completion_create(&clearing.completion);
    clearing.pair = &pair;
    sspi.set_callback(async, clear_away, &clearing);
    if (create_with_three_records(&pair)) {
        leg_begin(&pair.server, &leg);
        status = leg_queue(async, &pair.server, &leg);
        ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
        completion_wait(&clearing.completion);
        ok(clearing.completion.status == SEC_E_OK, "accept: %s\n",
           status_name(clearing.completion.status));
        ok(clearing.query == SEC_E_OK, "query: %s\n", status_name(clearing.query));
        ok(clearing.deleted == SEC_E_OK, "delete: %s\n", status_name(clearing.deleted));
        ok(clearing.freed == SEC_E_OK, "free: %s\n", status_name(clearing.freed));
        leg_end(&pair.server, &leg, clearing.completion.status);
        pair.server.have_context = pair.server.have_credentials = FALSE;
    }
    pair_destroy(&pair);
    sspi.free(async);
    completion_close(&clearing.completion);
}

START_TEST(async_order)
{
    if (!async_available())
        return;
    test_one_context();
    test_mixed_with_synchronous();
    test_two_contexts();
    test_calls_held_up();
    test_callbacks_wait_for_each_other();
    test_calls_in_callback();
}
