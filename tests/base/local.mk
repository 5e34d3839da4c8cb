# SPDX-License-Identifier: GPL-2.0-or-later
check_PROGRAMS += tests/base/test-base
TESTS += tests/base/test-base
tests_base_test_base_SOURCES = \
	tests/base/main.c \
	tests/base/test_ct.c \
	tests/base/test_file.c \
	tests/base/test_log.c \
	tests/base/test_normalize.c \
	tests/base/test_precis.c \
	tests/base/test_reader.c \
	tests/base/test_secret.c \
	tests/base/test_standard_io.c \
	tests/base/test_writer.c
tests_base_test_base_CPPFLAGS = $(TESTS_CPPFLAGS)
tests_base_test_base_CFLAGS = $(TESTS_CFLAGS)
tests_base_test_base_LDADD = $(TESTS_LDADD) $(UNISTRING_LIBS)
