/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of proto/seal. */
#include "support/run.h"

Suite *aead_suite(void);
Suite *anchors_body_suite(void);
Suite *bundle_check_suite(void);
Suite *bundle_suite(void);
Suite *code_suite(void);
Suite *sealed_credential_suite(void);
Suite *slot_wrap_suite(void);

int main(void)
{
	return run_suites(aead_suite(), anchors_body_suite(), bundle_suite(),
					  bundle_check_suite(), code_suite(),
					  sealed_credential_suite(), slot_wrap_suite(), NULL);
}
