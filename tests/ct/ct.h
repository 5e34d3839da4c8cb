/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Cases of the constant-time test. Each uses what it is named after with
 * secrets as they come in real use, and shows each secret to ct_probe().
 */
#ifndef TESTS_CT_CT_H_
#define TESTS_CT_CT_H_

#include "base/bytes.h"

struct ct_case {
	const char *name;
	void (*run)(void);
};

/** Cases by room; each list ends with name NULL. */
extern const struct ct_case ct_group_cases[];
extern const struct ct_case ct_pake_cases[];
extern const struct ct_case ct_seal_cases[];
extern const struct ct_case ct_transfer_cases[];

/**
 * Here is a secret. In the check it must be marked as one, each byte of it; in
 * the controls a branch or an index on it is planted, and valgrind must tell.
 *
 * @param what	names the secret when something is wrong
 */
void ct_probe(const char *what, const void *secret, size_t len);

/** The same for a whole secret. */
void ct_probe_secret(const char *what, const struct obol_secret *secret);

/** What must hold for the case to mean anything; ends the program if not. */
#define CT_CHECK(expression)                                                   \
	((expression) ? (void)0 : ct_fail(__FILE__, __LINE__, #expression))

__attribute__((noreturn)) void ct_fail(const char *file, int line,
									   const char *what);

/** A password, as a secret. */
struct obol_secret *ct_password(const char *text);

#endif /* TESTS_CT_CT_H_ */
