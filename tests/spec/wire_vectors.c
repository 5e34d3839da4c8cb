/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole conversations with all secrets: made by the real code, and compared
 * with the files in proto/spec/vectors; --write DIR writes these. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "spec/vector_story.h"

#define PASSWORD "correct horse battery"
#define NEW_PASSWORD "staple of the horse"

struct chapter {
	const char *file;
	void (*write)(struct story *s);
};

/* in the order of the story */
static const struct chapter chapters[] = {
	{ "activation.txt", chapter_activation },
	{ "issue.txt", chapter_issue },
	{ "login-get.txt", chapter_login_get },
	{ "put.txt", chapter_put },
	{ "password-change.txt", chapter_password_change },
	{ "refused.txt", chapter_refused },
	{ "unknown-account.txt", chapter_unknown },
	{ "later.txt", chapter_later },
};

static bool is_same(const char *path, struct obol_bytes text)
{
	FILE *file = fopen(path, "rb");
	uint8_t *bytes = malloc(text.len + 1);
	size_t len = 0;

	must(bytes);
	if (file)
	{
		len = fread(bytes, 1, text.len + 1, file);
		(void)fclose(file);
	}
	if (!file || !obol_bytes_eq(obol_bytes(bytes, len), text))
	{
		(void)fprintf(stderr, "wire-vectors: %s is not what the code does\n",
					  path);
		free(bytes);
		return false;
	}
	free(bytes);
	return true;
}

static bool write_file(const char *path, struct obol_bytes text)
{
	FILE *file = fopen(path, "wb");
	bool good;

	if (!file)
	{
		perror(path);
		return false;
	}
	good = fwrite(text.ptr, 1, text.len, file) == text.len;
	return fclose(file) == 0 && good;
}

static bool tell(struct story *s, const struct chapter *chapter,
				 const char *dir, bool writes)
{
	struct vector_text out = { .prefix = NULL };
	char path[4096];
	bool good;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, chapter->file);
	obol_writer_init(&out.w);
	s->out = s->world.out = &out;
	chapter->write(s);
	must(obol_writer_status(&out.w) == OBOL_OK);
	good = writes ? write_file(path, obol_writer_view(&out.w))
				  : is_same(path, obol_writer_view(&out.w));
	obol_writer_clear(&out.w);
	return good;
}

/* where files are written to, NULL to compare */
static const char *write_to;

static bool tell_all(struct story *s)
{
	bool good = true;
	size_t i;

	for (i = 0; i < sizeof(chapters) / sizeof(chapters[0]); i++)
	{
		good = tell(s, &chapters[i],
					write_to ? write_to : SRCDIR "/proto/spec/vectors",
					write_to != NULL) &&
			   good;
	}
	return good;
}

START_TEST(files_are_what_the_code_does)
{
	struct story s;

	memset(&s, 0, sizeof(s));
	s.password = obol_secret_dup(PASSWORD, strlen(PASSWORD));
	s.new_password = obol_secret_dup(NEW_PASSWORD, strlen(NEW_PASSWORD));
	must(s.password && s.new_password);
	ck_assert(tell_all(&s));
	vector_world_clear(&s.world);
	obol_secret_free(s.code);
	obol_secret_free(s.password);
	obol_secret_free(s.new_password);
	obol_secret_free(s.device_secret);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("wire-vectors");
	TCase *tc = tcase_create("files");
	SRunner *runner = srunner_create(suite);
	int n_failed;

	if (argc == 3 && strcmp(argv[1], "--write") == 0)
	{
		write_to = argv[2];
	}
	else if (argc != 1)
	{
		(void)fprintf(stderr, "usage: wire-vectors [--write DIR]\n");
		return 2;
	}
	tcase_add_test(tc, files_are_what_the_code_does);
	suite_add_tcase(suite, tc);
	/* what the test was told is in this process */
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? 0 : 1;
}
