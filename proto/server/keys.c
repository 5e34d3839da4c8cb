/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key file and the operations on its keys. */
#include "server/keys.h"

#include <stdlib.h>

#include <openssl/evp.h>

#include "base/ct.h"
#include "base/file.h"
#include "base/reader.h"
#include "base/writer.h"

#define MAGIC "OBOLKEY1"
#define MAGIC_LEN 8
#define CHECKSUM_LEN 32
#define KEY_LEN (4 + 8 + OBOL_OPAQUE_NSEED + OBOL_OPAQUE_NSK)
#define FILE_MAX (MAGIC_LEN + 1 + OBOL_SERVER_KEYS_MAX * KEY_LEN + CHECKSUM_LEN)
#define FILE_MODE 0600
/** Secrets of this size get pages of their own, locked and not dumped. */
#define PAGED_LEN 1024

/** One pair of secrets under its number. */
struct server_key {
	uint32_t number;
	uint64_t created_at;
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

static enum obol_status fail(enum obol_status status, char *why, size_t size,
							 const char *path, const char *what)
{
	(void)snprintf(why, size, "%s: %s", path, what);
	return status;
}

/*
 * Making
 */

static enum obol_status append_checksum(struct obol_writer *w)
{
	struct obol_bytes all = obol_writer_view(w);
	uint8_t sum[CHECKSUM_LEN];

	if (EVP_Digest(all.ptr, all.len, sum, NULL, EVP_sha256(), NULL) != 1)
	{
		return OBOL_ERR_CRYPTO;
	}
	obol_write_bytes(w, obol_bytes(sum, sizeof(sum)));
	return obol_writer_status(w);
}

static enum obol_status encode_first(struct obol_writer *w, uint64_t now,
									 const struct obol_secret *oprf_seed,
									 const struct obol_secret *private_key)
{
	enum obol_status status;

	obol_write_bytes(w, obol_bytes(MAGIC, MAGIC_LEN));
	obol_write_u8(w, 1);
	obol_write_u32(w, 1);
	obol_write_u64(w, now);
	obol_write_bytes(w, obol_secret_view(oprf_seed));
	obol_write_bytes(w, obol_secret_view(private_key));
	status = obol_writer_status(w);
	return status == OBOL_OK ? append_checksum(w) : status;
}

enum obol_status obol_server_keys_create(const char *path, struct obol_rng *rng,
										 uint64_t now, char *why, size_t size)
{
	struct obol_secret *oprf_seed = NULL, *private_key = NULL;
	uint8_t public_key[OBOL_OPAQUE_NPK];
	struct obol_writer w;
	enum obol_status status;

	obol_writer_init(&w);
	status = obol_rng_secret(rng, OBOL_OPAQUE_NSEED, &oprf_seed);
	if (status == OBOL_OK)
	{
		status = obol_opaque_generate_key_pair(rng, &private_key, public_key);
	}
	if (status == OBOL_OK)
	{
		status = encode_first(&w, now, oprf_seed, private_key);
	}
	if (status != OBOL_OK)
	{
		(void)fail(status, why, size, path, "its keys could not be made");
		goto out;
	}
	status = obol_file_create(path, obol_writer_view(&w), FILE_MODE, why, size);
out:
	obol_writer_clear(&w);
	obol_secret_free(private_key);
	obol_secret_free(oprf_seed);
	return status;
}

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
		if (keys->keys[i].number == number)
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

static bool checksum_fits(struct obol_bytes file)
{
	uint8_t sum[CHECKSUM_LEN];
	size_t len = file.len - CHECKSUM_LEN;

	return EVP_Digest(file.ptr, len, sum, NULL, EVP_sha256(), NULL) == 1 &&
		   obol_ct_eq(sum, file.ptr + len, CHECKSUM_LEN);
}

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

static enum obol_status decode_key(struct obol_reader *r,
								   struct server_key *key)
{
	struct obol_bytes seed, private_key;
	enum obol_status status;

	key->number = obol_read_u32(r);
	key->created_at = obol_read_u64(r);
	seed = obol_read_fixed(r, OBOL_OPAQUE_NSEED);
	private_key = obol_read_fixed(r, OBOL_OPAQUE_NSK);
	if (!obol_reader_ok(r) || !key->number)
	{
		return OBOL_ERR_FORMAT;
	}
	key->oprf_seed = locked_dup(seed);
	key->private_key = locked_dup(private_key);
	if (!key->oprf_seed || !key->private_key)
	{
		return OBOL_ERR_NOMEM;
	}
	status = obol_opaque_local_keys_init(&key->local, key->number,
										 key->oprf_seed, key->private_key);
	key->is_ready = status == OBOL_OK;
	return status;
}

/* Numbers grow from key to key: so they differ, and the last is current. */
static enum obol_status decode(struct obol_bytes file,
							   struct obol_server_keys *keys)
{
	struct obol_reader r = obol_reader_over(file);
	enum obol_status status = OBOL_OK;
	struct obol_bytes magic = obol_read_fixed(&r, MAGIC_LEN);
	size_t n = obol_read_u8(&r);

	if (!obol_bytes_eq(magic, obol_bytes(MAGIC, MAGIC_LEN)) || !n ||
		n > OBOL_SERVER_KEYS_MAX)
	{
		return OBOL_ERR_FORMAT;
	}
	while (status == OBOL_OK && keys->n < n)
	{
		struct server_key *key = &keys->keys[keys->n++];

		status = decode_key(&r, key);
		if (status == OBOL_OK && keys->n > 1 && key->number <= key[-1].number)
		{
			status = OBOL_ERR_FORMAT;
		}
	}
	(void)obol_read_fixed(&r, CHECKSUM_LEN);
	return status == OBOL_OK ? obol_read_end(&r) : status;
}

enum obol_status obol_server_keys_load(const char *path,
									   struct obol_server_keys **out, char *why,
									   size_t size)
{
	struct obol_server_keys *keys = NULL;
	struct obol_secret *file = NULL;
	enum obol_status status =
		obol_file_read(path, OBOL_FILE_PRIVATE, FILE_MAX, &file, why, size);

	if (status != OBOL_OK)
	{
		return status;
	}
	status = OBOL_ERR_FORMAT;
	if (obol_secret_len(file) <= CHECKSUM_LEN ||
		!checksum_fits(obol_secret_view(file)))
	{
		(void)fail(status, why, size, path,
				   "is no key file, or was cut short or changed; bring it back "
				   "from the backup of the keys");
		goto out;
	}
	status = OBOL_ERR_NOMEM;
	keys = calloc(1, sizeof(*keys));
	if (keys)
	{
		keys->operations.oprf_evaluate = oprf_evaluate;
		keys->operations.static_dh = static_dh;
		keys->operations.public_key = public_key_of;
		keys->operations.ctx = keys;
		status = decode(obol_secret_view(file), keys);
	}
	if (status != OBOL_OK)
	{
		(void)fail(status, why, size, path,
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

uint32_t obol_server_keys_number(const struct obol_server_keys *keys, size_t i)
{
	return keys->keys[i].number;
}

uint32_t obol_server_keys_current(const struct obol_server_keys *keys)
{
	return keys->keys[keys->n - 1].number;
}
