/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A first look at what a connection begins with: whether a whole ClientHello
 * may be there. Until it is, a connection costs no TLS state and no key
 * operation, however slowly its bytes come.
 *
 *	offset	size	meaning
 *	0		1		content type, 22 (RFC 8446, 5.1)
 *	1		2		legacy_record_version, 3 and anything
 *	3		2		length of the record
 *	5		1		handshake type, 1 (RFC 8446, 4)
 */
#ifndef OBOL_DAEMON_HELLO_H_
#define OBOL_DAEMON_HELLO_H_

#include "base/bytes.h"

/** The largest first record with its header; libobol's have under 400 bytes. */
#define OBOL_HELLO_MAX 8192

enum obol_hello {
	/** the record is whole */
	OBOL_HELLO_WHOLE,
	/** so far so good */
	OBOL_HELLO_PART,
	/** no TLS, or too long */
	OBOL_HELLO_BAD,
};

/**
 * Look.
 *
 * @param bytes	what has come
 * @param need	receives, for PART, how many bytes there must be for the next
 *				look
 */
enum obol_hello obol_hello_look(struct obol_bytes bytes, size_t *need);

#endif /* OBOL_DAEMON_HELLO_H_ */
