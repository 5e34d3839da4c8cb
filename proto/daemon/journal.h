/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Entries with fields for systemd's journal, by its native protocol: one
 * datagram for each, of lines FIELD=value (systemd's JOURNAL_NATIVE_PROTOCOL).
 */
#ifndef OBOL_DAEMON_JOURNAL_H_
#define OBOL_DAEMON_JOURNAL_H_

#include "base/log.h"

#define OBOL_JOURNAL_PATH "/run/systemd/journal/socket"
/** An entry: a line, and fields that are no longer than it. */
#define OBOL_JOURNAL_ENTRY_MAX 4096

/**
 * An entry's bytes.
 *
 * @param line		"room: sentence", free of control characters
 * @param fields	NULL for none
 * @param out		OBOL_JOURNAL_ENTRY_MAX bytes
 * @return			their number; 0 when it does not fit
 */
size_t obol_journal_entry(enum obol_log_level level, const char *line,
						  const struct obol_log_fields *fields, char *out);

/**
 * Put the journal's socket in the place of standard output, which is kept in
 * every process, whatever else it closes. Before any sandbox.
 *
 * @return	false when there is no journal; standard output is as before
 */
bool obol_journal_open(const char *path);

/** Write an entry there. False when the journal did not take it. */
bool obol_journal_write(enum obol_log_level level, const char *line,
						const struct obol_log_fields *fields);

#endif /* OBOL_DAEMON_JOURNAL_H_ */
