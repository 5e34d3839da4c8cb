/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of proto/account. */
#include "support/run.h"

Suite *ceiling_suite(void);
Suite *guess_limit_suite(void);
Suite *name_pattern_suite(void);
Suite *source_limit_suite(void);

int main(void)
{
	return run_suites(ceiling_suite(), guess_limit_suite(),
					  name_pattern_suite(), source_limit_suite(), NULL);
}
