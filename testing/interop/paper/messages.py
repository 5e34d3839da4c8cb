# SPDX-License-Identifier: GPL-2.0-or-later
"""Numbers and fields of messages, and how the client fails."""

PASSWORD, ACTIVATION, RECOVERY, DEVICE, ENROLMENT = range(1, 6)
NO_DEVICE = bytes(16)

# frame types; an answer's is one more
LOGIN_START, LOGIN_CHALLENGE, LOGIN_FINISH, LOGIN_DONE, LATER, ERROR = range(1, 7)
LIST, GET, PUT = 0x20, 0x22, 0x24
SLOT_START, SLOT_FINISH, SLOT_LIST, STAGE, REKEY = 0x30, 0x32, 0x36, 0x38, 0x3a
ISSUE, HISTORY, FOLLOW, REPORT = 0x40, 0x60, 0x70, 0x72

MAX_LOGIN_FRAME, MAX_FRAME = 4096, 1048576
BUNDLE = 1
PORTABLE = 1
EXIT_OF_REPLY = {450: 33, 530: 13, 535: 9, 537: 13, 538: 12, 539: 30, 550: 15,
                 552: 14, 557: 16}


class Failure(Exception):
    """What the user is told, and the exit status."""

    def __init__(self, text, status):
        super().__init__(text)
        self.status = status


def u(size, number):
    return number.to_bytes(size, "big")


def vec(size, data):
    return u(size, len(data)) + data


class Reader:
    """Takes a message apart; refuses what is out of bounds or left over."""

    def __init__(self, data):
        self.data = data

    def bytes(self, n):
        if n > len(self.data):
            raise Failure("a message is too short", 23)
        head, self.data = self.data[:n], self.data[n:]
        return head

    def int(self, size, low=0, high=None):
        n = int.from_bytes(self.bytes(size), "big")
        if n < low or (high is not None and n > high):
            raise Failure("a number in a message is out of bounds", 23)
        return n

    def ints(self, *sizes):
        return [self.int(size) for size in sizes]

    def bool(self):
        return bool(self.int(1, 0, 1))

    def vec(self, size, low, high):
        return self.bytes(self.int(size, low, high))

    def vecs(self, low, high, bound=8192):
        return [self.vec(2, 1, bound) for _ in range(self.int(1, low, high))]

    def text(self, size, low, high):
        data = self.vec(size, low, high)
        try:
            if b"\0" not in data:
                return data.decode()
        except UnicodeDecodeError:
            pass
        raise Failure("a text in a message is none", 23)

    def end(self):
        if self.data:
            raise Failure("a message has bytes left over", 23)
