# SPDX-License-Identifier: LGPL-2.1-or-later
"""sslscan and testssl.sh look at `sspitls server`. What they find must be exactly what the server's
credential says it allows, and nothing weak. Their reports stay in BUILD/test-logs.

The server's first page tells what QueryCredentialsAttributes says of its credential; the suites
that follow from that are worked out here."""

import contextlib
import json
import re
import shutil
import subprocess
import threading
import xml.etree.ElementTree

from harness import windows_path
from peers import run

TESTSSL_PATIENCE = 2700

# Credentials to look at: name, leaf, options of the server, versions that it allows.
USUAL = ["1.2", "1.3"]
CREDENTIALS = [
    ("rsa", "rsa", [], USUAL),
    ("p256", "p256", [], USUAL),
    ("p384", "p384", [], USUAL),
    ("ed25519", "ed25519", [], USUAL),
    ("only-1.2", "rsa", ["--tls", "1.2"], ["1.2"]),
    ("only-1.3", "rsa", ["--tls", "1.3"], ["1.3"]),
    ("old-versions", "rsa", ["--legacy"], ["1.0", "1.1", *USUAL]),
]
# By testssl.sh, which takes minutes: what it is asked. Its --std and --fs would ask about parts of what
# --cipher-per-proto and sslscan's groups tell whole.
SUITES = ["--protocols", "--server-preference", "--cipher-per-proto"]
FINDINGS_WANTED = {"rsa": [*SUITES, "--vulnerable"], "p256": SUITES}

# What testssl.sh calls more than a remark, and why it may.
ALLOWED_FINDINGS = {
    "engine_problem": "is about the openssl that testssl.sh uses",
    "LUCKY13": "CBC suites of TLS 1.2 are in the default set, as they are on Windows; GnuTLS takes "
               "the same time for good and bad padding, and both encrypt-then-MAC and every other "
               "suite go before",
}

GROUPS = {"x25519", "secp256r1", "secp384r1", "secp521r1", "x448", "ffdhe2048", "ffdhe3072",
          "ffdhe4096", "ffdhe6144", "ffdhe8192"}

# Name in OpenSSL's words behind the key exchange, bits, algorithms that the credential must allow.
CIPHERS_1_2 = [
    ("AES256-GCM-SHA384", 256, {"AES-256"}),
    ("AES128-GCM-SHA256", 128, {"AES-128"}),
    ("CHACHA20-POLY1305", 256, set()),
    ("AES256-CCM", 256, {"AES-256"}),
    ("AES128-CCM", 128, {"AES-128"}),
]
CIPHERS_CBC = [
    ("AES256-SHA", 256, {"AES-256", "SHA-1"}),
    ("AES128-SHA", 128, {"AES-128", "SHA-1"}),
    ("DES-CBC3-SHA", 168, {"3DES", "SHA-1"}),
]
SUITES_1_3 = [
    ("TLS_AES_256_GCM_SHA384", 256, {"AES-256"}),
    ("TLS_AES_128_GCM_SHA256", 128, {"AES-128"}),
    ("TLS_CHACHA20_POLY1305_SHA256", 256, set()),
    ("TLS_AES_128_CCM_SHA256", 128, {"AES-128"}),
]
EXCHANGES = {
    "rsa": [("ECDHE-RSA-", {"ECDHE", "RSA"}), ("DHE-RSA-", {"DHE", "RSA"}), ("", {"RSA-KEX"})],
    "p256": [("ECDHE-ECDSA-", {"ECDHE", "ECDSA"})],
    "p384": [("ECDHE-ECDSA-", {"ECDHE", "ECDSA"})],
    "ed25519": [("ECDHE-ECDSA-", {"ECDHE"})],
}
NO_SUCH_SUITE = {"CHACHA20-POLY1305", "ECDHE-RSA-AES256-CCM", "ECDHE-RSA-AES128-CCM"}


def expected_suites(allowed, leaf):
    """{(version, suite)} that a credential with these words of its own can negotiate."""
    low, high = allowed["strength"]

    def possible(bits, needed):
        return low <= bits <= high and needed <= allowed["algorithms"]

    suites = {("1.3", name) for name, bits, needed in SUITES_1_3 if possible(bits, needed)}
    for version in ("1.0", "1.1", "1.2"):
        for name, bits, needed in CIPHERS_CBC + (CIPHERS_1_2 if version == "1.2" else []):
            suites |= {(version, exchange + name) for exchange, more in EXCHANGES[leaf]
                       if possible(bits, needed | more) and exchange + name not in NO_SUCH_SUITE}
    return {(version, suite) for version, suite in suites if version in allowed["versions"]}


def ask_credential(checks, port, what):
    """What the server's page says of its credential."""
    _, out, said = run(["curl", "--silent", "--show-error", "--insecure", "--tls-max", "1.3",
                        "https://localhost:%d/" % port, "--resolve",
                        "localhost:%d:127.0.0.1" % port])
    lines = dict(line.split(":", 1) for line in out.decode().splitlines() if ":" in line)
    checks.check("algorithms" in lines, what + "the credential's own words", out, said)
    low, _, high, _ = lines.get("strength", "0 to 0 bits").split()
    versions = [version.strip() for version in lines.get("versions", "").split(",")]
    return {"versions": {version[4:] for version in versions if version.startswith("TLS ")},
            "strength": (int(low), int(high)),
            "algorithms": {name.strip() for name in lines.get("algorithms", "").split(",")}}


def check_sslscan(checks, name, leaf, port, allowed):
    what, report = "sslscan, %s: " % name, checks.logs / ("sslscan-%s.xml" % name)
    status, out, said = run(["sslscan", "--no-colour", "--timeout=120", "--xml=%s" % report,
                             "--sni-name=localhost", "127.0.0.1:%d" % port])
    (checks.logs / ("sslscan-%s.txt" % name)).write_bytes(out)
    checks.check(status == 0, what + "exit status %s" % status, said)
    scan = xml.etree.ElementTree.parse(report).find("ssltest")
    versions = {entry.get("version") for entry in scan.findall("protocol")
                if entry.get("enabled") == "1"}
    checks.check(versions == allowed["versions"], what + "versions", versions, allowed["versions"])
    ciphers = [(entry.get("sslversion")[4:], entry.get("cipher")) for entry in
               scan.findall("cipher")]
    check_suites(checks, what, set(ciphers), expected_suites(allowed, leaf))
    check_order(checks, what, [suite for version, suite in ciphers if version == "1.2"])
    weak = [entry.attrib for entry in scan.findall("cipher")
            if entry.get("strength") not in ("strong", "acceptable") and
            entry.get("sslversion") in ("TLSv1.2", "TLSv1.3")]
    checks.check(not weak, what + "weak suites", weak)
    checks.check(not [entry for entry in scan.findall("heartbleed")
                      if entry.get("vulnerable") != "0"], what + "heartbleed")
    checks.check(not [entry for entry in scan.findall("renegotiation")
                      if entry.get("supported") == "1" and entry.get("secure") != "1"],
                 what + "insecure renegotiation")
    if "1.3" in versions:
        groups = {entry.get("name").split()[0] for entry in scan.findall("group")
                  if entry.get("sslversion") == "TLSv1.3"}
        checks.check(groups == GROUPS, what + "groups", groups)


def check_suites(checks, what, found, expected):
    checks.check(found == expected, what + "suites",
                 "offered but not allowed: %s" % sorted(found - expected),
                 "allowed but not offered: %s" % sorted(expected - found))


def check_order(checks, what, suites):
    """Suites of a version in the server's order: those with forward secrecy come first."""
    secret = [suite.startswith(("ECDHE-", "DHE-")) for suite in suites]
    checks.check(secret == sorted(secret, reverse=True), what + "forward secrecy first", suites)


class Testssl(threading.Thread):
    """Runs in the background, beside the rest of the tests."""

    def __init__(self, checks, name, leaf, port, allowed):
        super().__init__()
        self.checks, self.name, self.leaf, self.port = checks, name, leaf, port
        self.allowed = allowed
        self.start()

    def run(self):
        try:
            self._scan()
        except Exception as error:  # a thread's would go unnoticed
            self.checks.check(False, "testssl.sh, %s" % self.name, repr(error))

    def _scan(self):
        what = "testssl.sh, %s: " % self.name
        report = self.checks.logs / ("testssl-%s.json" % self.name)
        report.unlink(missing_ok=True)
        status, out, said = run(
            ["testssl", "--warnings", "off", "--color", "0", "--openssl", shutil.which("openssl"),
             "--jsonfile", report, "--ip", "127.0.0.1", *FINDINGS_WANTED[self.name],
             "localhost:%d" % self.port],
            patience=TESTSSL_PATIENCE)
        (self.checks.logs / ("testssl-%s.txt" % self.name)).write_bytes(out + said)
        findings = json.loads(report.read_text())
        check, by_id = self.checks.check, {finding["id"]: finding for finding in findings}
        check("scanTime" in by_id, what + "did not come to the end, exit status %s" % status, out)
        for finding in findings:
            # Suites are compared below, all of them; later versions call those with CBC LOW.
            check(finding["severity"] in ("OK", "INFO") or finding["id"] in ALLOWED_FINDINGS or
                  (finding["severity"] == "LOW" and finding["id"].startswith("cipher-tls")),
                  what + "%(severity)s %(id)s: %(finding)s" % finding)
        for identifier, version in (("TLS1", "1.0"), ("TLS1_1", "1.1"), ("TLS1_2", "1.2"),
                                    ("TLS1_3", "1.3")):
            offered = by_id[identifier]["finding"].startswith("offered")
            check(offered == (version in self.allowed["versions"]), what + identifier,
                  by_id[identifier])
        found = set()
        for finding in findings:
            if finding["id"].startswith("cipher-tls"):
                found.add(re.match(r"TLS ?v?(\S+)\s+x\w+\s+(\S+)", finding["finding"]).groups())
        check_suites(self.checks, what, found, expected_suites(self.allowed, self.leaf))
        check_order(self.checks, what, by_id["cipherorder_TLSv1_2"]["finding"].split())


def server(checks, name, leaf, options):
    def command(port):
        return [*checks.sspitls, "server", "127.0.0.1:%d" % port, "--www", *options,
                "--cert", windows_path(checks.path(leaf + ".pem")),
                "--key", windows_path(checks.path(leaf + ".key"))]
    return checks.server("sspitls-" + name, command)


@contextlib.contextmanager
def scanners(checks):
    """sslscan, and testssl.sh while the rest runs, look at our server"""
    with contextlib.ExitStack() as stack:
        running = []
        for name, leaf, options, versions in CREDENTIALS:
            here = stack.enter_context(server(checks, name, leaf, options))
            allowed = ask_credential(checks, here.port, "%s: " % name)
            checks.check(allowed["versions"] == set(versions), "%s: versions" % name, allowed)
            if name in FINDINGS_WANTED:
                running.append((here, Testssl(checks, name, leaf, here.port, allowed)))
            check_sslscan(checks, name, leaf, here.port, allowed)
        try:
            yield
        finally:
            for here, scan in running:
                scan.join()
                checks.check(here.alive(), "the server that testssl.sh looked at is still there")
