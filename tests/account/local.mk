# SPDX-License-Identifier: GPL-2.0-or-later
if SERVER
check_PROGRAMS += tests/account/test-account
TESTS += tests/account/test-account
tests_account_test_account_SOURCES = \
	tests/account/main.c \
	tests/account/test_ceiling.c \
	tests/account/test_guess_limit.c \
	tests/account/test_name_pattern.c \
	tests/account/test_source_limit.c
tests_account_test_account_CPPFLAGS = $(TESTS_CPPFLAGS)
tests_account_test_account_CFLAGS = $(TESTS_CFLAGS)
tests_account_test_account_LDADD = libobolserver.la $(TESTS_LDADD)
endif
