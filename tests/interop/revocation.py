# SPDX-License-Identifier: LGPL-2.1-or-later
"""Revoked certificates: what our client learns from OCSP responses that `openssl s_server` staples,
from a responder and from lists over HTTP, and our server from lists; and responses that our server
staples to `s_client`, `gnutls-cli` and curl."""

import base64
import contextlib
import functools
import http.server
import threading
import urllib.parse
import uuid

from as_client import OPENSSL_VERSION, client, openssl_server
from as_server import CURL_VERSION, curl, gnutls_cli, our_server, request, s_client
from certificates import openssl
from harness import windows_path
from peers import run

REVOKED, OFFLINE, NOBODY_TO_ASK = (b"CRYPT_E_REVOKED", b"CRYPT_E_REVOCATION_OFFLINE",
                                   b"CRYPT_E_NO_REVOCATION_CHECK")


class Register:
    """What the authority `name` knows about its certificates: as lists and as OCSP responses."""

    def __init__(self, tests, name="ca"):
        self.tests, self.name = tests, name
        self.index = tests.path(name + ".index")
        self.index.write_text("")
        self.config = tests.path(name + "-register.cnf")
        self.config.write_text(
            "[ca]\ndefault_ca=x\n[x]\ndatabase=%s\ndefault_md=sha256\ncertificate=%s\n"
            "private_key=%s\nunique_subject=no\n" % (self.index, self._file("pem"),
                                                      self._file("key")))

    def _file(self, kind):
        return self.tests.path("%s.%s" % (self.name, kind))

    def enter(self, leaf):
        openssl("ca", "-config", self.config, "-valid", self.tests.path(leaf + ".pem"))

    def revoke(self, leaf):
        openssl("ca", "-config", self.config, "-revoke", self.tests.path(leaf + ".pem"))

    def write_list(self, path, *options):
        """The list as it is now, good for a day."""
        pem = self.tests.path(self.name + "-list.pem")
        openssl("ca", "-config", self.config, "-gencrl", *(options or ["-crldays", 1]), "-out",
                pem)
        openssl("crl", "-in", pem, "-outform", "DER", "-out", path)

    def write_response(self, leaf, path, *options):
        """What is known about the certificate now, good for a day."""
        question = self.tests.path(leaf + ".ocsp")
        openssl("ocsp", "-issuer", self._file("pem"), "-cert", self.tests.path(leaf + ".pem"),
                "-no_nonce", "-reqout", question)
        self.answer(question, path, *options)

    def answer(self, question, path, *options):
        """The same for the files of an OCSP request and its response."""
        openssl("ocsp", "-index", self.index, "-CA", self._file("pem"), "-rsigner",
                self._file("pem"), "-rkey", self._file("key"), "-reqin", question, "-respout",
                path, *(options or ["-ndays", 1]))


class Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Responder(http.server.BaseHTTPRequestHandler):
    """Has `openssl ocsp` answer, with what the server's register knows."""

    def log_message(self, *_):
        pass

    def do_GET(self):
        self._answer(base64.b64decode(urllib.parse.unquote(self.path.lstrip("/"))))

    def do_POST(self):
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, question):
        register = self.server.register
        asked, answer = (register.tests.path("responder." + kind) for kind in ("req", "resp"))
        asked.write_bytes(question)
        register.answer(asked, answer)
        self.server.answered += 1
        self.send_response(200)
        self.send_header("Content-Type", "application/ocsp-response")
        self.end_headers()
        self.wfile.write(answer.read_bytes())


@contextlib.contextmanager
def http_server(handler):
    """An HTTP server, with the address of its root."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server, "http://127.0.0.1:%d/" % server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def file_server(directory):
    return http_server(functools.partial(Files, directory=str(directory)))


def check_client(tests, what, port, expected, *options):
    """`expected`: what the client calls the failure, or None for none."""
    status, out, said = run(client(tests, port, "--http", "/file1", *options))
    if expected:
        tests.check(status == 1 and not out, "%s: exit status %s" % (what, status), said)
        tests.check(expected in said, "%s: is not called %s" % (what, expected.decode()), said)
    else:
        tests.check(status == 0 and len(out) == 1, "%s: exit status %s" % (what, status), said)


def stapled_to_client(tests):
    """our client and what s_server staples"""
    register, stranger = Register(tests), Register(tests, "other")
    tests.certificates.leaf("named", issuer="ca")
    responses = {name: tests.path("response-" + name) for name in (
        "unknown", "good", "revoked", "stranger")}
    register.write_response("named", responses["unknown"])
    register.enter("named")
    register.write_response("named", responses["good"])
    register.revoke("named")
    register.write_response("named", responses["revoked"])
    stranger.write_response("named", responses["stranger"])
    for name, response, expected in (
            ("good", responses["good"], None), ("revoked", responses["revoked"], REVOKED),
            ("unknown", responses["unknown"], NOBODY_TO_ASK),
            ("a stranger's", responses["stranger"], NOBODY_TO_ASK), ("no", None, NOBODY_TO_ASK)):
        for version in tests.VERSIONS:
            what = "client, TLS %s, %s response" % (version, name)
            staple = ["-status_file", response] if response else []
            with openssl_server(tests, "named", OPENSSL_VERSION[version], *staple) as server:
                check_client(tests, what, server.port, expected, "--revocation")
                check_client(tests, what + ", not checked", server.port, None)


class Lists:
    """Certificates that name lists of their issuer's, and these lists."""

    def __init__(self, tests, address, issuer="ca", **leaf_options):
        self.tests, self.address, self.issuer = tests, address, issuer
        self.leaf_options = leaf_options
        self.register = Register(tests, issuer)

    def leaf(self, name, revoked, *options, listed=True):
        """A new leaf with a list of its own."""
        file = self._file()
        self.tests.certificates.leaf(name, issuer=self.issuer, crl=self.address + file,
                                     **self.leaf_options)
        self._register(name, revoked)
        if listed:
            self.register.write_list(self.tests.path(file), *options)
        return name

    def authority(self, name, revoked):
        """A new intermediate with a list of its own."""
        file = self._file()
        self.tests.certificates.authority(name, self.issuer, "asyncsspi " + name,
                                          self.address + file)
        self._register(name, revoked)
        self.register.write_list(self.tests.path(file))

    @staticmethod
    def _file():
        """Wine keeps what it has fetched by its address, so each is a new one."""
        return "%s.crl" % uuid.uuid4()

    def _register(self, name, revoked):
        self.register.enter(name)
        if revoked:
            self.register.revoke(name)


# What the list says of a leaf, how the failure is called, and how the list is made.
LISTS = {
    "good": (None, False, {}),
    "revoked": (REVOKED, True, {}),
    "missing": (OFFLINE, False, {"listed": False}),
    "old": (OFFLINE, True, {}),
}
OLD = ["-crl_lastupdate", "20200101000000Z", "-crl_nextupdate", "20200102000000Z"]


def make_leaves(lists, prefix):
    return {name: lists.leaf(prefix + name, revoked, *(OLD if name == "old" else []), **options)
            for name, (_, revoked, options) in LISTS.items()}


def responder_for_client(tests):
    """our client asks an OCSP responder of openssl's"""
    with http_server(Responder) as (responder, address):
        register = responder.register = Register(tests)
        for name, enter, expected in (("good", register.enter, None),
                                      ("revoked", register.revoke, REVOKED),
                                      ("unknown", lambda leaf: None, OFFLINE)):
            leaf = "asked-about-" + name
            tests.certificates.leaf(leaf, issuer="ca", ocsp=address)
            enter(leaf)
            for version in tests.VERSIONS:
                what = "client, TLS %s, %s at the responder" % (version, name)
                responder.answered = 0
                with openssl_server(tests, leaf, OPENSSL_VERSION[version]) as server:
                    check_client(tests, what + ", not checked", server.port, None)
                    tests.check(not responder.answered, what + ", not checked, but asked")
                    check_client(tests, what, server.port, expected, "--revocation")
                    tests.check(responder.answered, what + ", not asked")


def lists_for_client(tests):
    """our client and lists that s_server's certificate names"""
    with file_server(tests.directory) as (_, address):
        lists = Lists(tests, address)
        for name, leaf in make_leaves(lists, "listed-").items():
            expected = LISTS[name][0]
            for version in tests.VERSIONS:
                with openssl_server(tests, leaf, OPENSSL_VERSION[version]) as server:
                    what = "client, TLS %s, %s list" % (version, name)
                    check_client(tests, what, server.port, expected, "--revocation")
                    check_client(tests, what + ", not checked", server.port, None)
        # The stapled response and the list: a good one is enough, one that does not know is none.
        for name, revoked, listed, expected in (
                ("good response, no list", False, False, None),
                ("unknowing response, good list", None, True, None),
                ("unknowing response, no list", None, False, OFFLINE)):
            leaf, response = "both", tests.path("response-both")
            lists.leaf(leaf, False, listed=listed)
            if revoked is None:
                lists.register.index.write_text("")
            lists.register.write_response(leaf, response)
            with openssl_server(tests, leaf, "-status_file", response) as server:
                check_client(tests, "client, " + name, server.port, expected, "--revocation")
        # The issuers are asked about as well.
        for name, revoked in (("good", False), ("revoked", True)):
            issuer = "issuer-" + name
            lists.authority(issuer, revoked)
            leaf = Lists(tests, address, issuer).leaf("below-" + issuer, False)
            with openssl_server(tests, leaf) as server:
                check_client(tests, "client, %s issuer" % name, server.port,
                             REVOKED if revoked else None, "--revocation")


def lists_for_server(tests):
    """our server and lists that s_client's certificate names"""
    with file_server(tests.directory) as (_, address):
        leaves = make_leaves(Lists(tests, address, usage="clientAuth"), "client-listed-")
        for options in (["--revocation"], []):
            with our_server(tests, "p256", "--verify", "--ca", windows_path(tests.path("ca.pem")),
                            *options) as server:
                for name, leaf in leaves.items():
                    expected = LISTS[name][0] if options else None
                    for version in tests.VERSIONS:
                        what = "server %s, TLS %s, %s list" % (options, version, name)
                        _, out, said = run(
                            s_client(tests, server.port, "-quiet", OPENSSL_VERSION[version],
                                     "-cert", tests.path(leaf + ".pem"),
                                     "-key", tests.path(leaf + ".key")), request("/file1"))
                        tests.check((b"200 OK" in out) == (expected is None), what, out, said)
                        if expected:
                            tests.check(server.expect(expected), "%s: is not called %s" % (
                                what, expected.decode()), server.said())


# What programs say of the response.
TOLD = {
    "good": {"s_client": b"Cert Status: good", "gnutls-cli": b"", "curl": b""},
    "revoked": {"s_client": b"Cert Status: revoked", "gnutls-cli": b"revoked via OCSP",
                "curl": b"revo"},
    "another": {"s_client": b"OCSP response: no response sent",
                "gnutls-cli": b"no OCSP response", "curl": b"No OCSP response received"},
}


def stapled_by_server(tests):
    """our server staples to s_client, gnutls-cli and curl"""
    register = Register(tests, "middle")  # curl wants to see the issuer in the chain
    tests.certificates.leaf("stapler")
    tests.certificates.leaf("another")
    responses = {name: tests.path("response-by-" + name) for name in ("good", "revoked", "another")}
    register.enter("stapler")
    register.enter("another")
    register.write_response("stapler", responses["good"])
    register.write_response("another", responses["another"])
    register.revoke("stapler")
    register.write_response("stapler", responses["revoked"])
    status, _, said = run([*tests.sspitls, "server", "0", "--until-eof", "--cert",
                           windows_path(tests.path("stapler.pem")), "--key",
                           windows_path(tests.path("stapler.key")), "--staple",
                           windows_path(tests.path("stapler.pem"))])
    tests.check(status == 2 and b"no OCSP response" in said, "server that is to staple PEM", said)
    for name, told in TOLD.items():
        with our_server(tests, "stapler", "--staple", windows_path(responses[name])) as server:
            for version in tests.VERSIONS:
                what = "server that staples (%s), TLS %s, " % (name, version)
                _, out, said = run(s_client(tests, server.port, OPENSSL_VERSION[version],
                                            "-status"))
                tests.check(told["s_client"] in out, what + "s_client", out, said)
                saved = tests.path("saved-response")
                saved.unlink(missing_ok=True)
                status, out, said = run(gnutls_cli(tests, server.port, version, "--save-ocsp",
                                                   saved), request("/file1"))
                tests.check((status == 0) == (name != "revoked") and told["gnutls-cli"] in said,
                            what + "gnutls-cli", out, said)
                if name == "good":
                    tests.check(saved.read_bytes() == responses[name].read_bytes(),
                                what + "another response came")
                status, out, said = run(curl(tests, server.port, "/file1", "--cert-status",
                                             *CURL_VERSION[version]))
                tests.check((status == 0) == (name == "good") and told["curl"] in said,
                            what + "curl", said)


PARTS = [stapled_to_client, responder_for_client, lists_for_client, lists_for_server,
         stapled_by_server]
