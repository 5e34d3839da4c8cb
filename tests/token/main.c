/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the tests of proto/token. */
#include "support/run.h"

Suite *pkcs11_suite(void);
Suite *pkcs11_refused_suite(void);

int main(void)
{
	return run_suites(pkcs11_suite(), pkcs11_refused_suite(), NULL);
}
