# SPDX-License-Identifier: LGPL-2.1-or-later
"""Processes that the tests talk to: each gets a free port, is waited for, and is stopped again."""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time

PATIENCE = 120  # seconds until something that hangs counts as failed; never a measure of speed


class LostStatus(int):
    """The exit status of a process that Wine has killed because it took more than a second to go
    when it had ended (docs/wine.md). Nobody knows it any more: it equals each, and what the process
    has said counts alone."""

    def __eq__(self, other):
        return other is not None

    __hash__ = int.__hash__


def exit_status(process):
    """Of a process that has ended, and not by us."""
    return LostStatus() if process.returncode == -signal.SIGKILL else process.returncode


def free_port():
    with contextlib.closing(socket.socket()) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def run(command, data=b"", patience=PATIENCE, **options):
    """Runs to the end; returns (exit status, stdout, stderr). A hang is an exit status of None, and
    the end of stderr says where it is.

    The output goes to files: a pipe would stay open in what Wine starts for a program beside it."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        with subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=out,
                              stderr=err, start_new_session=True, **options) as process:
            try:
                process.communicate(data, timeout=patience)
                status, hung = exit_status(process), b""
            except subprocess.TimeoutExpired:
                status, hung = None, threads(process.pid)
                os.killpg(process.pid, signal.SIGKILL)
        out.seek(0)
        err.seek(0)
        return status, out.read(), err.read() + hung


def threads(pid):
    """What each thread of a process is in, as far as the system tells."""
    lines = []
    for task in sorted(pathlib.Path("/proc/%d/task" % pid).glob("*")):
        with contextlib.suppress(OSError):
            lines.append("hung, thread %s: %s, %s" % (task.name, *(
                (task / name).read_text().strip() for name in ("wchan", "syscall"))))
    return "\n".join(lines).encode()


class Talker:
    """A process that is written to and whose output is waited for, for use in a `with` statement."""

    def __init__(self, command, log, **options):
        """`log` is a path for what the process prints."""
        self.command, self.log, self.options = command, log, options

    def __enter__(self):
        self._start(self.command)
        return self

    def _start(self, command):
        with open(self.log, "ab") as log:
            self.seen = log.tell()
            self.process = subprocess.Popen(
                [str(word) for word in command], stdin=subprocess.PIPE, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True, **self.options)

    def say(self, text):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(text)
            self.process.stdin.flush()

    def said(self):
        """Everything that was printed behind the line that `expect` has found."""
        with open(self.log, "rb") as log:
            log.seek(self.seen)
            return log.read()

    def expect(self, text):
        """Waits until `text` is printed behind the line that was found before, and the line's end;
        False: it never is."""
        end = time.monotonic() + PATIENCE
        while True:
            running = self.alive()
            said = self.said()
            found = said.find(text)
            end_of_line = said.find(b"\n", found + max(len(text) - 1, 0)) if found >= 0 else -1
            if end_of_line >= 0:
                self.seen += end_of_line + 1
                return True
            if not running or time.monotonic() > end:
                return False
            time.sleep(0.01)

    def finish(self):
        """Ends its input and waits for its end; returns the exit status, or None for a hang."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(PATIENCE)
            return exit_status(self.process)
        except subprocess.TimeoutExpired:
            return None

    def _stop(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()

    def alive(self):
        return self.process.poll() is None

    def __exit__(self, *_):
        self._stop()


class Server(Talker):
    """A server process on a free port of 127.0.0.1; `command` is a function of the port."""

    def __enter__(self):
        for _ in range(5):  # the free port may be taken by the time the server binds it
            self.port = free_port()
            self._start(self.command(self.port))
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
