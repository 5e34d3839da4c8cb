/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs suites. */
#include "support/run.h"

#include <stdarg.h>
#include <stdlib.h>

int run_suites(Suite *first, ...)
{
	SRunner *runner = srunner_create(first);
	Suite *suite;
	va_list suites;
	int failed;

	va_start(suites, first);
	while ((suite = va_arg(suites, Suite *)))
	{
		srunner_add_suite(runner, suite);
	}
	va_end(suites);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
