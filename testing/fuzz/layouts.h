/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The tests' tables of messages as seeds.
 */
#ifndef TESTING_FUZZ_LAYOUTS_H_
#define TESTING_FUZZ_LAYOUTS_H_

#include "fuzz/fuzz.h"
#include "wire/layout.h"

/** A seed of each row, type | body, named after prefix and the row's number. */
void fuzz_seed_layouts(struct fuzz_seeds *seeds, const struct layout *rows,
					   const char *prefix);

#endif /* TESTING_FUZZ_LAYOUTS_H_ */
