/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The main function of every test program.
 */
#ifndef TESTS_SUPPORT_RUN_H_
#define TESTS_SUPPORT_RUN_H_

#include <check.h>

/** Runs the suites, NULL last; returns main's exit code. */
int run_suites(Suite *first, ...);

#endif /* TESTS_SUPPORT_RUN_H_ */
