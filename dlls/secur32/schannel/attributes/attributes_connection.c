/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Attributes that say what was negotiated.
 *
 * The strength of a hash is that of the MAC and therefore 0 with an AEAD cipher, whose hash only
 * derives keys; CIPHER_INFO does not even name it then.
 */
#include "schannel/attributes/attributes_connection.h"
#include "core/memory.h"
#include "schannel/base/context.h"
#include "schannel/base/engine.h"
#include "schannel/credentials/settings.h"
#include "schannel/credentials/suites.h"
#include "winegnutls/unixlib.h"

#include <string.h>

#define TLS1_3_WIRE_VERSION 0x0304
/* More than IANA has signature schemes that anybody uses. */
#define MAX_SIGNATURES      64

static SECURITY_STATUS describe(struct schannel_context *context, struct tls_info *negotiated,
                                struct suite *suite)
{
    SECURITY_STATUS status = connection_info(context, negotiated);

    if (status == SEC_E_OK)
        suite_describe(negotiated->cipher_suite, negotiated->signature, suite);
    return status;
}

SECURITY_STATUS query_connection_info(struct schannel_context *context, void *buffer)
{
    SecPkgContext_ConnectionInfo *info = buffer;
    struct tls_info negotiated;
    struct suite suite;
    SECURITY_STATUS status = describe(context, &negotiated, &suite);

    if (status)
        return status;
    info->dwProtocol = schannel_protocol_bit(negotiated.version, context->role);
    info->aiCipher = suite.cipher->id;
    info->dwCipherStrength = suite.cipher->bits;
    info->aiHash = suite.hash->id;
    info->dwHashStrength = suite.aead ? 0 : suite.hash->bits;
    info->aiExch = suite.exchange->id;
    info->dwExchStrength = negotiated.exchange_bits;
    return SEC_E_OK;
}

SECURITY_STATUS query_connection_info_ex(struct schannel_context *context, void *buffer)
{
    SecPkgContext_ConnectionInfoEx *info = buffer;
    struct tls_info negotiated;
    struct suite suite;
    SECURITY_STATUS status = describe(context, &negotiated, &suite);

    if (status)
        return status;
    memset(info, 0, sizeof(*info));
    info->dwVersion = SECPKGCONTEXT_CONNECTION_INFO_EX_V1;
    info->dwProtocol = schannel_protocol_bit(negotiated.version, context->role);
    lstrcpynW(info->szCipher, suite.cipher->name, SZ_ALG_MAX_SIZE);
    info->dwCipherStrength = suite.cipher->bits;
    lstrcpynW(info->szHash, suite.hash->name, SZ_ALG_MAX_SIZE);
    info->dwHashStrength = suite.aead ? 0 : suite.hash->bits;
    lstrcpynW(info->szExchange, suite.exchange->name, SZ_ALG_MAX_SIZE);
    info->dwExchStrength = negotiated.exchange_bits;
    return SEC_E_OK;
}

SECURITY_STATUS query_cipher_info(struct schannel_context *context, void *buffer)
{
    SecPkgContext_CipherInfo *info = buffer;
    struct tls_info negotiated;
    struct suite suite;
    SECURITY_STATUS status = describe(context, &negotiated, &suite);

    if (status)
        return status;
    memset(info, 0, sizeof(*info));
    info->dwVersion = SECPKGCONTEXT_CIPHERINFO_V1;
    info->dwProtocol = negotiated.version;
    info->dwCipherSuite = negotiated.cipher_suite;
    info->dwBaseCipherSuite = negotiated.cipher_suite;
    lstrcpynW(info->szCipherSuite, suite.name, SZ_ALG_MAX_SIZE);
    lstrcpynW(info->szCipher, suite.cipher->name, SZ_ALG_MAX_SIZE);
    info->dwCipherLen = suite.cipher->bits;
    info->dwCipherBlockLen = suite.block_size;
    if (!suite.aead) {
        lstrcpynW(info->szHash, suite.hash->name, SZ_ALG_MAX_SIZE);
        info->dwHashLen = suite.hash->bits;
    }
    lstrcpynW(info->szExchange, suite.exchange->name, SZ_ALG_MAX_SIZE);
    info->dwMinExchangeLen = suite.exchange_minimum;
    info->dwMaxExchangeLen = suite.exchange_maximum;
    lstrcpynW(info->szCertificate, suite.certificate, SZ_ALG_MAX_SIZE);
    info->dwKeyType = suite_key_type(negotiated.group);
    return SEC_E_OK;
}

/* CryptoAPI's number of a certificate's kind of key. */
static ALG_ID signature_algorithm(const WCHAR *kind)
{
    if (!wcscmp(kind, L"RSA"))
        return CALG_RSA_SIGN;
    if (!wcscmp(kind, L"ECDSA"))
        return CALG_ECDSA;
    /* A kind that it does not know, or none: a resumed session of TLS 1.3. */
    return *kind ? CALG_OID_INFO_CNG_ONLY : 0;
}

static WCHAR *copy_string(const WCHAR *text)
{
    SIZE_T size = (lstrlenW(text) + 1) * sizeof(WCHAR);
    WCHAR *copy = heap_zalloc(size);

    if (copy)
        memcpy(copy, text, size);
    return copy;
}

SECURITY_STATUS query_key_info(struct schannel_context *context, void *buffer)
{
    SecPkgContext_KeyInfoW *info = buffer;
    struct tls_info negotiated;
    struct suite suite;
    SECURITY_STATUS status = describe(context, &negotiated, &suite);

    if (status)
        return status;
    info->sSignatureAlgorithmName = copy_string(suite.certificate);
    info->sEncryptAlgorithmName = copy_string(suite.cipher->name);
    if (!info->sSignatureAlgorithmName || !info->sEncryptAlgorithmName) {
        heap_free(info->sSignatureAlgorithmName);
        heap_free(info->sEncryptAlgorithmName);
        return SEC_E_INSUFFICIENT_MEMORY;
    }
    info->KeySize = suite.cipher->bits;
    info->SignatureAlgorithm = signature_algorithm(suite.certificate);
    info->EncryptAlgorithm = suite.cipher->id;
    return SEC_E_OK;
}

SECURITY_STATUS query_session_info(struct schannel_context *context, void *buffer)
{
    SecPkgContext_SessionInfo *info = buffer;
    struct tls_info negotiated;
    SECURITY_STATUS status = connection_info(context, &negotiated);
    uint32_t size = negotiated.session_id_size;

    if (status)
        return status;
    if (size > sizeof(info->rgbSessionId))
        size = sizeof(info->rgbSessionId);
    memset(info, 0, sizeof(*info));
    info->dwFlags = negotiated.flags & TLS_INFO_RESUMED ? SSL_SESSION_RECONNECT : 0;
    info->cbSessionId = size;
    memcpy(info->rgbSessionId, negotiated.session_id, size);
    return SEC_E_OK;
}

SECURITY_STATUS query_application_protocol(struct schannel_context *context, void *buffer)
{
    struct tls_names names = {.session = context->session};
    SECURITY_STATUS status = session_call(context, TLS_CALL_NAMES, &names);
    SecPkgContext_ApplicationProtocol *protocol = buffer;

    if (status)
        return status;
    memset(protocol, 0, sizeof(*protocol));
    if (!names.alpn_size)
        return SEC_E_OK;
    protocol->ProtoNegoStatus = SecApplicationProtocolNegotiationStatus_Success;
    protocol->ProtoNegoExt = SecApplicationProtocolNegotiationExt_ALPN;
    protocol->ProtocolIdSize = (unsigned char)names.alpn_size;
    memcpy(protocol->ProtocolId, names.alpn, names.alpn_size);
    return SEC_E_OK;
}

/* The structure has TLS 1.2's pairs, which have the hash first on the wire, the other way round. */
SECURITY_STATUS query_signatures(struct schannel_context *context, void *buffer)
{
    SecPkgContext_SupportedSignatures *signatures = buffer;
    const uint32_t size = MAX_SIGNATURES * sizeof(WORD);
    struct tls_get_blob params = {.session = context->session, .buffer_size = size};
    WORD *list = heap_zalloc(size);
    SECURITY_STATUS status;

    if (!list)
        return SEC_E_INSUFFICIENT_MEMORY;
    params.buffer = (ULONG_PTR)list;
    status = session_call(context, TLS_CALL_SIGNATURES, &params);
    if (!status)
        status = params.status;
    if (status) {
        heap_free(list);
        return status;
    }
    for (uint32_t i = 0; i < params.count; i++)
        list[i] = (WORD)(list[i] >> 8 | list[i] << 8);
    signatures->cSignatureAndHashAlgorithms = (WORD)params.count;
    signatures->pSignatureAndHashAlgorithms = list;
    return SEC_E_OK;
}

SECURITY_STATUS query_tls_extensions(struct schannel_context *context, void *buffer)
{
    SecPkgContext_NegotiatedTlsExtensions *extensions = buffer;
    /* IANA's numbers of the extensions we can tell about. */
    const unsigned short alpn = 16, extended_master_secret = 23, renegotiation_info = 0xff01;
    struct tls_info negotiated;
    SECURITY_STATUS status = connection_info(context, &negotiated);
    unsigned short *list;
    unsigned int count = 0;

    if (status)
        return status;
    list = heap_zalloc(3 * sizeof(*list));
    if (!list)
        return SEC_E_INSUFFICIENT_MEMORY;
    if (negotiated.alpn_size)
        list[count++] = alpn;
    /* TLS 1.3 has neither; it does what they were made for by itself. */
    if (negotiated.version != TLS1_3_WIRE_VERSION) {
        if (negotiated.flags & TLS_INFO_EXTENDED_MASTER_SECRET)
            list[count++] = extended_master_secret;
        if (negotiated.flags & TLS_INFO_SAFE_RENEGOTIATION)
            list[count++] = renegotiation_info;
    }
    extensions->ExtensionsCount = count;
    extensions->Extensions = list;
    return SEC_E_OK;
}
