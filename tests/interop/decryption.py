# SPDX-License-Identifier: LGPL-2.1-or-later
"""What SSLKEYLOGFILE is for: Wireshark's tshark reads, with the secrets that sspitls has written, what
passed between it and openssl."""

import contextlib
import os
import shutil
import socket
import threading

from as_client import OPENSSL_VERSION, client, openssl_server
from as_server import our_server, request, s_client
from datagrams import Talk, free_udp_port, our_client, peer_server
from harness import windows_path
from peers import run
from wire import Meddler

PIECE = 8192  # bytes in a packet of the capture


class Recorder(Meddler):
    """Keeps the pieces in their order, each with whether the server has sent it."""

    def __init__(self, port):
        super().__init__(port)
        self.pieces = []

    def pass_on(self, target, data):
        self.pieces.append((target is self.client, data))
        super().pass_on(target, data)


class DatagramRecorder:
    """The same for datagrams of one client."""

    def __init__(self, port):
        self.target, self.pieces = ("127.0.0.1", port), []

    def __enter__(self):
        self.front, self.back = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        self.front.bind(("127.0.0.1", 0))
        self.back.bind(("127.0.0.1", 0))
        self.port, self.client, self.ended = self.front.getsockname()[1], None, False
        self.threads = [threading.Thread(target=run, daemon=True) for run in (self._up, self._down)]
        for thread in self.threads:
            thread.start()
        return self

    def _copy(self, source, target, from_server):
        source.settimeout(0.2)
        while not self.ended:
            with contextlib.suppress(OSError):
                data, address = source.recvfrom(65536)
                if not from_server:
                    self.client = address
                self.pieces.append((from_server, data))
                target.sendto(data, self.client if from_server else self.target)

    def _up(self):
        self._copy(self.front, self.back, False)

    def _down(self):
        self._copy(self.back, self.front, True)

    def __exit__(self, *_):
        self.ended = True
        for thread in self.threads:
            thread.join(60)
        self.front.close()
        self.back.close()


def tshark_reads(tests, what, pieces, keys, datagrams):
    """What both sides say, as tshark has it from that traffic and those secrets."""
    text, capture = tests.path("traffic.txt"), tests.path("traffic.pcapng")
    with open(text, "w", encoding="ascii") as file:
        for from_server, data in pieces:
            for at in range(0, len(data), PIECE):
                file.write("%s\n0000 %s\n" % ("I" if from_server else "O", data[at:at + PIECE].hex(" ")))
    status, _, said = run(["text2pcap", "-q", "-D", *(["-u"] if datagrams else ["-T"]), "40000,4433",
                           text, capture])
    tests.check(status == 0, what + ": text2pcap", said)
    wanted = (["-d", "udp.port==4433,dtls", "-T", "fields", "-e", "data.data"] if datagrams else
              ["-d", "tcp.port==4433,tls", "-q", "-z", "follow,tls,raw,0"])
    status, out, said = run(["tshark", "-r", capture, "-o", "tls.keylog_file:%s" % keys, *wanted],
                            env={**os.environ, "HOME": str(tests.directory)})
    tests.check(status == 0, what + ": tshark", said)
    return b"".join(bytes.fromhex(line.strip()) for line in out.decode().splitlines()
                    if line.strip() and set(line.strip()) <= set("0123456789abcdef"))


def keys_file(tests):
    keys = tests.path("decryption.keys")
    keys.unlink(missing_ok=True)
    return keys


def decrypted(tests):
    """tshark decrypts with our SSLKEYLOGFILE: client and server, all versions"""
    if not shutil.which("tshark") or not shutil.which("text2pcap"):
        tests.skip("decryption: there is no tshark")
        return
    old = ["--legacy"]
    for version, ours, theirs in (
            ("1.0", old, ["-tls1", "-cipher", "ALL:@SECLEVEL=0"]),
            ("1.1", old, ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]),
            ("1.2", [], [OPENSSL_VERSION["1.2"]]), ("1.3", [], [OPENSSL_VERSION["1.3"]])):
        what, keys = "TLS " + version, keys_file(tests)
        with openssl_server(tests, "rsa", *theirs) as server, Recorder(server.port) as recorder:
            status, _, said = run(client(tests, recorder.port, "--http", "/file16385", "--keylog",
                                         windows_path(keys), *ours))
            recorder.finish()
        tests.check(status == 0, what + ", client", said)
        plain = tshark_reads(tests, what + ", client", recorder.pieces, keys, False)
        # Of a record that no other follows some versions wait for the connection's end.
        tests.check(b"GET /file16385 HTTP/1.0" in plain and tests.pattern(16385)[:16000] in plain,
                    what + ", client: decrypted", plain[:300])

        keys = keys_file(tests)
        with our_server(tests, "rsa", "--keylog", windows_path(keys), *ours) as server, \
                Recorder(server.port) as recorder:
            status, _, said = run(s_client(tests, recorder.port, "-quiet", *theirs), request("/file16385"))
            recorder.finish()
        tests.check(status == 0, what + ", server", said)
        plain = tshark_reads(tests, what + ", server", recorder.pieces, keys, False)
        tests.check(tests.pattern(16385)[:16000] in plain, what + ", server: decrypted", plain[:300])

    keys, port = keys_file(tests), free_udp_port()
    with Talk(peer_server(tests, "openssl", "1.2", port)) as server, DatagramRecorder(port) as recorder:
        with Talk([*our_client(tests, recorder.port, "1.2"), "--keylog", windows_path(keys)]) as ours:
            ours.send(b"one datagram\n")
            tests.check(server.wait_for(b"one datagram"), "DTLS 1.2", ours.said, server.said)
            ours.end()
    plain = tshark_reads(tests, "DTLS 1.2", recorder.pieces, keys, True)
    tests.check(b"one datagram\n" in plain, "DTLS 1.2: decrypted", plain)


PARTS = [decrypted]
