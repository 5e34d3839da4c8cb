/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A profile that a test drives through its fetches. */
#include "plugin/profile_fixture.h"

#include "obol_now.h"

#include <string.h>

struct pki *pki;
obol_profile_t *profile;
int64_t now;

void profile_make(void)
{
	linked_list_t *list = obol_options_load();
	obol_options_t *options;

	ck_assert(list->remove_first(list, (void **)&options) == SUCCESS);
	list->destroy(list);
	profile = obol_profile_create(options);
	now = obol_now_ms();
}

void profile_setup_device(void)
{
	swan_setup();
	pki = pki_new("root");
	swan_profiles(false);
	profile_make();
}

void profile_setup_password(void)
{
	swan_setup();
	pki = pki_new("root");
	swan_password_profile();
	profile_make();
}

void profile_teardown(void)
{
	profile->destroy(profile);
	pki_free(pki);
	swan_teardown();
}

void begin(const char *secret)
{
	obol_login_t login = {};
	struct obol_bytes view;

	ck_assert_int_le(profile->get_due(profile, now), now);
	ck_assert(profile->begin(profile, &login, now));
	ck_assert_int_eq(profile->get_state(profile), OBOL_FETCHING);
	view = obol_secret_view(login.device.secret ? login.device.secret
												: login.password);
	ck_assert(view.len == strlen(secret) &&
			  !memcmp(view.ptr, secret, view.len));
	obol_login_clear(&login);
}

void fail_with(enum obol_cause cause, uint32_t retry_after_s)
{
	obol_fetch_result_t result = {
		.error = { .cause = cause,
				   .retry_after_s = retry_after_s,
				   .text = "It did not work." },
	};

	profile->finish(profile, &result, NULL, now);
	ck_assert_int_eq(profile->get_state(profile), OBOL_BACKOFF);
}

void succeed(uint64_t version, const struct pki_want *want)
{
	obol_fetch_result_t result = { .version = version };

	if (want)
	{
		result.bundle = pki_bundle(pki, want);
	}
	profile->finish(profile, &result, want ? "alice" : NULL, now);
	obol_bundle_free(result.bundle);
}

int64_t pause_ms(void)
{
	return profile->get_due(profile, now) - now;
}
