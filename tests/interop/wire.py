# SPDX-License-Identifier: LGPL-2.1-or-later
"""Raw TCP: a proxy that cuts, and clients that misbehave."""

import contextlib
import random
import socket
import threading


class Listener:
    """Listens on `port` of 127.0.0.1, a free one, while a thread of its own runs `_serve`."""

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(10)


class CuttingProxy(Listener):
    """Forwards to 127.0.0.1:port and closes once `limit` bytes have come back from there."""

    def __init__(self, port, limit):
        self.target, self.limit = port, limit

    def _serve(self):
        with contextlib.suppress(OSError):
            client, _ = self.listener.accept()
            with client, socket.create_connection(("127.0.0.1", self.target)) as server:
                up = threading.Thread(target=self._copy, args=(client, server, None), daemon=True)
                up.start()
                self._copy(server, client, self.limit)
                client.shutdown(socket.SHUT_RDWR)
                server.shutdown(socket.SHUT_RDWR)
                up.join()

    @staticmethod
    def _copy(source, target, limit):
        with contextlib.suppress(OSError):
            while limit is None or limit > 0:
                data = source.recv(65536 if limit is None else min(limit, 65536))
                if not data:
                    break
                target.sendall(data)
                if limit is not None:
                    limit -= len(data)


class Meddler(Listener):
    """Forwards one connection to 127.0.0.1:port, keeps what passes, and can add to it."""

    def __init__(self, port):
        self.target = port
        self.from_client, self.from_server = bytearray(), bytearray()
        self.client_end = self.server_end = None  # how each has ended: "closed" or "reset"

    def _serve(self):
        with contextlib.suppress(OSError):
            self.client, _ = self.listener.accept()
            with self.client:
                self._forward()

    def _forward(self):
        with socket.create_connection(("127.0.0.1", self.target)) as self.server:
            up = threading.Thread(target=self._up, daemon=True)
            up.start()
            self.server_end = self._copy(self.server, self.client, self.from_server)
            up.join()

    def _up(self):
        self.client_end = self._copy(self.client, self.server, self.from_client)

    def _copy(self, source, target, passed):
        end = "closed"
        try:
            while data := source.recv(65536):
                passed += data
                self.pass_on(target, data)
        except ConnectionResetError:
            end = "reset"
        except OSError:
            pass
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)
        return end

    def pass_on(self, target, data):
        with contextlib.suppress(OSError):
            target.sendall(data)

    def add(self, to_server, data):
        """Sends that as if it came from the other side."""
        with contextlib.suppress(OSError):
            (self.server if to_server else self.client).sendall(data)

    def finish(self):
        """Waits until both sides have ended."""
        self.thread.join(60)


class AlertServer(Listener):
    """Answers every hello with a fatal alert of that number, and closes."""

    def __init__(self, number):
        self.alert = b"\x15\x03\x03\x00\x02\x02" + bytes([number])

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                with client:
                    client.recv(65536)
                    client.sendall(self.alert)
                    client.shutdown(socket.SHUT_WR)
                    client.recv(65536)


def hello_message(session_id=b"", more_suites=b"", more_methods=b"", more_extensions=b""):
    """A TLS 1.2 ClientHello as any server takes it, without its records."""
    suites = bytes.fromhex("c02bc02fc02cc030") + more_suites
    methods = b"\0" + more_methods
    extensions = bytes.fromhex("000a00040002001d" "000b00020100"
                               "000d00080006040304010804") + more_extensions
    body = (b"\x03\x03" + bytes(range(32)) + bytes([len(session_id)]) + session_id +
            len(suites).to_bytes(2, "big") + suites + bytes([len(methods)]) + methods +
            len(extensions).to_bytes(2, "big") + extensions)
    return b"\x01" + len(body).to_bytes(3, "big") + body


def in_records(message, size):
    """The message in handshake records of at most that size."""
    pieces = [message[at:at + size] for at in range(0, len(message), size)]
    return b"".join(b"\x16\x03\x01" + len(piece).to_bytes(2, "big") + piece for piece in pieces)


def client_hello():
    return in_records(hello_message(), 16384)


def longest_hello():
    """The longest message that the format has room for: everything as long as it can be."""
    padding = 65535 - 26 - 4
    return hello_message(bytes(32), b"\x7a\x7a" * (32767 - 4), bytes(range(1, 255)),
                         b"\0\x15" + padding.to_bytes(2, "big") + bytes(padding))


def misbehave(port, seed):
    """One bad client: garbage, a broken record, half a hello, a hello and silence or a reset."""
    noise = random.Random(seed)
    hello = client_hello()
    payload = [
        b"",
        noise.randbytes(noise.randrange(1, 3000)),
        b"GET / HTTP/1.0\r\n\r\n",
        hello[:noise.randrange(1, len(hello))],
        hello + noise.randbytes(noise.randrange(1, 500)),
        b"\x16\x03\x01\xff\xff" + noise.randbytes(100),
        hello[:3] + b"\x00\x01\x01" * noise.randrange(1, 50),
    ][seed % 7]
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 10) as s:
        s.sendall(payload)
        if noise.random() < 0.5:  # vanish with a reset
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        elif noise.random() < 0.5:
            s.settimeout(0.2)
            s.recv(4096)
