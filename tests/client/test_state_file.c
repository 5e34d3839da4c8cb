/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a client remembers, and how strictly it is read. */
#include "client/state_file.h"
#include "support/run.h"
#include "support/tempdir.h"

#include <stdio.h>

static struct tempdir dir;
static struct obol_state state;
static char why[256];

static void setup(void)
{
	tempdir_init(&dir);
	obol_state_init(&state);
	(void)snprintf(state.account, sizeof(state.account), "alice");
}

static void teardown(void)
{
	tempdir_clear(&dir);
}

static void fill(void)
{
	uint8_t key[33];
	struct obol_pin pins[2];

	memset(key, 3, sizeof(key));
	memset(pins, 5, sizeof(pins));
	memset(pins[1].tls_key_hash, 7, sizeof(pins[1].tls_key_hash));
	obol_state_add_server_keys(&state, key, pins, 2);
	obol_state_set_tls_keys(&state, key, pins, 2);
	memset(key, 9, sizeof(key));
	obol_state_set_account_id(&state, key);
	obol_state_set_failures(&state, 2);
	obol_state_set_kind(&state, 2, 4);
	obol_state_set_anchors_number(&state, 7);
	obol_state_saw_version(&state, obol_bytes_str("vpn"), 12);
	obol_state_saw_version(&state, obol_bytes("a b%\n\xff\0", 7), UINT64_MAX);
}

static enum obol_status load(struct obol_state *into)
{
	return obol_state_load(tempdir_file(&dir, "state"), into, why, sizeof(why));
}

static void save(void)
{
	ck_assert_msg(obol_state_save(tempdir_file(&dir, "state"), &state, why,
								  sizeof(why)) == OBOL_OK,
				  "%s", why);
}

START_TEST(comes_back)
{
	struct obol_state back;

	fill();
	ck_assert(state.is_changed);
	save();
	ck_assert(!state.is_changed);
	ck_assert_msg(load(&back) == OBOL_OK, "%s", why);
	ck_assert_mem_eq(&back, &state, sizeof(state));
	ck_assert_uint_eq(back.n_server_keys, 2);
	ck_assert_uint_eq(back.n_tls_keys, 3);
	ck_assert_uint_eq(back.mode, 2);
	ck_assert_uint_eq(back.key_type, 4);
	ck_assert_uint_eq(obol_state_version(&back, obol_bytes_str("vpn")), 12);
	ck_assert_uint_eq(obol_state_version(&back, obol_bytes_str("vp")), 0);
	ck_assert_uint_eq(obol_state_version(&back, obol_bytes("a b%\n\xff\0", 7)),
					  UINT64_MAX);
}
END_TEST

START_TEST(nothing_there)
{
	struct obol_state back;

	memset(&back, 1, sizeof(back));
	ck_assert_int_eq(load(&back), OBOL_OK);
	ck_assert_uint_eq(back.account[0], 0);
	ck_assert_uint_eq(back.n_server_keys, 0);
}
END_TEST

/* Cut anywhere, with a byte more, with any byte changed to one that no word
 * of it has. */
START_TEST(cut_or_changed)
{
	struct obol_state back;
	char content[4096];
	size_t len;
	size_t i;

	fill();
	save();
	len = tempdir_read(&dir, "state", content, sizeof(content));
	for (i = 0; i < len; i++)
	{
		char c = content[i];

		tempdir_write(&dir, "state", content, i, 0644);
		ck_assert_msg(load(&back) == OBOL_ERR_FORMAT, "cut at %zu", i);
		ck_assert_uint_eq(back.n_server_keys, 0);
		content[i] = '?';
		tempdir_write(&dir, "state", content, len, 0644);
		ck_assert_msg(load(&back) == OBOL_ERR_FORMAT, "changed at %zu", i);
		content[i] = c;
	}
	content[len] = '\n';
	tempdir_write(&dir, "state", content, len + 1, 0644);
	ck_assert_int_eq(load(&back), OBOL_ERR_FORMAT);
	tempdir_write(&dir, "state", content, len, 0644);
	ck_assert_int_eq(load(&back), OBOL_OK);
}
END_TEST

static const char *const bad[] = {
	"obol-state 2\naccount alice\nend\n",
	"obol-state 1\nend\n",
	"obol-state 1\naccount \nend\n",
	"obol-state 1\naccount alice \nend\n",
	"obol-state 1\naccount  alice\nend\n",
	"obol-state 1\naccount alice\naccount bob\nend\n",
	"obol-state 1\naccount a%4\nend\n",
	"obol-state 1\naccount a%zz\nend\n",
	"obol-state 1\naccount alice\nserver-key 02\nend\n",
	"obol-state 1\naccount alice\nfailures\nend\n",
	"obol-state 1\naccount alice\nfailures -1\nend\n",
	"obol-state 1\naccount alice\nfailures 99999999999999999999\nend\n",
	"obol-state 1\naccount alice\nfailures 1 2\nend\n",
	"obol-state 1\naccount alice\nmode 256\nend\n",
	"obol-state 1\naccount alice\nmode device\nend\n",
	"obol-state 1\naccount alice\nkey-type 1\nmode 1\nend\n",
	"obol-state 1\naccount alice\nkey-type\nend\n",
	"obol-state 1\naccount alice\nanchors\nend\n",
	"obol-state 1\naccount alice\nanchors 0\nend\n",
	"obol-state 1\naccount alice\nanchors 4294967296\nend\n",
	"obol-state 1\naccount alice\nanchors 1\nfailures 1\nend\n",
	"obol-state 1\naccount alice\nversion 1\nend\n",
	"obol-state 1\naccount alice\nversion vpn 1 2\nend\n",
	"obol-state 1\naccount alice\nversion 1 vpn\nfailures 1\nend\n",
	"obol-state 1\naccount alice\nsurprise\nend\n",
	"obol-state 1\naccount alice\nend\nend\n",
	"obol-state 1\r\naccount alice\r\nend\r\n",
};

START_TEST(reads_strictly)
{
	struct obol_state back;

	tempdir_write(&dir, "state", bad[_i], strlen(bad[_i]), 0644);
	ck_assert_msg(load(&back) == OBOL_ERR_FORMAT, "%s", bad[_i]);
	ck_assert_msg(strstr(why, "line") && strstr(why, "remove it"), "%s", why);
}
END_TEST

START_TEST(too_many_keys)
{
	struct obol_state back;
	char content[2048];
	size_t used = 0;
	int i;

	used += (size_t)snprintf(content, sizeof(content),
							 "obol-state 1\naccount alice\n");
	for (i = 0; i < 9; i++)
	{
		used += (size_t)snprintf(content + used, sizeof(content) - used,
								 "tls-key %064d\n", i);
	}
	(void)snprintf(content + used, sizeof(content) - used, "end\n");
	tempdir_write(&dir, "state", content, strlen(content), 0644);
	ck_assert_int_eq(load(&back), OBOL_ERR_FORMAT);
}
END_TEST

START_TEST(keys_in_order)
{
	uint8_t key[OBOL_OPAQUE_NPK];
	struct obol_pin pin;
	int i;

	memset(&pin, 100, sizeof(pin));
	for (i = 0; i < 10; i++)
	{
		memset(key, i, sizeof(key));
		obol_state_add_server_keys(&state, key, &pin, 1);
		ck_assert_mem_eq(state.server_keys[0], key, sizeof(key));
		ck_assert(obol_state_knows_server_key(&state, pin.opaque_public_key));
	}
	ck_assert_uint_eq(state.n_server_keys, OBOL_STATE_KEYS_MAX);
	/* the oldest are gone */
	memset(key, 2, sizeof(key));
	ck_assert(!obol_state_knows_server_key(&state, key));
	memset(key, 3, sizeof(key));
	ck_assert(obol_state_knows_server_key(&state, key));
	/* the same again changes nothing */
	memset(key, 9, sizeof(key));
	state.is_changed = false;
	obol_state_add_server_keys(&state, key, &pin, 1);
	ck_assert(!state.is_changed);
	/* one of TLS goes with the next login that does not name it */
	obol_state_set_tls_keys(&state, key, &pin, 1);
	ck_assert_uint_eq(state.n_tls_keys, 2);
	obol_state_set_tls_keys(&state, key, NULL, 0);
	ck_assert_uint_eq(state.n_tls_keys, 1);
}
END_TEST

START_TEST(versions_only_grow)
{
	struct obol_bytes vpn = obol_bytes_str("vpn");
	char name[16];
	int i;

	obol_state_saw_version(&state, vpn, 5);
	state.is_changed = false;
	obol_state_saw_version(&state, vpn, 4);
	ck_assert(!state.is_changed);
	ck_assert_uint_eq(obol_state_version(&state, vpn), 5);
	/* another account begins at nothing */
	obol_state_set_account_id(&state, (const uint8_t *)"0123456789abcdef");
	obol_state_saw_version(&state, vpn, 5);
	obol_state_set_account_id(&state, (const uint8_t *)"0123456789abcdef");
	ck_assert_uint_eq(obol_state_version(&state, vpn), 5);
	obol_state_set_account_id(&state, (const uint8_t *)"0123456789abcdeX");
	ck_assert_uint_eq(obol_state_version(&state, vpn), 0);
	for (i = 0; i < OBOL_NAMES_MAX + 5; i++)
	{
		(void)snprintf(name, sizeof(name), "n%d", i);
		obol_state_saw_version(&state, obol_bytes_str(name), 1);
	}
	ck_assert_uint_eq(state.n_versions, OBOL_NAMES_MAX);
	save();
	ck_assert_int_eq(load(&state), OBOL_OK);
	ck_assert_uint_eq(state.n_versions, OBOL_NAMES_MAX);
}
END_TEST

/* Two processes with the same file. */
START_TEST(keeps_the_others_versions)
{
	struct obol_state other;

	fill();
	save();
	ck_assert_int_eq(load(&other), OBOL_OK);
	obol_state_saw_version(&other, obol_bytes_str("vpn"), 13);
	ck_assert_int_eq(
		obol_state_save(tempdir_file(&dir, "state"), &other, why, sizeof(why)),
		OBOL_OK);
	obol_state_saw_version(&state, obol_bytes_str("mail"), 1);
	save();
	ck_assert_int_eq(load(&other), OBOL_OK);
	ck_assert_uint_eq(obol_state_version(&other, obol_bytes_str("vpn")), 13);
	ck_assert_uint_eq(obol_state_version(&other, obol_bytes_str("mail")), 1);
}
END_TEST

Suite *state_file_suite(void);
Suite *state_file_suite(void)
{
	Suite *suite = suite_create("state_file");
	TCase *tcase = tcase_create("state_file");

	/* hundreds of files are written */
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, comes_back);
	tcase_add_test(tcase, nothing_there);
	tcase_add_test(tcase, cut_or_changed);
	tcase_add_loop_test(tcase, reads_strictly, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tcase, too_many_keys);
	tcase_add_test(tcase, keys_in_order);
	tcase_add_test(tcase, versions_only_grow);
	tcase_add_test(tcase, keeps_the_others_versions);
	suite_add_tcase(suite, tcase);
	return suite;
}
