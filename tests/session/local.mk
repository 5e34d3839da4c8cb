# SPDX-License-Identifier: GPL-2.0-or-later
if SERVER
check_PROGRAMS += tests/session/test-session
TESTS += tests/session/test-session
tests_session_test_session_SOURCES = $(exchange_sources) \
	tests/session/frames.c tests/session/frames.h \
	tests/session/main.c \
	tests/session/test_boxes.c \
	tests/session/test_client_session.c \
	tests/session/test_server_bounds.c \
	tests/session/test_server_session.c \
	tests/wire/layout.c tests/wire/layout.h
tests_session_test_session_CPPFLAGS = $(TESTS_CPPFLAGS)
tests_session_test_session_CFLAGS = $(TESTS_CFLAGS)
tests_session_test_session_LDADD = libtestsupport.la libobolserver.la $(CHECK_LIBS)
endif
