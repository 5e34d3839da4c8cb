/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of proto/client. */
#include "support/run.h"

Suite *login_suite(void);

int main(void)
{
	return run_suites(login_suite(), NULL);
}
