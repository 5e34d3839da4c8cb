/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * How good a new password is, by libpwquality and /etc/security/pwquality.conf.
 */
#ifndef OBOL_TOOLS_QUALITY_H_
#define OBOL_TOOLS_QUALITY_H_

#include <stddef.h>

#include <obol/secret.h>

/** What a new password must score unless told otherwise, of 100. */
#define QUALITY_MINIMUM 20

/**
 * Check a new password. There is no way around it but a lower minimum and the
 * system's configuration.
 *
 * @param password	as typed, a zero byte behind its length
 * @param before	the password that it replaces, likewise; may be NULL
 * @param user		the account's name, which must not be part of it
 * @param minimum	score from 0 to 100
 * @param why		receives a sentence for people on failure
 * @return			OK; FORMAT when it is in no form that can be used (RFC
 *					8265); DENIED when it is too weak; IO when the system's
 *					configuration cannot be read; NOT_FOUND when the
 *					dictionary is not there; NOMEM
 */
enum obol_status quality_check(const struct obol_secret *password,
							   const struct obol_secret *before,
							   const char *user, uint32_t minimum, char *why,
							   size_t size) OBOL_MUST_CHECK;

#endif /* OBOL_TOOLS_QUALITY_H_ */
