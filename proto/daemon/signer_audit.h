/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A file of all that a signer has signed, a line each:
 *
 *   2026-11-26T20:15:00Z certificate ASKER SERIAL UNTIL SUBJECT
 *   2026-11-26T20:15:00Z crl ASKER NUMBER ENTRIES UNTIL
 *
 * Lines are written before what they tell of is given out, and durable then:
 * where that fails, nothing is signed.
 */
#ifndef OBOL_DAEMON_SIGNER_AUDIT_H_
#define OBOL_DAEMON_SIGNER_AUDIT_H_

#include "issue/issuer.h"

/**
 * @param fd	receives the file, opened to append, mode 0600 when it is new
 * @param why	receives a sentence for the operator on failure
 * @return		OK; IO
 */
enum obol_status obol_signer_audit_open(const char *path, int *fd, char *why,
										size_t size) OBOL_MUST_CHECK;

/**
 * Note a certificate, a revocation list. OK, also without a file (-1); IO.
 *
 * @param asker	a word
 */
enum obol_status
obol_signer_audit_issued(int fd, uint64_t now, const char *asker,
						 const struct obol_issued *issued) OBOL_MUST_CHECK;
enum obol_status
obol_signer_audit_list(int fd, uint64_t now, const char *asker,
					   const struct obol_crl_parts *parts) OBOL_MUST_CHECK;

#endif /* OBOL_DAEMON_SIGNER_AUDIT_H_ */
