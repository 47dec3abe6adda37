/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sspitls client --dtls: every read of standard input becomes a datagram, what comes goes to the
 * output. At the end of input our close_notify goes out; the peer's ends the command, or silence.
 */
#include "client/datagramclient.h"

#include <string.h>
#include <ws2tcpip.h>

#include "base/error.h"
#include "tls/cause.h"
#include "tls/datagram.h"

#define DEFAULT_TIMEOUT 30
#define SILENCE_MS      2000 /* after our close_notify */

struct relay {
    struct datagram_end *end;
    struct output *output;
    volatile LONG input_ended;
};

static const struct phases none;

static bool write_data(void *data, const unsigned char *bytes, size_t size)
{
    struct relay *relay = data;

    return !size || output_write(relay->output, bytes, size);
}

static DWORD WINAPI send_input(void *argument)
{
    static unsigned char data[DATAGRAM_MAX];
    struct relay *relay = argument;
    DWORD got, most = min(relay->end->tls.sizes.cbMaximumMessage, sizeof(data));

    while (ReadFile(GetStdHandle(STD_INPUT_HANDLE), data, most, &got, NULL) && got) {
        if (!datagram_send(relay->end, data, got))
            break;
    }
    datagram_shutdown(relay->end);
    InterlockedExchange(&relay->input_ended, TRUE);
    return 0;
}

/* Waits for a datagram: its size, 0 when there is none, -1 when the network has failed. */
static int receive(struct datagram_end *end, unsigned char *bytes, DWORD patience)
{
    struct timeval wait = {(long)(patience / 1000), (long)(patience % 1000 * 1000)};
    fd_set set;
    int size;

    FD_ZERO(&set);
    FD_SET(end->socket, &set);
    if (select(0, &set, NULL, NULL, &wait) <= 0)
        return 0;
    size = recv(end->socket, (char *)bytes, DATAGRAM_MAX, 0);
    return size >= 0 ? size : WSAGetLastError() == WSAEMSGSIZE ? 0 : -1;
}

static int handshake(struct datagram_end *end, struct relay *relay, DWORD timeout)
{
    static unsigned char bytes[DATAGRAM_MAX];
    ULONGLONG limit = GetTickCount64() + timeout;
    enum tls_event event = datagram_begin(end);
    int size;

    while (event == TLS_NEED_INPUT) {
        if (GetTickCount64() >= limit) {
            report("no answer");
            return EXIT_NETWORK;
        }
        size = receive(end, bytes, datagram_patience(end, 1000));
        if (size < 0) {
            report_system("receiving", WSAGetLastError());
            return EXIT_NETWORK;
        }
        event = size ? datagram_take(end, bytes, size, write_data, relay) : datagram_tick(end);
    }
    if (event == TLS_CONNECTED)
        return EXIT_OK;
    cause_report("handshake", end->tls.status, end->tls.cause);
    return EXIT_TLS;
}

static int exchange(struct datagram_end *end, struct relay *relay, DWORD timeout)
{
    static unsigned char bytes[DATAGRAM_MAX];
    ULONGLONG last = GetTickCount64();
    enum tls_event event = TLS_NEED_INPUT;
    int size;

    CloseHandle(CreateThread(NULL, 0, send_input, relay, 0, NULL));
    while (event == TLS_NEED_INPUT) {
        size = receive(end, bytes, 100);
        if (size > 0) {
            last = GetTickCount64();
            event = datagram_take(end, bytes, size, write_data, relay);
        } else if (size < 0 && !relay->input_ended) {
            report_system("receiving", WSAGetLastError());
            return EXIT_NETWORK;
        } else if (relay->input_ended && GetTickCount64() - last > SILENCE_MS) {
            break;
        } else if (timeout && GetTickCount64() - last > timeout) {
            report("no answer");
            return EXIT_NETWORK;
        }
    }
    if (event != TLS_FAILED)
        return output_write(relay->output, NULL, 0) ? EXIT_OK : EXIT_DATA;
    cause_report("receiving", end->tls.status, end->tls.cause);
    return EXIT_TLS;
}

static int connect_once(const struct tell *tell, const struct tls_credentials *credentials,
                        const struct addrinfo *address, struct output *output, bool last)
{
    const struct options *options = tell->options;
    DWORD timeout = (options->timeout ? options->timeout : DEFAULT_TIMEOUT) * 1000;
    SOCKET socket = WSASocketW(address->ai_family, SOCK_DGRAM, 0, NULL, 0, 0);
    struct datagram_end end;
    struct relay relay = {.end = &end, .output = output};
    int status = EXIT_NETWORK;

    if (datagram_init(&end, credentials, options->sni ? options->sni : tell->host, socket,
                      address->ai_addr, (int)address->ai_addrlen) == SEC_E_OK &&
        !connect(socket, address->ai_addr, (int)address->ai_addrlen)) {
        status = handshake(&end, &relay, timeout);
        if (status == EXIT_OK)
            tell_connection(tell, &end.tls, &none);
        else
            tell_failure(tell, status == EXIT_TLS ? &end.tls : NULL, &none, status);
        if (status == EXIT_OK && last) {
            status = exchange(&end, &relay, options->timeout * 1000);
            /* The thread may still wait for a key. */
            fflush(stderr);
            ExitProcess(status);
        }
        datagram_shutdown(&end);
    } else {
        report_system(options->address, WSAGetLastError());
        tell_failure(tell, NULL, &none, status);
    }
    datagram_free(&end);
    closesocket(socket);
    return status;
}

int datagram_client(const struct tell *tell, const struct tls_credentials *credentials,
                    struct output *output)
{
    const struct options *options = tell->options;
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM}, *addresses = NULL;
    int error = getaddrinfo(tell->host, tell->port, &hints, &addresses), status = EXIT_NETWORK;
    const struct addrinfo *address = addresses;

    if (error) {
        report_system(options->address, error);
        tell_failure(tell, NULL, &none, EXIT_NETWORK);
        return EXIT_NETWORK;
    }
    /* Nobody says whether a UDP port is served: of several addresses IPv4 is the better guess. */
    while (address->ai_next && address->ai_family != AF_INET)
        address = address->ai_next;
    for (unsigned i = 0; i <= options->reconnect; i++) {
        status = connect_once(tell, credentials, address, output, i == options->reconnect);
        if (status != EXIT_OK)
            break;
    }
    freeaddrinfo(addresses);
    return status;
}
