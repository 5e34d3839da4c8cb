/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operations on the keys of a key file. */
#include "server/keys.h"

#include <stdio.h>
#include <stdlib.h>

#include "server/key_file.h"

/** Secrets of this size get pages of their own, locked and not dumped. */
#define PAGED_LEN 1024

/** A key, ready for use. */
struct server_key {
	struct obol_server_key_info info;
	struct obol_secret *oprf_seed;
	struct obol_secret *private_key;
	struct obol_opaque_keys local;
	bool is_ready;
};

struct obol_server_keys {
	struct obol_opaque_keys operations;
	size_t n;
	struct server_key keys[OBOL_SERVER_KEYS_MAX];
};

/*
 * The operations
 */

static struct server_key *find_key(struct obol_opaque_keys *operations,
								   uint32_t number)
{
	struct obol_server_keys *keys = operations->ctx;
	size_t i;

	for (i = 0; i < keys->n; i++)
	{
		if (keys->keys[i].info.number == number)
		{
			return &keys->keys[i];
		}
	}
	return NULL;
}

static enum obol_status oprf_evaluate(struct obol_opaque_keys *operations,
									  uint32_t key_number,
									  struct obol_bytes credential_identifier,
									  struct obol_bytes blinded,
									  uint8_t evaluated[OBOL_OPAQUE_NOE])
{
	struct server_key *key = find_key(operations, key_number);

	return key ? key->local.oprf_evaluate(&key->local, key_number,
										  credential_identifier, blinded,
										  evaluated)
			   : OBOL_ERR_NOT_FOUND;
}

static enum obol_status static_dh(struct obol_opaque_keys *operations,
								  uint32_t key_number, struct obol_bytes point,
								  struct obol_secret *shared)
{
	struct server_key *key = find_key(operations, key_number);

	return key ? key->local.static_dh(&key->local, key_number, point, shared)
			   : OBOL_ERR_NOT_FOUND;
}

static enum obol_status public_key_of(struct obol_opaque_keys *operations,
									  uint32_t key_number,
									  uint8_t public_key[OBOL_OPAQUE_NPK])
{
	struct server_key *key = find_key(operations, key_number);

	return key ? key->local.public_key(&key->local, key_number, public_key)
			   : OBOL_ERR_NOT_FOUND;
}

/*
 * Loading
 */

/* These live as long as the process: never in swap. */
static struct obol_secret *locked_dup(struct obol_bytes bytes)
{
	struct obol_secret *secret = obol_secret_new(PAGED_LEN);

	if (secret)
	{
		memcpy(obol_secret_ptr(secret), bytes.ptr, bytes.len);
		obol_secret_cut(secret, bytes.len);
	}
	return secret;
}

static enum obol_status take_key(const struct obol_key_row *row,
								 struct server_key *key)
{
	enum obol_status status;

	key->info = row->info;
	key->oprf_seed = locked_dup(row->oprf_seed);
	key->private_key = locked_dup(row->private_key);
	if (!key->oprf_seed || !key->private_key)
	{
		return OBOL_ERR_NOMEM;
	}
	status = obol_opaque_local_keys_init(&key->local, key->info.number,
										 key->oprf_seed, key->private_key);
	key->is_ready = status == OBOL_OK;
	return status;
}

static enum obol_status take_all(const struct obol_key_rows *rows,
								 struct obol_server_keys *keys)
{
	enum obol_status status = OBOL_OK;

	keys->operations.oprf_evaluate = oprf_evaluate;
	keys->operations.static_dh = static_dh;
	keys->operations.public_key = public_key_of;
	keys->operations.ctx = keys;
	while (status == OBOL_OK && keys->n < rows->n)
	{
		status = take_key(&rows->rows[keys->n], &keys->keys[keys->n]);
		keys->n++;
	}
	return status;
}

enum obol_status obol_server_keys_load(const char *path,
									   struct obol_server_keys **out, char *why,
									   size_t size)
{
	struct obol_server_keys *keys = NULL;
	struct obol_secret *file = NULL;
	struct obol_key_rows rows;
	enum obol_status status = obol_key_file_read(path, &file, &rows, why, size);

	if (status != OBOL_OK)
	{
		return status;
	}
	status = OBOL_ERR_NOMEM;
	keys = calloc(1, sizeof(*keys));
	if (keys)
	{
		status = take_all(&rows, keys);
	}
	if (status != OBOL_OK)
	{
		(void)snprintf(why, size, "%s: %s", path,
					   status == OBOL_ERR_FORMAT
						   ? "has keys that this obold cannot use"
						   : "its keys could not be prepared");
		goto out;
	}
	*out = keys;
	keys = NULL; /* moved to the caller */
out:
	obol_server_keys_free(keys);
	obol_secret_free(file);
	return status;
}

void obol_server_keys_free(struct obol_server_keys *keys)
{
	size_t i;

	if (!keys)
	{
		return;
	}
	for (i = 0; i < keys->n; i++)
	{
		if (keys->keys[i].is_ready)
		{
			obol_opaque_local_keys_clear(&keys->keys[i].local);
		}
		obol_secret_free(keys->keys[i].private_key);
		obol_secret_free(keys->keys[i].oprf_seed);
	}
	free(keys);
}

struct obol_opaque_keys *
obol_server_keys_operations(struct obol_server_keys *keys)
{
	return &keys->operations;
}

size_t obol_server_keys_count(const struct obol_server_keys *keys)
{
	return keys->n;
}

struct obol_server_key_info
obol_server_keys_info(const struct obol_server_keys *keys, size_t i)
{
	return keys->keys[i].info;
}

bool obol_server_keys_has_ended(const struct obol_server_keys *keys,
								uint32_t number, uint64_t now)
{
	size_t i;

	for (i = 0; i < keys->n; i++)
	{
		const struct obol_server_key_info *info = &keys->keys[i].info;

		if (info->number == number)
		{
			return info->ends_at && now >= info->ends_at;
		}
	}
	return false;
}

uint32_t obol_server_keys_current(const struct obol_server_keys *keys)
{
	return keys->keys[keys->n - 1].info.number;
}
