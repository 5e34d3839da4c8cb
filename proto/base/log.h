/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Log lines of the daemon and the tools. libobol itself logs nothing: its
 * caller gets a status and a cause.
 */
#ifndef OBOL_BASE_LOG_H_
#define OBOL_BASE_LOG_H_

#include <stddef.h>

#include "base/bytes.h"

/** Levels by reader. */
enum obol_log_level {
	/** the operator must act */
	OBOL_LOG_ERROR,
	/** the operator should know */
	OBOL_LOG_WARN,
	/** one line per finished operation */
	OBOL_LOG_INFO,
	/** for developers */
	OBOL_LOG_DEBUG,
};

/** What an entry is about, for who looks for it by fields and not by words;
 * NULL is none. */
struct obol_log_fields {
	/** see log_id.h */
	const char *id;
	const char *operation;
	const char *result;
	/** an address */
	const char *source;
	/** as the line has it: a keyed hash until it is known to exist */
	const char *account;
};

struct obol_log {
	/** lines above this level are dropped */
	enum obol_log_level level;
	/** where a line goes: text without newline, already free of controls */
	void (*write)(struct obol_log *log, enum obol_log_level level,
				  const char *line);
	/** for whoever made it */
	void *ctx;
	/** of the line that is being written; NULL for none */
	const struct obol_log_fields *fields;
};

/**
 * Write one line; control characters in the result become '?'.
 *
 * @param log	NULL drops the line
 * @param room	part of the program that speaks, such as "store"
 * @param fmt	as printf, a plain sentence without newline, no secret in it
 */
void obol_log(struct obol_log *log, enum obol_log_level level, const char *room,
			  const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/** The same, with fields for logs that have a place for them. */
void obol_log_event(struct obol_log *log, enum obol_log_level level,
					const char *room, const struct obol_log_fields *fields,
					const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/** A log that writes "obold: warning: store: ..." to standard error. */
void obol_log_init_stderr(struct obol_log *log, const char *program,
						  enum obol_log_level level);

/**
 * Text of a peer, bounded and escaped, fit to stand in a log line.
 *
 * @param out	receives at most size bytes with the final zero: printable
 *				ASCII as it is, all else as \xNN, "..." when cut
 * @return		out
 */
const char *obol_log_quote(char *out, size_t size, struct obol_bytes text);

#endif /* OBOL_BASE_LOG_H_ */
