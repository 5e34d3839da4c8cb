/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libFuzzer's side: one program for all targets, each under a name of its own
 * (a link), so that a target more costs no further linking. */
#include "fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct fuzz_target *target;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *slash = strrchr((*argv)[0], '/');
	const char *name = slash ? slash + 1 : (*argv)[0];

	(void)argc;
	target = fuzz_target_find(name);
	if (!target)
	{
		(void)fprintf(stderr, "%s: no such target; run a link of targets/\n",
					  name);
		exit(2);
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	target->run(obol_bytes(data, size));
	return 0;
}
