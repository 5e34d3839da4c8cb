# SPDX-License-Identifier: GPL-2.0-or-later
"""P-256, affine, None for the point at infinity; and hash-to-curve (RFC 9380),
suite P256_XMD:SHA-256_SSWU_RO_."""
import hashlib
import secrets

from .messages import u

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
A = -3
B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b
N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
G = (0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296,
     0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5)


def y_of(x, sign):
    """The y of that sign, its last bit, or None."""
    square = (x**3 + A * x + B) % P
    y = pow(square, (P + 1) // 4, P)
    if y * y % P != square:
        return None
    return y if y & 1 == sign else P - y


def add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        slope = (3 * a[0]**2 + A) * pow(2 * a[1], -1, P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def multiply(k, point):
    result = None
    for bit in bin(k)[2:]:
        result = add(result, result)
        if bit == "1":
            result = add(result, point)
    return result


def to_bytes(point):
    return u(1, 2 + (point[1] & 1)) + u(32, point[0])


def from_bytes(data):
    """A compressed point, or ValueError."""
    x = int.from_bytes(data[1:], "big")
    y = y_of(x, data[0] & 1) if data[0] in (2, 3) and x < P else None
    if y is None:
        raise ValueError("no point")
    return x, y


def random_scalar():
    return 1 + secrets.randbelow(N - 1)


def sha256(data):
    return hashlib.sha256(data).digest()


def xor(a, b):
    return bytes(i ^ j for i, j in zip(a, b))


def expand_message(message, dst, length):
    tail = dst + u(1, len(dst))
    first = sha256(bytes(64) + message + u(2, length) + u(1, 0) + tail)
    block, out = bytes(32), b""
    while len(out) < length:
        block = sha256(xor(first, block) + u(1, len(out) // 32 + 1) + tail)
        out += block
    return out[:length]


def map_to_curve(number):
    """Simplified SWU with Z = -10."""
    z_u2 = -10 * number**2 % P
    t = (z_u2**2 + z_u2) % P
    x = -B * pow(A, -1, P) * (1 + pow(t, -1, P)) if t else B * pow(-10 * A, -1, P)
    x %= P
    if y_of(x, 0) is None:
        x = z_u2 * x % P
    return x, y_of(x, number & 1)


def hash_to_group(message, dst):
    out = expand_message(message, dst, 96)
    return add(*(map_to_curve(int.from_bytes(out[i:i + 48], "big") % P)
                 for i in (0, 48)))
