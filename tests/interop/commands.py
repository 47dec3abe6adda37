# SPDX-License-Identifier: LGPL-2.1-or-later
"""What sspitls has besides TLS: a proxy, passwords, several certificates, algorithms to do without, JSON,
secrets and a trace in files."""

import base64
import contextlib
import json
import os

from as_client import OPENSSL_VERSION, client, openssl_server
from as_server import our_server, request, s_client
from certificates import openssl
from harness import windows_path
from peers import run
from revocation import Register
from wire import Meddler

GET = ["--http", "/file1"]


class Proxy(Meddler):
    """An HTTP proxy for one connection, which goes to `port` wherever it was to go."""

    CONSENT = b"HTTP/1.1 200 Connection established\r\nVia: 1.1 test\r\n\r\n"

    def __init__(self, port, answer=CONSENT):
        super().__init__(port)
        self.answer, self.request = answer, b""

    def _serve(self):
        with contextlib.suppress(OSError):
            self.client, _ = self.listener.accept()
            with self.client:
                while not self.request.endswith(b"\r\n\r\n"):
                    more = self.client.recv(1)
                    if not more:
                        return
                    self.request += more
                self.client.sendall(self.answer)
                if self.answer.startswith(self.CONSENT):
                    self._forward()


def through_proxy(tests):
    """our client goes through an HTTP proxy"""
    with openssl_server(tests, "p256") as server:
        for who in "", "user:secret@", "http://", "http://a@b:c@d:":
            with Proxy(server.port) as proxy:
                address = "%s%s127.0.0.1:%d" % (who, "" if not who.endswith(":") else "x@", proxy.port)
                status, out, said = run(client(tests, server.port, *GET, "--proxy", address))
            what = "proxy %s: " % address
            tests.check(status == 0, what + "exit status %s" % status, said)
            tests.check_bytes(out, tests.pattern(1), what + "data")
            lines = proxy.request.split(b"\r\n")
            tests.check(lines[:2] == [b"CONNECT localhost:%d HTTP/1.1" % server.port,
                                      b"Host: localhost:%d" % server.port], what + "request",
                        proxy.request)
            user = address.removeprefix("http://").rpartition("@")[0]
            expected = [b"Proxy-Authorization: Basic " + base64.b64encode(user.encode())] if user else []
            tests.check(lines[2:-2] == expected, what + "authorization", proxy.request)
        for answer, expected in ((b"HTTP/1.1 407 Who\x1b are you?\r\n\r\n", b'proxy says "HTTP/1.1 407 Who'),
                                 (b"SSH-2.0-x\r\n\r\n", b'proxy says "SSH-2.0-x"'), (b"", b"closed"),
                                 (b"HTTP/1.1 200 " + b"x" * 9000, b"without end"),
                                 (Proxy.CONSENT + b"HTTP/1.1 200 more", b"handshake")):
            with Proxy(server.port, answer) as proxy:
                status, out, said = run(client(tests, server.port, *GET, "--proxy",
                                               "127.0.0.1:%d" % proxy.port))
            tests.check(status == (1 if b"more" in answer else 3) and not out and expected in said
                        and b"\x1b" not in said, "proxy's answer %.40s" % answer, status, said)
        with Proxy(server.port) as proxy:
            run([*tests.sspitls, "client", "[::1]:443", "--insecure", *GET, "--proxy",
                 "127.0.0.1:%d" % proxy.port])
        tests.check(proxy.request.startswith(b"CONNECT [::1]:443 "), "IPv6 by a proxy", proxy.request)


def passwords(tests):
    """our server and client get passwords from the environment, files and standard input"""
    key, file = tests.path("locked.key"), tests.path("password")
    openssl("pkey", "-in", tests.path("rsa.key"), "-aes256", "-passout", "pass:geheim \u00fc", "-out", key)
    file.write_bytes("geheim \u00fc\r\nanother line\n".encode())
    own = ["--cert", windows_path(tests.path("rsa.pem")), "--key", windows_path(key)]
    environment = {**os.environ, "KEY_PASSWORD": "geheim \u00fc", "LC_ALL": "C.UTF-8", "WRONG": "x"}
    for source, data, expected in (
            ("pass:geheim \u00fc", b"", b""), ("env:KEY_PASSWORD", b"", b""),
            ("file:" + windows_path(file), b"", b""), ("stdin", "geheim \u00fc\n".encode(), b""),
            ("env:WRONG", b"", b"wrong password"), ("env:NOWHERE", b"", b"no variable NOWHERE"),
            ("file:Z:\\nowhere", b"", b"no such file"), ("stdin", b"", b"no line"),
            ("geheim", b"", b"neither pass:")):
        status, out, said = run([*tests.sspitls, "server", "127.0.0.1:0", *own, "--pass", source,
                                 "--until-eof"], data, env=environment)
        what = "--pass %s" % source
        if expected:
            tests.check(status == 2 and expected in said and b"geheim" not in said, what, status, said)
        else:
            tests.check(status == 0 and out.startswith(b"listening"), what, status, out, said)
    # What stands behind the password's line is data.
    with our_server(tests, "p256", www=False) as server:
        status, out, said = run(client(tests, server.port, *own, "--pass", "stdin"),
                                "geheim \u00fc\nand data\n".encode(), env=environment)
        tests.check(status == 0 and out == b"and data\n", "data behind the password", status, out, said)
    status, _, said = run([*tests.sspitls, "server", "0", *own[:2], "--key", own[3] + ":geheim \u00fc",
                           "--pass", "pass:wrong", "--until-eof"], env=environment)
    tests.check(status == 0, "the password behind a name counts before --pass", status, said)


def several_certificates(tests):
    """our server has several certificates, and shows the one that is asked for"""
    own = []
    for name in "rsa", "wrongname":
        own += ["--cert", windows_path(tests.path(name + ".pem")),
                "--key", windows_path(tests.path(name + ".key"))]
    with our_server(tests, "p256", *own) as server:
        for version in tests.VERSIONS:
            for name, algorithms, subject in (
                    ("localhost", "ECDSA+SHA256", "p256"),
                    ("localhost", "RSA-PSS+SHA256:RSA+SHA256", "rsa"),
                    ("wrong.example", "ECDSA+SHA256:RSA-PSS+SHA256:RSA+SHA256", "wrongname")):
                shown = run(["openssl", "s_client", "-connect", "127.0.0.1:%d" % server.port,
                             "-servername", name, "-sigalgs", algorithms, OPENSSL_VERSION[version],
                             "-showcerts"])[1].decode()
                pem = tests.path(subject + ".pem").read_text()
                first = pem[pem.index("-----BEGIN"):pem.index("-----END CERT")]
                tests.check(first in shown and shown.index(first) == shown.index("-----BEGIN CERT"),
                            "TLS %s, %s, %s" % (version, name, algorithms), shown)
    command = [*tests.sspitls, "client", "localhost:1", *own]
    status, _, said = run(command)
    tests.check(status == 2 and b"--cert: given twice" in said, "a client has one", status, said)
    status, _, said = run([*tests.sspitls, "server", "0", *own[:4], "--key", "x"])
    tests.check(status == 2 and b"--key: given twice" in said, "two keys", status, said)
    status, _, said = run([*tests.sspitls, "server", "0", *own[:2] * 9])
    tests.check(status == 2 and b"too many" in said, "nine certificates", status, said)


def without(tests):
    """both sides do without what --without names"""
    rows = {"1.3": (("aes256-gcm", b"TLS_AES_128_GCM_SHA256"), ("aes256-gcm,aes128-gcm", b"CHACHA20"),
                    ("x25519", b"256 bits"), ("x25519,p256", b"384 bits"), ("rsa", None),
                    ("rsa-pss", None)),
            "1.2": (("aes256-gcm,aes128-gcm,chacha20", b"CBC"), ("ecdhe", b"TLS_DHE"),
                    ("ecdhe,dhe", b"TLS_RSA"), ("ecdhe,dhe,rsa-kex", None), ("rsa", None))}
    for version, cases in rows.items():
        with openssl_server(tests, "rsa", OPENSSL_VERSION[version], "-cipher", "ALL:@SECLEVEL=1") as server:
            for names, expected in cases:
                status, _, said = run(client(tests, server.port, *GET, "--without", names))
                tests.check(status == (0 if expected else 1) and (expected or b"") in said,
                            "TLS %s without %s" % (version, names), status, said)
    with our_server(tests, "rsa", "--without", "aes256-gcm,x25519") as server:
        said = run(s_client(tests, server.port, "-tls1_3"), request("/file1"))[1]
        tests.check(b"TLS_AES_256" not in said and b"X25519" not in said and b"New, TLSv1.3" in said,
                    "a server without", said)
    for names in "aes", "p256,", "", ",".join(["sha1"] * 17), "help":
        status, _, said = run([*tests.sspitls, "client", "localhost:1", "--without", names])
        tests.check(status == 2 and b"--without" in said, "--without '%s'" % names, status, said)


def lines_of(text):
    return [json.loads(line) for line in text.decode().splitlines() if line.startswith("{")]


def as_json(tests):
    """client and server tell what they see as JSON"""
    file = tests.path("told.json")
    with our_server(tests, "p256", "--json", "--renegotiate") as server:
        status, out, said = run(client(tests, server.port, *GET, "--json", "--reconnect", "1"))
        told = lines_of(out)
        tests.check(status == 0 and len(told) == 3 and not said, "three lines", out, said)
        first, second, answer = (told + [{}] * 3)[:3]
        tests.check([first.get("version"), first.get("resumed"), second.get("resumed"),
                     first.get("host"), first.get("port")] ==
                    ["TLS 1.3", False, True, "localhost", str(server.port)], "connections", out)
        tests.check({"name", "connect", "handshake"} <= set(first.get("ms", ())), "phases", out)
        chain = first.get("certificates", [])
        digest = run(["openssl", "x509", "-in", tests.path("p256.pem"), "-noout", "-fingerprint",
                      "-sha256"])[1]
        tests.check(chain and chain[0]["sha256"] == digest.decode().strip().partition("=")[2]
                    .replace(":", "").lower() and chain[0]["key"] == "P-256" and len(chain) > 1,
                    "certificates", out)
        tests.check(answer.get("http_status") == 200 and answer.get("bytes") == 1 and
                    0 < answer.get("first_byte_ms", 0) <= 1000 * answer.get("seconds", 0) + 1, "answer", out)
        status, out, said = run(client(tests, server.port, *GET, "--json", windows_path(file)))
        tests.check_bytes(out, tests.pattern(1), "data beside a file of JSON")
        tests.check(len(lines_of(file.read_bytes())) == 2, "the file", file.read_bytes())
        status, out, said = run([*tests.sspitls, "client", "localhost:%d" % server.port, "--json"])
        told = (lines_of(out) + [{}])[0]
        tests.check(status == 1 and told.get("exit_status") == 1 and
                    "SEC_E_UNTRUSTED_ROOT" in told.get("error", "") and
                    "nobody here trusts" in told["certificates"][-1].get("refused", ""), "refusal", out)
    with open(server.log, "rb") as log:
        events = lines_of(log.read())
    names = [event["event"] for event in events]
    # The first is of who looked whether the server listens.
    tests.check(names == ["listening", "closed"] + ["opened", "closed"] * 3 + ["closed"], "events", names)
    opened, closed = events[2], events[-1]
    tests.check(opened["version"] == "TLS 1.3" and opened["certificate"] is None and
                events[5]["sent"] > 0 and "SEC_E_" in closed["error"] and closed["problem"] == "handshake",
                "what events tell", events)
    status, out, _ = run([*tests.sspitls, "client", "localhost:1", "--json"])
    told = (lines_of(out) + [{}])[0]
    tests.check(status == 3 and told.get("exit_status") == 3 and "nobody listens" in told.get("error", ""),
                "nobody there", out)
    status, _, said = run([*tests.sspitls, "client", "localhost:1", "--json", "Z:\\nowhere\\x"])
    tests.check(status == 2 and b"cannot be written" in said, "a file that cannot be", status, said)


def stapled(tests):
    """our client shows what a server staples"""
    register, response = Register(tests), tests.path("stapled.der")
    tests.certificates.leaf("stapled", issuer="ca")
    for kind in "unknown", "good", "revoked":
        if kind == "good":
            register.enter("stapled")
        elif kind == "revoked":
            register.revoke("stapled")
        register.write_response("stapled", response)
        for version in tests.VERSIONS:
            with openssl_server(tests, "stapled", OPENSSL_VERSION[version], "-status_file",
                                response) as server:
                said = run(client(tests, server.port, *GET))[2]
            # Wine's crypt32 decodes no response that does not know the certificate.
            shown = b"    OCSP:    %s" % (b"stapled" if kind == "unknown" else
                                         kind.encode() + b", stapled, until 20")
            tests.check(shown in said,
                        "TLS %s, %s" % (version, kind), said)
    with openssl_server(tests, "p256") as server:
        said = run(client(tests, server.port, *GET))[2]
    tests.check(b"OCSP" not in said, "nothing stapled", said)


def files(tests):
    """--keylog and --trace write what SSLKEYLOGFILE and ASYNCSSPI_LOG would"""
    keys, trace, theirs = (tests.path(name) for name in ("our.keys", "our.trace", "their.keys"))
    with openssl_server(tests, "p256", "-keylogfile", theirs) as server:
        status, _, said = run(client(tests, server.port, *GET, "--keylog", windows_path(keys), "--trace",
                                     windows_path(trace)))
    tests.check(status == 0, "exit status", status, said)
    ours = {line for line in keys.read_text().splitlines() if "EXPORTER" not in line}
    tests.check(ours and ours <= set(theirs.read_text().splitlines()), "secrets", keys.read_text())
    tests.check("trace:schannel:" in trace.read_text() and "localhost" in trace.read_text(), "trace",
                trace.read_text())


PARTS = [through_proxy, passwords, several_certificates, without, as_json, stapled, files]
