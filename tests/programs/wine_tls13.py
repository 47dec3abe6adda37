# SPDX-License-Identifier: LGPL-2.1-or-later
"""Wine's WinHTTP and WinINet and what stands on them, against servers that speak TLS 1.3 only."""

import base64
import hashlib
import os
import random
import shutil
import socket

from apache import find_apache
from as_client import GNUTLS_PRIORITY, openssl_server
from harness import windows_path
from https import HttpsServer
from peers import run
from prefix import registry_key, run_watched, trusted_root
from scripted import GnuTls, OpenSsl, ScriptedServer
from wine_http import APIS, CHANNEL_ERROR, Client, expected

LARGE = 20 * 1000 * 1000
PROTOCOL = (r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL"
            r"\Protocols\TLS 1.3\Client")
BODY = random.Random(3).randbytes(300 * 1000)


def pattern(size):
    """What an upload of the clients is."""
    block = bytes(range(251))
    return (block * (size // len(block) + 1))[:size]


def sha256(data):
    return hashlib.sha256(data).hexdigest().encode()


# Real servers -------------------------------------------------------------------------------------

def nginx(checks, version="1.3", more=""):
    """A function of the port: the command, whose configuration it writes, with more for the server."""
    home = checks.directory / "nginx"
    home.mkdir(exist_ok=True)

    def command(port):
        configuration = home / "configuration"
        configuration.write_text("""
            daemon off; master_process off; pid %(home)s/pid; error_log %(home)s/errors;
            events { worker_connections 4096; }
            http { access_log off; client_max_body_size 100m; client_body_temp_path %(home)s/body;
              proxy_temp_path %(home)s/proxy; fastcgi_temp_path %(home)s/fastcgi;
              uwsgi_temp_path %(home)s/uwsgi; scgi_temp_path %(home)s/scgi;
              server { listen 127.0.0.1:%(port)d ssl; ssl_protocols TLSv%(version)s; %(more)s
                ssl_certificate %(at)s/rsa.pem; ssl_certificate_key %(at)s/rsa.key;
                ssl_client_certificate %(at)s/ca.pem; ssl_verify_client optional;
                ssl_verify_depth 3; root %(at)s; index index.json;
                types { application/json json; }
                location = /who { return 200 "$ssl_protocol $ssl_client_s_dn"; }
                location = /moved { return 302 /page; }
                location = /upload { proxy_pass https://127.0.0.1:%(port)d/taken;
                                     proxy_ssl_protocols TLSv1.3; }
                location = /taken { return 200 "$content_length"; } } }
            """ % {"home": home, "port": port, "at": checks.directory, "version": version,
                   "more": more})
        return [shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin"), "-p", home,
                "-c", configuration]
    return command


def apache(checks):
    home = checks.directory / "apache13"
    home.mkdir(exist_ok=True)

    def command(port):
        configuration = home / "configuration"
        configuration.write_text("\n".join([
            "ServerName localhost", "ServerRoot %s" % home, "PidFile %s/pid" % home,
            "DefaultRuntimeDir %s" % home, "ErrorLog %s/errors" % home,
            "Listen 127.0.0.1:%d" % port, "User nobody", "Group nogroup",
            *("LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so" % (name, name)
              for name in ("mpm_event", "authz_core", "ssl", "alias", "dir")),
            "SSLEngine on", "SSLProtocol TLSv1.3",
            "SSLCertificateFile %s" % checks.path("rsa.pem"),
            "SSLCertificateKeyFile %s" % checks.path("rsa.key"),
            "DocumentRoot %s" % checks.directory, "Redirect 302 /moved /page",
            "DirectoryIndex index.json", "<Files index.json>", "ForceType application/json", "</Files>",
            "<Directory />", "Require all granted", "</Directory>"]) + "\n")
        return [find_apache(), "-X", "-f", configuration]
    return command


def web_servers():
    """Of those of TLS 1.3 only: the name, whether there is one, and a function of the checks."""
    return (("nginx", shutil.which("nginx", path="/usr/sbin:/usr/bin"), nginx),
            ("Apache", find_apache(), apache))


def files(checks):
    checks.directory.chmod(0o755)  # Apache's worker is nobody
    for name, data in (("page", b"a page of 1.3\n"), ("large", random.Random(2).randbytes(LARGE))):
        checks.path(name).write_bytes(data)
    return checks.path("page").read_bytes(), checks.path("large").read_bytes()


def real_servers(checks):
    """WinHTTP and WinINet, servers of TLS 1.3 only: nginx, Apache, OpenSSL, GnuTLS"""
    page, large = files(checks)
    with trusted_root(checks, "ca"):
        for name, there, command in web_servers():
            if not there:
                checks.skip("there is no " + name)
                continue
            with checks.server("tls13-" + name, command(checks)) as server:
                for api in APIS:
                    client, what = Client(checks, api), "%s, %s: " % (api, name)
                    got = client(server.port, "/page", 3)
                    checks.check(got == [expected(page)] * 3, what + "three requests", got)
                    got = client(server.port, "/large", 2)
                    checks.check(got == [expected(large)] * 2, what + "20 MB, twice", got)
                    got = client(server.port, "/moved", 2)
                    checks.check(got == [expected(page)] * 2, what + "redirected", got)
                    if name == "nginx":
                        got = client(server.port, "/who")
                        checks.check(got == [expected(b"TLSv1.3 ")], what + "version", got)
                        got = client(server.port, "/upload", 2, "upload", LARGE)
                        checks.check(len(got) == 2 and all(a[0] == 200 for a in got),
                                     what + "upload", got)
        for api in APIS:
            client = Client(checks, api)
            for option in ("-tls1_3", "-tls1_2"):
                with openssl_server(checks, "rsa", option) as server:
                    got = client(server.port, "/large", 2)
                    checks.check(got == [expected(large)] * 2, "%s, s_server %s" % (api, option), got)
            for version in ("1.3", "1.2"):
                with checks.server("gnutls-serv-http", lambda port: [
                        "gnutls-serv", "--http", "--quiet", "--port", port,
                        "--x509certfile", checks.path("rsa.pem"),
                        "--x509keyfile", checks.path("rsa.key"),
                        "--priority", GNUTLS_PRIORITY[version]]) as server:
                    got = client(server.port, "/")
                    checks.check(isinstance(got[0], tuple) and got[0][0] == 200,
                                 "%s, gnutls-serv, TLS %s" % (api, version), got)


# What the registry and the program say ------------------------------------------------------------

def settings(checks):
    """WinHTTP and WinINet: who decides about TLS 1.3; Wine's own beside ours"""
    def answer(*_):
        return 200, b"1.3", {}

    with trusted_root(checks, "ca"), HttpsServer(checks, "rsa", answer, ("1.3",)) as server:
        for api in APIS:
            client = Client(checks, api)
            for value in ('"Enabled"=dword:00000000', '"DisabledByDefault"=dword:00000001'):
                with registry_key(checks, PROTOCOL, value):
                    got = client(server.port, "/")
                checks.check(got == [CHANNEL_ERROR], "%s, %s" % (api, value), got)
            got = client(server.port, "/")
            checks.check(got == [expected(b"1.3")], api + ", nothing in the registry", got)
            environment = {**os.environ, "WINEDLLOVERRIDES": "secur32=b"}
            status, out, said = run([checks.wine, client.program, "localhost", server.port, "/", 1,
                                     0], env=environment)
            checks.check(b"error" in out and status, api + ", Wine's own secur32", status, out, said)
        client = Client(checks, "winhttp")
        got = client(server.port, "/", versions=0x800)
        checks.check(got == [CHANNEL_ERROR], "winhttp, a program that wants TLS 1.2 only", got)


# What servers do --------------------------------------------------------------------------------

def tickets_around(connection):
    """A ticket before the headers, with the body and behind it."""
    while connection.request():
        connection.tls.ticket()
        connection.answer(BODY[:100000], size=len(BODY))
        connection.tls.ticket()
        connection.tls.write(BODY[100000:])
        connection.tls.ticket()


def keys_change(connection):
    """New keys in front of an answer, then two in a row within it and one behind it. GnuTLS, the
    client's library, lets no more than 8 in a second pass."""
    while connection.request():
        connection.tls.key_update()
        connection.answer(BODY)
        if not connection.request():
            break
        connection.answer(BODY[:50], size=len(BODY))
        connection.tls.key_update()
        connection.tls.key_update()
        connection.tls.write(BODY[50:])
        connection.tls.key_update()


def plain(connection):
    while connection.request():
        connection.answer(BODY)


def single_bytes(connection):
    while connection.request():
        connection.answer(BODY[:50], size=100)
        for byte in BODY[50:100]:
            connection.tls.write(bytes([byte]))


def until_closed(connection):
    """An answer whose end is the connection's, and the server's half closes first."""
    connection.request()
    connection.answer(BODY, headers=b"Connection: close\r\n", size=False)
    connection.tls.close_notify()
    connection.socket.shutdown(1)
    connection.tls.read(1)


def one_request_each(connection):
    """Closes a connection that the client keeps, behind a ticket: all that leaves with the end of the
    answer, so that the client cannot have asked for something more."""
    connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    connection.request()
    connection.answer(BODY)
    connection.tls.ticket()
    connection.tls.close_notify()


def uploads(connection):
    """New keys while a body comes."""
    while size := connection.head():
        connection.tls.key_update()
        body = connection.exactly(size // 2)
        connection.tls.key_update()
        body += connection.exactly(size - size // 2)
        connection.answer(sha256(body))


SCRIPTS = [(tickets_around, BODY), (keys_change, BODY), (plain, BODY), (single_bytes, BODY[:100]),
           (until_closed, BODY), (one_request_each, BODY)]


def scripts(checks):
    """WinHTTP and WinINet: tickets and KeyUpdate before, within and long behind an answer"""
    with trusted_root(checks, "ca"):
        for library, tickets in ((OpenSsl, 0), (OpenSsl, 2), (OpenSsl, 4), (GnuTls, 0), (GnuTls, 1)):
            if not library.library:
                checks.skip("there is no library for " + library.__name__)
                continue
            for api in APIS:
                client = Client(checks, api)
                for script, body in SCRIPTS:
                    # GnuTLS gives out no ticket when it has none to give.
                    if library is GnuTls and not tickets and script in (tickets_around,
                                                                       one_request_each):
                        continue
                    what = "%s, %s, %d tickets, %s" % (api, library.__name__, tickets,
                                                       script.__name__)
                    with ScriptedServer(checks, library, "rsa", script, tickets=tickets) as server:
                        got = client(server.port, "/", 4)
                    checks.check(got == [expected(body)] * 4, what, got, server.failures)
                    if script in (tickets_around, keys_change, plain, single_bytes):
                        checks.check(server.connections == 1, what + ": one connection is kept",
                                     server.connections)
                with ScriptedServer(checks, library, "rsa", uploads, tickets=tickets) as server:
                    got = client(server.port, "/", 2, "upload", LARGE)
                checks.check(got == [expected(sha256(pattern(LARGE)))] * 2,
                             "%s, %s, %d tickets, uploads" % (api, library.__name__, tickets), got,
                             server.failures)


def client_certificates(checks):
    """WinHTTP and WinINet: a server of TLS 1.3 that wants a client certificate"""
    checks.certificates.leaf("client-rsa", key="rsa", issuer="ca", usage="clientAuth",
                             subject="asyncsspi test client")
    certificate = windows_path(checks.path("client-rsa.pfx"))
    with trusted_root(checks, "ca"):
        with ScriptedServer(checks, OpenSsl, "rsa", keys_change, authority="ca") as server:
            got = Client(checks, "winhttp")(server.port, "/", 3, "certificate", certificate)
        checks.check(got == [expected(BODY)] * 3, "winhttp, with one", got, server.failures)
        for api in APIS:
            with ScriptedServer(checks, OpenSsl, "rsa", plain, authority="ca") as server:
                got = Client(checks, api)(server.port, "/")
            checks.check(len(got) == 1 and isinstance(got[0], int), api + ", without a certificate",
                         got)


# What stands on them -----------------------------------------------------------------------------

def web_socket(connection):
    """Echoes messages; a ticket and new keys in between."""
    head, _ = connection.request()
    key = next(line.split(b":")[1].strip() for line in head.split(b"\r\n")
               if line.lower().startswith(b"sec-websocket-key:"))
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    connection.answer(b"", b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
                      accept + b"\r\n", b"101 Switching Protocols", size=False)
    while first := connection.exactly(2):
        size = first[1] & 0x7f
        if size > 125:
            size = int.from_bytes(connection.exactly(2 if size == 126 else 8), "big")
        mask = connection.exactly(4)
        data = connection.exactly(size)
        data = bytes(a ^ b for a, b in zip(data, mask * (size // 4 + 1)))
        connection.tls.key_update()
        head = bytes([first[0], size]) if size < 126 else bytes([first[0], 126]) + \
            size.to_bytes(2, "big")
        connection.tls.write(head + data)
        connection.tls.ticket()
        if first[0] & 15 == 8:
            connection.tls.close_notify()
            return


def on_top(checks):
    """Over TLS 1.3 only: URLDownloadToFile, WebSockets, WinHttp.WinHttpRequest"""
    with trusted_root(checks, "ca"):
        with ScriptedServer(checks, OpenSsl, "rsa", tickets_around) as server:
            url, output = "https://localhost:%d/" % server.port, checks.path("downloaded")
            status, out, said = run_watched(checks, [
                checks.clients / "download.exe", url, windows_path(output)])
            checks.check(status == 0 and output.exists() and output.read_bytes() == BODY,
                         "URLDownloadToFile", status, out, said, server.failures,
                         server.connections, output.exists() and output.stat().st_size)
        with ScriptedServer(checks, OpenSsl, "rsa",
                            lambda connection: connection.request() and
                            connection.answer(b"for a script")) as server:
            url = "https://localhost:%d/" % server.port
            status, out, said = run_watched(checks, [
                checks.clients / "request.exe", url])
            checks.check(status == 0 and out.strip() == b"200 for a script",
                         "WinHttp.WinHttpRequest", status, out, said, server.failures)
        for count, size in ((6, 10), (3, 60000)):
            with ScriptedServer(checks, OpenSsl, "rsa", web_socket) as server:
                status, out, said = run_watched(checks, [
                    checks.clients / "websocket.exe", "localhost", server.port,
                    "/", count, size])
            checks.check(status == 0 and out.strip() == b"%d messages" % count,
                         "WebSocket, %d messages of %d bytes" % (count, size), status, out, said,
                         server.failures)


PARTS = [real_servers, settings, scripts, client_certificates, on_top]
