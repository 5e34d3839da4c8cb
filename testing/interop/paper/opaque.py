# SPDX-License-Identifier: GPL-2.0-or-later
"""OPRF (RFC 9497), mode 0, and OPAQUE-3DH (RFC 9807)."""
import hashlib
import hmac
import secrets
import struct

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from .messages import Failure, PASSWORD, u, vec
from .p256 import (G, N, expand_message, from_bytes, hash_to_group, multiply,
                   random_scalar, sha256, to_bytes, xor)

OPRF = b"OPRFV1-\0-P256-SHA256"


def derive_key_pair(seed):
    info = vec(2, b"OPAQUE-DeriveDiffieHellmanKeyPair")
    counter = scalar = 0
    while not scalar:
        out = expand_message(seed + info + u(1, counter),
                             b"DeriveKeyPair" + OPRF, 48)
        scalar = int.from_bytes(out, "big") % N
        counter += 1
    return scalar, to_bytes(multiply(scalar, G))


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


hkdf_extract = mac                  # salt, key


def hkdf_expand(key, info, length=32):
    block, out = b"", b""
    while len(out) < length:
        block = mac(key, block + info + u(1, len(out) // 32 + 1))
        out += block
    return out[:length]


def derive_secret(key, label, context):
    return hkdf_expand(key, u(2, 32) + vec(1, b"OPAQUE-" + label) +
                       vec(1, context))


IDENTITY = bytes(6)
SCRYPT = struct.pack(">BBHH", 1, 15, 8, 1)


def ksf_fits(ksf, kind):
    """Whether the client may go on with a KSF (id, log2 N, r, p)."""
    if kind != PASSWORD:
        return ksf == IDENTITY
    id_, log2_n, r, p = struct.unpack(">BBHH", ksf)
    return id_ == 1 and 1 <= p <= 16 and \
        32768 * 8 <= r << log2_n <= 268435456 // 128


def stretch(ksf, data):
    _, log2_n, r, p = struct.unpack(">BBHH", ksf)
    return data if ksf == IDENTITY else \
        Scrypt(salt=bytes(16), length=32, n=1 << log2_n, r=r, p=p).derive(data)


class Blinded:
    """A secret on its way through the OPRF."""

    def __init__(self, name, secret):
        self.name = name
        self.input = vec(2, name) + secret
        self.scalar = random_scalar()
        point = hash_to_group(self.input, b"HashToGroup-" + OPRF)
        self.request = to_bytes(multiply(self.scalar, point))

    def randomized_password(self, evaluated, ksf):
        point = multiply(pow(self.scalar, -1, N), from_bytes(evaluated))
        output = sha256(vec(2, self.input) + vec(2, to_bytes(point)) +
                        b"Finalize")
        return hkdf_extract(b"", output + stretch(ksf, output))

    def envelope(self, password, nonce, server_key):
        """The client's key pair, export_key and the envelope's tag. The server's
        identity is absent: its public key stands for it."""
        seed = hkdf_expand(password, nonce + b"PrivateKey")
        auth_key = hkdf_expand(password, nonce + b"AuthKey")
        return derive_key_pair(seed) + (
            hkdf_expand(password, nonce + b"ExportKey"),
            mac(auth_key, nonce + server_key + vec(2, server_key) +
                vec(2, self.name)))

    def register(self, response, ksf):
        """From the answer to SlotStart: the record, and export_key."""
        try:
            from_bytes(response[33:])
            password = self.randomized_password(response[:33], ksf)
        except ValueError:
            raise Failure("a registration has a malformed point", 23) from None
        nonce = secrets.token_bytes(32)
        _, public_key, export_key, tag = self.envelope(password, nonce,
                                                       response[33:])
        masking_key = hkdf_expand(password, b"MaskingKey")
        return public_key + masking_key + nonce + tag, export_key


class Login(Blinded):
    def __init__(self, name, secret):
        super().__init__(name, secret)
        self.ephemeral = random_scalar()
        self.ke1 = self.request + secrets.token_bytes(32) + \
            to_bytes(multiply(self.ephemeral, G))

    def finish(self, ke2, ksf, context):
        """KE3, export_key and the server's public key; ValueError, whatever is
        wrong in KE2."""
        password = self.randomized_password(ke2[:33], ksf)
        pad = hkdf_expand(hkdf_expand(password, b"MaskingKey"),
                          ke2[33:65] + b"CredentialResponsePad", 97)
        plain = xor(ke2[65:162], pad)
        server_key, nonce, tag = plain[:33], plain[33:65], plain[65:]
        private_key, _, export_key, own_tag = self.envelope(password, nonce,
                                                            server_key)
        if not hmac.compare_digest(tag, own_tag):
            raise ValueError("the envelope does not open")
        share = from_bytes(ke2[194:227])
        shared = b"".join(to_bytes(multiply(scalar, point)) for scalar, point in (
            (self.ephemeral, share),
            (self.ephemeral, from_bytes(server_key)),
            (private_key, share)))
        preamble = b"OPAQUEv1-" + vec(2, context) + vec(2, self.name) + \
            self.ke1 + vec(2, server_key) + ke2[:227]
        key = derive_secret(hkdf_extract(b"", shared), b"HandshakeSecret",
                            sha256(preamble))
        server_mac = mac(derive_secret(key, b"ServerMAC", b""), sha256(preamble))
        if not hmac.compare_digest(ke2[227:], server_mac):
            raise ValueError("the server's MAC is wrong")
        ke3 = mac(derive_secret(key, b"ClientMAC", b""),
                  sha256(preamble + server_mac))
        return ke3, export_key, server_key
