# SPDX-License-Identifier: LGPL-2.1-or-later
"""What our client and our server tell a peer that breaks the rules, and that it arrives: OpenSSL
reads it, and a proxy in between adds what OpenSSL would not send."""

import itertools
import os
import socket

from as_client import OPENSSL_VERSION, client
from as_server import our_server, s_client
from later import openssl_server
from seal import Sealer
from wire import Meddler

CHACHA = {"1.2": ["-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305"],
          "1.3": ["-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"]}
# Unread bytes behind what is wrong: who closes the socket now resets the connection.
MORE = bytes(300000)

ALERT, DATA = 21, 23


def forged(_):
    return b"\x17\x03\x03\x00\x30" + os.urandom(48)


def too_long(_):
    return b"\x17\x03\x03\x48\x01" + bytes(16384 + 2049)


def misplaced(_):
    return b"\x14\x03\x03\x00\x01\x01"  # ChangeCipherSpec


def malformed(sealer):
    return sealer.record(ALERT, b"\2\x28\0")


WRONGS = {forged: 20, too_long: 22, misplaced: 10, malformed: 50}


def wrong_record(key_log, version, to_server, proxy, wrong):
    return wrong(Sealer(key_log, version, to_server, proxy.from_client, proxy.from_server))


def server_tells(tests):
    """our server tells s_client by an alert what it has found wrong, and resets nothing"""
    with our_server(tests, "p256", www=False) as server:
        for version, (wrong, alert) in itertools.product(tests.VERSIONS, WRONGS.items()):
            what = "server, TLS %s, %s: " % (version, wrong.__name__)
            keys = tests.path("keys-server-%s-%s" % (version, wrong.__name__))
            with Meddler(server.port) as proxy, \
                    tests.talker("s_client", s_client(tests, proxy.port, "-keylogfile", keys,
                                                      OPENSSL_VERSION[version],
                                                      *CHACHA[version])) as peer:
                tests.check(server.expect(b" TLS %s " % version.encode()) and
                            peer.expect(b"SSL handshake has read"), what + "handshake", peer.said())
                proxy.add(True, wrong_record(keys, version, True, proxy, wrong) + MORE)
                tests.check(peer.expect(b"SSL alert number %d\n" % alert), what + "no alert %d" %
                            alert, peer.said(), server.said())
                peer.finish()
                proxy.finish()
                tests.check(proxy.server_end == "closed", what + "%s" % proxy.server_end)
        tests.check(server.alive(), "server is still there")


def client_tells(tests):
    """our client tells s_server by an alert what it has found wrong, and resets nothing"""
    for version, (wrong, alert) in itertools.product(tests.VERSIONS, WRONGS.items()):
        what = "client, TLS %s, %s: " % (version, wrong.__name__)
        keys = tests.path("keys-client-%s-%s" % (version, wrong.__name__))
        with openssl_server(tests, version, "-num_tickets", "0", "-keylogfile", keys,
                            *CHACHA[version]) as server, Meddler(server.port) as proxy, \
                tests.talker("our-client", client(tests, proxy.port)) as ours:
            tests.check(ours.expect(b"peer's certificates"), what + "handshake", ours.said())
            ours.say(b"there is data\n")
            tests.check(server.expect(b"there is data"), what + "data", server.said())
            proxy.add(False, wrong_record(keys, version, False, proxy, wrong) + MORE)
            tests.check(server.expect(b"SSL alert number %d\n" % alert), what + "no alert %d" %
                        alert, server.said(), ours.said())
            proxy.finish()
            tests.check(proxy.client_end == "closed", what + "%s" % proxy.client_end)
            status = ours.finish()
            tests.check(status == 1, what + "exit status %s" % status, ours.said())


def client_tells_early(tests):
    """our client tells a server that answers its hello with nonsense"""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with tests.talker("our-client", client(tests, listener.getsockname()[1])) as ours:
            peer, _ = listener.accept()
            with peer:
                peer.settimeout(60)
                hello = peer.recv(65536)
                tests.check(hello[:1] == b"\x16", "a hello", hello.hex())
                peer.sendall(b"\x16\x03\x03\x00\x04\x63\0\0\0" + MORE)
                got = b""
                try:
                    while part := peer.recv(65536):
                        got += part
                    end = "closed"
                except ConnectionResetError:
                    end = "reset"
                tests.check(got[:6] == b"\x15\x03\x03\x00\x02\x02" and end == "closed",
                            "client, nonsense for a hello: %s" % end, got.hex(), ours.said())
            tests.check(ours.finish() == 1, "client, nonsense for a hello: exit status")


PARTS = [server_tells, client_tells, client_tells_early]
