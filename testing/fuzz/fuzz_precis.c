/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names and passwords in one form (RFC 8265). */
#include "base/precis.h"
#include "fuzz/support.h"
#include "wire/registry.h"

static void check_name(struct obol_bytes in)
{
	char name[OBOL_NAME_MAX + 1], again[OBOL_NAME_MAX + 1];
	enum obol_status status = obol_precis_username(in, name, sizeof(name));

	FUZZ_CHECK(status == OBOL_OK || status == OBOL_ERR_FORMAT);
	if (status != OBOL_OK)
	{
		return;
	}
	FUZZ_CHECK(name[0] && !strpbrk(name, " @:\t\r\n"));
	/* RFC 8264, 7: what has been enforced stays as it is */
	FUZZ_CHECK(obol_precis_username(obol_bytes_str(name), again,
									sizeof(again)) == OBOL_OK);
	FUZZ_CHECK(strcmp(name, again) == 0);
}

static void check_password(struct obol_bytes in)
{
	struct obol_secret *typed = fuzz_secret(in), *password = NULL,
					   *again = NULL;
	enum obol_status status = obol_precis_password(typed, &password);

	FUZZ_CHECK(status == OBOL_OK || status == OBOL_ERR_FORMAT);
	if (status == OBOL_OK)
	{
		FUZZ_CHECK(obol_secret_len(password) > 0 &&
				   obol_secret_len(password) <= OBOL_PASSWORD_MAX);
		FUZZ_CHECK(obol_precis_password(password, &again) == OBOL_OK);
		FUZZ_CHECK(
			obol_bytes_eq(obol_secret_view(password), obol_secret_view(again)));
	}
	obol_secret_free(again);
	obol_secret_free(password);
	obol_secret_free(typed);
}

static void run(struct obol_bytes in)
{
	check_name(in);
	check_password(in);
}

static void seed(struct fuzz_seeds *seeds)
{
	fuzz_seed_text(seeds, "ascii", "Alice.Liddell-7");
	fuzz_seed_text(seeds, "latin",
				   "J\xc3\xb6rg Stra\xc3\x9f"
				   "e");
	fuzz_seed_text(seeds, "decomposed", "Zoe\xcc\x88");
	fuzz_seed_text(seeds, "greek", "\xce\xa3\xce\xaf\xcf\x83\xcf\x85\xcf\x82");
	fuzz_seed_text(seeds, "hebrew",
				   "\xd7\x90\xd7\x91\xd7\x92"
				   "7");
	fuzz_seed_text(seeds, "fullwidth", "\xef\xbc\xa1\xef\xbd\x82");
	fuzz_seed_text(seeds, "hangul", "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab");
	fuzz_seed_text(seeds, "spaces",
				   "a\xc2\xa0"
				   "b\xe3\x80\x80"
				   "c");
	fuzz_seed_text(seeds, "surrogate", "\xed\xa0\x80");
	fuzz_seed_text(seeds, "katakana", "\xe3\x82\xab\xe3\x83\xbb\xef\xbd\xb6");
	fuzz_seed_text(seeds, "joiner", "\xe0\xa4\x95\xe0\xa5\x8d\xe2\x80\x8d");
	fuzz_seed_text(seeds, "georgian", "\xe1\xb2\x90\xe1\xb2\x91");
}

static struct fuzz_target target = {
	.name = "precis",
	.what = "a name or password in its form stays as it is",
	.run = run,
	.seed = seed,
	.max_len = 1200,
};

FUZZ_TARGET(target)
