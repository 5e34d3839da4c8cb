# SPDX-License-Identifier: GPL-2.0-or-later
# Constant time, with valgrind, in a tree configured with --enable-ct-check.
if CT_CHECK
check_PROGRAMS += tests/ct/ct-run
TESTS += tests/ct/test-ct
tests_ct_ct_run_SOURCES = \
	tests/ct/ct.h \
	tests/ct/ct_group.c \
	tests/ct/ct_pake.c \
	tests/ct/ct_run.c \
	tests/ct/ct_seal.c \
	tests/ct/ct_transfer.c
tests_ct_ct_run_CPPFLAGS = $(TESTS_CPPFLAGS)
tests_ct_ct_run_CFLAGS = $(TESTS_CFLAGS)
tests_ct_ct_run_LDADD = libobolcore.la
endif
EXTRA_DIST += \
	tests/ct/openssl.supp \
	tests/ct/test-ct
