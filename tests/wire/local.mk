# SPDX-License-Identifier: GPL-2.0-or-later
check_PROGRAMS += tests/wire/test-wire
TESTS += tests/wire/test-wire
tests_wire_test_wire_SOURCES = \
	tests/wire/layout.c tests/wire/layout.h \
	tests/wire/main.c \
	tests/wire/test_bounds.c \
	tests/wire/test_frame.c \
	tests/wire/test_login.c \
	tests/wire/test_request.c \
	tests/wire/test_words.c
tests_wire_test_wire_CPPFLAGS = $(TESTS_CPPFLAGS)
tests_wire_test_wire_CFLAGS = $(TESTS_CFLAGS)
tests_wire_test_wire_LDADD = $(TESTS_LDADD)
