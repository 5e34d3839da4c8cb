# SPDX-License-Identifier: GPL-2.0-or-later
libobolserver_la_SOURCES += \
	proto/server/account.c \
	proto/server/activation.c proto/server/activation.h \
	proto/server/anchors.c \
	proto/server/connection.c \
	proto/server/credential.c \
	proto/server/enrol.c \
	proto/server/crl.c proto/server/crl.h \
	proto/server/follow.c \
	proto/server/handler.c proto/server/handler.h \
	proto/server/issue.c \
	proto/server/key_file.c proto/server/key_file.h \
	proto/server/keys.c proto/server/keys.h \
	proto/server/login.c \
	proto/server/measure.c \
	proto/server/operator.c proto/server/operator.h \
	proto/server/rekey.c \
	proto/server/server.c proto/server/server.h \
	proto/server/slot.c proto/server/slot.h \
	proto/server/unknown_account.c proto/server/unknown_account.h
