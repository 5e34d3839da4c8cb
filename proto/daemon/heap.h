/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * OpenSSL's heap in obold. OpenSSL frees a key's number wiped, but not what it
 * decoded the key from; a process that is forked afterwards has those blocks
 * too, whatever it frees. So all that OpenSSL frees is wiped here.
 */
#ifndef OBOL_DAEMON_HEAP_H_
#define OBOL_DAEMON_HEAP_H_

#include <stdbool.h>

/** Before OpenSSL is used at all; false when it was. */
bool obol_heap_forgets(void);

/** From here on what is freed stays as it is, but for what OpenSSL itself
 * wipes: for a process that decodes no key and forks nobody, and that makes and
 * frees what connections need all the time. */
void obol_heap_remembers(void);

#endif /* OBOL_DAEMON_HEAP_H_ */
