/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one table of exit codes. */
#include "tools/exit_code.h"

static const struct exit_code rows[] = {
	{ OBOL_CAUSE_NONE, 0, "done" },
	{ OBOL_CAUSE_INTERNAL, 1, "internal failure, such as no memory" },
	{ OBOL_CAUSE_CONFIG, 2, "an option, account or server is not usable" },
	{ OBOL_CAUSE_RESOLVE, 3, "the server's name does not resolve" },
	{ OBOL_CAUSE_UNREACHABLE, 4, "no address of the server answers" },
	{ OBOL_CAUSE_TIMEOUT, 5, "the deadline passed" },
	{ OBOL_CAUSE_PORTAL, 6, "something answers that is no obold" },
	{ OBOL_CAUSE_TLS_CA, 7, "the server's certificate is not by the given CA" },
	{ OBOL_CAUSE_PIN, 8, "the server is not the one known from before" },
	{ OBOL_CAUSE_AUTH, 9,
	  "name, password or code wrong, or another machine answers" },
	{ OBOL_CAUSE_STOPPED, 10, "stopped after three failures in a row" },
	{ OBOL_CAUSE_LATER, 11, "too many failed logins, wait" },
	{ OBOL_CAUSE_DISABLED, 12, "the account is disabled or has expired" },
	{ OBOL_CAUSE_NOT_ALLOWED, 13, "not allowed with this kind of login" },
	{ OBOL_CAUSE_QUOTA, 14, "a quota is used up" },
	{ OBOL_CAUSE_NOT_FOUND, 15, "no such credential, device or slot" },
	{ OBOL_CAUSE_STALE, 16, "it was changed meanwhile, get it again" },
	{ OBOL_CAUSE_ROLLBACK, 17, "the server gave an older version" },
	{ OBOL_CAUSE_SEAL, 18, "a seal does not open: changed at the server" },
	{ OBOL_CAUSE_CREDENTIAL, 19, "key, certificate and CA do not fit" },
	{ OBOL_CAUSE_EXPIRED, 20, "the certificate has expired" },
	{ OBOL_CAUSE_CLOCK, 21, "this machine's clock is wrong" },
	{ OBOL_CAUSE_KSF, 22, "the server asks for key stretching out of bounds" },
	{ OBOL_CAUSE_PROTOCOL, 23, "the server broke the protocol" },
	{ OBOL_CAUSE_SERVER, 24, "the server failed, try again" },
	{ OBOL_CAUSE_FILE, 25, "a local file cannot be read or written" },
	{ OBOL_CAUSE_PASSWORD, 26, "the new password is too weak" },
	{ OBOL_CAUSE_CODE, 27, "a code was mistyped" },
	{ OBOL_CAUSE_ABORTED, 28, "stopped by the user" },
	{ OBOL_CAUSE_TAKEN, 29, "the name belongs to another account" },
	{ OBOL_CAUSE_WAITING, 30, "the account waits for approval" },
	{ OBOL_CAUSE_NO_ENROLMENT, 31, "the server does not make this account" },
	{ OBOL_CAUSE_UNVERIFIED, 32, "nothing to verify the server by" },
	{ OBOL_CAUSE_BUSY, 33, "the server makes no account now, wait" },
	{ OBOL_CAUSE_ANCHORS, 34, "a new CA that no trusted one vouches for" },
	{ OBOL_CAUSE_TOKEN, 35, "the hardware token cannot be used" },
	{ OBOL_CAUSE_UNCONFIRMED, 40,
	  "sent, but the other device has not confirmed it" },
	{ OBOL_CAUSE_PEER, 41, "the other device stopped, declined, or was lost" },
};

const struct exit_code *exit_codes(size_t *n)
{
	*n = sizeof(rows) / sizeof(rows[0]);
	return rows;
}

int exit_code_of(enum obol_cause cause)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
	{
		if (rows[i].cause == cause)
		{
			return rows[i].code;
		}
	}
	return 1;
}
