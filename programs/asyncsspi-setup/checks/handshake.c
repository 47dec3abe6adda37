/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A client and a server that hand each other's tokens over in memory, as programs call SSPI: a
 * certificate with a new key, credentials, the handshake, a record each way.
 */
#include "checks/handshake.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <subauth.h>
#include <wincrypt.h>
#define SECURITY_WIN32
#define SCHANNEL_USE_BLACKLISTS
#include <schannel.h>
#include <sspi.h>

#define KEY_BITS   2048u
#define WIRE_SIZE  (64u * 1024)
#define MOST_LEGS  16
#define REQUIRE    (ISC_REQ_CONFIDENTIALITY | ISC_REQ_STREAM | ISC_REQ_MANUAL_CRED_VALIDATION)
#define REQUIRED   (ASC_REQ_CONFIDENTIALITY | ASC_REQ_STREAM)
#define SENT       "asyncsspi"
#define SENT_SIZE  9u
#define FRAME_SIZE 512u

static WCHAR package[] = UNISP_NAME_W;

struct end {
    bool server, has_context, connected;
    CredHandle credential;
    CtxtHandle context;
    BYTE inbox[WIRE_SIZE]; /* what the other has sent */
    ULONG waiting;
};

/* Its key lives in `provider`, which stays open as long as the certificate. */
static PCCERT_CONTEXT make_certificate(HCRYPTPROV *provider)
{
    static WCHAR nothing[] = L"";
    CRYPT_KEY_PROV_INFO info = {
        .pwszContainerName = nothing, .dwProvType = PROV_RSA_AES, .dwKeySpec = AT_KEYEXCHANGE};
    CRYPT_ALGORITHM_IDENTIFIER algorithm = {.pszObjId = (char *)szOID_RSA_SHA256RSA};
    CERT_KEY_CONTEXT context = {.cbSize = sizeof(context), .dwKeySpec = AT_KEYEXCHANGE};
    PCCERT_CONTEXT certificate = NULL;
    BYTE encoded[128];
    CERT_NAME_BLOB name = {sizeof(encoded), encoded};
    HCRYPTKEY key = 0;

    /* No container: nothing is left behind. */
    if (!CryptAcquireContextW(provider, NULL, NULL, PROV_RSA_AES, CRYPT_VERIFYCONTEXT))
        return NULL;
    if (!CryptGenKey(*provider, AT_KEYEXCHANGE, KEY_BITS << 16 | CRYPT_EXPORTABLE, &key))
        return NULL;
    CryptDestroyKey(key);
    if (!CertStrToNameW(X509_ASN_ENCODING, L"CN=asyncsspi-probe", CERT_X500_NAME_STR, NULL, encoded,
                        &name.cbData, NULL))
        return NULL;
    certificate =
        CertCreateSelfSignCertificate(*provider, &name, 0, &info, &algorithm, NULL, NULL, NULL);
    if (!certificate)
        return NULL;
    context.hCryptProv = *provider;
    CertSetCertificateContextProperty(certificate, CERT_KEY_PROV_INFO_PROP_ID, 0, NULL);
    CertSetCertificateContextProperty(certificate, CERT_KEY_CONTEXT_PROP_ID,
                                      CERT_STORE_NO_CRYPT_RELEASE_FLAG, &context);
    return certificate;
}

static SECURITY_STATUS acquire(const SecurityFunctionTableW *sspi, struct end *end,
                               PCCERT_CONTEXT certificate)
{
    SCH_CREDENTIALS settings = {
        .dwVersion = SCH_CREDENTIALS_VERSION,
        .cCreds = end->server ? 1 : 0,
        .paCred = &certificate,
        .dwFlags = end->server ? 0 : SCH_CRED_MANUAL_CRED_VALIDATION | SCH_CRED_NO_DEFAULT_CREDS};

    return sspi->AcquireCredentialsHandleW(NULL, package,
                                           end->server ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND,
                                           NULL, &settings, NULL, NULL, &end->credential, NULL);
}

/* What the other has sent goes in, what comes out goes to it. */
static SECURITY_STATUS leg(const SecurityFunctionTableW *sspi, struct end *end, struct end *other)
{
    static WCHAR target[] = L"asyncsspi-probe";
    SecBuffer in[] = {{end->waiting, SECBUFFER_TOKEN, end->inbox}, {0, SECBUFFER_EMPTY, NULL}};
    SecBuffer out[] = {
        {WIRE_SIZE - other->waiting, SECBUFFER_TOKEN, other->inbox + other->waiting}};
    SecBufferDesc input = {SECBUFFER_VERSION, 2, in}, output = {SECBUFFER_VERSION, 1, out};
    CtxtHandle *current = end->has_context ? &end->context : NULL;
    SECURITY_STATUS status;
    ULONG attributes, rest;

    status = end->server
                 ? sspi->AcceptSecurityContext(&end->credential, current, &input, REQUIRED, 0,
                                               &end->context, &output, &attributes, NULL)
                 : sspi->InitializeSecurityContextW(&end->credential, current, target, REQUIRE, 0,
                                                    0, current ? &input : NULL, 0, &end->context,
                                                    &output, &attributes, NULL);
    if (status != SEC_E_OK && status != SEC_I_CONTINUE_NEEDED)
        return status;
    end->has_context = true;
    end->connected = status == SEC_E_OK;
    rest = in[1].BufferType == SECBUFFER_EXTRA ? in[1].cbBuffer : 0;
    memmove(end->inbox, end->inbox + end->waiting - rest, rest);
    end->waiting = rest;
    other->waiting += out[0].cbBuffer;
    return SEC_E_OK;
}

static SECURITY_STATUS connect_both(const SecurityFunctionTableW *sspi, struct end *client,
                                    struct end *server)
{
    SECURITY_STATUS status = leg(sspi, client, server);

    for (int i = 0; i < MOST_LEGS && status == SEC_E_OK; i++) {
        if (server->waiting && !server->connected)
            status = leg(sspi, server, client);
        else if (client->waiting && !client->connected)
            status = leg(sspi, client, server);
        else
            break;
    }
    if (status != SEC_E_OK)
        return status;
    return client->connected && server->connected ? SEC_E_OK : SEC_E_INCOMPLETE_MESSAGE;
}

static SECURITY_STATUS send_text(const SecurityFunctionTableW *sspi, struct end *end,
                                 struct end *other)
{
    BYTE frame[FRAME_SIZE];
    SecPkgContext_StreamSizes sizes;
    SecBuffer buffers[4] = {{0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc message = {SECBUFFER_VERSION, 4, buffers};
    SECURITY_STATUS status;

    status = sspi->QueryContextAttributesW(&end->context, SECPKG_ATTR_STREAM_SIZES, &sizes);
    if (status != SEC_E_OK)
        return status;
    if (sizes.cbHeader + SENT_SIZE + sizes.cbTrailer > FRAME_SIZE)
        return SEC_E_BUFFER_TOO_SMALL;
    memcpy(frame + sizes.cbHeader, SENT, SENT_SIZE);
    buffers[0] = (SecBuffer){sizes.cbHeader, SECBUFFER_STREAM_HEADER, frame};
    buffers[1] = (SecBuffer){SENT_SIZE, SECBUFFER_DATA, frame + sizes.cbHeader};
    buffers[2] =
        (SecBuffer){sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, frame + sizes.cbHeader + SENT_SIZE};
    status = sspi->EncryptMessage(&end->context, 0, &message, 0);
    for (int i = 0; i < 3 && status == SEC_E_OK; i++) {
        memcpy(other->inbox + other->waiting, buffers[i].pvBuffer, buffers[i].cbBuffer);
        other->waiting += buffers[i].cbBuffer;
    }
    return status;
}

/* Tickets of TLS 1.3 come in front of the text. */
static SECURITY_STATUS receive_text(const SecurityFunctionTableW *sspi, struct end *end,
                                    struct end *other)
{
    SECURITY_STATUS status;
    const SecBuffer *data;

    for (int i = 0; i < MOST_LEGS; i++) {
        SecBuffer buffers[4] = {{end->waiting, SECBUFFER_DATA, end->inbox}};
        SecBufferDesc message = {SECBUFFER_VERSION, 4, buffers};

        status = sspi->DecryptMessage(&end->context, &message, 0, NULL);
        data = NULL;
        for (int k = 0; k < 4; k++) {
            if (buffers[k].BufferType == SECBUFFER_DATA && buffers[k].cbBuffer)
                data = &buffers[k];
        }
        if (status == SEC_E_OK && data)
            return data->cbBuffer == SENT_SIZE && !memcmp(data->pvBuffer, SENT, SENT_SIZE)
                       ? SEC_E_OK
                       : SEC_E_MESSAGE_ALTERED;
        if (status != SEC_E_OK && status != SEC_I_RENEGOTIATE)
            return status;
        for (int k = 0; k < 4; k++) {
            if (buffers[k].BufferType == SECBUFFER_EXTRA) {
                memmove(end->inbox, buffers[k].pvBuffer, buffers[k].cbBuffer);
                end->waiting = buffers[k].cbBuffer;
            }
        }
        if (status == SEC_I_RENEGOTIATE && (status = leg(sspi, end, other)) != SEC_E_OK)
            return status;
    }
    return SEC_E_INCOMPLETE_MESSAGE;
}

static const char *version_of(const SecurityFunctionTableW *sspi, struct end *end)
{
    SecPkgContext_ConnectionInfo info = {0};

    sspi->QueryContextAttributesW(&end->context, SECPKG_ATTR_CONNECTION_INFO, &info);
    return info.dwProtocol & SP_PROT_TLS1_3   ? "TLS 1.3"
           : info.dwProtocol & SP_PROT_TLS1_2 ? "TLS 1.2"
                                              : "an old version of TLS";
}

static void fail(struct finding *finding, const char *step, LONG status)
{
    finding_set(finding, VERDICT_BAD, "does not work: %s, status 0x%08lx", step,
                (unsigned long)status);
}

static void release(const SecurityFunctionTableW *sspi, struct end *end)
{
    if (end->has_context)
        sspi->DeleteSecurityContext(&end->context);
    if (SecIsValidHandle(&end->credential))
        sspi->FreeCredentialsHandle(&end->credential);
}

void check_handshake(struct finding *finding)
{
    static struct end client, server;
    INIT_SECURITY_INTERFACE_W table = (INIT_SECURITY_INTERFACE_W)(void *)GetProcAddress(
        LoadLibraryA("secur32.dll"), "InitSecurityInterfaceW");
    const SecurityFunctionTableW *sspi = table ? table() : NULL;
    PCCERT_CONTEXT certificate = NULL;
    HCRYPTPROV provider = 0;
    SECURITY_STATUS status;

    server.server = true;
    SecInvalidateHandle(&client.credential);
    SecInvalidateHandle(&server.credential);
    if (!sspi) {
        finding_set(finding, VERDICT_BAD, "does not work: secur32.dll has no table of functions");
        return;
    }
    /* The first thing that needs the engine. */
    status = acquire(sspi, &client, NULL);
    if (status != SEC_E_OK) {
        fail(finding, "a client's credential", status);
        goto done;
    }
    certificate = make_certificate(&provider);
    if (!certificate) {
        fail(finding, "Wine makes no certificate", (LONG)GetLastError());
        goto done;
    }
    if ((status = acquire(sspi, &server, certificate)) != SEC_E_OK)
        fail(finding, "a server's credential", status);
    else if ((status = connect_both(sspi, &client, &server)) != SEC_E_OK)
        fail(finding, "a handshake", status);
    else if ((status = send_text(sspi, &server, &client)) != SEC_E_OK ||
             (status = receive_text(sspi, &client, &server)) != SEC_E_OK ||
             (status = send_text(sspi, &client, &server)) != SEC_E_OK ||
             (status = receive_text(sspi, &server, &client)) != SEC_E_OK)
        fail(finding, "data", status);
    else
        finding_set(finding, VERDICT_OK, "works, tried with %s", version_of(sspi, &client));
done:
    release(sspi, &client);
    release(sspi, &server);
    if (certificate)
        CertFreeCertificateContext(certificate);
    if (provider)
        CryptReleaseContext(provider, 0);
}
