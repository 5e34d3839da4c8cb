/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A first look at what a connection begins with. */
#include "daemon/hello.h"

#include "base/reader.h"

#define LENGTH_AT 3
#define HEADER_LEN 5
#define TYPE_HANDSHAKE 22
#define MAJOR_VERSION 3
#define TYPE_CLIENT_HELLO 1

enum obol_hello obol_hello_look(struct obol_bytes bytes, size_t *need)
{
	static const uint8_t begins[] = { TYPE_HANDSHAKE, MAJOR_VERSION };
	size_t n = bytes.len < sizeof(begins) ? bytes.len : sizeof(begins);
	struct obol_reader r = obol_reader_over(bytes);
	size_t len;
	uint8_t type;

	if (n && memcmp(bytes.ptr, begins, n) != 0)
	{
		return OBOL_HELLO_BAD;
	}
	*need = HEADER_LEN + 1;
	(void)obol_read_fixed(&r, LENGTH_AT);
	len = obol_read_u16(&r);
	type = obol_read_u8(&r);
	if (!obol_reader_ok(&r))
	{
		return OBOL_HELLO_PART;
	}
	if (!len || HEADER_LEN + len > OBOL_HELLO_MAX || type != TYPE_CLIENT_HELLO)
	{
		return OBOL_HELLO_BAD;
	}
	*need = HEADER_LEN + len;
	return bytes.len < *need ? OBOL_HELLO_PART : OBOL_HELLO_WHOLE;
}
