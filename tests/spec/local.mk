# SPDX-License-Identifier: GPL-2.0-or-later
TESTS += \
	tests/spec/test-requirements \
	tests/spec/test-spec \
	tests/spec/test-vectors
EXTRA_DIST += \
	tests/spec/p256_oprf.py \
	tests/spec/requirement-ids.txt \
	tests/spec/test-requirements \
	tests/spec/test-spec \
	tests/spec/test-vectors

if TESTS
if SERVER
# "tests/spec/wire-vectors --write DIR" makes proto/spec/vectors anew.
check_PROGRAMS += tests/spec/wire-vectors
TESTS += tests/spec/wire-vectors
tests_spec_wire_vectors_SOURCES = \
	tests/spec/vector_activation.c \
	tests/spec/vector_chapters.c \
	tests/spec/vector_show.c tests/spec/vector_show.h \
	tests/spec/vector_story.h \
	tests/spec/vector_text.c tests/spec/vector_text.h \
	tests/spec/vector_user.c tests/spec/vector_user.h \
	tests/spec/vector_world.c tests/spec/vector_world.h \
	tests/spec/wire_vectors.c
tests_spec_wire_vectors_CPPFLAGS = $(TESTS_CPPFLAGS)
tests_spec_wire_vectors_CFLAGS = $(TESTS_CFLAGS)
tests_spec_wire_vectors_LDADD = libobolserver.la $(TESTS_LDADD)
endif
endif
