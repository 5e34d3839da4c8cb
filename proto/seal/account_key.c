/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The account key and its generations. The wraps are in slot_wrap.c. */
#include "seal/account_key.h"

enum obol_status obol_account_key_new(struct obol_rng *rng,
									  struct obol_account_key *key)
{
	struct obol_account_key made = { .generation = 1 };
	enum obol_status status;

	status = obol_rng_fill(rng, made.account_id, sizeof(made.account_id));
	if (status == OBOL_OK)
	{
		status = obol_rng_secret(rng, OBOL_ACCOUNT_KEY_LEN, &made.key);
	}
	if (status == OBOL_OK)
	{
		*key = made;
	}
	return status;
}

enum obol_status obol_account_key_next(struct obol_rng *rng,
									   const struct obol_account_key *key,
									   struct obol_account_key *next)
{
	struct obol_account_key made = { .generation = key->generation + 1 };
	enum obol_status status;

	if (key->generation == UINT32_MAX)
	{
		return OBOL_ERR_ARG;
	}
	memcpy(made.account_id, key->account_id, sizeof(made.account_id));
	status = obol_rng_secret(rng, OBOL_ACCOUNT_KEY_LEN, &made.key);
	if (status == OBOL_OK)
	{
		*next = made;
	}
	return status;
}

void obol_account_key_clear(struct obol_account_key *key)
{
	obol_secret_free(key->key);
	memset(key, 0, sizeof(*key));
}
