# SPDX-License-Identifier: LGPL-2.1-or-later
"""Suites and groups in the order that the registry's lists give them, on the wire; hybrid groups, with
a GnuTLS that is played (tests/hybrids.so)."""

import contextlib
import os
import re

from as_client import client
from as_server import our_server, s_client
from peers import run
from registry import multi_string, registry_key
from wire import Listener

LOCAL = r"HKEY_LOCAL_MACHINE\System\CurrentControlSet\Control\Cryptography\Configuration\Local\SSL"
POLICY = r"HKEY_LOCAL_MACHINE\Software\Policies\Microsoft\Cryptography\Configuration\SSL"
SUITES, CURVES = "\\00010002", "\\00010003"

SIGNALING = {0x00ff}
SUPPORTED_GROUPS = 10
FIELDS = [256, 257, 258, 259, 260]  # FFDHE, which no list is about

# By exchange, then by cipher. GnuTLS has more.
USUAL_SUITES = [0x1302, 0x1301, 0x1303, 0xc02c, 0xc02b, 0xcca9, 0xc00a, 0xc009, 0xc030, 0xc02f, 0xcca8,
                0xc014, 0xc013, 0x009f, 0x009e, 0xccaa, 0x0039, 0x0033, 0x009d, 0x009c, 0x0035, 0x002f]
USUAL_CURVES = [29, 23, 24, 25, 30]


class HelloListener(Listener):
    """Takes the first record of each client and closes."""

    hello = b""

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                client_, _ = self.listener.accept()
                with client_, client_.makefile("rb") as stream:
                    head = stream.read(5)
                    self.hello = stream.read(int.from_bytes(head[3:5], "big"))


def numbers(data):
    return [int.from_bytes(data[at:at + 2], "big") for at in range(0, len(data), 2)]


def parse_hello(message):
    """Suites and groups of a ClientHello, in its order."""
    at = 4 + 2 + 32
    at += 1 + message[at]
    size = int.from_bytes(message[at:at + 2], "big")
    suites = numbers(message[at + 2:at + 2 + size])
    at += 2 + size
    at += 1 + message[at] + 2
    while at + 4 <= len(message):
        kind, size = numbers(message[at:at + 4])
        if kind == SUPPORTED_GROUPS:
            return [s for s in suites if s not in SIGNALING], numbers(message[at + 6:at + 4 + size])
        at += 4 + size
    return suites, []


def hello(tests, *options):
    with HelloListener() as listener:
        run(client(tests, listener.port, "--insecure", "--http", "/", *options))
    return parse_hello(listener.hello)


def client_order(tests):
    """our ClientHello has suites and groups in the order of the registry's lists"""
    usual = hello(tests)
    suites, groups = usual
    tests.check([suite for suite in suites if suite in USUAL_SUITES] == USUAL_SUITES,
                "suites without a list", suites)
    tests.check([group for group in groups if group in USUAL_CURVES] == USUAL_CURVES and
                groups[-len(FIELDS):] == FIELDS, "groups without a list", groups)
    names = ["TLS_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
             "TLS_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384_P256",
             "TLS_RSA_WITH_AES_128_GCM_SHA256"]
    listed = [0x1301, 0x1302, 0xc02f, 0xc030, 0x009c, 0x009d]
    policy = ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
              "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_UNKNOWN"]
    with registry_key(tests, LOCAL + SUITES, '"Functions"=' + multi_string(names)):
        suites, groups = hello(tests)
        tests.check(suites == listed, "the machine's list of suites", suites)
        # Without DHE there is no use for its groups.
        tests.check(groups == [group for group in usual[1] if group not in FIELDS],
                    "which leaves the curves as they are", groups)
        with registry_key(tests, POLICY + SUITES, '"Functions"="%s"' % ",".join(policy)):
            suites, _ = hello(tests)
            tests.check(suites == [0xc02c, 0xc02b, 0xc030, 0xc02f], "the policy's list of suites",
                        suites)
        suites, _ = hello(tests)
        tests.check(suites == listed, "the machine's again", suites)
    curves = ["NistP384", "curve25519", "NistP256"]
    for key, value in ((LOCAL + CURVES, "Functions"), (LOCAL + SUITES, "EccCurves"),
                       (POLICY + SUITES, "EccCurves")):
        with registry_key(tests, key, '"%s"=%s' % (value, multi_string(curves))):
            suites, groups = hello(tests)
            tests.check(groups == [24, 29, 23] + FIELDS, "curves of %s\\%s" % (key, value), groups)
            tests.check(suites == usual[0], "which leaves the suites as they are", suites)
    tests.check(hello(tests) == usual, "no lists any more")


# What the client offers, in its order, and what a server with these lists takes.
SERVER_SUITES = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
                 "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"]


def negotiated(tests, port, *options):
    """The suite, and the group of the server's key, in OpenSSL's words."""
    status, out, said = run(s_client(tests, port, *options), b"Q\n")
    suite = re.search(rb"Cipher is (\S+)", out)
    group = re.search(rb"(?:Server|Peer) Temp Key: ([^\n]*)", out)
    return [found.group(1).decode() if found else "%s %s" % (status, said)
            for found in (suite, group)]


def server_order(tests):
    """our server takes what comes first in the registry's lists, whatever the client's order is"""
    new = ["-tls1_3", "-ciphersuites", "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256"]
    old = ["-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256"]
    reverse = ["-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384"]
    machine = (LOCAL + SUITES, '"Functions"=' + multi_string(SERVER_SUITES))
    policy = (POLICY + SUITES, '"Functions"="%s"' % ",".join(reversed(SERVER_SUITES)))
    strong = "TLS_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"
    quick = "TLS_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"
    for what, lists, (suite_1_3, suite_1_2) in (("without a list", [], strong),
                                                ("the machine's list", [machine], quick),
                                                ("the policy's list", [machine, policy], strong)):
        with contextlib.ExitStack() as stack:
            for key, value in lists:
                stack.enter_context(registry_key(tests, key, value))
            server = stack.enter_context(our_server(tests, "rsa"))
            for options, suite in ((new, suite_1_3), (old, suite_1_2), (reverse, suite_1_2)):
                got, _ = negotiated(tests, server.port, *options)
                tests.check(got == suite, "%s, %s: %s" % (what, options, got))
    with registry_key(tests, POLICY + SUITES, '"EccCurves"=' + multi_string(
            ["NistP384", "curve25519"])), our_server(tests, "rsa") as server:
        for version in ("-tls1_2", "-tls1_3"):
            for offered, group in (("X25519:P-256:P-384", "ECDH, secp384r1, 384 bits"),
                                   ("P-256:X25519", "X25519, 253 bits")):
                _, got = negotiated(tests, server.port, version, "-groups", offered)
                tests.check(got == group, "curves %s, %s of %s: %s" % (
                    version, group, offered, got))


HYBRIDS = ["X25519-MLKEM768", "SECP256R1-MLKEM768", "SECP384R1-MLKEM1024"]
PLAIN = ["X25519", "SECP256R1", "SECP384R1", "SECP521R1", "X448"]

# What is switched off, as tests/programs/clients/exchange.c takes it; the hybrids and the curves that
# are left.
SETTINGS = [
    ([], HYBRIDS, PLAIN),
    (["x25519_mlkem768", 0, 0], HYBRIDS[1:], PLAIN),
    (["SECP256R1_MLKEM768", 0, 0], [HYBRIDS[0], HYBRIDS[2]], PLAIN),
    (["secp384r1_mlkem1024", 0, 0, "x25519_mlkem768", 0, 0], [HYBRIDS[1]], PLAIN),
    (["curve25519", 0, 0], HYBRIDS, PLAIN[1:]),
    (["ECDHE", 0, 0], [], []),
    # Bounds are those of the curve within.
    (["ECDHE", 384, 0], HYBRIDS[2:], PLAIN[2:]),
    (["ECDHE", 385, 0], [], PLAIN[3:]),
    (["ECDH", 0, 256], HYBRIDS[:2], PLAIN[:2]),
    (["ECDH", 0, 383], HYBRIDS[:2], PLAIN[:2]),
    (["ECDHE", 257, 448], HYBRIDS[2:], ["SECP384R1", "X448"]),
]
# Nothing within a group can be told apart.
REFUSED = [["x25519_mlkem768", 256, 0], ["secp256r1_mlkem768", 0, 256],
           ["secp384r1_mlkem1024", 1024, 2048]]


def asked(tests, there, *arguments):
    """The status of a credential, and the groups that GnuTLS was asked for; None: it was not."""
    priorities = tests.path("priorities")
    priorities.unlink(missing_ok=True)
    environment = {**os.environ, "LD_PRELOAD": str(tests.build / "tests/hybrids.so"),
                   "ASYNCSSPI_TEST_HYBRIDS": "1" if there else "0",
                   "ASYNCSSPI_TEST_PRIORITIES": str(priorities)}
    _, out, _ = run([tests.wine, tests.clients / "exchange.exe", *arguments], env=environment)
    text = priorities.read_text().splitlines()[-1] if priorities.exists() else ""
    groups = re.findall(r"\+GROUP-([A-Z0-9-]+)", text)
    if ":-GROUP-EC-ALL" in text:
        groups = [group for group in groups if group not in PLAIN]
    return out.strip(), [group for group in groups if not group.startswith("FFDHE")] if text else None


def hybrids(tests):
    """hybrid groups: what GnuTLS is asked for, by its kind, settings and lists"""
    if os.environ.get("ASYNCSSPI_ARCH", "x86_64") != "x86_64":
        tests.skip("hybrid groups: the library that is preloaded has 64 bits")
        return
    for there in (True, False):
        for setting, left, curves in SETTINGS:
            what = "GnuTLS %s hybrids, without %s" % ("with" if there else "without", setting)
            status, groups = asked(tests, there, *setting)
            tests.check(status == b"00000000", what + ": status", status)
            tests.check([group for group in groups or [] if group in HYBRIDS + PLAIN] ==
                        ((left if there else []) + curves), what, groups)
        for setting in REFUSED:
            status, groups = asked(tests, there, *setting)
            tests.check(status == b"80090302" and groups is None,  # SEC_E_UNSUPPORTED_FUNCTION
                        "bounds of %s" % setting, status, groups)
        listed = ["curve25519", "secp384r1_mlkem1024", "x25519_mlkem768", "NistP256"]
        with registry_key(tests, POLICY + SUITES, '"EccCurves"=' + multi_string(listed)):
            _, groups = asked(tests, there)
            tests.check(groups == (["X25519", HYBRIDS[2], HYBRIDS[0], "SECP256R1"] if there else
                                   ["X25519", "SECP256R1"]), "hybrids in a list", there, groups)
            _, groups = asked(tests, there, "x25519_mlkem768", 0, 0)
            tests.check(groups == (["X25519", HYBRIDS[2], "SECP256R1"] if there else
                                   ["X25519", "SECP256R1"]), "a list and a setting", there, groups)
        with registry_key(tests, POLICY + SUITES, '"EccCurves"=' + multi_string(
                ["secp256r1_mlkem768"])):
            status, groups = asked(tests, there)
            tests.check(groups == ([HYBRIDS[1]] if there else []), "a list of nothing else", there,
                        status, groups)


PARTS = [client_order, server_order, hybrids]
