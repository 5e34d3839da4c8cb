/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Text for people: what a server or another device said is cleaned before a
 * terminal sees it, times and sizes are written the one way.
 */
#ifndef OBOL_TOOLS_TEXT_H_
#define OBOL_TOOLS_TEXT_H_

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/bytes.h"

/** Longest text of a time or an age, with its final zero. */
#define TEXT_TIME_MAX 40

/** Controls, line separators, marks that turn the writing direction or show
 * nothing; none of them is above U+FFFF. */
bool text_acts_on_terminals(uint32_t cp);

/**
 * Text without anything that a terminal acts on: that becomes '?', as do bytes
 * that are no UTF-8.
 *
 * @param out	receives at most size bytes with the final zero, and no part of
 *				a character
 * @return		out
 */
const char *text_clean(char *out, size_t size, const char *text);

/** "2026-11-24 03:16 UTC"; "never" for 0. */
const char *text_time(char out[TEXT_TIME_MAX], uint64_t at);

/** "3 days ago", "in 5 hours"; "never" for 0. */
const char *text_age(char out[TEXT_TIME_MAX], uint64_t at, uint64_t now);

/** A whole number of days from now to then, negative when it is past. */
int64_t text_days_left(uint64_t then, uint64_t now);

/** Columns at most of a table. */
#define TEXT_COLUMNS_MAX 8

/**
 * A table with columns as wide as their longest cell.
 *
 * @param cells	n_rows * n_columns texts, row by row, the heading first
 */
void text_table(FILE *out, const char *const *cells, size_t n_rows,
				size_t n_columns);

/** Write all of the bytes, past stdio's buffers: for secrets. */
bool text_bytes(int fd, struct obol_bytes bytes);

#endif /* OBOL_TOOLS_TEXT_H_ */
