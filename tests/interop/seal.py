# SPDX-License-Identifier: LGPL-2.1-or-later
"""Records that no library would send, sealed with the keys of a connection of somebody else's, who
has written them to a file (SSLKEYLOGFILE): ChaCha20-Poly1305 (RFC 8439), TLS 1.2 and 1.3."""

import hashlib
import hmac
import struct

MASK = 0xffffffff


def quarter_round(s, a, b, c, d):
    for left, right, by, count in ((a, d, b, 16), (c, b, d, 12), (a, d, b, 8), (c, b, d, 7)):
        s[left] = (s[left] + s[by]) & MASK
        mixed = s[right] ^ s[left]
        s[right] = (mixed << count | mixed >> (32 - count)) & MASK


def chacha20_block(key, counter, nonce):
    start = list(struct.unpack("<4I", b"expand 32-byte k") + struct.unpack("<8I", key) +
                 (counter,) + struct.unpack("<3I", nonce))
    s = start[:]
    for _ in range(10):
        for column in range(4):
            quarter_round(s, column, 4 + column, 8 + column, 12 + column)
        for column in range(4):
            quarter_round(s, column, 4 + (column + 1) % 4, 8 + (column + 2) % 4,
                          12 + (column + 3) % 4)
    return struct.pack("<16I", *((x + y) & MASK for x, y in zip(s, start)))


def poly1305(key, data):
    r = int.from_bytes(key[:16], "little") & 0x0ffffffc0ffffffc0ffffffc0fffffff
    sum_ = 0
    for at in range(0, len(data), 16):
        sum_ = (sum_ + int.from_bytes(data[at:at + 16] + b"\1", "little")) * r % ((1 << 130) - 5)
    return ((sum_ + int.from_bytes(key[16:], "little")) % (1 << 128)).to_bytes(16, "little")


def aead(key, nonce, aad, text):
    stream = b"".join(chacha20_block(key, 1 + at // 64, nonce) for at in range(0, len(text), 64))
    sealed = bytes(x ^ y for x, y in zip(text, stream))

    def padded(part):
        return part + bytes(-len(part) % 16)
    return sealed + poly1305(chacha20_block(key, 0, nonce)[:32], padded(aad) + padded(sealed) +
                             struct.pack("<QQ", len(aad), len(sealed)))


def expand(secret, label, size):
    """HKDF-Expand-Label of at most 32 bytes (RFC 8446 7.1)."""
    label = b"tls13 " + label
    info = struct.pack(">HB", size, len(label)) + label + b"\0"
    return hmac.digest(secret, info + b"\1", hashlib.sha256)[:size]


def key_block(master, randoms, size):
    """RFC 5246 6.3."""
    block, seed = b"", b"key expansion" + randoms
    part = seed
    while len(block) < size:
        part = hmac.digest(master, part, hashlib.sha256)
        block += hmac.digest(master, part + seed, hashlib.sha256)
    return block


class Sealer:
    """The next records of one side of a connection whose handshake is over, and on which this side
    has sent nothing since."""

    def __init__(self, key_log, version, from_client, hello, answer):
        """`hello` and `answer` begin with the records of the two hellos."""
        client_random, server_random = hello[11:43], answer[11:43]
        secrets = {line.split()[0]: bytes.fromhex(line.split()[2])
                   for line in key_log.read_text().splitlines()
                   if line.split()[1:2] == [client_random.hex()]}
        self.version = version
        if version == "1.3":
            side = "CLIENT" if from_client else "SERVER"
            secret = secrets[side + "_TRAFFIC_SECRET_0"]
            self.key, self.iv = expand(secret, b"key", 32), expand(secret, b"iv", 12)
            self.sequence = 0
        else:
            block = key_block(secrets["CLIENT_RANDOM"], server_random + client_random, 88)
            self.key = block[:32] if from_client else block[32:64]
            self.iv = block[64:76] if from_client else block[76:88]
            self.sequence = 1  # the Finished was number 0

    def record(self, content_type, content):
        number = self.sequence
        self.sequence += 1
        nonce = (int.from_bytes(self.iv, "big") ^ number).to_bytes(12, "big")
        if self.version == "1.3":
            header = struct.pack(">BHH", 23, 0x303, len(content) + 1 + 16)
            return header + aead(self.key, nonce, header, content + bytes([content_type]))
        aad = struct.pack(">QBHH", number, content_type, 0x303, len(content))
        return (struct.pack(">BHH", content_type, 0x303, len(content) + 16) +
                aead(self.key, nonce, aad, content))
