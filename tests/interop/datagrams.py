# SPDX-License-Identifier: LGPL-2.1-or-later
"""DTLS over UDP with OpenSSL and GnuTLS, as client and as server."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import threading
import time

from peers import PATIENCE

LEAF = "rsa"
OPENSSL = {"1.2": ["-dtls1_2"], "1.0": ["-dtls1", "-cipher", "ALL:@SECLEVEL=0"]}


def free_udp_port():
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Talk:
    """A process whose standard input and output are those of a connection."""

    def __init__(self, command):
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        start_new_session=True)
        self.said = b""
        self.changed = threading.Condition()
        self.ended = False
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for part in iter(lambda: os.read(self.process.stdout.fileno(), 65536), b""):
            with self.changed:
                self.said += part
                self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def wait_for(self, text):
        """Whether the process says that before it ends."""
        end = time.monotonic() + PATIENCE
        with self.changed:
            while text not in self.said and not self.ended and time.monotonic() < end:
                self.changed.wait(1)
            return text in self.said

    def send(self, data):
        try:
            self.process.stdin.write(data)
            self.process.stdin.flush()
        except OSError:
            pass

    def end(self):
        """Ends the input; the exit status, None when it hangs."""
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            return None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.thread.join(PATIENCE)
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        self.process.stdout.close()


def key_files(tests):
    return tests.path(LEAF + ".pem"), tests.path(LEAF + ".key")


def peer_server(tests, name, version, port):
    pem, key = key_files(tests)
    if name == "openssl":
        return ["openssl", "s_server", *OPENSSL[version], "-accept", "127.0.0.1:%d" % port,
                "-cert", pem, "-cert_chain", pem, "-key", key]
    return ["gnutls-serv", "--udp", "--echo", "--port", port, "--x509certfile", pem,
            "--x509keyfile", key]


def our_client(tests, port, version):
    """Retried by its own timer until the server is there."""
    return [*tests.sspitls, "client", "127.0.0.1:%d" % port, "--dtls", "--sni", "localhost",
            "--tls", version, "--ca", tests.path("ca.pem")]


def clients(tests):
    """our DTLS client against openssl and gnutls-serv"""
    for name, version in (("openssl", "1.2"), ("openssl", "1.0"), ("gnutls", "1.2")):
        what = "DTLS %s client with %s" % (version, name)
        port = free_udp_port()
        with Talk(peer_server(tests, name, version, port)) as server, \
                Talk(our_client(tests, port, version)) as client:
            tests.check(client.wait_for(b"peer's certificates"), what, client.said, server.said)
            tests.check(b"DTLS " + version.encode() in client.said, what, client.said)
            client.send(b"from our client\n")
            tests.check(server.wait_for(b"from our client"), what + ": data up", server.said)
            if name == "openssl":
                server.send(b"from the server\n")
                tests.check(client.wait_for(b"from the server"), what + ": data down", client.said)
            else:
                tests.check(client.wait_for(b"from our client"), what + ": echo", client.said)
            status = client.end()
            tests.check(status == 0, what + ": exit status %s" % status, client.said)


def servers(tests):
    """openssl, gnutls-cli and our own client against our DTLS server"""
    pem, key = key_files(tests)
    command = [*tests.sspitls, "server", "0", "--dtls", "--tls", "1.0,1.2", "--cert", pem,
               "--key", key, "--until-eof"]
    with Talk(command) as server:
        tests.check(server.wait_for(b"listening on 127.0.0.1:"), "DTLS server", server.said)
        match = re.search(rb"listening on 127\.0\.0\.1:(\d+)", server.said)
        if not match:
            return
        port = int(match.group(1))
        peers = {
            "openssl 1.2": ["openssl", "s_client", *OPENSSL["1.2"], "-connect",
                            "127.0.0.1:%d" % port],
            "openssl 1.0": ["openssl", "s_client", *OPENSSL["1.0"], "-connect",
                            "127.0.0.1:%d" % port],
            "openssl 1.2, MTU 300": ["openssl", "s_client", *OPENSSL["1.2"], "-mtu", "300",
                                     "-connect", "127.0.0.1:%d" % port],
            "gnutls-cli": ["gnutls-cli", "--udp", "--insecure", "--port", port, "127.0.0.1"],
            "ours": our_client(tests, port, "1.2"),
        }
        for number, (name, command) in enumerate(peers.items(), 1):
            what = "DTLS server with " + name
            with Talk(command) as client:
                tests.check(server.wait_for(b"#%d " % number), what, client.said, server.said)
                before = len(client.said)
                client.send(b"there and back\n")
                tests.check(client.wait_for(b"there and back"), what + ": echo",
                            client.said[before:], server.said)
        tests.check(server.end() == 0, "DTLS server: exit status", server.said)


PARTS = [clients, servers]
