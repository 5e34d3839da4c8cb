# SPDX-License-Identifier: GPL-2.0-or-later
"""P-256, hash-to-curve and the OPRF in integers (RFC 9380, RFC 9497).

For checking figures: slow, and not in constant time.
"""
import hashlib

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
A = P - 3
B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b
Z = P - 10
CONTEXT = b"OPRFV1-\x00-P256-SHA256"


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def add(p, q):
    if p is None or q is None:
        return q if p is None else p
    if p[0] == q[0]:
        if (p[1] + q[1]) % P == 0:
            return None
        slope = (3 * p[0] * p[0] + A) * pow(2 * p[1], -1, P) % P
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, P) % P
    x = (slope * slope - p[0] - q[0]) % P
    return x, (slope * (p[0] - x) - p[1]) % P


def multiply(scalar, point):
    result = None
    for bit in bin(scalar % N)[2:]:
        result = add(result, result)
        if bit == "1":
            result = add(result, point)
    return result


def encode(point):
    return bytes([2 + point[1] % 2]) + point[0].to_bytes(32, "big")


def square_root(value):
    root = pow(value, (P + 1) // 4, P)
    return root if root * root % P == value % P else None


def decode(data):
    x = int.from_bytes(data[1:], "big")
    y = square_root(x * x * x + A * x + B)
    if len(data) != 33 or data[0] not in (2, 3) or x >= P or y is None:
        raise ValueError("no point: " + data.hex())
    return x, y if y % 2 == data[0] % 2 else P - y


GENERATOR = decode(bytes.fromhex(
    "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"))


def expand_message(message, dst, length):
    """expand_message_xmd (RFC 9380, 5.3.1)."""
    tail = dst + bytes([len(dst)])
    first = sha256(bytes(64), message, length.to_bytes(2, "big"), b"\0", tail)
    block, out, count = sha256(first, b"\1", tail), b"", 1
    while len(out) < length:
        out += block
        count += 1
        block = sha256(bytes(a ^ b for a, b in zip(first, block)),
                       bytes([count]), tail)
    return out[:length]


def map_to_curve(u):
    """The simplified SWU map (RFC 9380, 6.6.2)."""
    t = (Z * Z * pow(u, 4, P) + Z * u * u) % P
    if t:
        x = -B * pow(A, -1, P) * (1 + pow(t, -1, P)) % P
    else:
        x = B * pow(Z * A, -1, P) % P
    y = square_root(x * x * x + A * x + B)
    if y is None:
        x = Z * u * u * x % P
        y = square_root(x * x * x + A * x + B)
    return x, y if y % 2 == u % 2 else P - y


def hash_to_group(message):
    data = expand_message(message, b"HashToGroup-" + CONTEXT, 96)
    return add(map_to_curve(int.from_bytes(data[:48], "big") % P),
               map_to_curve(int.from_bytes(data[48:], "big") % P))


def derive_key_pair(seed, info):
    message = seed + len(info).to_bytes(2, "big") + info
    for counter in range(256):
        data = expand_message(message + bytes([counter]),
                              b"DeriveKeyPair" + CONTEXT, 48)
        key = int.from_bytes(data, "big") % N
        if key:
            return key, encode(multiply(key, GENERATOR))
    raise ValueError("no key")


def blind_input(blind, message):
    return encode(multiply(blind, hash_to_group(message)))


def finalize(message, blind, evaluated):
    point = encode(multiply(pow(blind, -1, N), decode(evaluated)))
    return sha256(len(message).to_bytes(2, "big"), message,
                  len(point).to_bytes(2, "big"), point, b"Finalize")
