/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of proto/store. */
#include "store/backends.h"
#include "support/run.h"

Suite *store_anchors_suite(void);
Suite *store_credential_suite(void);
Suite *store_doubt_suite(void);
Suite *store_enrol_suite(void);
Suite *store_figures_suite(void);
Suite *store_gone_suite(void);
Suite *store_group_suite(void);
Suite *store_hash_suite(void);
Suite *store_history_suite(void);
Suite *store_login_suite(void);
Suite *store_login_get_suite(void);
Suite *store_operator_suite(void);
Suite *store_race_suite(void);
Suite *store_rekey_suite(void);
Suite *store_restore_suite(void);
Suite *store_revocation_suite(void);
Suite *store_slot_suite(void);
Suite *store_sqlite_suite(void);
Suite *store_postgresql_suite(void);
Suite *store_postgresql_cut_suite(void);
Suite *store_postgresql_login_suite(void);
Suite *store_postgresql_tools_suite(void);
Suite *store_migrate_suite(void);
Suite *store_queue_suite(void);

int main(void)
{
	int code;

	backends_start();
	code = run_suites(
		store_credential_suite(), store_group_suite(), store_hash_suite(),
		store_history_suite(), store_login_suite(), store_operator_suite(),
		store_race_suite(), store_rekey_suite(), store_restore_suite(),
		store_revocation_suite(), store_slot_suite(), store_sqlite_suite(),
		store_queue_suite(), store_anchors_suite(), store_enrol_suite(),
		store_figures_suite(), store_login_get_suite(), store_gone_suite(),
		store_doubt_suite(),
#ifdef TEST_POSTGRESQL
		store_postgresql_suite(), store_postgresql_cut_suite(),
		store_postgresql_login_suite(), store_postgresql_tools_suite(),
		store_migrate_suite(),
#endif
		NULL);
	backends_stop();
	return code;
}
