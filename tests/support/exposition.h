/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A strict look at Prometheus' text format, beyond what obol_metrics_read()
 * insists on.
 */
#ifndef TESTS_SUPPORT_EXPOSITION_H_
#define TESTS_SUPPORT_EXPOSITION_H_

#include <stddef.h>

/**
 * Fails the test when a document breaks a rule: each family is described and
 * typed once, before its samples, which stand together; no series is there
 * twice; counters' names end in _total; buckets grow up to +Inf, which is
 * _count.
 *
 * @return	number of families
 */
size_t exposition_check(const char *text, size_t len);

/** The value of a line that begins so, such as "x_total{a=\"b\"}"; fails the
 * test without one. */
double exposition_value(const char *text, const char *series);

#endif /* TESTS_SUPPORT_EXPOSITION_H_ */
