# SPDX-License-Identifier: GPL-2.0-or-later
"""What is kept on this machine."""
import os

from .messages import Failure


class State:
    """Lines of words: account, device, secret and account-id once; tls-key,
    opaque-key, ca and version (name in hex, number) more than once."""

    def __init__(self, path):
        self.path = path
        self.lines = []
        if path and os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                self.lines = [line.split() for line in file if line.strip()]

    def all(self, *words):
        return [line[-1] for line in self.lines if line[:-1] == list(words)]

    def one(self, *words):
        return (self.all(*words) or [None])[0]

    def add(self, *words):
        if list(words) not in self.lines:
            self.lines.append(list(words))

    def set(self, *words):
        key = list(words[:-1])
        self.lines = [line for line in self.lines if line[:-1] != key]
        self.add(*words)

    def saw_version(self, name, version):
        key = ("version", name.encode().hex())
        if version < int(self.one(*key) or 0):
            raise Failure(f"the server has an older version of {name}", 17)
        self.set(*key, str(version))

    def save(self):
        if self.path:
            text = "".join(" ".join(line) + "\n" for line in self.lines)
            write_private(self.path, text.encode())


def write_private(path, data):
    """Whole or not at all, mode 0600."""
    new = path + ".new"
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
              "wb") as file:
        file.write(data)
    os.replace(new, path)
