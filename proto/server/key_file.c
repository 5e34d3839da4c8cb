/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key file: made, read, and changed. */
#include "server/key_file.h"

#include <stdio.h>

#include <openssl/evp.h>

#include "base/ct.h"
#include "base/file.h"
#include "base/reader.h"
#include "base/writer.h"

#define MAGIC "OBOLKEY2"
#define MAGIC_LEN 8
#define CHECKSUM_LEN 32
#define KEY_LEN (4 + 8 + 8 + OBOL_OPAQUE_NSEED + OBOL_OPAQUE_NSK)
#define FILE_MAX (MAGIC_LEN + 1 + OBOL_SERVER_KEYS_MAX * KEY_LEN + CHECKSUM_LEN)
#define FILE_MODE 0600

static enum obol_status fail(enum obol_status status, char *why, size_t size,
							 const char *path, const char *what)
{
	(void)snprintf(why, size, "%s: %s", path, what);
	return status;
}

/*
 * Writing
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

static enum obol_status encode(struct obol_writer *w,
							   const struct obol_key_rows *rows)
{
	enum obol_status status;
	size_t i;

	obol_write_bytes(w, obol_bytes(MAGIC, MAGIC_LEN));
	obol_write_u8(w, (uint8_t)rows->n);
	for (i = 0; i < rows->n; i++)
	{
		obol_write_u32(w, rows->rows[i].info.number);
		obol_write_u64(w, rows->rows[i].info.created_at);
		obol_write_u64(w, rows->rows[i].info.ends_at);
		obol_write_bytes(w, rows->rows[i].oprf_seed);
		obol_write_bytes(w, rows->rows[i].private_key);
	}
	status = obol_writer_status(w);
	return status == OBOL_OK ? append_checksum(w) : status;
}

enum obol_status obol_key_file_write(const char *path,
									 const struct obol_key_rows *rows,
									 bool is_new, char *why, size_t size)
{
	struct obol_writer w;
	enum obol_status status;

	obol_writer_init(&w);
	status = encode(&w, rows);
	if (status != OBOL_OK)
	{
		(void)fail(status, why, size, path, "could not be made");
	}
	else if (is_new)
	{
		status =
			obol_file_create(path, obol_writer_view(&w), FILE_MODE, why, size);
	}
	else
	{
		status =
			obol_file_replace(path, obol_writer_view(&w), FILE_MODE, why, size);
	}
	obol_writer_clear(&w);
	return status;
}

/*
 * Reading
 */

static bool checksum_fits(struct obol_bytes file)
{
	uint8_t sum[CHECKSUM_LEN];
	size_t len = file.len - CHECKSUM_LEN;

	return EVP_Digest(file.ptr, len, sum, NULL, EVP_sha256(), NULL) == 1 &&
		   obol_ct_eq(sum, file.ptr + len, CHECKSUM_LEN);
}

static struct obol_key_row decode_row(struct obol_reader *r)
{
	struct obol_key_row row;

	row.info.number = obol_read_u32(r);
	row.info.created_at = obol_read_u64(r);
	row.info.ends_at = obol_read_u64(r);
	row.oprf_seed = obol_read_fixed(r, OBOL_OPAQUE_NSEED);
	row.private_key = obol_read_fixed(r, OBOL_OPAQUE_NSK);
	return row;
}

/* Numbers grow from key to key: so they differ, and the last is current. */
static enum obol_status decode(struct obol_bytes file,
							   struct obol_key_rows *rows)
{
	struct obol_reader r = obol_reader_over(file);
	struct obol_bytes magic = obol_read_fixed(&r, MAGIC_LEN);
	size_t n = obol_read_u8(&r);
	uint32_t least = 1;

	if (!obol_bytes_eq(magic, obol_bytes(MAGIC, MAGIC_LEN)) || !n ||
		n > OBOL_SERVER_KEYS_MAX)
	{
		return OBOL_ERR_FORMAT;
	}
	for (rows->n = 0; rows->n < n && obol_reader_ok(&r); rows->n++)
	{
		rows->rows[rows->n] = decode_row(&r);
		if (rows->rows[rows->n].info.number < least)
		{
			return OBOL_ERR_FORMAT;
		}
		least = rows->rows[rows->n].info.number + 1;
	}
	(void)obol_read_fixed(&r, CHECKSUM_LEN);
	return obol_read_end(&r);
}

enum obol_status obol_key_file_read(const char *path, struct obol_secret **out,
									struct obol_key_rows *rows, char *why,
									size_t size)
{
	struct obol_secret *file = NULL;
	enum obol_status status =
		obol_file_read(path, OBOL_FILE_PRIVATE, FILE_MAX, &file, why, size);

	if (status != OBOL_OK)
	{
		return status;
	}
	if (obol_secret_len(file) <= CHECKSUM_LEN ||
		!checksum_fits(obol_secret_view(file)))
	{
		obol_secret_free(file);
		return fail(OBOL_ERR_FORMAT, why, size, path,
					"is no key file, or was cut short or changed; bring it "
					"back from the backup of the keys");
	}
	status = decode(obol_secret_view(file), rows);
	if (status != OBOL_OK)
	{
		obol_secret_free(file);
		return fail(status, why, size, path,
					"has keys that this obold cannot use");
	}
	*out = file;
	return OBOL_OK;
}

/*
 * Changing
 */

/* A key pair and a seed, behind the keys that are there. */
static enum obol_status append(struct obol_key_rows *rows, struct obol_rng *rng,
							   uint64_t now, struct obol_secret *made[2])
{
	uint8_t public_key[OBOL_OPAQUE_NPK];
	struct obol_key_row *row = &rows->rows[rows->n];
	enum obol_status status = obol_rng_secret(rng, OBOL_OPAQUE_NSEED, &made[0]);

	if (status == OBOL_OK)
	{
		status = obol_opaque_generate_key_pair(rng, &made[1], public_key);
	}
	if (status != OBOL_OK)
	{
		return status;
	}
	row->info.number = rows->n ? row[-1].info.number + 1 : 1;
	row->info.created_at = now;
	row->info.ends_at = 0;
	row->oprf_seed = obol_secret_view(made[0]);
	row->private_key = obol_secret_view(made[1]);
	rows->n++;
	return OBOL_OK;
}

static enum obol_status append_and_write(const char *path, bool is_new,
										 struct obol_key_rows *rows,
										 struct obol_rng *rng, uint64_t now,
										 char *why, size_t size)
{
	struct obol_secret *made[2] = { NULL, NULL };
	enum obol_status status = append(rows, rng, now, made);

	if (status == OBOL_OK)
	{
		status = obol_key_file_write(path, rows, is_new, why, size);
	}
	else
	{
		(void)fail(status, why, size, path, "its keys could not be made");
	}
	obol_secret_free(made[1]);
	obol_secret_free(made[0]);
	return status;
}

enum obol_status obol_server_keys_create(const char *path, struct obol_rng *rng,
										 uint64_t now, char *why, size_t size)
{
	struct obol_key_rows rows = { .n = 0 };

	return append_and_write(path, true, &rows, rng, now, why, size);
}

enum obol_status obol_server_keys_add(const char *path, struct obol_rng *rng,
									  uint64_t now, uint64_t ends_at,
									  uint32_t *number, char *why, size_t size)
{
	struct obol_secret *file = NULL;
	struct obol_key_rows rows;
	enum obol_status status = obol_key_file_read(path, &file, &rows, why, size);

	if (status != OBOL_OK)
	{
		return status;
	}
	if (rows.n == OBOL_SERVER_KEYS_MAX ||
		rows.rows[rows.n - 1].info.number == UINT32_MAX)
	{
		obol_secret_free(file);
		return fail(OBOL_ERR_DENIED, why, size, path,
					"is full; retire a key first");
	}
	rows.rows[rows.n - 1].info.ends_at = ends_at;
	status = append_and_write(path, false, &rows, rng, now, why, size);
	if (status == OBOL_OK)
	{
		*number = rows.rows[rows.n - 1].info.number;
	}
	obol_secret_free(file);
	return status;
}

enum obol_status obol_server_keys_remove(const char *path, uint32_t number,
										 char *why, size_t size)
{
	struct obol_secret *file = NULL;
	struct obol_key_rows rows;
	enum obol_status status = obol_key_file_read(path, &file, &rows, why, size);
	size_t i = 0;

	if (status != OBOL_OK)
	{
		return status;
	}
	while (i < rows.n && rows.rows[i].info.number != number)
	{
		i++;
	}
	if (i == rows.n)
	{
		status = fail(OBOL_ERR_NOT_FOUND, why, size, path, "has no such key");
	}
	else if (i == rows.n - 1)
	{
		status = fail(OBOL_ERR_DENIED, why, size, path,
					  "its current key cannot be removed; make a new one "
					  "first");
	}
	else
	{
		rows.n--;
		memmove(&rows.rows[i], &rows.rows[i + 1],
				(rows.n - i) * sizeof(rows.rows[0]));
		status = obol_key_file_write(path, &rows, false, why, size);
	}
	obol_secret_free(file);
	return status;
}
