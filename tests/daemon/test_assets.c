/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CA's files, exchanged under obold. */
#include "daemon/assets.h"

#include <stdio.h>

#include "daemon/running.h"

Suite *assets_suite(void);

static struct running r;
static struct obol_assets *assets;
static char why[512];

static void setup(void)
{
	running_init(&r, "");
}

static void teardown(void)
{
	obol_assets_free(assets);
	assets = NULL;
	running_clear(&r);
}

static void load(void)
{
	ck_assert_msg(obol_assets_load(tempdir_file(&r.world.dir, "obold.conf"),
								   obol_clock_system(), false, &assets, why,
								   sizeof(why)) == OBOL_OK,
				  "%s", why);
}

static void make_ca(const char *certificate, const char *key)
{
	ck_assert_msg(obol_ca_create("Another CA", 100 * DAY,
								 tempdir_file(&r.world.dir, certificate),
								 tempdir_file(&r.world.dir, key),
								 obol_clock_system(), why,
								 sizeof(why)) == OBOL_OK,
				  "%s", why);
}

static void move(const char *from, const char *to)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "%s", tempdir_file(&r.world.dir, from));
	ck_assert_int_eq(rename(path, tempdir_file(&r.world.dir, to)), 0);
}

START_TEST(ca_is_exchanged)
{
	load();
	ck_assert(!obol_assets_ca_has_changed(assets));
	make_ca("ca-next.crt", "ca-next.key");
	ck_assert(!obol_assets_ca_has_changed(assets));
	move("ca-next.key", "ca.key");
	move("ca-next.crt", "ca.crt");
	ck_assert(obol_assets_ca_has_changed(assets));
	obol_assets_free(assets);
	load();
	ck_assert(!obol_assets_ca_has_changed(assets));
}
END_TEST

Suite *assets_suite(void)
{
	Suite *suite = suite_create("assets");
	TCase *tc = tcase_create("assets");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, ca_is_exchanged);
	suite_add_tcase(suite, tc);
	return suite;
}
