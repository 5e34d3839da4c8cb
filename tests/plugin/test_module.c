/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The module as a loader meets it: what it exports, and which daemon it
 * refuses. */
#include "support/run.h"
#include "support/tempdir.h"

#include <library.h>
#include <plugins/plugin.h>

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct tempdir dir;
static char logged[4096];

/* as in swan.c */
const char *__lsan_default_suppressions(void);

__attribute__((visibility("default"))) const char *
__lsan_default_suppressions(void)
{
	return "leak:libcrypto.so\n";
}

static void capture(debug_t group, level_t level, char *fmt, ...)
{
	va_list args;

	if (group == DBG_DMN && level == LEVEL_CTRL)
	{
		va_start(args, fmt);
		vsnprintf(logged, sizeof(logged), fmt, args);
		va_end(args);
	}
}

static void *open_module(void)
{
	void *module;

	/* where it was not installed, a loader would not find it */
	ck_assert_msg(dlopen(LIBOBOL_SO, RTLD_NOW), "%s", dlerror());
	module = dlopen(PLUGIN_SO, RTLD_NOW);
	ck_assert_msg(module, "%s", dlerror());
	return module;
}

static void setup(void)
{
	tempdir_init(&dir);
	tempdir_write(&dir, "strongswan.conf", "\n", 1, 0600);
	dbg = capture;
	ck_assert(library_init((char *)tempdir_file(&dir, "strongswan.conf"),
						   "charon"));
	ck_assert(lib->plugins->load(lib->plugins,
								 "random nonce sha1 pem pkcs8 x509 openssl"));
}

static void teardown(void)
{
	library_deinit();
	tempdir_clear(&dir);
}

START_TEST(test_version)
{
	const char **version = dlsym(open_module(), "obol_plugin_version");

	ck_assert(version);
	ck_assert_str_eq(*version, VERSION);
}
END_TEST

START_TEST(test_exports_no_more)
{
	void *module = open_module();

	ck_assert(dlsym(module, "obol_plugin_create"));
	ck_assert(!dlsym(module, "obol_fetcher_create"));
	ck_assert(!dlsym(module, "obol_creds_create"));
}
END_TEST

START_TEST(test_registers)
{
	plugin_constructor_t create = dlsym(open_module(), "obol_plugin_create");
	plugin_t *plugin = create();
	plugin_feature_t *features;

	ck_assert(plugin);
	ck_assert_str_eq(plugin->get_name(plugin), "obol");
	ck_assert_int_gt(plugin->get_features(plugin, &features), 2);
	ck_assert_int_eq(features[0].kind, FEATURE_CALLBACK);
	ck_assert_int_eq(features[1].kind, FEATURE_PROVIDE);
	ck_assert_str_eq(features[1].arg.custom, "obol");
	/* before it has been registered, too */
	ck_assert(plugin->reload(plugin));
	ck_assert(
		plugin_feature_load(plugin, &features[1], &features[0]));
	ck_assert(plugin->reload(plugin));
	ck_assert(
		plugin_feature_unload(plugin, &features[1], &features[0]));
	plugin->destroy(plugin);
}
END_TEST

#ifndef PLUGIN_DEFINE
/* The function that libstrongswan has since 6.0, seen by dlsym(). It is put
 * there by a library that is loaded only for this test. */
START_TEST(test_refuses_another_major_version)
{
	plugin_constructor_t create = dlsym(open_module(), "obol_plugin_create");

	ck_assert_msg(dlopen(SINCE_6_SO, RTLD_NOW | RTLD_GLOBAL), "%s", dlerror());
	ck_assert(dlsym(RTLD_DEFAULT, "library_init_register"));
	ck_assert(!create());
	ck_assert_msg(strstr(logged, "built for strongSwan " VERSION) &&
					  strstr(logged, "version 6"),
				  "%s", logged);
}
END_TEST
#endif

int main(void)
{
	Suite *suite = suite_create("module");
	TCase *tcase = tcase_create("module");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_version);
	tcase_add_test(tcase, test_exports_no_more);
	tcase_add_test(tcase, test_registers);
#ifndef PLUGIN_DEFINE
	tcase_add_test(tcase, test_refuses_another_major_version);
#endif
	suite_add_tcase(suite, tcase);
	return run_suites(suite, NULL);
}
