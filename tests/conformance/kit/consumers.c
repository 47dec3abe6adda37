/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the tests of programs' calls share, see kit/consumers.h.
 */
#include "kit/consumers.h"
#include "wine/test.h"

const struct side_options asking = {.cred_flags = SCH_CRED_MANUAL_CRED_VALIDATION,
                                    .flags = SIDE_SERVER_FLAGS | ASC_REQ_MUTUAL_AUTH};

SCH_CREDENTIALS *new_credentials(DWORD flags, DWORD disabled)
{
    static TLS_PARAMETERS parameters;
    static SCH_CREDENTIALS credentials;

    memset(&parameters, 0, sizeof(parameters));
    memset(&credentials, 0, sizeof(credentials));
    parameters.grbitDisabledProtocols = disabled;
    credentials.dwVersion = SCH_CREDENTIALS_VERSION;
    credentials.dwFlags = flags;
    credentials.cTlsParameters = 1;
    credentials.pTlsParameters = &parameters;
    return &credentials;
}

SCHANNEL_CRED *old_credentials(DWORD flags, DWORD enabled)
{
    static SCHANNEL_CRED credentials;

    memset(&credentials, 0, sizeof(credentials));
    credentials.dwVersion = SCHANNEL_CRED_VERSION;
    credentials.dwFlags = flags;
    credentials.grbitEnabledProtocols = enabled;
    return &credentials;
}

DWORD protocol_of(struct play *play)
{
    SecPkgContext_ConnectionInfo info = {0};
    SECURITY_STATUS status = play_query(play, SECPKG_ATTR_CONNECTION_INFO, &info);

    ok(status == SEC_E_OK, "CONNECTION_INFO: %s\n", status_name(status));
    return info.dwProtocol;
}

void check_alpn(struct play *play, const char *name)
{
    SecPkgContext_ApplicationProtocol protocol = {0};
    SECURITY_STATUS status = play_query(play, SECPKG_ATTR_APPLICATION_PROTOCOL, &protocol);

    ok(status == SEC_E_OK, "APPLICATION_PROTOCOL: %s\n", status_name(status));
    ok(protocol.ProtoNegoStatus == (name ? SecApplicationProtocolNegotiationStatus_Success
                                         : SecApplicationProtocolNegotiationStatus_None),
       "negotiation status %d\n", protocol.ProtoNegoStatus);
    if (name)
        ok(protocol.ProtocolIdSize == strlen(name) &&
               !memcmp(protocol.ProtocolId, name, protocol.ProtocolIdSize),
           "another protocol\n");
}

void check_certificate(struct play *play)
{
    const CERT_CONTEXT *certificate = NULL, *each = NULL;
    SECURITY_STATUS status = play_query(play, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &certificate);
    unsigned int count = 0;

    ok(status == SEC_E_OK && certificate, "REMOTE_CERT_CONTEXT: %s\n", status_name(status));
    if (!certificate)
        return;
    while ((each = CertEnumCertificatesInStore(certificate->hCertStore, each)))
        count++;
    ok(count == 1, "%u certificates in the store\n", count);
    CertFreeCertificateContext(certificate);
}

void check_cipher(struct play *play)
{
    SecPkgContext_CipherInfo info = {.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1};
    SECURITY_STATUS status = play_query(play, SECPKG_ATTR_CIPHER_INFO, &info);

    ok(status == SEC_E_OK && info.szCipherSuite[0], "CIPHER_INFO: %s\n", status_name(status));
}

BOOL was_resumed(struct play *play)
{
    SecPkgContext_SessionInfo info = {0};
    SECURITY_STATUS status = play_query(play, SECPKG_ATTR_SESSION_INFO, &info);

    ok(status == SEC_E_OK, "SESSION_INFO: %s\n", status_name(status));
    return info.dwFlags & SSL_SESSION_RECONNECT;
}

void play_asked(const struct manner *manner, void *auth_data)
{
    struct play play;

    winetest_push_context("asked for a certificate");
    if (play_begin(&play, manner, auth_data, &asking) && play_handshake(&play)) {
        ok(play.asked == 1, "asked %u times\n", play.asked);
        play_data(&play);
    }
    play_end(&play);
    winetest_pop_context();
}

void play_refused(const struct manner *manner, void *auth_data)
{
    struct play play;

    winetest_push_context("not trusted");
    if (play_begin(&play, manner, auth_data, NULL)) {
        play_on_both(&play);
        ok(play.self->status == SEC_E_UNTRUSTED_ROOT, "the program finds %s\n",
           status_name(play.self->status));
        ok(play.peer->status != SEC_E_OK, "the server is connected\n");
    }
    play_end(&play);
    winetest_pop_context();
}

void play_resumed(const struct manner *manner, void *auth_data)
{
    struct play play;

    winetest_push_context("resumed");
    if (play_begin(&play, manner, auth_data, NULL) && play_handshake(&play)) {
        play_data(&play);
        ok(!was_resumed(&play), "the first one is resumed\n");
        play_again(&play);
        if (play_handshake(&play)) {
            ok(was_resumed(&play), "the second one is not\n");
            play_data(&play);
        }
    }
    play_end(&play);
    winetest_pop_context();
}
