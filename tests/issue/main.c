/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of proto/issue. */
#include "support/run.h"

Suite *anchors_suite(void);
Suite *issue_crl_suite(void);
Suite *issuer_suite(void);
Suite *request_suite(void);
Suite *template_suite(void);
Suite *tls_self_suite(void);
Suite *token_suite(void);

int main(void)
{
	return run_suites(request_suite(), template_suite(), issuer_suite(),
					  tls_self_suite(), anchors_suite(), issue_crl_suite(),
					  token_suite(), NULL);
}
