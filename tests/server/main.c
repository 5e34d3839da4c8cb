/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of proto/server. */
#include "support/run.h"

Suite *keys_suite(void);
Suite *login_suite(void);

int main(void)
{
	return run_suites(keys_suite(), login_suite(), NULL);
}
