# SPDX-License-Identifier: LGPL-2.1-or-later
"""The Wine prefix as the programs see it: trusted roots, the Windows version, the DLLs loaded."""

import contextlib
import hashlib
import os
import re
import struct

from peers import run
from registry import registry_key, write

# Of the user: Wine 10 deletes roots of the machine that the host does not have.
ROOTS = r"HKEY_CURRENT_USER\Software\Microsoft\SystemCertificates\Root\Certificates"
# What programs of so many bits find as HKEY_LOCAL_MACHINE\\Software.
SOFTWARE = {64: r"HKEY_LOCAL_MACHINE\Software", 32: r"HKEY_LOCAL_MACHINE\Software\Wow6432Node"}
CERT_SHA1_HASH_PROP_ID, CERT_CERT_PROP_ID = 3, 32  # of a serialized certificate


def trusted_root(checks, name):
    """The certificate NAME.pem is a root that the system trusts."""
    return stored_certificate(checks, ROOTS, name)


def stored_certificate(checks, store, name):
    """The certificate NAME.pem is in that store of the registry."""
    der = checks.certificates.der(name)
    thumbprint = hashlib.sha1(der).digest()
    blob = b"".join(struct.pack("<III", number, 1, len(data)) + data for number, data in
                    ((CERT_SHA1_HASH_PROP_ID, thumbprint), (CERT_CERT_PROP_ID, der)))
    return registry_key(checks, store + "\\" + thumbprint.hex().upper(),
                        '"Blob"=hex:' + ",".join("%02x" % byte for byte in blob))


@contextlib.contextmanager
def windows_version(checks, version, build):
    """Programs that are started take Wine for this version of Windows."""
    key = SOFTWARE[checks.bits] + r"\Microsoft\Windows NT\CurrentVersion"
    before = {}
    for name in ("CurrentVersion", "CurrentBuildNumber"):
        out = run([checks.wine, "reg", "query", key, "/v", name])[1].decode(errors="replace")
        before[name] = re.search(r"REG_SZ\s+(\S+)", out).group(1)
    _set_version(checks, key, version, build)
    try:
        yield
    finally:
        _set_version(checks, key, before["CurrentVersion"], before["CurrentBuildNumber"])


def _set_version(checks, key, version, build):
    write(checks, ["[%s]" % key, '"CurrentVersion"="%s"' % version,
                   '"CurrentBuildNumber"="%s"' % build])


def run_watched(checks, command, **options):
    """Runs a Windows program, checks that the secur32 it loaded is ours, and returns (exit status,
    output, errors without Wine's lines)."""
    environment = {**os.environ, "WINEDEBUG": "-all,+loaddll", **options.pop("environment", {})}
    status, out, said = run([checks.wine, *command], env=environment, **options)
    loaded = re.findall(rb'Loaded L"([^"]*)" at [0-9A-Fa-f]+: (native|builtin)', said)
    modules = {path.split(b"\\")[-1].lower(): kind for path, kind in loaded}
    checks.check(modules.get(b"secur32.dll") == b"native" and
                 modules.get(b"asyncsspi.dll") == b"native" and
                 modules.get(b"winegnutlsprivate.dll") == b"builtin",
                 "%s did not run on our secur32" % command[0], said)
    said = b"".join(line for line in said.splitlines(True) if b":loaddll:" not in line)
    return status, out, said
