# SPDX-License-Identifier: GPL-2.0-or-later
# The server's side stays out of libobol.
libobolserver_la_SOURCES += \
	proto/session/server_internal.h \
	proto/session/server_login.c \
	proto/session/server_permit.c \
	proto/session/server_request.c \
	proto/session/server_session.c proto/session/server_session.h
