/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rows about what a process has to do only once, each measured in a process of its own: from its
 * start to the ClientHello, next to the same over Wine's builtin secur32; and the first handshake
 * that checks a certificate, with all that has to be loaded for it.
 */
#include "bench/processes.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"
#include "bench/checked.h"
#include "bench/measure.h"
#include "bench/native.h"
#include "bench/pair.h"
#include "bench/parts.h"
#include "bench/table.h"

#define ROUNDS   10
#define PATIENCE 8

/* Tells a process of this program that it is to do one handshake: "ours 1.3 rsa". */
#define CHILD "SSPITLS_BENCH_FIRST"

/* Processes --------------------------------------------------------------------------------------
 */

/* This program with other words; its output goes where these handles say. */
static HANDLE start(const WCHAR *words, HANDLE output, HANDLE errors)
{
    STARTUPINFOW startup = {.cb = sizeof(startup),
                            .dwFlags = STARTF_USESTDHANDLES,
                            .hStdOutput = output,
                            .hStdError = errors};
    WCHAR program[MAX_PATH], line[MAX_PATH + 128];
    PROCESS_INFORMATION process = {0};

    GetModuleFileNameW(NULL, program, ARRAYSIZE(program));
    swprintf(line, ARRAYSIZE(line), L"\"%ls\" %ls", program, words);
    if (!CreateProcessW(program, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process)) {
        report_system("sspitls", GetLastError());
        return NULL;
    }
    CloseHandle(process.hThread);
    return process.hProcess;
}

static void end(HANDLE process)
{
    TerminateProcess(process, 0);
    WaitForSingleObject(process, INFINITE);
    CloseHandle(process);
}

/* From the start to the ClientHello ---------------------------------------------------------------
 */

struct hello {
    SOCKET listener;
    WCHAR words[96];
    HANDLE nothing;
};

static bool listen_somewhere(struct hello *hello)
{
    SECURITY_ATTRIBUTES inherited = {.nLength = sizeof(inherited), .bInheritHandle = TRUE};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int size = sizeof(address);

    hello->nothing =
        CreateFileW(L"NUL", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                    &inherited, OPEN_EXISTING, 0, NULL);
    hello->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (hello->listener == INVALID_SOCKET ||
        bind(hello->listener, (struct sockaddr *)&address, sizeof(address)) ||
        getsockname(hello->listener, (struct sockaddr *)&address, &size) ||
        listen(hello->listener, 1)) {
        report_system("a port to listen on", WSAGetLastError());
        return false;
    }
    swprintf(hello->words, ARRAYSIZE(hello->words),
             L"client 127.0.0.1:%u --sync --insecure --quiet --tls 1.2", ntohs(address.sin_port));
    return true;
}

/* The first byte of the next connection; -1: there is none. */
static int next_byte(const struct hello *hello)
{
    struct timeval patience = {.tv_sec = 60};
    fd_set waiting = {1, {hello->listener}};
    SOCKET peer = INVALID_SOCKET;
    char first = 0;

    if (select(0, &waiting, NULL, NULL, &patience) == 1)
        peer = accept(hello->listener, NULL, NULL);
    if (peer == INVALID_SOCKET)
        return -1;
    recv(peer, &first, 1, 0);
    closesocket(peer);
    return first;
}

static bool hello_arrives(const struct hello *hello, double *us)
{
    const double started = clock_us();
    HANDLE process = start(hello->words, hello->nothing, hello->nothing);
    int first;

    if (!process)
        return false;
    /* Somebody else on the machine may look whether this port is free. */
    do {
        first = next_byte(hello);
        *us = clock_us() - started;
    } while (!first);
    end(process);
    if (first != 0x16) /* a record of a handshake */
        report("no ClientHello came from a client");
    return first == 0x16;
}

static bool our_hello(void *data, double values[])
{
    return hello_arrives(data, &values[0]);
}

static bool builtin_hello(void *data, double values[])
{
    WCHAR before[512] = L"";
    bool ok;

    GetEnvironmentVariableW(L"WINEDLLOVERRIDES", before, ARRAYSIZE(before));
    SetEnvironmentVariableW(L"WINEDLLOVERRIDES", L"secur32=b");
    ok = hello_arrives(data, &values[0]);
    SetEnvironmentVariableW(L"WINEDLLOVERRIDES", *before ? before : NULL);
    return ok;
}

static void measure_hello(struct bench *bench)
{
    static const struct bench_subject subject = {
        .ours = our_hello, .native = builtin_hello, .rounds = ROUNDS, .patience = PATIENCE};
    struct bench_row row = {.unit = "us", .decimals = 0};
    struct hello hello = {.listener = INVALID_SOCKET};

    if (!bench_wants(bench, "process-hello"))
        return;
    bench_name(&row, "process-hello", "start to ClientHello, Wine's builtin");
    bench_group(bench, "What a process does once");
    if (listen_somewhere(&hello))
        bench_measure(bench, &subject, &row, 1, &hello);
    else
        bench->failed = true;
    closesocket(hello.listener);
    CloseHandle(hello.nothing);
}

/* The first handshake with a check ----------------------------------------------------------------
 */

/* Roots, credentials, a handshake: through SSPI as a program would that adds a root of its own. */
static bool first_of_ours(struct checked *checked, enum tls_version version)
{
    struct bench_sspi_pair *pair = calloc(1, sizeof(*pair));
    struct bench_sspi_credentials credentials = {0};
    bool ok = pair && checked_load_roots(checked) &&
              sspi_checking_credentials(&credentials, checked->identity.certificate, checked->roots,
                                        version);

    if (ok) {
        sspi_pair_init(pair, &credentials);
        ok = sspi_pair_connect(pair);
        sspi_pair_delete(pair);
    }
    sspi_credentials_free(&credentials);
    free(pair);
    return ok;
}

static bool first_of_native(struct checked *checked, enum tls_version version)
{
    struct bench_handshakes params = {
        .credentials = native_checking_credentials(checked->identity.certificate,
                                                   checked->authority, checked->root, version),
        .count = 1,
        .status = -1,
    };
    bool ok = params.credentials && native_do(BENCH_CALL_HANDSHAKES, &params, &params.status);

    native_free(BENCH_CALL_CREDENTIALS_FREE, params.credentials);
    return ok;
}

bool bench_is_child(int *status)
{
    char words[32], who[8], version[8], key[8];
    struct checked checked;
    enum tls_version tls;
    double started;
    bool ok, ours;

    if (!GetEnvironmentVariableA(CHILD, words, sizeof(words)) ||
        sscanf(words, "%7s %7s %7s", who, version, key) != 3)
        return false;
    ours = !strcmp(who, "ours");
    tls = strcmp(version, "1.3") ? TLS_1_2 : TLS_1_3;
    ok = (ours || native_load()) &&
         checked_make(&checked, strcmp(key, "rsa") ? KEY_P256 : KEY_RSA, 2);
    started = clock_us();
    ok = ok && (ours ? first_of_ours : first_of_native)(&checked, tls);
    if (ok)
        printf("%.0f\n", clock_us() - started);
    *status = ok ? EXIT_OK : EXIT_TLS;
    return true;
}

struct first {
    const char *version, *key;
};

/* Has a process of its own do the handshake, by `who`. */
static bool in_a_process(const struct first *first, const char *who, double *us)
{
    SECURITY_ATTRIBUTES inherited = {.nLength = sizeof(inherited), .bInheritHandle = TRUE};
    char words[32], said[32] = "";
    HANDLE from, to, process;
    DWORD size = 0;

    if (!CreatePipe(&from, &to, &inherited, 0))
        return false;
    snprintf(words, sizeof(words), "%s %s %s", who, first->version, first->key);
    SetEnvironmentVariableA(CHILD, words);
    process = start(L"bench", to, GetStdHandle(STD_ERROR_HANDLE));
    SetEnvironmentVariableA(CHILD, NULL);
    CloseHandle(to);
    if (process) {
        ReadFile(from, said, sizeof(said) - 1, &size, NULL);
        WaitForSingleObject(process, INFINITE);
        CloseHandle(process);
    }
    CloseHandle(from);
    *us = atof(said);
    if (*us <= 0)
        report("a process of its own could not do a handshake");
    return *us > 0;
}

static bool our_first(void *data, double values[])
{
    return in_a_process(data, "ours", &values[0]);
}

static bool native_first(void *data, double values[])
{
    return in_a_process(data, "native", &values[0]);
}

static void measure_first(struct bench *bench, const struct first *first)
{
    static const struct bench_subject subject = {
        .ours = our_first, .native = native_first, .rounds = ROUNDS, .patience = PATIENCE};
    struct bench_row row = {.unit = "us", .decimals = 0};
    char id[48];

    snprintf(id, sizeof(id), "process-checked-%s-%s", first->version, first->key);
    if (!bench_wants(bench, id))
        return;
    bench_name(&row, id, "first checked handshake, %s, %s", first->version,
               strcmp(first->key, "rsa") ? "P-256" : "RSA-2048");
    bench_group(bench, "What a process does once");
    bench_measure(bench, &subject, &row, 1, (void *)first);
}

void bench_processes(struct bench *bench)
{
    static const struct first firsts[] = {
        {"1.3", "rsa"}, {"1.3", "p256"}, {"1.2", "rsa"}, {"1.2", "p256"}};

    measure_hello(bench);
    for (unsigned i = 0; bench->server && i < ARRAYSIZE(firsts); i++) {
        if (bench->tls_1_3 || strcmp(firsts[i].version, "1.3"))
            measure_first(bench, &firsts[i]);
    }
}
