/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of accounts, and the file of codes of an interrupted run: the input's
 * first two bytes are the table's length. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "fuzz/support.h"
#include "support/driven_clock.h"
#include "tools/ctl_import.h"

static void check_row(const struct obol_import_row *row)
{
	if (row->refused)
	{
		FUZZ_CHECK(row->refused[0]);
		return;
	}
	FUZZ_CHECK(row->account.name[0] && row->account.identity[0]);
	FUZZ_CHECK(row->account.generation == 1);
	FUZZ_CHECK(strlen(row->account.name) <= OBOL_NAME_MAX);
	FUZZ_CHECK(!row->is_written || row->has_code);
}

/* standard error tells an operator what is wrong: not wanted here */
static int silence(void)
{
	int kept = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);

	FUZZ_CHECK(kept >= 0 && null >= 0);
	FUZZ_CHECK(dup2(null, STDERR_FILENO) == STDERR_FILENO);
	(void)close(null);
	return kept;
}

static void speak(int kept)
{
	(void)fflush(stderr);
	FUZZ_CHECK(dup2(kept, STDERR_FILENO) == STDERR_FILENO);
	(void)close(kept);
}

static void run(struct obol_bytes in)
{
	struct fuzz_script script = fuzz_script_over(in);
	struct obol_bytes table = fuzz_long_bytes(&script);
	struct obol_bytes codes = fuzz_rest(&script);
	struct obol_config *config = calloc(1, sizeof(*config));
	struct obol_import_codes file = { .fd = -1 };
	struct obol_ctl ctl = { .config = config };
	struct obol_import import = { .ctl = &ctl };
	struct driven_clock clock;
	bool is_table;
	int kept = silence();
	size_t i;

	FUZZ_CHECK(config);
	strcpy(config->domain, "example.org");
	driven_clock_init(&clock, 1800000000);
	ctl.clock = &clock.clock;
	is_table = obol_import_read(&import, fuzz_file(table));
	if (is_table && codes.len)
	{
		(void)obol_import_codes_open(&import, fuzz_file(codes), &file);
	}
	speak(kept);
	for (i = 0; is_table && i < import.n_rows; i++)
	{
		check_row(&import.rows[i]);
	}
	if (file.fd >= 0)
	{
		obol_import_codes_close(&file);
	}
	obol_import_clear(&import);
	free(config);
}

static void seed_both(struct fuzz_seeds *seeds, const char *name,
					  const char *table, const char *codes)
{
	struct obol_writer w;

	obol_writer_init(&w);
	obol_write_vec16(&w, obol_bytes_str(table));
	obol_write_bytes(&w, obol_bytes_str(codes));
	fuzz_seed(seeds, name, obol_writer_view(&w));
	obol_writer_clear(&w);
}

static void seed(struct fuzz_seeds *seeds)
{
	seed_both(seeds, "plain", "alice\nbob,bob@b.example,30d,2030-12-31\n", "");
	seed_both(seeds, "head",
			  "identity,NAME,expires,lifetime\n,alice,90d,12h\n192.0.2.1,b,,\n",
			  "");
	seed_both(seeds, "doubles", "alice\nALICE\n\"a b\"\n@\nx,y,z,1\n", "");
	seed_both(seeds, "codes", "alice\nbob\n",
			  "name,identity,code,expires\nalice,alice@example.org,"
			  "0000-0000-0000-0000-0,2027-01-15T08:00:00Z\nbob,b");
	seed_both(seeds, "no-codes", "alice\n", "name\nalice\n");
}

static struct fuzz_target target = {
	.name = "import",
	.what = "rows that are taken have a name and an identity",
	.run = run,
	.seed = seed,
	.max_len = 2048,
};

FUZZ_TARGET(target)
