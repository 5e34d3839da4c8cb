# SPDX-License-Identifier: GPL-2.0-or-later
if SERVER
check_PROGRAMS += tests/daemon/test-daemon
TESTS += tests/daemon/test-daemon
tests_daemon_test_daemon_SOURCES = \
	proto/daemon/http_bounds.c \
	proto/daemon/relay_room.c \
	tests/daemon/far_signer.c tests/daemon/far_signer.h \
	tests/daemon/guest.c tests/daemon/guest.h \
	tests/daemon/main.c \
	tests/daemon/running.c tests/daemon/running.h \
	tests/daemon/signer_fixture.c tests/daemon/signer_fixture.h \
	tests/daemon/test_admission.c \
	tests/daemon/test_assets.c \
	tests/daemon/test_board.c \
	tests/daemon/test_config.c \
	tests/daemon/test_control.c \
	tests/daemon/test_control_serve.c \
	tests/daemon/test_guesses.c \
	tests/daemon/test_hello.c \
	tests/daemon/test_http_bounds.c \
	tests/daemon/test_journal.c \
	tests/daemon/test_keeper.c \
	tests/daemon/test_keeper_link.c \
	tests/daemon/test_listen.c \
	tests/daemon/test_log_repeat.c \
	tests/daemon/test_memory.c \
	tests/daemon/test_monitor.c \
	tests/daemon/test_obold.c \
	tests/daemon/test_obold_peer.c \
	tests/daemon/test_obold_stop.c \
	tests/daemon/test_publisher.c \
	tests/daemon/test_sandbox.c \
	tests/daemon/test_relay.c \
	tests/daemon/test_relay_process.c \
	tests/daemon/test_relay_room.c \
	tests/daemon/test_signer.c \
	tests/daemon/test_signer_guests.c \
	tests/daemon/test_signer_reload.c \
	tests/daemon/test_signer_server.c \
	tests/daemon/test_signer_taken.c \
	tests/daemon/test_signer_token.c \
	tests/daemon/test_users.c \
	tests/server/world.c tests/server/world.h \
	tests/server/world_link.c tests/server/world_private.h \
	tests/support/exposition.c tests/support/exposition.h
tests_daemon_test_daemon_CPPFLAGS = $(TESTS_CPPFLAGS) $(SQLITE_CFLAGS) \
	$(EVENT_CFLAGS) \
	-DOBOLD='"$(abs_top_builddir)/proto/daemon/obold"' \
	-DOBOL_SIGNER='"$(abs_top_builddir)/proto/daemon/obol-signer"'
tests_daemon_test_daemon_CFLAGS = $(TESTS_CFLAGS)
tests_daemon_test_daemon_LDADD = libtestsupport.la libobold.la \
	libobolserver.la \
	$(CHECK_LIBS) $(SQLITE_LIBS) $(EVENT_LIBS)
endif
