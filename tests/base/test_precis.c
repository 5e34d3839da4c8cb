/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>

#include "base/precis.h"

Suite *precis_suite(void);

#define NAME_SIZE 256

/* RFC 8265, 3.5 (numbers are its examples') and what else a name can be */
static const struct {
	const char *source;
	const char *in;
	/* NULL: refused */
	const char *out;
} names[] = {
	{ "2", "fussball", "fussball" },
	{ "3",
	  "fu\xc3\x9f"
	  "ball",
	  "fu\xc3\x9f"
	  "ball" },
	{ "4", "\xcf\x80", "\xcf\x80" },
	{ "5, capital sigma", "\xce\xa3", "\xcf\x83" },
	{ "6, small sigma", "\xcf\x83", "\xcf\x83" },
	{ "7, final sigma", "\xcf\x82", "\xcf\x82" },
	{ "8", "foo bar", NULL },
	{ "9", "", NULL },
	{ "10, roman numeral four", "henry\xe2\x85\xa3", NULL },
	{ "11, chess king", "\xe2\x99\x9a", NULL },
	{ "1, with our own rule on @", "juliet@example.com", NULL },
	{ "colon", "juliet:4501", NULL },
	{ "plain", "alice", "alice" },
	{ "upper case", "ALICE", "alice" },
	{ "digits and marks", "alice.b-c_d+1", "alice.b-c_d+1" },
	{ "composed", "\xc3\xa9lodie", "\xc3\xa9lodie" },
	{ "decomposed", "e\xcc\x81lodie", "\xc3\xa9lodie" },
	{ "decomposed upper case", "E\xcc\x81lodie", "\xc3\xa9lodie" },
	{ "marks out of order", "a\xcc\x81\xcc\xa3", "\xe1\xba\xa1\xcc\x81" },
	{ "marks in order", "a\xcc\xa3\xcc\x81", "\xe1\xba\xa1\xcc\x81" },
	{ "capital I with dot", "\xc4\xb0", "i\xcc\x87" },
	{ "final sigma by context", "\xce\x91\xce\xa3", "\xce\xb1\xcf\x82" },
	{ "fullwidth",
	  "\xef\xbd\x81\xef\xbd\x8c\xef\xbc\xa9\xef\xbd\x83"
	  "\xef\xbd\x85",
	  "alice" },
	{ "fullwidth at sign",
	  "a\xef\xbc\xa0"
	  "b",
	  NULL },
	{ "fullwidth colon",
	  "a\xef\xbc\x9a"
	  "b",
	  NULL },
	{ "fullwidth space",
	  "a\xe3\x80\x80"
	  "b",
	  NULL },
	{ "halfwidth katakana", "\xef\xbd\xb1", "\xe3\x82\xa2" },
	{ "hangul syllable", "\xed\x95\x9c", "\xed\x95\x9c" },
	{ "conjoining jamo", "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", NULL },
	{ "angstrom sign", "\xe2\x84\xab", NULL },
	{ "ligature fi", "\xef\xac\x81", NULL },
	{ "soft hyphen",
	  "a\xc2\xad"
	  "b",
	  NULL },
	{ "zero width space",
	  "a\xe2\x80\x8b"
	  "b",
	  NULL },
	{ "bidi override",
	  "a\xe2\x80\xae"
	  "b",
	  NULL },
	{ "no-break space",
	  "a\xc2\xa0"
	  "b",
	  NULL },
	{ "newline", "a\nb", NULL },
	{ "escape", "a\x1b[2J", NULL },
	{ "delete", "a\x7f", NULL },
	{ "C1 control", "a\xc2\x85", NULL },
	{ "private use", "\xee\x80\x80", NULL },
	{ "unassigned", "\xf3\xa0\x80\x80", NULL },
	{ "noncharacter", "\xef\xbf\xbe", NULL },
	{ "no UTF-8", "a\xff", NULL },
	{ "cut UTF-8", "a\xc3", NULL },
	{ "overlong UTF-8", "a\xc1\xa1", NULL },
	{ "surrogate in UTF-8", "\xed\xa0\x80", NULL },
	{ "hebrew", "\xd7\x90\xd7\x91", "\xd7\x90\xd7\x91" },
	{ "hebrew and digit", "\xd7\x90\xd7\x91\x31", "\xd7\x90\xd7\x91\x31" },
	{ "hebrew with mark at the end", "\xd7\x90\xd6\xb7", "\xd7\x90\xd6\xb7" },
	{ "bidi rule 1: digit first", "1\xd7\x90", NULL },
	{ "bidi rule 2: latin in hebrew",
	  "\xd7\x90"
	  "a\xd7\x90",
	  NULL },
	{ "bidi rule 3: ends neutral", "\xd7\x90-", NULL },
	{ "bidi rule 4: both digits", "\xd8\xa7\x31\xd9\xa1", NULL },
	{ "bidi rule 5: hebrew in latin",
	  "a\xd7\x90"
	  "a",
	  NULL },
	{ "arabic-indic digits", "\xd8\xa7\xd9\xa1", "\xd8\xa7\xd9\xa1" },
	{ "both arabic digit sets", "\xd8\xa7\xd9\xa1\xdb\xb1", NULL },
	{ "middle dot in catalan", "al\xc2\xb7la", "al\xc2\xb7la" },
	{ "middle dot elsewhere",
	  "a\xc2\xb7"
	  "b",
	  NULL },
	{ "keraia before greek", "\xcd\xb5\xce\xb1", "\xcd\xb5\xce\xb1" },
	{ "keraia before latin",
	  "\xcd\xb5"
	  "a",
	  NULL },
	{ "geresh behind hebrew", "\xd7\x90\xd7\xb3", "\xd7\x90\xd7\xb3" },
	{ "geresh alone", "\xd7\xb3", NULL },
	{ "katakana dot", "\xe3\x82\xa2\xe3\x83\xbb\xe3\x82\xa2",
	  "\xe3\x82\xa2\xe3\x83\xbb\xe3\x82\xa2" },
	{ "katakana dot in latin",
	  "a\xe3\x83\xbb"
	  "b",
	  NULL },
	{ "joiner behind virama", "\xe0\xa4\x95\xe0\xa5\x8d\xe2\x80\x8d",
	  "\xe0\xa4\x95\xe0\xa5\x8d\xe2\x80\x8d" },
	{ "joiner elsewhere", "a\xe2\x80\x8d", NULL },
	{ "non-joiner between persian letters",
	  "\xd9\x86\xd8\xa8\xe2\x80\x8c\xd8\xa8",
	  "\xd9\x86\xd8\xa8\xe2\x80\x8c\xd8\xa8" },
	{ "non-joiner at the end", "\xd8\xa8\xe2\x80\x8c", NULL },
	{ "non-joiner in latin",
	  "a\xe2\x80\x8c"
	  "b",
	  NULL },
	{ "tatweel", "\xd8\xa8\xd9\x80\xd8\xa8", NULL },
};

START_TEST(name_row)
{
	char out[NAME_SIZE] = "untouched";
	enum obol_status status;

	status =
		obol_precis_username(obol_bytes_str(names[_i].in), out, sizeof(out));
	if (!names[_i].out)
	{
		ck_assert_msg(status == OBOL_ERR_FORMAT, "%s: %s", names[_i].source,
					  obol_status_name(status));
		ck_assert_str_eq(out, "untouched");
		return;
	}
	ck_assert_msg(status == OBOL_OK, "%s: %s", names[_i].source,
				  obol_status_name(status));
	ck_assert_msg(!strcmp(out, names[_i].out), "%s: %s", names[_i].source, out);
	/* the normal form is its own normal form */
	status =
		obol_precis_username(obol_bytes_str(names[_i].out), out, sizeof(out));
	ck_assert_int_eq(status, OBOL_OK);
	ck_assert_str_eq(out, names[_i].out);
}
END_TEST

START_TEST(name_lengths)
{
	uint8_t long_name[4096];
	char out[NAME_SIZE];

	memset(long_name, 'A', sizeof(long_name));
	ck_assert_int_eq(
		obol_precis_username(obol_bytes(long_name, 255), out, sizeof(out)),
		OBOL_OK);
	ck_assert_uint_eq(strlen(out), 255);
	ck_assert_int_eq(
		obol_precis_username(obol_bytes(long_name, 256), out, sizeof(out)),
		OBOL_ERR_FORMAT);
	ck_assert_int_eq(
		obol_precis_username(obol_bytes(long_name, 4096), out, sizeof(out)),
		OBOL_ERR_FORMAT);
	ck_assert_int_eq(
		obol_precis_username(obol_bytes(NULL, 0), out, sizeof(out)),
		OBOL_ERR_FORMAT);
	ck_assert_int_eq(
		obol_precis_username(obol_bytes("a\0b", 3), out, sizeof(out)),
		OBOL_ERR_FORMAT);
	ck_assert_int_eq(obol_precis_username(obol_bytes_str("a"), out, 0),
					 OBOL_ERR_FORMAT);
	ck_assert_int_eq(obol_precis_username(obol_bytes_str("a"), out, 1),
					 OBOL_ERR_FORMAT);
	ck_assert_int_eq(obol_precis_username(obol_bytes_str("a"), out, 2),
					 OBOL_OK);
}
END_TEST

/* 85 characters of three bytes are 255 bytes, and 425 when decomposed */
START_TEST(name_shrinks)
{
	char in[5 * 86 + 1] = "", out[NAME_SIZE];
	int i;

	for (i = 0; i < 85; i++)
	{
		strcat(in, "e\xcc\x82\xcc\x81");
	}
	ck_assert_int_eq(obol_precis_username(obol_bytes_str(in), out, sizeof(out)),
					 OBOL_OK);
	ck_assert_uint_eq(strlen(out), 255);
	strcat(in, "e");
	ck_assert_int_eq(obol_precis_username(obol_bytes_str(in), out, sizeof(out)),
					 OBOL_ERR_FORMAT);
}
END_TEST

/* RFC 8265, 4.3 (numbers are its examples') and what else a password can be */
static const struct {
	const char *source;
	const char *in;
	/* NULL: refused */
	const char *out;
} passwords[] = {
	{ "12", "correct horse battery staple", "correct horse battery staple" },
	{ "13", "Correct Horse Battery Staple", "Correct Horse Battery Staple" },
	{ "14", "\xcf\x80\xc3\x9f\xc3\xa5", "\xcf\x80\xc3\x9f\xc3\xa5" },
	{ "15", "Jack of \xe2\x99\xa6s", "Jack of \xe2\x99\xa6s" },
	{ "16, ogham space",
	  "foo\xe1\x9a\x80"
	  "bar",
	  "foo bar" },
	{ "17", "", NULL },
	{ "18", "my cat is a \tby", NULL },
	{ "no-break space",
	  "a\xc2\xa0"
	  "b",
	  "a b" },
	{ "ideographic space",
	  "a\xe3\x80\x80"
	  "b",
	  "a b" },
	{ "only a space", " ", " " },
	{ "spaces at the ends", "  a  ", "  a  " },
	{ "composed", "\xc3\xa9", "\xc3\xa9" },
	{ "decomposed", "e\xcc\x81", "\xc3\xa9" },
	{ "fullwidth stays", "\xef\xbc\xa1", "\xef\xbc\xa1" },
	{ "ligature stays", "\xef\xac\x81", "\xef\xac\x81" },
	{ "angstrom sign", "\xe2\x84\xab", "\xc3\x85" },
	{ "emoji", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
	{ "mixed directions",
	  "1\xd7\x90"
	  "a-",
	  "1\xd7\x90"
	  "a-" },
	{ "at and colon", "a@b:c", "a@b:c" },
	{ "newline", "a\n", NULL },
	{ "delete", "a\x7f", NULL },
	{ "C1 control", "a\xc2\x85", NULL },
	{ "zero width space", "a\xe2\x80\x8b", NULL },
	{ "joiner without context", "a\xe2\x80\x8d", NULL },
	{ "private use", "\xee\x80\x80", NULL },
	{ "unassigned", "\xf3\xa0\x80\x80", NULL },
	{ "no UTF-8", "a\xff", NULL },
	{ "latin-1", "caf\xe9", NULL },
};

START_TEST(password_row)
{
	struct obol_secret *in =
		obol_secret_dup(passwords[_i].in, strlen(passwords[_i].in));
	struct obol_secret *out = NULL;
	enum obol_status status = obol_precis_password(in, &out);

	if (!passwords[_i].out)
	{
		ck_assert_msg(status == OBOL_ERR_FORMAT, "%s: %s", passwords[_i].source,
					  obol_status_name(status));
		ck_assert_ptr_null(out);
	}
	else
	{
		ck_assert_msg(status == OBOL_OK, "%s: %s", passwords[_i].source,
					  obol_status_name(status));
		ck_assert_msg(obol_bytes_eq(obol_secret_view(out),
									obol_bytes_str(passwords[_i].out)),
					  "%s", passwords[_i].source);
	}
	obol_secret_free(in);
	obol_secret_free(out);
}
END_TEST

static enum obol_status password_of(size_t len)
{
	struct obol_secret *in = obol_secret_new(len);
	struct obol_secret *out = NULL;
	enum obol_status status;

	memset(obol_secret_ptr(in), 'x', len);
	status = obol_precis_password(in, &out);
	if (status == OBOL_OK)
	{
		ck_assert_uint_eq(obol_secret_len(out), len);
	}
	obol_secret_free(in);
	obol_secret_free(out);
	return status;
}

START_TEST(password_lengths)
{
	ck_assert_int_eq(password_of(1), OBOL_OK);
	ck_assert_int_eq(password_of(255), OBOL_OK);
	ck_assert_int_eq(password_of(256), OBOL_OK);
	ck_assert_int_eq(password_of(1024), OBOL_OK);
	ck_assert_int_eq(password_of(1025), OBOL_ERR_FORMAT);
	ck_assert_int_eq(password_of(1 << 20), OBOL_ERR_FORMAT);
}
END_TEST

Suite *precis_suite(void)
{
	Suite *suite = suite_create("precis");
	TCase *tc = tcase_create("precis");

	tcase_add_loop_test(tc, name_row, 0,
						(int)(sizeof(names) / sizeof(names[0])));
	tcase_add_test(tc, name_lengths);
	tcase_add_test(tc, name_shrinks);
	tcase_add_loop_test(tc, password_row, 0,
						(int)(sizeof(passwords) / sizeof(passwords[0])));
	tcase_add_test(tc, password_lengths);
	suite_add_tcase(suite, tc);
	return suite;
}
