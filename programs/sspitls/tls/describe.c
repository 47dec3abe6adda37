/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was negotiated, as QueryContextAttributes tells it, and the peer's certificates. */
#include "tls/describe.h"

#include <string.h>

#include "tls/cause.h"
#include "tls/certificate.h"
#include "tls/refusal.h"

#define CHAIN_LIMIT 16

struct name_row {
    DWORD value;
    const char *name;
};

static const struct name_row protocols[] = {
    {SP_PROT_TLS1_0_CLIENT, "TLS 1.0"},   {SP_PROT_TLS1_0_SERVER, "TLS 1.0"},
    {SP_PROT_TLS1_1_CLIENT, "TLS 1.1"},   {SP_PROT_TLS1_1_SERVER, "TLS 1.1"},
    {SP_PROT_TLS1_2_CLIENT, "TLS 1.2"},   {SP_PROT_TLS1_2_SERVER, "TLS 1.2"},
    {SP_PROT_TLS1_3_CLIENT, "TLS 1.3"},   {SP_PROT_TLS1_3_SERVER, "TLS 1.3"},
    {SP_PROT_DTLS1_0_CLIENT, "DTLS 1.0"}, {SP_PROT_DTLS1_0_SERVER, "DTLS 1.0"},
    {SP_PROT_DTLS1_2_CLIENT, "DTLS 1.2"}, {SP_PROT_DTLS1_2_SERVER, "DTLS 1.2"},
};

static const struct name_row algorithms[] = {
    {CALG_RSA_KEYX, "RSA"},    {CALG_DH_EPHEM, "DHE"},    {CALG_ECDH_EPHEM, "ECDHE"},
    {CALG_ECDH, "ECDH"},       {CALG_RSA_SIGN, "RSA"},    {CALG_ECDSA, "ECDSA"},
    {CALG_AES_128, "AES-128"}, {CALG_AES_256, "AES-256"}, {CALG_3DES, "3DES"},
};

static const char *find_name(const struct name_row *rows, size_t count, DWORD value)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].value == value)
            return rows[i].name;
    }
    return "?";
}

/* As far as one has an ALG_ID; ChaCha20, AES-CCM and EdDSA have none. */
static const struct name_row allowed_algorithms[] = {
    {CALG_AES_128, "AES-128"},  {CALG_AES_256, "AES-256"}, {CALG_3DES, "3DES"},
    {CALG_SHA1, "SHA-1"},       {CALG_SHA_256, "SHA-256"}, {CALG_SHA_384, "SHA-384"},
    {CALG_RSA_KEYX, "RSA-KEX"}, {CALG_DH_EPHEM, "DHE"},    {CALG_ECDH_EPHEM, "ECDHE"},
    {CALG_RSA_SIGN, "RSA"},     {CALG_ECDSA, "ECDSA"},
};

static void append(char *text, size_t size, const char *separator, const char *more)
{
    size_t used = strlen(text);

    snprintf(text + used, size - used, "%s%s", separator, more);
}

void describe_credentials(const struct tls_credentials *credentials, char *text, size_t size)
{
    CredHandle *handle = (CredHandle *)&credentials->handle;
    SecPkgCred_SupportedProtocols versions = {0};
    SecPkgCred_CipherStrengths strengths = {0};
    SecPkgCred_SupportedAlgs algs = {0};
    const char *separator = "versions:     ";
    char bits[64];

    text[0] = 0;
    if (QueryCredentialsAttributesW(handle, SECPKG_ATTR_SUPPORTED_PROTOCOLS, &versions) ||
        QueryCredentialsAttributesW(handle, SECPKG_ATTR_CIPHER_STRENGTHS, &strengths) ||
        QueryCredentialsAttributesW(handle, SECPKG_ATTR_SUPPORTED_ALGS, &algs))
        return;
    for (size_t i = 0; i < ARRAYSIZE(protocols); i++) {
        if (versions.grbitProtocol & protocols[i].value) {
            append(text, size, separator, protocols[i].name);
            separator = ", ";
        }
    }
    snprintf(bits, sizeof(bits), "%lu to %lu bits",
             (unsigned long)strengths.dwMinimumCipherStrength,
             (unsigned long)strengths.dwMaximumCipherStrength);
    append(text, size, "\nstrength:     ", bits);
    separator = "\nalgorithms:   ";
    for (unsigned int i = 0; i < algs.cSupportedAlgs; i++) {
        const char *name =
            find_name(allowed_algorithms, ARRAYSIZE(allowed_algorithms), algs.palgSupportedAlgs[i]);

        if (strcmp(name, "?")) {
            append(text, size, separator, name);
            separator = ", ";
        }
    }
    append(text, size, "\n", "");
    FreeContextBuffer(algs.palgSupportedAlgs);
}

static void describe_cipher(struct tls *tls, struct negotiated *negotiated)
{
    SecPkgContext_CipherInfo info = {.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1};

    snprintf(negotiated->suite, sizeof(negotiated->suite), "?");
    if (QueryContextAttributesW(&tls->context, SECPKG_ATTR_CIPHER_INFO, &info) != SEC_E_OK)
        return;
    negotiated->suite_id = info.dwCipherSuite;
    WideCharToMultiByte(CP_UTF8, 0, info.szCipherSuite, -1, negotiated->suite,
                        sizeof(negotiated->suite), NULL, NULL);
    negotiated->suite[sizeof(negotiated->suite) - 1] = 0;
}

static void describe_exchange(struct tls *tls, struct negotiated *negotiated)
{
    SecPkgContext_ConnectionInfo info = {0};

    snprintf(negotiated->version, sizeof(negotiated->version), "?");
    snprintf(negotiated->exchange, sizeof(negotiated->exchange), "?");
    if (QueryContextAttributesW(&tls->context, SECPKG_ATTR_CONNECTION_INFO, &info) != SEC_E_OK)
        return;
    snprintf(negotiated->version, sizeof(negotiated->version), "%s",
             find_name(protocols, ARRAYSIZE(protocols), info.dwProtocol));
    snprintf(negotiated->exchange, sizeof(negotiated->exchange), "%s, %lu bits",
             find_name(algorithms, ARRAYSIZE(algorithms), info.aiExch),
             (unsigned long)info.dwExchStrength);
    snprintf(negotiated->cipher, sizeof(negotiated->cipher), "%lu bits",
             (unsigned long)info.dwCipherStrength);
}

static void describe_peer(struct tls *tls, struct negotiated *negotiated)
{
    PCCERT_CONTEXT peer = NULL;

    if (QueryContextAttributesW(&tls->context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, (void *)&peer) !=
            SEC_E_OK ||
        !peer)
        return;
    certificate_format_name(&peer->pCertInfo->Subject, negotiated->peer, sizeof(negotiated->peer));
    CertFreeCertificateContext(peer);
}

void describe_connection(struct tls *tls, struct negotiated *negotiated)
{
    SecPkgContext_ApplicationProtocol alpn = {0};
    SecPkgContext_SessionInfo session = {0};

    memset(negotiated, 0, sizeof(*negotiated));
    describe_exchange(tls, negotiated);
    describe_cipher(tls, negotiated);
    describe_peer(tls, negotiated);
    if (QueryContextAttributesW(&tls->context, SECPKG_ATTR_APPLICATION_PROTOCOL, &alpn) ==
            SEC_E_OK &&
        alpn.ProtoNegoStatus == SecApplicationProtocolNegotiationStatus_Success)
        snprintf(negotiated->alpn, sizeof(negotiated->alpn), "%.*s", alpn.ProtocolIdSize,
                 (const char *)alpn.ProtocolId);
    if (QueryContextAttributesW(&tls->context, SECPKG_ATTR_SESSION_INFO, &session) == SEC_E_OK)
        negotiated->resumed = (session.dwFlags & SSL_SESSION_RECONNECT) != 0;
}

static bool is_self_issued(PCCERT_CONTEXT certificate)
{
    return CertCompareCertificateName(X509_ASN_ENCODING, &certificate->pCertInfo->Subject,
                                      &certificate->pCertInfo->Issuer);
}

/* The chain that was shown. `refused` is the status that it was refused with, SEC_E_OK: it was not.
 */
static void print_chain(FILE *file, PCCERT_CONTEXT leaf, LONG refused, bool pem)
{
    PCCERT_CONTEXT certificate = CertDuplicateCertificateContext(leaf), issuer;
    char reason[512];

    for (unsigned depth = 0; certificate && depth < CHAIN_LIMIT; depth++) {
        certificate_print(file, depth, certificate);
        issuer = NULL;
        if (!is_self_issued(certificate) && leaf->hCertStore)
            issuer = CertFindCertificateInStore(leaf->hCertStore, X509_ASN_ENCODING, 0,
                                                CERT_FIND_SUBJECT_NAME,
                                                &certificate->pCertInfo->Issuer, NULL);
        refusal_describe(refused, certificate, depth, !issuer, reason, sizeof(reason));
        if (reason[0])
            fprintf(file, "    refused: %s\n", reason);
        if (pem)
            certificate_print_pem(file, certificate);
        CertFreeCertificateContext(certificate);
        certificate = issuer;
    }
    if (certificate)
        CertFreeCertificateContext(certificate);
}

void print_refused(FILE *file, struct tls *tls, bool pem)
{
    PCCERT_CONTEXT peer = NULL;

    if (tls->cause != CAUSE_NONE || !is_refusal(tls->status) || !tls->has_context ||
        QueryContextAttributesW(&tls->context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, (void *)&peer) !=
            SEC_E_OK ||
        !peer)
        return;
    fprintf(file, "peer's certificates, refused:\n");
    print_chain(file, peer, tls->status, pem);
    CertFreeCertificateContext(peer);
    fflush(file);
}

void print_connection(FILE *file, struct tls *tls, bool pem)
{
    struct negotiated negotiated;
    PCCERT_CONTEXT peer = NULL;

    describe_connection(tls, &negotiated);
    fprintf(file, "version:      %s\n", negotiated.version);
    fprintf(file, "suite:        %s", negotiated.suite);
    if (negotiated.suite_id)
        fprintf(file, " (0x%04x)", negotiated.suite_id);
    fprintf(file, "\nkey exchange: %s\n", negotiated.exchange);
    fprintf(file, "ALPN:         %s\n", negotiated.alpn[0] ? negotiated.alpn : "none");
    fprintf(file, "session:      %s\n", negotiated.resumed ? "resumed" : "new");
    fprintf(file, "handshake:    %.1f ms, %u legs, %s\n", tls->handshake_us / 1000, tls->legs,
            tls->call ? "asynchronous" : "synchronous");
    if (QueryContextAttributesW(&tls->context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, (void *)&peer) ==
            SEC_E_OK &&
        peer) {
        fprintf(file, "peer's certificates:\n");
        print_chain(file, peer, SEC_E_OK, pem);
        CertFreeCertificateContext(peer);
    } else {
        fprintf(file, "peer's certificates: none\n");
    }
    fflush(file);
}
