/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kit/end.h"

static void notify(SspiAsyncContext *async, void *argument)
{
    struct end *end = argument;

    ok(async == end->async, "the callback is another context's");
    end->callbacks++;
    end->callback_thread = current_thread();
    event_set(end->done);
}

void begin(struct end *end)
{
    NTSTATUS status = SspiReinitAsyncContext(end->async);

    ok(status == 0, "SspiReinitAsyncContext: %08lx", status);
    event_clear(end->done);
    end->callbacks = 0;
}

SECURITY_STATUS wait_for(struct end *end, SECURITY_STATUS queued)
{
    if (queued != SEC_E_OK)
        return queued;
    ok(event_wait(end->done), "no callback came");
    ok(end->callbacks == 1, "%d callbacks", end->callbacks);
    ok(end->callback_thread != current_thread(), "the callback came on the caller's thread");
    return SspiGetAsyncCallStatus(end->async);
}

static SECURITY_STATUS acquire(struct end *end, void *auth_data)
{
    ULONG use = end->is_server ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND;
    SECURITY_STRING package = text_of(L"Schannel");

    return wait_for(end, SspiAcquireCredentialsHandleAsyncW(end->async, NULL, &package, use, NULL,
                                                            auth_data, NULL, NULL, &end->credential,
                                                            NULL));
}

BOOLEAN end_open(struct end *end, BOOLEAN is_server)
{
    SCHANNEL_CERT_HASH_STORE hash = {
        .dwLength = sizeof(hash), .dwFlags = SCH_MACHINE_CERT_HASH, .pwszStoreName = L"MY"};
    SCH_CREDENTIALS settings = {.dwVersion = SCH_CREDENTIALS_VERSION};
    SECURITY_STATUS status;

    memset(end, 0, sizeof(*end));
    end->is_server = is_server;
    end->done = event_create();
    end->async = SspiCreateAsyncContext();
    ok(end->done && end->async, "no memory");
    if (!end->done || !end->async)
        return FALSE;
    ok(!SspiAsyncContextRequiresNotify(end->async), "a callback that nobody has set");
    status = SspiSetAsyncNotifyCallback(end->async, notify, end);
    ok(status == SEC_E_OK, "SspiSetAsyncNotifyCallback: %08lx", status);
    ok(SspiAsyncContextRequiresNotify(end->async), "no callback");
    ok(SspiGetAsyncCallStatus(end->async) == SEC_I_ASYNC_CALL_PENDING, "a status before a call");

    if (is_server) {
        memcpy(hash.ShaHash, server_hash, sizeof(server_hash));
        settings.dwCredFormat = SCH_CRED_FORMAT_CERT_HASH_STORE;
        settings.cCreds = 1;
        settings.paCred = (PCCERT_CONTEXT *)(void *)&hash;
    } else {
        settings.dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION | SCH_CRED_NO_DEFAULT_CREDS;
    }
    begin(end);
    status = acquire(end, &settings);
    ok(status == SEC_E_OK, "%s's credential: %08lx", is_server ? "server" : "client", status);
    end->has_credential = status == SEC_E_OK;
    return end->has_credential;
}

void end_close(struct end *end)
{
    SECURITY_STATUS status;

    if (end->has_context) {
        begin(end);
        status = wait_for(end, SspiDeleteSecurityContextAsync(end->async, &end->context));
        ok(status == SEC_E_OK, "SspiDeleteSecurityContextAsync: %08lx", status);
    }
    if (end->has_credential) {
        begin(end);
        status = wait_for(end, SspiFreeCredentialsHandleAsync(end->async, &end->credential));
        ok(status == SEC_E_OK, "SspiFreeCredentialsHandleAsync: %08lx", status);
    }
    if (end->output.pvBuffer)
        FreeContextBuffer(end->output.pvBuffer);
    SspiFreeAsyncContext(end->async);
    event_free(end->done);
}

void queue_leg(struct end *end, const SecBuffer *token, SECURITY_STRING *target)
{
    CtxtHandle *context = end->has_context ? &end->context : NULL;
    SecBufferDesc *input = NULL;
    SECURITY_STATUS queued;

    if (end->output.pvBuffer)
        FreeContextBuffer(end->output.pvBuffer);
    end->output = (SecBuffer){.BufferType = SECBUFFER_TOKEN};
    end->output_list = (SecBufferDesc){SECBUFFER_VERSION, 1, &end->output};
    if (token) {
        end->input[0] = *token;
        end->input[1] = (SecBuffer){.BufferType = SECBUFFER_EMPTY};
        end->input_list = (SecBufferDesc){SECBUFFER_VERSION, 2, end->input};
        input = &end->input_list;
    }
    begin(end);
    if (end->is_server)
        queued = SspiAcceptSecurityContextAsync(
            end->async, &end->credential, context, input,
            ASC_REQ_STREAM | ASC_REQ_ALLOCATE_MEMORY | ASC_REQ_CONFIDENTIALITY, 0, &end->context,
            &end->output_list, &end->attributes, NULL);
    else
        queued = SspiInitializeSecurityContextAsyncW(
            end->async, &end->credential, context, target,
            ISC_REQ_STREAM | ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_CONFIDENTIALITY, 0, 0, input, 0,
            &end->context, &end->output_list, &end->attributes, NULL);
    ok(queued == SEC_E_OK, "queueing a leg: %08lx", queued);
    end->status = queued;
}

void finish_leg(struct end *end)
{
    end->status = wait_for(end, end->status);
    if (end->status >= 0)
        end->has_context = TRUE;
}

void shake_hands(struct end *client, struct end *server, SECURITY_STRING *target)
{
    client->status = server->status = SEC_I_CONTINUE_NEEDED;
    for (int turns = 0; turns < 10; turns++) {
        queue_leg(client, turns ? &server->output : NULL, target);
        finish_leg(client);
        if (client->status < 0 || !client->output.cbBuffer)
            break;
        queue_leg(server, &client->output, NULL);
        finish_leg(server);
        if (server->status < 0 || client->status == SEC_E_OK)
            break;
    }
    ok(client->status == SEC_E_OK, "the client ends with %08lx", client->status);
    ok(server->status == SEC_E_OK, "the server ends with %08lx", server->status);
}
