# SPDX-License-Identifier: GPL-2.0-or-later
# Clients that remember what was acknowledged, and faults under their load.
if SERVER
check_PROGRAMS += testing/faults/clients
testing_programs += testing/faults/clients
testing_faults_clients_SOURCES = \
	testing/faults/acks.c testing/faults/acks.h \
	testing/faults/actions.c testing/faults/actions.h \
	testing/faults/check.c testing/faults/check.h \
	testing/faults/check_lists.c \
	testing/faults/clients.c \
	testing/faults/gaps.c testing/faults/gaps.h \
	testing/faults/load.c testing/faults/load.h \
	testing/faults/model.c testing/faults/model.h \
	testing/faults/stretch.c
testing_faults_clients_CPPFLAGS = $(ATTACKER_CPPFLAGS)
testing_faults_clients_LDADD = libobolserver.la libobolcore.la $(OPENSSL_LIBS)

check_LTLIBRARIES += testing/faults/step-clock.la
testing_programs += testing/faults/step-clock.la
testing_faults_step_clock_la_SOURCES = testing/faults/step_clock.c
testing_faults_step_clock_la_CPPFLAGS = $(AM_CPPFLAGS)
# to be preloaded, and never to be installed
testing_faults_step_clock_la_LDFLAGS = -module -avoid-version -shared \
	-rpath /nowhere
endif

EXTRA_DIST += testing/faults/run testing/faults/faults.sh \
	testing/faults/server.sh testing/faults/store-postgresql.sh \
	testing/faults/store-sqlite.sh
