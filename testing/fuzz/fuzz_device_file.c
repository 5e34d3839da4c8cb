/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Device files. */
#include <obol/client.h>

#include "fuzz/support.h"

static void run(struct obol_bytes in)
{
	struct obol_device device = { .secret = NULL }, again = { .secret = NULL };
	struct obol_error error = { .status = OBOL_OK };
	const char *path = fuzz_file(in);
	enum obol_status status = obol_device_load(path, &device, &error);

	FUZZ_CHECK(status == OBOL_OK || status == OBOL_ERR_FORMAT);
	if (status != OBOL_OK)
	{
		FUZZ_CHECK(error.status == status && error.text[0]);
		return;
	}
	FUZZ_CHECK(obol_device_save(path, &device, &error) == OBOL_OK);
	FUZZ_CHECK(obol_device_load(path, &again, &error) == OBOL_OK);
	FUZZ_CHECK(memcmp(device.id, again.id, sizeof(device.id)) == 0);
	FUZZ_CHECK(obol_bytes_eq(obol_secret_view(device.secret),
							 obol_secret_view(again.secret)));
	obol_device_clear(&device);
	obol_device_clear(&again);
}

static void seed(struct fuzz_seeds *seeds)
{
	fuzz_seed_text(seeds, "good",
				   "obol-device 1\nid 000102030405060708090a0b0c0d0e0f\n"
				   "secret 101112131415161718191A1B1C1D1E1F\n");
	fuzz_seed_text(seeds, "cut",
				   "obol-device 1\nid 000102030405060708090a0b0c0d0e0f\n"
				   "secret 10111213");
}

static struct fuzz_target target = {
	.name = "device_file",
	.what = "a device file that is taken, saved and loaded, is the same device",
	.run = run,
	.seed = seed,
	.max_len = 260,
};

FUZZ_TARGET(target)
