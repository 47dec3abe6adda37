/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QueryContextAttributes and SetContextAttributes for Schannel: which attributes there are, how
 * large their structures are and when they exist; the answers that need no file of their own.
 *
 * What describes the finished connection is SEC_E_INVALID_HANDLE before the handshake is done, as
 * on Windows, where the context is not a usable one until then. An attribute we do not have is
 * SEC_E_UNSUPPORTED_FUNCTION. A structure too small for its attribute (QueryContextAttributesEx) is
 * SEC_E_BUFFER_TOO_SMALL.
 */
#include "schannel/attributes/attributes.h"
#include "core/ansi.h"
#include "core/memory.h"
#include "core/package.h"
#include "schannel/attributes/attributes_cert.h"
#include "schannel/attributes/attributes_connection.h"
#include "schannel/attributes/attributes_datagram.h"
#include "schannel/attributes/attributes_secret.h"
#include "schannel/attributes/attributes_set.h"
#include "schannel/attributes/srtp.h"
#include "schannel/base/buffers.h"
#include "schannel/base/context.h"
#include "schannel/base/engine.h"
#include "winegnutls/unixlib.h"

#include <string.h>

static SECURITY_STATUS query_stream_sizes(struct schannel_context *context, void *buffer)
{
    SecPkgContext_StreamSizes *sizes = buffer;

    sizes->cbHeader = context->sizes.header;
    sizes->cbTrailer = context->sizes.trailer;
    sizes->cbMaximumMessage = context->sizes.max_data;
    sizes->cBuffers = 4;
    sizes->cbBlockSize = context->sizes.block;
    return SEC_E_OK;
}

static SECURITY_STATUS query_sizes(struct schannel_context *context, void *buffer)
{
    SecPkgContext_Sizes *sizes = buffer;

    sizes->cbMaxToken = SCHANNEL_MAX_TOKEN;
    sizes->cbMaxSignature = context->sizes.trailer;
    sizes->cbBlockSize = context->sizes.block;
    sizes->cbSecurityTrailer = context->sizes.header + context->sizes.trailer;
    return SEC_E_OK;
}

static SECURITY_STATUS query_flags(struct schannel_context *context, void *buffer)
{
    ((SecPkgContext_Flags *)buffer)->Flags = context->attributes;
    return SEC_E_OK;
}

static SECURITY_STATUS query_package_info(struct schannel_context *context, void *buffer)
{
    SecPkgContext_PackageInfoW *info = buffer;

    info->PackageInfo = package_info_copy(context->base.object.package->info, false);
    return info->PackageInfo ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;
}

/* The server's name as it was sent: what the program gave on the client, SNI on the server. */
static SECURITY_STATUS query_target(struct schannel_context *context, void *buffer)
{
    struct tls_names names = {.session = context->session};
    SECURITY_STATUS status = session_call(context, TLS_CALL_NAMES, &names);
    SecPkgContext_Target *target = buffer;

    if (status)
        return status;
    if (!names.server_name_size)
        return SEC_E_TARGET_UNKNOWN;
    target->Target = heap_zalloc(names.server_name_size + 1);
    if (!target->Target)
        return SEC_E_INSUFFICIENT_MEMORY;
    memcpy(target->Target, names.server_name, names.server_name_size);
    target->TargetLength = names.server_name_size;
    return SEC_E_OK;
}

static SECURITY_STATUS query_specified_target(struct schannel_context *context, void *buffer)
{
    struct tls_names names = {.session = context->session};
    SECURITY_STATUS status = session_call(context, TLS_CALL_NAMES, &names);
    SecPkgContext_ClientSpecifiedTarget *target = buffer;
    uint32_t size = context->target ? (uint32_t)lstrlenW(context->target) : names.server_name_size;

    if (status)
        return status;
    if (!size)
        return SEC_E_TARGET_UNKNOWN;
    target->sTargetName = heap_zalloc((size + 1) * sizeof(WCHAR));
    if (!target->sTargetName)
        return SEC_E_INSUFFICIENT_MEMORY;
    for (uint32_t i = 0; i < size; i++)
        target->sTargetName[i] = context->target ? context->target[i] : (BYTE)names.server_name[i];
    return SEC_E_OK;
}

static const struct {
    ULONG attribute;
    ULONG size;
    enum { ANY_TIME, CONNECTED } when;
    SECURITY_STATUS (*query)(struct schannel_context *context, void *buffer);
} queries[] = {
    {SECPKG_ATTR_SIZES, sizeof(SecPkgContext_Sizes), CONNECTED, query_sizes},
    {SECPKG_ATTR_NAMES, sizeof(SecPkgContext_NamesW), CONNECTED, query_names},
    {SECPKG_ATTR_STREAM_SIZES, sizeof(SecPkgContext_StreamSizes), CONNECTED, query_stream_sizes},
    {SECPKG_ATTR_LIFESPAN, sizeof(SecPkgContext_Lifespan), CONNECTED, query_lifespan},
    {SECPKG_ATTR_KEY_INFO, sizeof(SecPkgContext_KeyInfoW), CONNECTED, query_key_info},
    {SECPKG_ATTR_AUTHORITY, sizeof(SecPkgContext_AuthorityW), CONNECTED, query_authority},
    {SECPKG_ATTR_PACKAGE_INFO, sizeof(SecPkgContext_PackageInfoW), ANY_TIME, query_package_info},
    {SECPKG_ATTR_FLAGS, sizeof(SecPkgContext_Flags), ANY_TIME, query_flags},
    {SECPKG_ATTR_TARGET, sizeof(SecPkgContext_Target), CONNECTED, query_target},
    {SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, sizeof(SecPkgContext_ClientSpecifiedTarget), CONNECTED,
     query_specified_target},
    {SECPKG_ATTR_UNIQUE_BINDINGS, sizeof(SecPkgContext_Bindings), CONNECTED, query_unique_bindings},
    {SECPKG_ATTR_ENDPOINT_BINDINGS, sizeof(SecPkgContext_Bindings), CONNECTED,
     query_endpoint_bindings},
    {SECPKG_ATTR_DTLS_MTU, sizeof(SEC_DTLS_MTU), ANY_TIME, query_mtu},
    {SECPKG_ATTR_APPLICATION_PROTOCOL, sizeof(SecPkgContext_ApplicationProtocol), CONNECTED,
     query_application_protocol},
    {SECPKG_ATTR_NEGOTIATED_TLS_EXTENSIONS, sizeof(SecPkgContext_NegotiatedTlsExtensions),
     CONNECTED, query_tls_extensions},
    {SECPKG_ATTR_REMOTE_CERT_CONTEXT, sizeof(CERT_CONTEXT *), ANY_TIME, query_remote_certificate},
    {SECPKG_ATTR_ISSUER_LIST_EX, sizeof(SecPkgContext_IssuerListInfoEx), ANY_TIME, query_issuers},
    {SECPKG_ATTR_REMOTE_CERT_CHAIN, sizeof(CERT_CONTEXT *), ANY_TIME, query_remote_certificate},
    {SECPKG_ATTR_REMOTE_CERTIFICATES, sizeof(SecPkgContext_Certificates), ANY_TIME,
     query_remote_certificates},
    {SECPKG_ATTR_LOCAL_CERT_CONTEXT, sizeof(CERT_CONTEXT *), CONNECTED, query_local_certificate},
    {SECPKG_ATTR_LOCAL_CERT_INFO, sizeof(SecPkgContext_CertInfo), CONNECTED,
     query_local_certificate_info},
    {SECPKG_ATTR_CONNECTION_INFO, sizeof(SecPkgContext_ConnectionInfo), CONNECTED,
     query_connection_info},
    {SECPKG_ATTR_CONNECTION_INFO_EX, sizeof(SecPkgContext_ConnectionInfoEx), CONNECTED,
     query_connection_info_ex},
    {SECPKG_ATTR_CIPHER_INFO, sizeof(SecPkgContext_CipherInfo), CONNECTED, query_cipher_info},
    {SECPKG_ATTR_EAP_KEY_BLOCK, sizeof(SecPkgContext_EapKeyBlock), CONNECTED, query_eap_key_block},
    {SECPKG_ATTR_APP_DATA, sizeof(SecPkgContext_SessionAppData), ANY_TIME, query_application_data},
    {SECPKG_ATTR_SUPPORTED_SIGNATURES, sizeof(SecPkgContext_SupportedSignatures), ANY_TIME,
     query_signatures},
    {SECPKG_ATTR_CERT_CHECK_RESULT, sizeof(struct certificate_check), ANY_TIME, query_check_result},
    {SECPKG_ATTR_CERT_CHECK_RESULT_INPROC, sizeof(struct certificate_check), CONNECTED,
     query_check_result},
    {SECPKG_ATTR_SERIALIZED_REMOTE_CERT_CONTEXT, sizeof(CERT_BLOB), ANY_TIME,
     query_serialized_chain},
    {SECPKG_ATTR_SERIALIZED_REMOTE_CERT_CONTEXT_INPROC, sizeof(CERT_BLOB), CONNECTED,
     query_serialized_chain},
    {SECPKG_ATTR_SESSION_INFO, sizeof(SecPkgContext_SessionInfo), CONNECTED, query_session_info},
    {SECPKG_ATTR_SRTP_PARAMETERS, sizeof(SecPkgContext_SrtpParameters), CONNECTED,
     query_srtp_parameters},
    {SECPKG_ATTR_KEYING_MATERIAL, sizeof(SecPkgContext_KeyingMaterial), CONNECTED,
     query_keying_material},
    {SECPKG_ATTR_KEYING_MATERIAL_INPROC, sizeof(SecPkgContext_KeyingMaterial_Inproc), CONNECTED,
     query_keying_material_inproc},
};

SECURITY_STATUS schannel_query_context(struct context *base, ULONG attribute, void *buffer,
                                       ULONG size, bool ansi)
{
    struct schannel_context *context = (struct schannel_context *)base;
    SECURITY_STATUS status;

    for (unsigned int i = 0; i < ARRAYSIZE(queries); i++) {
        if (queries[i].attribute != attribute)
            continue;
        if (size < queries[i].size)
            return SEC_E_BUFFER_TOO_SMALL;
        if (queries[i].when == CONNECTED && !context->connected)
            return SEC_E_INVALID_HANDLE;
        status = queries[i].query(context, buffer);
        if (!status && ansi)
            status = context_attribute_to_ansi(attribute, buffer);
        return status;
    }
    return SEC_E_UNSUPPORTED_FUNCTION;
}

static const struct {
    ULONG attribute;
    ULONG size;
    SECURITY_STATUS (*set)(struct schannel_context *context, const void *buffer);
} settings[] = {
    {SECPKG_ATTR_APP_DATA, sizeof(SecPkgContext_SessionAppData), set_application_data},
    {SECPKG_ATTR_DTLS_MTU, sizeof(SEC_DTLS_MTU), set_mtu},
    {SECPKG_ATTR_EAP_PRF_INFO, sizeof(SecPkgContext_EapPrfInfo), set_eap_prf_info},
    {SECPKG_ATTR_UI_INFO, sizeof(SecPkgContext_UiInfo), set_ui_info},
    {SECPKG_ATTR_EARLY_START, sizeof(SecPkgContext_EarlyStart), set_early_start},
    {SECPKG_ATTR_KEYING_MATERIAL_INFO, sizeof(SecPkgContext_KeyingMaterialInfo),
     set_keying_material_info},
};

/* No structure that can be set has a wide string in it. */
SECURITY_STATUS schannel_set_context(struct context *base, ULONG attribute, void *buffer,
                                     ULONG size, bool ansi)
{
    struct schannel_context *context = (struct schannel_context *)base;

    (void)ansi;
    for (unsigned int i = 0; i < ARRAYSIZE(settings); i++) {
        if (settings[i].attribute == attribute)
            return size < settings[i].size ? SEC_E_BUFFER_TOO_SMALL
                                           : settings[i].set(context, buffer);
    }
    return SEC_E_UNSUPPORTED_FUNCTION;
}

void schannel_release_attributes(struct schannel_context *context)
{
    release_keying_request(context);
    release_application_data(context);
    srtp_release(context);
}
