# SPDX-License-Identifier: GPL-2.0-or-later
"""Seals, wraps, and the account key that they are for."""
import hmac
import math
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .messages import Failure, u, vec
from .opaque import hkdf_expand, hkdf_extract


def seal_keys(key, salt, label, ad):
    okm = hkdf_expand(hkdf_extract(salt, key), label + b"\0" + ad, 76)
    return AESGCM(okm[:32]), okm[32:44], okm[44:]


def seal(key, label, ad, plain):
    salt = secrets.token_bytes(32)
    gcm, nonce, commitment = seal_keys(key, salt, label, ad)
    return salt + commitment + gcm.encrypt(nonce, plain, None)


def unseal(key, label, ad, sealed):
    gcm, nonce, commitment = seal_keys(key, sealed[:32], label, ad)
    try:
        if hmac.compare_digest(commitment, sealed[32:64]):
            return gcm.decrypt(nonce, sealed[64:], None)
    except (InvalidTag, ValueError):
        pass
    raise Failure("a seal does not open", 18)


def padded_length(length):
    if length > 16384:
        return math.ceil(length / 16384) * 16384
    return max(256, 1 << (length - 1).bit_length())


class AccountKey:
    """Account key, account id and generation, as a wrap carries them."""

    def __init__(self, key, account_id, generation):
        self.key = key
        self.id = account_id
        self.generation = generation

    def next(self):
        return AccountKey(secrets.token_bytes(32), self.id, self.generation + 1)

    def wrap(self, kind, export_key):
        inside = self.id + u(4, self.generation)
        head = u(1, 1) + u(2, 1) + u(1, kind) + inside
        return head + seal(export_key, b"Obol-v1 slot wrap", head,
                           inside + self.key)

    @classmethod
    def unwrap(cls, wrap, kind, export_key):
        head = wrap[:24]
        plain = unseal(export_key, b"Obol-v1 slot wrap", head, wrap[24:])
        if head != u(1, 1) + u(2, 1) + u(1, kind) + plain[:20] or \
                len(plain) != 52:
            raise Failure("a wrap contradicts itself", 18)
        return cls(plain[20:], plain[:16], int.from_bytes(plain[16:20], "big"))

    def _ad(self, name, format_, version):
        return u(1, 1) + self.id + u(4, self.generation) + \
            vec(1, name.encode()) + u(2, format_) + u(8, version)

    def seal(self, name, format_, version, body):
        if not 1 <= len(body) <= 244736:
            raise Failure("the credential is empty or too large", 14)
        plain = vec(4, body)
        plain += bytes(padded_length(len(plain)) - len(plain))
        return u(1, 1) + u(4, self.generation) + seal(
            self.key, b"Obol-v1 credential", self._ad(name, format_, version),
            plain)

    def open(self, credential):
        if credential.sealed[:5] != u(1, 1) + u(4, self.generation):
            raise Failure("a credential is under another key", 18)
        ad = self._ad(credential.name, credential.format, credential.version)
        plain = unseal(self.key, b"Obol-v1 credential", ad, credential.sealed[5:])
        length = int.from_bytes(plain[:4], "big")
        if not 1 <= length <= 244736 or padded_length(4 + length) != len(plain) \
                or any(plain[4 + length:]):
            raise Failure("the padding of a credential is wrong", 18)
        return plain[4:4 + length]
