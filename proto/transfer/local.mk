# SPDX-License-Identifier: GPL-2.0-or-later
libobolcore_la_SOURCES += \
	proto/transfer/code.c proto/transfer/code.h \
	proto/transfer/digits.c proto/transfer/digits.h \
	proto/transfer/handshake.c \
	proto/transfer/link.c proto/transfer/link.h \
	proto/transfer/machine.c proto/transfer/machine.h \
	proto/transfer/message.c proto/transfer/message.h \
	proto/transfer/package.c \
	proto/transfer/record.c proto/transfer/record.h
