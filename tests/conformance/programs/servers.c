/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Servers as known programs are, see programs/clients.c.
 *
 * Three of them call InitializeSecurityContext on a server's context: Qt in every handshake call
 * but the first, aws-c-io and boost-wintls when they close. An existing context knows its side, so
 * which of the two functions goes on with it makes no difference.
 *
 * Source: the public sources of these programs, read for their behaviour.
 */
#include "kit/consumers.h"
#include "kit/other.h"
#include "kit/testcert.h"
#include "wine/test.h"

#define STREAM_FLAGS                                                                               \
    (ASC_REQ_SEQUENCE_DETECT | ASC_REQ_REPLAY_DETECT | ASC_REQ_CONFIDENTIALITY |                   \
     ASC_REQ_ALLOCATE_MEMORY | ASC_REQ_STREAM)

static const struct side_options with_alpn = {.alpn = "h2"};
static const struct side_options tls12 = {.protocols = SIDE_TLS1_2, .alpn = "h2"};

static SCH_CREDENTIALS *new_server(DWORD flags)
{
    static const CERT_CONTEXT *certificate;
    SCH_CREDENTIALS *credentials = new_credentials(flags, 0);

    certificate = test_cert_localhost(TEST_KEY_RSA);
    credentials->cCreds = 1;
    credentials->paCred = &certificate;
    return credentials;
}

static SCHANNEL_CRED *old_server(DWORD flags)
{
    static const CERT_CONTEXT *certificate;
    SCHANNEL_CRED *credentials = old_credentials(flags, 0);

    certificate = test_cert_localhost(TEST_KEY_RSA);
    credentials->cCreds = 1;
    credentials->paCred = &certificate;
    return credentials;
}

/* A client that shows a certificate, for servers that want one. */
static struct side_options certified(DWORD protocols)
{
    struct side_options options = {.protocols = protocols, .alpn = "h2"};

    options.certificates[0] = test_cert_localhost(TEST_KEY_ECDSA);
    return options;
}

/* ISC_REQ_STREAM stands in the flags, which is ASC_REQ_EXTENDED_ERROR; the attribute for
 * ASC_REQ_STREAM must not come back. Protocols take the place of the EMPTY buffer. */
static const struct manner qt = {
    .role = SIDE_SERVER,
    .flags = ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_CONFIDENTIALITY | ISC_REQ_REPLAY_DETECT |
             ISC_REQ_SEQUENCE_DETECT | ISC_REQ_STREAM,
    .first_input = "TA",
    .first_output = "TLE",
    .input = "TE",
    .output = "TLE",
    .closing_output = "TLE",
    .alpn = "h2",
    .by_initialize = TRUE,
};

static void test_qt(void)
{
    struct manner verifying = qt;
    const DWORD flags = SCH_CRED_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT | SCH_CRED_NO_DEFAULT_CREDS;
    struct side_options client = certified(0);
    struct play play;

    if (play_begin(&play, &qt, new_server(flags), &with_alpn) && play_handshake(&play)) {
        ok(!(play.self->attributes & ASC_RET_STREAM), "attributes %#lx\n", play.self->attributes);
        check_alpn(&play, "h2");
        ok(protocol_of(&play) == SP_PROT_TLS1_3_SERVER, "not TLS 1.3\n");
        check_cipher(&play);
        play_data(&play);
        play_shutdown(&play);
        play_peer_shutdown(&play);
    }
    play_end(&play);
    play_whole(&qt, new_server(flags), &tls12);

    /* VerifyPeer; it checks the certificate by itself as well. */
    verifying.flags |= ISC_REQ_MUTUAL_AUTH;
    if (play_begin(&play, &verifying, new_server(flags), &client) && play_handshake(&play)) {
        check_certificate(&play);
        play_data(&play);
    }
    play_end(&play);
}

/* A client that renegotiates: Qt's answer is InitializeSecurityContext, too. */
static void test_qt_renegotiation(void)
{
    SECURITY_STATUS status;
    struct play play;
    struct leg leg;

    if (play_begin(&play, &qt, new_server(SCH_CRED_NO_DEFAULT_CREDS), &tls12) &&
        play_handshake(&play)) {
        leg_begin(play.peer, &leg);
        leg.input_pointer = NULL;
        status = leg_call(play.peer, &leg);
        leg_end(play.peer, &leg, status);
        ok(status == SEC_I_CONTINUE_NEEDED, "the client asks: %s\n", status_name(status));
        play_renegotiate(&play);
        ok(play.renegotiated == 1, "%u renegotiations\n", play.renegotiated);
        play_data(&play);
    }
    play_end(&play);
}

/* SslStream: the context's handle is written again in every call, one output buffer. */
static void test_dotnet(void)
{
    static struct manner dotnet = {
        .role = SIDE_SERVER,
        .flags = STREAM_FLAGS | ASC_REQ_EXTENDED_ERROR,
        .first_input = "TEA",
        .first_output = "T",
        .input = "TE",
        .output = "T",
        .closing_input = "TE",
        .closing_output = "T",
        .alpn = "h2",
        .handle_again = TRUE,
        .closing_handle_again = TRUE,
    };
    const DWORD flags = SCH_SEND_AUX_RECORD | SCH_CRED_NO_SYSTEM_MAPPER | SCH_USE_STRONG_CRYPTO;
    struct side_options client = certified(0);
    SecPkgCred_ClientCertPolicy policy = {0};
    SECURITY_STATUS status;
    struct play play;

    play_whole(&dotnet, new_server(flags), &with_alpn);
    play_whole(&dotnet, old_server(flags | SCH_CRED_DISABLE_RECONNECTS), &tls12);
    dotnet.flags |= ASC_REQ_MUTUAL_AUTH;
    /* Nobody trusts the client's certificate; that is for managed code to say. */
    if (play_begin(&play, &dotnet, new_server(flags), &client)) {
        /* The names it gives to clients come from a store. */
        policy.pwszSslCtlStoreName = (WCHAR *)L"Root";
        status = call_sized("SetCredentialsAttributesW", &play.self->credentials,
                            SECPKG_ATTR_CLIENT_CERT_POLICY, &policy, sizeof(policy));
        ok(status == SEC_E_OK, "CLIENT_CERT_POLICY: %s\n", status_name(status));
        if (play_handshake(&play)) {
            check_certificate(&play);
            play_data(&play);
        }
    }
    play_end(&play);
}

/* The schannel crate: calls with a NULL context until SEC_I_CONTINUE_NEEDED. */
static void test_rust(void)
{
    static const struct manner rust = {
        .role = SIDE_SERVER,
        .flags = STREAM_FLAGS,
        .first_input = "TEA",
        .first_output = "TLE",
        .input = "TEA",
        .output = "TLE",
        .closing_input = "TEA",
        .closing_output = "TLE",
        .alpn = "h2",
        .handle_again = TRUE,
        .closing_handle_again = TRUE,
        .reading = READ_MISSING,
        .missing_at = 1,
    };

    play_whole(&rust, new_server(SCH_USE_STRONG_CRYPTO), &with_alpn);
    play_whole(&rust, old_server(0), &tls12);
}

/* Waits for whole messages at first; closes with InitializeSecurityContextA. */
static void test_aws(void)
{
    static struct manner aws = {
        .role = SIDE_SERVER,
        .flags = STREAM_FLAGS,
        .first_input = "TA",
        .first_output = "T",
        .input = "TE",
        .output = "TLE",
        .closing_output = "E",
        .closing_by_initialize = TRUE,
        .alpn = "h2",
        .ansi = TRUE,
        .missing_at = 1,
    };
    struct side_options client = certified(0);

    play_whole(&aws, new_server(0), &with_alpn);
    play_whole(&aws, old_server(0), &tls12);
    aws.flags |= ASC_REQ_MUTUAL_AUTH;
    play_whole(&aws, new_server(0), &client);
}

/* boost-wintls: one output buffer; closes with InitializeSecurityContextA and no target, and the
 * output is where the control token was. */
static void test_wintls(void)
{
    static struct manner wintls = {
        .role = SIDE_SERVER,
        .flags = STREAM_FLAGS | ASC_REQ_EXTENDED_ERROR,
        .first_input = "TE",
        .first_output = "T",
        .input = "TE",
        .output = "T",
        .closing_output = "T",
        .closing_by_initialize = TRUE,
        .closing_in_place = TRUE,
        .closing_handle_again = TRUE,
        .closing_without_target = TRUE,
        .handle_again = TRUE,
        .ansi = TRUE,
    };
    struct side_options client = certified(0);
    const DWORD flags = SCH_CRED_MANUAL_CRED_VALIDATION | SCH_CRED_NO_DEFAULT_CREDS;

    play_whole(&wintls, new_server(flags), &with_alpn);
    play_whole(&wintls, old_server(flags), &tls12);
    wintls.flags |= ASC_REQ_MUTUAL_AUTH;
    play_whole(&wintls, new_server(flags), &client);
}

/* aria2's server for its RPC, two output buffers, byte by byte. */
static void test_aria2(void)
{
    static const struct manner aria2 = {
        .role = SIDE_SERVER,
        .flags = STREAM_FLAGS | ASC_REQ_EXTENDED_ERROR,
        .first_input = "TE",
        .first_output = "TL",
        .input = "TE",
        .output = "TL",
        .closing_output = "E",
        .closing_handle_again = TRUE,
        .reading = READ_BYTES,
    };

    play_whole(&aria2, old_server(SCH_USE_STRONG_CRYPTO), &tls12);
}

/* FFmpeg's listening sockets: the same handle in every call. */
static void test_ffmpeg(void)
{
    static const struct manner ffmpeg = {
        .role = SIDE_SERVER,
        .flags = STREAM_FLAGS,
        .first_input = "TE",
        .first_output = "TLE",
        .input = "TE",
        .output = "TLE",
        .closing_output = "E",
        .handle_again = TRUE,
        .closing_handle_again = TRUE,
    };

    play_whole(&ffmpeg, old_server(0), &tls12);
    play_whole(&ffmpeg, new_server(0), &with_alpn);
}

/* The other way round: a client's context goes on through AcceptSecurityContext. Credentials of the
 * other side are refused by both functions, and nothing has happened then. */
static void test_other_function(void)
{
    SECURITY_STATUS status;
    struct pair pair;
    struct leg leg;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(versions); i++) {
        struct side_options options = {.protocols = versions[i]};

        if (!pair_create(&pair, &options, &options)) {
            pair_destroy(&pair);
            continue;
        }
        side_leg(&pair.client);
        side_leg(&pair.server);
        leg_begin(&pair.client, &leg);
        status = InitializeSecurityContextW(&pair.server.credentials, &pair.client.context, NULL,
                                            SIDE_CLIENT_FLAGS, 0, 0, &leg.input, 0, NULL,
                                            &leg.output, &leg.attributes, &leg.expiry);
        ok(status == SEC_E_WRONG_CREDENTIAL_HANDLE, "wrong credentials: %s\n", status_name(status));
        ok(!leg.out[0].pvBuffer && leg.in[1].BufferType == SECBUFFER_EMPTY, "something is there\n");
        status = AcceptSecurityContext(&pair.server.credentials, &pair.client.context, &leg.input,
                                       SIDE_SERVER_FLAGS, 0, NULL, &leg.output, &leg.attributes,
                                       &leg.expiry);
        ok(status == SEC_E_WRONG_CREDENTIAL_HANDLE, "wrong credentials: %s\n", status_name(status));
        status = AcceptSecurityContext(&pair.client.credentials, &pair.client.context, &leg.input,
                                       SIDE_SERVER_FLAGS, 0, NULL, &leg.output, &leg.attributes,
                                       &leg.expiry);
        ok(status == SEC_I_CONTINUE_NEEDED || status == SEC_E_OK, "AcceptSecurityContext: %s\n",
           status_name(status));
        ok(leg.attributes == SIDE_SERVER_FLAGS, "attributes %#lx\n", leg.attributes);
        leg_end(&pair.client, &leg, status);
        ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
           status_name(pair.server.status));
        if (pair.client.status == SEC_E_OK && pair.server.status == SEC_E_OK)
            pair_exchange(&pair.client, &pair.server, 1000);
        pair_destroy(&pair);
    }
}

START_TEST(programs_servers)
{
    RUN(test_qt);
    RUN(test_qt_renegotiation);
    RUN(test_dotnet);
    RUN(test_rust);
    RUN(test_aws);
    RUN(test_wintls);
    RUN(test_aria2);
    RUN(test_ffmpeg);
    RUN(test_other_function);
}
