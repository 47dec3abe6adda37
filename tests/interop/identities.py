# SPDX-License-Identifier: LGPL-2.1-or-later
"""Files with certificates and keys, as openssl makes them: which ones `sspitls` reads, and what it
says of those that are wrong."""

import os

from as_server import curl, our_server
from certificates import openssl
from harness import windows_path
from peers import run

PFX_KINDS = {
    "aes": ["-certpbe", "AES-256-CBC", "-keypbe", "AES-256-CBC", "-macalg", "SHA256"],
    "3des": ["-certpbe", "PBE-SHA1-3DES", "-keypbe", "PBE-SHA1-3DES", "-macalg", "SHA1"],
    "nomac": ["-nomac"],
    "plain": ["-certpbe", "NONE", "-keypbe", "NONE"],
}


def make_pfx(tests, leaf, kind, *options, password="test"):
    path = tests.path("%s-%s.pfx" % (leaf, kind))
    openssl("pkcs12", "-export", "-in", tests.path(leaf + ".pem"), "-inkey",
            tests.path(leaf + ".key"), *PFX_KINDS.get(kind, []), *options, "-passout",
            "pass:" + password, "-out", path)
    return path


def make_key(tests, leaf, kind, command):
    """LEAF-KIND.key: LEAF.key as `command` of openssl turns it over, encrypted."""
    path = tests.path("%s-%s.key" % (leaf, kind))
    openssl(*command, "-in", tests.path(leaf + ".key"), "-passout", "pass:test", "-out", path)
    return path


def with_password(path, password="test"):
    return windows_path(path) + ":" + password


def serves(tests, what, certificate, *options):
    with our_server(tests, "identity", *options, certificate=certificate) as server:
        status, out, said = run(curl(tests, server.port, "/file16385"))
        tests.check(status == 0, what, said, server.said())
        tests.check_data(out, 16385, what)


def refused(tests, what, text, certificate, *options):
    """The server does not begin, for a reason that has this text."""
    status, _, said = run([*tests.sspitls, "server", "127.0.0.1:0", "--until-eof", "--cert",
                           certificate, *options])
    tests.check(status == 2, "%s: exit status %s" % (what, status), said)
    tests.check(text in said, what, said)


def pfx(tests):
    """our server reads PFX files of every kind of key and encryption"""
    for leaf in "rsa", "p256", "ed25519":
        for kind in "aes", "3des":
            serves(tests, "%s, %s PFX" % (leaf, kind), with_password(make_pfx(tests, leaf, kind)))
    for kind in "nomac", "plain":
        serves(tests, kind + " PFX", with_password(make_pfx(tests, "p256", kind)))
    serves(tests, "PFX without a password", windows_path(make_pfx(tests, "p256", "empty",
                                                                  password="")))
    # The certificates above it come first.
    bundle = tests.path("bundle.pem")
    bundle.write_text(tests.path("ca.pem").read_text() + tests.path("middle.pem").read_text())
    serves(tests, "PFX with a root", with_password(make_pfx(tests, "p256", "root", "-certfile",
                                                            bundle)))


def changed(path, name, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    copy = path.with_name(name)
    copy.write_bytes(data)
    return copy


def bad_pfx(tests):
    """our server tells a wrong password from a damaged PFX file"""
    path = make_pfx(tests, "p256", "aes")
    for kind in "aes", "3des", "nomac", "plain":
        refused(tests, "wrong password, " + kind, b"wrong password" if kind != "nomac" else
                b"password", with_password(make_pfx(tests, "p256", kind), "wrong"))
    refused(tests, "no password", b"wrong password", windows_path(path))
    # Behind the digest are the salt, 10 bytes, and the count of iterations, 4 bytes.
    refused(tests, "another digest", b"damaged", with_password(changed(path, "mac.pfx", -15)))
    refused(tests, "other contents", b"damaged", with_password(changed(path, "body.pfx", 400)))
    cut = tests.path("cut.pfx")
    cut.write_bytes(path.read_bytes()[:-100])
    refused(tests, "cut off", b"damaged", with_password(cut))
    refused(tests, "no PFX at all", b"damaged", windows_path(tests.path("file16384")))
    refused(tests, "no key", b"no private key", with_password(make_pfx(
        tests, "p256", "nokeys", "-nokeys")))
    refused(tests, "no certificate", b"no certificate", with_password(make_pfx(
        tests, "p256", "nocerts", "-nocerts")))


def pem(tests):
    """our server reads PEM files, with encrypted keys too"""
    def key(leaf, kind, *command):
        serves(tests, "%s, key: %s" % (leaf, kind), windows_path(tests.path(leaf + ".pem")), "--key",
               with_password(make_key(tests, leaf, kind, command)))
    for leaf in "rsa", "p256", "ed25519":
        key(leaf, "encrypted PKCS#8", "pkcs8", "-topk8", "-v2", "aes-256-cbc")
    key("rsa", "encrypted PKCS#1", "rsa", "-aes128", "-traditional")
    key("p256", "encrypted SEC1", "ec", "-aes256")
    for kind, command in ("PKCS#1", ["rsa", "-traditional"]), ("SEC1", ["ec"]):
        leaf = "rsa" if kind == "PKCS#1" else "p256"
        path = tests.path("plain.key")
        openssl(*command, "-in", tests.path(leaf + ".key"), "-out", path)
        serves(tests, kind, windows_path(tests.path(leaf + ".pem")), "--key", windows_path(path))
    # Key and chain in one file, the leaf last.
    mixed = tests.path("mixed.pem")
    leaf = tests.path("p256.pem").read_text().partition("-----END CERTIFICATE-----\n")
    mixed.write_text(tests.path("ca.pem").read_text() + tests.path("middle.pem").read_text() +
                     make_key(tests, "p256", "mixed", ["pkcs8", "-topk8"]).read_text() +
                     leaf[0] + leaf[1])
    serves(tests, "one file in disorder", with_password(mixed))


def bad_pem(tests):
    """our server says what is wrong with a PEM file"""
    certificate = windows_path(tests.path("p256.pem"))
    key = make_key(tests, "p256", "bad", ["pkcs8", "-topk8"])
    refused(tests, "no password", b"is encrypted", certificate, "--key", windows_path(key))
    refused(tests, "wrong password", b"wrong password", certificate, "--key",
            with_password(key, "wrong"))
    refused(tests, "another's key", b"belongs to", certificate, "--key",
            windows_path(tests.path("rsa.key")))
    refused(tests, "no key", b"no private key", certificate)
    refused(tests, "no certificate", b"no certificate", windows_path(tests.path("p256.key")))
    refused(tests, "PFX with --key", b"--key", with_password(make_pfx(tests, "p256", "aes")),
            "--key", windows_path(key))


def without_module(tests):
    """our server takes RSA keys from PFX files without winegnutlsidentity, by PFXImportCertStore"""
    environment = dict(os.environ, WINEDLLOVERRIDES="winegnutlsidentity=d")
    for name in ("rsa", "rsa-short-d", "rsa-short-dp", "rsa-short-dq"):
        what = "server with %s.pfx, imported" % name
        with our_server(tests, name, certificate=with_password(tests.path(name + ".pfx")),
                        env=environment) as server:
            status, out, said = run(curl(tests, server.port, "/file16385"))
            tests.check(status == 0, what, said)
            tests.check_data(out, 16385, what)
    for what, text, *own in (
            ("P-256", b"not RSA", "--cert", with_password(tests.path("p256.pfx"))),
            ("PEM", b"PEM", "--cert", windows_path(tests.path("p256.pem")), "--key",
             windows_path(tests.path("p256.key")))):
        status, _, said = run([*tests.sspitls, "server", "127.0.0.1:0", "--until-eof", *own],
                              env=environment)
        tests.check(status == 2 and text in said, "%s without the module: %s" % (what, status), said)


PARTS = [pfx, bad_pfx, pem, bad_pem, without_module]
