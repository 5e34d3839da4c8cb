/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Seeds as files. */
#include "fuzz/fuzz.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct fuzz_seeds {
	const char *folder;
	const struct fuzz_target *target;
};

static void die(const char *path)
{
	(void)fprintf(stderr, "fuzz-replay: %s: %s\n", path, strerror(errno));
	exit(2);
}

void fuzz_seed(struct fuzz_seeds *seeds, const char *name,
			   struct obol_bytes bytes)
{
	char path[PATH_MAX];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s/seed-%s", seeds->folder,
				   seeds->target->name, name);
	file = fopen(path, "wb");
	if (!file ||
		(bytes.len && fwrite(bytes.ptr, 1, bytes.len, file) != bytes.len) ||
		fclose(file) != 0)
	{
		die(path);
	}
}

void fuzz_seed_text(struct fuzz_seeds *seeds, const char *name,
					const char *text)
{
	fuzz_seed(seeds, name, obol_bytes_str(text));
}

void fuzz_make_seeds(const char *folder)
{
	struct fuzz_seeds seeds = { folder, NULL };
	const struct fuzz_target *target;
	char path[PATH_MAX];

	for (target = fuzz_targets(); target; target = target->next)
	{
		(void)snprintf(path, sizeof(path), "%s/%s", folder, target->name);
		if (mkdir(path, 0777) != 0 && errno != EEXIST)
		{
			die(path);
		}
		seeds.target = target;
		target->seed(&seeds);
	}
}
