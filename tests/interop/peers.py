# SPDX-License-Identifier: LGPL-2.1-or-later
"""Processes that the tests talk to: each gets a free port, is waited for, and is stopped again."""

import contextlib
import os
import signal
import socket
import subprocess
import time

PATIENCE = 120  # seconds until something that hangs counts as failed; never a measure of speed


def free_port():
    with contextlib.closing(socket.socket()) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def run(command, data=b"", patience=PATIENCE, **options):
    """Runs to the end; returns (exit status, stdout, stderr). A hang is an exit status of None."""
    with subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          start_new_session=True, **options) as process:
        try:
            out, err = process.communicate(data, timeout=patience)
            return process.returncode, out, err
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            return None, out, err


class Server:
    """A server process on a free port of 127.0.0.1, for use in a `with` statement."""

    def __init__(self, command, log, **options):
        """`command` is a function of the port. `log` is a path for what the server prints."""
        self.command, self.log, self.options = command, log, options

    def __enter__(self):
        for _ in range(5):  # the free port may be taken by the time the server binds it
            self.port = free_port()
            with open(self.log, "ab") as log:
                self.process = subprocess.Popen(
                    [str(word) for word in self.command(self.port)], stdin=subprocess.PIPE,
                    stdout=log, stderr=subprocess.STDOUT, start_new_session=True, **self.options)
            if self._ready():
                return self
            self._stop()
        raise RuntimeError("%s does not listen, see %s" % (self.command(0)[0], self.log))

    def _ready(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.closing(socket.socket()) as s:
                if s.connect_ex(("127.0.0.1", self.port)) == 0:
                    return True
            time.sleep(0.05)
        return False

    def _stop(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        self.process.stdin.close()

    def alive(self):
        return self.process.poll() is None

    def __exit__(self, *_):
        self._stop()
