# SPDX-License-Identifier: GPL-2.0-or-later
"""Names and passwords (RFC 8265, RFC 8264), codes."""
import math
import unicodedata

from .messages import Failure, u


def is_letter(char):
    """Of the IdentifierClass."""
    if "!" <= char <= "~" or char in "\u00df\u03c2\u06fd\u06fe\u0f0b\u3007":
        return True
    return unicodedata.normalize("NFKC", char) == char and \
        not 0x1100 <= ord(char) < 0x1200 and \
        unicodedata.category(char) in ("Ll", "Lu", "Lo", "Nd", "Lm", "Mn", "Mc")


def is_free_form(char):
    """Of the FreeformClass."""
    return is_letter(char) or char == " " or not 0x1100 <= ord(char) < 0x1200 \
        and unicodedata.category(char)[0] in "LMNPS"


def narrow(char):
    wide = unicodedata.decomposition(char).startswith(("<wide>", "<narrow>"))
    return unicodedata.normalize("NFKC", char) if wide else char


def normal_name(name):
    """UsernameCaseMapped, until nothing changes."""
    for _ in range(4):
        before, name = name, "".join(map(narrow, name))
        if not all(map(is_letter, name)) or set(name) & set("@:") or \
                {"R", "AL", "AN"} & set(map(unicodedata.bidirectional, name)):
            raise Failure("the account's name is not allowed", 2)
        name = unicodedata.normalize("NFC", name.lower())
        if name == before and 1 <= len(name.encode()) <= 255:
            return name.encode()
    raise Failure("the account's name is empty, too long or unstable", 2)


def normal_password(password):
    """OpaqueString."""
    password = "".join(" " if unicodedata.category(char) == "Zs" else char
                       for char in password)
    data = unicodedata.normalize("NFC", password).encode()
    if not all(map(is_free_form, password)) or not 1 <= len(data) <= 1024:
        raise Failure("the password is not allowed", 2)
    return data


ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def read_code(text, n_bytes=10):
    """The bytes of a code as people write it."""
    text = text.upper().translate(str.maketrans("OIL", "011", " \t-"))
    values = [ALPHABET.find(char) for char in text]
    n = math.ceil(n_bytes * 8 / 5)
    check = bits = 0
    for value in values[:-1]:
        bits = bits << 5 | value
        check = (check ^ value) << 1
        check ^= 0b100101 if check & 32 else 0
    spare = n * 5 - n_bytes * 8
    if len(values) != n + 1 or -1 in values or check != values[-1] or \
            bits & (1 << spare) - 1:
        raise Failure("the code was mistyped", 27)
    return u(n_bytes, bits >> spare)
