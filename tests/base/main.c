/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of proto/base. */
#include "support/run.h"

Suite *ct_suite(void);
Suite *file_suite(void);
Suite *log_suite(void);
Suite *normalize_suite(void);
Suite *precis_suite(void);
Suite *reader_suite(void);
Suite *secret_suite(void);
Suite *standard_io_suite(void);
Suite *writer_suite(void);

int main(void)
{
	return run_suites(ct_suite(), file_suite(), log_suite(), normalize_suite(),
					  precis_suite(), reader_suite(), secret_suite(),
					  standard_io_suite(), writer_suite(), NULL);
}
