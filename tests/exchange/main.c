/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of client and server together. */
#include "support/run.h"

Suite *login_suite(void);
Suite *impostor_suite(void);
Suite *request_suite(void);
Suite *slot_suite(void);

int main(void)
{
	return run_suites(login_suite(), impostor_suite(), request_suite(),
					  slot_suite(), NULL);
}
