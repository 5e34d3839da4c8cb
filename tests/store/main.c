/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of proto/store. */
#include "support/run.h"

Suite *store_login_suite(void);

int main(void)
{
	return run_suites(store_login_suite(), NULL);
}
