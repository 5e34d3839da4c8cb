# SPDX-License-Identifier: GPL-2.0-or-later
# What obold and obolctl share of this room.
libobolserver_la_SOURCES += \
	proto/daemon/config.c proto/daemon/config.h \
	proto/daemon/listen.c proto/daemon/listen.h
libobolserver_la_CPPFLAGS += $(CONFUSE_CFLAGS)
libobolserver_la_LIBADD += $(CONFUSE_LIBS)

sbin_PROGRAMS += proto/daemon/obold
proto_daemon_obold_SOURCES = \
	proto/daemon/assets.c proto/daemon/assets.h \
	proto/daemon/crew.c proto/daemon/crew.h \
	proto/daemon/daemon_log.c proto/daemon/daemon_log.h \
	proto/daemon/main.c \
	proto/daemon/parent.c proto/daemon/parent.h \
	proto/daemon/peer.c proto/daemon/peer.h \
	proto/daemon/privileges.c proto/daemon/privileges.h \
	proto/daemon/server_tls.c proto/daemon/server_tls.h \
	proto/daemon/source_count.c proto/daemon/source_count.h \
	proto/daemon/worker.c proto/daemon/worker.h
proto_daemon_obold_CPPFLAGS = $(AM_CPPFLAGS) $(EVENT_CFLAGS) $(SYSTEMD_CFLAGS)
proto_daemon_obold_LDADD = libobolserver.la $(EVENT_LIBS) $(SYSTEMD_LIBS)
