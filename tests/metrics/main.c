/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of proto/metrics. */
#include "support/run.h"

Suite *documents_suite(void);
Suite *meter_suite(void);
Suite *reading_suite(void);
Suite *text_suite(void);

int main(void)
{
	return run_suites(meter_suite(), text_suite(), reading_suite(),
					  documents_suite(), NULL);
}
