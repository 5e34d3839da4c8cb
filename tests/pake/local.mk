# SPDX-License-Identifier: GPL-2.0-or-later
check_PROGRAMS += tests/pake/test-pake
TESTS += tests/pake/test-pake
tests_pake_test_pake_SOURCES = \
	tests/pake/main.c \
	tests/pake/opaque_pair.c tests/pake/opaque_pair.h \
	tests/pake/test_cpace.c \
	tests/pake/test_kdf.c \
	tests/pake/test_ksf.c \
	tests/pake/test_opaque_hostile.c \
	tests/pake/test_opaque_login.c \
	tests/pake/test_opaque_registration.c \
	tests/pake/test_oprf.c \
	tests/support/bad_points.c tests/support/bad_points.h \
	tests/support/bad_tags.c tests/support/bad_tags.h \
	tests/support/points_p256.c tests/support/points_p256.h \
	tests/support/vector_suite.c tests/support/vector_suite.h
tests_pake_test_pake_CPPFLAGS = $(TESTS_CPPFLAGS)
tests_pake_test_pake_CFLAGS = $(TESTS_CFLAGS)
tests_pake_test_pake_LDADD = libtestvectors.la $(TESTS_LDADD)
