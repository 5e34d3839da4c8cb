/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/connection.h"
#include "tools/profile.h"

Suite *profile_suite(void);

#define SEEN_MAX 2048

static char root[64];

static const char *below(const char *path)
{
	static char out[128];

	(void)snprintf(out, sizeof(out), "%s%s", root, path);
	return out;
}

static void setup(void)
{
	(void)snprintf(root, sizeof(root), "/tmp/obol-test-profile.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	ck_assert_int_eq(mkdir(below("/etc"), 0755), 0);
	ck_assert_int_eq(mkdir(below(PROFILE_DIR), 0755), 0);
}

static void teardown(void)
{
	(void)unlink(below(PROFILE_DIR "/obol-a.conf"));
	(void)unlink(below(PROFILE_DIR "/obol-b.conf"));
	(void)unlink(below(PROFILE_DIR "/charon.conf"));
	(void)rmdir(below(PROFILE_DIR));
	(void)rmdir(below("/etc"));
	(void)rmdir(root);
}

static void put_file(const char *path, struct obol_bytes text)
{
	FILE *out = fopen(below(path), "w");

	ck_assert_ptr_nonnull(out);
	ck_assert_uint_eq(fwrite(text.ptr, 1, text.len, out), text.len);
	ck_assert_int_eq(fclose(out), 0);
}

static void put_profile(const char *path, const char *name)
{
	struct profile profile = { .server = "[2001:db8::1]:4501, vpn.example.org",
							   .account = "alice \"the\\ first\"",
							   .credential = "vpn",
							   .timeout = "15" };
	struct obol_writer w;

	(void)snprintf(profile.name, sizeof(profile.name), "%s", name);
	obol_writer_init(&w);
	profile_write(&w, &profile);
	ck_assert_int_eq(obol_writer_status(&w), OBOL_OK);
	put_file(path, obol_writer_view(&w));
	obol_writer_clear(&w);
}

START_TEST(written_and_read)
{
	struct profile profile;
	char why[512];

	put_profile(PROFILE_DIR "/obol-a.conf", "vpn-example-org");
	put_file(PROFILE_DIR "/charon.conf", obol_bytes_str("not { ours"));
	ck_assert_int_eq(profile_find(root, NULL, &profile, why, sizeof(why)),
					 OBOL_OK);
	ck_assert_str_eq(profile.name, "vpn-example-org");
	ck_assert_str_eq(profile.server, "[2001:db8::1]:4501, vpn.example.org");
	ck_assert_str_eq(profile.account, "alice \"the\\ first\"");
	ck_assert_str_eq(profile.credential, "vpn");
	ck_assert_str_eq(profile.timeout, "15");
	ck_assert_str_eq(profile.tls_ca, "");
	ck_assert_str_eq(profile.device_file, "");
}
END_TEST

START_TEST(none_one_several)
{
	struct profile profile;
	char why[512];

	ck_assert_int_eq(profile_find(root, NULL, &profile, why, sizeof(why)),
					 OBOL_ERR_NOT_FOUND);
	put_profile(PROFILE_DIR "/obol-a.conf", "one");
	ck_assert_int_eq(profile_find(root, "other", &profile, why, sizeof(why)),
					 OBOL_ERR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(why, "other"));
	put_profile(PROFILE_DIR "/obol-b.conf", "two");
	ck_assert_int_eq(profile_find(root, NULL, &profile, why, sizeof(why)),
					 OBOL_ERR_EXISTS);
	ck_assert_ptr_nonnull(strstr(why, "--profile two"));
	ck_assert_int_eq(profile_find(root, "two", &profile, why, sizeof(why)),
					 OBOL_OK);
	ck_assert_str_eq(profile.name, "two");
}
END_TEST

START_TEST(bad_file)
{
	struct profile profile;
	char why[512];

	put_file(PROFILE_DIR "/obol-a.conf",
			 obol_bytes_str("charon {\n  plugins {\n"));
	ck_assert_int_eq(profile_find(root, NULL, &profile, why, sizeof(why)),
					 OBOL_ERR_FORMAT);
	ck_assert_ptr_nonnull(strstr(why, "obol-a.conf, line 3"));
}
END_TEST

static const struct {
	const char *servers;
	const char *name;
} names[] = {
	{ "vpn.example.org", "vpn-example-org" },
	{ "VPN.Example.org:443", "vpn-example-org" },
	{ "[2001:db8::1]:4501", "2001-db8--1" },
	{ "a.example, b.example", "a-example" },
	{ "192.0.2.1 192.0.2.2", "192-0-2-1" },
	{ "b\xc3\xbc"
	  "ro.example",
	  "b--ro-example" },
	{ "", "-" },
};

START_TEST(name_for)
{
	char name[PROFILE_NAME_MAX];

	profile_name_for(names[_i].servers, name);
	ck_assert_str_eq(name, names[_i].name);
	ck_assert(profile_name_ok(name));
}
END_TEST

START_TEST(name_ok)
{
	char name[PROFILE_NAME_MAX + 1];

	memset(name, 'n', sizeof(name));
	name[PROFILE_NAME_MAX] = '\0';
	ck_assert(!profile_name_ok(name));
	name[PROFILE_NAME_MAX - 1] = '\0';
	ck_assert(profile_name_ok(name));
	ck_assert(!profile_name_ok(""));
	ck_assert(!profile_name_ok("a.b"));
	ck_assert(!profile_name_ok("../x"));
	ck_assert(!profile_name_ok("a b"));
	ck_assert(!profile_name_ok("a\xc3\xa9"));
	profile_name_for("a-name-that-is-longer-than-sixty-three-characters."
					 "example.org.example.org",
					 name);
	ck_assert(profile_name_ok(name));
}
END_TEST

static void collect(void *ctx, const char *path, const char *value)
{
	char *seen = ctx;
	size_t len = strlen(seen);

	(void)snprintf(seen + len, SEEN_MAX - len, "%s=%s\n", path, value);
}

/* What is written is what the syntax gives back, whatever is in it. */
START_TEST(connection)
{
	static const struct connection c = {
		.name = "vpn",
		.remote_addrs = "vpn.example.org",
		.remote_id = "vpn.example.org",
		.ca_id = "asn1dn:#3000",
		.local_id = "C=CH, O=\"quoted\" {x}, CN=alice",
		.remote_ts = "0.0.0.0/0, ::/0",
	};
	char seen[SEEN_MAX] = "";
	struct obol_writer w;
	unsigned line;

	obol_writer_init(&w);
	connection_write(&w, &c);
	ck_assert_int_eq(settings_read(obol_writer_view(&w), collect, seen, &line),
					 OBOL_OK);
	ck_assert_str_eq(
		seen, "connections.vpn.version=2\n"
			  "connections.vpn.remote_addrs=vpn.example.org\n"
			  "connections.vpn.vips=0.0.0.0, ::\n"
			  "connections.vpn.local.auth=pubkey\n"
			  "connections.vpn.local.id=C=CH, O=\"quoted\" {x}, CN=alice\n"
			  "connections.vpn.remote.auth=pubkey\n"
			  "connections.vpn.remote.id=vpn.example.org\n"
			  "connections.vpn.remote.ca_id=asn1dn:#3000\n"
			  "connections.vpn.children.net.remote_ts=0.0.0.0/0, ::/0\n"
			  "connections.vpn.children.net.start_action=none\n");
	obol_writer_clear(&w);
}
END_TEST

Suite *profile_suite(void)
{
	Suite *suite = suite_create("profile");
	TCase *tc = tcase_create("profile");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, written_and_read);
	tcase_add_test(tc, none_one_several);
	tcase_add_test(tc, bad_file);
	tcase_add_loop_test(tc, name_for, 0,
						(int)(sizeof(names) / sizeof(names[0])));
	tcase_add_test(tc, name_ok);
	tcase_add_test(tc, connection);
	suite_add_tcase(suite, tc);
	return suite;
}
