# SPDX-License-Identifier: GPL-2.0-or-later
check_PROGRAMS += tests/group/test-group
TESTS += tests/group/test-group
tests_group_test_group_SOURCES = \
	tests/group/main.c \
	tests/group/test_expand.c \
	tests/group/test_field.c \
	tests/group/test_hash_to_curve.c \
	tests/group/test_p256.c \
	tests/group/test_scalar.c \
	tests/support/bad_points.c tests/support/bad_points.h \
	tests/support/points_p256.c tests/support/points_p256.h \
	tests/support/vector_suite.c tests/support/vector_suite.h
tests_group_test_group_CPPFLAGS = $(TESTS_CPPFLAGS)
tests_group_test_group_CFLAGS = $(TESTS_CFLAGS)
tests_group_test_group_LDADD = libtestvectors.la $(TESTS_LDADD)
