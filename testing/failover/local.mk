# SPDX-License-Identifier: GPL-2.0-or-later
# obolds of versions that there are not yet: this one's objects, with further
# steps of the database's schema. The program's own table comes before that of
# the library.
if POSTGRESQL
OBOL_SCHEMA_NEWER = $(OBOL_SCHEMA_POSTGRESQL) \
	testing/failover/schema/additive.sql
OBOL_SCHEMA_BREAKING = $(OBOL_SCHEMA_NEWER) \
	testing/failover/schema/breaking.sql

check_PROGRAMS += testing/failover/obold-newer testing/failover/obold-breaking
testing_programs += testing/failover/obold-newer testing/failover/obold-breaking
CLEANFILES += testing/failover/schema_newer.c testing/failover/schema_breaking.c

testing/failover/schema_newer.c: $(OBOL_SCHEMA_NEWER) \
		proto/store/schema/embed.awk
	$(AM_V_GEN)$(MKDIR_P) testing/failover && \
	( cd $(top_srcdir) && $(AWK) -f proto/store/schema/embed.awk \
		-v name=obol_schema_postgresql -v n_name=obol_schema_n_postgresql \
		$(OBOL_SCHEMA_NEWER) ) > $@.tmp && \
	mv $@.tmp $@

testing/failover/schema_breaking.c: $(OBOL_SCHEMA_BREAKING) \
		proto/store/schema/embed.awk
	$(AM_V_GEN)$(MKDIR_P) testing/failover && \
	( cd $(top_srcdir) && $(AWK) -f proto/store/schema/embed.awk \
		-v name=obol_schema_postgresql -v n_name=obol_schema_n_postgresql \
		$(OBOL_SCHEMA_BREAKING) ) > $@.tmp && \
	mv $@.tmp $@

nodist_testing_failover_obold_newer_SOURCES = testing/failover/schema_newer.c
testing_failover_obold_newer_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
testing_failover_obold_newer_LDADD = $(proto_daemon_obold_OBJECTS) \
	$(proto_daemon_obold_LDADD)

nodist_testing_failover_obold_breaking_SOURCES = \
	testing/failover/schema_breaking.c
testing_failover_obold_breaking_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
testing_failover_obold_breaking_LDADD = $(proto_daemon_obold_OBJECTS) \
	$(proto_daemon_obold_LDADD)
endif

EXTRA_DIST += \
	testing/failover/cluster.sh \
	testing/failover/run \
	testing/failover/schema/additive.sql \
	testing/failover/schema/breaking.sql \
	testing/failover/upgrade
