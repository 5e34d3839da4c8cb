/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of proto/session. */
#include "support/run.h"

Suite *boxes_suite(void);
Suite *client_session_suite(void);
Suite *server_session_suite(void);
Suite *server_bounds_suite(void);

int main(void)
{
	return run_suites(boxes_suite(), client_session_suite(),
					  server_session_suite(), server_bounds_suite(), NULL);
}
