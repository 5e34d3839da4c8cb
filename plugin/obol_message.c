/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each cause of failure means for the profile and for its reader. */

#include "obol_message.h"

#include <utils/debug.h>

#include <time.h>

/**
 * Causes that are no matter of time, or where the daemon's reader can do more
 * than libobol's text says, which is written for all programs
 */
static const struct {
	enum obol_cause cause;
	/** when to try again */
	obol_retry_t retry;
	/** what to do about a profile with a password, or any */
	const char *advice;
	/** what to do about one with a device's secret, if that is different */
	const char *device_advice;
} causes[] = {
	{ OBOL_CAUSE_CONFIG, OBOL_RETRY_BACKOFF,
		" The profile is in strongswan.conf; run 'swanctl --reload-settings' "
		"after a change." },
	{ OBOL_CAUSE_RESOLVE, OBOL_RETRY_BACKOFF,
		" In the profile that is 'server' with the address, and 'server_name' "
		"with the name." },
	{ OBOL_CAUSE_TIMEOUT, OBOL_RETRY_BACKOFF,
		" In the profile that is 'timeout'." },
	{ OBOL_CAUSE_TLS_CA, OBOL_RETRY_BACKOFF,
		" The profile names them in 'tls_ca' and 'server_name'." },
	{ OBOL_CAUSE_AUTH, OBOL_RETRY_NEW_SECRET,
		" It is not tried again until the secret changes: correct it in "
		"swanctl.conf and run 'swanctl --load-creds'.",
		" It is not tried again until the device file changes: run 'obol "
		"activate'." },
	{ OBOL_CAUSE_LATER, OBOL_RETRY_LATER,
		" It is tried again then." },
	{ OBOL_CAUSE_NOT_FOUND, OBOL_RETRY_BACKOFF,
		" The profile's 'credential' names it; 'obol list' shows what there "
		"is." },
	{ OBOL_CAUSE_CREDENTIAL, OBOL_RETRY_BACKOFF,
		" 'obol activate' does that." },
	{ OBOL_CAUSE_EXPIRED, OBOL_RETRY_BACKOFF,
		" 'obol activate' does that." },
	{ OBOL_CAUSE_FILE, OBOL_RETRY_BACKOFF,
		" The profile in strongswan.conf names it.",
		" The profile in strongswan.conf names it; 'obol activate' makes the "
		"device's files anew." },
	{ OBOL_CAUSE_PASSWORD, OBOL_RETRY_NEW_SECRET,
		" It is not tried again until the secret changes: correct it in "
		"swanctl.conf and run 'swanctl --load-creds'." },
};

/*
 * see header file
 */
obol_retry_t obol_message_retry(enum obol_cause cause)
{
	size_t i;

	for (i = 0; i < countof(causes); i++)
	{
		if (causes[i].cause == cause)
		{
			return causes[i].retry;
		}
	}
	return OBOL_RETRY_BACKOFF;
}

/**
 * What the reader of the daemon's log can do about a failure
 */
static const char *get_advice(enum obol_cause cause, bool device)
{
	size_t i;

	for (i = 0; i < countof(causes); i++)
	{
		if (causes[i].cause == cause)
		{
			return device && causes[i].device_advice ? causes[i].device_advice
													 : causes[i].advice;
		}
	}
	return "";
}

/*
 * see header file
 */
void obol_message_failure(level_t level, obol_options_t *options,
						  const char *what, const struct obol_error *error)
{
	dbg(DBG_CFG, level, "obol: profile '%s' %s (%s): %s%s", options->name,
		what, obol_cause_name(error->cause), error->text,
		get_advice(error->cause, options->device_file != NULL));
}

/*
 * see header file
 */
void obol_message_success(obol_options_t *options, obol_fetch_result_t *result,
						  char *identities, int64_t valid_s)
{
	time_t from = time(NULL), to = from + valid_s;

	if (result->n_failures)
	{
		DBG1(DBG_CFG, "obol: profile '%s': %u failed login%s since the last one "
			 "that worked, the latest from %s; if that was not you, see 'obol "
			 "history'", options->name, result->n_failures,
			 result->n_failures == 1 ? "" : "s",
			 result->last_failure_source);
	}
	if (result->account_end && result->account_left_s < OBOL_CLIENT_WARN_S)
	{
		time_t account_end = result->account_end;

		DBG1(DBG_CFG, "obol: profile '%s': the account ends on %T, ask its "
			 "operator if you need it longer", options->name, &account_end,
			 FALSE);
	}
	if (identities)
	{
		DBG1(DBG_CFG, "obol: profile '%s': credential ready after %u ms, valid "
			 "for %V; local.id may be: %s", options->name, result->took_ms,
			 &from, &to, identities);
	}
	else
	{
		DBG2(DBG_CFG, "obol: profile '%s': the credential in memory is the "
			 "current one", options->name);
	}
}
