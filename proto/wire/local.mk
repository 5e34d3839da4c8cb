# SPDX-License-Identifier: GPL-2.0-or-later
libobolcore_la_SOURCES += \
	proto/wire/account.c \
	proto/wire/anchors.c \
	proto/wire/credential.c \
	proto/wire/family.h \
	proto/wire/field.c proto/wire/field.h \
	proto/wire/follow.c proto/wire/follow.h \
	proto/wire/frame.c proto/wire/frame.h \
	proto/wire/history.c \
	proto/wire/info.c \
	proto/wire/issue.c \
	proto/wire/login.c proto/wire/login.h \
	proto/wire/registry.h \
	proto/wire/request.c proto/wire/request.h \
	proto/wire/room.c proto/wire/room.h \
	proto/wire/slot.c \
	proto/wire/words.c proto/wire/words.h
