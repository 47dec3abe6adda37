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

from peers import PATIENCE, exit_status

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
            self.process.wait(PATIENCE)
            return exit_status(self.process)
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


def our_client(tests, port, version, ca="ca.pem"):
    """Retried by its own timer until the server is there."""
    return [*tests.sspitls, "client", "127.0.0.1:%d" % port, "--dtls", "--sni", "localhost",
            "--tls", version, "--ca", tests.path(ca),
            *(["--legacy"] if version == "1.0" else [])]


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


def refusal(tests):
    """our DTLS client shows the chain that it refuses"""
    port = free_udp_port()
    with Talk(peer_server(tests, "openssl", "1.2", port)), \
            Talk(our_client(tests, port, "1.2", "other.pem")) as client:
        tests.check(client.wait_for(b"refused: its issuer was not shown") and
                    b"1 subject: CN=asyncsspi test intermediate" in client.said,
                    "DTLS client that trusts others", client.said)
        tests.check(client.end() == 1, "its exit status", client.said)


def servers(tests):
    """openssl, gnutls-cli and our own client against our DTLS server"""
    pem, key = key_files(tests)
    command = [*tests.sspitls, "server", "0", "--dtls", "--legacy", "--cert", pem,
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


def hello(cookie=b"", number=0):
    """A ClientHello of DTLS 1.2, its datagram and message of that number."""
    suites = bytes.fromhex("c02bc02fc02cc03000ff")
    extensions = bytes.fromhex("000a00040002001d" "000b00020100" "000d00080006040304010804")
    body = (b"\xfe\xfd" + bytes(range(32)) + b"\x00" + bytes([len(cookie)]) + cookie +
            len(suites).to_bytes(2, "big") + suites + b"\x01\x00" +
            len(extensions).to_bytes(2, "big") + extensions)
    size = len(body).to_bytes(3, "big")
    message = b"\x01" + size + number.to_bytes(2, "big") + b"\0\0\0" + size + body
    return (b"\x16\xfe\xfd" + number.to_bytes(8, "big") + len(message).to_bytes(2, "big") +
            message)


def crowd(tests):
    """a DTLS server that has as many clients as it may"""
    pem, key = key_files(tests)
    command = [*tests.sspitls, "server", "0", "--dtls", "--clients", "1", "--cert", pem, "--key",
               key, "--until-eof"]
    with Talk(command) as server, contextlib.ExitStack() as stack:
        tests.check(server.wait_for(b"listening on 127.0.0.1:"), "DTLS server", server.said)
        port = int(re.search(rb"listening on 127\.0\.0\.1:(\d+)", server.said).group(1))
        peer = ["openssl", "s_client", *OPENSSL["1.2"], "-connect", "127.0.0.1:%d" % port]

        def stranger(patience=PATIENCE):
            s = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            s.connect(("127.0.0.1", port))
            s.settimeout(patience)
            return s

        # Where there is a place, who has proved his address gets it, but only for so long as nobody
        # else does.
        s = stranger()
        s.send(hello())
        answer = s.recv(2000)
        tests.check(answer[13:14] == b"\x03", "a cookie for a newcomer", answer.hex())
        s.send(hello(answer[28:28 + answer[27]], 1))
        answer = s.recv(2000)
        tests.check(answer[13:14] == b"\x02", "a hello for who has it", answer.hex())
        with Talk(peer) as client:
            tests.check(server.wait_for(b"#1 "), "a handshake that is not gone on with makes way",
                        client.said, server.said)
            for _ in range(20):
                stranger().send(hello())
            client.send(b"still there\n")
            tests.check(client.wait_for(b"still there"), "who is connected keeps his place",
                        client.said, server.said)
            client.end()
        with Talk(peer) as client:
            tests.check(server.wait_for(b"#2 "), "a place that is free again", client.said,
                        server.said)
        tests.check(server.end() == 0, "DTLS server: exit status", server.said)


PARTS = [clients, refusal, servers, crowd]
