# SPDX-License-Identifier: GPL-2.0-or-later
# What obold and obolctl share of this room.
libobolserver_la_SOURCES += \
	proto/daemon/config.c proto/daemon/config.h \
	proto/daemon/listen.c proto/daemon/listen.h
libobolserver_la_CPPFLAGS += $(CONFUSE_CFLAGS)
libobolserver_la_LIBADD += $(CONFUSE_LIBS)
