/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of the status codes. */
#include <obol/status.h>

const char *obol_status_name(enum obol_status status)
{
	switch (status)
	{
		case OBOL_OK:
			return "ok";
		case OBOL_ERR_NOMEM:
			return "out of memory";
		case OBOL_ERR_ARG:
			return "wrong argument";
		case OBOL_ERR_FORMAT:
			return "malformed";
		case OBOL_ERR_VERSION:
			return "unknown version";
		case OBOL_ERR_AUTH:
			return "authentication failed";
		case OBOL_ERR_DENIED:
			return "denied";
		case OBOL_ERR_NOT_FOUND:
			return "not found";
		case OBOL_ERR_EXISTS:
			return "exists";
		case OBOL_ERR_IO:
			return "input/output error";
		case OBOL_ERR_TIMEOUT:
			return "timed out";
		case OBOL_ERR_STORE:
			return "database error";
		case OBOL_ERR_TOKEN:
			return "token error";
		case OBOL_ERR_CRYPTO:
			return "cryptographic library error";
	}
	return "unknown status";
}
