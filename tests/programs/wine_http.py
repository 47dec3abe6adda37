# SPDX-License-Identifier: LGPL-2.1-or-later
"""Wine's own WinHTTP and WinINet. They check certificates themselves and do what they do over Wine's
own secur32: the errors are theirs. They get TLS 1.3 although they use the older structure."""

import hashlib
import random

from as_client import openssl_server
from harness import windows_path
from https import HttpsServer
from prefix import run_watched, trusted_root

LARGE = 50 * 1000 * 1000
APIS = ["winhttp", "wininet"]

# ERROR_INTERNET_SEC_CERT_DATE_INVALID, _CN_INVALID, _SEC_CERT_REV_FAILED (Wine's word for an unknown
# root), _SEC_INVALID_CERT for WinINet. Wine 8.0's WinHTTP has one answer to all of them,
# ERROR_WINHTTP_SECURE_CHANNEL_ERROR.
CHANNEL_ERROR = 12157
BAD_CERTIFICATES = {
    "winhttp": dict.fromkeys(["expired", "wrongname", "unknown", "wrongusage"], CHANNEL_ERROR),
    "wininet": {"expired": 12037, "wrongname": 12038, "unknown": 12057, "wrongusage": 12169},
}
# WINHTTP_FLAG_SECURE_PROTOCOL_..., openssl's option, and what of openssl's security to do without.
OLD_VERSIONS = {"1.0": (0x80, "-tls1"), "1.1": (0x200, "-tls1_1"), "1.2": (0x800, "-tls1_2")}


class Client:
    def __init__(self, checks, api):
        self.checks, self.program = checks, checks.clients / (api + ".exe")

    def __call__(self, port, path, count=1, *options, versions=0):
        """Returns the lines printed: (status, size, SHA-256) or an error's number."""
        status, out, said = run_watched(self.checks, [
            self.program, "localhost", port, path, count, versions, *options])
        answers = []
        for line in out.decode().splitlines():
            words = line.replace(",", "").split()
            answers.append(int(words[1]) if words[0] == "error" else
                           (int(words[1]), int(words[2]), words[4]))
        self.checks.check(len(answers) == count and
                          (status == 0) == all(isinstance(answer, tuple) for answer in answers),
                          "%s: exit status %s" % (self.program.name, status), out, said)
        return answers


def expected(body):
    return (200, len(body), hashlib.sha256(body).hexdigest())


def answers(checks, api, client):
    small, large = b"a small page\n", random.Random(2).randbytes(LARGE)

    def answer(method, path, headers, body):
        return 200, body if method == "POST" else large if path == "/large" else small, {}

    for leaf, versions in (("rsa", ("1.2", "1.3")), ("p256", ("1.3",)), ("p256", ("1.2",))):
        with HttpsServer(checks, leaf, answer, versions) as server:
            got = client(server.port, "/small", 5)
            checks.check(got == [expected(small)] * 5, "%s, %s: five requests" % (api, leaf), got)
            checks.check(len({request["client"] for request in server.requests}) == 1,
                         "%s, %s: one connection is kept" % (api, leaf), server.requests)
            checks.check({request["version"] for request in server.requests} == {versions[-1]},
                         "%s, %s: version" % (api, leaf), server.requests)
            got = client(server.port, "/large", 2)
            checks.check(got == [expected(large)] * 2, "%s, %s: 50 MB, twice" % (api, leaf), got)
            got = client(server.port, "/post", 2, "body", "some text")
            checks.check(got == [expected(b"some text")] * 2, "%s, %s: POST" % (api, leaf), got)


def refusals(checks, api, client):
    def answer(*_):
        return 200, b"secret", {}

    for leaf, error in BAD_CERTIFICATES[api].items():
        with HttpsServer(checks, leaf, answer) as server:
            what = "%s, %s certificate" % (api, leaf)
            got = client(server.port, "/")
            checks.check(got == [error] and not server.requests, what, got)
            got = client(server.port, "/", 1, "insecure")
            checks.check(got == [expected(b"secret")], what + ", ignored", got)
    with HttpsServer(checks, "rsa", answer, ("1.2",), authority="ca") as server:
        got = client(server.port, "/")
        checks.check(got == [CHANNEL_ERROR] and not server.requests,
                     api + ", a server that insists on a client certificate", got)


def old_versions(checks, client):
    page = checks.path("page")
    page.write_bytes(b"from an old server\n")
    for version, (flag, option) in OLD_VERSIONS.items():
        with openssl_server(checks, "rsa", option, "-cipher", "ALL:@SECLEVEL=0") as server:
            got = client(server.port, "/page", 1, versions=flag)
            checks.check(got == [expected(page.read_bytes())], "winhttp, TLS %s" % version, got)
            wrong = OLD_VERSIONS["1.1" if version == "1.2" else "1.2"][0]
            got = client(server.port, "/page", 1, versions=wrong)
            checks.check(got == [CHANNEL_ERROR], "winhttp, TLS %s not asked for" % version, got)


def our_server(checks, api, client):
    def command(port):
        return [*checks.sspitls, "server", "127.0.0.1:%d" % port, "--www",
                "--cert", windows_path(checks.path("rsa.pem")),
                "--key", windows_path(checks.path("rsa.key"))]

    block = bytes(range(251))
    body = (block * (LARGE // len(block) + 1))[:LARGE]
    with checks.server("sspitls-" + api, command) as server:
        got = client(server.port, "/bytes/%d" % LARGE, 2)
        checks.check(got == [expected(body)] * 2, api + ", sspitls server, 50 MB", got)
        got = client(server.port, "/echo", 2, "body", "some text")
        checks.check(got == [expected(b"some text")] * 2, api + ", sspitls server, POST", got)
        checks.check(server.alive(), api + ", sspitls server is still there")


def wine_http(checks):
    """Wine's WinHTTP and WinINet"""
    with trusted_root(checks, "ca"):
        for api in APIS:
            client = Client(checks, api)
            answers(checks, api, client)
            refusals(checks, api, client)
            our_server(checks, api, client)
        old_versions(checks, Client(checks, "winhttp"))


PARTS = [wine_http]
