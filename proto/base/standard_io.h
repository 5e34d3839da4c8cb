/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Standard input, output and error of a program.
 */
#ifndef OBOL_BASE_STANDARD_IO_H_
#define OBOL_BASE_STANDARD_IO_H_

#include <stdbool.h>

#include <obol/status.h>

/**
 * Put something in the place of those that whoever started this program has
 * closed: else a file or a socket would get such a number, and with it what is
 * meant for people. Reading from it, and writing to it, fails.
 *
 * @return	false when that cannot be done
 */
bool obol_standard_io_open(void) OBOL_MUST_CHECK;

/** Whether all that was printed has been written out. */
bool obol_standard_output_is_whole(void);

#endif /* OBOL_BASE_STANDARD_IO_H_ */
