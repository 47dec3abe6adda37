# SPDX-License-Identifier: LGPL-2.1-or-later
"""An HTTPS server of Python's own TLS, in a thread of the test, that remembers its connections."""

import contextlib
import http.server
import socket
import ssl
import threading

VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers through `answer(method, path, headers, body)` of its server."""

    protocol_version = "HTTP/1.1"
    timeout = 120

    def handle_request(self):
        record = self.server.note_request(self)
        status, body, headers = self.server.answer(self.command, self.path, self.headers,
                                                   self._read_body())
        record["answered"] = status
        self.send_response(status)
        for name, value in {"Content-Length": len(body), **headers}.items():
            self.send_header(name, str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = handle_request

    def _read_body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def log_message(self, *_):
        pass


class HttpsServer(http.server.ThreadingHTTPServer):
    """Serves on a free port of 127.0.0.1 inside a `with` statement.

    `requests` has one dictionary per request: method, path, TLS version, whether the session was
    resumed, and the client's port, which tells connections apart. `refusals` are the reasons of
    handshakes that failed."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, checks, leaf, answer, versions=("1.2", "1.3"), authority=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer, self.port = answer, self.server_address[1]
        self.requests, self.refusals, self.lock = [], [], threading.Lock()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = VERSIONS[min(versions)]
        self.context.maximum_version = VERSIONS[max(versions)]
        self.context.load_cert_chain(checks.path(leaf + ".pem"), checks.path(leaf + ".key"))
        if authority:
            self.context.verify_mode = ssl.CERT_REQUIRED
            self.context.load_verify_locations(checks.path(authority + ".pem"))

    def __enter__(self):
        self.thread = threading.Thread(target=self.serve_forever, args=(0.1,), daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.thread.join()
        self.server_close()

    def finish_request(self, request, client_address):
        request.settimeout(120)
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            tls = self.context.wrap_socket(request, server_side=True)
        except OSError as error:  # ssl.SSLError is one
            with self.lock:
                self.refusals.append(str(error))
            return
        with tls, contextlib.suppress(OSError):
            super().finish_request(tls, client_address)
            tls.unwrap()

    def shutdown_request(self, request):
        with contextlib.suppress(OSError):
            super().shutdown_request(request)

    def note_request(self, handler):
        record = {"method": handler.command, "path": handler.path, "client": handler.client_address[1],
                  "version": handler.connection.version()[4:],
                  "resumed": handler.connection.session_reused}
        with self.lock:
            self.requests.append(record)
        return record
