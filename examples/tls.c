/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tls.h"

#include <stdio.h>
#include <string.h>

struct async_functions async;

BOOL find_async_functions(void)
{
    HMODULE secur32 = GetModuleHandleA("secur32.dll");

    async.SspiCreateAsyncContext = (void *)GetProcAddress(secur32, "SspiCreateAsyncContext");
    async.SspiFreeAsyncContext = (void *)GetProcAddress(secur32, "SspiFreeAsyncContext");
    async.SspiReinitAsyncContext = (void *)GetProcAddress(secur32, "SspiReinitAsyncContext");
    async.SspiSetAsyncNotifyCallback =
        (void *)GetProcAddress(secur32, "SspiSetAsyncNotifyCallback");
    async.SspiGetAsyncCallStatus = (void *)GetProcAddress(secur32, "SspiGetAsyncCallStatus");
    async.SspiAcquireCredentialsHandleAsyncA =
        (void *)GetProcAddress(secur32, "SspiAcquireCredentialsHandleAsyncA");
    async.SspiInitializeSecurityContextAsyncA =
        (void *)GetProcAddress(secur32, "SspiInitializeSecurityContextAsyncA");
    async.SspiAcceptSecurityContextAsync =
        (void *)GetProcAddress(secur32, "SspiAcceptSecurityContextAsync");
    async.SspiDeleteSecurityContextAsync =
        (void *)GetProcAddress(secur32, "SspiDeleteSecurityContextAsync");
    /* They come together or not at all. */
    return async.SspiCreateAsyncContext != NULL;
}

void input_keep_extra(struct input *input, const SecBuffer *buffers, ULONG count)
{
    ULONG extra = 0;

    for (ULONG i = 0; i < count; i++) {
        if (buffers[i].BufferType == SECBUFFER_EXTRA)
            extra = buffers[i].cbBuffer;
    }
    memmove(input->data, input->data + input->size - extra, extra);
    input->size = extra;
}

void leg_prepare(struct leg *leg, struct input *input, const char *protocol)
{
    SEC_APPLICATION_PROTOCOLS *lists = (SEC_APPLICATION_PROTOCOLS *)leg->protocols;
    SEC_APPLICATION_PROTOCOL_LIST *list = lists->ProtocolLists;
    ULONG length = (ULONG)strlen(protocol);

    /* A list of one name. A name has its length in front of it. */
    list->ProtoNegoExt = SecApplicationProtocolNegotiationExt_ALPN;
    list->ProtocolListSize = (USHORT)(1 + length);
    list->ProtocolList[0] = (UCHAR)length;
    memcpy(list->ProtocolList + 1, protocol, length);
    lists->ProtocolListsSize =
        FIELD_OFFSET(SEC_APPLICATION_PROTOCOL_LIST, ProtocolList) + list->ProtocolListSize;

    leg->in[0] = (SecBuffer){input->size, SECBUFFER_TOKEN, input->data};
    leg->in[1] = (SecBuffer){0, SECBUFFER_EMPTY, NULL}; /* becomes EXTRA */
    leg->in[2] = (SecBuffer){FIELD_OFFSET(SEC_APPLICATION_PROTOCOLS, ProtocolLists) +
                                 lists->ProtocolListsSize,
                             SECBUFFER_APPLICATION_PROTOCOLS, lists};
    leg->out[0] = (SecBuffer){0, SECBUFFER_TOKEN, NULL}; /* *_REQ_ALLOCATE_MEMORY */
    leg->input = (SecBufferDesc){SECBUFFER_VERSION, 3, leg->in};
    leg->output = (SecBufferDesc){SECBUFFER_VERSION, 1, leg->out};
}

static BOOL send_all(SOCKET s, const char *data, ULONG size)
{
    while (size) {
        int sent = send(s, data, (int)size, 0);
        if (sent <= 0)
            return FALSE;
        data += sent;
        size -= (ULONG)sent;
    }
    return TRUE;
}

ULONG leg_send(struct leg *leg, SOCKET s)
{
    ULONG size = leg->out[0].pvBuffer ? leg->out[0].cbBuffer : 0;

    /* When this fails the connection is gone, which the next recv will say. */
    send_all(s, leg->out[0].pvBuffer, size);
    if (leg->out[0].pvBuffer)
        FreeContextBuffer(leg->out[0].pvBuffer);
    leg->out[0].pvBuffer = NULL;
    return size;
}

SECURITY_STATUS send_data(CtxtHandle *context, SOCKET s, const void *data, ULONG size)
{
    SecPkgContext_StreamSizes sizes;
    const char *next = data;
    SECURITY_STATUS status = QueryContextAttributesA(context, SECPKG_ATTR_STREAM_SIZES, &sizes);
    char *record;

    if (status != SEC_E_OK)
        return status;
    /* Header, data and trailer in one block: one operation for the DLL and one send. */
    record = malloc(sizes.cbHeader + sizes.cbMaximumMessage + sizes.cbTrailer);
    if (!record)
        return SEC_E_INSUFFICIENT_MEMORY;
    while (size && status == SEC_E_OK) {
        ULONG part = size < sizes.cbMaximumMessage ? size : sizes.cbMaximumMessage;
        char *body = record + sizes.cbHeader;
        SecBuffer buffers[4] = {{sizes.cbHeader, SECBUFFER_STREAM_HEADER, record},
                                {part, SECBUFFER_DATA, body},
                                {sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, body + part},
                                {0, SECBUFFER_EMPTY, NULL}};
        SecBufferDesc message = {SECBUFFER_VERSION, 4, buffers};

        memcpy(body, next, part);
        status = EncryptMessage(context, 0, &message, 0);
        /* The trailer may have become shorter. */
        if (status == SEC_E_OK &&
            !send_all(s, record, buffers[0].cbBuffer + buffers[1].cbBuffer + buffers[2].cbBuffer))
            status = SEC_E_INCOMPLETE_MESSAGE;
        next += part;
        size -= part;
    }
    free(record);
    return status;
}

void print_connection(CtxtHandle *context)
{
    SecPkgContext_ApplicationProtocol protocol;
    SecPkgContext_ConnectionInfo info;
    SecPkgContext_CipherInfo suite = {.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1};
    const char *version = "another version";

    if (QueryContextAttributesA(context, SECPKG_ATTR_CONNECTION_INFO, &info) == SEC_E_OK) {
        if (info.dwProtocol & (SP_PROT_TLS1_3_CLIENT | SP_PROT_TLS1_3_SERVER))
            version = "TLS 1.3";
        else if (info.dwProtocol & (SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_2_SERVER))
            version = "TLS 1.2";
    }
    fprintf(stderr, "connected with %s", version);
    if (QueryContextAttributesW(context, SECPKG_ATTR_CIPHER_INFO, &suite) == SEC_E_OK)
        fprintf(stderr, ", %ls", suite.szCipherSuite);
    if (QueryContextAttributesA(context, SECPKG_ATTR_APPLICATION_PROTOCOL, &protocol) == SEC_E_OK &&
        protocol.ProtoNegoStatus == SecApplicationProtocolNegotiationStatus_Success)
        fprintf(stderr, ", %.*s", protocol.ProtocolIdSize, (char *)protocol.ProtocolId);
    fprintf(stderr, "\n");
}

BOOL peer_subject(CtxtHandle *context, char *subject, DWORD size)
{
    PCCERT_CONTEXT certificate = NULL;

    if (QueryContextAttributesA(context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &certificate) ||
        !certificate)
        return FALSE;
    CertNameToStrA(X509_ASN_ENCODING, &certificate->pCertInfo->Subject, CERT_X500_NAME_STR, subject,
                   size);
    CertFreeCertificateContext(certificate);
    return TRUE;
}

const char *status_words(SECURITY_STATUS status)
{
    static const struct {
        SECURITY_STATUS status;
        const char *words;
    } known[] = {
        {SEC_E_ALGORITHM_MISMATCH, "the two sides have no algorithm in common"},
        {SEC_E_APPLICATION_PROTOCOL_MISMATCH,
         "the two sides have no application protocol in common"},
        {SEC_E_CERT_EXPIRED, "the certificate has expired, or is not valid yet"},
        {SEC_E_CERT_UNKNOWN, "the certificate is not acceptable"},
        {SEC_E_CERT_WRONG_USAGE, "the certificate is not meant for this"},
        {SEC_E_CONTEXT_EXPIRED, "the connection is closed"},
        {SEC_E_DECRYPT_FAILURE, "the peer could not check what we sent"},
        {SEC_E_ILLEGAL_MESSAGE, "what the peer sent, or says we sent, is not TLS or out of place"},
        {SEC_E_INCOMPLETE_MESSAGE, "the connection was cut off"},
        {SEC_E_INVALID_TOKEN, "what the peer sent is not TLS"},
        {SEC_E_MESSAGE_ALTERED, "what came was damaged on its way"},
        {SEC_E_NO_CREDENTIALS, "a certificate with a private key is wanted"},
        {SEC_E_SECPKG_NOT_FOUND, "this secur32.dll has no TLS"},
        {SEC_E_UNKNOWN_CREDENTIALS, "the certificate has no private key that can be used"},
        {SEC_E_UNSUPPORTED_FUNCTION, "no common version of TLS, or this secur32.dll cannot do it"},
        {SEC_E_UNTRUSTED_ROOT, "the certificate comes from an authority that is not trusted"},
        {SEC_E_WRONG_PRINCIPAL, "the certificate is another host's"},
        {SEC_I_INCOMPLETE_CREDENTIALS, "the server wants a certificate"},
        {CRYPT_E_REVOKED, "the certificate was revoked"},
    };
    static _Thread_local char other[300];
    int used;

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (known[i].status == status) {
            snprintf(other, sizeof(other), "%s (%08lx)", known[i].words, status);
            return other;
        }
    }
    used = snprintf(other, sizeof(other), "status %08lx ", status);
    if (!FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_MAX_WIDTH_MASK, NULL,
                        (DWORD)status, 0, other + used, (DWORD)(sizeof(other) - used), NULL))
        other[used] = 0;
    return other;
}
