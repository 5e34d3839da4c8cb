/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Published vectors within Check. */
#include "support/vector_suite.h"

#include <stdio.h>

#include <check.h>

void assert_vectors(const struct vector_kind *kind, const char *name,
					size_t n_vectors)
{
	struct vector_check check;
	struct vector_file file;
	char path[1024];
	size_t i;

	(void)snprintf(path, sizeof(path), "%s/tests/vectors/%s", SRCDIR, name);
	ck_assert_msg(vector_file_read(&file, path), "%s: %s", path, file.error);
	ck_assert_uint_eq(file.n_vectors, n_vectors);
	for (i = 0; i < n_vectors; i++)
	{
		vector_check_run(&check, kind, &file.vectors[i]);
		ck_assert_msg(check.result == VECTOR_SAME, "%s [%s] %s", name,
					  file.vectors[i].name, check.error);
		vector_check_clear(&check);
	}
	vector_file_clear(&file);
}
