# SPDX-License-Identifier: GPL-2.0-or-later
libobolserver_la_SOURCES += \
	proto/server/keys.c proto/server/keys.h
