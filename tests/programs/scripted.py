# SPDX-License-Identifier: LGPL-2.1-or-later
"""Servers of TLS 1.3 whose every step a test decides: when tickets come, how many, when keys change,
how a connection ends. OpenSSL's and GnuTLS's libraries, called from a thread of the test."""

import contextlib
import ctypes
import ctypes.util
import re
import socket
import threading

from wire import Listener

TLS1_3 = 0x304
SSL_CTRL_SET_MIN_PROTO_VERSION = 123
SSL_FILETYPE_PEM = 1
SSL_KEY_UPDATE_REQUESTED = 1
SSL_VERIFY_PEER_AND_FAIL = 3

GNUTLS_SERVER, GNUTLS_NO_TICKETS, GNUTLS_ENABLE_EARLY_START = 1, 1 << 10, 1 << 17
GNUTLS_CRD_CERTIFICATE = 1
GNUTLS_X509_FMT_PEM = 1
GNUTLS_KU_PEER = 1
GNUTLS_SHUT_WR = 1
GNUTLS_E_AGAIN = -28


def _library(name):
    found = ctypes.util.find_library(name)
    return ctypes.CDLL(found) if found else None


class _Pointer(ctypes.c_void_p):
    """A void * that keeps its 64 bits as a result."""


class OpenSsl:
    """One connection. `tickets`: how many OpenSSL gives out when the handshake is done."""

    library = _library("ssl")

    def __init__(self, checks, fd, leaf, tickets=2, authority=None):
        call = self.library
        for name in ("TLS_server_method", "SSL_CTX_new", "SSL_new"):
            getattr(call, name).restype = _Pointer
        call.SSL_CTX_set_num_tickets.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
        call.SSL_CTX_ctrl.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_long, ctypes.c_void_p]
        self.context = call.SSL_CTX_new(call.TLS_server_method())
        call.SSL_CTX_ctrl(self.context, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_3, None)
        call.SSL_CTX_use_certificate_chain_file(self.context,
                                                str(checks.path(leaf + ".pem")).encode())
        call.SSL_CTX_use_PrivateKey_file(self.context, str(checks.path(leaf + ".key")).encode(),
                                         SSL_FILETYPE_PEM)
        call.SSL_CTX_set_num_tickets(self.context, tickets)
        if authority:
            call.SSL_CTX_load_verify_locations(self.context,
                                               str(checks.path(authority + ".pem")).encode(), None)
            call.SSL_CTX_set_verify(self.context, SSL_VERIFY_PEER_AND_FAIL, None)
            call.SSL_CTX_set_session_id_context(self.context, b"test", 4)
        self.tls = call.SSL_new(self.context)
        call.SSL_set_fd(self.tls, fd)

    def _want(self, result, what):
        if result <= 0:
            raise OSError("OpenSSL: %s: %d" % (what, result))
        return result

    def handshake(self):
        self._want(self.library.SSL_accept(self.tls), "SSL_accept")

    def read(self, size):
        buffer = ctypes.create_string_buffer(size)
        got = self.library.SSL_read(self.tls, buffer, size)
        return buffer.raw[:got] if got > 0 else b""

    def write(self, data):
        if data:
            self._want(self.library.SSL_write(self.tls, data, len(data)), "SSL_write")

    def ticket(self):
        self._want(self.library.SSL_new_session_ticket(self.tls), "SSL_new_session_ticket")
        self._want(self.library.SSL_do_handshake(self.tls), "SSL_do_handshake")

    def key_update(self):
        """New keys for what is sent, and the client is asked for the same."""
        self._want(self.library.SSL_key_update(self.tls, SSL_KEY_UPDATE_REQUESTED),
                   "SSL_key_update")
        self._want(self.library.SSL_do_handshake(self.tls), "SSL_do_handshake")

    def close_notify(self):
        self.library.SSL_shutdown(self.tls)

    def free(self):
        self.library.SSL_free(self.tls)
        self.library.SSL_CTX_free(self.context)


class GnuTls:
    """One connection. With tickets 1 they leave before the client's Finished has come."""

    library = _library("gnutls")

    def __init__(self, checks, fd, leaf, tickets=1):
        call = self.library
        self.credentials, self.tls = _Pointer(), _Pointer()
        self.ticket_key = (ctypes.c_void_p * 2)()
        call.gnutls_certificate_allocate_credentials(ctypes.byref(self.credentials))
        self._want(call.gnutls_certificate_set_x509_key_file(
            self.credentials, str(checks.path(leaf + ".pem")).encode(),
            str(checks.path(leaf + ".key")).encode(), GNUTLS_X509_FMT_PEM), "certificate")
        call.gnutls_init(ctypes.byref(self.tls), GNUTLS_SERVER | (
            GNUTLS_ENABLE_EARLY_START if tickets else GNUTLS_NO_TICKETS))
        call.gnutls_priority_set_direct(self.tls, b"NORMAL:-VERS-ALL:+VERS-TLS1.3", None)
        call.gnutls_credentials_set(self.tls, GNUTLS_CRD_CERTIFICATE, self.credentials)
        if tickets:
            call.gnutls_session_ticket_key_generate(self.ticket_key)
            call.gnutls_session_ticket_enable_server(self.tls, self.ticket_key)
        call.gnutls_transport_set_int2(self.tls, fd, fd)
        call.gnutls_record_recv.restype = call.gnutls_record_send.restype = ctypes.c_ssize_t
        call.gnutls_record_recv.argtypes = call.gnutls_record_send.argtypes = [
            ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t]

    def _want(self, result, what):
        if result < 0:
            raise OSError("GnuTLS: %s: %d" % (what, result))
        return result

    def handshake(self):
        self._want(self.library.gnutls_handshake(self.tls), "gnutls_handshake")

    def read(self, size):
        buffer = ctypes.create_string_buffer(size)
        got = GNUTLS_E_AGAIN
        while got == GNUTLS_E_AGAIN:  # it has taken a KeyUpdate
            got = self.library.gnutls_record_recv(self.tls, buffer, size)
        return buffer.raw[:got] if got > 0 else b""

    def write(self, data):
        while data:
            data = data[self._want(self.library.gnutls_record_send(self.tls, data, len(data)),
                                   "gnutls_record_send"):]

    def ticket(self):
        self._want(self.library.gnutls_session_ticket_send(self.tls, 1, 0),
                   "gnutls_session_ticket_send")

    def key_update(self):
        self._want(self.library.gnutls_session_key_update(self.tls, GNUTLS_KU_PEER),
                   "gnutls_session_key_update")

    def close_notify(self):
        self.library.gnutls_bye(self.tls, GNUTLS_SHUT_WR)

    def free(self):
        self.library.gnutls_deinit(self.tls)
        self.library.gnutls_certificate_free_credentials(self.credentials)


class Connection:
    """What a script talks to: the TLS connection, line by line and byte by byte."""

    def __init__(self, tls, socket_):
        self.tls, self.socket, self.ahead = tls, socket_, bytearray()

    def head(self):
        """Reads the head of the next request into `line`; the size of its body, or None."""
        while b"\r\n\r\n" not in self.ahead:
            if not self._more():
                return None
        line, self.ahead = self.ahead.split(b"\r\n\r\n", 1)
        self.line = bytes(line)
        size = re.search(rb"content-length: *(\d+)", self.line, re.IGNORECASE)
        return int(size.group(1)) if size else 0

    def request(self):
        """The next request as it came, and its body; None when there is none."""
        size = self.head()
        return None if size is None else (self.line, self.exactly(size))

    def exactly(self, size):
        while len(self.ahead) < size and self._more():
            pass
        data = bytes(self.ahead[:size])
        del self.ahead[:size]
        return data

    def _more(self):
        got = self.tls.read(65536)
        self.ahead += got
        return got

    def answer(self, body, headers=b"", status=b"200 OK", size=None):
        """The headers, and as much of the body as there is."""
        length = b"" if size is False else b"Content-Length: %d\r\n" % (size or len(body))
        self.tls.write(b"HTTP/1.1 " + status + b"\r\n" + length + headers + b"\r\n")
        if body:
            self.tls.write(body)


class ScriptedServer(Listener):
    """Runs `script(connection)` for each client on a free port of 127.0.0.1, in a `with` statement.

    `failures` are the reasons of those that ended with an error."""

    def __init__(self, checks, library, leaf, script, **options):
        self.checks, self.library, self.leaf = checks, library, leaf
        self.script, self.options = script, options
        self.failures, self.connections = [], 0

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve_one, args=(client,), daemon=True).start()

    def _serve_one(self, client):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        tls = self.library(self.checks, client.fileno(), self.leaf, **self.options)
        try:
            tls.handshake()
            self.script(Connection(tls, client))
        except OSError as error:
            self.failures.append(str(error))
        finally:
            tls.free()
            client.close()
