# SPDX-License-Identifier: LGPL-2.1-or-later
"""sentry-cli as its makers publish it for Windows: curl on Schannel, unmodified.

It talks to a stand-in for its service that keeps what is uploaded, and to `sspitls server`."""

import email
import hashlib
import io
import json
import random
import subprocess
import tarfile
import threading
import zipfile

from harness import windows_path
from https import HttpsServer
from peers import run
from prefix import run_watched, trusted_root, windows_version
from wine_tls13 import web_servers
from wire import CuttingProxy

ARCHIVES = {64: "sentry-cli-win32-x64-2.23.0.tgz", 32: "sentry-cli-win32-i686-2.23.0.tgz"}
CHUNK = 256 * 1024
RELEASES = 20000
NEW_RELEASE = ["releases", "new", "-o", "o", "-p", "p", "release-0"]
LIST = ["releases", "list", "-o", "o", "-p", "p", "--raw"]

BAD_CERTIFICATES = {
    "expired": b"SEC_E_CERT_EXPIRED",
    "wrongname": b"SEC_E_WRONG_PRINCIPAL",
    "unknown": b"SEC_E_UNTRUSTED_ROOT",
    "wrongusage": b"SEC_E_CERT_WRONG_USAGE",
    "selfsigned": b"SEC_E_UNTRUSTED_ROOT",
}


class Service:
    """What of the service's interface the tests use. Uploads arrive as chunks named by their SHA-1,
    in parallel, and are put together on request."""

    USER = {"user": {"id": "1", "email": "user@example.com"}, "auth": {"scopes": ["test"]}}

    def __init__(self):
        self.chunks, self.files, self.new, self.faults = {}, [], [], []
        self.lock = threading.Lock()
        self.url = None

    def answer(self, method, path, headers, body):
        if path.endswith("/chunk-upload/"):
            reply = self._take_chunks(headers, body) if method == "POST" else self._upload_options()
        elif path.endswith("/assemble/"):
            reply = self._assemble(json.loads(body))
        elif path.endswith("/releases/"):
            if method == "POST":
                self.new.append(json.loads(body)["version"])
            reply = release(0) if method == "POST" else releases()
        elif path == "/api/0/":
            reply = self.USER
        else:
            return 404, b"{}", {}
        return 200, json.dumps(reply).encode(), {"Content-Type": "application/json"}

    def _upload_options(self):
        return {"url": self.url + "/api/0/organizations/o/chunk-upload/", "chunkSize": CHUNK,
                "chunksPerRequest": 4, "maxRequestSize": 16 * CHUNK, "concurrency": 8,
                "hashAlgorithm": "sha1", "compression": [], "accept": ["release_files"]}

    def _take_chunks(self, headers, body):
        head = "Content-Type: %s\r\n\r\n" % headers["Content-Type"]
        for part in email.message_from_bytes(head.encode() + body).get_payload():
            data, name = part.get_payload(decode=True), part.get_filename()
            with self.lock:
                if hashlib.sha1(data).hexdigest() == name:
                    self.chunks[name] = data
                else:
                    self.faults.append("chunk %s has %d bytes that are not it" % (name, len(data)))
        return {}

    def _assemble(self, request):
        with self.lock:
            missing = [name for name in request["chunks"] if name not in self.chunks]
            if missing:
                return {"state": "not_found", "missingChunks": missing}
            self.files.append(b"".join(self.chunks[name] for name in request["chunks"]))
        return {"state": "ok", "missingChunks": []}


def release(number):
    return {"version": "release-%d" % number, "url": None, "dateCreated": "2020-01-01T00:00:00Z",
            "dateReleased": None, "lastEvent": None, "newGroups": 0,
            "projects": [{"slug": "p", "name": "p" * 200}]}


def releases():
    return [release(number) for number in range(RELEASES)]


class Sentry:
    """The program, unpacked, and how it is called."""

    def __init__(self, checks):
        self.checks = checks
        with tarfile.open(checks.build / "cache" / ARCHIVES[checks.bits]) as archive:
            archive.extract("package/bin/sentry-cli.exe", checks.directory)
        self.program = checks.directory / "package/bin/sentry-cli.exe"

    def __call__(self, port, *arguments):
        url = "https://localhost:%d" % port
        # An update of itself is all that it would look for elsewhere.
        environment = {"SENTRY_DISABLE_UPDATE_CHECK": "1", "SENTRY_HTTP_MAX_RETRIES": "0"}
        status, out, said = run_watched(
            self.checks, [self.program, "--url", url, "--auth-token", "0123456789abcdef" * 4,
                          *arguments], environment=environment, cwd=self.checks.directory)
        return status, out, out + said


def requests_and_answers(checks, sentry):
    """sentry-cli asks, makes something new, downloads a long list"""
    for versions in (("1.2",), ("1.3",), ("1.2", "1.3")):
        service, what = Service(), "sentry-cli, server with TLS %s: " % "/".join(versions)
        with HttpsServer(checks, "rsa", service.answer, versions) as server:
            _, out, said = sentry(server.port, "info")
            checks.check(b"user@example.com" in out, what + "info", said)
            status, _, said = sentry(server.port, *NEW_RELEASE)
            checks.check(status == 0 and service.new == ["release-0"], what + "new release", said)
            status, out, said = sentry(server.port, *LIST)
            checks.check(status == 0 and out.split() == [b"release-%d" % number for number
                                                         in range(RELEASES)],
                         what + "%d bytes of releases" % len(json.dumps(releases())), said)
            checks.check({request["version"] for request in server.requests} == {max(versions)},
                         what + "version", server.requests)


def real_servers(checks, sentry):
    """sentry-cli and what nginx and Apache have of the service: files"""
    checks.directory.chmod(0o755)  # Apache's worker is nobody
    for path, answer in (("api/0", Service.USER), ("api/0/projects/o/p/releases", releases())):
        checks.path(path).mkdir(parents=True, exist_ok=True)
        checks.path(path + "/index.json").write_text(json.dumps(answer))
    for name, there, command in web_servers():
        what = "sentry-cli, %s: " % name
        if not there:
            checks.skip(what + "not here")
            continue
        with checks.server("sentry-" + name, command(checks)) as server:
            _, out, said = sentry(server.port, "info")
            checks.check(b"user@example.com" in out, what + "info", said)
            status, out, said = sentry(server.port, *LIST)
            checks.check(status == 0 and out.split() == [b"release-%d" % number for number
                                                         in range(RELEASES)],
                         what + "%d bytes of releases" % len(json.dumps(releases())), said)


def old_windows(checks, sentry):
    """sentry-cli on what it takes for Windows 10 does TLS 1.2"""
    service = Service()
    with windows_version(checks, "10.0", 19045):
        with HttpsServer(checks, "rsa", service.answer) as server:
            _, out, said = sentry(server.port, "info")
            checks.check(b"user@example.com" in out and server.requests[0]["version"] == "1.2",
                         "sentry-cli, Windows 10", server.requests, said)


def upload(checks, sentry):
    """sentry-cli uploads source maps over several connections"""
    noise, sources = random.Random(1), checks.directory / "sources"
    sources.mkdir()
    files = {"file%d.js" % number: b"// %s\n" % noise.randbytes(size // 2).hex().encode()
             for number, size in enumerate((10, 100000, 12000000))}
    for name, data in files.items():
        (sources / name).write_bytes(data)
    for version in ("1.2", "1.3"):
        service, what = Service(), "sentry-cli, upload, TLS %s: " % version
        with HttpsServer(checks, "p256", service.answer, (version,)) as server:
            service.url = "https://localhost:%d" % server.port
            status, _, said = sentry(server.port, "sourcemaps", "upload", "-o", "o", "-p", "p", "-r",
                                     "release-0", "--no-rewrite", windows_path(sources))
            checks.check(status == 0 and not service.faults, what + "status", service.faults, said)
            checks.check(len(service.files) == 1, what + "one bundle", said)
            got = {}
            if service.files:
                bundle = service.files[0][service.files[0].index(b"PK\x03\x04"):]
                with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
                    got = {name.split("/")[-1]: archive.read(name) for name in archive.namelist()}
            for name, data in files.items():
                checks.check_bytes(got.get(name, b""), data, what + name, said)
            connections = {request["client"] for request in server.requests}
            checks.check(len(connections) > 1, what + "%d connections" % len(connections))


def bad_certificates(checks, sentry):
    """sentry-cli refuses wrong certificates and says why"""
    for version in ("1.2", "1.3"):
        for leaf, code in BAD_CERTIFICATES.items():
            service, what = Service(), "sentry-cli, %s certificate, TLS %s" % (leaf, version)
            with HttpsServer(checks, leaf, service.answer, (version,)) as server:
                status, _, said = sentry(server.port, *NEW_RELEASE)
                checks.check(status == 1 and code in said, what, said)
                checks.check(not server.requests, what + ": sent something", server.requests)


def cut_connections(checks, sentry):
    """sentry-cli notices that a server vanishes"""
    for limit in (0, 700, 100000):
        with HttpsServer(checks, "rsa", Service().answer) as server, \
                CuttingProxy(server.port, limit) as proxy:
            status, _, said = sentry(proxy.port, *LIST)
            checks.check(status == 1 and b"error: " in said,
                         "sentry-cli, cut after %d bytes: %s" % (limit, status), said)


def our_server(checks, sentry):
    """sentry-cli and sspitls server"""
    pages = {"/api/0": Service.USER, "/api/0/projects/o/p/releases": releases()}
    for path, page in pages.items():
        directory = checks.directory / "pages" / path[1:]
        directory.mkdir(parents=True)
        (directory / "index.json").write_text(json.dumps(page))

    for version in ("1.2", "1.3"):
        def command(port):
            return [*checks.sspitls, "server", "127.0.0.1:%d" % port, "--tls", version,
                    "--cert", windows_path(checks.path("rsa.pem")),
                    "--key", windows_path(checks.path("rsa.key")),
                    "--www", windows_path(checks.directory / "pages")]
        what = "sentry-cli, sspitls server, TLS %s: " % version
        with checks.server("sspitls-sentry", command) as server:
            _, out, said = sentry(server.port, "info")
            checks.check(b"user@example.com" in out, what + "info", said)
            status, out, said = sentry(server.port, *LIST)
            checks.check(status == 0 and len(out.split()) == RELEASES, what + "releases", said)
            status, _, said = sentry(server.port, *NEW_RELEASE)
            checks.check(status == 1 and b"405" in said, what + "POST", said)
            checks.check(server.alive(), what + "the server is still there")


def sentry_cli(checks):
    """sentry-cli"""
    if not (checks.build / "cache" / ARCHIVES[checks.bits]).exists():
        checks.skip("sentry-cli: its package is not kept and could not be fetched by "
                    "./quickstart check")
        return
    sentry = Sentry(checks)
    checks.certificates.leaf("selfsigned", issuer=None)
    with trusted_root(checks, "ca"), windows_version(checks, "10.0", 22000):
        for part in (requests_and_answers, real_servers, upload, bad_certificates, cut_connections, our_server,
                     old_windows):
            part(checks, sentry)


PARTS = [sentry_cli]
