/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Schannel's security contexts: InitializeSecurityContext, AcceptSecurityContext, destruction.
 *
 * Here a call becomes a leg (legs/leg.c): buffers parsed, a context made on the first call. The
 * context is given to the core only when the first leg succeeds; a server's incomplete ClientHello
 * and a too small output buffer leave nothing behind, and the program calls again with a NULL
 * context.
 *
 * An existing context knows its side: whichever of the two functions is called, it goes on as what
 * it is. Qt's server, for one, makes its first call with AcceptSecurityContext and all others with
 * InitializeSecurityContext. The flags are those of the function that is called.
 *
 * The context attributes given back are those asked for that Schannel honours: programs compare
 * them with their request. As on Windows a client is told those of its first call by all others,
 * and some come unasked.
 */
#include "schannel/calls/calls.h"
#include "core/object.h"
#include "core/package.h"
#include "schannel/attributes/attributes.h"
#include "schannel/base/buffers.h"
#include "schannel/base/context.h"
#include "schannel/base/engine.h"
#include "schannel/calls/callers.h"
#include "schannel/calls/spare.h"
#include "schannel/credentials/cache.h"
#include "schannel/credentials/credentials.h"
#include "schannel/legs/carried.h"
#include "schannel/legs/held.h"
#include "schannel/legs/leg.h"
#include "schannel/legs/output.h"
#include "schannel/peer/target.h"
#include "winegnutls/unixlib.h"

/* Requests and answers have the same bits. */
#define CLIENT_ATTRIBUTES                                                                          \
    (ISC_RET_REPLAY_DETECT | ISC_RET_SEQUENCE_DETECT | ISC_RET_CONFIDENTIALITY |                   \
     ISC_RET_USE_SESSION_KEY | ISC_RET_USED_SUPPLIED_CREDS | ISC_RET_ALLOCATED_MEMORY |            \
     ISC_RET_CONNECTION | ISC_RET_EXTENDED_ERROR | ISC_RET_STREAM | ISC_RET_INTEGRITY |            \
     ISC_RET_MANUAL_CRED_VALIDATION | ISC_RET_MUTUAL_AUTH | ISC_RET_DATAGRAM)
#define CLIENT_UNASKED (ISC_RET_REPLAY_DETECT | ISC_RET_SEQUENCE_DETECT)
#define SERVER_ATTRIBUTES                                                                          \
    (ASC_RET_REPLAY_DETECT | ASC_RET_SEQUENCE_DETECT | ASC_RET_CONFIDENTIALITY |                   \
     ASC_RET_USE_SESSION_KEY | ASC_RET_ALLOCATED_MEMORY | ASC_RET_CONNECTION |                     \
     ASC_RET_EXTENDED_ERROR | ASC_RET_STREAM | ASC_RET_INTEGRITY | ASC_RET_MUTUAL_AUTH |           \
     ASC_RET_DATAGRAM)

/* ISC_REQ_DEFERRED_CRED_VALIDATION of newer SDKs, for FLAGS buffers. */
#define REQ_DEFERRED_CRED_VALIDATION 0x200000000ull

/* What SSPI calls never: the largest FILETIME that still converts in every time zone. */
#define NO_EXPIRY 0x7fffff36d5969fffll

static void destroy(struct object *object)
{
    struct schannel_context *context = (struct schannel_context *)object;
    struct tls_free call = {.object = context->session};

    if (context->session)
        engine_call(TLS_CALL_SESSION_FREE, &call);
    schannel_release_attributes(context);
    held_free(context);
    carried_free(context);
    output_free(context);
    object_release(&context->credentials->base.object);
    spare_give(context);
}

/* With the target's name behind it. */
static struct schannel_context *new_context(struct schannel_credentials *credentials,
                                            const SEC_WCHAR *target, bool datagram)
{
    SIZE_T target_size = target ? (wcslen(target) + 1) * sizeof(*target) : 0;
    struct schannel_context *context = spare_take(target_size);

    if (!context)
        return NULL;
    context->base.object.kind = OBJECT_CONTEXT;
    context->base.object.package = credentials->base.object.package;
    context->base.object.destroy = destroy;
    context->credentials = credentials;
    object_reference(&credentials->base.object);
    context->role = credentials->role;
    context->datagram = datagram;
    context->mtu = TLS_DEFAULT_MTU;
    if (target) {
        context->target = (SEC_WCHAR *)(void *)(context + 1);
        memcpy(context->target, target, target_size);
    }
    if (credentials->flags & SCH_CRED_DISABLE_RECONNECTS)
        context->no_reconnect = true;
    context->manual_validation = !judges_peers(credentials);
    return context;
}

/* Behind a first leg: the context goes to the core, or away. */
static SECURITY_STATUS settle_first(struct leg *leg, SECURITY_STATUS status,
                                    struct context **context)
{
    session_cache_release(leg->resume);
    /* A DTLS server that asked for a cookie has no session yet. */
    if (status >= 0 && (leg->context->session || leg->context->datagram)) {
        *context = &leg->context->base;
        return status;
    }
    destroy(&leg->context->base.object);
    return status < 0 ? status : SEC_E_ILLEGAL_MESSAGE;
}

static ULONG honoured(const struct schannel_context *context, ULONG requirements, ULONG possible)
{
    if (context->role == TLS_CLIENT)
        requirements |= CLIENT_UNASKED | (context->datagram ? ISC_RET_STREAM : 0);
    if (!context->datagram)
        possible &= ~ASC_RET_DATAGRAM;
    /* Asked for, but the client had no certificate. */
    if (context->connected && !context->peer_authenticated)
        possible &= ~ASC_RET_MUTUAL_AUTH;
    return requirements & possible;
}

/* Flags of a FLAGS buffer that fContextReq has no room for, or does not have, and we cannot do. */
static bool asks_too_much(ULONGLONG flags, ULONG requirements)
{
    return flags & ~(requirements | REQ_DEFERRED_CRED_VALIDATION);
}

/* A later call, by either function: with credentials of the context's own side, or with none. */
static SECURITY_STATUS resume(struct leg *leg, struct schannel_credentials *credentials)
{
    if (credentials && credentials->role != leg->context->role)
        return SEC_E_WRONG_CREDENTIAL_HANDLE;
    leg->credentials = credentials;
    return SEC_E_OK;
}

static SECURITY_STATUS begin_client(struct leg *leg, struct schannel_credentials *credentials,
                                    const struct initialize_args *args)
{
    struct schannel_context *context;

    if (!credentials)
        return SEC_E_INVALID_HANDLE;
    if (credentials->role != TLS_CLIENT)
        return SEC_E_WRONG_CREDENTIAL_HANDLE;
    if (!leg->buffers.output)
        return SEC_E_INVALID_TOKEN;
    leg->context = context =
        new_context(credentials, args->target, args->requirements & ISC_REQ_DATAGRAM);
    if (!context)
        return SEC_E_INSUFFICIENT_MEMORY;
    if (args->requirements & ISC_REQ_MANUAL_CRED_VALIDATION ||
        leg->buffers.flags & REQ_DEFERRED_CRED_VALIDATION)
        context->manual_validation = true;
    context->first_requirements = args->requirements & ~ISC_REQ_ALLOCATE_MEMORY;
    context->caller = caller_find(credentials, args->requirements);
    if (context->caller == CALLER_WININET)
        context->no_reconnect = true;
    if (!context->no_reconnect)
        leg->resume = session_cache_find(sessions_of(context->credentials, context->datagram),
                                         context->target, !context->manual_validation,
                                         credentials->session_lifespan);
    return SEC_E_OK;
}

static SECURITY_STATUS begin_server(struct leg *leg, struct schannel_credentials *credentials,
                                    ULONG requirements)
{
    if (!credentials)
        return SEC_E_INVALID_HANDLE;
    if (credentials->role != TLS_SERVER)
        return SEC_E_WRONG_CREDENTIAL_HANDLE;
    if (!credentials->certificate_count)
        return SEC_E_NO_CREDENTIALS;
    if (!leg->buffers.input || !leg->buffers.output)
        return SEC_E_INVALID_TOKEN;
    leg->context = new_context(credentials, NULL, requirements & ASC_REQ_DATAGRAM);
    return leg->context ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;
}

/* The two functions have flags of their own for the same things. */
struct flags {
    ULONG allocate, extended_error; /* *_REQ_ */
    ULONG attributes;               /* *_RET_: all that Schannel honours */
};

static const struct flags client_flags = {ISC_REQ_ALLOCATE_MEMORY, ISC_REQ_EXTENDED_ERROR,
                                          CLIENT_ATTRIBUTES};
static const struct flags server_flags = {ASC_REQ_ALLOCATE_MEMORY, ASC_REQ_EXTENDED_ERROR,
                                          SERVER_ATTRIBUTES};

/* The call as a leg, on the context that the program gave or none. */
static SECURITY_STATUS begin(struct leg *leg, struct context *context, const struct flags *flags,
                             ULONG requirements, const SecBufferDesc *input,
                             const SecBufferDesc *output)
{
    SECURITY_STATUS status;

    *leg = (struct leg){.context = (struct schannel_context *)context,
                        .first = !context,
                        .allocate = requirements & flags->allocate,
                        .allocate_alert = requirements & flags->allocate,
                        .extended_error = requirements & flags->extended_error};
    status = buffers_parse(input, output, &leg->buffers);
    if (status == SEC_E_OK && asks_too_much(leg->buffers.flags, requirements))
        status = SEC_E_UNSUPPORTED_FUNCTION;
    if (status == SEC_E_OK && !leg->allocate && buffers_lack_memory(&leg->buffers))
        status = SEC_E_INSUFFICIENT_MEMORY;
    /* Without memory, and without being asked for some, Windows allocates as well. */
    if (leg->buffers.output && !leg->buffers.output->pvBuffer)
        leg->allocate = true;
    return status;
}

static SECURITY_STATUS run(struct leg *leg, struct context **context, const struct flags *flags,
                           ULONG requirements, ULONG *attributes, TimeStamp *expiry)
{
    SECURITY_STATUS status;
    LONGLONG end;

    leg->context->requirements = requirements;
    status = leg_run(leg);
    if (flags == &client_flags)
        requirements |= leg->context->first_requirements;
    *attributes = honoured(leg->context, requirements, flags->attributes);
    leg->context->attributes = *attributes;
    end = leg->context->connected ? NO_EXPIRY : 0;
    expiry->LowPart = (DWORD)end;
    expiry->HighPart = (LONG)(end >> 32);
    return leg->first ? settle_first(leg, status, context) : status;
}

SECURITY_STATUS schannel_initialize(struct credentials *base, struct context **context,
                                    const struct initialize_args *args)
{
    struct schannel_credentials *credentials = (struct schannel_credentials *)base;
    char server_name[SERVER_NAME_MAX + 1];
    struct leg leg;
    SECURITY_STATUS status =
        begin(&leg, *context, &client_flags, args->requirements, args->input, args->output);

    if (status != SEC_E_OK)
        return status;
    if (leg.first && caller_tries_for_ever(credentials, args)) {
        output_give(&leg, NULL, 0);
        return SEC_E_OK;
    }
    status = leg.first ? begin_client(&leg, credentials, args) : resume(&leg, credentials);
    if (status != SEC_E_OK)
        return status;
    if (leg.first) {
        leg.server_name = server_name;
        leg.server_name_size = server_name_from_target(args->target, server_name);
    }
    return run(&leg, context, &client_flags, args->requirements, args->attributes, args->expiry);
}

SECURITY_STATUS schannel_accept(struct credentials *base, struct context **context,
                                const struct accept_args *args)
{
    struct schannel_credentials *credentials = (struct schannel_credentials *)base;
    struct leg leg;
    SECURITY_STATUS status =
        begin(&leg, *context, &server_flags, args->requirements, args->input, args->output);

    if (status != SEC_E_OK)
        return status;
    status =
        leg.first ? begin_server(&leg, credentials, args->requirements) : resume(&leg, credentials);
    if (status != SEC_E_OK)
        return status;
    return run(&leg, context, &server_flags, args->requirements, args->attributes, args->expiry);
}
