/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of proto/pake. */
#include "support/run.h"

Suite *cpace_suite(void);
Suite *kdf_suite(void);
Suite *ksf_suite(void);
Suite *opaque_hostile_suite(void);
Suite *opaque_login_suite(void);
Suite *opaque_registration_suite(void);
Suite *oprf_suite(void);

int main(void)
{
	return run_suites(kdf_suite(), ksf_suite(), oprf_suite(),
					  opaque_registration_suite(), opaque_login_suite(),
					  opaque_hostile_suite(), cpace_suite(), NULL);
}
