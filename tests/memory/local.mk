# SPDX-License-Identifier: GPL-2.0-or-later
# Allocations that fail. --wrap is what brings them to failing_malloc.c.
if SERVER
check_PROGRAMS += tests/memory/test-memory
TESTS += tests/memory/test-memory
tests_memory_test_memory_SOURCES = \
	tests/memory/fail_each.c tests/memory/fail_each.h \
	tests/memory/failing_malloc.c tests/memory/failing_malloc.h \
	tests/memory/main.c \
	tests/memory/test_anchors.c \
	tests/memory/test_exchange.c \
	tests/memory/test_seal.c \
	tests/memory/test_store.c \
	tests/memory/test_transfer.c \
	tests/server/world.c tests/server/world.h \
	tests/server/world_link.c tests/server/world_private.h
tests_memory_test_memory_CPPFLAGS = $(TESTS_CPPFLAGS) $(SQLITE_CFLAGS)
tests_memory_test_memory_CFLAGS = $(TESTS_CFLAGS)
tests_memory_test_memory_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc \
	-Wl,--wrap=calloc -Wl,--wrap=realloc -Wl,--wrap=strdup -Wl,--wrap=free
tests_memory_test_memory_LDADD = libobolserver.la $(TESTS_LDADD) $(SQLITE_LIBS)
endif
