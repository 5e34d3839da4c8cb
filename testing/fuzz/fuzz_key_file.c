/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key files of the server. The input's first byte says whether the checksum is
 * made to fit, so that what stands behind it is reached. */
#include <openssl/sha.h>

#include "fuzz/support.h"
#include "server/keys.h"

#define WHY_MAX 256

static void run(struct obol_bytes in)
{
	struct fuzz_script script = fuzz_script_over(in);
	bool is_summed = fuzz_u8(&script) & 1;
	struct obol_bytes content = fuzz_rest(&script);
	struct obol_server_keys *keys = NULL;
	uint8_t sum[SHA256_DIGEST_LENGTH];
	uint8_t public_key[OBOL_OPAQUE_NPK];
	char why[WHY_MAX] = "";
	enum obol_status status;
	struct obol_writer w;

	obol_writer_init(&w);
	obol_write_bytes(&w, content);
	if (is_summed)
	{
		SHA256(content.len ? content.ptr : sum, content.len, sum);
		obol_write_bytes(&w, obol_bytes(sum, sizeof(sum)));
	}
	status = obol_server_keys_load(fuzz_file(obol_writer_view(&w)), &keys, why,
								   sizeof(why));
	FUZZ_CHECK(status == OBOL_OK || (status == OBOL_ERR_FORMAT && why[0]));
	if (status == OBOL_OK)
	{
		struct obol_opaque_keys *operations = obol_server_keys_operations(keys);

		FUZZ_CHECK(operations->public_key(operations,
										  obol_server_keys_current(keys),
										  public_key) == OBOL_OK);
		FUZZ_CHECK(public_key[0] == 2 || public_key[0] == 3);
	}
	obol_server_keys_free(keys);
	obol_writer_clear(&w);
}

static void write_key(struct obol_writer *w, uint32_t number, uint8_t byte)
{
	uint8_t bytes[OBOL_OPAQUE_NSEED];

	memset(bytes, byte, sizeof(bytes));
	obol_write_u32(w, number);
	obol_write_u64(w, 1800000000);
	obol_write_bytes(w, obol_bytes(bytes, sizeof(bytes)));
	obol_write_bytes(w, obol_bytes(bytes, sizeof(bytes)));
}

static void seed(struct fuzz_seeds *seeds)
{
	struct obol_writer w;

	obol_writer_init(&w);
	obol_write_u8(&w, 1);
	obol_write_bytes(&w, obol_bytes_str("OBOLKEY1"));
	obol_write_u8(&w, 2);
	write_key(&w, 1, 0x11);
	write_key(&w, 2, 0x22);
	fuzz_seed(seeds, "two", obol_writer_view(&w));
	obol_writer_clear(&w);
	obol_write_u8(&w, 1);
	obol_write_bytes(&w, obol_bytes_str("OBOLKEY1"));
	obol_write_u8(&w, 1);
	write_key(&w, 1, 0xff);
	fuzz_seed(seeds, "no-scalar", obol_writer_view(&w));
	obol_writer_clear(&w);
	obol_write_u8(&w, 0);
	obol_write_bytes(&w, obol_bytes_str("OBOLKEY1"));
	fuzz_seed(seeds, "cut", obol_writer_view(&w));
	obol_writer_clear(&w);
}

static struct fuzz_target target = {
	.name = "key_file",
	.what = "keys that are taken have a public key",
	.run = run,
	.seed = seed,
	.max_len = 700,
};

FUZZ_TARGET(target)
