# SPDX-License-Identifier: LGPL-2.1-or-later
"""Wine's wldap32 over TLS: ldaps and StartTLS against a slapd of the test's own.

Wine 8.0's wldap32 calls secur32 itself, with the older credentials structure and no wishes: TLS 1.2
and the system's roots. It reads the records of an answer one by one; an answer must fit into one."""

import random
import re
import shutil
import string

from peers import run
from prefix import run_watched, trusted_root

BASE, NAME, PASSWORD = "dc=example", "cn=admin,dc=example", "a password"
SIZES = [1, 100, 4000, 8000, 16000, *range(10000, 10040)]  # of the entries' descriptions
SCHEMES = {"ldaps": "ldaps", "starttls": "ldap"}
LDAP_SERVER_DOWN, LDAP_CONNECT_ERROR = 81, 91  # before and after Wine 10
PATIENCE = 15  # seconds; a hang of wldap32 takes memory as long as it lasts


def find_slapd():
    return shutil.which("slapd") or shutil.which("slapd", path="/usr/sbin")


class Directory:
    """A slapd with a configuration and a database below the test's directory."""

    def __init__(self, checks):
        letters = random.Random(3)
        self.checks, self.home = checks, checks.directory / "slapd"
        self.texts = ["".join(letters.choices(string.ascii_letters, k=size)) for size in SIZES]
        (self.home / "data").mkdir(parents=True)
        # A copy is not held to a system's profile for its own slapd.
        self.program = shutil.copy(find_slapd(), self.home / "program")
        self._fill()

    def _configuration(self, leaf):
        lines = ["include /etc/ldap/schema/core.schema", "modulepath /usr/lib/ldap",
                 "moduleload back_mdb", "pidfile %s/pid" % self.home,
                 "TLSCertificateFile %s" % self.checks.path(leaf + ".pem"),
                 "TLSCertificateKeyFile %s" % self.checks.path(leaf + ".key"),
                 "database mdb", "suffix " + BASE, "rootdn " + NAME, 'rootpw "%s"' % PASSWORD,
                 "directory %s/data" % self.home]
        path = self.home / (leaf + ".conf")
        path.write_text("\n".join(lines) + "\n")
        return path

    def _fill(self):
        entries = ["dn: %s\nobjectClass: dcObject\nobjectClass: organization\no: example\n" % BASE]
        entries += ["dn: ou=unit%d,%s\nobjectClass: organizationalUnit\ndescription: %s\n" % (
            number, BASE, text) for number, text in enumerate(self.texts)]
        status, out, said = run([self.program, "-Tadd", "-f", self._configuration("rsa")],
                                "\n".join(entries).encode())
        if status != 0:
            raise RuntimeError("slapadd: %s" % (out + said))

    def serve(self, leaf, kind):
        """A server whose log has its connections and operations."""
        configuration = self._configuration(leaf)
        return self.checks.server("slapd-%s-%s" % (leaf, kind), lambda port: [
            self.program, "-d", "stats", "-f", configuration,
            "-h", "%s://127.0.0.1:%d" % (SCHEMES[kind], port)])

    def all_entries(self):
        """What the client prints when it got them all."""
        total = 0
        for character in "".join(self.texts):
            total = (total * 31 + ord(character)) % (1 << 32)
        return "%d entries, %d characters, sum %08x" % (len(SIZES), sum(SIZES), total)


def search(checks, server, kind, *options):
    """Returns the client's (exit status, last line, all it said)."""
    program = checks.clients / "ldap.exe"
    status, out, said = run_watched(
        checks, [program, "localhost", server.port, kind, NAME, PASSWORD, BASE, *options],
        patience=PATIENCE)
    return status, (out.decode().splitlines() or [""])[-1], out + said


def good_certificates(checks, directory):
    for leaf in ("rsa", "p256"):
        for kind in SCHEMES:
            what = "wldap32, %s, %s" % (kind, leaf)
            with directory.serve(leaf, kind) as server:
                status, line, said = search(checks, server, kind)
                checks.check(status == 0 and line == directory.all_entries(), what, line, said)
                log = server.log.read_text()
                checks.check(re.search(r"TLS established tls_ssf=.* tls_proto=TLSv?1\.2 ", log),
                             what + ": the server saw no TLS 1.2", log)


def bad_certificates(checks, directory):
    """A name and a password never leave for a server that is not to be trusted."""
    for leaf in ("unknown", "expired", "wrongname"):
        for kind in SCHEMES:
            what = "wldap32, %s, %s certificate" % (kind, leaf)
            options = ["callback"] if leaf == "unknown" else []
            with directory.serve(leaf, kind) as server:
                status, line, said = search(checks, server, kind, *options)
                checks.check(status == 1 and line.endswith(("error %d" % LDAP_SERVER_DOWN,
                                                            "error %d" % LDAP_CONNECT_ERROR)), what,
                             status, said)
                log = server.log.read_text()
                checks.check(log.count("ACCEPT") > 1 and "BIND" not in log, what + ": bound", log)


def asks_for_tls(checks, directory):
    """Our own client, of whom the server logs TLS; it sends what is no LDAP then, and is let go."""
    with directory.serve("rsa", "starttls") as server:
        status, _, said = run([*checks.sspitls, "client", "--starttls", "ldap",
                               "localhost:%d" % server.port], b"no LDAP")
        checks.check(b"version:      TLS 1." in said, "sspitls --starttls ldap", status, said)
        log = server.log.read_text()
        checks.check("TLS established" in log, "sspitls --starttls ldap: the server", log)


def wldap32(checks):
    """Wine's wldap32 and slapd"""
    if not find_slapd():
        checks.skip("wldap32: there is no slapd")
        return
    directory = Directory(checks)
    with trusted_root(checks, "ca"):
        good_certificates(checks, directory)
        bad_certificates(checks, directory)
        asks_for_tls(checks, directory)


PARTS = [wldap32]
