/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Causes and their texts. */
#include "client/error.h"
#include "base/bytes.h"

#include <stdio.h>

/* In the templates: {server}, {account}, {state}, {secret} (what was logged in
 * with), {retry} (what to do when that is wrong), {wait}, {clock}, and
 * {detail}, which becomes " (detail)" or nothing. */
struct cause_row {
	enum obol_cause cause;
	const char *name;
	enum obol_status status;
	const char *text;
};

static const struct cause_row rows[] = {
	{ OBOL_CAUSE_NONE, "none", OBOL_OK, "" },
	{ OBOL_CAUSE_INTERNAL, "internal", OBOL_ERR_CRYPTO,
	  "Obol itself failed{detail}. Try again; if it stays, report it as a "
	  "bug." },
	{ OBOL_CAUSE_CONFIG, "config", OBOL_ERR_ARG,
	  "The settings cannot be used{detail}. Correct them and try again." },
	{ OBOL_CAUSE_RESOLVE, "resolve", OBOL_ERR_IO,
	  "The name {server} does not resolve{detail}. Check its spelling and the "
	  "network's name servers, or give the server's address." },
	{ OBOL_CAUSE_UNREACHABLE, "unreachable", OBOL_ERR_IO,
	  "The server {server} cannot be reached{detail}. Check the network, that "
	  "obold runs there, and that firewalls let TCP port 4501 or 443 pass." },
	{ OBOL_CAUSE_TIMEOUT, "timeout", OBOL_ERR_TIMEOUT,
	  "The server {server} did not answer in time{detail}. Try again, or allow "
	  "more time." },
	{ OBOL_CAUSE_ABORTED, "aborted", OBOL_ERR_TIMEOUT,
	  "The operation was cancelled{detail}." },
	{ OBOL_CAUSE_PORTAL, "portal", OBOL_ERR_IO,
	  "What answers for {server} is no credential server{detail}. A login page "
	  "of this network or a firewall may stand in between: open any web page "
	  "and log in there, or use another network, then try again." },
	{ OBOL_CAUSE_TLS_CA, "tls-ca", OBOL_ERR_AUTH,
	  "The TLS certificate of {server} is not accepted{detail}. No login was "
	  "tried. Check the CA file and the server's name, and ask the operator "
	  "whether the certificate was changed." },
	{ OBOL_CAUSE_PIN, "pin", OBOL_ERR_AUTH,
	  "The server {server} is not the one that this device knows{detail}. "
	  "Another machine may be answering, so no login was finished. Ask the "
	  "operator; only if the server's keys were changed on purpose, remove "
	  "{state} and log in with the password." },
	{ OBOL_CAUSE_AUTH, "auth", OBOL_ERR_AUTH,
	  "Name or {secret} wrong, or another machine is answering for "
	  "{server}{detail}. {retry}" },
	{ OBOL_CAUSE_STOPPED, "stopped", OBOL_ERR_DENIED,
	  "Not tried: three logins in a row have failed{detail}, and this device "
	  "has no means yet to tell {server} from another machine. Log in once "
	  "with the password in person, or give the CA of the server's TLS "
	  "certificate." },
	{ OBOL_CAUSE_LATER, "later", OBOL_ERR_DENIED,
	  "Too many failed logins for the name '{account}': try again in {wait}. "
	  "If those were not you, tell the operator." },
	{ OBOL_CAUSE_DISABLED, "disabled", OBOL_ERR_DENIED,
	  "The account '{account}' is disabled or has expired{detail}. Ask the "
	  "operator to enable it." },
	{ OBOL_CAUSE_NOT_ALLOWED, "not-allowed", OBOL_ERR_DENIED,
	  "A login with the {secret} may not do that, or it is too long "
	  "ago{detail}. Log in with the account's password and try again." },
	{ OBOL_CAUSE_QUOTA, "quota", OBOL_ERR_DENIED,
	  "A limit of the account is used up{detail}. Delete a credential or "
	  "device that is no longer needed, or ask the operator." },
	{ OBOL_CAUSE_NOT_FOUND, "not-found", OBOL_ERR_NOT_FOUND,
	  "The account has no such entry{detail}. List what there is and check the "
	  "name." },
	{ OBOL_CAUSE_STALE, "stale", OBOL_ERR_EXISTS,
	  "It was changed by somebody else meanwhile{detail}. Nothing was "
	  "overwritten: get the new version and try again." },
	{ OBOL_CAUSE_ROLLBACK, "rollback", OBOL_ERR_EXISTS,
	  "The server {server} gave an older version than this device has seen "
	  "before{detail}. It was restored from a backup or tampered with: ask the "
	  "operator before you use it." },
	{ OBOL_CAUSE_SEAL, "seal", OBOL_ERR_AUTH,
	  "What {server} keeps for this account does not open{detail}. It was "
	  "damaged or exchanged at the server: ask the operator." },
	{ OBOL_CAUSE_CREDENTIAL, "credential", OBOL_ERR_FORMAT,
	  "The credential is of no use{detail}. Have a new one issued, or ask the "
	  "operator." },
	{ OBOL_CAUSE_EXPIRED, "expired", OBOL_ERR_FORMAT,
	  "The certificate is not valid at this time{detail}. Have a new one "
	  "issued." },
	{ OBOL_CAUSE_CLOCK, "clock", OBOL_ERR_FORMAT,
	  "This device's clock is wrong: it is {clock} the server's, and the "
	  "certificate counts as not valid by it{detail}. Set the clock and try "
	  "again." },
	{ OBOL_CAUSE_KSF, "ksf", OBOL_ERR_DENIED,
	  "The server {server} asks for a way of key stretching that is too weak "
	  "or too costly{detail}. Another machine may be answering: ask the "
	  "operator." },
	{ OBOL_CAUSE_PROTOCOL, "protocol", OBOL_ERR_FORMAT,
	  "The server {server} broke the protocol, or speaks another version of "
	  "it{detail}. Update obol, or ask the operator to." },
	{ OBOL_CAUSE_SERVER, "server", OBOL_ERR_STORE,
	  "The server {server} has a failure of its own{detail}. Try again in a "
	  "moment; if it stays, tell the operator." },
	{ OBOL_CAUSE_FILE, "file", OBOL_ERR_IO,
	  "A file cannot be used{detail}. Check it and its permissions." },
	{ OBOL_CAUSE_PASSWORD, "password", OBOL_ERR_FORMAT,
	  "The password cannot be used{detail}. Choose another one." },
	{ OBOL_CAUSE_CODE, "code", OBOL_ERR_FORMAT,
	  "The code was mistyped{detail}. No attempt was used up: compare it and "
	  "type it again." },
	{ OBOL_CAUSE_UNCONFIRMED, "unconfirmed", OBOL_ERR_IO,
	  "Everything was sent, but the other device has not confirmed "
	  "it{detail}. Keep what is here, and look at the other device." },
	{ OBOL_CAUSE_PEER, "peer", OBOL_ERR_IO,
	  "The other device stopped, declined, or was lost{detail}. Try again with "
	  "a new code." },
	{ OBOL_CAUSE_TAKEN, "taken", OBOL_ERR_EXISTS,
	  "The name '{account}' cannot be had at {server}{detail}. Choose another "
	  "one." },
	{ OBOL_CAUSE_WAITING, "waiting", OBOL_ERR_DENIED,
	  "The account '{account}' cannot be used yet{detail}. Ask the operator to "
	  "approve it, then try again." },
	{ OBOL_CAUSE_NO_ENROLMENT, "no-enrolment", OBOL_ERR_DENIED,
	  "The account '{account}' was not made{detail}. Ask the operator of "
	  "{server} how to enrol." },
	{ OBOL_CAUSE_UNVERIFIED, "unverified", OBOL_ERR_DENIED,
	  "Nothing was sent: there is nothing to verify {server} by{detail}, and a "
	  "machine in the middle could make the account in your place. Give the CA "
	  "of the server's TLS certificate, or ask the operator for an enrolment "
	  "code." },
	{ OBOL_CAUSE_BUSY, "busy", OBOL_ERR_DENIED,
	  "The server {server} makes no account now{detail}. Try again in {wait}, "
	  "or ask the operator." },
	{ OBOL_CAUSE_ANCHORS, "anchors", OBOL_ERR_AUTH,
	  "CA certificates of {server} are not accepted{detail}. Nobody whom this "
	  "account trusts vouches for them: they may be a stranger's. Ask the "
	  "operator; on his word, accept the CA by its fingerprint or activate "
	  "this device again." },
	{ OBOL_CAUSE_TOKEN, "token", OBOL_ERR_TOKEN,
	  "No key in a hardware token can be used{detail}." },
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct cause_row *row_of(enum obol_cause cause)
{
	size_t i;

	for (i = 0; i < N_ROWS; i++)
	{
		if (rows[i].cause == cause)
		{
			return &rows[i];
		}
	}
	return &rows[OBOL_CAUSE_INTERNAL];
}

const char *obol_cause_name(enum obol_cause cause)
{
	return row_of(cause)->name;
}

void obol_error_clear(struct obol_error *error)
{
	int64_t clock_off_s = error->clock_off_s;

	memset(error, 0, sizeof(*error));
	error->clock_off_s = clock_off_s;
}

static const char *secret_name(enum obol_slot_kind kind)
{
	switch (kind)
	{
		case OBOL_SLOT_ACTIVATION:
			return "activation code";
		case OBOL_SLOT_RECOVERY:
			return "recovery code";
		case OBOL_SLOT_DEVICE:
			return "device secret";
		case OBOL_SLOT_ENROLMENT:
			return "enrolment code";
		default:
			return "password";
	}
}

static const char *secret_advice(enum obol_slot_kind kind)
{
	switch (kind)
	{
		case OBOL_SLOT_ACTIVATION:
			return "An activation code works once and for a limited time: if "
				   "it is typed right, ask the operator for a new one.";
		case OBOL_SLOT_RECOVERY:
			return "Only the newest recovery code works: check that it is "
				   "that one, or ask the operator to reset the account.";
		case OBOL_SLOT_DEVICE:
			return "If this device was revoked or the account set up anew, "
				   "activate the device again.";
		case OBOL_SLOT_ENROLMENT:
			return "Check the code and the team's name, or ask the operator "
				   "whether the code is still good.";
		default:
			return "Check both, and type the password again.";
	}
}

const char *obol_duration_text(uint64_t seconds,
							   char text[OBOL_DURATION_TEXT_MAX])
{
	uint64_t minutes = (seconds + 59) / 60;

	if (seconds < 120)
	{
		(void)snprintf(text, OBOL_DURATION_TEXT_MAX, "%u s", (unsigned)seconds);
	}
	else if (minutes < 120)
	{
		(void)snprintf(text, OBOL_DURATION_TEXT_MAX, "%u min",
					   (unsigned)minutes);
	}
	else if (minutes < 48 * 60)
	{
		(void)snprintf(text, OBOL_DURATION_TEXT_MAX, "%u h %u min",
					   (unsigned)(minutes / 60), (unsigned)(minutes % 60));
	}
	else
	{
		(void)snprintf(text, OBOL_DURATION_TEXT_MAX, "%llu days",
					   (unsigned long long)(minutes / (24 * 60)));
	}
	return text;
}

/** A text that grows to its bound. */
struct text {
	char *out;
	size_t size;
	size_t len;
};

static void append(struct text *text, const char *what, size_t len)
{
	size_t room = text->size - 1 - text->len;

	len = len > room ? room : len;
	memcpy(text->out + text->len, what, len);
	text->len += len;
	text->out[text->len] = '\0';
}

static void append_str(struct text *text, const char *what)
{
	append(text, what, strlen(what));
}

static void append_clock(struct text *text, int64_t clock_off_s)
{
	char duration[OBOL_DURATION_TEXT_MAX];
	uint64_t off = clock_off_s < 0 ? (uint64_t)0 - (uint64_t)clock_off_s
								   : (uint64_t)clock_off_s;

	append_str(text, obol_duration_text(off, duration));
	append_str(text, clock_off_s < 0 ? " ahead of" : " behind");
}

static void append_token(struct text *text, struct obol_bytes token,
						 const struct obol_error *error,
						 const struct obol_error_subject *subject,
						 const char *detail)
{
	char duration[OBOL_DURATION_TEXT_MAX];

	if (obol_bytes_eq(token, obol_bytes_str("server")))
	{
		append_str(text, subject->server ? subject->server : "the server");
	}
	else if (obol_bytes_eq(token, obol_bytes_str("account")))
	{
		append_str(text, subject->account ? subject->account : "?");
	}
	else if (obol_bytes_eq(token, obol_bytes_str("state")))
	{
		append_str(text, subject->state_file ? subject->state_file
											 : "the state file");
	}
	else if (obol_bytes_eq(token, obol_bytes_str("secret")))
	{
		append_str(text, secret_name(subject->kind));
	}
	else if (obol_bytes_eq(token, obol_bytes_str("retry")))
	{
		append_str(text, secret_advice(subject->kind));
	}
	else if (obol_bytes_eq(token, obol_bytes_str("wait")))
	{
		append_str(text, obol_duration_text(error->retry_after_s, duration));
	}
	else if (obol_bytes_eq(token, obol_bytes_str("clock")))
	{
		append_clock(text, error->clock_off_s);
	}
	else if (detail && detail[0])
	{
		append_str(text, " (");
		append_str(text, detail);
		append_str(text, ")");
	}
}

enum obol_status obol_error_set(struct obol_error *error, enum obol_cause cause,
								const struct obol_error_subject *subject,
								const char *detail)
{
	const struct cause_row *row = row_of(cause);
	struct text text = { error->text, sizeof(error->text), 0 };
	const char *pos = row->text;

	error->cause = cause;
	error->status = row->status;
	error->text[0] = '\0';
	while (*pos)
	{
		size_t len = strcspn(pos, "{");
		const char *end;

		append(&text, pos, len);
		pos += len;
		end = strchr(pos, '}');
		if (end)
		{
			append_token(&text, obol_bytes(pos + 1, (size_t)(end - pos) - 1),
						 error, subject, detail);
			pos = end + 1;
		}
	}
	return row->status;
}

enum obol_cause obol_error_cause_of_reply(uint16_t reply)
{
	switch (reply)
	{
		case OBOL_REPLY_UNAVAILABLE:
		case OBOL_REPLY_TEMPORARY:
			return OBOL_CAUSE_SERVER;
		case OBOL_REPLY_LOGIN_NEEDED:
		case OBOL_REPLY_NOT_ALLOWED:
			return OBOL_CAUSE_NOT_ALLOWED;
		case OBOL_REPLY_AUTH:
			return OBOL_CAUSE_AUTH;
		case OBOL_REPLY_DISABLED:
			return OBOL_CAUSE_DISABLED;
		case OBOL_REPLY_NOT_FOUND:
			return OBOL_CAUSE_NOT_FOUND;
		case OBOL_REPLY_QUOTA:
			return OBOL_CAUSE_QUOTA;
		case OBOL_REPLY_STALE:
			return OBOL_CAUSE_STALE;
		case OBOL_REPLY_TAKEN:
			return OBOL_CAUSE_TAKEN;
		case OBOL_REPLY_WAITING:
			return OBOL_CAUSE_WAITING;
		case OBOL_REPLY_NO_ENROLMENT:
			return OBOL_CAUSE_NO_ENROLMENT;
		case OBOL_REPLY_BUSY:
			return OBOL_CAUSE_BUSY;
		default:
			return OBOL_CAUSE_PROTOCOL;
	}
}
