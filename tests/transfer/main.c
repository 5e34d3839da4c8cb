/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of proto/transfer. */
#include "support/run.h"

Suite *code_suite(void);
Suite *message_suite(void);
Suite *middle_suite(void);
Suite *rules_suite(void);
Suite *transfer_suite(void);
Suite *vector_suite(void);

int main(void)
{
	return run_suites(code_suite(), message_suite(), transfer_suite(),
					  middle_suite(), rules_suite(), vector_suite(), NULL);
}
