# SPDX-License-Identifier: GPL-2.0-or-later
"""Certificates, requests for them, and bundles."""
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding, NoEncryption, PrivateFormat, PublicFormat, load_der_private_key)
from cryptography.x509.oid import AttributeOID
from OpenSSL import crypto

from .messages import Failure, Reader, u, vec


def public_der(key):
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def make_key(key_type):
    make = {1: lambda: ec.generate_private_key(ec.SECP256R1()),
            2: lambda: ec.generate_private_key(ec.SECP384R1()),
            3: lambda: rsa.generate_private_key(65537, 3072),
            4: ed25519.Ed25519PrivateKey.generate}
    if key_type not in make:
        raise Failure("no certificates here, or for keys not known", 13)
    return make[key_type]()


def make_request(key, exporter):
    builder = x509.CertificateSigningRequestBuilder(x509.Name([]))
    builder = builder.add_attribute(AttributeOID.CHALLENGE_PASSWORD,
                                    exporter.hex().encode())
    plain = isinstance(key, ed25519.Ed25519PrivateKey)
    request = builder.sign(key, None if plain else hashes.SHA256())
    return request.public_bytes(Encoding.DER)


class Bundle:
    """Key, certificates (the client's own first) and CA certificates, in DER."""

    def __init__(self, key, certificates, cas):
        self.key = key
        self.certificates = certificates
        self.cas = cas

    def encode(self):
        return u(1, 1) + u(4, 0) + u(1, 0) + vec(2, self.key) + b"".join(
            u(1, len(list_)) + b"".join(vec(2, item) for item in list_)
            for list_ in (self.certificates, self.cas))

    @classmethod
    def decode(cls, data):
        reader = Reader(data)
        reader.int(1, 1, 1)
        reader.int(4)               # time to live: nothing is kept here
        reader.int(1, 0, 1)
        bundle = cls(reader.vec(2, 1, 8192), reader.vecs(1, 8),
                     reader.vecs(1, 8))
        reader.end()
        return bundle

    def check(self):
        """That key, chain, CA and dates fit; gives the client's certificate."""
        try:
            key = load_der_private_key(self.key, None).public_key()
            chain = list(map(x509.load_der_x509_certificate, self.certificates))
            if public_der(chain[0].public_key()) != public_der(key):
                raise ValueError("the certificate is for another key")
            store = crypto.X509Store()
            for ca in map(x509.load_der_x509_certificate, self.cas):
                if ca.issuer == ca.subject:
                    store.add_cert(crypto.X509.from_cryptography(ca))
            wrapped = list(map(crypto.X509.from_cryptography, chain))
            crypto.X509StoreContext(store, wrapped[0],
                                    wrapped[1:]).verify_certificate()
        except (ValueError, crypto.X509StoreContextError) as error:
            raise Failure(f"key, certificate and CA do not fit: {error}",
                          19) from None
        return chain[0]

    def pem(self):
        return load_der_private_key(self.key, None).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + b"".join(
                x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
                for der in self.certificates + self.cas)
