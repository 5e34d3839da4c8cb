/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of what only obolctl has of proto/tools. */
#include "support/run.h"

Suite *activation_suite(void);
Suite *csv_suite(void);
Suite *pair_suite(void);
Suite *running_suite(void);

int main(void)
{
	return run_suites(activation_suite(), csv_suite(), pair_suite(),
					  running_suite(), NULL);
}
