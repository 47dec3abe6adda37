/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Clients as known programs are: their credentials, flags, shapes of buffers and order of calls,
 * and what they ask for afterwards. Here are those in C and C++ that do no more than TLS; libraries
 * and frameworks are in programs/frameworks.c, servers in programs/servers.c,
 * the table of who uses what in docs/consumers.md.
 *
 * Source: the public sources of these programs, read for their behaviour.
 */
#include "kit/consumers.h"
#include "kit/other.h"
#include "wine/test.h"

/* Takes credentials for the key to a session that can be resumed; SCHANNEL_CRED when it was given a
 * list of algorithms. The attributes must be the flags, all of them, and no others but
 * REPLAY_DETECT and SEQUENCE_DETECT. */
static void test_curl(void)
{
    static struct manner curl = {
        .flags = CLIENT_STREAM_FLAGS | ISC_REQ_USE_SUPPLIED_CREDS,
        .first_input = "A",
        .first_output = "E",
        .input = "TE",
        .output = "TLE",
        .closing_output = "E",
        .closing_handle_again = TRUE,
        .alpn = "http/1.1",
    };
    static const struct side_options h1 = {.alpn = "h2 http/1.1"};
    ALG_ID algorithms[] = {CALG_AES_256, CALG_SHA_384, CALG_ECDH_EPHEM};
    const DWORD enabled = SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_3_CLIENT;
    SCHANNEL_CRED *old;
    struct play play;

    if (play_begin(&play, &curl,
                   new_credentials(NOT_CHECKED | SCH_CRED_NO_DEFAULT_CREDS | SCH_USE_STRONG_CRYPTO,
                                   ~enabled),
                   &h1) &&
        play_handshake(&play)) {
        SecPkgContext_Bindings bindings = {0};
        SECURITY_STATUS status;

        ok(protocol_of(&play) == SP_PROT_TLS1_3_CLIENT, "not TLS 1.3\n");
        check_alpn(&play, "http/1.1");
        check_certificate(&play);
        status = play_query(&play, SECPKG_ATTR_ENDPOINT_BINDINGS, &bindings);
        ok(status == SEC_E_OK && bindings.Bindings, "ENDPOINT_BINDINGS: %s\n", status_name(status));
        if (bindings.Bindings)
            FreeContextBuffer(bindings.Bindings);
        play_data(&play);
        play_shutdown(&play);
        play_peer_shutdown(&play);
    }
    play_end(&play);
    play_refused(&curl,
                 new_credentials(SCH_CRED_AUTO_CRED_VALIDATION | SCH_CRED_REVOCATION_CHECK_CHAIN |
                                     SCH_CRED_NO_SERVERNAME_CHECK | SCH_CRED_NO_DEFAULT_CREDS,
                                 ~enabled));
    play_resumed(&curl, new_credentials(NOT_CHECKED | SCH_CRED_NO_DEFAULT_CREDS, ~enabled));

    old = old_credentials(NOT_CHECKED | SCH_CRED_NO_DEFAULT_CREDS, enabled);
    old->palgSupportedAlgs = algorithms;
    old->cSupportedAlgs = ARRAY_SIZE(algorithms);
    if (play_begin(&play, &curl, old, NULL) && play_handshake(&play)) {
        ok(protocol_of(&play) == SP_PROT_TLS1_2_CLIENT, "not TLS 1.2\n");
        check_alpn(&play, NULL);
        play_data(&play);
    }
    play_end(&play);

    /* --ssl-auto-client-cert: without ISC_REQ_USE_SUPPLIED_CREDS until it is asked. */
    curl.flags &= ~ISC_REQ_USE_SUPPLIED_CREDS;
    curl.asked = ASKED_SUPPLIED;
    play_asked(&curl, new_credentials(NOT_CHECKED | SCH_CRED_NO_DEFAULT_CREDS, ~enabled));
    play_asked(&curl, new_credentials(NOT_CHECKED | SCH_CRED_NO_DEFAULT_CREDS,
                                      ~(DWORD)SP_PROT_TLS1_2_CLIENT));
}

/* mongo-c-driver took curl's sequence, without its protocols, and closes without a target. */
static void test_mongo(void)
{
    static const struct manner mongo = {
        .flags = CLIENT_STREAM_FLAGS,
        .first_output = "E",
        .input = "TE",
        .output = "TLE",
        .closing_output = "E",
        .closing_handle_again = TRUE,
        .closing_without_target = TRUE,
        .ansi = TRUE,
        .asked = ASKED_SUPPLIED,
    };

    play_whole(&mongo,
               new_credentials(NOT_CHECKED | SCH_USE_STRONG_CRYPTO | SCH_CRED_NO_DEFAULT_CREDS,
                               ~(DWORD)(SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_3_CLIENT)),
               NULL);
    play_whole(&mongo, old_credentials(NOT_CHECKED, SP_PROT_TLS1_2_CLIENT), NULL);
    play_refused(&mongo,
                 new_credentials(SCH_CRED_AUTO_CRED_VALIDATION | SCH_CRED_REVOCATION_CHECK_CHAIN |
                                     SCH_CRED_IGNORE_REVOCATION_OFFLINE |
                                     SCH_CRED_NO_SERVERNAME_CHECK | SCH_USE_STRONG_CRYPTO,
                                 0));
    play_asked(&mongo, old_credentials(NOT_CHECKED | SCH_CRED_NO_DEFAULT_CREDS, 0));
}

/* Nothing in its SCHANNEL_CRED but flags; reads what comes, in pieces. */
static void test_ffmpeg(void)
{
    static struct manner ffmpeg = {
        .flags = CLIENT_STREAM_FLAGS,
        .first_output = "E",
        .input = "TE",
        .output = "TLE",
        .closing_output = "E",
        .closing_handle_again = TRUE,
        .asked = ASKED_SUPPLIED,
    };

    play_whole(&ffmpeg, old_credentials(NOT_CHECKED, 0), NULL);
    play_refused(&ffmpeg, old_credentials(
                              SCH_CRED_AUTO_CRED_VALIDATION | SCH_CRED_REVOCATION_CHECK_CHAIN, 0));
    play_asked(&ffmpeg, old_credentials(NOT_CHECKED | SCH_CRED_NO_DEFAULT_CREDS, 0));
    /* Its FTP and HTTP readers may ask for single bytes. */
    ffmpeg.reading = READ_BYTES;
    play_whole(&ffmpeg, old_credentials(NOT_CHECKED, 0), NULL);
}

/* Reads as much as MISSING says, and takes any status but SEC_E_OK behind a ticket for the end. */
static void test_aws(void)
{
    static const struct manner aws = {
        .flags = CLIENT_STREAM_FLAGS,
        .first_input = "A",
        .first_output = "E",
        .input = "TE",
        .output = "TLE",
        .closing_output = "E",
        .alpn = "h2",
        .ansi = TRUE,
        .reading = READ_MISSING,
        .missing_at = 1,
    };
    static const struct side_options h2 = {.alpn = "h2"};
    SECURITY_STATUS status;
    struct play play;

    if (play_begin(&play, &aws,
                   new_credentials(SCH_CRED_MANUAL_CRED_VALIDATION | SCH_USE_STRONG_CRYPTO,
                                   ~(DWORD)(SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_3_CLIENT)),
                   &h2) &&
        play_handshake(&play)) {
        ok(protocol_of(&play) == SP_PROT_TLS1_3_CLIENT, "not TLS 1.3\n");
        check_alpn(&play, "h2");
        check_certificate(&play);
        play_data(&play);
        ok(play.renegotiated, "no ticket has come\n");
        play_shutdown(&play);
        play_peer_shutdown(&play);
        /* It frees what may be NULL, and its credentials with the wrong function. */
        status = FreeContextBuffer(NULL);
        ok(status == SEC_E_OK, "FreeContextBuffer(NULL): %s\n", status_name(status));
        status = DeleteSecurityContext(&play.self->credentials);
        ok(status == SEC_E_INVALID_HANDLE, "a credential is deleted: %s\n", status_name(status));
    }
    play_end(&play);
    play_refused(&aws, new_credentials(SCH_CRED_AUTO_CRED_VALIDATION | SCH_USE_STRONG_CRYPTO |
                                           SCH_CRED_NO_SERVERNAME_CHECK |
                                           SCH_CRED_REVOCATION_CHECK_CHAIN |
                                           SCH_CRED_IGNORE_REVOCATION_OFFLINE,
                                       0));
    play_whole(&aws, old_credentials(SCH_CRED_MANUAL_CRED_VALIDATION, 0), NULL);
}

/* Flags must come back exactly; two output buffers. */
static void test_aria2(void)
{
    static const struct manner aria2 = {
        .flags = CLIENT_STREAM_FLAGS,
        .first_output = "E",
        .input = "TE",
        .output = "TL",
        .closing_output = "E",
        .closing_handle_again = TRUE,
        .ansi = TRUE,
    };
    struct play play;

    if (play_begin(&play, &aria2,
                   old_credentials(NOT_CHECKED | SCH_CRED_NO_SERVERNAME_CHECK |
                                       SCH_CRED_NO_DEFAULT_CREDS | SCH_USE_STRONG_CRYPTO,
                                   SP_PROT_TLS1_2_CLIENT),
                   NULL) &&
        play_handshake(&play)) {
        check_cipher(&play);
        play_data(&play);
        play_shutdown(&play);
        play_peer_shutdown(&play);
    }
    play_end(&play);
    play_refused(&aria2,
                 old_credentials(SCH_CRED_AUTO_CRED_VALIDATION | SCH_CRED_REVOCATION_CHECK_CHAIN |
                                     SCH_CRED_IGNORE_NO_REVOCATION_CHECK,
                                 SP_PROT_TLS1_2_CLIENT));
}

/* Leaves ISC_REQ_USE_SUPPLIED_CREDS and the target out of later calls, has one output buffer, and
 * repeats a call that asked for a certificate as it was. */
static void test_mariadb(void)
{
    static const struct manner mariadb = {
        .first_flags = CLIENT_STREAM_FLAGS | ISC_RET_EXTENDED_ERROR | ISC_REQ_USE_SUPPLIED_CREDS,
        .flags = CLIENT_STREAM_FLAGS | ISC_RET_EXTENDED_ERROR,
        .first_output = "T",
        .input = "TE",
        .output = "T",
        .closing_output = "T",
        .ansi = TRUE,
        .no_later_target = TRUE,
        .asked = ASKED_AGAIN,
    };
    ALG_ID algorithms[] = {CALG_AES_128, CALG_ECDH_EPHEM, CALG_DH_EPHEM, CALG_RSA_KEYX};
    const DWORD flags = SCH_CRED_NO_SERVERNAME_CHECK | SCH_CRED_NO_DEFAULT_CREDS |
                        SCH_CRED_MANUAL_CRED_VALIDATION | SCH_SEND_ROOT_CERT;
    SCHANNEL_CRED *old = old_credentials(flags, SP_PROT_TLS1_2_CLIENT);
    struct play play;

    old->palgSupportedAlgs = algorithms;
    old->cSupportedAlgs = ARRAY_SIZE(algorithms);
    if (play_begin(&play, &mariadb, old, NULL) && play_handshake(&play)) {
        ok(protocol_of(&play) == SP_PROT_TLS1_2_CLIENT, "not TLS 1.2\n");
        check_cipher(&play);
        check_certificate(&play);
        play_data(&play);
        play_shutdown(&play);
        play_peer_shutdown(&play);
    }
    play_end(&play);
    play_asked(&mariadb, old_credentials(flags, SP_PROT_TLS1_2_CLIENT));
    play_whole(&mariadb,
               new_credentials(flags, ~(DWORD)(SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_3_CLIENT)),
               NULL);
}

/* Wine's wininet and winhttp: no ISC_REQ_STREAM, and what comes with SEC_E_OK is never sent. */
static void test_wine_net(void)
{
    static const struct manner wine = {
        .flags = ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_USE_SESSION_KEY | ISC_REQ_CONFIDENTIALITY |
                 ISC_REQ_SEQUENCE_DETECT | ISC_REQ_REPLAY_DETECT | ISC_REQ_MANUAL_CRED_VALIDATION,
        .first_output = "T",
        .input = "TE",
        .output = "T",
        .drops_last_token = TRUE,
    };
    struct play play;

    if (play_begin(&play, &wine, old_credentials(0, 0), NULL) && play_handshake(&play)) {
        ok(protocol_of(&play) == SP_PROT_TLS1_2_CLIENT, "not TLS 1.2\n");
        check_certificate(&play);
        play_data(&play);
        play_again(&play);
        if (play_handshake(&play)) {
            play_data(&play);
            play_peer_shutdown(&play);
        }
    }
    play_end(&play);
    if (play_begin(&play, &wine, old_credentials(0, 0), &asking) && play_handshake(&play))
        play_data(&play);
    play_end(&play);
}

START_TEST(programs_clients)
{
    RUN(test_curl);
    RUN(test_mongo);
    RUN(test_ffmpeg);
    RUN(test_aws);
    RUN(test_aria2);
    RUN(test_mariadb);
    RUN(test_wine_net);
}
