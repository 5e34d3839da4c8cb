/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of proto/net. */
#include "support/run.h"

Suite *address_suite(void);
Suite *candidates_suite(void);
Suite *connect_suite(void);
Suite *resolve_suite(void);
Suite *srv_connect_suite(void);
Suite *srv_suite(void);
Suite *srv_tcp_suite(void);
Suite *stream_suite(void);
Suite *tls_suite(void);

int main(void)
{
	return run_suites(address_suite(), candidates_suite(), connect_suite(),
					  resolve_suite(), srv_suite(), srv_tcp_suite(),
					  srv_connect_suite(), stream_suite(), tls_suite(), NULL);
}
