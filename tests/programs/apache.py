# SPDX-License-Identifier: LGPL-2.1-or-later
"""Apache asks for a client certificate in a directory: a renegotiation in TLS 1.2, on a connection
whose first handshake has brought a session ticket, as Apache's default is."""

import shutil

from prefix import run_watched
from wire import Meddler

CHANGE_CIPHER_SPEC, HANDSHAKE, DATA = 20, 22, 23
NEW_SESSION_TICKET = 4


def find_apache():
    return shutil.which("apache2") or shutil.which("apache2", path="/usr/sbin")


def records(data):
    """(type, content) of the whole records, and how long they are."""
    found, at = [], 0
    while len(data) - at >= 5:
        end = at + 5 + int.from_bytes(data[at + 3:at + 5], "big")
        if end > len(data):
            break
        found.append((data[at], data[at + 5:end]))
        at = end
    return found, at


class Joiner(Meddler):
    """Keeps the end of a renegotiation until data follow it: the client reads both at once."""

    held, joined = b"", 0

    def pass_on(self, target, data):
        asked = any(kind == DATA for kind, _ in records(self.from_client)[0])
        if target is self.client and asked:
            self.held += data
            found, size = records(self.held)
            kinds = [kind for kind, _ in found]
            if CHANGE_CIPHER_SPEC in kinds:
                if DATA not in kinds[kinds.index(CHANGE_CIPHER_SPEC):]:
                    return
                self.joined += 1
            data, self.held = self.held[:size], self.held[size:]
        super().pass_on(target, data)


def configuration(checks, home, port):
    lines = ["ServerName localhost", "ServerRoot %s" % home, "PidFile %s/pid" % home,
             "DefaultRuntimeDir %s" % home, "ErrorLog %s/errors" % home, "LogLevel info",
             "Listen 127.0.0.1:%d" % port, "User nobody", "Group nogroup",
             *("LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so" % (name, name)
               for name in ("mpm_event", "authz_core", "ssl", "status")),
             "SSLEngine on", "SSLCertificateFile %s" % checks.path("rsa.pem"),
             "SSLCertificateKeyFile %s" % checks.path("rsa.key"),
             "SSLCACertificateFile %s" % checks.path("ca.pem"),
             "<Location />", "SetHandler server-status", "</Location>",
             "<Location /asked>", "SSLVerifyClient require", "SSLVerifyDepth 3", "</Location>"]
    path = home / "configuration"
    path.write_text("\n".join(lines) + "\n")
    return path


def check_get(checks, server, pfx, manner, joined):
    what = "Apache, %s%s: " % (manner, ", joined" if joined else "")
    program = checks.clients / "renegotiate.exe"
    with (Joiner if joined else Meddler)(server.port) as proxy:
        status, out, said = run_watched(checks, [program, "localhost", proxy.port, "/asked",
                                                 pfx, "test", manner])
        if status == 0:
            proxy.finish()
    ticket = any(kind == HANDSHAKE and content[:1] == bytes([NEW_SESSION_TICKET])
                 for kind, content in records(bytes(proxy.from_server))[0])
    checks.check(ticket, what + "the first handshake brought no ticket")
    checks.check(status == 0 and out.startswith(b"HTTP/1.1 200 ") and b"Apache" in out and
                 b"renegotiations: 1" in out, what + "exit status %s" % status, out[-1000:], said,
                 server.said())
    checks.check(not joined or proxy.joined == 1, what + "nothing was joined")


def apache(checks):
    """Apache, which renegotiates for a client certificate"""
    program = find_apache()
    if not program:
        checks.skip("there is no Apache")
        return
    checks.certificates.leaf("client-rsa", key="rsa", issuer="ca", usage="clientAuth",
                             subject="asyncsspi test client")
    home = checks.directory / "apache"
    home.mkdir()
    with checks.server("apache", lambda port: [
            program, "-X", "-f", configuration(checks, home, port)]) as server:
        for manner in ("w", "wr", "o", "or"):
            check_get(checks, server, checks.path("client-rsa.pfx"), manner, False)
        for manner in ("w", "o"):
            check_get(checks, server, checks.path("client-rsa.pfx"), manner, True)


PARTS = [apache]
