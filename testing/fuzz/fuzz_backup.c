/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Backups that somebody has changed: a database of alice's with some bytes
 * written over, cut, or no database at all, restored in the place of the
 * present one. */
#include "fuzz/server_world.h"
#include "store/store_operator.h"
#include "store/store_sqlite.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EDITS_MAX 24
#define WHY_MAX 512
#define NOW UINT64_C(1800001000)
#define DATABASE_MAX ((size_t)4 << 20)

static struct {
	char path[PATH_MAX];
	char backup[PATH_MAX];
} place;

static void drop_log(struct obol_log *log, enum obol_log_level level,
					 const char *line)
{
	(void)log;
	(void)level;
	(void)line;
}

static void remove_all(void)
{
	static const char *const suffixes[] = { "",
											"-wal",
											"-shm",
											"-journal",
											".before-restore",
											".before-restore-wal",
											".before-restore-shm",
											".restore",
											".restore-wal",
											".restore-shm",
											".restore-journal" };
	char path[PATH_MAX + 32];
	size_t i;

	for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
	{
		(void)snprintf(path, sizeof(path), "%s%s", place.path, suffixes[i]);
		(void)unlink(path);
		(void)snprintf(path, sizeof(path), "%s%s", place.backup, suffixes[i]);
		(void)unlink(path);
	}
}

static void make_place(void)
{
	const char *folder = getenv("TMPDIR");

	if (!place.path[0])
	{
		(void)snprintf(place.path, sizeof(place.path),
					   "%s/obol-fuzz-present-%ld", folder ? folder : "/tmp",
					   (long)getpid());
		(void)snprintf(place.backup, sizeof(place.backup),
					   "%s/obol-fuzz-backup-%ld", folder ? folder : "/tmp",
					   (long)getpid());
		FUZZ_CHECK(atexit(remove_all) == 0);
	}
}

static void write_file(const char *path, struct obol_bytes bytes)
{
	mode_t mask = umask(077);
	FILE *file = fopen(path, "wb");

	(void)umask(mask);
	FUZZ_CHECK(file);
	FUZZ_CHECK(fwrite(bytes.ptr, 1, bytes.len, file) == bytes.len);
	FUZZ_CHECK(fclose(file) == 0);
}

/* Bytes here and there, and how much of it there is. */
static size_t edit(struct fuzz_script *script, uint8_t *bytes, size_t len)
{
	unsigned n;
	uint32_t at;

	if (fuzz_u8(script) & 1)
	{
		len = fuzz_u32(script) % (len + 1);
	}
	for (n = 0; n < EDITS_MAX && script->left && len; n++)
	{
		/* the first page has the file's own header */
		at = fuzz_u8(script) & 1 ? fuzz_u16(script) % 4096u : fuzz_u32(script);
		bytes[at % len] = fuzz_u8(script);
	}
	return len;
}

/* What is done with a database of anybody's must end, and say what is wrong. */
static void use(struct obol_store *store)
{
	struct obol_store_account_list list = { .in.limit = 10 };
	struct obol_store_account_find find = {
		.in.name = obol_bytes_str(FUZZ_ACCOUNT),
	};
	struct obol_store_slot_list *slots = calloc(1, sizeof(*slots));
	struct obol_store_list *items = calloc(1, sizeof(*items));

	FUZZ_CHECK(slots && items);
	(void)!obol_store_run(store, OBOL_STORE_ACCOUNT_LIST, &list);
	if (obol_store_run(store, OBOL_STORE_ACCOUNT_FIND, &find) == OBOL_OK)
	{
		slots->in.account_id = find.out.account.id;
		slots->in.now = NOW;
		items->in = slots->in;
		(void)!obol_store_run(store, OBOL_STORE_SLOT_LIST, slots);
		(void)!obol_store_run(store, OBOL_STORE_LIST, items);
	}
	free(slots);
	free(items);
}

/* NULL when it cannot be opened, with a reason. */
static struct obol_store *open_present(struct obol_rng *rng,
									   struct obol_log *log)
{
	struct obol_store_sqlite_options options = {
		.path = place.path,
		.guess_rows_max = 1000,
		.rng = rng,
		.log = log,
	};
	struct obol_store *store = NULL;
	char why[WHY_MAX] = "";

	FUZZ_CHECK(obol_store_sqlite_open(&options, &store, why, sizeof(why)) ==
				   OBOL_OK ||
			   why[0]);
	return store;
}

/* alice and her slots; the file's own header may say that it was looked at */
static void check_present(struct obol_rng *rng, struct obol_log *log)
{
	struct obol_store_account_find find = {
		.in.name = obol_bytes_str(FUZZ_ACCOUNT),
	};
	struct obol_store_slot_list *slots = calloc(1, sizeof(*slots));
	struct obol_store *store = open_present(rng, log);

	FUZZ_CHECK(slots && store);
	FUZZ_CHECK(obol_store_run(store, OBOL_STORE_ACCOUNT_FIND, &find) ==
			   OBOL_OK);
	FUZZ_CHECK(find.out.account.state == OBOL_ACCOUNT_ACTIVE &&
			   find.out.account.generation == 2);
	slots->in.account_id = find.out.account.id;
	FUZZ_CHECK(obol_store_run(store, OBOL_STORE_SLOT_LIST, slots) == OBOL_OK);
	FUZZ_CHECK(slots->out.n_slots == 3);
	obol_store_close(store);
	free(slots);
}

static void run(struct obol_bytes in)
{
	struct fuzz_script script = fuzz_script_over(in);
	struct obol_bytes present = fuzz_server_database();
	struct obol_log log = { .write = drop_log };
	struct obol_store_restored restored;
	struct obol_store_restore_options options = {
		.backup = place.backup,
		.path = place.path,
		.log = &log,
		.actor = { .source = "root" },
		.now = NOW,
	};
	uint8_t *bytes = malloc(present.len + 1);
	struct fuzz_rng rng;
	char why[WHY_MAX] = "";
	size_t len = present.len;
	struct obol_store *store;
	enum obol_status status;

	FUZZ_CHECK(bytes);
	make_place();
	remove_all();
	fuzz_rng_init(&rng, 12);
	options.rng = &rng.rng;
	memcpy(bytes, present.ptr, present.len);
	options.without_present = fuzz_u8(&script) & 1;
	len = edit(&script, bytes, len);
	write_file(place.backup, obol_bytes(bytes, len));
	write_file(place.path, present);
	status = obol_store_sqlite_restore(&options, &restored, why, sizeof(why));
	if (status == OBOL_OK)
	{
		store = open_present(&rng.rng, &log);
		if (store)
		{
			use(store);
			obol_store_close(store);
		}
	}
	else
	{
		FUZZ_CHECK(why[0]);
		check_present(&rng.rng, &log);
	}
	free(bytes);
}

/* clang-format off */
static const uint8_t whole[] = { 0, 0 };
static const uint8_t cut[] = { 0, 1, 0, 0, 16, 0 };
static const uint8_t empty[] = { 0, 1, 0, 0, 0, 0 };
static const uint8_t without[] = { 1, 0, 1, 0, 28, 9, 0, 0, 0, 80, 0, 1 };
/* the header's page size, schema's cookie, a page's kind */
static const uint8_t edits[] = {
	0, 0, 1, 0, 16, 2, 1, 0, 43, 7, 1, 0, 100, 5, 0, 0, 0, 32, 0, 13,
};
/* clang-format on */

static void seed(struct fuzz_seeds *seeds)
{
	fuzz_seed(seeds, "whole", obol_bytes(whole, sizeof(whole)));
	fuzz_seed(seeds, "cut", obol_bytes(cut, sizeof(cut)));
	fuzz_seed(seeds, "empty", obol_bytes(empty, sizeof(empty)));
	fuzz_seed(seeds, "without", obol_bytes(without, sizeof(without)));
	fuzz_seed(seeds, "edits", obol_bytes(edits, sizeof(edits)));
}

static struct fuzz_target target = {
	.name = "backup",
	.what = "a backup that was changed is restored or refused with a reason, "
			"and then the present database has what it had",
	.run = run,
	.seed = seed,
	.max_len = 160,
};

FUZZ_TARGET(target)
