/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl certificate list and revoke. */
#include "tools/ctl_commands.h"

#include "store/store_revocation.h"
#include "tools/ctl_revoked.h"

#include <stdlib.h>

#define CERTIFICATES_MAX 1000
#define SERIAL_MAX sizeof(((struct obol_store_certificate *)0)->serial)

static const struct {
	const char *word;
	enum obol_revocation_reason reason;
} reasons[] = {
	{ "unspecified", OBOL_REVOKED_UNSPECIFIED },
	{ "key-compromise", OBOL_REVOKED_KEY_COMPROMISE },
	{ "cessation", OBOL_REVOKED_CESSATION },
	{ "privilege-withdrawn", OBOL_REVOKED_PRIVILEGE },
};

static const char *reason_word(uint8_t reason)
{
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
	{
		if (reasons[i].reason == reason)
		{
			return reasons[i].word;
		}
	}
	return "?";
}

/*
 * certificate list
 */

static void print_json(const struct obol_store_certificates *list)
{
	struct obol_json json;
	size_t i;

	obol_json_init(&json, stdout);
	obol_json_begin_array(&json, NULL);
	for (i = 0; i < list->out.n_certificates; i++)
	{
		const struct obol_store_certificate *item = &list->out.certificates[i];

		obol_json_begin_object(&json, NULL);
		obol_json_hex(&json, "serial",
					  obol_bytes(item->serial, item->serial_len));
		obol_json_str(&json, "account", item->name);
		obol_json_str(&json, "subject", item->subject);
		obol_json_number(&json, "not_before", (int64_t)item->not_before);
		obol_json_number(&json, "not_after", (int64_t)item->not_after);
		obol_json_number(&json, "revoked_at", (int64_t)item->revoked_at);
		obol_json_str(&json, "reason",
					  item->revoked_at ? reason_word(item->reason) : "");
		obol_json_end_object(&json);
	}
	obol_json_end_array(&json);
}

static void print_text(const struct obol_store_certificates *list)
{
	char end[OBOL_TIME_TEXT_MAX], revoked[OBOL_TIME_TEXT_MAX];
	char serial[2 * SERIAL_MAX + 1];
	size_t i;

	for (i = 0; i < list->out.n_certificates; i++)
	{
		const struct obol_store_certificate *item = &list->out.certificates[i];

		obol_output_hex(obol_bytes(item->serial, item->serial_len), serial);
		(void)printf("%s to %s  ", serial,
					 obol_output_time(item->not_after, end));
		obol_output_text(stdout, obol_bytes_str(item->subject), 0);
		if (item->revoked_at)
		{
			(void)printf("  revoked %s, %s",
						 obol_output_time(item->revoked_at, revoked),
						 reason_word(item->reason));
		}
		(void)putchar('\n');
	}
	if (list->out.n_certificates == 0)
	{
		(void)puts("no certificates that have not ended");
	}
}

int obol_ctl_certificate_list(struct obol_ctl *ctl, int argc, char **argv)
{
	const struct obol_option options[] = {
		OBOL_CTL_OPTIONS(ctl),
		OBOL_CTL_JSON(ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl certificate list",
		.arguments = "[ACCOUNT]",
		.about = "List certificates that have not ended, of one account or of "
				 "all, with what was revoked; a thousand at most.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
		.max_arguments = 1,
	};
	struct obol_store_certificates list = { .in = { .limit =
														CERTIFICATES_MAX } };
	enum obol_options_result result;
	struct obol_account account;
	enum obol_status status;
	const char *argument;

	result = obol_options_parse_one(&usage, argc, argv, &argument);
	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	if (argument && !obol_ctl_find(ctl, argument, &account))
	{
		return OBOL_EXIT_FAILED;
	}
	if (!obol_ctl_need_store(ctl))
	{
		return OBOL_EXIT_FAILED;
	}
	list.in.account_id = argument ? account.id : 0;
	list.in.now = obol_now(ctl->clock);
	status = obol_store_run(ctl->store, OBOL_STORE_CERTIFICATES, &list);
	if (status != OBOL_OK)
	{
		return obol_ctl_fail_store(status, "reading the certificates");
	}
	ctl->is_json ? print_json(&list) : print_text(&list);
	return OBOL_EXIT_DONE;
}

/*
 * certificate revoke
 */

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *found;

	c = c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;
	found = c ? strchr(digits, c) : NULL;
	return found ? (int)(found - digits) : -1;
}

/** "4F2A...", "4f:2a:..."; false when it is none. */
static bool parse_serial(const char *text, uint8_t serial[SERIAL_MAX],
						 uint8_t *len)
{
	for (*len = 0; *text; (*len)++)
	{
		if (*len > 0 && *text == ':')
		{
			text++;
		}
		if (*len == SERIAL_MAX || digit(text[0]) < 0 || digit(text[1]) < 0)
		{
			return false;
		}
		serial[*len] = (uint8_t)(digit(text[0]) * 16 + digit(text[1]));
		text += 2;
	}
	return *len > 0;
}

static int say_revoked(struct obol_ctl *ctl,
					   const struct obol_store_certificate_revoke *arg)
{
	struct obol_json json;

	if (!ctl->is_json)
	{
		obol_output_text(stdout, obol_bytes_str(arg->out.certificate.subject),
						 0);
		obol_ctl_revoked_say(ctl, &arg->out.revoked);
		(void)putchar('\n');
		return OBOL_EXIT_DONE;
	}
	obol_json_init(&json, stdout);
	obol_json_begin_object(&json, NULL);
	obol_json_str(&json, "account", arg->out.certificate.name);
	obol_json_str(&json, "subject", arg->out.certificate.subject);
	obol_ctl_revoked_json(ctl, &json, &arg->out.revoked);
	obol_json_end_object(&json);
	return OBOL_EXIT_DONE;
}

static int revoke(struct obol_ctl *ctl,
				  struct obol_store_certificate_revoke *arg)
{
	enum obol_status status;

	arg->in.actor = ctl->actor;
	arg->in.now = obol_now(ctl->clock);
	status = obol_store_run(ctl->store, OBOL_STORE_CERTIFICATE_REVOKE, arg);
	switch (status)
	{
		case OBOL_OK:
			return say_revoked(ctl, arg);
		case OBOL_ERR_EXISTS:
			return obol_ctl_fail("that certificate is revoked already");
		case OBOL_ERR_NOT_FOUND:
			return obol_ctl_fail("no such certificate was issued here, or it "
								 "has ended; obolctl certificate list has "
								 "them all");
		default:
			return obol_ctl_fail_store(status, "revoking the certificate");
	}
}

static bool take_reason(const char *word, enum obol_revocation_reason *reason)
{
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
	{
		if (strcmp(reasons[i].word, word) == 0)
		{
			*reason = reasons[i].reason;
			return true;
		}
	}
	(void)obol_ctl_fail("--reason is unspecified, key-compromise, cessation "
						"or privilege-withdrawn");
	return false;
}

int obol_ctl_certificate_revoke(struct obol_ctl *ctl, int argc, char **argv)
{
	const char *word = "key-compromise";
	const struct obol_option options[] = {
		{ .name = "reason",
		  .letter = 'r',
		  .kind = OBOL_OPTION_TEXT,
		  .argument = "WORD",
		  .help = "unspecified, key-compromise (default), cessation, "
				  "privilege-withdrawn",
		  .value = &word },
		OBOL_CTL_OPTIONS(ctl),
		OBOL_CTL_JSON(ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl certificate revoke",
		.arguments = "SERIAL",
		.about = "Revoke one certificate, a user's or a gateway's, by its "
				 "serial number in hexadecimal digits. There is no way back; "
				 "an account that is good gets a new one by itself.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
		.min_arguments = 1,
		.max_arguments = 1,
	};
	struct obol_store_certificate_revoke arg = { .in = { .serial_len = 0 } };
	enum obol_options_result result;
	const char *argument;

	result = obol_options_parse_one(&usage, argc, argv, &argument);
	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	if (!parse_serial(argument, arg.in.serial, &arg.in.serial_len))
	{
		return obol_ctl_fail("a serial number is 1 to %d bytes in hexadecimal "
							 "digits",
							 (int)SERIAL_MAX);
	}
	if (!take_reason(word, &arg.in.reason) || !obol_ctl_need_store(ctl))
	{
		return OBOL_EXIT_FAILED;
	}
	return revoke(ctl, &arg);
}
