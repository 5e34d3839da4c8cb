# SPDX-License-Identifier: GPL-2.0-or-later
# Whether a stranger can tell which accounts there are.
if SERVER
if TESTS
check_PROGRAMS += testing/hostile/tell-apart
testing_hostile_tell_apart_SOURCES = \
	testing/hostile/tell-apart.c \
	testing/hostile/trial.c testing/hostile/trial.h \
	testing/hostile/trial_postgresql.c \
	testing/hostile/welch.c testing/hostile/welch.h \
	tests/server/world.c tests/server/world.h \
	tests/server/world_link.c tests/server/world_private.h
testing_hostile_tell_apart_CPPFLAGS = $(TESTS_CPPFLAGS)
if POSTGRESQL
testing_hostile_tell_apart_SOURCES += \
	tests/support/postgresql.c tests/support/postgresql.h
testing_hostile_tell_apart_CPPFLAGS += -DTEST_POSTGRESQL $(POSTGRESQL_CFLAGS)
endif
testing_hostile_tell_apart_CFLAGS = $(TESTS_CFLAGS)
testing_hostile_tell_apart_LDADD = libobolserver.la $(TESTS_LDADD) \
	$(POSTGRESQL_LIBS) -lm
endif
endif
# Floods, and the morning after an outage.
if SERVER
check_PROGRAMS += testing/hostile/attack testing/hostile/full \
	testing/hostile/users
testing_programs += testing/hostile/attack testing/hostile/full \
	testing/hostile/users
testing_hostile_full_SOURCES = testing/hostile/full.c \
	testing/hostile/networks.c testing/hostile/networks.h \
	testing/bench/load-account.c testing/bench/load-account.h \
	testing/bench/load-clients.c testing/bench/load-clients.h
testing_hostile_full_CPPFLAGS = $(ATTACKER_CPPFLAGS)
testing_hostile_full_LDADD = libobolcore.la -lm
testing_hostile_attack_SOURCES = testing/hostile/attack.c \
	testing/hostile/networks.c testing/hostile/networks.h \
	testing/bench/load-account.c testing/bench/load-account.h
testing_hostile_attack_CPPFLAGS = $(ATTACKER_CPPFLAGS)
testing_hostile_attack_LDADD = libobolcore.la $(OPENSSL_LIBS)
testing_hostile_users_SOURCES = testing/hostile/users.c \
	testing/hostile/networks.c testing/hostile/networks.h \
	testing/bench/load-account.c testing/bench/load-account.h \
	testing/bench/load-clients.c testing/bench/load-clients.h
testing_hostile_users_CPPFLAGS = $(ATTACKER_CPPFLAGS)
testing_hostile_users_LDADD = libobolcore.la -lm
endif
EXTRA_DIST += testing/hostile/flood testing/hostile/full-house \
	testing/hostile/lib.sh \
	testing/hostile/morning testing/hostile/run
