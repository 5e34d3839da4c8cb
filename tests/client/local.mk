# SPDX-License-Identifier: GPL-2.0-or-later
if SERVER
check_PROGRAMS += tests/client/test-client
TESTS += tests/client/test-client
tests_client_test_client_SOURCES = \
	tests/exchange/fake_owner.c tests/exchange/fake_owner.h \
	tests/client/gateway.c tests/client/gateway.h \
	tests/client/main.c \
	tests/client/test_login.c
tests_client_test_client_CPPFLAGS = $(TESTS_CPPFLAGS)
tests_client_test_client_CFLAGS = $(TESTS_CFLAGS)
tests_client_test_client_LDADD = libtestsupport.la libobolserver.la $(CHECK_LIBS)
endif
