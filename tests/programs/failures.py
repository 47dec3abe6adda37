# SPDX-License-Identifier: LGPL-2.1-or-later
"""Ten ways in which a connection fails: what a program that nobody here wrote says, what its user sees on
stderr without asking, what the trace says, and what asyncsspi-setup doctor says. docs/troubleshooting.md
shows them."""

import contextlib
import os
import re
import socket
import struct

from as_client import OLD_SUITES, gnutls_server, openssl_server
from https import HttpsServer
from peers import run
from prefix import trusted_root
from revocation import Register
from sentry import ARCHIVES, LIST, Sentry, Service
from wire import Listener


class Resetting(Listener):
    """Takes the ClientHello, and resets the connection."""

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                client.recv(65536)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.close()


def revoked(checks):
    register, response = Register(checks), checks.path("revoked.der")
    checks.certificates.leaf("revoked", issuer="ca")
    register.revoke("revoked")
    register.write_response("revoked", response)
    return openssl_server(checks, "revoked", "-status_file", response)


# What happens: the server; options of sspitls for what sentry-cli does not ask for; what the program says;
# what its user sees on stderr without asking; a line of the trace; lines of doctor.
FAILURES = {
    "an expired certificate": (
        lambda checks: openssl_server(checks, "expired"), None, b"SEC_E_CERT_EXPIRED",
        rb'err:schannel:.*"localhost" is refused, SEC_E_CERT_EXPIRED: it is not valid now: certificate 0',
        r"SEC_E_CERT_EXPIRED, sent alert 45", [r"certificate 1: *CN=asyncsspi test intermediate", r"look at the clock"]),
    "another name": (
        lambda checks: openssl_server(checks, "wrongname"), None, b"SEC_E_WRONG_PRINCIPAL",
        rb'err:schannel:.*SEC_E_WRONG_PRINCIPAL: it is for another name.*"CN=wrong.example"',
        r"SEC_E_WRONG_PRINCIPAL, sent alert 46", [r"certificate 0: *CN=wrong.example", r"is there a proxy"]),
    "an unknown root": (
        lambda checks: openssl_server(checks, "unknown"), None, b"SEC_E_UNTRUSTED_ROOT",
        rb"err:schannel:.*SEC_E_UNTRUSTED_ROOT: its issuer is not known here and was not sent along",
        r"SEC_E_UNTRUSTED_ROOT, sent alert 48", [r"issued by CN=asyncsspi unknown CA", r"update-ca-certificates"]),
    "a revoked certificate": (
        revoked, ["--revocation"], b"CRYPT_E_REVOKED", rb"err:schannel:.*CRYPT_E_REVOKED",
        r"CRYPT_E_REVOKED, sent alert 44", [r"server: .*TLS 1.3", r"revocation: *CRYPT_E_REVOKED"]),
    "no common version": (
        lambda checks: openssl_server(checks, "p256", "-tls1", *OLD_SUITES), None,
        b"SEC_E_UNSUPPORTED_FUNCTION", None, r"sent alert 70: A packet with illegal or unsupported version",
        [r"server: .*SEC_E_UNSUPPORTED_FUNCTION", r"no common version"]),
    "no common suite": (
        lambda checks: openssl_server(checks, "p256", "-tls1_2", "-cipher", "ECDHE-ECDSA-CAMELLIA256-SHA384"), None,
        b"SEC_E_ILLEGAL_MESSAGE", None, r"received alert 40: the peer sent alert 40, Handshake failed",
        [r"server: .*received alert 40", r"no suite or version .*or wants a certificate"]),
    "a client certificate is wanted": (
        lambda checks: openssl_server(checks, "p256", "-tls1_2", "-Verify", "1", "-verify_return_error"), None,
        b"SEC_E_ILLEGAL_MESSAGE", None, r"received alert 40: the peer sent alert 40, Handshake failed",
        [r"server: .*received alert 40", r"no suite or version .*or wants a certificate"]),
    "no common application protocol": (
        lambda checks: gnutls_server(checks, "p256", "1.3", "x", "--alpn-fatal"), ["--alpn", "h2"],
        b"SEC_E_APPLICATION_PROTOCOL_MISMATCH", None, r"received alert 120: the peer sent alert 120",
        [r"server: .*TLS 1.3"]),
    "a reset in the handshake": (
        lambda checks: Resetting(), None, b"SSL connect error", None,
        r"secur32:initialize .*SEC_I_CONTINUE_NEEDED", [r"server: .*the peer (cut|closed) the connection"]),
}


def program(checks, sentry, options, port):
    if options:
        return [*checks.sspitls, "client", "localhost:%d" % port, "--quiet", "--http", "/", *options]
    return [checks.wine, sentry.program, "--url", "https://localhost:%d" % port, "--auth-token",
            "0" * 64, *LIST]


def without(environment, *names):
    return {name: value for name, value in environment.items() if name not in names}


def doctor(checks, environment, *host):
    return run([checks.build / "bin/asyncsspi-setup", "doctor", *host],
               env={**environment, "WINEPREFIX": str(checks.build / "prefix")})[1].decode()


def failures(checks):
    """ten failures: what a program's user sees, what the trace and what doctor say"""
    if not (checks.build / "cache" / ARCHIVES[checks.bits]).exists():
        checks.skip("failures: sentry-cli is not kept")
        return
    sentry, log = Sentry(checks), checks.path("failures.log")
    usual = {**without(os.environ, "WINEDEBUG"), "SENTRY_DISABLE_UPDATE_CHECK": "1",
             "SENTRY_HTTP_MAX_RETRIES": "0"}
    with trusted_root(checks, "ca"):
        for what, (server, options, words, seen, traced, advised) in FAILURES.items():
            log.unlink(missing_ok=True)
            with server(checks) as listening:
                command = program(checks, sentry, options, listening.port)
                status, out, said = run(command, env=usual)
                checks.check(status != 0 and words in out + said, what + ": the program", out + said)
                lines = [line for line in said.splitlines() if b"schannel:" in line.split(b" ")[0]]
                checks.check(len(lines) == 1 and re.search(seen, lines[0]) if seen else not lines,
                             what + ": what is seen without asking", said)
                run(command, env={**usual, "ASYNCSSPI_LOG": str(log), "WINEDEBUG": "-all"})
                trace = log.read_text()
                checks.check(re.search(traced, trace), what + ": the trace", trace)
                told = doctor(checks, os.environ, "localhost:%d" % listening.port)
                checks.check(all(re.search(line, told) for line in advised), what + ": doctor", told)
        engine_gone(checks, sentry, usual)


def engine_gone(checks, sentry, usual):
    """The engine is not reachable: the program goes on, over Wine's own."""
    environment = without(usual, "WINEDLLPATH", "ASYNCSSPI_REQUIRE")
    with HttpsServer(checks, "rsa", Service().answer, ("1.2",)) as listening:
        status, out, said = run(program(checks, sentry, None, listening.port), env=environment)
    checks.check(status == 0, "no engine: the program connects", out + said)
    checks.check(re.search(rb"err:schannel:.*Wine's own", said), "no engine: what is seen without asking",
                 said)
    told = doctor(checks, environment)
    checks.check(re.search(r"engine: .*not", told), "no engine: doctor", told)


def both_kinds_of_roots(checks):
    """sspitls trusts the file of --ca, the system, or both"""
    with trusted_root(checks, "ca"), openssl_server(checks, "p256") as known, openssl_server(checks, "unknown") as unknown:
        for options, expected in (([], (0, 1)), (["--ca", checks.path("other.pem")], (1, 0)),
                                  (["--ca", checks.path("other.pem"), "--system-roots"], (0, 0))):
            got = tuple(run([*checks.sspitls, "client", "localhost:%d" % server.port, "--quiet", *options])[0]
                        for server in (known, unknown))
            checks.check(got == expected, "roots with %s" % options, got)


PARTS = [failures, both_kinds_of_roots]
