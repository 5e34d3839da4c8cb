# SPDX-License-Identifier: GPL-2.0-or-later
# A client's and a server's session, and the wire between them.
exchange_sources = \
	tests/exchange/exchange.c tests/exchange/exchange.h \
	tests/exchange/fake_owner.c tests/exchange/fake_owner.h \
	tests/exchange/fake_owner_private.h \
	tests/exchange/fake_owner_request.c
if SERVER
check_PROGRAMS += tests/exchange/test-exchange
TESTS += tests/exchange/test-exchange
tests_exchange_test_exchange_SOURCES = $(exchange_sources) \
	tests/exchange/main.c \
	tests/exchange/test_impostor.c \
	tests/exchange/test_login.c \
	tests/exchange/test_request.c \
	tests/exchange/test_slot.c
tests_exchange_test_exchange_CPPFLAGS = $(TESTS_CPPFLAGS)
tests_exchange_test_exchange_CFLAGS = $(TESTS_CFLAGS)
tests_exchange_test_exchange_LDADD = libtestsupport.la libobolserver.la $(CHECK_LIBS)
endif
