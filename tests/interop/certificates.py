# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes the certificates of a test run with openssl: a CA, an intermediate, good and bad leaves."""

import math
import pathlib
import re
import ssl
import subprocess

KEY_TYPES = {
    "rsa": ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "p256": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "p384": ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "ed25519": ["ED25519"],
}


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def prime_with_short_inverse(start, e, factor):
    """A prime behind `start` for which e's inverse by factor * (prime - 1) is a byte shorter."""
    small_primes = math.prod(n for n in range(3, 2000, 2) if all(n % i for i in range(3, n, 2)))
    while True:
        start += 2
        # The inverse is (1 + k * modulus) / e; it is short when k is small.
        modulus = factor * (start - 1)
        if (modulus % e and pow(-modulus, -1, e) < e // 256 and
                math.gcd(start, small_primes) == 1 and pow(2, start - 1, start) == 1):
            return start


def element(der, at):
    """Where the contents of the DER element at `at` begin and end."""
    size, at = der[at + 1], at + 2
    if size >= 0x80:
        digits = size - 0x80
        size, at = int.from_bytes(der[at:at + digits], "big"), at + digits
    return at, at + size


def has_short_signature(der):
    """Whether it is signed by ECDSA with a number whose first byte is zero, as about one in a hundred
    is. Wine's crypt32 takes such a signature for wrong (docs/wine.md)."""
    certificate = element(der, 0)[0]
    algorithm = element(der, certificate)[1]
    begin, end = element(der, algorithm)
    if b"\x2a\x86\x48\xce\x3d\x04" not in der[begin:end]:
        return False
    first = element(der, element(der, end)[0] + 1)[0]
    second = element(der, first)[1]
    # An integer has a zero in front when it would be negative otherwise.
    return any(int.from_bytes(der[begin:end], "big") < 1 << 248 for begin, end in
               (element(der, first), element(der, second)))


class Certificates:
    """Files below `directory`: ca.pem, ca.der and per leaf NAME.pem (chain), NAME.key, NAME.pfx."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.authority("ca", None, "asyncsspi test CA")
        self.authority("other", None, "asyncsspi unknown CA")
        self.authority("middle", "ca", "asyncsspi test intermediate")
        openssl("x509", "-in", self.path("ca.pem"), "-outform", "DER", "-out", self.path("ca.der"))
        for name in KEY_TYPES:
            self.leaf(name, key=name)
        for part in ("d", "dp", "dq"):
            self.short_rsa_key("rsa-short-" + part, part)
            self.leaf("rsa-short-" + part, keep_key=True)
        self.leaf("client", usage="clientAuth", subject="asyncsspi test client")
        self.leaf("expired", days=0)  # -1 is an error of OpenSSL 3.4 and later
        self.leaf("wrongname", host="wrong.example")
        self.leaf("unknown", issuer="other")
        self.leaf("wrongusage", usage="clientAuth")
        self.leaf("client-wrongkeyusage", key="rsa", usage="clientAuth", key_usage="keyCertSign")
        self.leaf("wrongkeyusage", key="rsa", key_usage="keyCertSign")

    def path(self, name):
        return self.directory / name

    def der(self, name):
        """The first certificate of NAME.pem."""
        return ssl.PEM_cert_to_DER_cert(self.path(name + ".pem").read_text().partition(
            "-----END CERTIFICATE-----")[0] + "-----END CERTIFICATE-----")

    def _key(self, name, key):
        algorithm, *options = KEY_TYPES[key]
        openssl("genpkey", "-algorithm", algorithm, *options, "-out", self.path(name + ".key"))

    def short_rsa_key(self, name, part, like="rsa"):
        """NAME.key, made from the primes of LIKE.key, whose private number `part` (d, dp or dq) is
        a byte shorter than usual."""
        text = subprocess.run(["openssl", "rsa", "-in", self.path(like + ".key"), "-noout",
                               "-text"], check=True, capture_output=True, text=True).stdout
        p, q = (int(re.sub(r"[\s:]", "", re.search(prime + r":([\s0-9a-f:]+)\n\w", text)[1]), 16)
                for prime in ("prime1", "prime2"))
        e = 65537  # the only one that Wine's PFX import knows
        if part == "dp":
            p = prime_with_short_inverse(p, e, 1)
        else:
            q = prime_with_short_inverse(q, e, p - 1 if part == "d" else 1)
        d = pow(e, -1, (p - 1) * (q - 1))
        numbers = [0, p * q, e, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p)]
        config = self.path(name + ".cnf")
        config.write_text("asn1=SEQUENCE:key\n[key]\n" + "".join(
            "number%d=INTEGER:0x%x\n" % item for item in enumerate(numbers)))
        openssl("asn1parse", "-genconf", config, "-noout", "-out", self.path(name + ".der"))
        openssl("rsa", "-inform", "DER", "-in", self.path(name + ".der"), "-out",
                self.path(name + ".key"))

    def _sign(self, name, issuer, subject, extensions, days):
        config = self.path(name + ".cnf")
        config.write_text("[x]\n" + "\n".join(extensions) + "\n")
        request = self.path(name + ".csr")
        openssl("req", "-new", "-key", self.path(name + ".key"), "-subj", "/CN=" + subject,
                "-out", request)
        signer = (["-signkey", self.path(name + ".key")] if issuer is None else
                  ["-CA", self.path(issuer + ".pem"), "-CAkey", self.path(issuer + ".key"),
                   "-CAcreateserial"])
        while True:
            openssl("x509", "-req", "-in", request, *signer, "-days", days, "-extfile", config,
                    "-extensions", "x", "-out", self.path(name + ".pem"))
            if not has_short_signature(self.der(name)):
                break

    @staticmethod
    def _list_address(crl):
        return ["crlDistributionPoints=URI:" + crl] if crl else []

    def authority(self, name, issuer, subject, crl=None):
        """A root, or with an issuer an intermediate; `crl` as for a leaf."""
        self._key(name, "p256")
        self._sign(name, issuer, subject,
                   ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign",
                    "subjectKeyIdentifier=hash"] + self._list_address(crl), 30)

    def leaf(self, name, key="p256", issuer="middle", host="localhost", days=30,
             usage="serverAuth", key_usage=None, subject=None, keep_key=False, crl=None,
             ocsp=None):
        """A leaf for `host` (and 127.0.0.1 when that is localhost), its chain behind it; `crl` is
        the address of the list of those that its issuer revoked, `ocsp` that of who knows."""
        names = "DNS:" + host + (",IP:127.0.0.1" if host == "localhost" else "")
        if not keep_key:
            self._key(name, key)
        self._sign(name, issuer, subject or host,
                   ["basicConstraints=CA:FALSE", "extendedKeyUsage=" + usage,
                    "subjectAltName=" + names] +
                   (["keyUsage=" + key_usage] if key_usage else []) +
                   self._list_address(crl) +
                   (["authorityInfoAccess=OCSP;URI:" + ocsp] if ocsp else []), days)
        if issuer not in (None, "ca", "other"):
            chain = self.path(name + ".pem")
            chain.write_text(chain.read_text() + self.path(issuer + ".pem").read_text())
        openssl("pkcs12", "-export", "-in", self.path(name + ".pem"), "-inkey",
                self.path(name + ".key"), "-passout", "pass:test", "-out",
                self.path(name + ".pfx"))
