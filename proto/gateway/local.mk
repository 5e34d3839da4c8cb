# SPDX-License-Identifier: GPL-2.0-or-later
# obol-gateway, with strongSwan's libvici.
if GATEWAY
sbin_PROGRAMS += obol-gateway
obol_gateway_SOURCES = \
	proto/gateway/enrol.c proto/gateway/enrol.h \
	proto/gateway/files.c proto/gateway/files.h \
	proto/gateway/follower.c proto/gateway/follower.h \
	proto/gateway/limit.c proto/gateway/limit.h \
	proto/gateway/main.c \
	proto/gateway/pause.c proto/gateway/pause.h \
	proto/gateway/tunnels.c proto/gateway/tunnels.h \
	proto/gateway/vici.c proto/gateway/vici.h \
	proto/gateway/vici_message.c proto/gateway/vici_message.h
obol_gateway_CPPFLAGS = $(AM_CPPFLAGS) $(VICI_CFLAGS)
# libvici's functions take texts that they do not change as char *
obol_gateway_CFLAGS = $(AM_CFLAGS) -Wno-write-strings -pthread
obol_gateway_LDADD = libobolcli.la libobolcore.la $(VICI_LIBS) $(OPENSSL_LIBS)
dist_man_MANS += proto/gateway/obol-gateway.8
systemdsystemunit_DATA += proto/gateway/obol-gateway.service
CLEANFILES += proto/gateway/obol-gateway.service
endif
EXTRA_DIST += proto/gateway/obol-gateway.service.in

proto/gateway/obol-gateway.service: proto/gateway/obol-gateway.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) proto/gateway && \
	$(SED) -e 's|@sbindir[@]|$(sbindir)|g' \
		-e 's|@sysconfdir[@]|$(sysconfdir)|g' \
		-e 's|@localstatedir[@]|$(localstatedir)|g' \
		$(srcdir)/proto/gateway/obol-gateway.service.in > $@.tmp && mv $@.tmp $@
