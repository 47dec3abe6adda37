# SPDX-License-Identifier: LGPL-2.1-or-later
"""Ten ways in which a connection fails: what a program that nobody here wrote says, what its user sees on
stderr without asking, what the trace says, and what asyncsspi-setup doctor says. docs/troubleshooting.md
shows them."""

import contextlib
import os
import socket
import struct

from as_client import OPENSSL_VERSION
from peers import free_port, run
from prefix import trusted_root, windows_version
from revocation import Register
from sentry import ARCHIVES, Sentry
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


def s_server(checks, leaf, *options):
    def command(port):
        return ["openssl", "s_server", "-accept", "127.0.0.1:%d" % port, "-www",
                "-cert", checks.path(leaf + ".pem"), "-cert_chain", checks.path(leaf + ".pem"),
                "-key", checks.path(leaf + ".key"), *options]
    return checks.server("failing-" + leaf, command)


def gnutls_serv(checks, leaf, *options):
    def command(port):
        return ["gnutls-serv", "--http", "--quiet", "--port", port, "--x509certfile",
                checks.path(leaf + ".pem"), "--x509keyfile", checks.path(leaf + ".key"), *options]
    return checks.server("failing-" + leaf, command)


def revoked(checks):
    register, response = Register(checks), checks.path("revoked.der")
    checks.certificates.leaf("revoked", issuer="ca")
    register.revoke("revoked")
    register.write_response("revoked", response)
    return s_server(checks, "revoked", "-status_file", response)


FAILURES = {
    "an expired certificate": lambda checks: s_server(checks, "expired"),
    "another name": lambda checks: s_server(checks, "wrongname"),
    "an unknown root": lambda checks: s_server(checks, "unknown"),
    "a revoked certificate": revoked,
    "no common version": lambda checks: s_server(checks, "p256", "-tls1", "-cipher", "ALL:@SECLEVEL=0"),
    "no common suite": lambda checks: s_server(checks, "p256", "-tls1_2", "-cipher", "ECDHE-ECDSA-CAMELLIA256-SHA384"),
    "a client certificate is wanted": lambda checks: s_server(checks, "p256", OPENSSL_VERSION["1.2"], "-Verify", "1", "-verify_return_error"),
    "no common application protocol": lambda checks: gnutls_serv(checks, "p256", "--alpn", "x", "--alpn-fatal", "--priority", "NORMAL"),
    "a reset in the handshake": lambda checks: Resetting(),
}


def doctor(checks, port):
    return run([checks.build / "bin/asyncsspi-setup", "doctor", "localhost:%d" % port],
               env={**os.environ, "WINEPREFIX": str(checks.build / "prefix")})


def failures(checks):
    """what a program's user sees of ten failures"""
    sentry = Sentry(checks)
    log = checks.path("failures.log")
    with trusted_root(checks, "ca"):
        for what, server in FAILURES.items():
            with server(checks) as listening:
                print("====", what)
                log.unlink(missing_ok=True)
                command = [checks.wine, sentry.program, "--url", "https://localhost:%d" % listening.port, "--auth-token", "0" * 64, "releases", "list", "-o", "o", "-p", "p", "--raw"]
                env = {**os.environ, "SENTRY_DISABLE_UPDATE_CHECK": "1", "SENTRY_HTTP_MAX_RETRIES": "0"}
                env.pop("WINEDEBUG", None)
                status, out, said = run(command, env=env)
                print("-- program", status, (out + said).decode())
                run(command, env={**env, "ASYNCSSPI_LOG": str(log), "WINEDEBUG": "-all"})
                print("-- trace\n" + log.read_text())
                status, out, said = doctor(checks, listening.port)
                print("-- doctor", status, (out + said).decode())


PARTS = [failures]
