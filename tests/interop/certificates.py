# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes the certificates of a test run with openssl: a CA, an intermediate, good and bad leaves."""

import pathlib
import subprocess

KEY_TYPES = {
    "rsa": ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "p256": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "p384": ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "ed25519": ["ED25519"],
}


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Certificates:
    """Files below `directory`: ca.pem, ca.der and per leaf NAME.pem (chain), NAME.key, NAME.pfx."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self._authority("ca", None, "asyncsspi test CA")
        self._authority("other", None, "asyncsspi unknown CA")
        self._authority("middle", "ca", "asyncsspi test intermediate")
        openssl("x509", "-in", self.path("ca.pem"), "-outform", "DER", "-out", self.path("ca.der"))
        for name in KEY_TYPES:
            self.leaf(name, key=name)
        self.leaf("client", usage="clientAuth", subject="asyncsspi test client")
        self.leaf("expired", days=-1)
        self.leaf("wrongname", host="wrong.example")
        self.leaf("unknown", issuer="other")
        self.leaf("wrongusage", usage="clientAuth")

    def path(self, name):
        return self.directory / name

    def _key(self, name, key):
        algorithm, *options = KEY_TYPES[key]
        openssl("genpkey", "-algorithm", algorithm, *options, "-out", self.path(name + ".key"))

    def _sign(self, name, issuer, subject, extensions, days):
        config = self.path(name + ".cnf")
        config.write_text("[x]\n" + "\n".join(extensions) + "\n")
        request = self.path(name + ".csr")
        openssl("req", "-new", "-key", self.path(name + ".key"), "-subj", "/CN=" + subject,
                "-out", request)
        signer = (["-signkey", self.path(name + ".key")] if issuer is None else
                  ["-CA", self.path(issuer + ".pem"), "-CAkey", self.path(issuer + ".key"),
                   "-CAcreateserial"])
        openssl("x509", "-req", "-in", request, *signer, "-days", days, "-extfile", config,
                "-extensions", "x", "-out", self.path(name + ".pem"))

    def _authority(self, name, issuer, subject):
        self._key(name, "p256")
        self._sign(name, issuer, subject,
                   ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign",
                    "subjectKeyIdentifier=hash"], 30)

    def leaf(self, name, key="p256", issuer="middle", host="localhost", days=30,
             usage="serverAuth", subject=None):
        """A leaf for `host` (and 127.0.0.1 when that is localhost), its chain behind it."""
        names = "DNS:" + host + (",IP:127.0.0.1" if host == "localhost" else "")
        self._key(name, key)
        self._sign(name, issuer, subject or host,
                   ["basicConstraints=CA:FALSE", "extendedKeyUsage=" + usage,
                    "subjectAltName=" + names], days)
        if issuer == "middle":
            chain = self.path(name + ".pem")
            chain.write_text(chain.read_text() + self.path("middle.pem").read_text())
        openssl("pkcs12", "-export", "-in", self.path(name + ".pem"), "-inkey",
                self.path(name + ".key"), "-passout", "pass:test", "-out",
                self.path(name + ".pfx"))
