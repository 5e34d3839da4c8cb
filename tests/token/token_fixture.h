/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A token in software that can be made to fail: some of its functions are
 * exchanged. False, and nothing to be tested, where there is no SoftHSM.
 */
#ifndef TESTS_TOKEN_TOKEN_FIXTURE_H_
#define TESTS_TOKEN_TOKEN_FIXTURE_H_

#include <check.h>

#include "support/softhsm.h"
#include "token/pkcs11_private.h"

struct token_fixture {
	bool is_here;
	struct softhsm hsm;
	/** SoftHSM's functions, and those that a test exchanges */
	CK_FUNCTION_LIST *real;
	CK_FUNCTION_LIST module;
	char uri[512];
	struct obol_pkcs11 *token;
	char why[512];
};

extern struct token_fixture token_fixture;

void token_fixture_setup(void);
void token_fixture_teardown(void);

/** Open the token with a PIN, NULL for none; what is open is closed before. */
enum obol_status token_fixture_open(const char *pin, bool attended);

/** Objects in the token, of any class when it is -1. */
unsigned token_fixture_count(long object_class);

#endif /* TESTS_TOKEN_TOKEN_FIXTURE_H_ */
