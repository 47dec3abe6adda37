# SPDX-License-Identifier: LGPL-2.1-or-later
"""What happens on a connection later: renegotiation, new keys, a request for a certificate; with
`openssl s_server` and `s_client`, `gnutls-serv` and `gnutls-cli`, and data before and behind."""

import itertools

from as_client import GNUTLS_PRIORITY, OPENSSL_VERSION, client, gnutls_server
from as_server import our_server, s_client
from harness import windows_path

# Lines of input that make openssl do something, and gnutls-cli's inline commands.
RENEGOTIATE, RENEGOTIATE_WITH_CERTIFICATE = b"r\n", b"R\n"
KEY_UPDATE, KEY_UPDATE_OF_BOTH, LATER_REQUEST = b"k\n", b"K\n", b"c\n"

OUR_NEW_KEYS, OUR_CERTIFICATE_REQUEST = b"R\n", b"C\n"

numbers = itertools.count(1)


def own_certificate(tests):
    return ["--cert", windows_path(tests.path("client.pem")),
            "--key", windows_path(tests.path("client.key"))]


def unix_certificate(tests, certificate="-cert", key="-key"):
    chain = ["-cert_chain", tests.path("client.pem")] if certificate == "-cert" else []
    return [certificate, tests.path("client.pem"), key, tests.path("client.key"), *chain]


def our_client(tests, port, *options):
    return tests.talker("our-client", client(tests, port, "--commands", *options))


def openssl_server(tests, version, *options):
    """An s_server that prints what it gets and sends what it is told."""
    def command(port):
        return ["openssl", "s_server", "-accept", "127.0.0.1:%d" % port,
                "-cert", tests.path("p256.pem"), "-cert_chain", tests.path("p256.pem"),
                "-key", tests.path("p256.key"), "-CAfile", tests.path("ca.pem"),
                OPENSSL_VERSION[version], *options]
    return tests.server("s_server", command)


def check_line(tests, what, sender, receiver):
    line = b"this is line %d\n" % next(numbers)
    sender.say(line)
    tests.check(receiver.expect(line), what + ": a line that was sent", sender.said(),
                receiver.said())


def check_lines(tests, what, one, other):
    check_line(tests, what, one, other)
    check_line(tests, what, other, one)


def check_echo(tests, what, ours):
    check_line(tests, what, ours, ours)


def check_says(tests, what, talker, text, *others):
    tests.check(talker.expect(text), "%s: no '%s'" % (what, text.decode()), talker.said(),
                *(other.said() for other in others))


def check_end(tests, what, ours):
    status = ours.finish()
    tests.check(status == 0, what + ": exit status %s" % status, ours.said())


def client_renegotiates(tests):
    """our client renegotiates with s_server, either asking"""
    what = "client and s_server, "
    with openssl_server(tests, "1.2", "-client_renegotiation") as server, \
            our_client(tests, server.port, *own_certificate(tests)) as ours:
        check_lines(tests, what + "at first", ours, server)
        ours.say(b"behind this line\n" + OUR_NEW_KEYS + b"and before this one\n")
        check_says(tests, what + "we ask", ours, b"renegotiated", server)
        check_says(tests, what + "we ask", server, b"and before this one", ours)
        check_lines(tests, what + "we asked", ours, server)
        for command in (RENEGOTIATE, RENEGOTIATE_WITH_CERTIFICATE, RENEGOTIATE):
            name = "%s%s" % (what, command[:1].decode())
            server.say(command)
            check_says(tests, name, ours, b"renegotiated", server)
            if command == RENEGOTIATE_WITH_CERTIFICATE:
                check_says(tests, name, server, b"asyncsspi test client", ours)
            check_lines(tests, name, ours, server)
        check_end(tests, what + "at the end", ours)


def client_is_refused(tests):
    """our client asks an s_server that does not renegotiate"""
    what = "client and s_server that refuses"
    with openssl_server(tests, "1.2") as server, our_client(tests, server.port) as ours:
        check_lines(tests, what, ours, server)
        ours.say(OUR_NEW_KEYS)
        check_says(tests, what, ours, b"the peer does not renegotiate", server)
        check_lines(tests, what + ", afterwards", ours, server)
        check_end(tests, what, ours)


def client_updates_keys(tests):
    """our client and s_server exchange new keys"""
    what = "client and s_server, "
    with openssl_server(tests, "1.3") as server, our_client(tests, server.port) as ours:
        check_lines(tests, what + "at first", ours, server)
        # Not more often: GnuTLS takes eight KeyUpdates per second.
        for number in range(2):
            ours.say(b"behind this line\n" + OUR_NEW_KEYS + b"and before this one\n")
            check_says(tests, what + "we ask", server, b"and before this one", ours)
            check_lines(tests, what + "we asked", ours, server)
            for command in (KEY_UPDATE, KEY_UPDATE_OF_BOTH):
                server.say(command)
                if command == KEY_UPDATE_OF_BOTH:
                    check_says(tests, what + "it asks", ours, b"got an answer", server)
                check_lines(tests, "%sKeyUpdate %s" % (what, command[:1].decode()), ours, server)
        check_end(tests, what + "KeyUpdate, at the end", ours)


def client_is_asked_later(tests):
    """our client shows s_server its certificate when it is asked for it later"""
    for own in (own_certificate(tests), []):
        what = "client %s certificate, s_server asks later" % ("with" if own else "without")
        with openssl_server(tests, "1.3", "-verify", "3") as server, \
                our_client(tests, server.port, *own) as ours:
            check_lines(tests, what, ours, server)
            for number in range(2):
                server.say(LATER_REQUEST)
                check_says(tests, what, server, b"SSL_do_handshake -> 1" if own else
                           b"extension not received", ours)
                check_line(tests, what, ours, server)
                check_line(tests, what, server, ours)
            check_end(tests, what, ours)


def client_and_gnutls(tests):
    """our client and gnutls-serv: renegotiation, later request, new keys"""
    for version, command in (("1.2", b"**REHANDSHAKE**\n"), ("1.3", b"**REAUTH**\n")):
        with gnutls_server(tests, "p256", version, None) as server, \
                our_client(tests, server.port, *own_certificate(tests)) as ours:
            what = "client and gnutls-serv, TLS %s" % version
            check_echo(tests, what, ours)
            for number in range(2):
                ours.say(command)
                # gnutls-serv takes no data while it waits for the answer.
                check_says(tests, what + ", asked", ours,
                           b"renegotiated" if version == "1.2" else b"got an answer", server)
                check_echo(tests, what + ", asked", ours)
                ours.say(OUR_NEW_KEYS)
                if version == "1.2":
                    check_says(tests, what + ", we ask", ours, b"renegotiated", server)
                check_echo(tests, what + ", we asked", ours)
            check_end(tests, what, ours)


def later_server(tests, *options):
    return our_server(tests, "p256", "--commands", "--ca", windows_path(tests.path("ca.pem")),
                      *options, www=False)


def later_s_client(tests, port, version, *options):
    return tests.talker("s_client", s_client(tests, port, OPENSSL_VERSION[version], *options))


def later_gnutls_cli(tests, port, version, *options):
    return tests.talker("gnutls-cli-talks", [
        "gnutls-cli", "--port", port, "--x509cafile", tests.path("ca.pem"), "--verify-hostname",
        "localhost", "--priority", GNUTLS_PRIORITY[version], "--inline-commands", *options,
        "127.0.0.1"])


def server_renegotiates(tests):
    """our server renegotiates with s_client and gnutls-cli, either asking"""
    with later_server(tests, "--renegotiate") as server:
        peers = {
            "s_client": (later_s_client(tests, server.port, "1.2", *unix_certificate(tests)),
                         b"R\n", b"RENEGOTIATING"),
            "gnutls-cli": (later_gnutls_cli(tests, server.port, "1.2", *unix_certificate(
                tests, "--x509certfile", "--x509keyfile")), b"^renegotiate^\n", b""),
        }
        for name, (peer, command, answer) in peers.items():
            what = "server and %s, " % name
            with peer:
                check_echo(tests, what + "at first", peer)
                for number in range(2):
                    peer.say(command)
                    if answer:
                        check_says(tests, what + "it asks", peer, answer)
                    check_says(tests, what + "it asks", server, b"renegotiated: TLS 1.2", peer)
                    check_echo(tests, what + "it asked", peer)
                    server.say(OUR_NEW_KEYS)
                    check_says(tests, what + "we ask", server, b"renegotiated: TLS 1.2", peer)
                    check_echo(tests, what + "we asked", peer)
                    server.say(OUR_CERTIFICATE_REQUEST)
                    check_says(tests, what + "for a certificate", server,
                               b"asyncsspi test client", peer)
                    check_echo(tests, what + "for a certificate", peer)
        tests.check(server.alive(), "server that renegotiated is still there")


def server_refuses(tests):
    """our server does not renegotiate unless it is told to"""
    with later_server(tests) as server, later_s_client(tests, server.port, "1.2") as peer:
        check_echo(tests, "server without --renegotiate", peer)
        peer.say(b"R\n")
        check_says(tests, "server without --renegotiate", server,
                   b"the client asked to renegotiate", peer)


def server_asks_later(tests):
    """our server asks s_client and gnutls-cli for a certificate, and for new keys, in TLS 1.3"""
    with later_server(tests) as server:
        peers = {
            "s_client": (later_s_client(tests, server.port, "1.3", "-enable_pha",
                                        *unix_certificate(tests)), b"K\n", b"KEYUPDATE"),
            "gnutls-cli": (later_gnutls_cli(tests, server.port, "1.3", "--post-handshake-auth",
                                            *unix_certificate(tests, "--x509certfile",
                                                              "--x509keyfile")), b"^rekey^\n",
                           b"Rekey was completed"),
        }
        for name, (peer, command, answer) in peers.items():
            what = "server and %s, " % name
            with peer:
                check_echo(tests, what + "at first", peer)
                for number in range(2):
                    server.say(OUR_CERTIFICATE_REQUEST)
                    check_says(tests, what + "for a certificate", server,
                               b"asyncsspi test client", peer)
                    check_echo(tests, what + "for a certificate", peer)
                    peer.say(command)
                    check_says(tests, what + "it asks for new keys", peer, answer, server)
                    check_echo(tests, what + "it asked for new keys", peer)
                    # Last: GnuTLS takes it for an error when both ask at once, and what says that
                    # this is done is the certificate of the next round.
                    server.say(OUR_NEW_KEYS)
                    check_echo(tests, what + "we asked for new keys", peer)
        with later_s_client(tests, server.port, "1.3") as peer:
            check_echo(tests, "s_client that cannot be asked", peer)
            server.say(OUR_CERTIFICATE_REQUEST)
            check_says(tests, "s_client that cannot be asked", server, b"does not renegotiate",
                       peer)
            check_echo(tests, "s_client that was not asked", peer)
        tests.check(server.alive(), "server that asked is still there")


PARTS = [client_renegotiates, client_is_refused, client_updates_keys, client_is_asked_later,
         client_and_gnutls, server_renegotiates, server_refuses, server_asks_later]
