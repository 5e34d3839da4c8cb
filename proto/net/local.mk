# SPDX-License-Identifier: GPL-2.0-or-later
libobolcore_la_SOURCES += \
	proto/net/address.c proto/net/address.h \
	proto/net/candidates.c proto/net/candidates.h \
	proto/net/connect.c proto/net/connect.h \
	proto/net/resolve.c proto/net/resolve.h \
	proto/net/runner.c proto/net/runner.h \
	proto/net/srv.c proto/net/srv.h \
	proto/net/srv_query.c proto/net/srv_query.h \
	proto/net/srv_tcp.c proto/net/srv_tcp.h \
	proto/net/stream.c proto/net/stream.h \
	proto/net/targets.c proto/net/targets.h \
	proto/net/tls.c proto/net/tls.h \
	proto/net/tls_context.c proto/net/tls_context.h \
	proto/net/wait.c proto/net/wait.h
