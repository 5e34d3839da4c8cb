/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Asking a person: secrets without echo, from the terminal or a descriptor;
 * plain answers and yes or no.
 */
#ifndef OBOL_TOOLS_ASKPASS_H_
#define OBOL_TOOLS_ASKPASS_H_

#include "base/bytes.h"

/** Longest secret that is taken, in bytes. */
#define OBOL_ASKPASS_MAX 4096

/** There is a terminal to ask on. */
bool obol_ask_possible(void);

/**
 * Ask for a secret on the controlling terminal, without echo; the terminal is
 * as before on every return, also when a signal ends the program.
 *
 * @param prompt	such as "Password: "
 * @param secret	a new secret, without the line's end
 * @return			OK; NOT_FOUND when there is no terminal; FORMAT when it is
 *					empty or too long; IO; NOMEM
 */
enum obol_status obol_askpass(const char *prompt,
							  struct obol_secret **secret) OBOL_MUST_CHECK;

/** Read a secret from a descriptor: up to the end of the line or the input.
 * Several secrets may come on one descriptor, a line each. As above. */
enum obol_status obol_askpass_fd(int fd,
								 struct obol_secret **secret) OBOL_MUST_CHECK;

/**
 * Ask for a plain answer on the controlling terminal.
 *
 * @param preset	what an empty answer stands for, shown in brackets; may be
 *					NULL
 * @param answer	at most size bytes with the final zero
 * @return			as obol_askpass()
 */
enum obol_status obol_ask(const char *prompt, const char *preset, char *answer,
						  size_t size) OBOL_MUST_CHECK;

/** Ask for yes or no; an empty answer, and no terminal, is no. */
bool obol_ask_yes(const char *question);

#endif /* OBOL_TOOLS_ASKPASS_H_ */
