/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of proto/server. */
#include "support/run.h"

Suite *anchors_suite(void);
Suite *crl_suite(void);
Suite *enrol_suite(void);
Suite *follow_suite(void);
Suite *issue_suite(void);
Suite *keys_suite(void);
Suite *log_suite(void);
Suite *login_suite(void);
Suite *login_get_suite(void);
Suite *measure_suite(void);
Suite *moves_suite(void);
Suite *over_time_suite(void);
Suite *request_suite(void);
Suite *slot_suite(void);
Suite *store_failure_suite(void);
Suite *unknown_account_suite(void);

int main(void)
{
	return run_suites(keys_suite(), unknown_account_suite(), login_suite(),
					  request_suite(), slot_suite(), issue_suite(),
					  anchors_suite(), enrol_suite(), crl_suite(),
					  follow_suite(), measure_suite(), over_time_suite(),
					  moves_suite(), store_failure_suite(), login_get_suite(),
					  log_suite(), NULL);
}
