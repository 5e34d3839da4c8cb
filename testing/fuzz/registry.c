/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The targets, in the order of their names. */
#include "fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>

static struct fuzz_target *first;

void fuzz_register(struct fuzz_target *target)
{
	struct fuzz_target **at = &first;

	while (*at && strcmp((*at)->name, target->name) < 0)
	{
		at = &(*at)->next;
	}
	target->next = *at;
	*at = target;
}

const struct fuzz_target *fuzz_targets(void)
{
	return first;
}

const struct fuzz_target *fuzz_target_find(const char *name)
{
	const struct fuzz_target *target;

	for (target = first; target; target = target->next)
	{
		if (strcmp(target->name, name) == 0)
		{
			break;
		}
	}
	return target;
}

void fuzz_fail(const char *file, int line, const char *what)
{
	(void)fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}
