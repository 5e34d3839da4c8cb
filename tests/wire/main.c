/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of proto/wire. */
#include "support/run.h"

Suite *frame_suite(void);
Suite *login_suite(void);
Suite *request_suite(void);
Suite *bounds_suite(void);
Suite *words_suite(void);

int main(void)
{
	return run_suites(frame_suite(), login_suite(), request_suite(),
					  bounds_suite(), words_suite(), NULL);
}
