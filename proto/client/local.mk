# SPDX-License-Identifier: GPL-2.0-or-later
libobolcore_la_SOURCES += \
	proto/client/anchors.c proto/client/anchors.h \
	proto/client/client.c proto/client/internal.h \
	proto/client/credentials.c \
	proto/client/device_file.c \
	proto/client/enrol.c \
	proto/client/error.c proto/client/error.h \
	proto/client/exchange.c \
	proto/client/fail_over.c proto/client/fail_over.h \
	proto/client/fetch.c \
	proto/client/follow.c proto/client/follow.h \
	proto/client/history.c \
	proto/client/issue.c \
	proto/client/key_request.c proto/client/key_request.h \
	proto/client/lines.c proto/client/lines.h \
	proto/client/login.c \
	proto/client/obtain.c \
	proto/client/register.c \
	proto/client/rekey.c \
	proto/client/slots.c \
	proto/client/state_file.c proto/client/state_file.h
