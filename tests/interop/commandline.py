# SPDX-License-Identifier: LGPL-2.1-or-later
"""Command lines of sspitls that are wrong: said before anything is done."""

import pathlib
import re

from peers import run

SERVER = ["server", "0", "--cert", "x.pfx"]
CLIENT = ["client", "localhost:1"]

WRONG = [
    (b"given twice", [*SERVER, "--quiet", "--quiet"]),
    (b"given twice", [*CLIENT, "--tls", "1.2", "--tls=1.3"]),
    (b"given twice", ["bench", "--json", "--json=x"]),
    (b"together", [*CLIENT, "--insecure", "--revocation"]),
    (b"together", [*CLIENT, "--insecure", "--ca", "x.pem"]),
    (b"together", [*CLIENT, "--dtls", "--http", "/"]),
    (b"together", [*CLIENT, "--dtls", "--commands"]),
    (b"together", [*CLIENT, "--http", "/", "--commands"]),
    (b"together", [*SERVER, "--dtls", "--www"]),
    (b"together", [*SERVER, "--dtls", "--renegotiate"]),
    (b"together", [*SERVER, "--dtls", "--threads", "2"]),
    (b"together", ["demo", "--no-peers", "--peers", "/bin"]),
    (b"--legacy", [*CLIENT, "--tls", "1.0,1.2"]),
    (b"--legacy", [*SERVER, "--dtls", "--tls", "1.0"]),
    (b"together", [*CLIENT, "--dtls", "--proxy", "localhost:1"]),
    (b"is not HOST:PORT", [*CLIENT, "--proxy", "user:geheim@localhost"]),
    (b"--system-roots without --ca", [*CLIENT, "--system-roots"]),
    (b"--pass without --cert", [*CLIENT, "--pass", "stdin"]),
    (b"--key without --cert", [*CLIENT, "--key", "x.pem"]),
    (b"--clients without --dtls", [*SERVER, "--clients", "2"]),
    (b"needs a certificate", ["server", "0"]),
    (b"takes no value", [*CLIENT, "--quiet=yes"]),
    (b"unknown option", [*CLIENT, "--www"]),
    (b"one argument too many", [*CLIENT, "localhost:2"]),
    (b"where?", ["client"]),
    (b"unknown command", ["connect"]),
]


def wrong(tests):
    """options that contradict each other, repeat, or are none"""
    for said, arguments in WRONG:
        status, out, err = run([*tests.sspitls, *arguments])
        tests.check(status == 2 and said in err and not out,
                    "sspitls %s: exit status %s" % (" ".join(arguments), status), err)


def manual(tests):
    """the manual page has the options that --help has"""
    page = (pathlib.Path(__file__).parents[2] / "programs/sspitls/sspitls.1").read_text()
    told = set(re.findall(r"^ {6}--(\S+)", run([*tests.sspitls, "--help"])[1].decode(), re.M))
    written = set(re.findall(r"^\.It Fl -(\S+)", page, re.M))
    tests.check(len(told) > 30 and told - {"sync"} == written, "options of only one of the two",
                sorted((told - {"sync"}) ^ written))


PARTS = [wrong, manual]
