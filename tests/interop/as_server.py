# SPDX-License-Identifier: LGPL-2.1-or-later
"""Our server against `openssl s_client`, `gnutls-cli` and curl."""

import contextlib
import re
import socket
import ssl
import threading
import time

from as_client import GNUTLS_PRIORITY, OLD_SUITES, OLD_VERSIONS, OPENSSL_VERSION, client
from harness import windows_path
from peers import run
from wire import client_hello, in_records, longest_hello, misbehave

CURL_VERSION = {"1.2": ["--tlsv1.2", "--tls-max", "1.2"], "1.3": ["--tlsv1.3"]}


def our_server(tests, leaf, *options, certificate=None, www=True, **process):
    """Gives out the files of the test, or without `www` sends everything back."""
    own = ["--cert", certificate] if certificate else [
        "--cert", windows_path(tests.path(leaf + ".pem")),
        "--key", windows_path(tests.path(leaf + ".key"))]

    if www:
        own += ["--www", windows_path(tests.directory)]

    def command(port):
        return [*tests.sspitls, "server", "127.0.0.1:%d" % port, *own, *options]
    return tests.server("sspitls-" + leaf, command, **process)


def s_client(tests, port, *options):
    return ["openssl", "s_client", "-connect", "127.0.0.1:%d" % port, "-servername", "localhost",
            "-CAfile", tests.path("ca.pem"), "-verify_return_error", "-verify_hostname",
            "localhost", *options]


def gnutls_cli(tests, port, version, *options):
    return ["gnutls-cli", "--port", port, "--x509cafile", tests.path("ca.pem"),
            "--verify-hostname", "localhost", "--priority", GNUTLS_PRIORITY[version],
            "--logfile", tests.path("gnutls-cli.log"), *options, "127.0.0.1"]


def curl(tests, port, path, *options):
    return ["curl", "--silent", "--show-error", "--fail", "--cacert", tests.path("ca.pem"),
            "--resolve", "localhost:%d:127.0.0.1" % port,
            "https://localhost:%d%s" % (port, path), *options]


def request(path):
    return b"GET " + path.encode() + b" HTTP/1.0\r\nHost: localhost\r\n\r\n"


def body(response):
    return response.partition(b"\r\n\r\n")[2]


def handshakes(tests):
    """openssl s_client looks at our server's handshake"""
    for leaf in tests.KEYS:
        with our_server(tests, leaf, "--alpn", "http/1.1,other") as server:
            for version in tests.VERSIONS:
                for alpn in (None, "other"):
                    what = "server %s, s_client TLS %s ALPN %s" % (leaf, version, alpn)
                    _, out, said = run(s_client(tests, server.port, OPENSSL_VERSION[version],
                                                *(["-alpn", "x," + alpn] if alpn else [])))
                    tests.check(b"Verification: OK" in out, what + ": chain", out, said)
                    tests.check(b"New, TLSv" + version.encode() in out, what + ": version", out)
                    chosen = b"ALPN protocol: other" if alpn else b"No ALPN negotiated"
                    tests.check(chosen in out, what + ": protocol", out)
                _, out, said = run(s_client(tests, server.port, OPENSSL_VERSION[version],
                                            "-alpn", "nobody"))
                tests.check(re.search(b"no application protocol|alert number 120", said),
                            "server, no common ALPN", said)
            tests.check(server.alive(), "server %s is still there" % leaf)


def downloads(tests):
    """openssl s_client, gnutls-cli and curl download from our server"""
    for leaf in tests.KEYS:
        with our_server(tests, leaf, "--alpn", "http/1.1") as server:
            for version in tests.VERSIONS:
                for size in tests.SIZES:
                    path = "/file%d" % size
                    what = "server %s TLS %s: " % (leaf, version)
                    _, out, said = run(s_client(tests, server.port, "-quiet",
                                                OPENSSL_VERSION[version]), request(path))
                    tests.check_data(body(out), size, what + "s_client", said)
                    _, out, said = run(gnutls_cli(tests, server.port, version), request(path))
                    tests.check_data(body(out), size, what + "gnutls-cli", said)
                    status, out, said = run(curl(tests, server.port, path, *CURL_VERSION[version]))
                    tests.check(status == 0, what + "curl", said)
                    tests.check_data(out, size, what + "curl", said)


def large(tests):
    """curl moves 100 MB to and from our server"""
    for options in ([], ["--sync"]):
        with our_server(tests, "p256", "--alpn", "http/1.1", *options) as server:
            for version in tests.VERSIONS:
                what = "server %s, 100 MB, TLS %s: " % (" ".join(options), version)
                _, out, said = run(curl(tests, server.port, "/file%d" % tests.LARGE,
                                        *CURL_VERSION[version]))
                tests.check_data(out, tests.LARGE, what + "download", said)
                _, out, said = run(curl(tests, server.port, "/echo", "--data-binary",
                                        "@%s" % tests.files[tests.LARGE], "-H", "Expect:",
                                        *CURL_VERSION[version]))
                tests.check_data(out, tests.LARGE, what + "echo", said)


def pfx(tests):
    """our server takes its RSA key from a PFX file"""
    for name in ("rsa", "rsa-short-d", "rsa-short-dp", "rsa-short-dq"):
        what = "server with %s.pfx" % name
        with our_server(tests, name, certificate=windows_path(tests.path(name + ".pfx")) +
                        ":test") as server:
            status, out, said = run(curl(tests, server.port, "/file16385"))
            tests.check(status == 0, what, said)
            tests.check_data(out, 16385, what)


def client_certificates(tests):
    """our server asks for a client certificate and checks it"""
    with our_server(tests, "p256", "--verify", "--ca", windows_path(tests.path("ca.pem"))) as server:
        for version in tests.VERSIONS:
            def get(*options):
                return run(curl(tests, server.port, "/file1", *CURL_VERSION[version], *options))
            what = "server --verify, TLS %s: " % version
            status, out, said = get("--cert", str(tests.path("client.pem")), "--key",
                                    str(tests.path("client.key")))
            tests.check(status == 0 and len(out) == 1, what + "good certificate", said)
            status, out, said = get("--cert", str(tests.path("unknown.pem")), "--key",
                                    str(tests.path("unknown.key")))
            tests.check(status not in (0, None) and not out, what + "unknown CA", said)
            status, out, said = get("--cert", str(tests.path("client-wrongkeyusage.pem")), "--key",
                                    str(tests.path("client-wrongkeyusage.key")))
            tests.check(status not in (0, None) and not out, what + "wrong key usage", said)
        tests.check(server.alive(), "server --verify is still there")


def resumption(tests):
    """openssl s_client resumes sessions of our server"""
    with our_server(tests, "p256") as server:
        for version in tests.VERSIONS:
            session = tests.path("session-" + version)
            # The answer to a request comes behind the TLS 1.3 tickets, so they have been read.
            run(s_client(tests, server.port, "-ign_eof", OPENSSL_VERSION[version], "-sess_out",
                         session), request("/file1"))
            _, out, said = run(s_client(tests, server.port, "-ign_eof", OPENSSL_VERSION[version],
                                        "-sess_in", session), request("/file1"))
            tests.check(b"Reused, TLSv" + version.encode() in out, "resumption, TLS " + version,
                        out, said)


def resumption_by_id(tests):
    """openssl s_client without tickets resumes sessions of our server by their id"""
    with our_server(tests, "p256") as server:
        session = tests.path("session-id")
        run(s_client(tests, server.port, "-ign_eof", OPENSSL_VERSION["1.2"], "-no_ticket",
                     "-sess_out", session), request("/file1"))
        for turn in range(2):
            _, out, said = run(s_client(tests, server.port, "-ign_eof", OPENSSL_VERSION["1.2"],
                                        "-no_ticket", "-sess_in", session), request("/file1"))
            tests.check(b"Reused, TLSv1.2" in out, f"resumption by id, turn {turn}", out, said)


def bad_clients(tests):
    """our server survives garbage, half hellos and vanishing clients"""
    with our_server(tests, "p256", "--timeout", "2") as server:
        silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(20)]
        for s in silent[:10]:
            s.sendall(client_hello()[:30])
        threads = [threading.Thread(target=lambda first=first: [
            misbehave(server.port, seed) for seed in range(first, first + 70)])
            for first in range(0, 280, 70)]
        for thread in threads:
            thread.start()
        status, out, said = run(curl(tests, server.port, "/file16384"))
        tests.check(status == 0, "server serves beside bad clients", said)
        tests.check_data(out, 16384, "server beside bad clients")
        for thread in threads:
            thread.join()
        for number, s in enumerate(silent):
            s.settimeout(60)
            try:
                while s.recv(4096):
                    pass
                ended = True
            except ConnectionError:
                ended = True
            except socket.timeout:
                ended = False
            s.close()
            tests.check(ended, "server ends the silent connection %d" % number)
        status, out, said = run(curl(tests, server.port, "/file16384"))
        tests.check(status == 0 and server.alive(), "server serves after bad clients", said)


def long_hellos(tests):
    """our server takes the longest ClientHello there can be, in large records and in tiny ones"""
    hello = longest_hello()
    tests.check(len(hello) == 4 + 131396, "the longest hello has %d bytes" % len(hello))
    with our_server(tests, "p256", "--tls", "1.2") as server:
        for size in (16384, 1000, 1):
            with socket.create_connection(("127.0.0.1", server.port), 60) as s:
                answer = b""
                with contextlib.suppress(OSError):
                    s.sendall(in_records(hello, size))
                    while len(answer) < 6 and (part := s.recv(65536)):
                        answer += part
            tests.check(answer[:3] == b"\x16\x03\x03" and answer[5:6] == b"\x02",
                        "a long hello in records of %d bytes" % size, answer.hex(), server.said())
        tests.check(server.alive(), "server is still there after long hellos")


def old_clients(tests):
    """our server does TLS 1.0 and 1.1, whose signatures are SHA-1's, with --legacy alone"""
    for options in ([], ["--legacy"]):
        with our_server(tests, "rsa", *options) as server:
            for version, option in OLD_VERSIONS.items():
                what = "server %s, s_client TLS %s" % (" ".join(options), version)
                _, out, said = run(s_client(tests, server.port, option, *OLD_SUITES, "-ign_eof"),
                                   request("/status"))
                tests.check((b"TLS " + version.encode() in body(out)) == bool(options), what, out,
                            said)


def exchange(tests, port, data, patience=60):
    """Sends bytes over TLS as they are; returns what comes until the server closes."""
    context = ssl.create_default_context(cafile=str(tests.path("ca.pem")))
    with socket.create_connection(("127.0.0.1", port), patience) as s, \
            context.wrap_socket(s, server_hostname="localhost") as connection:
        connection.sendall(data)
        got = b""
        with contextlib.suppress(OSError):
            while part := connection.recv(65536):
                got += part
        return got


def data_records(tests, port, data):
    """The same with TLS 1.2; returns what comes and how many records of data it comes in."""
    context = ssl.create_default_context(cafile=str(tests.path("ca.pem")))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    received, sent, wire, got = ssl.MemoryBIO(), ssl.MemoryBIO(), b"", b""
    connection = context.wrap_bio(received, sent, server_hostname="localhost")
    with socket.create_connection(("127.0.0.1", port), 60) as s:
        steps = [connection.do_handshake, lambda: connection.write(data)]
        while True:
            try:
                if steps:
                    steps[0]()
                    steps.pop(0)
                else:
                    part = connection.read(65536)
                    if not part:
                        break
                    got += part
            except ssl.SSLWantReadError:
                s.sendall(sent.read())
                part = s.recv(65536)
                if not part:
                    break
                wire += part
                received.write(part)
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                break
    records = 0
    while len(wire) >= 5:
        records += wire[0] == 23
        wire = wire[5 + int.from_bytes(wire[3:5], "big"):]
    return got, records


def small_answers(tests):
    """our server sends a small answer in one record"""
    with our_server(tests, "p256") as server:
        for data, status in ((request("/status"), b"200"), (request("/nowhere"), b"404"),
                             (request("/file1"), b"200"), (request("/file0"), b"200"),
                             (request("/bytes/1000"), b"200"),
                             (b"HEAD /file16384 HTTP/1.0\r\n\r\n", b"200"),
                             (b"POST /echo HTTP/1.0\r\nContent-Length: 5\r\n\r\n12345", b"200")):
            got, records = data_records(tests, server.port, data)
            tests.check(got.startswith(b"HTTP/1.1 " + status), "request %r" % data, got)
            tests.check(records == 1, "request %r: %d records" % (data, records), got)
        got, _ = data_records(tests, server.port, request("/file16385"))
        tests.check_data(body(got), 16385, "an answer of several records")


def bad_requests(tests):
    """our server answers what is no HTTP"""
    with our_server(tests, "p256") as server:
        for data in (b"\0\r\n\r\n", b"\0\0\0\0\r\n\r\n", b"\r\n\r\n", b"GET\r\n\r\n",
                     b"GET /\0 HTTP/1.0\r\n\r\n", b"GET / HTTP/1.0\r\nHost: \0\r\n\r\n",
                     b"GET / HTTP/1.0\0\r\n\r\n", b"GET  HTTP/1.0\r\n\r\n",
                     b"GET x HTTP/1.0\r\n\r\n", b"GET / FTP/1.0\r\n\r\n",
                     *(b"POST /echo HTTP/1.0\r\nContent-Length: " + length + b"\r\n\r\n"
                       for length in (b"-1", b"x", b"", b"1x", b"99999999999999999999",
                                      b"1\r\nContent-Length: 2"))):
            got = exchange(tests, server.port, data)
            tests.check(got.startswith(b"HTTP/1.1 400 "), "request %r" % data, got)
        got = exchange(tests, server.port, b"GET /" + b"x" * 9000)
        tests.check(got.startswith(b"HTTP/1.1 431 "), "a long request", got)
        status, out, said = run(curl(tests, server.port, "/file16384"))
        tests.check(status == 0 and server.alive(), "server serves after bad requests", said)


def bare_requests(tests):
    """our server takes lines that end with LF alone"""
    with our_server(tests, "p256") as server:
        for data in (b"GET /file1 HTTP/1.0\n\n", b"GET /file1 HTTP/1.0\nHost: x\n\n",
                     b"GET /file1 HTTP/1.0\r\nHost: x\n\r\n",
                     b"GET /file1 HTTP/1.1\nConnection: close\n\n",
                     b"POST /echo HTTP/1.0\nContent-Length: 1\n\n\n"):
            got = exchange(tests, server.port, data)
            tests.check(got.startswith(b"HTTP/1.1 200 "), "request %r" % data, got)
            tests.check_data(body(got), 1, "request %r" % data)


def refusals(tests):
    """our server tells clients without a common version, and what clients refuse"""
    with our_server(tests, "unknown", "--tls", "1.2") as server:
        run(s_client(tests, server.port, "-tls1_3"))
        tests.check(server.expect(b", no version in common"), "no common version", server.said())
        run(s_client(tests, server.port, "-tls1_2"))
        tests.check(server.expect(b"SEC_E_UNTRUSTED_ROOT (0x80090325), alert 48 (unknown_ca) of "
                                  b"the peer"), "what the client refuses", server.said())


def directories(tests):
    """our server wants the directory of --www"""
    own = ["--cert", windows_path(tests.path("p256.pem")), "--key",
           windows_path(tests.path("p256.key")), "--until-eof"]
    for name, wanted in ((tests.directory, 0), (tests.path("nowhere"), 2),
                         (tests.path("file1"), 2)):
        status, _, said = run([*tests.sspitls, "server", "0", *own, "--www", windows_path(name)])
        tests.check(status == wanted and (b"no such directory" in said) == (wanted == 2),
                    "--www %s: exit status %s" % (name, status), said)


def ourselves(tests):
    """our client and our server"""
    for leaf in tests.KEYS:
        for options in ([], ["--sync"]):
            with our_server(tests, leaf, "--alpn", "http/1.1", *options) as server:
                for version in tests.VERSIONS:
                    status, out, said = run(client(tests, server.port, "--tls", version, "--http",
                                                   "/file16385", "--alpn", "http/1.1", *options))
                    what = "both ours, %s TLS %s %s" % (leaf, version, options)
                    tests.check(status == 0, what, said)
                    tests.check_data(out, 16385, what, said)


def streams(tests):
    """two streams of connections to our server, of which none is forgotten in the queue"""
    # An alert where a hello belongs: the server closes, without any work.
    refused = b"\x15\x03\x03\x00\x02\x02\x28"
    times = []

    def stream(port):
        for _ in range(1000):
            started = time.monotonic()
            with socket.create_connection(("127.0.0.1", port), 60) as s:
                s.sendall(refused)
                with contextlib.suppress(OSError):
                    while s.recv(4096):
                        pass
            times.append(time.monotonic() - started)

    def between(low, high):
        return sum(low <= t < high for t in times)

    with our_server(tests, "p256", "--quiet", www=False) as server:
        threads = [threading.Thread(target=stream, args=(server.port,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        tests.check(len(times) == 2000, "%d of 2000 connections" % len(times))
        # Whoever is found by a clock only stands out by the same time; being slow spreads.
        for clock in (0.1, 0.5, 1):
            late = between(clock * 0.95, clock * 1.15)
            about = between(clock * 0.7, clock * 0.95) + between(clock * 1.15, clock * 1.4)
            tests.check(late <= 5 + 2 * about, "%d connections take about %.1f s, %d somewhat more "
                        "or less" % (late, clock, about))


def many(tests):
    """300 connections at once to our server"""
    with our_server(tests, "p256", "--threads", "2", "--timeout", "60") as server:
        sockets = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(300)]
        for s in sockets:
            s.sendall(client_hello())
        answered = 0
        for s in sockets:
            s.settimeout(60)
            try:
                answered += s.recv(1) == b"\x16"
            except OSError:
                pass
            s.close()
        tests.check(answered == 300, "%d of 300 hellos were answered" % answered)


PARTS = [handshakes, downloads, large, pfx, client_certificates, resumption,
         resumption_by_id, bad_clients, long_hellos, old_clients,
         small_answers, bad_requests, bare_requests, refusals, directories,
         ourselves, streams, many]
