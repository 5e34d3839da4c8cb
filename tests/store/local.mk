# SPDX-License-Identifier: GPL-2.0-or-later
if SERVER
check_PROGRAMS += tests/store/test-store
TESTS += tests/store/test-store
tests_store_test_store_SOURCES = \
	tests/store/backends.c tests/store/backends.h \
	tests/store/fixture.c tests/store/fixture.h \
	tests/store/main.c \
	tests/store/test_login.c
tests_store_test_store_CPPFLAGS = $(TESTS_CPPFLAGS) $(SQLITE_CFLAGS)
tests_store_test_store_CFLAGS = $(TESTS_CFLAGS)
tests_store_test_store_LDADD = libobolserver.la $(TESTS_LDADD) $(SQLITE_LIBS)
endif
