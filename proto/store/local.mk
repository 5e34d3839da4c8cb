# SPDX-License-Identifier: GPL-2.0-or-later
# The store's schema is numbered SQL files, compiled in.
OBOL_SCHEMA = proto/store/schema/0001-initial.sql \
	proto/store/schema/0002-life.sql \
	proto/store/schema/0003-anchors.sql \
	proto/store/schema/0004-revocation.sql \
	proto/store/schema/0005-enrolment.sql \
	proto/store/schema/0006-gone.sql

OBOL_SCHEMA_POSTGRESQL = \
	proto/store/schema/postgresql/0001-accounts.sql \
	proto/store/schema/postgresql/0002-certificates.sql \
	proto/store/schema/postgresql/0003-gone.sql

EXTRA_DIST += $(OBOL_SCHEMA) $(OBOL_SCHEMA_POSTGRESQL) \
	proto/store/schema/embed.awk
CLEANFILES += proto/store/schema_migrations.c proto/store/schema_postgresql.c

proto/store/schema_migrations.c: $(OBOL_SCHEMA) proto/store/schema/embed.awk
	$(AM_V_GEN)$(MKDIR_P) proto/store && \
	( cd $(top_srcdir) && $(AWK) -f proto/store/schema/embed.awk \
		-v name=obol_schema_migrations -v n_name=obol_schema_n_migrations \
		$(OBOL_SCHEMA) ) > $@.tmp && \
	mv $@.tmp $@

proto/store/schema_postgresql.c: $(OBOL_SCHEMA_POSTGRESQL) \
		proto/store/schema/embed.awk
	$(AM_V_GEN)$(MKDIR_P) proto/store && \
	( cd $(top_srcdir) && $(AWK) -f proto/store/schema/embed.awk \
		-v name=obol_schema_postgresql -v n_name=obol_schema_n_postgresql \
		$(OBOL_SCHEMA_POSTGRESQL) ) > $@.tmp && \
	mv $@.tmp $@

nodist_libobolserver_la_SOURCES = proto/store/schema_migrations.c
libobolserver_la_SOURCES += \
	proto/store/crl_entry.h \
	proto/store/schema.c proto/store/schema.h \
	proto/store/slot_sets.c proto/store/slot_sets.h \
	proto/store/sql.c proto/store/sql.h \
	proto/store/sql_sqlite.c proto/store/sql_sqlite.h \
	proto/store/store.c proto/store/store.h \
	proto/store/store_anchors.h \
	proto/store/store_enrol.h \
	proto/store/store_login.h \
	proto/store/store_figures.h \
	proto/store/store_gateway.h \
	proto/store/store_migrate.h \
	proto/store/store_open.c proto/store/store_open.h \
	proto/store/store_operator.h \
	proto/store/store_queue.c proto/store/store_queue.h \
	proto/store/store_revocation.h \
	proto/store/store_sql.c \
	proto/store/store_sql_account.c \
	proto/store/store_sql_anchors.c \
	proto/store/store_sql_audit.c \
	proto/store/store_sql_certificate.c \
	proto/store/store_sql_change.c \
	proto/store/store_sql_credential.c \
	proto/store/store_sql_crl.c \
	proto/store/store_sql_enrol.c \
	proto/store/store_sql_enrolment.c \
	proto/store/store_sql_figures.c \
	proto/store/store_sql_follow.c \
	proto/store/store_sql_gone.c \
	proto/store/store_sql_guess.c \
	proto/store/store_sql_login.c \
	proto/store/store_sql_operator.c \
	proto/store/store_sql_private.h \
	proto/store/store_sql_rekey.c \
	proto/store/store_sql_report.c \
	proto/store/store_sql_revocation.c \
	proto/store/store_sql_slot.c \
	proto/store/store_sql_verbs.c \
	proto/store/store_sqlite.c proto/store/store_sqlite.h \
	proto/store/store_sqlite_backup.c \
	proto/store/store_sqlite_count.c \
	proto/store/store_sqlite_group.c \
	proto/store/store_sqlite_private.h \
	proto/store/store_sqlite_restore.c

# The store in PostgreSQL, or its refusal.
if POSTGRESQL
nodist_libobolserver_la_SOURCES += proto/store/schema_postgresql.c
libobolserver_la_SOURCES += \
	proto/store/fiber.c proto/store/fiber.h \
	proto/store/sql_postgresql.c proto/store/sql_postgresql.h \
	proto/store/store_postgresql.c \
	proto/store/store_postgresql_count.c \
	proto/store/store_postgresql_group.c \
	proto/store/store_postgresql_link.c \
	proto/store/store_postgresql_migrate.c \
	proto/store/store_postgresql_pipeline.c \
	proto/store/store_postgresql_private.h \
	proto/store/store_postgresql_schema.c \
	proto/store/store_postgresql_target.c \
	proto/store/store_postgresql_task.c
else
libobolserver_la_SOURCES += proto/store/store_postgresql_none.c
endif
libobolserver_la_SOURCES += proto/store/store_postgresql.h
