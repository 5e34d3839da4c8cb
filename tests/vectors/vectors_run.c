/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vectors-run: runs a file of test vectors against the code. */
#include "support/vector_check.h"

#include <stdio.h>
#include <stdlib.h>

/* Exit codes. */
enum {
	ALL_SAME = 0,
	SOME_DIFFER = 1,
	UNUSABLE = 2,
};

static const struct vector_kind *const kinds[] = {
	&vector_kind_opaque,         &vector_kind_oprf,  &vector_kind_hash_to_curve,
	&vector_kind_expand_message, &vector_kind_cpace, NULL,
};

static void usage(FILE *to)
{
	(void)fprintf(
		to, "usage: vectors-run KIND FILE\n"
			"Runs the vectors in FILE and compares each value that it has.\n"
			"KIND is opaque, oprf, hash-to-curve, expand-message or cpace.\n"
			"Exit code: 0 all the same, 1 a value differs, 2 FILE or the call\n"
			"is of no use.\n");
}

static const struct vector_kind *find_kind(const char *name)
{
	size_t i;

	for (i = 0; kinds[i]; i++)
	{
		if (strcmp(kinds[i]->name, name) == 0)
		{
			return kinds[i];
		}
	}
	return NULL;
}

static int run_vector(const struct vector_kind *kind,
					  const struct vector *vector)
{
	struct vector_check check;
	int code = ALL_SAME;

	vector_check_run(&check, kind, vector);
	switch (check.result)
	{
		case VECTOR_SAME:
			(void)printf("ok       [%s] %u values compared\n", vector->name,
						 check.n_compared);
			break;
		case VECTOR_DIFFERS:
			(void)printf("DIFFERS  [%s] %s\n", vector->name, check.error);
			code = SOME_DIFFER;
			break;
		case VECTOR_UNUSABLE:
			(void)printf("UNUSABLE [%s] %s\n", vector->name, check.error);
			code = UNUSABLE;
			break;
	}
	vector_check_clear(&check);
	return code;
}

static int run_file(const struct vector_kind *kind, const char *path)
{
	struct vector_file file;
	int code = ALL_SAME;
	size_t i;

	if (!vector_file_read(&file, path))
	{
		(void)fprintf(stderr, "vectors-run: %s: %s\n", path, file.error);
		vector_file_clear(&file);
		return UNUSABLE;
	}
	for (i = 0; i < file.n_vectors; i++)
	{
		int result = run_vector(kind, &file.vectors[i]);

		code = result > code ? result : code;
	}
	if (code != ALL_SAME)
	{
		(void)fflush(stdout);
		(void)fprintf(stderr, "vectors-run: %s: %s\n", path,
					  code == SOME_DIFFER
						  ? "values differ, see above"
						  : "vectors cannot be used, see above");
	}
	vector_file_clear(&file);
	return code;
}

int main(int argc, char **argv)
{
	const struct vector_kind *kind;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
	{
		usage(stdout);
		return ALL_SAME;
	}
	if (argc != 3)
	{
		usage(stderr);
		return UNUSABLE;
	}
	kind = find_kind(argv[1]);
	if (!kind)
	{
		(void)fprintf(stderr, "vectors-run: no such kind: %s\n", argv[1]);
		usage(stderr);
		return UNUSABLE;
	}
	return run_file(kind, argv[2]);
}
