# SPDX-License-Identifier: GPL-2.0-or-later
check_PROGRAMS += tests/token/test-token
TESTS += tests/token/test-token
tests_token_test_token_SOURCES = \
	tests/token/main.c \
	tests/token/test_pkcs11.c \
	tests/token/test_refused.c \
	tests/token/token_fixture.c tests/token/token_fixture.h
tests_token_test_token_CPPFLAGS = $(TESTS_CPPFLAGS) $(P11KIT_CFLAGS)
tests_token_test_token_CFLAGS = $(TESTS_CFLAGS)
tests_token_test_token_LDADD = liboboltoken.la $(TESTS_LDADD) $(P11KIT_LIBS) \
	$(OPENSSL_LIBS)
