/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of plugin/. */
#include "support/run.h"

Suite *creds_suite(void);
Suite *fetcher_suite(void);
Suite *keyring_suite(void);
Suite *lease_suite(void);
Suite *message_suite(void);
Suite *obol_token_suite(void);
Suite *options_suite(void);
Suite *profile_suite(void);
Suite *secrets_suite(void);
Suite *socket_suite(void);

int main(void)
{
	return run_suites(options_suite(), secrets_suite(), profile_suite(),
					  lease_suite(), keyring_suite(), fetcher_suite(),
					  creds_suite(), message_suite(), socket_suite(),
					  obol_token_suite(), NULL);
}
