# SPDX-License-Identifier: GPL-2.0-or-later
if SERVER
check_PROGRAMS += tests/server/test-server
TESTS += tests/server/test-server
tests_server_test_server_SOURCES = \
	tests/server/enrol_fixture.c tests/server/enrol_fixture.h \
	tests/server/life.c tests/server/life.h \
	tests/server/main.c \
	tests/server/stranger.c tests/server/stranger.h \
	tests/server/test_anchors.c \
	tests/server/test_enrol.c \
	tests/server/test_crl.c \
	tests/server/test_follow.c \
	tests/server/test_issue.c \
	tests/server/test_keys.c \
	tests/server/test_log.c \
	tests/server/test_login.c \
	tests/server/test_login_get.c \
	tests/server/test_measure.c \
	tests/server/test_moves.c \
	tests/server/test_over_time.c \
	tests/server/test_request.c \
	tests/server/test_slot.c \
	tests/server/test_store_failure.c \
	tests/server/test_unknown_account.c \
	tests/server/world.c tests/server/world.h \
	tests/server/world_link.c tests/server/world_private.h
tests_server_test_server_CPPFLAGS = $(TESTS_CPPFLAGS) $(SQLITE_CFLAGS)
tests_server_test_server_CFLAGS = $(TESTS_CFLAGS)
tests_server_test_server_LDADD = libobolserver.la $(TESTS_LDADD) $(SQLITE_LIBS)
endif
