/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of plugin/obol_secrets.c. */
#include "obol_secrets.h"

#include <check.h>

#include <string.h>

static struct obol_secret *secret(const char *text)
{
	return obol_secret_dup(text, strlen(text));
}

static bool is(struct obol_secret *a, const char *text)
{
	struct obol_bytes view = obol_secret_view(a);

	return a && view.len == strlen(text) &&
		   !memcmp(view.ptr, text, view.len);
}

START_TEST(test_password)
{
	obol_secrets_t *secrets = obol_secrets_create();

	ck_assert(!secrets->get_password(secrets));
	ck_assert(secrets->offer(secrets, secret("one")));
	ck_assert(is(secrets->get_password(secrets), "one"));
	/* the same again is nothing new, another one is */
	ck_assert(!secrets->offer(secrets, secret("one")));
	ck_assert(secrets->offer(secrets, secret("on")));
	ck_assert(is(secrets->get_password(secrets), "on"));
	secrets->destroy(secrets);
}
END_TEST

START_TEST(test_refused_is_not_taken_again)
{
	obol_secrets_t *secrets = obol_secrets_create();

	ck_assert(secrets->offer(secrets, secret("wrong")));
	ck_assert(secrets->use(secrets, secrets->get_password(secrets)));
	secrets->refused(secrets);
	ck_assert(!secrets->get_password(secrets));
	ck_assert(!secrets->offer(secrets, secret("wrong")));
	ck_assert(!secrets->get_password(secrets));
	ck_assert(secrets->offer(secrets, secret("right")));
	ck_assert(is(secrets->get_password(secrets), "right"));
	/* what has been accepted makes an old refusal void */
	ck_assert(secrets->use(secrets, secrets->get_password(secrets)));
	secrets->accepted(secrets);
	ck_assert(secrets->offer(secrets, secret("wrong")));
	secrets->destroy(secrets);
}
END_TEST

START_TEST(test_refused_device)
{
	obol_secrets_t *secrets = obol_secrets_create();
	struct obol_secret *device = secret("device"), *other = secret("other");

	ck_assert(secrets->use(secrets, device));
	secrets->refused(secrets);
	ck_assert(!secrets->use(secrets, device));
	ck_assert(secrets->use(secrets, other));
	obol_secret_free(device);
	obol_secret_free(other);
	secrets->destroy(secrets);
}
END_TEST

START_TEST(test_copy)
{
	struct obol_secret *one = secret("one"), *copy = obol_secrets_copy(one);

	ck_assert(copy != one && is(copy, "one"));
	ck_assert(!obol_secrets_copy(NULL));
	obol_secret_free(one);
	obol_secret_free(copy);
}
END_TEST

Suite *secrets_suite(void);

Suite *secrets_suite(void)
{
	Suite *suite = suite_create("secrets");
	TCase *tcase = tcase_create("secrets");

	tcase_add_test(tcase, test_password);
	tcase_add_test(tcase, test_refused_is_not_taken_again);
	tcase_add_test(tcase, test_refused_device);
	tcase_add_test(tcase, test_copy);
	suite_add_tcase(suite, tcase);
	return suite;
}
