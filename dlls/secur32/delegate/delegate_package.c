/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Wine's packages as packages of ours: each of our objects holds the delegate's handle, each
 * operation calls the delegate's function table.
 *
 * Wine's packages do not expect two calls on one context at a time, but ours may come from the lane
 * and from the data path together; a lock in each context keeps them apart. A context keeps its
 * credentials, which Wine does not promise either.
 *
 * Wine's Schannel is one of them where the engine of ours is missing; its credentials are described
 * by no identity, but by structures that are the same for everybody.
 */
#include "delegate/delegate_package.h"
#include "core/ansi.h"
#include "core/identity.h"
#include "core/memory.h"
#include "core/object.h"
#include "core/package.h"
#include "delegate/delegate.h"

#include <subauth.h>
#include <schannel.h>

struct delegate_credentials {
    struct credentials base;
    CredHandle handle;
};

struct delegate_context {
    struct context base;
    CtxtHandle handle;
    SRWLOCK lock;
    struct delegate_credentials *credentials; /* a reference, or NULL */
};

static struct delegate_credentials *credentials_from(struct credentials *credentials)
{
    return (struct delegate_credentials *)credentials;
}

static struct delegate_context *context_from(struct context *context)
{
    return (struct delegate_context *)context;
}

static void destroy_credentials(struct object *object)
{
    struct delegate_credentials *credentials = (struct delegate_credentials *)object;

    delegate_table()->FreeCredentialsHandle(&credentials->handle);
    heap_free(credentials);
}

static void destroy_context(struct object *object)
{
    struct delegate_context *context = (struct delegate_context *)object;

    delegate_table()->DeleteSecurityContext(&context->handle);
    if (context->credentials)
        object_release(&context->credentials->base.object);
    heap_free(context);
}

static struct delegate_context *new_context(const struct package *package,
                                            struct delegate_credentials *credentials)
{
    struct delegate_context *context = heap_zalloc(sizeof(*context));

    if (!context)
        return NULL;
    context->base.object.kind = OBJECT_CONTEXT;
    context->base.object.package = package;
    context->base.object.destroy = destroy_context;
    context->credentials = credentials;
    return context;
}

/*
 * The identity in the one form that every package of Wine reads. Wiped and freed by
 * identity_release on `parts`.
 */
static SECURITY_STATUS plain_identity(const struct acquire_args *args, struct identity *parts,
                                      SEC_WINNT_AUTH_IDENTITY_W *plain)
{
    SECURITY_STATUS status = identity_parse(args->auth_data, args->ansi, parts);

    if (status < 0)
        return status;
    plain->User = (unsigned short *)parts->user;
    plain->UserLength = parts->user_length;
    plain->Domain = (unsigned short *)parts->domain;
    plain->DomainLength = parts->domain_length;
    plain->Password = (unsigned short *)parts->password;
    plain->PasswordLength = parts->password_length;
    plain->Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE;
    return SEC_E_OK;
}

static SECURITY_STATUS delegate_acquire(const struct package *package,
                                        const struct acquire_args *args,
                                        struct credentials **credentials, TimeStamp *expiry)
{
    struct delegate_credentials *made;
    struct identity parts = {0};
    SEC_WINNT_AUTH_IDENTITY_W plain;
    void *auth_data = args->auth_data;
    SECURITY_STATUS status = SEC_E_OK;

    made = heap_zalloc(sizeof(*made));
    if (!made)
        return SEC_E_INSUFFICIENT_MEMORY;
    made->base.object.kind = OBJECT_CREDENTIALS;
    made->base.object.package = package;
    made->base.object.destroy = destroy_credentials;
    if (auth_data && package->info->wRPCID != UNISP_RPC_ID) {
        status = plain_identity(args, &parts, &plain);
        auth_data = &plain;
    }
    if (status >= 0)
        status = delegate_table()->AcquireCredentialsHandleW(
            (SEC_WCHAR *)args->principal, package->info->Name, args->use, args->logon_id, auth_data,
            args->get_key, args->get_key_argument, &made->handle, expiry);
    identity_release(&parts);
    if (status < 0)
        heap_free(made);
    else
        *credentials = &made->base;
    return status;
}

static SECURITY_STATUS delegate_add(struct credentials *credentials,
                                    const struct acquire_args *args, TimeStamp *expiry)
{
    struct identity parts = {0};
    SEC_WINNT_AUTH_IDENTITY_W plain;
    SECURITY_STATUS status = SEC_E_OK;

    if (args->auth_data)
        status = plain_identity(args, &parts, &plain);
    if (status >= 0)
        status = delegate_table()->AddCredentialsW(
            &credentials_from(credentials)->handle, (SEC_WCHAR *)args->principal,
            (SEC_WCHAR *)args->package, args->use, args->auth_data ? &plain : NULL, args->get_key,
            args->get_key_argument, expiry);
    identity_release(&parts);
    return status;
}

/* Before a leg: the context to work on, which is a new one on the first. */
static struct delegate_context *begin_leg(struct credentials *credentials, struct context *context)
{
    struct delegate_context *leg = context_from(context);

    if (!leg)
        leg = new_context(credentials->object.package, credentials_from(credentials));
    if (leg)
        AcquireSRWLockExclusive(&leg->lock);
    return leg;
}

/* Behind it: a new context is kept together with its credentials, or is gone. */
static SECURITY_STATUS end_leg(struct delegate_context *leg, struct context **context,
                               SECURITY_STATUS status)
{
    ReleaseSRWLockExclusive(&leg->lock);
    if (*context)
        return status;
    if (status < 0) {
        heap_free(leg);
        return status;
    }
    object_reference(&leg->credentials->base.object);
    *context = &leg->base;
    return status;
}

/* Wine's packages take each other's handles for their own. */
static bool are_strangers(const struct credentials *credentials, const struct context *context)
{
    return credentials && context && credentials->object.package != context->object.package;
}

static SECURITY_STATUS delegate_initialize(struct credentials *credentials,
                                           struct context **context,
                                           const struct initialize_args *args)
{
    struct delegate_context *leg;
    SECURITY_STATUS status;

    if (are_strangers(credentials, *context))
        return SEC_E_INVALID_HANDLE;
    leg = begin_leg(credentials, *context);
    if (!leg)
        return SEC_E_INSUFFICIENT_MEMORY;
    status = delegate_table()->InitializeSecurityContextW(
        credentials ? &credentials_from(credentials)->handle : NULL, *context ? &leg->handle : NULL,
        (SEC_WCHAR *)args->target, args->requirements, args->reserved1, args->data_representation,
        args->input, args->reserved2, &leg->handle, args->output, args->attributes, args->expiry);
    return end_leg(leg, context, status);
}

static SECURITY_STATUS delegate_accept(struct credentials *credentials, struct context **context,
                                       const struct accept_args *args)
{
    struct delegate_context *leg;
    SECURITY_STATUS status;

    if (are_strangers(credentials, *context))
        return SEC_E_INVALID_HANDLE;
    leg = begin_leg(credentials, *context);
    if (!leg)
        return SEC_E_INSUFFICIENT_MEMORY;
    status = delegate_table()->AcceptSecurityContext(
        credentials ? &credentials_from(credentials)->handle : NULL, *context ? &leg->handle : NULL,
        args->input, args->requirements, args->data_representation, &leg->handle, args->output,
        args->attributes, args->expiry);
    return end_leg(leg, context, status);
}

static SECURITY_STATUS delegate_complete(struct context *context, SecBufferDesc *token)
{
    struct delegate_context *own = context_from(context);
    SECURITY_STATUS status;

    AcquireSRWLockExclusive(&own->lock);
    status = delegate_table()->CompleteAuthToken(&own->handle, token);
    ReleaseSRWLockExclusive(&own->lock);
    return status;
}

static SECURITY_STATUS delegate_control(struct context *context, SecBufferDesc *input)
{
    struct delegate_context *own = context_from(context);
    SECURITY_STATUS status;

    AcquireSRWLockExclusive(&own->lock);
    status = delegate_table()->ApplyControlToken(&own->handle, input);
    ReleaseSRWLockExclusive(&own->lock);
    return status;
}

static SECURITY_STATUS delegate_encrypt(struct context *context, ULONG qop, SecBufferDesc *message,
                                        ULONG sequence)
{
    struct delegate_context *own = context_from(context);
    SECURITY_STATUS status;

    AcquireSRWLockExclusive(&own->lock);
    status = delegate_table()->EncryptMessage(&own->handle, qop, message, sequence);
    ReleaseSRWLockExclusive(&own->lock);
    return status;
}

static SECURITY_STATUS delegate_decrypt(struct context *context, SecBufferDesc *message,
                                        ULONG sequence, ULONG *qop)
{
    struct delegate_context *own = context_from(context);
    SECURITY_STATUS status;

    AcquireSRWLockExclusive(&own->lock);
    status = delegate_table()->DecryptMessage(&own->handle, message, sequence, qop);
    ReleaseSRWLockExclusive(&own->lock);
    return status;
}

static SECURITY_STATUS delegate_sign(struct context *context, ULONG qop, SecBufferDesc *message,
                                     ULONG sequence)
{
    struct delegate_context *own = context_from(context);
    SECURITY_STATUS status;

    AcquireSRWLockExclusive(&own->lock);
    status = delegate_table()->MakeSignature(&own->handle, qop, message, sequence);
    ReleaseSRWLockExclusive(&own->lock);
    return status;
}

static SECURITY_STATUS delegate_verify(struct context *context, SecBufferDesc *message,
                                       ULONG sequence, ULONG *qop)
{
    struct delegate_context *own = context_from(context);
    SECURITY_STATUS status;

    AcquireSRWLockExclusive(&own->lock);
    status = delegate_table()->VerifySignature(&own->handle, message, sequence, qop);
    ReleaseSRWLockExclusive(&own->lock);
    return status;
}

/* Wine's packages are not told the buffer's size; so it is compared here. 0: not known. */
static ULONG context_attribute_size(ULONG attribute)
{
    static const struct {
        ULONG attribute, size;
    } sizes[] = {
        {SECPKG_ATTR_SIZES, sizeof(SecPkgContext_Sizes)},
        {SECPKG_ATTR_NAMES, sizeof(SecPkgContext_NamesW)},
        {SECPKG_ATTR_LIFESPAN, sizeof(SecPkgContext_Lifespan)},
        {SECPKG_ATTR_DCE_INFO, sizeof(SecPkgContext_DceInfo)},
        {SECPKG_ATTR_STREAM_SIZES, sizeof(SecPkgContext_StreamSizes)},
        {SECPKG_ATTR_KEY_INFO, sizeof(SecPkgContext_KeyInfoW)},
        {SECPKG_ATTR_AUTHORITY, sizeof(SecPkgContext_AuthorityW)},
        {SECPKG_ATTR_PROTO_INFO, sizeof(SecPkgContext_ProtoInfoW)},
        {SECPKG_ATTR_PASSWORD_EXPIRY, sizeof(SecPkgContext_PasswordExpiry)},
        {SECPKG_ATTR_SESSION_KEY, sizeof(SecPkgContext_SessionKey)},
        {SECPKG_ATTR_PACKAGE_INFO, sizeof(SecPkgContext_PackageInfoW)},
        {SECPKG_ATTR_NEGOTIATION_INFO, sizeof(SecPkgContext_NegotiationInfoW)},
        {SECPKG_ATTR_NATIVE_NAMES, sizeof(SecPkgContext_NativeNamesW)},
        {SECPKG_ATTR_FLAGS, sizeof(SecPkgContext_Flags)},
        {SECPKG_ATTR_CREDENTIAL_NAME, sizeof(SecPkgContext_CredentialNameW)},
        {SECPKG_ATTR_TARGET_INFORMATION, sizeof(SecPkgContext_TargetInformation)},
        {SECPKG_ATTR_ACCESS_TOKEN, sizeof(SecPkgContext_AccessToken)},
        {SECPKG_ATTR_UNIQUE_BINDINGS, sizeof(SecPkgContext_Bindings)},
        {SECPKG_ATTR_ENDPOINT_BINDINGS, sizeof(SecPkgContext_Bindings)},
        {SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, sizeof(SecPkgContext_ClientSpecifiedTarget)},
    };

    for (unsigned int i = 0; i < ARRAYSIZE(sizes); i++)
        if (sizes[i].attribute == attribute)
            return sizes[i].size;
    return 0;
}

static SECURITY_STATUS delegate_query_context(struct context *context, ULONG attribute,
                                              void *buffer, ULONG size, bool ansi)
{
    struct delegate_context *own = context_from(context);
    SECURITY_STATUS status;

    if (size < context_attribute_size(attribute))
        return SEC_E_BUFFER_TOO_SMALL;
    AcquireSRWLockExclusive(&own->lock);
    status = delegate_table()->QueryContextAttributesW(&own->handle, attribute, buffer);
    ReleaseSRWLockExclusive(&own->lock);
    if (status >= 0 && ansi)
        status = context_attribute_to_ansi(attribute, buffer);
    return status;
}

static SECURITY_STATUS delegate_set_context(struct context *context, ULONG attribute, void *buffer,
                                            ULONG size, bool ansi)
{
    struct delegate_context *own = context_from(context);
    SET_CONTEXT_ATTRIBUTES_FN_W set = (SET_CONTEXT_ATTRIBUTES_FN_W)(void (*)(
        void))delegate_function(ansi ? "SetContextAttributesA" : "SetContextAttributesW");
    SECURITY_STATUS status;

    if (!set)
        return SEC_E_UNSUPPORTED_FUNCTION;
    AcquireSRWLockExclusive(&own->lock);
    status = set(&own->handle, attribute, buffer, size);
    ReleaseSRWLockExclusive(&own->lock);
    return status;
}

static SECURITY_STATUS delegate_query_credentials(struct credentials *credentials, ULONG attribute,
                                                  void *buffer, ULONG size, bool ansi)
{
    SECURITY_STATUS status;

    if ((attribute == SECPKG_CRED_ATTR_NAMES && size < sizeof(SecPkgCredentials_NamesW)) ||
        (attribute == SECPKG_CRED_ATTR_SSI_PROVIDER &&
         size < sizeof(SecPkgCredentials_SSIProviderW)))
        return SEC_E_BUFFER_TOO_SMALL;
    status = delegate_table()->QueryCredentialsAttributesW(&credentials_from(credentials)->handle,
                                                           attribute, buffer);
    if (status >= 0 && ansi)
        status = credentials_attribute_to_ansi(attribute, buffer);
    return status;
}

static SECURITY_STATUS delegate_set_credentials(struct credentials *credentials, ULONG attribute,
                                                void *buffer, ULONG size, bool ansi)
{
    SET_CREDENTIALS_ATTRIBUTES_FN_W set = (SET_CREDENTIALS_ATTRIBUTES_FN_W)(void (*)(
        void))delegate_function(ansi ? "SetCredentialsAttributesA" : "SetCredentialsAttributesW");

    if (!set)
        return SEC_E_UNSUPPORTED_FUNCTION;
    return set(&credentials_from(credentials)->handle, attribute, buffer, size);
}

static SECURITY_STATUS delegate_impersonate(struct context *context)
{
    struct delegate_context *own = context_from(context);
    SECURITY_STATUS status;

    AcquireSRWLockExclusive(&own->lock);
    status = delegate_table()->ImpersonateSecurityContext(&own->handle);
    ReleaseSRWLockExclusive(&own->lock);
    return status;
}

static SECURITY_STATUS delegate_revert(struct context *context)
{
    struct delegate_context *own = context_from(context);
    SECURITY_STATUS status;

    AcquireSRWLockExclusive(&own->lock);
    status = delegate_table()->RevertSecurityContext(&own->handle);
    ReleaseSRWLockExclusive(&own->lock);
    return status;
}

static SECURITY_STATUS delegate_query_token(struct context *context, void **token)
{
    struct delegate_context *own = context_from(context);
    SECURITY_STATUS status;

    AcquireSRWLockExclusive(&own->lock);
    status = delegate_table()->QuerySecurityContextToken(&own->handle, token);
    ReleaseSRWLockExclusive(&own->lock);
    return status;
}

static SECURITY_STATUS delegate_export(struct context *context, ULONG flags, SecBuffer *packed,
                                       void **token)
{
    struct delegate_context *own = context_from(context);
    SECURITY_STATUS status;

    AcquireSRWLockExclusive(&own->lock);
    /* Whether the context goes is for the core to say: its object still holds the handle. */
    status = delegate_table()->ExportSecurityContext(
        &own->handle, flags & ~SECPKG_CONTEXT_EXPORT_DELETE_OLD, packed, token);
    ReleaseSRWLockExclusive(&own->lock);
    return status;
}

static SECURITY_STATUS delegate_import(const struct package *package, SecBuffer *packed,
                                       void *token, struct context **context)
{
    struct delegate_context *own = new_context(package, NULL);
    SECURITY_STATUS status;

    if (!own)
        return SEC_E_INSUFFICIENT_MEMORY;
    status =
        delegate_table()->ImportSecurityContextW(package->info->Name, packed, token, &own->handle);
    if (status < 0)
        heap_free(own);
    else
        *context = &own->base;
    return status;
}

const struct package_operations delegate_operations = {
    .acquire = delegate_acquire,
    .initialize = delegate_initialize,
    .accept = delegate_accept,
    .complete = delegate_complete,
    .apply_control_token = delegate_control,
    .encrypt = delegate_encrypt,
    .decrypt = delegate_decrypt,
    .make_signature = delegate_sign,
    .verify_signature = delegate_verify,
    .query_context = delegate_query_context,
    .set_context = delegate_set_context,
    .query_credentials = delegate_query_credentials,
    .set_credentials = delegate_set_credentials,
    .impersonate = delegate_impersonate,
    .revert = delegate_revert,
    .query_token = delegate_query_token,
    .export_context = delegate_export,
    .import_context = delegate_import,
    .add_credentials = delegate_add,
};
