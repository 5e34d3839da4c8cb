/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>

#include "tools/json.h"

Suite *json_suite(void);

static const struct {
	const char *value;
	const char *json;
} strings[] = {
	{ "", "{\"k\":\"\"}\n" },
	{ "plain", "{\"k\":\"plain\"}\n" },
	{ "quote \" backslash \\", "{\"k\":\"quote \\\" backslash \\\\\"}\n" },
	{ "line\nend\ttab\r", "{\"k\":\"line\\nend\\u0009tab\\u000d\"}\n" },
	{ "esc \x1b[2J bell \a del \x7f",
	  "{\"k\":\"esc \\u001b[2J bell \\u0007 del \\u007f\"}\n" },
	{ "\xc2\x9b C1", "{\"k\":\"\\u009b C1\"}\n" },
	{ "\xe2\x80\xa8 separator", "{\"k\":\"\\u2028 separator\"}\n" },
	{ "\xc3\xa9 \xf0\x9f\x98\x80", "{\"k\":\"\xc3\xa9 \xf0\x9f\x98\x80\"}\n" },
	{ "bad \xff end", "{\"k\":\"bad \xef\xbf\xbd end\"}\n" },
	{ "cut \xc3", "{\"k\":\"cut \xef\xbf\xbd\"}\n" },
	{ "overlong \xc0\xaf", "{\"k\":\"overlong \xef\xbf\xbd\xef\xbf\xbd\"}\n" },
};

static void expect(struct json *json, const char *expected)
{
	struct obol_bytes text;

	ck_assert_int_eq(json_end(json, &text), OBOL_OK);
	ck_assert_msg(obol_bytes_eq(text, obol_bytes_str(expected)), "%.*s",
				  (int)text.len, (const char *)text.ptr);
	json_clear(json);
}

START_TEST(string_row)
{
	struct json json;

	json_init(&json);
	json_text(&json, "k", strings[_i].value);
	expect(&json, strings[_i].json);
}
END_TEST

START_TEST(nested)
{
	static const uint8_t bytes[] = { 0x00, 0xff, 0x1a };
	struct json json;

	json_init(&json);
	json_open_array(&json, "a");
	json_open_object(&json, NULL);
	json_number(&json, "n", UINT64_MAX);
	json_signed(&json, "s", INT64_MIN);
	json_close_object(&json);
	json_open_object(&json, NULL);
	json_close_object(&json);
	json_close_array(&json);
	json_bool(&json, "t", true);
	json_bool(&json, "f", false);
	json_time(&json, "never", 0);
	json_time(&json, "at", 1);
	json_hex(&json, "h", bytes, sizeof(bytes));
	json_bytes(&json, "z", obol_bytes("a\0b", 3));
	expect(&json,
		   "{\"a\":[{\"n\":18446744073709551615,\"s\":-9223372036854775808},"
		   "{}],\"t\":true,\"f\":false,\"never\":null,\"at\":1,"
		   "\"h\":\"00ff1a\",\"z\":\"a\\u0000b\"}\n");
}
END_TEST

START_TEST(empty)
{
	struct json json;

	json_init(&json);
	expect(&json, "{}\n");
}
END_TEST

Suite *json_suite(void)
{
	Suite *suite = suite_create("json");
	TCase *tc = tcase_create("json");

	tcase_add_loop_test(tc, string_row, 0,
						(int)(sizeof(strings) / sizeof(strings[0])));
	tcase_add_test(tc, nested);
	tcase_add_test(tc, empty);
	suite_add_tcase(suite, tc);
	return suite;
}
