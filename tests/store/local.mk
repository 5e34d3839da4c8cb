# SPDX-License-Identifier: GPL-2.0-or-later
if SERVER
check_PROGRAMS += tests/store/test-store
TESTS += tests/store/test-store
tests_store_test_store_SOURCES = \
	tests/store/backends.c tests/store/backends.h \
	tests/store/fixture.c tests/store/fixture.h \
	tests/store/main.c \
	tests/store/test_anchors.c \
	tests/store/test_queue.c \
	tests/store/test_credential.c \
	tests/store/test_doubt.c \
	tests/store/test_enrol.c \
	tests/store/test_figures.c \
	tests/store/test_gone.c \
	tests/store/test_group.c \
	tests/store/test_hash.c \
	tests/store/test_history.c \
	tests/store/test_login.c \
	tests/store/test_login_get.c \
	tests/store/test_operator.c \
	tests/store/test_race.c \
	tests/store/test_rekey.c \
	tests/store/test_restore.c \
	tests/store/test_revocation.c \
	tests/store/test_slot.c \
	tests/store/test_sqlite.c
tests_store_test_store_CPPFLAGS = $(TESTS_CPPFLAGS) $(SQLITE_CFLAGS)
if POSTGRESQL
tests_store_test_store_SOURCES += tests/store/test_migrate.c \
	tests/store/test_postgresql.c \
	tests/store/test_postgresql_cut.c \
	tests/store/test_postgresql_login.c \
	tests/store/test_postgresql_tools.c \
	tests/support/postgresql.c \
	tests/support/postgresql.h
tests_store_test_store_CPPFLAGS += -DTEST_POSTGRESQL $(POSTGRESQL_CFLAGS)
endif
tests_store_test_store_CFLAGS = $(TESTS_CFLAGS)
tests_store_test_store_LDADD = libobolserver.la $(TESTS_LDADD) $(SQLITE_LIBS) \
	$(POSTGRESQL_LIBS)
endif
