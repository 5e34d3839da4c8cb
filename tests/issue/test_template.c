/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Templates of what stands in certificates. */
#include "issue/template.h"

#include <stdio.h>
#include <string.h>

#include "support/run.h"

Suite *template_suite(void);

#define X8(x) x x x x x x x x
#define LONG X8(X8("l"))

/* clang-format off */
static const struct {
	const char *subject;
	const char *san;
	const char *account;
	const char *device;
	/** attributes, then names, each with a newline behind it */
	const char *expected;
} good[] = {
	{ "CN=%a", "%i", "alice", "",
		"CN=alice\nalice@example.org\n" },
	{ "CN=%a, O=Example", "%i", "alice", "thinkpad",
		"CN=alice\nO=Example\nalice@example.org\n" },
	{ "CN=%a,O=Example\\, Inc.  ,  OU=%d", "%i", "alice", "Think Pad",
		"CN=alice\nO=Example, Inc.\nOU=Think Pad\nalice@example.org\n" },
	/* a part whose device has no value is left out */
	{ "OU=%d, CN=%a", "%d.%a.example.org, %i", "alice", "",
		"CN=alice\nalice@example.org\n" },
	{ "CN=%a", "%i, %d.%a.example.org", "alice", "  Bob's 2nd Think-Pad! ",
		"CN=alice\nalice@example.org\n"
		"bob-s-2nd-think-pad.alice.example.org\n" },
	{ "CN=%a", "%i, %d.%a.example.org", "alice", "\xc3\xa4\xc3\xb6",
		"CN=alice\nalice@example.org\n" },
	{ "C=DE, O=100%% Example, CN=%i", "%i, %a+%d@example.org", "alice", "x",
		"C=DE\nO=100% Example\nCN=alice@example.org\nalice@example.org\n"
		"alice+x@example.org\n" },
	/* a comma in a name is no new attribute, a percent sign no placeholder */
	{ "CN=%a", "%i", "a,O=%d", "x",
		"CN=a,O=%d\nalice@example.org\n" },
	/* SANs hold ASCII */
	{ "CN=%a", "%i, %a.example.org", "\xc3\xa4", "",
		"CN=\xc3\xa4\nalice@example.org\n" },
	/* 64 bytes stay, 65 are cut and told apart */
	{ "CN=%a", "%i", LONG, "",
		"CN=" LONG "\nalice@example.org\n" },
	{ "CN=%am", "%i", LONG, "",
		"CN=lllllllllllllllllllllllllllllllllllllllllllllll~"
		"50215bf447897bb0\nalice@example.org\n" },
};
/* clang-format on */

static void print(const struct obol_template_names *names, char *out,
				  size_t size)
{
	size_t used = 0, i;

	out[0] = '\0';
	for (i = 0; i < names->n_attributes; i++)
	{
		used += (size_t)snprintf(out + used, size - used, "%s=%s\n",
								 names->attributes[i].type,
								 names->attributes[i].value);
	}
	for (i = 0; i < names->n_sans; i++)
	{
		used +=
			(size_t)snprintf(out + used, size - used, "%s\n", names->sans[i]);
	}
}

START_TEST(test_filled)
{
	struct obol_template subject, san;
	struct obol_template_names names;
	struct obol_template_values values = {
		.account = obol_bytes_str(good[_i].account),
		.identity = "alice@example.org",
		.device = good[_i].device,
	};
	char why[192] = "", text[2048];

	ck_assert_msg(
		obol_template_subject(good[_i].subject, &subject, why, sizeof(why)),
		"%s: %s", good[_i].subject, why);
	ck_assert_msg(obol_template_san(good[_i].san, &san, why, sizeof(why)),
				  "%s: %s", good[_i].san, why);
	ck_assert_int_eq(obol_template_fill(&subject, &san, &values, &names),
					 OBOL_OK);
	print(&names, text, sizeof(text));
	ck_assert_str_eq(text, good[_i].expected);
}
END_TEST

/* clang-format off */
static const struct {
	bool is_san;
	const char *text;
	/** in the reason */
	const char *why;
} bad[] = {
	{ false, "", "empty part" },
	{ false, "CN=%a,", "" },
	{ false, "CN=%a,,O=x", "empty part" },
	{ false, "alice", "attributes" },
	{ false, "CN=", "attributes" },
	{ false, "XX=%a", "attributes" },
	{ false, "cn=%a", "attributes" },
	{ false, "CN=%x", "%x" },
	{ false, "CN=%a%", "unknown placeholder" },
	{ false, "CN=%a, O=%D", "%D" },
	{ false, "O=Example", "names no account" },
	{ false, "CN=%d", "names no account" },
	{ false, "CN=%a%%d, OU=%d x", "its user's choice" },
	{ false, "CN=%a-%d", "its user's choice" },
	{ false, "CN=%a, C=DEU", "cannot hold" },
	{ false, "CN=%a, O=a\nb", "cannot hold" },
	{ false, "CN=%a, O=\xff", "cannot hold" },
	{ false, "CN=%a,O=1,O=2,O=3,O=4,O=5,O=6,O=7,O=8", "more than 8" },
	{ false, "CN=%a,O=" X8(LONG), "255" },
	{ true, "", "empty part" },
	{ true, "%a@example.org", "lacks %i" },
	{ true, "%i, %z", "%z" },
	{ true, "%i, %d.example.org", "another account" },
	{ true, "%i, %d-%a.example.org", "another account" },
	{ true, "%i, %a%d.example.org", "another account" },
	{ true, "%i, x%d.%a.example.org", "another account" },
	{ true, "%i, %a.1, %a.2, %a.3, %a.4", "more than 4" },
};
/* clang-format on */

START_TEST(test_refused)
{
	struct obol_template template;
	char why[192] = "";
	bool is_good =
		bad[_i].is_san
			? obol_template_san(bad[_i].text, &template, why, sizeof(why))
			: obol_template_subject(bad[_i].text, &template, why, sizeof(why));

	/* a comma at the end says nothing */
	ck_assert_msg(is_good == (*bad[_i].why == '\0'), "%s", bad[_i].text);
	ck_assert_msg(strstr(why, bad[_i].why) != NULL, "%s: %s", bad[_i].text,
				  why);
}
END_TEST

START_TEST(test_too_long_for_a_san)
{
	static char account[OBOL_NAME_MAX + 1];
	struct obol_template subject, san;
	struct obol_template_names names;
	struct obol_template_values values = {
		.account = obol_bytes(account, OBOL_NAME_MAX),
		.identity = "alice@example.org",
		.device = "",
	};
	char why[192];

	memset(account, 'a', OBOL_NAME_MAX);
	ck_assert(obol_template_subject("CN=%a", &subject, why, sizeof(why)));
	ck_assert(obol_template_san("%i, %a.example.org", &san, why, sizeof(why)));
	ck_assert_int_eq(obol_template_fill(&subject, &san, &values, &names),
					 OBOL_ERR_ARG);
}
END_TEST

Suite *template_suite(void)
{
	Suite *s = suite_create("template");
	TCase *tc = tcase_create("template");

	tcase_add_loop_test(tc, test_filled, 0, sizeof(good) / sizeof(good[0]));
	tcase_add_loop_test(tc, test_refused, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tc, test_too_long_for_a_san);
	suite_add_tcase(s, tc);
	return s;
}
