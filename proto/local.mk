# SPDX-License-Identifier: GPL-2.0-or-later
# libobolcore: all that client and server share, and the client.
# libobol: the same as a shared library that exports its public functions.
# liboboltoken: keys in PKCS#11 tokens, for tools, plugin and server.
# libobolserver: what the server alone has.

obolincludedir = $(includedir)/obol
obolinclude_HEADERS = \
	proto/include/obol/anchors.h \
	proto/include/obol/bundle.h \
	proto/include/obol/client.h \
	proto/include/obol/device.h \
	proto/include/obol/error.h \
	proto/include/obol/secret.h \
	proto/include/obol/status.h \
	proto/include/obol/token.h \
	proto/include/obol/transfer.h

pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = proto/libobol.pc

noinst_LTLIBRARIES += libobolcore.la
libobolcore_la_SOURCES = $(obolinclude_HEADERS)
libobolcore_la_LIBADD = $(OPENSSL_LIBS) $(GMP_LIBS) $(UNISTRING_LIBS)

lib_LTLIBRARIES += libobol.la
libobol_la_SOURCES =
libobol_la_LIBADD = libobolcore.la
# nodelete: a name lookup that was given up may still run in its thread when
# the program has unloaded what needed the library
libobol_la_LDFLAGS = $(AM_LDFLAGS) -version-info 0:0:0 -no-undefined \
	-Wl,-z,nodelete \
	-export-symbols-regex '^obol_'

# the loader finds what is in /usr/local/lib by its cache alone; in DESTDIR, or
# without the right to renew it, there is none of ours
install-exec-hook:
	test -n "$(DESTDIR)" || PATH="$$PATH:/sbin" ldconfig 2>/dev/null || :

include proto/base/local.mk
include proto/group/local.mk
include proto/pake/local.mk
include proto/seal/local.mk
include proto/wire/local.mk
include proto/session/local.mk
include proto/net/local.mk
include proto/client/local.mk
include proto/transfer/local.mk
include proto/token/local.mk

if SERVER
noinst_LTLIBRARIES += libobolserver.la
libobolserver_la_SOURCES =
libobolserver_la_LIBADD = libobolcore.la $(SQLITE_LIBS) $(POSTGRESQL_LIBS)
libobolserver_la_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS) \
	$(POSTGRESQL_CFLAGS)

include proto/session/server.mk
include proto/metrics/local.mk
include proto/store/local.mk
include proto/account/local.mk
include proto/issue/local.mk
include proto/server/local.mk
include proto/daemon/local.mk
endif

include proto/tools/local.mk
include proto/gateway/local.mk
include proto/spec/local.mk
