/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of proto/client. */
#include "support/run.h"

Suite *anchors_refused_suite(void);
Suite *client_anchors_suite(void);
Suite *credentials_suite(void);
Suite *device_file_suite(void);
Suite *enrol_suite(void);
Suite *error_suite(void);
Suite *fail_over_suite(void);
Suite *key_maker_suite(void);
Suite *key_request_suite(void);
Suite *login_suite(void);
Suite *obtain_suite(void);
Suite *options_suite(void);
Suite *pins_suite(void);
Suite *slots_suite(void);
Suite *state_file_suite(void);

int main(void)
{
	return run_suites(credentials_suite(), device_file_suite(), error_suite(),
					  key_request_suite(), login_suite(), obtain_suite(),
					  options_suite(), pins_suite(), slots_suite(),
					  state_file_suite(), enrol_suite(), client_anchors_suite(),
					  anchors_refused_suite(), fail_over_suite(),
					  key_maker_suite(), NULL);
}
