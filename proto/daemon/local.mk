# SPDX-License-Identifier: GPL-2.0-or-later
# What obold and obolctl share of this room.
libobolserver_la_SOURCES += \
	proto/daemon/config.c proto/daemon/config.h \
	proto/daemon/config_ca.c proto/daemon/config_ca.h \
	proto/daemon/config_enrolment.c proto/daemon/config_enrolment.h \
	proto/daemon/config_relay.c proto/daemon/config_relay.h \
	proto/daemon/config_comments.c proto/daemon/config_comments.h \
	proto/daemon/config_control.c proto/daemon/config_control.h \
	proto/daemon/config_crl.c proto/daemon/config_crl.h \
	proto/daemon/config_database.c proto/daemon/config_database.h \
	proto/daemon/config_limits.c proto/daemon/config_limits.h \
	proto/daemon/config_metrics.c proto/daemon/config_metrics.h \
	proto/daemon/config_processes.c proto/daemon/config_processes.h \
	proto/daemon/config_signer.c \
	proto/daemon/control_link.c proto/daemon/control_link.h \
	proto/daemon/control_link_private.h \
	proto/daemon/control_store.c \
	proto/daemon/control_wire.c proto/daemon/control_wire.h \
	proto/daemon/listen.c proto/daemon/listen.h \
	proto/daemon/signer_pin.c proto/daemon/signer_pin.h
libobolserver_la_CPPFLAGS += $(CONFUSE_CFLAGS)
libobolserver_la_LIBADD += $(CONFUSE_LIBS)

# What obold's tests link too.
noinst_LTLIBRARIES += libobold.la
libobold_la_SOURCES = \
	proto/daemon/admission.c proto/daemon/admission.h \
	proto/daemon/assets.c proto/daemon/assets.h \
	proto/daemon/board.c proto/daemon/board.h \
	proto/daemon/control_serve.c proto/daemon/control_serve.h \
	proto/daemon/health.c proto/daemon/health.h \
	proto/daemon/hello.c proto/daemon/hello.h \
	proto/daemon/journal.c proto/daemon/journal.h \
	proto/daemon/keeper.c proto/daemon/keeper.h \
	proto/daemon/keeper_link.c proto/daemon/keeper_link.h \
	proto/daemon/keeper_table.c proto/daemon/keeper_table.h \
	proto/daemon/keeper_wire.c proto/daemon/keeper_wire.h \
	proto/daemon/log_repeat.c proto/daemon/log_repeat.h \
	proto/daemon/lookup.c proto/daemon/lookup.h \
	proto/daemon/privileges.c proto/daemon/privileges.h \
	proto/daemon/sandbox.c proto/daemon/sandbox.h \
	proto/daemon/sandbox_calls.c \
	proto/daemon/sandbox_database.c proto/daemon/sandbox_database.h \
	proto/daemon/sandbox_landlock.c \
	proto/daemon/server_tls.c proto/daemon/server_tls.h \
	proto/daemon/signer.c proto/daemon/signer.h \
	proto/daemon/signer_audit.c proto/daemon/signer_audit.h \
	proto/daemon/signer_channel.c proto/daemon/signer_channel.h \
	proto/daemon/signer_core.c proto/daemon/signer_core.h \
	proto/daemon/signer_guests.c proto/daemon/signer_guests.h \
	proto/daemon/signer_link.c proto/daemon/signer_link.h \
	proto/daemon/signer_rules.c proto/daemon/signer_rules.h \
	proto/daemon/signer_proxy.c proto/daemon/signer_proxy.h \
	proto/daemon/signer_proxy_link.c proto/daemon/signer_proxy_private.h \
	proto/daemon/signer_server.c proto/daemon/signer_server.h \
	proto/daemon/signer_target.c proto/daemon/signer_target.h \
	proto/daemon/signer_tls.c proto/daemon/signer_tls.h \
	proto/daemon/signer_wire.c proto/daemon/signer_wire.h \
	proto/daemon/source_count.c proto/daemon/source_count.h
if INSTRUMENTED
libobold_la_SOURCES += proto/daemon/sandbox_instrumented.c
else
libobold_la_SOURCES += proto/daemon/sandbox_plain.c
endif
libobold_la_CPPFLAGS = $(AM_CPPFLAGS) $(SECCOMP_CFLAGS)
libobold_la_LIBADD = libobolserver.la $(SECCOMP_LIBS)

sbin_PROGRAMS += proto/daemon/obold
proto_daemon_obold_SOURCES = \
	proto/daemon/control.c proto/daemon/control.h \
	proto/daemon/control_socket.c proto/daemon/control_socket.h \
	proto/daemon/crew.c proto/daemon/crew.h \
	proto/daemon/crew_identities.c \
	proto/daemon/daemon_log.c proto/daemon/daemon_log.h \
	proto/daemon/figures.c proto/daemon/figures.h \
	proto/daemon/heap.c proto/daemon/heap.h \
	proto/daemon/greeting.c proto/daemon/greeting.h \
	proto/daemon/http.c proto/daemon/http.h \
	proto/daemon/http_bounds.c proto/daemon/http_bounds.h \
	proto/daemon/listeners.c proto/daemon/listeners.h \
	proto/daemon/main.c \
	proto/daemon/monitor.c proto/daemon/monitor.h \
	proto/daemon/pair.c proto/daemon/pair.h \
	proto/daemon/parent.c proto/daemon/parent.h \
	proto/daemon/parent_signals.c proto/daemon/parent_signals.h \
	proto/daemon/peer.c proto/daemon/peer.h \
	proto/daemon/peer_held.c proto/daemon/peer_private.h \
	proto/daemon/pid_file.c proto/daemon/pid_file.h \
	proto/daemon/publisher.c proto/daemon/publisher.h \
	proto/daemon/relay.c proto/daemon/relay.h \
	proto/daemon/relay_child.c proto/daemon/relay_child.h \
	proto/daemon/relay_main.c \
	proto/daemon/relay_room.c proto/daemon/relay_room.h \
	proto/daemon/signer_start.c proto/daemon/signer_start.h \
	proto/daemon/worker.c proto/daemon/worker.h
proto_daemon_obold_CPPFLAGS = $(AM_CPPFLAGS) $(EVENT_CFLAGS) $(SYSTEMD_CFLAGS)
proto_daemon_obold_LDADD = libobold.la libobolserver.la $(EVENT_LIBS) $(SYSTEMD_LIBS)

sbin_PROGRAMS += proto/daemon/obol-signer
proto_daemon_obol_signer_SOURCES = \
	proto/daemon/daemon_log.c proto/daemon/daemon_log.h \
	proto/daemon/heap.c proto/daemon/heap.h \
	proto/daemon/listeners.c proto/daemon/listeners.h \
	proto/daemon/parent_signals.c proto/daemon/parent_signals.h \
	proto/daemon/signer_main.c \
	proto/daemon/signer_parent.c proto/daemon/signer_parent.h
proto_daemon_obol_signer_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
proto_daemon_obol_signer_LDADD = libobold.la libobolserver.la $(SYSTEMD_LIBS)

dist_man_MANS += proto/daemon/obold.8 proto/daemon/obold.conf.5 \
	proto/daemon/obol-signer.8 proto/daemon/obold-metrics.7

obolsharedir = $(datadir)/obol
dist_obolshare_DATA = proto/daemon/obold-alerts.yml \
	proto/daemon/obold-dashboard.json

obolexampledir = $(docdir)/examples
dist_obolexample_DATA = proto/daemon/obold.conf

systemdsystemunit_DATA += proto/daemon/obold.service \
	proto/daemon/obol-signer.service
sysusersdir = $(prefix)/lib/sysusers.d
sysusers_DATA = proto/daemon/obol.conf
tmpfilesdir = $(prefix)/lib/tmpfiles.d
tmpfiles_DATA = proto/daemon/tmpfiles/obol.conf
EXTRA_DIST += proto/daemon/obold.service.in proto/daemon/obol.sysusers \
	proto/daemon/obol-signer.service.in \
	proto/daemon/obol.tmpfiles.in
CLEANFILES += proto/daemon/obold.service proto/daemon/obol.conf \
	proto/daemon/obol-signer.service \
	proto/daemon/tmpfiles/obol.conf

OBOL_PATHS = $(SED) -e 's|@sbindir[@]|$(sbindir)|g' \
	-e 's|@sysconfdir[@]|$(sysconfdir)|g' \
	-e 's|@localstatedir[@]|$(localstatedir)|g'

proto/daemon/obold.service: proto/daemon/obold.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) proto/daemon && \
	$(OBOL_PATHS) $(srcdir)/proto/daemon/obold.service.in > $@.tmp && mv $@.tmp $@
proto/daemon/obol-signer.service: proto/daemon/obol-signer.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) proto/daemon && \
	$(OBOL_PATHS) $(srcdir)/proto/daemon/obol-signer.service.in > $@.tmp && mv $@.tmp $@
proto/daemon/tmpfiles/obol.conf: proto/daemon/obol.tmpfiles.in Makefile
	$(AM_V_GEN)$(MKDIR_P) proto/daemon/tmpfiles && \
	$(OBOL_PATHS) $(srcdir)/proto/daemon/obol.tmpfiles.in > $@.tmp && mv $@.tmp $@
proto/daemon/obol.conf: proto/daemon/obol.sysusers
	$(AM_V_GEN)$(MKDIR_P) proto/daemon && \
	cp $(srcdir)/proto/daemon/obol.sysusers $@
