# SPDX-License-Identifier: LGPL-2.1-or-later
"""Servers that begin in the clear: what our client says to them, as `openssl s_client` says it, too."""

import contextlib
import ssl

from peers import run
from wire import Listener

XMPP = "urn:ietf:params:xml:ns:xmpp-tls"
# Of MySQL: version 10, its name, a thread's number, 8 bytes and a filler; what it can do, the rest.
MYSQL_GREETING = (b"\x0a8.0.0\0" + bytes(4) + b"12345678\0" + (0xffff).to_bytes(2, "little") + b"\x21" +
                  bytes(2) + (0xc1ff).to_bytes(2, "little") + b"\x15" + bytes(10) + b"123456789012\0" +
                  b"mysql_native_password\0")
LDAP_YES = bytes.fromhex("300c02010178070a010004000400")
LDAP_NO = bytes.fromhex("300c02010178070a013404000400")  # unavailable


class Refusal(Exception):
    """The client said something else."""


class Dialog:
    """The server's side of what is said before TLS. Not `ours`: with openssl's client."""

    def __init__(self, connection, ours):
        self.connection, self.ours = connection, ours

    def say(self, data):
        self.connection.sendall(data)

    def hear(self, expected):
        """The client has to say just that, and nothing behind it before it is answered."""
        got = b""
        while len(got) < len(expected):
            more = self.connection.recv(len(expected) - len(got))
            if not more:
                raise Refusal
            got += more
        if got.lower() != expected.lower():
            raise Refusal

    def hear_until(self, end):
        got = b""
        while not got.endswith(end):
            more = self.connection.recv(1)
            if not more:
                raise Refusal
            got += more
        return got


def smtp(dialog, consent):
    dialog.say(b"220-localhost\r\n220 ready\r\n")
    if not dialog.hear_until(b"\r\n").startswith(b"EHLO "):
        raise Refusal
    dialog.say(b"250-localhost\r\n250-SIZE 1000\r\n250 STARTTLS\r\n")
    dialog.hear(b"STARTTLS\r\n")
    dialog.say(b"220 go ahead\r\n" if consent else b"454 not\x1b[1m now\r\n")


def imap(dialog, consent):
    dialog.say(b"* OK ready\r\n")
    tag, command = dialog.hear_until(b"\r\n").split(b" ", 1)
    if command.startswith(b"CAPABILITY"):  # s_client asks first
        dialog.say(b"* CAPABILITY IMAP4rev1 STARTTLS\r\n" + tag + b" OK done\r\n")
        tag, command = dialog.hear_until(b"\r\n").split(b" ", 1)
    if command != b"STARTTLS\r\n":
        raise Refusal
    dialog.say(b"* OK in between\r\n" + tag + (b" OK" if consent else b" BAD not now") + b"\r\n")


def pop3(dialog, consent):
    dialog.say(b"+OK ready\r\n")
    dialog.hear(b"STLS\r\n")
    dialog.say(b"+OK\r\n" if consent else b"-ERR not now\r\n")


def ftp(dialog, consent):
    dialog.say(b"220-welcome\r\nto this place\r\n220 ready\r\n")
    command = dialog.hear_until(b"\r\n")
    if command == b"FEAT\r\n":  # s_client asks first
        dialog.say(b"211-Features\r\n AUTH TLS\r\n211 End\r\n")
        command = dialog.hear_until(b"\r\n")
    if command != b"AUTH TLS\r\n":
        raise Refusal
    dialog.say(b"234 go ahead\r\n" if consent else b"534 not now\r\n")


def ldap(dialog, consent):
    head = dialog.connection.recv(2)
    request = dialog.connection.recv(head[1])
    if head[:1] != b"\x30" or b"1.3.6.1.4.1.1466.20037" not in request:
        raise Refusal
    dialog.say(LDAP_YES if consent else LDAP_NO)


def xmpp(dialog, consent):
    dialog.hear_until(b"version='1.0'>" if dialog.ours else b"'>")
    dialog.say(b"<?xml version='1.0'?><stream:stream from='localhost' id='1' version='1.0'>"
               b"<stream:features><starttls xmlns='%s'><required/></starttls></stream:features>" %
               XMPP.encode())
    if b"<starttls" not in dialog.hear_until(b"/>" if dialog.ours else b">"):
        raise Refusal
    dialog.say(b"<%s xmlns='%s'/>" % (b"proceed" if consent else b"failure", XMPP.encode()))


def postgres(dialog, consent):
    dialog.hear(b"\0\0\0\x08\x04\xd2\x16\x2f")
    dialog.say(b"S" if consent else b"N")


def mysql(dialog, consent):
    greeting = MYSQL_GREETING
    if not consent:
        greeting = greeting.replace(b"\xff\xff\x21", b"\xff\xf7\x21")
    dialog.say(len(greeting).to_bytes(3, "little") + b"\0" + greeting)
    if not consent:
        return
    packet = dialog.connection.recv(4)
    request = dialog.connection.recv(packet[0])
    if packet[1:] != b"\0\0\x01" or len(request) != 32 or not request[1] & 0x08:
        raise Refusal


PROTOCOLS = {"smtp": smtp, "imap": imap, "pop3": pop3, "ftp": ftp, "ldap": ldap, "xmpp": xmpp,
             "postgres": postgres, "mysql": mysql}


class StartServer(Listener):
    """Speaks one protocol up to TLS, then sends a line by TLS; `behind` comes with the consent."""

    def __init__(self, tests, protocol, consent=True, behind=b"", ours=True):
        self.protocol, self.consent, self.behind, self.ours = protocol, consent, behind, ours
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(tests.path("rsa.pem"), tests.path("rsa.key"))
        self.asked = False

    def _serve(self):
        with contextlib.suppress(OSError, Refusal):
            connection, _ = self.listener.accept()
            with connection:
                connection.settimeout(60)
                self.protocol(Dialog(connection, self.ours), self.consent)
                self.asked = True
                if self.behind:
                    connection.sendall(self.behind)
                if self.consent:
                    with self.context.wrap_socket(connection, server_side=True) as tls:
                        tls.sendall(b"by TLS\n")
                        tls.unwrap()


def starttls(tests):
    """our client begins in the clear as smtp, imap, pop3, ftp, ldap, xmpp, postgres, mysql"""
    for name, protocol in PROTOCOLS.items():
        def client(port):
            return [*tests.sspitls, "client", "localhost:%d" % port, "--ca", tests.path("ca.pem"),
                    "--starttls", name]

        with StartServer(tests, protocol) as server:
            status, data, said = run(client(server.port))
        tests.check(status == 0 and data == b"by TLS\n", "%s: exit status %s" % (name, status), said)
        tests.check(server.asked and b"version:" in said, name + ": there is TLS", said)

        with StartServer(tests, protocol, consent=False) as server:
            status, data, said = run(client(server.port))
        tests.check(status == 3 and not data, "%s refused: exit status %s" % (name, status), said)
        tests.check(b"starttls: the server" in said and b"\x1b" not in said,
                    name + ": the refusal is told", said)

        # What somebody on the way adds to the consent is not taken for the server's.
        with StartServer(tests, protocol, behind=b"250 forged\r\n") as server:
            status, data, said = run(client(server.port))
        tests.check(status == 1 and not data, "%s with more: exit status %s" % (name, status), said)

        # The same server, asked by somebody else.
        with StartServer(tests, protocol, ours=False) as server:
            status, data, said = run(["openssl", "s_client", "-connect", "127.0.0.1:%d" % server.port,
                                      "-starttls", name, "-xmpphost", "localhost", "-quiet"])
        tests.check(b"by TLS" in data, "%s: openssl" % name, data, said)


PARTS = [starttls]
