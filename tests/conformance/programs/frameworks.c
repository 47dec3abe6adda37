/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Clients of libraries and frameworks, see programs/clients.c: .NET, Rust, Qt, boost-wintls,
 * msquic.
 *
 * Source: the public sources of these programs, read for their behaviour.
 */
#include "kit/consumers.h"
#include "kit/other.h"
#include "kit/testcert.h"
#include "wine/test.h"

static void check_net_attributes(struct play *play)
{
    SecPkgContext_Bindings bindings = {0};
    SECURITY_STATUS status;
    DWORD i;

    check_alpn(play, "h2");
    check_certificate(play);
    check_cipher(play);
    protocol_of(play);
    was_resumed(play);
    for (i = SECPKG_ATTR_UNIQUE_BINDINGS; i <= SECPKG_ATTR_ENDPOINT_BINDINGS; i++) {
        bindings.Bindings = NULL;
        status = play_query(play, i, &bindings);
        ok(status == SEC_E_OK ||
               (i == SECPKG_ATTR_UNIQUE_BINDINGS && status == SEC_E_UNSUPPORTED_FUNCTION),
           "bindings %lu: %s\n", i, status_name(status));
        if (bindings.Bindings)
            FreeContextBuffer(bindings.Bindings);
    }
}

/* Closes with an alert of its own when it does not like the certificate. */
static void check_net_alert(struct play *play)
{
    SCHANNEL_ALERT_TOKEN alert = {SCHANNEL_ALERT, TLS1_ALERT_FATAL, TLS1_ALERT_UNKNOWN_CA};
    SecBuffer buffer = {sizeof(alert), SECBUFFER_TOKEN, &alert};
    SecBufferDesc token = {SECBUFFER_VERSION, 1, &buffer};
    SECURITY_STATUS status;
    BYTE byte;
    DWORD size;

    status = ApplyControlToken(&play->self->context, &token);
    ok(status == SEC_E_OK, "ApplyControlToken: %s\n", status_name(status));
    play->available = 0;
    status = play_leg(play);
    ok(status == SEC_E_OK, "the call behind it: %s\n", status_name(status));
    status = side_receive(play->peer, &byte, sizeof(byte), &size);
    ok(status == SEC_E_UNTRUSTED_ROOT, "the peer finds %s\n", status_name(status));
}

/* SslStream: an empty token from the start, no ISC_REQ_STREAM, one output buffer, reads records as
 * their headers say, forbids to resume by a control token, finds a certificate when it is asked. */
static void test_dotnet(void)
{
    static struct manner dotnet = {
        .flags = ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT | ISC_REQ_CONFIDENTIALITY |
                 ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_MANUAL_CRED_VALIDATION,
        .first_input = "TEA",
        .first_output = "T",
        .input = "TE",
        .output = "T",
        .closing_input = "TE",
        .closing_output = "T",
        .alpn = "h2",
        .handle_again = TRUE,
        .closing_handle_again = TRUE,
        .asked = ASKED_NEW,
    };
    static const struct side_options h2 = {.alpn = "h2"};
    const DWORD flags = SCH_CRED_MANUAL_CRED_VALIDATION | SCH_CRED_NO_DEFAULT_CREDS |
                        SCH_SEND_AUX_RECORD | SCH_USE_STRONG_CRYPTO |
                        SCH_CRED_REVOCATION_CHECK_END_CERT | SCH_CRED_IGNORE_NO_REVOCATION_CHECK |
                        SCH_CRED_IGNORE_REVOCATION_OFFLINE;
    const CERT_CONTEXT *certificate = test_cert_localhost(TEST_KEY_ECDSA);
    SCHANNEL_SESSION_TOKEN session = {SCHANNEL_SESSION, SSL_SESSION_DISABLE_RECONNECTS};
    SecBuffer buffer = {sizeof(session), SECBUFFER_TOKEN, &session};
    SecBufferDesc token = {SECBUFFER_VERSION, 1, &buffer};
    SCH_CREDENTIALS *credentials;
    SECURITY_STATUS status;
    struct play play;

    if (play_begin(&play, &dotnet,
                   new_credentials(flags, ~(DWORD)(SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_3_CLIENT)),
                   &h2) &&
        play_handshake(&play)) {
        check_net_attributes(&play);
        play_data(&play);
        play_shutdown(&play);
        play_peer_shutdown(&play);
    }
    play_end(&play);
    if (play_begin(&play, &dotnet, old_credentials(flags, 0), &h2) && play_handshake(&play)) {
        check_net_attributes(&play);
        play_data(&play);
        check_net_alert(&play);
    }
    play_end(&play);

    winetest_push_context("not to be resumed");
    credentials = new_credentials(flags, 0);
    credentials->dwSessionLifespan = (DWORD)-1;
    if (play_begin(&play, &dotnet, credentials, NULL)) {
        status = play_leg(&play);
        ok(status == SEC_I_CONTINUE_NEEDED, "the first call: %s\n", status_name(status));
        status = ApplyControlToken(&play.self->context, &token);
        ok(status == SEC_E_OK, "ApplyControlToken: %s\n", status_name(status));
        if (play_handshake(&play)) {
            play_data(&play);
            play_again(&play);
            if (play_handshake(&play))
                ok(!was_resumed(&play), "it is resumed\n");
        }
    }
    play_end(&play);
    winetest_pop_context();

    winetest_push_context("asked for a certificate");
    if (play_begin(&play, &dotnet, new_credentials(flags, 0), &asking)) {
        credentials = new_credentials(flags, 0);
        credentials->cCreds = 1;
        credentials->paCred = &certificate;
        if (play_second(&play, credentials) && play_handshake(&play)) {
            ok(play.asked == 1, "asked %u times\n", play.asked);
            ok(play.peer->attributes & ASC_RET_MUTUAL_AUTH, "no certificate has come\n");
            play_data(&play);
        }
    }
    play_end(&play);
    winetest_pop_context();
}

/* The schannel crate: protocols with every call, as many bytes as MISSING says, and the closing
 * call has an empty token. */
static void test_rust(void)
{
    static struct manner rust = {
        .flags = CLIENT_STREAM_FLAGS | ISC_REQ_INTEGRITY | ISC_REQ_MANUAL_CRED_VALIDATION |
                 ISC_REQ_USE_SUPPLIED_CREDS,
        .first_input = "EA",
        .first_output = "E",
        .input = "TEA",
        .output = "TLE",
        .closing_input = "TEA",
        .closing_output = "TLE",
        .alpn = "h2",
        .reading = READ_MISSING,
        .missing_at = 1,
    };
    static const struct side_options h2 = {.alpn = "h2"};
    ALG_ID algorithms[] = {CALG_AES_128, CALG_AES_256, CALG_ECDH_EPHEM, CALG_RSA_SIGN};
    const DWORD flags = SCH_USE_STRONG_CRYPTO | SCH_CRED_NO_DEFAULT_CREDS;
    SCHANNEL_CRED *old;
    struct play play;

    if (play_begin(&play, &rust,
                   new_credentials(flags, ~(DWORD)(SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_3_CLIENT)),
                   &h2) &&
        play_handshake(&play)) {
        check_alpn(&play, "h2");
        check_certificate(&play);
        ok(!was_resumed(&play), "it is resumed\n");
        play_data(&play);
        play_shutdown(&play);
        play_peer_shutdown(&play);
    }
    play_end(&play);
    old = old_credentials(flags, SP_PROT_TLS1_2_CLIENT);
    old->palgSupportedAlgs = algorithms;
    old->cSupportedAlgs = ARRAY_SIZE(algorithms);
    play_whole(&rust, old, &h2);
    play_resumed(&rust, new_credentials(flags, 0));
    rust.first_input = NULL; /* before it knew protocols */
    rust.input = rust.closing_input = "TE";
    play_whole(&rust, old_credentials(flags, 0), NULL);
}

/* Qt asks again without a certificate after taking the input for consumed, looks for MISSING in the
 * place of the input, and compares the attributes. */
static void test_qt(void)
{
    static struct manner qt = {
        .flags = CLIENT_STREAM_FLAGS | ISC_REQ_MANUAL_CRED_VALIDATION,
        .first_input = "A",
        .first_output = "TLE",
        .input = "TE",
        .output = "TLE",
        .closing_output = "TLE",
        .alpn = "h2",
        .reading = READ_MISSING,
        .asked = ASKED_EMPTY,
    };
    static const struct side_options h2 = {.alpn = "h2"};
    static WCHAR rc4[] = L"RC4", aes[] = L"AES", gcm[] = L"ChainingModeGCM";
    const DWORD flags = SCH_CRED_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT | SCH_CRED_NO_DEFAULT_CREDS;
    const DWORD disabled = SP_PROT_ALL & ~(DWORD)(SP_PROT_TLS1_2 | SP_PROT_TLS1_3);
    UNICODE_STRING mode = {sizeof(gcm) - sizeof(WCHAR), sizeof(gcm), gcm};
    CRYPTO_SETTINGS settings[2] = {{.eAlgorithmUsage = TlsParametersCngAlgUsageCipher,
                                    .strCngAlgId = {sizeof(rc4) - sizeof(WCHAR), sizeof(rc4), rc4}},
                                   {TlsParametersCngAlgUsageCipher,
                                    {sizeof(aes) - sizeof(WCHAR), sizeof(aes), aes},
                                    1,
                                    &mode,
                                    256,
                                    256}};
    SCH_CREDENTIALS *credentials = new_credentials(flags, disabled);
    const CERT_CONTEXT *none = NULL;
    struct play play;

    credentials->paCred = &none; /* and cCreds 0 */
    credentials->pTlsParameters->cDisabledCrypto = ARRAY_SIZE(settings);
    credentials->pTlsParameters->pDisabledCrypto = settings;
    if (play_begin(&play, &qt, credentials, &h2) && play_handshake(&play)) {
        ok(protocol_of(&play) == SP_PROT_TLS1_3_CLIENT, "not TLS 1.3\n");
        check_cipher(&play);
        check_alpn(&play, "h2");
        check_certificate(&play);
        play_data(&play);
        play_shutdown(&play);
        play_peer_shutdown(&play);
    }
    play_end(&play);
    play_asked(&qt, new_credentials(flags, disabled));
    play_asked(&qt, new_credentials(flags, SP_PROT_ALL & ~(DWORD)SP_PROT_TLS1_2));
    qt.reading = READ_BYTES;
    play_whole(&qt, new_credentials(flags, disabled), NULL);
}

/* boost-wintls: the closing call's output is where the control token was. */
static void test_wintls(void)
{
    static const struct manner wintls = {
        .flags = CLIENT_STREAM_FLAGS | ISC_RET_EXTENDED_ERROR | ISC_REQ_USE_SUPPLIED_CREDS |
                 ISC_REQ_MANUAL_CRED_VALIDATION,
        .first_output = "T",
        .input = "TE",
        .output = "T",
        .closing_output = "T",
        .closing_in_place = TRUE,
        .closing_handle_again = TRUE,
        .closing_without_target = TRUE,
        .ansi = TRUE,
        .reading = READ_ALL,
    };
    const DWORD flags = SCH_CRED_MANUAL_CRED_VALIDATION | SCH_CRED_NO_DEFAULT_CREDS;
    struct play play;

    if (play_begin(&play, &wintls,
                   new_credentials(flags | SCH_USE_STRONG_CRYPTO |
                                       SCH_CRED_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT,
                                   ~(DWORD)(SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_3_CLIENT)),
                   NULL) &&
        play_handshake(&play)) {
        check_certificate(&play);
        play_data(&play);
        play_shutdown(&play);
        play_peer_shutdown(&play);
    }
    play_end(&play);
    play_whole(&wintls, old_credentials(flags, 0), NULL);
}

/* msquic's first call asks for handshake messages without records, which are refused as such. */
static void test_msquic(void)
{
    const ULONGLONG messages = 0x100000000ull; /* ISC_REQ_MESSAGES of newer SDKs */
    SEC_FLAGS flags = {messages};
    SecBuffer in[] = {{0, SECBUFFER_EMPTY, NULL}, {sizeof(flags), SECBUFFER_FLAGS, &flags}};
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc input = {SECBUFFER_VERSION, ARRAY_SIZE(in), in};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};
    const struct manner msquic = {.flags = CLIENT_STREAM_FLAGS | ISC_REQ_EXTENDED_ERROR};
    static WCHAR chacha[] = L"CHACHA20_POLY1305";
    CRYPTO_SETTINGS settings = {
        .eAlgorithmUsage = TlsParametersCngAlgUsageCipher,
        .strCngAlgId = {sizeof(chacha) - sizeof(WCHAR), sizeof(chacha), chacha}};
    SCH_CREDENTIALS *credentials = new_credentials(
        SCH_CRED_MANUAL_CRED_VALIDATION | SCH_CRED_NO_DEFAULT_CREDS | SCH_USE_STRONG_CRYPTO |
            SCH_CRED_IGNORE_NO_REVOCATION_CHECK | SCH_CRED_IGNORE_REVOCATION_OFFLINE,
        ~(DWORD)SP_PROT_TLS1_3_CLIENT);
    CtxtHandle context;
    ULONG attributes;
    SECURITY_STATUS status;
    struct play play;

    credentials->pTlsParameters->cDisabledCrypto = 1;
    credentials->pTlsParameters->pDisabledCrypto = &settings;
    if (play_begin(&play, &msquic, credentials, NULL)) {
        SecInvalidateHandle(&context);
        status = InitializeSecurityContextW(&play.self->credentials, NULL,
                                            (SEC_WCHAR *)L"localhost", msquic.flags, 0, 0, &input,
                                            0, &context, &output, &attributes, NULL);
        ok(status == SEC_E_UNSUPPORTED_FUNCTION, "the first call: %s\n", status_name(status));
        ok(!out.pvBuffer && !SecIsValidHandle(&context), "there is output or a context\n");
    }
    play_end(&play);
}

START_TEST(programs_frameworks)
{
    RUN(test_dotnet);
    RUN(test_rust);
    RUN(test_qt);
    RUN(test_wintls);
    RUN(test_msquic);
}
