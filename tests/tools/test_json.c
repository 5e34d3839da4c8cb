/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>

#include "tools/json_buffer.h"

Suite *json_suite(void);

static const struct {
	const char *value;
	const char *json;
} strings[] = {
	{ "", "{\"k\":\"\"}\n" },
	{ "plain", "{\"k\":\"plain\"}\n" },
	{ "quote \" backslash \\", "{\"k\":\"quote \\\" backslash \\\\\"}\n" },
	{ "line\nend\ttab\r", "{\"k\":\"line\\u000aend\\u0009tab\\u000d\"}\n" },
	{ "esc \x1b[2J bell \a del \x7f",
	  "{\"k\":\"esc \\u001b[2J bell \\u0007 del \\u007f\"}\n" },
	{ "\xc2\x9b C1", "{\"k\":\"\\u009b C1\"}\n" },
	{ "\xe2\x80\xa8 separator", "{\"k\":\"\\u2028 separator\"}\n" },
	{ "turn \xe2\x80\xae", "{\"k\":\"turn \\u202e\"}\n" },
	{ "hidden \xef\xbb\xbf", "{\"k\":\"hidden \\ufeff\"}\n" },
	{ "\xc3\xa9 \xf0\x9f\x98\x80", "{\"k\":\"\xc3\xa9 \xf0\x9f\x98\x80\"}\n" },
	{ "bad \xff end", "{\"k\":\"bad \\ufffd end\"}\n" },
	{ "cut \xc3", "{\"k\":\"cut \\ufffd\"}\n" },
	{ "overlong \xc0\xaf", "{\"k\":\"overlong \\ufffd\\ufffd\"}\n" },
};

static void expect(struct json_buffer *buffer, struct obol_json *json,
				   const char *expected)
{
	struct obol_bytes text;

	ck_assert_int_eq(json_buffer_end(buffer, json, &text), OBOL_OK);
	ck_assert_msg(obol_bytes_eq(text, obol_bytes_str(expected)), "%.*s",
				  (int)text.len, (const char *)text.ptr);
	json_buffer_clear(buffer);
}

START_TEST(string_row)
{
	struct json_buffer buffer;
	struct obol_json json;

	ck_assert_int_eq(json_buffer_init(&buffer, &json), OBOL_OK);
	obol_json_str(&json, "k", strings[_i].value);
	expect(&buffer, &json, strings[_i].json);
}
END_TEST

START_TEST(nested)
{
	static const uint8_t bytes[] = { 0x00, 0xff, 0x1a };
	struct json_buffer buffer;
	struct obol_json json;

	ck_assert_int_eq(json_buffer_init(&buffer, &json), OBOL_OK);
	obol_json_begin_array(&json, "a");
	obol_json_begin_object(&json, NULL);
	obol_json_number(&json, "n", INT64_MAX);
	obol_json_number(&json, "s", INT64_MIN);
	obol_json_end_object(&json);
	obol_json_begin_object(&json, NULL);
	obol_json_end_object(&json);
	obol_json_end_array(&json);
	obol_json_bool(&json, "t", true);
	obol_json_bool(&json, "f", false);
	obol_json_null(&json, "never");
	obol_json_hex(&json, "h", obol_bytes(bytes, sizeof(bytes)));
	obol_json_text(&json, "z", obol_bytes("a\0b", 3));
	expect(&buffer, &json,
		   "{\"a\":[{\"n\":9223372036854775807,\"s\":"
		   "-9223372036854775808},{}],\"t\":true,\"f\":false,"
		   "\"never\":null,\"h\":\"00ff1a\",\"z\":\"a\\u0000b\"}\n");
}
END_TEST

START_TEST(empty)
{
	struct json_buffer buffer;
	struct obol_json json;

	ck_assert_int_eq(json_buffer_init(&buffer, &json), OBOL_OK);
	expect(&buffer, &json, "{}\n");
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
