/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of proto/tools. */
#include "support/run.h"

Suite *prompt_suite(void);
Suite *certificate_suite(void);
Suite *exit_code_suite(void);
Suite *file_lock_suite(void);
Suite *json_suite(void);
Suite *options_suite(void);
Suite *text_suite(void);
Suite *pkcs12_suite(void);
Suite *profile_suite(void);
Suite *quality_suite(void);
Suite *settings_suite(void);

int main(void)
{
	return run_suites(prompt_suite(), certificate_suite(), exit_code_suite(),
					  file_lock_suite(), json_suite(), options_suite(),
					  text_suite(), pkcs12_suite(), profile_suite(),
					  quality_suite(), settings_suite(), NULL);
}
