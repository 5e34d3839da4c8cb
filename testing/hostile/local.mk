# SPDX-License-Identifier: GPL-2.0-or-later
# Whether a stranger can tell which accounts there are.
if SERVER
if TESTS
check_PROGRAMS += testing/hostile/tell-apart
testing_hostile_tell_apart_SOURCES = \
	testing/hostile/tell-apart.c \
	testing/hostile/welch.c testing/hostile/welch.h \
	tests/server/world.c tests/server/world.h
testing_hostile_tell_apart_CPPFLAGS = $(TESTS_CPPFLAGS)
testing_hostile_tell_apart_CFLAGS = $(TESTS_CFLAGS)
testing_hostile_tell_apart_LDADD = libobolserver.la $(TESTS_LDADD) -lm
endif
endif
EXTRA_DIST += testing/hostile/run
