# SPDX-License-Identifier: LGPL-2.1-or-later
"""A root that the host has, in a mount namespace with a list of its own: who is accepted, and that crypt32
need not read all roots for it."""

import hashlib
import os
import shutil
import subprocess

from as_client import openssl_server
from peers import run
from prefix import ROOTS, stored_certificate

LIST = "/etc/ssl/certs/ca-certificates.crt"
DISALLOWED = ROOTS.replace("\\Root\\", "\\Disallowed\\")
FOUND = "the host trusts the root of the peer's chain"


def why_not():
    """Why this machine cannot play a host with another list; None: it can."""
    possible = os.geteuid() == 0 and os.path.exists(LIST) and shutil.which("unshare") and \
        subprocess.run(["unshare", "-m", "true"], check=False, stderr=subprocess.DEVNULL).returncode == 0
    return None if possible else "it wants root, mount namespaces and %s" % LIST


def with_list(bundle):
    """What stands in front of a command that is to run where the host trusts that file."""
    return ["unshare", "-m", "--propagation", "private", "sh", "-c",
            'mount --bind "$0" "$1" && shift && exec "$@"', bundle, LIST]


def in_host(checks, roots, port, *options):
    """Our client where the host trusts these files; (exit status, what it says, its trace)."""
    bundle, log = checks.path("bundle.crt"), checks.path("host.log")
    bundle.write_text("".join(checks.path(name).read_text() for name in roots))
    log.unlink(missing_ok=True)
    command = [*checks.sspitls, "client", "localhost:%d" % port, "--http", "/file1", *options]
    status, _, said = run([*with_list(bundle), *command], env={**os.environ, "ASYNCSSPI_LOG": str(log)})
    return status, said, log.read_text()


def forget(checks):
    """What crypt32 has taken over of these hosts stays in the registry."""
    for name in "ca", "other":
        thumbprint = hashlib.sha1(checks.certificates.der(name)).hexdigest().upper()
        for hive in "HKEY_LOCAL_MACHINE", "HKEY_CURRENT_USER":
            key = ROOTS.replace("HKEY_CURRENT_USER", hive) + "\\" + thumbprint
            run([checks.wine, "reg", "delete", key, "/f"])


def host_roots(checks):
    """a root of the host's, whoever else crypt32 would find"""
    if why_not():
        checks.skip("roots of the host: %s" % why_not())
        return
    checks.path("file1").write_bytes(b"x")
    for leaf, status, word in (("p256", 0, b"HTTP 200"), ("rsa", 0, b"HTTP 200"),
                               ("unknown", 1, b"SEC_E_UNTRUSTED_ROOT"),
                               ("expired", 1, b"SEC_E_CERT_EXPIRED"),
                               ("wrongname", 1, b"SEC_E_WRONG_PRINCIPAL"),
                               ("wrongusage", 1, b"SEC_E_CERT_WRONG_USAGE")):
        with openssl_server(checks, leaf) as server:
            for version in "1.2", "1.3":
                got, said, trace = in_host(checks, ["other.pem", "ca.pem"] if status == 0 else ["ca.pem"],
                                           server.port, "--tls", version)
                checks.check(got == status and word in said, "%s, TLS %s: %s" % (leaf, version, got), said)
                # A wrong name is looked at behind that.
                checks.check((FOUND in trace) == (leaf in ("p256", "rsa", "wrongname")),
                             "%s, TLS %s: whose root it is" % (leaf, version), trace)
    forget(checks)
    with openssl_server(checks, "p256") as server:
        got, said, _ = in_host(checks, ["other.pem"], server.port)
        checks.check(got == 1 and b"SEC_E_UNTRUSTED_ROOT" in said, "taken back by the host", got, said)
        for name in "p256", "ca":
            with stored_certificate(checks, DISALLOWED, name):
                got, said, _ = in_host(checks, ["ca.pem"], server.port)
            checks.check(got == 1 and b"SEC_E_CERT_UNKNOWN" in said, "%s is disallowed: %s" % (name, got),
                         said)
        got, said, _ = in_host(checks, ["ca.pem"], server.port, "--ca", checks.path("other.pem"))
        checks.check(got == 1 and b"SEC_E_UNTRUSTED_ROOT" in said, "--ca counts alone", got, said)
    forget(checks)


PARTS = [host_roots]
