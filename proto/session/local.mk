# SPDX-License-Identifier: GPL-2.0-or-later
libobolcore_la_SOURCES += \
	proto/session/client_internal.h \
	proto/session/client_login.c \
	proto/session/client_request.c \
	proto/session/client_session.c proto/session/client_session.h \
	proto/session/inbox.c proto/session/inbox.h \
	proto/session/outbox.c proto/session/outbox.h
