# SPDX-License-Identifier: GPL-2.0-or-later
"""Logins, and the requests behind them."""
from cryptography.hazmat.primitives.serialization import (
    Encoding, NoEncryption, PrivateFormat)

from .bundle import Bundle, make_key, make_request
from .connection import connect
from .messages import (
    ACTIVATION, ERROR, EXIT_OF_REPLY, Failure, GET, ISSUE, LATER,
    LOGIN_CHALLENGE, LOGIN_DONE, LOGIN_FINISH, LOGIN_START, MAX_FRAME,
    MAX_LOGIN_FRAME, NO_DEVICE, PASSWORD, PUT, Reader, SLOT_FINISH, SLOT_LIST,
    SLOT_START, STAGE, u, vec)
from .opaque import Blinded, IDENTITY, Login, SCRYPT, ksf_fits
from .p256 import sha256
from .seal import AccountKey


class Credential:
    def __init__(self, reader):
        self.name = reader.text(1, 1, 64)
        self.format, self.version, self.changed_at = reader.ints(2, 8, 8)
        self.sealed = reader.vec(3, 1, 262144)


def get_body(name, after="", held=0):
    return vec(1, name.encode()) + vec(1, after.encode()) + u(8, held)


ALL = (GET, get_body(""))


class Slot:
    """A secret that is to open the account."""

    def __init__(self, name, kind, secret, device_id=NO_DEVICE, label=""):
        self.blinded = Blinded(name, secret)
        self.kind = kind
        self.device_id = device_id
        self.label = label

    def start(self, session):
        reader = session.ask(SLOT_START, u(1, self.kind) + self.device_id +
                             self.blinded.request)
        self.response = reader.bytes(66)
        self.key_number, ksf = reader.bytes(4), reader.bytes(6)
        reader.end()
        self.ksf = ksf if ksf_fits(ksf, self.kind) else \
            SCRYPT if self.kind == PASSWORD else IDENTITY

    def encode(self, account_key):
        record, export_key = self.blinded.register(self.response, self.ksf)
        return u(1, self.kind) + self.device_id + vec(1, self.label.encode()) + \
            self.ksf + self.key_number + u(4, account_key.generation) + \
            record + vec(2, account_key.wrap(self.kind, export_key))


class Session:
    """A login and the requests behind it. The first one goes with the login; its
    answer waits in self.first."""

    def __init__(self, client, kind, secret, first, device_id=NO_DEVICE):
        self.client, self.state = client, client.state
        self.kind, self.secret, self.device_id = kind, secret, device_id
        options = client.options
        self.connection = connect(client.server, options.server_name,
                                  self.state.all("tls-key"), options.timeout)
        try:
            export_key = self._login(first)
        except Failure:
            self.connection.close()
            raise
        self.account_key = AccountKey.unwrap(self.done["wrap"], kind, export_key)
        account_id = self.account_key.id.hex()
        if self.state.one("account-id") not in (None, account_id) and \
                kind != ACTIVATION:
            raise Failure("the account is another one than before", 8)
        self.state.set("account-id", account_id)
        self.first = self._take(first[0] + 1)

    def _login(self, first):
        name = self.client.name
        login = Login(name, self.secret)
        self.connection.send((LOGIN_START, u(2, 1) + u(1, 1) + u(1, self.kind) +
                              vec(1, name) + bytes(255 - len(name)) +
                              self.device_id + login.ke1))
        reader = self._take(LOGIN_CHALLENGE, MAX_LOGIN_FRAME)
        ksf, key_number = reader.bytes(6), reader.bytes(4)
        ke2 = reader.bytes(259)
        reader.end()
        if not ksf_fits(ksf, self.kind):
            raise Failure("the server asks for key stretching out of bounds", 22)
        context = b"Obol-v1" + u(2, 1) + u(1, 1) + u(1, self.kind) + ksf + \
            key_number + self.connection.exporter
        try:
            ke3, export_key, server_key = login.finish(ke2, ksf, context)
        except ValueError:
            raise Failure("name or secret are wrong, or another machine is "
                          "answering", 9) from None
        if server_key.hex() not in self.state.all("opaque-key") and \
                self.state.all("opaque-key"):
            raise Failure("the server is not the one known from before", 8)
        self.state.add("opaque-key", server_key.hex())
        self.state.add("tls-key", self.connection.key_hash)
        self.connection.send((LOGIN_FINISH, ke3), first)
        self._read_done(self._take(LOGIN_DONE, MAX_LOGIN_FRAME))
        return export_key

    def _read_done(self, reader):
        done = self.done = {"wrap": reader.vec(2, 0, 256)}
        done["failures"], done["last failure at"] = reader.ints(4, 8)
        done["last failure's source"] = reader.text(1, 0, 64)
        done["last login at"], done["server time"] = reader.ints(8, 8)
        done["migrate"] = reader.bool()
        for _ in range(reader.int(1, 0, 4)):
            self.state.add("opaque-key", reader.bytes(33).hex())
            self.state.add("tls-key", reader.bytes(32).hex())
        done["mode"], done["key type"], done["account's end"], \
            done["anchors number"] = reader.ints(1, 1, 8, 4)
        done["revoked"] = [reader.vec(1, 1, 20).hex()
                           for _ in range(reader.int(1, 0, 8))]
        reader.end()

    def _take(self, expected, limit=MAX_FRAME):
        """A frame that has to be of this type; Error and Later are failures."""
        kind, body = self.connection.receive(limit)
        reader = Reader(body)
        if kind == LATER and expected == LOGIN_CHALLENGE:
            seconds = reader.int(4, 1)
            reader.end()
            raise Failure(f"too many failed logins, wait {seconds} s", 11)
        if kind == ERROR:
            reply, seconds = reader.int(2, 400, 599), reader.int(4)
            version, text = reader.int(8), reader.text(2, 0, 512)
            reader.end()
            raise Failure(f"the server answers {reply}: {text or 'no text'}; "
                          f"wait {seconds} s, version {version}",
                          EXIT_OF_REPLY.get(reply, 24 if reply < 500 else 23))
        if kind != expected:
            raise Failure(f"the server sends frame {kind:#x}", 23)
        return reader

    def ask(self, request, body=b""):
        self.connection.send((request, body))
        return self._take(request + 1)

    def close(self):
        if self.done["migrate"]:
            # the same secret anew; only the server knows the slot's label
            label = self._labels().get((self.kind, self.device_id), "")
            self.register(Slot(self.client.name, self.kind, self.secret,
                               self.device_id, label))
        self.connection.close()

    def _labels(self):
        reader, labels = self.ask(SLOT_LIST), {}
        for _ in range(reader.int(2, 0, 35)):
            slot = reader.int(1), reader.bytes(16)
            labels[slot] = reader.text(1, 0, 64)
            reader.ints(8, 8), reader.text(1, 0, 64), reader.int(8)
        reader.end()
        return labels

    def register(self, slot):
        slot.start(self)
        self.ask(SLOT_FINISH, slot.encode(self.account_key)).end()

    def read_page(self, reader):
        """unchanged, more, credentials"""
        unchanged, more = reader.bool(), reader.bool()
        page = [Credential(reader) for _ in range(reader.int(2, 0, 64))]
        reader.end()
        return unchanged, more, page

    def read_all(self, reader):
        """From the answer to ALL, and further pages."""
        _, more, found = self.read_page(reader)
        while more:
            _, more, page = self.read_page(
                self.ask(GET, get_body("", found[-1].name)))
            found += page
        return found

    def read_list(self, reader):
        """name: (format, version, size, changed at, deleted)"""
        found = {}
        for _ in range(reader.int(2, 0, 256)):
            name = reader.text(1, 1, 64)
            if name in found:
                raise Failure("a name stands in the list twice", 23)
            found[name] = reader.ints(2, 8, 4, 8) + [reader.bool()]
        reader.end()
        return found

    def stage(self, credential, body, key):
        self.ask(STAGE, self._sealed(credential.name, credential.format,
                                     credential.version, body, key)).end()

    def put(self, name, format_, base, body):
        reader = self.ask(PUT, self._sealed(name, format_, base, body,
                                            self.account_key))
        version = reader.int(8, base + 1, base + 1)
        reader.int(8)
        reader.end()
        self.state.saw_version(name, version)
        return version

    @staticmethod
    def _sealed(name, format_, base, body, key):
        return vec(1, name.encode()) + u(2, format_) + u(8, base) + \
            u(4, key.generation) + vec(3, key.seal(name, format_, base + 1, body))

    def issue(self):
        """A new key with its certificate, as a bundle that was checked."""
        key = make_key(self.done["key type"])
        reader = self.ask(ISSUE, vec(2, make_request(key,
                                                     self.connection.exporter)))
        certificate = reader.vec(2, 1, 8192)
        chain, cas = reader.vecs(0, 8), reader.vecs(0, 8)
        reader.end()
        trusted = self.state.all("ca")
        if trusted and any(sha256(ca).hex() not in trusted for ca in cas):
            raise Failure("a new CA that no trusted one vouches for", 34)
        bundle = Bundle(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8,
                                          NoEncryption()),
                        [certificate] + chain, cas)
        bundle.check()
        self.trust(bundle)
        return bundle

    def trust(self, bundle):
        for ca in bundle.cas:
            self.state.add("ca", sha256(ca).hex())
