# SPDX-License-Identifier: GPL-2.0-or-later
# Published test vectors, and the program that runs files of them. It needs no
# Check, so it is built everywhere.
TEST_VECTORS = \
	tests/vectors/cpace-p256.txt \
	tests/vectors/expand-message-xmd-sha256-long-dst.txt \
	tests/vectors/expand-message-xmd-sha256-short-dst.txt \
	tests/vectors/hash-to-curve-p256-nu.txt \
	tests/vectors/hash-to-curve-p256-ro.txt \
	tests/vectors/opaque-3dh-p256-sha256.txt \
	tests/vectors/oprf-p256-sha256.txt
EXTRA_DIST += $(TEST_VECTORS) tests/vectors/make-points-p256

VECTORS_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests

noinst_LTLIBRARIES += libtestvectors.la
libtestvectors_la_SOURCES = \
	tests/support/hex.c tests/support/hex.h \
	tests/support/scripted_rng.c tests/support/scripted_rng.h \
	tests/support/vector_check.c tests/support/vector_check.h \
	tests/support/vector_cpace.c \
	tests/support/vector_file.c tests/support/vector_file.h \
	tests/support/vector_group.c \
	tests/support/vector_opaque.c \
	tests/support/vector_oprf.c
libtestvectors_la_CPPFLAGS = $(VECTORS_CPPFLAGS)
libtestvectors_la_LIBADD = libobolcore.la

noinst_PROGRAMS += tests/vectors-run
tests_vectors_run_SOURCES = tests/vectors/vectors_run.c
tests_vectors_run_CPPFLAGS = $(VECTORS_CPPFLAGS)
tests_vectors_run_LDADD = libtestvectors.la

TESTS += tests/vectors/test-points-p256 tests/vectors/test-vectors-run.sh
EXTRA_DIST += tests/vectors/test-points-p256 tests/vectors/test-vectors-run.sh
