/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loopback [CERT.pem KEY.pem]: Schannel against itself in memory, the way programs call it.
 *
 * Each test plays one kind of caller: memory from the DLL or of its own, whole flights or single
 * bytes, buffers too small, resumption with a shared credential, one thread per direction. Without
 * arguments the certificate is one of this run, with a key behind CryptoAPI; with arguments the key
 * (PKCS#8) comes in the certificate's property. Ends with `N passed, N failed, N skipped`.
 */
#include "kit/memory.h"

static void test_plain(struct creds *creds)
{
    struct pair pair;

    pair_begin(&pair, &creds->client, &creds->server);
    if (check(handshake(&pair))) {
        check(pair.client.attributes == pair.client.flags);
        check(pair.server.attributes == pair.server.flags);
        both_ways(&pair);
        shutdown_side(&pair.client);
        shutdown_side(&pair.server);
    } else {
        printf("  client %08lx server %08lx\n", pair.client.status, pair.server.status);
    }
    pair_end(&pair);
}

static void test_single_bytes(struct creds *creds)
{
    struct pair pair;

    pair_begin(&pair, &creds->client, &creds->server);
    pair.client.feed = pair.server.feed = 1;
    if (check(handshake(&pair))) {
        pair.client.feed = pair.server.feed = 0;
        both_ways(&pair);
    }
    pair_end(&pair);
}

static void test_small_output(struct creds *creds)
{
    struct pair pair;

    pair_begin(&pair, &creds->client, &creds->server);
    pair.client.flags = CLIENT_FLAGS;
    pair.server.flags = SERVER_FLAGS;
    pair.client.small = pair.server.small = true;
    if (check(handshake(&pair))) {
        both_ways(&pair);
        shutdown_side(&pair.client);
    }
    pair_end(&pair);
}

static void test_alpn(struct creds *creds)
{
    SecPkgContext_ApplicationProtocol protocol;
    struct pair pair;

    pair_begin(&pair, &creds->client, &creds->server);
    pair.client.alpn = "\x02h2\x08http/1.1";
    pair.server.alpn = "\x08http/1.1";
    if (check(handshake(&pair))) {
        check_status(QueryContextAttributesW(&pair.client.context, SECPKG_ATTR_APPLICATION_PROTOCOL,
                                             &protocol),
                     SEC_E_OK);
        check(protocol.ProtocolIdSize == 8 && !memcmp(protocol.ProtocolId, "http/1.1", 8));
    }
    pair_end(&pair);

    pair_begin(&pair, &creds->client, &creds->server);
    pair.client.alpn = "\x02h2";
    pair.server.alpn = "\x08http/1.1";
    check(!handshake(&pair));
    check_status(pair.server.status, SEC_E_APPLICATION_PROTOCOL_MISMATCH);
    check_status(leg(&pair.client), SEC_E_APPLICATION_PROTOCOL_MISMATCH);
    pair_end(&pair);
}

static void test_resumption(struct creds *creds)
{
    struct pair pair;

    for (int i = 0; i < 3; i++) {
        pair_begin(&pair, &creds->client, &creds->server);
        pair.client.target = L"resume.test";
        if (check(handshake(&pair))) {
            check(was_resumed(&pair.client) == (i > 0));
            check(was_resumed(&pair.server) == (i > 0));
            both_ways(&pair);
        }
        pair_end(&pair);
    }
    pair_begin(&pair, &creds->client, &creds->server);
    pair.client.target = L"other.test";
    if (check(handshake(&pair)))
        check(!was_resumed(&pair.client));
    pair_end(&pair);
}

/* The server's certificate is self-signed; without manual validation that ends the handshake. */
static void test_untrusted(struct creds *creds, bool tls13)
{
    CredHandle strict;
    struct pair pair;

    if (!check_status(acquire(&strict, false, tls13, SCH_CRED_NO_DEFAULT_CREDS), SEC_E_OK))
        return;
    pair_begin(&pair, &strict, &creds->server);
    check(!handshake(&pair));
    check(is_distrust(pair.client.status));
    check(pair.server.size > 0);
    check(leg(&pair.server) < 0);
    check(pair.server.status != SEC_E_INCOMPLETE_MESSAGE);
    check(is_distrust(leg(&pair.client)));
    pair_end(&pair);
    check_status(FreeCredentialsHandle(&strict), SEC_E_OK);
}

/* A program that validates per context rather than per credential. */
static void test_manual_per_context(struct creds *creds, bool tls13)
{
    CredHandle strict;
    struct pair pair;

    if (!check_status(acquire(&strict, false, tls13, 0), SEC_E_OK))
        return;
    pair_begin(&pair, &strict, &creds->server);
    pair.client.flags |= ISC_REQ_MANUAL_CRED_VALIDATION;
    check(handshake(&pair));
    check(pair.client.attributes == pair.client.flags);
    pair_end(&pair);
    check_status(FreeCredentialsHandle(&strict), SEC_E_OK);
}

/* wininet's way: no STREAM, SCHANNEL_CRED, and the token that comes with SEC_E_OK is dropped. */
static void test_drops_last_token(struct creds *creds)
{
    CredHandle old;
    struct pair pair;

    if (!check_status(acquire_old(&old, 0), SEC_E_OK))
        return;
    for (int i = 0; i < 2; i++) {
        DWORD before;

        pair_begin(&pair, &old, &creds->server);
        pair.client.flags = ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_USE_SESSION_KEY |
                            ISC_REQ_CONFIDENTIALITY | ISC_REQ_SEQUENCE_DETECT |
                            ISC_REQ_REPLAY_DETECT | ISC_REQ_MANUAL_CRED_VALIDATION;
        check_status(leg(&pair.client), SEC_I_CONTINUE_NEEDED);
        while (pair.client.status == SEC_I_CONTINUE_NEEDED) {
            if (leg(&pair.server) < 0 || !check(pair.client.size))
                break;
            before = pair.server.size;
            leg(&pair.client);
            if (pair.client.status == SEC_E_OK)
                check(pair.server.size == before);
        }
        if (check_status(pair.client.status, SEC_E_OK) &&
            check_status(pair.server.status, SEC_E_OK)) {
            check(!was_resumed(&pair.client));
            both_ways(&pair);
        }
        pair_end(&pair);
    }
    check_status(FreeCredentialsHandle(&old), SEC_E_OK);
}

struct worker {
    struct side *side;
    DWORD rounds, errors;
};

/* Echoes nothing: encrypts for itself, as the sending half of a program does. */
static DWORD WINAPI keep_sending(void *argument)
{
    struct worker *worker = argument;
    BYTE record[1024] = {0};

    for (DWORD i = 0; i < worker->rounds; i++) {
        SecBuffer buffers[4] = {{32, SECBUFFER_STREAM_HEADER, record},
                                {512, SECBUFFER_DATA, record + 32},
                                {64, SECBUFFER_STREAM_TRAILER, record + 32 + 512},
                                {0, SECBUFFER_EMPTY, NULL}};
        SecBufferDesc message = {SECBUFFER_VERSION, 4, buffers};

        if (EncryptMessage(&worker->side->context, 0, &message, 0) != SEC_E_OK)
            worker->errors++;
    }
    return 0;
}

/* One thread sends on the very context that another receives on. */
static void test_two_threads(struct creds *creds)
{
    struct worker worker = {.rounds = 2000};
    static BYTE got[CHUNK];
    struct pair pair;
    HANDLE thread;
    DWORD size;

    pair_begin(&pair, &creds->client, &creds->server);
    if (check(handshake(&pair))) {
        for (int i = 0; i < 400; i++)
            send_data(&pair.server, (const BYTE *)"0123456789", 10);
        worker.side = &pair.client;
        thread = CreateThread(NULL, 0, keep_sending, &worker, 0, NULL);
        for (int i = 0; i < 400; i++)
            if (receive_data(&pair.client, got, &size) != SEC_E_OK || size != 10)
                worker.errors++;
        WaitForSingleObject(thread, INFINITE);
        CloseHandle(thread);
        check(worker.errors == 0);
    }
    pair_end(&pair);
}

/* What the client's first flight holds of its target. */
static void test_server_names(struct creds *creds)
{
    static const struct {
        const WCHAR *target;
        const char *sent, *not_sent;
    } names[] = {
        {L"plain.test", "plain.test", "loopback"},
        {L"dotted.test.", "dotted.test", "dotted.test."},
        {L"b\u00fccher.test", "xn--bcher-kva.test", "cher.test."},
        {L"192.0.2.1", NULL, "192.0.2.1"},
        {L"2001:db8::1", NULL, "2001:db8"},
        {L"[2001:db8::1]", NULL, "2001:db8"},
        {L"", NULL, "test"},
        {NULL, NULL, "test"},
    };
    struct pair pair;

    for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        pair_begin(&pair, &creds->client, &creds->server);
        pair.client.target = names[i].target;
        check_status(leg(&pair.client), SEC_I_CONTINUE_NEEDED);
        check(!names[i].sent || contains(pair.server.inbox, pair.server.size, names[i].sent));
        check(!contains(pair.server.inbox, pair.server.size, names[i].not_sent));
        check(handshake(&pair));
        pair_end(&pair);
    }
}

/* A server that asks for a certificate of a client that has one, and of one that has none. */
static void test_mutual(struct creds *creds, bool tls13)
{
    const CERT_CONTEXT *seen = NULL;
    CredHandle lenient, strict, presenting;
    struct pair pair;

    if (!check_status(acquire(&lenient, true, tls13, SCH_CRED_MANUAL_CRED_VALIDATION), SEC_E_OK) ||
        !check_status(acquire(&strict, true, tls13, SCH_CRED_AUTO_CRED_VALIDATION), SEC_E_OK) ||
        !check_status(acquire_client_with_certificate(&presenting, tls13), SEC_E_OK))
        return;
    pair_begin(&pair, &presenting, &lenient);
    pair.server.flags |= ASC_REQ_MUTUAL_AUTH;
    if (check(handshake(&pair))) {
        check(pair.server.attributes == pair.server.flags);
        check_status(
            QueryContextAttributesW(&pair.server.context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &seen),
            SEC_E_OK);
        check(seen && seen->cbCertEncoded == certificate->cbCertEncoded);
        if (seen)
            CertFreeCertificateContext(seen);
        both_ways(&pair);
    }
    pair_end(&pair);

    pair_begin(&pair, &creds->client, &lenient);
    pair.client.target = L"nobody.test";
    pair.server.flags |= ASC_REQ_MUTUAL_AUTH;
    if (check(handshake(&pair)))
        check(pair.server.attributes == (pair.server.flags & ~ASC_REQ_MUTUAL_AUTH));
    pair_end(&pair);

    /* The certificate is trusted by nobody: a server that validates refuses it. */
    pair_begin(&pair, &presenting, &strict);
    pair.client.target = L"refused.test";
    pair.server.flags |= ASC_REQ_MUTUAL_AUTH;
    check(!handshake(&pair));
    check(is_distrust(pair.server.status));
    pair_end(&pair);
    check_status(FreeCredentialsHandle(&presenting), SEC_E_OK);
    check_status(FreeCredentialsHandle(&strict), SEC_E_OK);
    check_status(FreeCredentialsHandle(&lenient), SEC_E_OK);
}

static void tests(struct creds *creds, bool tls13)
{
    test_plain(creds);
    test_single_bytes(creds);
    test_small_output(creds);
    test_alpn(creds);
    test_resumption(creds);
    test_untrusted(creds, tls13);
    test_manual_per_context(creds, tls13);
    if (!tls13)
        test_drops_last_token(creds);
    test_two_threads(creds);
    test_server_names(creds);
    test_mutual(creds, tls13);
}

int main(int count, char **arguments)
{
    return run(count, arguments, tests);
}
