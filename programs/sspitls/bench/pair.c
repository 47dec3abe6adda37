/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Client and server in memory. Each side writes into a buffer of its own, and the other side reads
 * it there; turns alternate strictly, so nothing is overwritten before it was read. Each side's
 * calls are on its own clock.
 */
#include "bench/pair.h"

#include <string.h>

#include "base/error.h"
#include "bench/native.h"
#include "tls/async.h"

#define LEG_LIMIT 16

static SECURITY_STATUS acquire(struct tls_credentials *credentials, bool server,
                               PCCERT_CONTEXT certificate, unsigned versions, bool resume)
{
    struct tls_settings settings = {
        .server = server,
        .sync = true,
        .insecure = !server,
        .versions = versions,
        .certificates = &certificate,
        .certificate_count = certificate ? 1 : 0,
        .no_reconnect = !resume,
    };

    return tls_credentials_acquire(credentials, &settings);
}

bool sspi_has_server(void)
{
    static enum { UNKNOWN, NO, YES } known;
    SecBuffer input = {0, SECBUFFER_TOKEN, NULL}, output = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc in = {SECBUFFER_VERSION, 1, &input}, out = {SECBUFFER_VERSION, 1, &output};
    struct tls_credentials credentials;
    SECURITY_STATUS status;
    CtxtHandle context;
    ULONG attributes;
    TimeStamp expiry;

    if (known != UNKNOWN)
        return known == YES;
    known = YES;
    if (acquire(&credentials, false, NULL, 0, false) == SEC_E_OK) {
        status = AcceptSecurityContext(&credentials.handle, NULL, &in, 0, SECURITY_NATIVE_DREP,
                                       &context, &out, &attributes, &expiry);
        if (status == SEC_E_UNSUPPORTED_FUNCTION)
            known = NO;
    }
    tls_credentials_free(&credentials);
    return known == YES;
}

/* Wine's own secur32 takes protocol versions from this structure only. */
static SECURITY_STATUS acquire_plain_client(struct tls_credentials *credentials, unsigned versions)
{
    SCHANNEL_CRED data = {
        .dwVersion = SCHANNEL_CRED_VERSION,
        .grbitEnabledProtocols = (versions & TLS_1_2 ? SP_PROT_TLS1_2_CLIENT : 0) |
                                 (versions & TLS_1_3 ? SP_PROT_TLS1_3_CLIENT : 0),
        .dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION | SCH_CRED_NO_DEFAULT_CREDS,
    };
    TimeStamp expiry;
    SECURITY_STATUS status =
        AcquireCredentialsHandleW(NULL, (WCHAR *)UNISP_NAME_W, SECPKG_CRED_OUTBOUND, NULL, &data,
                                  NULL, NULL, &credentials->handle, &expiry);

    credentials->sync = true;
    credentials->acquired = status == SEC_E_OK;
    credentials->requirements = ISC_REQ_SEQUENCE_DETECT | ISC_REQ_REPLAY_DETECT |
                                ISC_REQ_CONFIDENTIALITY | ISC_REQ_STREAM |
                                ISC_REQ_MANUAL_CRED_VALIDATION;
    return status;
}

bool sspi_has_tls_1_3(void)
{
    struct tls_credentials credentials = {.acquired = false};
    bool has = sspi_has_server() || acquire_plain_client(&credentials, TLS_1_3) == SEC_E_OK;

    tls_credentials_free(&credentials);
    return has;
}

bool sspi_credentials(struct bench_sspi_credentials *credentials, PCCERT_CONTEXT certificate,
                      unsigned versions, bool resume)
{
    SECURITY_STATUS status;

    memset(credentials, 0, sizeof(*credentials));
    if (sspi_has_server()) {
        status = acquire(&credentials->client, false, NULL, versions, resume);
        if (status == SEC_E_OK)
            status = acquire(&credentials->server, true, certificate, versions, resume);
    } else {
        status = acquire_plain_client(&credentials->client, versions);
        if (status == SEC_E_OK) {
            credentials->native_server = native_credentials(certificate, versions);
            status = credentials->native_server ? SEC_E_OK : SEC_E_UNSUPPORTED_FUNCTION;
        }
    }
    if (status != SEC_E_OK)
        report_status("credentials", status);
    return status == SEC_E_OK;
}

bool sspi_checking_credentials(struct bench_sspi_credentials *credentials,
                               PCCERT_CONTEXT certificate, HCERTSTORE roots, unsigned versions)
{
    struct tls_settings settings = {
        .sync = true, .versions = versions, .roots = roots, .no_reconnect = true};
    SECURITY_STATUS status;

    memset(credentials, 0, sizeof(*credentials));
    status = tls_credentials_acquire(&credentials->client, &settings);
    if (status == SEC_E_OK)
        status = acquire(&credentials->server, true, certificate, versions, false);
    if (status != SEC_E_OK)
        report_status("credentials", status);
    return status == SEC_E_OK;
}

void sspi_credentials_free(struct bench_sspi_credentials *credentials)
{
    tls_credentials_free(&credentials->client);
    tls_credentials_free(&credentials->server);
    native_free(BENCH_CALL_CREDENTIALS_FREE, credentials->native_server);
    credentials->native_server = 0;
}

void side_init(struct bench_side *side, const struct tls_credentials *credentials)
{
    side->credentials = credentials;
    side->native_credentials = side->native = 0;
    SecInvalidateHandle(&side->context);
    side->has_context = side->done = false;
    side->in = NULL;
    side->in_size = side->out_size = 0;
    side->ns = 0;
}

void sspi_pair_init(struct bench_sspi_pair *pair, const struct bench_sspi_credentials *credentials)
{
    side_init(&pair->client, &credentials->client);
    side_init(&pair->server, &credentials->server);
    pair->server.native_credentials = credentials->native_server;
}

void side_prepare(struct bench_side *side)
{
    side->in_buffers[0] = (SecBuffer){side->in_size, SECBUFFER_TOKEN, (void *)side->in};
    side->in_buffers[1] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    side->out_buffers[0] = (SecBuffer){sizeof(side->out), SECBUFFER_TOKEN, side->out};
    side->in_description = (SecBufferDesc){SECBUFFER_VERSION, 2, side->in_buffers};
    side->out_description = (SecBufferDesc){SECBUFFER_VERSION, 1, side->out_buffers};
    side->current = side->context;
}

static SECURITY_STATUS call_sync(struct bench_side *side, CtxtHandle *current, SecBufferDesc *input)
{
    CredHandle *credentials = (CredHandle *)&side->credentials->handle;

    if (side->credentials->server)
        return AcceptSecurityContext(credentials, current, input, side->credentials->requirements,
                                     SECURITY_NATIVE_DREP, &side->context, &side->out_description,
                                     &side->attributes, &side->expiry);
    return InitializeSecurityContextW(credentials, current, (WCHAR *)L"localhost",
                                      side->credentials->requirements, 0, SECURITY_NATIVE_DREP,
                                      input, 0, &side->context, &side->out_description,
                                      &side->attributes, &side->expiry);
}

static SECURITY_STATUS call_native(struct bench_side *side)
{
    struct bench_peer create = {.credentials = side->native_credentials, .status = -1};
    struct bench_peer_step step = {
        .input = (ULONG_PTR)side->in,
        .input_size = side->in_size,
        .output = (ULONG_PTR)side->out,
        .output_size = sizeof(side->out),
        .status = -1,
    };

    if (!side->native) {
        if (!native_do(BENCH_CALL_PEER, &create, &create.status))
            return SEC_E_INTERNAL_ERROR;
        side->native = create.peer;
    }
    step.peer = side->native;
    if (!native_do(BENCH_CALL_PEER_STEP, &step, &step.status))
        return SEC_E_INTERNAL_ERROR;
    side->out_buffers[0].cbBuffer = step.output_size;
    return step.done ? SEC_E_OK : SEC_I_CONTINUE_NEEDED;
}

SECURITY_STATUS side_call(struct bench_side *side, SspiAsyncContext *call)
{
    CredHandle *credentials = (CredHandle *)&side->credentials->handle;
    CtxtHandle *current = side->has_context ? &side->current : NULL;
    SecBufferDesc *input =
        side->has_context || side->credentials->server ? &side->in_description : NULL;

    if (side->native_credentials)
        return call_native(side);
    if (!call)
        return call_sync(side, current, input);
    if (side->credentials->server)
        return async.accept(call, credentials, current, input, side->credentials->requirements,
                            SECURITY_NATIVE_DREP, &side->context, &side->out_description,
                            &side->attributes, &side->expiry);
    return async.initialize(call, credentials, current, (WCHAR *)L"localhost",
                            side->credentials->requirements, 0, SECURITY_NATIVE_DREP, input, 0,
                            &side->context, &side->out_description, &side->attributes,
                            &side->expiry);
}

bool side_finish(struct bench_side *side, SECURITY_STATUS status)
{
    ULONG left =
        side->in_buffers[1].BufferType == SECBUFFER_EXTRA ? side->in_buffers[1].cbBuffer : 0;

    side->has_context = true;
    if (status != SEC_E_OK && status != SEC_I_CONTINUE_NEEDED) {
        side->has_context = SecIsValidHandle(&side->context);
        report_status(side->credentials->server ? "server" : "client", status);
        return false;
    }
    side->in += side->in_size - left;
    side->in_size = left;
    side->out_size = side->out_buffers[0].cbBuffer;
    side->done = status == SEC_E_OK;
    return true;
}

struct bench_side *sspi_pair_next(struct bench_sspi_pair *pair, struct bench_side *last)
{
    struct bench_side *next = last == &pair->client ? &pair->server : &pair->client;

    if (last && last->out_size) {
        next->in = last->out;
        next->in_size = last->out_size;
    }
    if (pair->client.done && pair->server.done)
        return NULL;
    return next;
}

bool sspi_hello(struct bench_side *side, const struct tls_credentials *credentials)
{
    side_init(side, credentials);
    side_prepare(side);
    return side_call(side, NULL) == SEC_I_CONTINUE_NEEDED &&
           DeleteSecurityContext(&side->context) == SEC_E_OK;
}

bool sspi_pair_connect(struct bench_sspi_pair *pair)
{
    struct bench_side *side = sspi_pair_next(pair, NULL);
    unsigned legs = 0;
    double start;
    bool ok;

    while (side) {
        start = bench_clock(BENCH_CLOCK_WALL);
        side_prepare(side);
        ok = side_finish(side, side_call(side, NULL));
        side->ns += bench_clock(BENCH_CLOCK_WALL) - start;
        if (!ok || ++legs > LEG_LIMIT)
            return false;
        side = sspi_pair_next(pair, side);
    }
    return true;
}

SECURITY_STATUS side_seal(struct bench_side *side, const SecPkgContext_StreamSizes *sizes,
                          ULONG size, unsigned char *at, ULONG *length)
{
    SecBuffer buffers[4] = {
        {sizes->cbHeader, SECBUFFER_STREAM_HEADER, at},
        {size, SECBUFFER_DATA, at + sizes->cbHeader},
        {sizes->cbTrailer, SECBUFFER_STREAM_TRAILER, at + sizes->cbHeader + size},
        {0, SECBUFFER_EMPTY, NULL},
    };
    SecBufferDesc description = {SECBUFFER_VERSION, 4, buffers};
    struct bench_peer_seal params = {
        .peer = side->native,
        .output = (ULONG_PTR)at,
        .output_size = sizes->cbHeader + size + sizes->cbTrailer,
        .size = size,
        .status = -1,
    };
    SECURITY_STATUS status;

    if (side->native) {
        *length = 0;
        if (!native_do(BENCH_CALL_PEER_SEAL, &params, &params.status))
            return SEC_E_INTERNAL_ERROR;
        *length = params.output_size;
        return SEC_E_OK;
    }
    status = EncryptMessage(&side->context, 0, &description, 0);
    *length = buffers[0].cbBuffer + buffers[1].cbBuffer + buffers[2].cbBuffer;
    return status;
}

static bool send_record(struct bench_side *from, const struct bench_side *to)
{
    SecPkgContext_StreamSizes sizes;
    SecBuffer buffers[4] = {{0, SECBUFFER_DATA, from->out}};
    SecBufferDesc description = {SECBUFFER_VERSION, 4, buffers};

    return QueryContextAttributesW(&from->context, SECPKG_ATTR_STREAM_SIZES, &sizes) == SEC_E_OK &&
           side_seal(from, &sizes, 64, from->out, &buffers[0].cbBuffer) == SEC_E_OK &&
           DecryptMessage((CtxtHandle *)&to->context, &description, 0, NULL) == SEC_E_OK;
}

bool sspi_pair_talk(struct bench_sspi_pair *pair)
{
    return send_record(&pair->client, &pair->server) && send_record(&pair->server, &pair->client);
}

bool sspi_pair_take_ticket(struct bench_sspi_pair *pair)
{
    struct bench_side *client = &pair->client;
    SecBuffer buffers[4] = {{client->in_size, SECBUFFER_DATA, (void *)client->in}};
    SecBufferDesc description = {SECBUFFER_VERSION, 4, buffers};
    SECURITY_STATUS status;

    /* In TLS 1.2 the ticket came within the handshake. */
    if (!client->in_size)
        return true;
    status = DecryptMessage(&client->context, &description, 0, NULL);
    if (status == SEC_E_OK || status == SEC_E_INCOMPLETE_MESSAGE)
        return true;
    if (status != SEC_I_RENEGOTIATE)
        return false;
    side_prepare(client);
    return side_finish(client, side_call(client, NULL));
}

bool sspi_pair_resumed(struct bench_sspi_pair *pair)
{
    SecPkgContext_SessionInfo info = {0};

    return QueryContextAttributesW(&pair->client.context, SECPKG_ATTR_SESSION_INFO, &info) ==
               SEC_E_OK &&
           info.dwFlags & SSL_SESSION_RECONNECT;
}

static void side_delete(struct bench_side *side)
{
    double start = bench_clock(BENCH_CLOCK_WALL);

    if (side->has_context && !side->native_credentials)
        DeleteSecurityContext(&side->context);
    native_free(BENCH_CALL_PEER_FREE, side->native);
    side->native = 0;
    side->has_context = false;
    side->ns += bench_clock(BENCH_CLOCK_WALL) - start;
}

void sspi_pair_delete(struct bench_sspi_pair *pair)
{
    side_delete(&pair->client);
    side_delete(&pair->server);
}
