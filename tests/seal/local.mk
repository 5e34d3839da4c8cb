# SPDX-License-Identifier: GPL-2.0-or-later
check_PROGRAMS += tests/seal/test-seal
TESTS += tests/seal/test-seal
tests_seal_test_seal_SOURCES = \
	tests/seal/gcm_collision.c tests/seal/gcm_collision.h \
	tests/seal/main.c \
	tests/seal/test_aead.c \
	tests/seal/test_anchors_body.c \
	tests/seal/test_bundle.c \
	tests/seal/test_bundle_check.c \
	tests/seal/test_code.c \
	tests/seal/test_sealed_credential.c \
	tests/seal/test_slot_wrap.c \
	tests/support/bad_tags.c tests/support/bad_tags.h
tests_seal_test_seal_CPPFLAGS = $(TESTS_CPPFLAGS)
tests_seal_test_seal_CFLAGS = $(TESTS_CFLAGS)
tests_seal_test_seal_LDADD = $(TESTS_LDADD) $(OPENSSL_LIBS)
