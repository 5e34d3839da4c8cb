/* SPDX-License-Identifier: GPL-2.0-or-later */
/* State files. */
#include "client/state_file.h"
#include "fuzz/support.h"

#define WHY_MAX 256

static void check_same(const struct obol_state *a, const struct obol_state *b)
{
	size_t i;

	FUZZ_CHECK(strcmp(a->account, b->account) == 0);
	FUZZ_CHECK(a->n_server_keys == b->n_server_keys &&
			   a->n_tls_keys == b->n_tls_keys);
	FUZZ_CHECK(memcmp(a->server_keys, b->server_keys,
					  a->n_server_keys * sizeof(*a->server_keys)) == 0);
	FUZZ_CHECK(memcmp(a->tls_keys, b->tls_keys,
					  a->n_tls_keys * sizeof(*a->tls_keys)) == 0);
	FUZZ_CHECK(a->has_account_id == b->has_account_id &&
			   memcmp(a->account_id, b->account_id, OBOL_ACCOUNT_ID_LEN) == 0);
	FUZZ_CHECK(a->n_failures == b->n_failures);
	for (i = 0; i < a->n_versions; i++)
	{
		struct obol_bytes name =
			obol_bytes(a->versions[i].name, a->versions[i].name_len);

		FUZZ_CHECK(obol_state_version(a, name) == obol_state_version(b, name));
	}
}

static void run(struct obol_bytes in)
{
	struct obol_state *state = malloc(sizeof(*state));
	struct obol_state *again = malloc(sizeof(*again));
	const char *path = fuzz_file(in);
	char why[WHY_MAX] = "";
	enum obol_status status;

	FUZZ_CHECK(state && again);
	status = obol_state_load(path, state, why, sizeof(why));
	FUZZ_CHECK(status == OBOL_OK || (status == OBOL_ERR_FORMAT && why[0]));
	if (status == OBOL_OK)
	{
		/* an unchanged state is not written: make it another one */
		obol_state_set_failures(state, state->n_failures ^ 1);
		FUZZ_CHECK(obol_state_save(path, state, why, sizeof(why)) == OBOL_OK);
		FUZZ_CHECK(obol_state_load(path, again, why, sizeof(why)) == OBOL_OK);
		check_same(state, again);
	}
	free(state);
	free(again);
}

static void seed(struct fuzz_seeds *seeds)
{
	fuzz_seed_text(
		seeds, "good",
		"obol-state 1\naccount alice%2d\n"
		"server-key "
		"020102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20\n"
		"tls-key "
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
		"account-id 000102030405060708090a0b0c0d0e0f\nfailures 2\n"
		"version 7 vpn\nversion 18446744073709551615 a%20b\nend\n");
	fuzz_seed_text(seeds, "least", "obol-state 1\naccount a\nend\n");
	fuzz_seed_text(seeds, "cut", "obol-state 1\naccount a\n");
}

static struct fuzz_target target = {
	.name = "state_file",
	.what = "a state that is taken, saved and loaded, is the same state",
	.run = run,
	.seed = seed,
	.max_len = 2048,
};

FUZZ_TARGET(target)
