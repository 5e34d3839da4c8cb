/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of proto/gateway. */
#include "support/run.h"

Suite *files_suite(void);
Suite *limit_suite(void);
Suite *pause_suite(void);
Suite *tunnels_suite(void);
Suite *vici_suite(void);

int main(void)
{
	return run_suites(tunnels_suite(), files_suite(), pause_suite(),
					  limit_suite(),
#ifdef TEST_VICI
					  vici_suite(),
#endif
					  NULL);
}
