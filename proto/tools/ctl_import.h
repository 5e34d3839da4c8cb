/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * obolctl account import: its parts. The table's rows become accounts; those
 * that are new get a code, registered on all cores; codes are written down,
 * durably, before the database takes the accounts. So whatever interrupts it,
 * each code in the file is good or becomes so when it is run again.
 */
#ifndef OBOL_TOOLS_CTL_IMPORT_H_
#define OBOL_TOOLS_CTL_IMPORT_H_

#include "seal/code.h"
#include "server/activation.h"
#include "tools/ctl.h"

/** Rows of one table at most. */
#define OBOL_IMPORT_ROWS_MAX 200000
/** Accounts of one commit. */
#define OBOL_IMPORT_BATCH 250
/** Registrations under way at once, in memory that processes share. */
#define OBOL_IMPORT_WAVE 5000

/** An activation code's bytes. */
#define OBOL_IMPORT_CODE_LEN (OBOL_ACTIVATION_BITS / 8)

struct obol_import_row {
	size_t line;
	struct obol_account account;
	/** NULL, or why it is refused; not for a name that is done before */
	const char *refused;
	bool is_done_before;
	/** it was there before, and the table lists all accounts */
	bool is_known;
	/** the code was written down by a run before this one */
	bool is_written;
	bool has_code;
	uint8_t code[OBOL_IMPORT_CODE_LEN];
	char code_text[OBOL_CODE_TEXT_MAX];
};

/** The whole table. */
struct obol_import {
	struct obol_ctl *ctl;
	uint64_t code_expires_at;
	/** the table lists all accounts: one that is there already is no fault */
	bool is_complete;
	size_t n_rows;
	struct obol_import_row *rows;
	/** texts of refusals that are not constant */
	size_t n_texts;
	char **texts;
	size_t n_imported;
	size_t n_done_before;
	size_t n_known;
	size_t n_refused;
};

/**
 * Read the table; rows that cannot be used are marked as refused.
 *
 * @return	false, with the reason said, when it is no table at all
 */
bool obol_import_read(struct obol_import *import, const char *path);

/** Free all and wipe the codes. */
void obol_import_clear(struct obol_import *import);

/** Refuse a row, with text of its own. */
void obol_import_refuse(struct obol_import *import, struct obol_import_row *row,
						const char *text);

/** The file that codes go to. */
struct obol_import_codes {
	const char *path;
	int fd;
};

/**
 * Open the file of codes, or make it with mode 0600; a line that was cut by an
 * interruption is taken away; codes in it are given to their rows.
 *
 * @return	false, with the reason said
 */
bool obol_import_codes_open(struct obol_import *import, const char *path,
							struct obol_import_codes *codes);

/** Append the rows' codes that are not in it, and make them durable. */
bool obol_import_codes_write(struct obol_import *import,
							 struct obol_import_codes *codes,
							 struct obol_import_row *const *rows, size_t n);

void obol_import_codes_close(struct obol_import_codes *codes);

/** Accounts that can be used and that a complete table lacks. */
struct obol_import_missing {
	size_t n;
	struct obol_account *accounts;
	size_t n_disabled;
};

/**
 * Look for them. A row whose name cannot be read may be anybody's, so such a
 * table is none to go by, nor is an empty one.
 *
 * @return	false, with the reason said
 */
bool obol_import_missing_find(struct obol_import *import,
							  struct obol_import_missing *missing);

/** Ask whether they shall be disabled; false, with the reason said. */
bool obol_import_missing_confirm(const struct obol_import_missing *missing,
								 bool is_sure);

/** Disable them; false, with the reason said. */
bool obol_import_missing_disable(struct obol_import *import,
								 struct obol_import_missing *missing);

void obol_import_missing_clear(struct obol_import_missing *missing);

/** Registrations on all cores. */
struct obol_import_workers;

/**
 * Start processes that register the rows' codes.
 *
 * @param rows	at most OBOL_IMPORT_WAVE
 * @return		NULL, with the reason said
 */
struct obol_import_workers *
obol_import_workers_start(struct obol_import *import,
						  struct obol_import_row *const *rows, size_t n);

/** Wait for the i-th one's slot; NULL, with the reason said. */
const struct obol_slot *
obol_import_workers_slot(struct obol_import_workers *workers, size_t i);

/** End them; wipes and frees. */
void obol_import_workers_stop(struct obol_import_workers *workers);

#endif /* OBOL_TOOLS_CTL_IMPORT_H_ */
