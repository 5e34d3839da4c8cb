/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Secrets from people: a terminal without echo, or a file descriptor that a
 * script holds. Never the command line, never the environment.
 */
#ifndef OBOL_TOOLS_PROMPT_H_
#define OBOL_TOOLS_PROMPT_H_

#include <stdbool.h>

#include <obol/secret.h>

/** Longest line taken, in bytes. */
#define PROMPT_MAX 4096

/**
 * The terminal of this process.
 *
 * @return	a descriptor to close; -1 when there is none
 */
int prompt_terminal(void);

/**
 * Ask on a terminal without echo. A signal that ends or stops the process is
 * let through only after the terminal is as it was; once continued, it asks
 * again.
 *
 * @param tty		a terminal's descriptor
 * @param prompt	shown as it is
 * @param secret	a new secret without the newline, a zero byte behind it
 * @return			OK; FORMAT when the line is too long; NOT_FOUND at the end
 *					of input; IO; NOMEM
 */
enum obol_status prompt_ask(int tty, const char *prompt,
							struct obol_secret **secret) OBOL_MUST_CHECK;

/**
 * Read one line, byte by byte, so that the next call gets the next line.
 *
 * @return	as prompt_ask()
 */
enum obol_status prompt_line(int fd,
							 struct obol_secret **secret) OBOL_MUST_CHECK;

/**
 * Ask for an answer that everybody may see, with echo.
 *
 * @return	as prompt_ask()
 */
enum obol_status prompt_question(int tty, const char *question,
								 struct obol_secret **answer) OBOL_MUST_CHECK;

/**
 * Ask a question for yes or no, with echo.
 *
 * @param by_default	the answer of an empty line
 * @return				false also at the end of input, when neither yes nor no
 *						came in three tries, and when one of SIGINT, SIGTERM and
 *						SIGHUP has come that the caller has blocked; that one
 *						stays pending
 */
bool prompt_confirm(int tty, const char *question, bool by_default);

#endif /* OBOL_TOOLS_PROMPT_H_ */
