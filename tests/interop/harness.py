# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the Python tests share: counting checks, where things are, Wine kept running, a summary.

Called by tests/run, which sets ASYNCSSPI_BUILD, WINE and the environment of the private prefix.
Each check prints a line only when it fails; the last line is `N passed, N failed, N skipped`.
"""

import contextlib
import hashlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from certificates import Certificates
from peers import Server, Talker


def windows_path(path):
    return "Z:" + str(path).replace("/", "\\")


class Checks:
    """Counts checks, from any thread, and knows where things are."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.build = pathlib.Path(os.environ["ASYNCSSPI_BUILD"])
        self.logs = self.build / "test-logs"
        self.wine = os.environ["WINE"]
        # The programs of 64 bits lie without a folder of their own (Makefile.in, "Architectures").
        self.bits, folder = {"x86_64": (64, ""), "i386": (32, "i386")}[
            os.environ.get("ASYNCSSPI_ARCH", "x86_64")]
        self.sspitls = [self.wine, self.build / "bin" / folder / "sspitls.exe"]
        self.clients = self.build / "tests" / folder / "clients"
        self.passed = self.failed = self.skipped = 0
        self.lock = threading.Lock()
        self.certificates = Certificates(self.directory)

    def path(self, name):
        return self.directory / name

    def server(self, name, command, **options):
        return Server(command, self.path(name + ".log"), **options)

    def talker(self, name, command, **options):
        return Talker(command, self.path(name + ".log"), **options)

    def check(self, good, what, *details):
        """Counts one check; `details` are shown when it fails."""
        with self.lock:
            if good:
                self.passed += 1
                return
            self.failed += 1
            print("FAILED:", what)
            for detail in details:
                text = detail.decode(errors="replace") if isinstance(detail, bytes) else str(detail)
                print("   ", text[-1500:].strip().replace("\n", "\n    "), flush=True)

    def check_bytes(self, got, want, what, *details):
        same = len(got) == len(want) and (
            hashlib.sha256(got).digest() == hashlib.sha256(want).digest())
        self.check(same, "%s: %d bytes came, %d were sent, %s" % (
            what, len(got), len(want), "the same" if same else "different"), *details)

    def skip(self, what):
        with self.lock:
            self.skipped += 1
            print("skipped:", what, flush=True)


def main(name, make_checks, run_parts):
    """Makes the checks in a directory of their own, runs the parts beside a running Wine, sums up."""
    # A limit of time ends this with SIGTERM: leave through the `with` statements, which stop servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("tests/%s/run: stopped" % name))
    directory = tempfile.mkdtemp(prefix="asyncsspi-%s-" % name)
    try:
        checks = make_checks(directory)
        with running_wine(checks):
            run_parts(checks)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    print("%d passed, %d failed, %d skipped" % (checks.passed, checks.failed, checks.skipped))
    return 1 if checks.failed else 0


@contextlib.contextmanager
def running_wine(checks):
    """Keeps a Windows process alive, so that Wine's services start once and not per program, and
    do not hold the pipes of a program that has ended."""
    idle = subprocess.Popen([checks.wine, "cmd"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL)
    idle.stdout.read(1)
    try:
        yield
    finally:
        idle.stdin.close()
        idle.kill()
        idle.wait()


@contextlib.contextmanager
def timed(name, what):
    started = time.monotonic()
    yield
    print("%s: %-66s %4d s" % (name, what, time.monotonic() - started), flush=True)
