# SPDX-License-Identifier: LGPL-2.1-or-later
"""Our client against `openssl s_server` and `gnutls-serv`."""

import subprocess
import threading

from harness import windows_path
from peers import PATIENCE, exit_status, run
from wire import AlertServer, CuttingProxy

OPENSSL_VERSION = {"1.2": "-tls1_2", "1.3": "-tls1_3"}
OLD_VERSIONS = {"1.0": "-tls1", "1.1": "-tls1_1"}
OLD_SUITES = ["-cipher", "ALL:@SECLEVEL=0"]  # without which openssl does none of these
GNUTLS_PRIORITY = {"1.2": "NORMAL:-VERS-ALL:+VERS-TLS1.2", "1.3": "NORMAL:-VERS-ALL:+VERS-TLS1.3"}

# The leaf that has a fault, what that is called, and what is said of the leaf.
BAD_CERTIFICATES = {
    "expired": (b"SEC_E_CERT_EXPIRED", b"it has expired"),
    "wrongname": (b"SEC_E_WRONG_PRINCIPAL", b"it is for another name: wrong.example"),
    "unknown": (b"SEC_E_UNTRUSTED_ROOT", b"its issuer was not shown, and nobody here trusts it"),
    "wrongusage": (b"SEC_E_CERT_WRONG_USAGE", b"it is not for servers"),
    "wrongkeyusage": (b"SEC_E_CERT_WRONG_USAGE", b"its key is for something else"),
}
# Those that GnuTLS refuses, whoever checks.
HOPELESS_CERTIFICATES = {"wrongkeyusage"}


def openssl_server(tests, leaf, *options):
    def command(port):
        return ["openssl", "s_server", "-accept", "127.0.0.1:%d" % port, "-WWW",
                "-cert", tests.path(leaf + ".pem"), "-cert_chain", tests.path(leaf + ".pem"),
                "-key", tests.path(leaf + ".key"), *options]
    return tests.server("s_server-" + leaf, command, cwd=tests.directory)


def gnutls_server(tests, leaf, version, alpn, *options):
    def command(port):
        return ["gnutls-serv", "--echo", "--quiet", "--port", port,
                "--x509certfile", tests.path(leaf + ".pem"),
                "--x509keyfile", tests.path(leaf + ".key"),
                "--priority", GNUTLS_PRIORITY[version], *(["--alpn", alpn] if alpn else []), *options]
    return tests.server("gnutls-serv-" + leaf, command)


def client(tests, port, *options):
    trust = [] if "--insecure" in options else ["--ca", tests.path("ca.pem")]
    return [*tests.sspitls, "client", "localhost:%d" % port, *trust, *options]


def download(tests, port, size, *options):
    """GET of one file; returns (exit status, bytes, what the client said)."""
    output = tests.path("download")
    output.unlink(missing_ok=True)
    status, _, said = run(client(tests, port, "--http", "/file%d" % size, "--output",
                                 windows_path(output), *options))
    return status, output.read_bytes() if output.exists() else b"", said


def echo(command, data):
    """Sends data, reads as many bytes back, then ends the input."""
    with subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        guard = threading.Timer(PATIENCE, process.kill)
        guard.start()

        def feed():
            try:
                process.stdin.write(data)
                process.stdin.flush()
            except BrokenPipeError:
                pass

        said = []
        listener = threading.Thread(target=lambda: said.append(process.stderr.read()))
        feeder = threading.Thread(target=feed)
        listener.start()
        feeder.start()
        got = process.stdout.read(len(data))
        feeder.join()
        try:
            process.stdin.close()
        except BrokenPipeError:
            pass
        got += process.stdout.read()
        process.wait()
        status = exit_status(process)
        listener.join()
        guard.cancel()
        return status, got, said[0]


def downloads(tests):
    """our client downloads from openssl s_server"""
    for leaf in tests.KEYS:
        for version in tests.VERSIONS:
            for alpn in (None, "http/1.1"):
                what = "client, s_server %s TLS %s ALPN %s" % (leaf, version, alpn)
                options = ["-alpn", alpn] if alpn else []
                with openssl_server(tests, leaf, OPENSSL_VERSION[version], *options) as server:
                    for size in tests.SIZES:
                        status, data, said = download(
                            tests, server.port, size, *(["--alpn", "h2," + alpn] if alpn else []))
                        tests.check(status == 0, what + ": exit status %s" % status, said)
                        tests.check_data(data, size, what, said)
                        tests.check(b"TLS " + version.encode() in said, what + ": version", said)
                        if alpn:
                            tests.check(alpn.encode() in said, what + ": protocol", said)


def old_servers(tests):
    """our client does TLS 1.0 and 1.1, whose signatures are SHA-1's, with --legacy alone"""
    for version, option in OLD_VERSIONS.items():
        with openssl_server(tests, "rsa", option, *OLD_SUITES) as server:
            for options in ([], ["--legacy"], ["--legacy", "--tls", version]):
                what = "client %s, s_server TLS %s" % (" ".join(options), version)
                status, data, said = download(tests, server.port, 1, *options)
                tests.check(status == (0 if options else 1), what + ": exit status %s" % status,
                            said)
                tests.check((b"TLS " + version.encode() in said) == bool(options), what, said)


def echoes(tests):
    """our client sends to gnutls-serv and gets it back"""
    for leaf in tests.KEYS:
        for version in tests.VERSIONS:
            alpn = "echo" if leaf == "p256" else None
            with gnutls_server(tests, leaf, version, alpn) as server:
                for size in tests.SIZES:
                    what = "client, gnutls-serv %s TLS %s, %d bytes" % (leaf, version, size)
                    status, data, said = echo(
                        client(tests, server.port, *(["--alpn", alpn] if alpn else [])),
                        tests.pattern(size))
                    tests.check(status == 0, what + ": exit status %s" % status, said)
                    tests.check_data(data, size, what, said)
                    if alpn:
                        tests.check(alpn.encode() in said, what + ": protocol", said)


def large(tests):
    """our client moves 100 MB"""
    for version in tests.VERSIONS:
        for mode in ([], ["--sync"]):
            what = "client, 100 MB, TLS %s %s" % (version, " ".join(mode))
            with openssl_server(tests, "p256", OPENSSL_VERSION[version]) as server:
                status, data, said = download(tests, server.port, tests.LARGE, *mode)
                tests.check(status == 0, what, said)
                tests.check_data(data, tests.LARGE, what, said)


def refused(said):
    """What is said of each certificate of the chain that was shown, by its place."""
    depth, found = None, {}
    for line in said.partition(b"peer's certificates, refused:")[2].splitlines():
        words = line.split()
        if words[1:2] == [b"subject:"]:
            depth = int(words[0])
        if words[:1] == [b"refused:"]:
            found[depth] = line.partition(b": ")[2].strip()
    return found


def bad_certificates(tests):
    """our client refuses wrong certificates"""
    for version in tests.VERSIONS:
        for leaf, (code, reason) in BAD_CERTIFICATES.items():
            what = "client, %s certificate, TLS %s" % (leaf, version)
            with openssl_server(tests, leaf, OPENSSL_VERSION[version]) as server:
                status, data, said = download(tests, server.port, 1)
                tests.check(status == 1 and not data, what + ": exit status %s" % status, said)
                tests.check(code in said, what + ": is not called " + code.decode(), said)
                tests.check(refused(said) == {0: reason}, what + ": %s" % refused(said), said)
                chain = said.partition(b"refused:")[2]
                tests.check(chain.count(b"valid: ") == tests.path(leaf + ".pem").read_text().count(
                    "BEGIN") and b"issuer:  CN=" in chain, what + ": the chain is shown", said)
                status, data, said = download(tests, server.port, 1, "--insecure")
                tests.check((status == 0 and len(data) == 1) != (leaf in HOPELESS_CERTIFICATES),
                            what + " with --insecure", said)


def client_certificates(tests):
    """our client shows its certificate"""
    for version in tests.VERSIONS:
        with openssl_server(tests, "rsa", OPENSSL_VERSION[version], "-Verify", "2",
                            "-verify_return_error", "-CAfile", tests.path("ca.pem")) as server:
            own = ["--cert", windows_path(tests.path("client.pem")),
                   "--key", windows_path(tests.path("client.key"))]
            status, data, said = download(tests, server.port, 16384, *own)
            tests.check(status == 0, "client certificate, TLS %s" % version, said)
            tests.check_data(data, 16384, "client certificate, TLS %s" % version)
            status, data, said = download(tests, server.port, 16384)
            tests.check(status not in (0, None) and not data,
                        "no client certificate, TLS %s: exit status %s" % (version, status), said)


def resumption(tests):
    """our client resumes sessions"""
    for version in tests.VERSIONS:
        with openssl_server(tests, "p256", OPENSSL_VERSION[version]) as server:
            status, _, said = run(client(tests, server.port, "--http", "/file1", "--reconnect", "2"))
            tests.check(status == 0 and b"resumed" in said, "resumption, TLS " + version, said)


def cut_connections(tests):
    """our client survives servers that vanish"""
    for version in tests.VERSIONS:
        with openssl_server(tests, "p256", OPENSSL_VERSION[version]) as server:
            for limit in (0, 1, 4, 5, 100, 900, 20000):
                with CuttingProxy(server.port, limit) as proxy:
                    status, _, said = download(tests, proxy.port, tests.LARGE)
                what = "client, cut after %d bytes, TLS %s" % (limit, version)
                tests.check(status in (1, 3), what + ": exit status %s" % status, said)
                tests.check(said.strip() != b"", what + ": nothing said")


def alerts(tests):
    """our client tells the peer's alerts from its own verdict"""
    for number, text in ((40, b"handshake_failure"), (70, b"protocol_version"),
                         (80, b"internal_error"), (48, b"unknown_ca"), (112, b"unrecognized_name"),
                         (50, b"decode_error"), (200, b"")):
        with AlertServer(number) as server:
            status, _, said = run(client(tests, server.port))
        wanted = b"alert %d%s of the peer" % (number, b" (%s)" % text if text else b"")
        tests.check(status == 1 and wanted in said, "alert %d: exit status %s" % (number, status),
                    said)
        tests.check(b"report it" not in said and b"asyncsspi-setup" not in said,
                    "alert %d is not ours" % number, said)
        tests.check((b"no version in common" in said) == (number == 70), "alert %d" % number, said)
    with openssl_server(tests, "p256", "-tls1_3") as server:
        status, _, said = run(client(tests, server.port, "--tls", "1.2"))
        tests.check(status == 1 and b"no version in common" in said, "no common version", said)
    with openssl_server(tests, "p256", "-tls1_3", "-Verify", "2") as server:
        status, _, said = run(client(tests, server.port, "--http", "/file1"))
        tests.check(status == 1 and b", an alert of the peer" in said, "an encrypted alert", said)
    with openssl_server(tests, "unknown") as server:
        status, _, said = run(client(tests, server.port))
        tests.check(status == 1 and b"of the peer" not in said, "our own verdict", said)


def outputs(tests):
    """our client makes the file of --output when there is something for it"""
    output = tests.path("output")
    named = ["--output", windows_path(output)]
    output.unlink(missing_ok=True)
    with openssl_server(tests, "unknown") as server:
        status, _, said = run(client(tests, server.port, "--http", "/file1", *named))
        tests.check(status == 1 and not output.exists(), "no file of a failed handshake", said)
        output.write_bytes(b"before")
        status, _, said = run(client(tests, server.port, "--http", "/file1", *named))
        tests.check(status == 1 and output.read_bytes() == b"before",
                    "a failed handshake leaves the file as it was", said)
    with openssl_server(tests, "p256") as server:
        for size in (16385, 0):
            status, _, said = run(client(tests, server.port, "--http", "/file%d" % size, *named))
            tests.check(status == 0, "output of %d bytes: exit status %s" % (size, status), said)
            tests.check_data(output.read_bytes(), size, "output")
        output.unlink()
        status, _, said = run(client(tests, server.port, "--http", "/file0", *named))
        tests.check(status == 0 and output.exists(), "an empty answer is an empty file", said)
        nowhere = windows_path(tests.path("nowhere") / "file")
        status, _, said = run(client(tests, server.port, "--http", "/file1", "--output", nowhere))
        tests.check(status == 2 and b"nowhere" in said, "a file that cannot be made", said)


def answers(tests):
    """our client knows what is no HTTP"""
    start = b"HTTP/1.0 200 ok\r\n"
    with openssl_server(tests, "p256", "-HTTP") as server:
        for answer, wanted in ((start + b"Content-Length: 5 \r\n\r\nhello", 0),
                               (start + b"content-length:5\r\n\r\nhello", 0),
                               (start + b"\r\nhello", 0),
                               (start + b"Content-Length: 6\r\n\r\nhello", 4),
                               (start + b"Content-Length: -1\r\n\r\nhello", 4),
                               (start + b"Content-Length: 5x\r\n\r\nhello", 4),
                               (start + b"Content-Length: 9999999999999999999999\r\n\r\nhello", 4),
                               (start, 4), (b"HTTP/1.0 2x\r\n\r\n", 4), (b"220 hello\r\n", 4)):
            tests.path("answer").write_bytes(answer)
            status, data, said = run(client(tests, server.port, "--http", "/answer"))
            tests.check(status == wanted and (status or data == b"hello"),
                        "answer %r: exit status %s" % (answer, status), data, said)


PARTS = [downloads, old_servers, echoes, large, bad_certificates, client_certificates, resumption,
         cut_connections, alerts, outputs, answers]
