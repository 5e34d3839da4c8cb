/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of proto/group. */
#include "support/run.h"

Suite *expand_suite(void);
Suite *field_suite(void);
Suite *hash_to_curve_suite(void);
Suite *p256_suite(void);
Suite *scalar_suite(void);

int main(void)
{
	return run_suites(field_suite(), scalar_suite(), p256_suite(),
					  expand_suite(), hash_to_curve_suite(), NULL);
}
