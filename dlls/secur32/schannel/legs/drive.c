/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The engine's part of one leg, and the answers to what it asks on the way, all within one call of
 * the program's:
 *
 *   TLS_VERIFY_PEER               the peer's chain is judged on this side (peer/validate.c)
 *   TLS_KEY_WANTED                a key that only its provider can use is used there
 *   SEC_I_INCOMPLETE_CREDENTIALS  the server wants a certificate and there is none: one of the
 *                                 user's is chosen (legs/default.c), or the program is asked
 */
#include "schannel/legs/drive.h"
#include "core/object.h"
#include "schannel/base/buffers.h"
#include "schannel/base/context.h"
#include "schannel/base/engine.h"
#include "schannel/credentials/credentials.h"
#include "schannel/keys/provider.h"
#include "schannel/legs/default.h"
#include "schannel/peer/validate.h"
#include "winegnutls/unixlib.h"

/* Has the credential's key used where it is, and tells the engine what came of it. */
static void use_key(const struct schannel_context *context)
{
    struct schannel_credentials *credentials = context->credentials;
    struct tls_key_request request = {.session = context->session};
    BYTE data[TLS_MAX_KEY_DATA];
    struct tls_key_answer answer = {
        .session = context->session, .data = (ULONG_PTR)data, .failure = SEC_E_NO_CREDENTIALS};
    DWORD size = 0;

    if (engine_call(TLS_CALL_KEY_REQUEST, &request) != SEC_E_OK || request.status != SEC_E_OK)
        return;
    if (request.key_index < credentials->certificate_count &&
        credentials->certificates[request.key_index].key &&
        schannel_use_provider_key(credentials->certificates[request.key_index].key, &request, data,
                                  &size) == SEC_E_OK)
        answer.size = size;
    engine_call(TLS_CALL_KEY_ANSWER, &answer);
    if (request.operation == TLS_KEY_DECRYPT)
        RtlSecureZeroMemory(data, sizeof(data));
}

static void take_credentials(struct schannel_context *context,
                             struct schannel_credentials *credentials)
{
    if (!credentials)
        return;
    object_reference(&credentials->base.object);
    object_release(&context->credentials->base.object);
    context->credentials = credentials;
}

/* What one leg comes to while the engine runs. */
struct progress {
    struct schannel_credentials *chosen; /* the user's, for a program that has none */
    SECURITY_STATUS verdict;             /* on the peer */
};

/* Makes call the answer to what the engine asks. False: it asks nothing, or nothing we know. */
static bool answer(struct schannel_context *context, struct tls_handshake *call,
                   struct progress *progress)
{
    uint32_t alert = 0;

    call->credentials = 0;
    switch (call->status) {
    case TLS_VERIFY_PEER:
        progress->verdict = schannel_validate_peer(context, &alert);
        call->action = TLS_ACTION_VERDICT;
        if (progress->verdict == SEC_E_OK)
            call->alert = 0;
        else
            call->alert = alert ? alert : TLS1_ALERT_CERTIFICATE_UNKNOWN;
        return true;
    case TLS_KEY_WANTED:
        use_key(context);
        call->action = TLS_ACTION_KEY_USED;
        return true;
    case SEC_I_INCOMPLETE_CREDENTIALS:
        if (progress->chosen || !(progress->chosen = schannel_default_credentials(context)))
            return false;
        call->credentials = progress->chosen->engine;
        call->action = TLS_ACTION_HANDSHAKE;
        return true;
    default:
        return false;
    }
}

/* Runs the engine until it needs the peer. The counts in call become those of the whole leg. */
void leg_drive(const struct leg *leg, struct tls_handshake *call)
{
    struct schannel_context *context = leg->context;
    struct progress progress = {.verdict = SEC_E_OK};
    uint32_t consumed = 0, written = 0;

    for (;;) {
        if (engine_call(TLS_CALL_HANDSHAKE, call) != SEC_E_OK) {
            call->status = SEC_E_INTERNAL_ERROR;
            call->consumed = call->written = call->pending = 0;
            call->alert = TLS_NO_ALERT;
        }
        context->session = call->session;
        consumed += call->consumed;
        written += call->written;
        if (call->credentials_taken && !leg->first)
            take_credentials(context, progress.chosen ? progress.chosen : leg->credentials);
        if (!answer(context, call, &progress))
            break;
        call->input += call->consumed;
        call->input_size -= call->consumed;
        call->output += call->written;
        call->output_size -= call->written;
    }
    if (progress.chosen)
        object_release(&progress.chosen->base.object);
    context->incomplete_credentials = call->status == SEC_I_INCOMPLETE_CREDENTIALS;
    context->carried.held = call->held;
    call->consumed = consumed;
    call->written = written;
    /* Why we refused the peer says more than that we did. */
    if (progress.verdict != SEC_E_OK && call->status < 0)
        call->status = progress.verdict;
}
