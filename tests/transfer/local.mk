# SPDX-License-Identifier: GPL-2.0-or-later
check_PROGRAMS += tests/transfer/test-transfer
TESTS += tests/transfer/test-transfer
tests_transfer_test_transfer_SOURCES = \
	tests/support/bad_points.c tests/support/bad_points.h \
	tests/support/points_p256.c tests/support/points_p256.h \
	tests/support/vector_file.c tests/support/vector_file.h \
	tests/transfer/main.c \
	tests/transfer/middle.c tests/transfer/middle.h \
	tests/transfer/pair.c tests/transfer/pair.h \
	tests/transfer/test_code.c \
	tests/transfer/test_message.c \
	tests/transfer/test_middle.c \
	tests/transfer/test_rules.c \
	tests/transfer/test_transfer.c \
	tests/transfer/test_vector.c
tests_transfer_test_transfer_CPPFLAGS = $(TESTS_CPPFLAGS)
tests_transfer_test_transfer_CFLAGS = $(TESTS_CFLAGS)
tests_transfer_test_transfer_LDADD = $(TESTS_LDADD) $(OPENSSL_LIBS)
