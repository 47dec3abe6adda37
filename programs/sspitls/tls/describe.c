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

/* The peer's certificate, for the caller to free; NULL: there is none. */
static PCCERT_CONTEXT peer_certificate(struct tls *tls)
{
    PCCERT_CONTEXT peer = NULL;

    if (!tls->has_context || QueryContextAttributesW(&tls->context, SECPKG_ATTR_REMOTE_CERT_CONTEXT,
                                                     (void *)&peer) != SEC_E_OK)
        return NULL;
    return peer;
}

static void describe_peer(struct tls *tls, struct negotiated *negotiated)
{
    PCCERT_CONTEXT peer = peer_certificate(tls);

    if (!peer)
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

/* One certificate of a chain, in the form that `data` wants. `refused` is "" or a reason. */
typedef void print_certificate(void *data, unsigned depth, PCCERT_CONTEXT certificate,
                               const char *refused);

/* The chain that was shown. `status` is what it was refused with, SEC_E_OK: it was not. */
static void for_each_certificate(PCCERT_CONTEXT leaf, LONG status, print_certificate *print,
                                 void *data)
{
    PCCERT_CONTEXT certificate = CertDuplicateCertificateContext(leaf), issuer;
    char reason[512];

    for (unsigned depth = 0; certificate && depth < CHAIN_LIMIT; depth++) {
        issuer = NULL;
        if (!is_self_issued(certificate) && leaf->hCertStore)
            issuer = CertFindCertificateInStore(leaf->hCertStore, X509_ASN_ENCODING, 0,
                                                CERT_FIND_SUBJECT_NAME,
                                                &certificate->pCertInfo->Issuer, NULL);
        refusal_describe(status, certificate, depth, !issuer, reason, sizeof(reason));
        print(data, depth, certificate, reason);
        CertFreeCertificateContext(certificate);
        certificate = issuer;
    }
    if (certificate)
        CertFreeCertificateContext(certificate);
}

struct text_form {
    FILE *file;
    bool pem;
};

static void print_as_text(void *data, unsigned depth, PCCERT_CONTEXT certificate,
                          const char *refused)
{
    const struct text_form *form = data;
    struct certificate_text text;

    certificate_describe(certificate, &text);
    fprintf(form->file, "  %u subject: %s\n    issuer:  %s\n    valid:   %s to %s UTC\n", depth,
            text.subject, text.issuer, text.from, text.to);
    if (text.names[0])
        fprintf(form->file, "    names:   %s\n", text.names);
    fprintf(form->file, "    key:     %s\n", text.key);
    if (text.sha256[0])
        fprintf(form->file, "    SHA-256: %s\n", text.sha256);
    if (text.ocsp[0])
        fprintf(form->file, "    OCSP:    %s\n", text.ocsp);
    if (refused[0])
        fprintf(form->file, "    refused: %s\n", refused);
    if (form->pem)
        certificate_print_pem(form->file, certificate);
}

static void print_as_json(void *data, unsigned depth, PCCERT_CONTEXT certificate,
                          const char *refused)
{
    struct json *json = data;
    struct certificate_text text;

    (void)depth;
    certificate_describe(certificate, &text);
    json_begin(json, NULL, '{');
    json_text(json, "subject", text.subject);
    json_text(json, "issuer", text.issuer);
    json_text(json, "not_before", text.from);
    json_text(json, "not_after", text.to);
    json_text(json, "names", text.names);
    json_text(json, "key", text.key);
    json_text(json, "sha256", text.sha256);
    if (text.ocsp[0])
        json_text(json, "ocsp", text.ocsp);
    if (refused[0])
        json_text(json, "refused", refused);
    json_end(json, '}');
}

/* The chain that we did not take, for the caller to free; NULL: that was not the trouble. */
static PCCERT_CONTEXT refused_certificate(struct tls *tls)
{
    return tls->cause == CAUSE_NONE && is_refusal(tls->status) ? peer_certificate(tls) : NULL;
}

void print_refused(FILE *file, struct tls *tls, bool pem)
{
    struct text_form form = {file, pem};
    PCCERT_CONTEXT peer = refused_certificate(tls);

    if (!peer)
        return;
    fprintf(file, "peer's certificates, refused:\n");
    for_each_certificate(peer, tls->status, print_as_text, &form);
    CertFreeCertificateContext(peer);
    fflush(file);
}

void print_connection(FILE *file, struct tls *tls, bool pem)
{
    struct text_form form = {file, pem};
    struct negotiated negotiated;
    PCCERT_CONTEXT peer = peer_certificate(tls);

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
    fprintf(file, "peer's certificates:%s\n", peer ? "" : " none");
    if (peer) {
        for_each_certificate(peer, SEC_E_OK, print_as_text, &form);
        CertFreeCertificateContext(peer);
    }
    fflush(file);
}

void json_negotiated(struct json *json, const struct negotiated *negotiated)
{
    json_text(json, "version", negotiated->version);
    json_text(json, "suite", negotiated->suite);
    json_number(json, "suite_id", negotiated->suite_id);
    json_text(json, "key_exchange", negotiated->exchange);
    json_text(json, "alpn", negotiated->alpn[0] ? negotiated->alpn : NULL);
    json_boolean(json, "resumed", negotiated->resumed);
}

static void json_chain(struct json *json, PCCERT_CONTEXT peer, LONG status)
{
    json_begin(json, "certificates", '[');
    if (peer) {
        for_each_certificate(peer, status, print_as_json, json);
        CertFreeCertificateContext(peer);
    }
    json_end(json, ']');
}

void json_connection(struct json *json, struct tls *tls)
{
    struct negotiated negotiated;

    describe_connection(tls, &negotiated);
    json_negotiated(json, &negotiated);
    json_number(json, "legs", tls->legs);
    json_boolean(json, "asynchronous", tls->call != NULL);
    json_chain(json, peer_certificate(tls), SEC_E_OK);
}

void json_refused(struct json *json, struct tls *tls)
{
    PCCERT_CONTEXT peer = refused_certificate(tls);

    if (peer)
        json_chain(json, peer, tls->status);
}
