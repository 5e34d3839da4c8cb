/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens with one profile, and when. */

#include "obol_profile.h"
#include "obol_lease.h"
#include "obol_message.h"
#include "obol_now.h"
#include "obol_secrets.h"

#include <utils/debug.h>

#include <stdlib.h>
#include <string.h>

/** Earliest retry for somebody who needs the credential during back-off */
#define WANTED_RETRY_MS 10000

/** A failure without network is quicker than this; so long is its retry waited
 * for, and so much time lies between two of them */
#define QUICK_FAILURE_MS 1000
#define QUICK_WAIT_MS 2000

/** How long after a fetch a connection is a reason to ask the server whether
 * the credential is good still */
#define NEWS_MS 10000

/** How often a device file whose secret was refused is looked at again */
#define DEVICE_CHECK_MS OBOL_BACKOFF_MAX_MS

ENUM(obol_profile_state_names, OBOL_IDLE, OBOL_BACKOFF,
	"idle",
	"fetching",
	"ready",
	"back-off",
);

typedef struct private_obol_profile_t private_obol_profile_t;

/**
 * Private data of an obol_profile_t object.
 */
struct private_obol_profile_t {

	/**
	 * Public obol_profile_t interface.
	 */
	obol_profile_t public;

	/**
	 * Options
	 */
	obol_options_t *options;

	/**
	 * State
	 */
	obol_profile_state_t state;

	/**
	 * When the next fetch is due
	 */
	int64_t due;

	/**
	 * Until when waiting for the fetch is worth it, 0 if it is not
	 */
	int64_t wait_until;

	/**
	 * When the last fetch was begun
	 */
	int64_t begun;

	/**
	 * How long the last failure took, in milliseconds
	 */
	u_int failure_took_ms;

	/**
	 * Failures since the last success
	 */
	u_int n_failures;

	/**
	 * The last failure; cause OBOL_CAUSE_NONE after a success
	 */
	struct obol_error error;

	/**
	 * What to log in with
	 */
	obol_secrets_t *secrets;

	/**
	 * The valid credential in memory, if there is one
	 */
	obol_lease_t *lease;
};

/**
 * Time until the next try, doubling from the shortest to the longest, with a
 * quarter of it up or down at random so that clients do not come in waves
 */
static int64_t backoff_ms(u_int n_failures)
{
	int64_t ms = OBOL_BACKOFF_MIN_MS;

	while (--n_failures > 0 && ms < OBOL_BACKOFF_MAX_MS)
	{
		ms *= 2;
	}
	ms = min(ms, OBOL_BACKOFF_MAX_MS);
	return ms - ms / 4 + random() % (ms / 2 + 1);
}

/**
 * Time until the server wants to be asked again, never less, and up to a
 * quarter more: it tells many clients the same
 */
static int64_t later_ms(u_int seconds)
{
	int64_t ms = (int64_t)seconds * 1000;

	return ms + random() % (ms / 4 + 1);
}

METHOD(obol_profile_t, get_options, obol_options_t*,
	private_obol_profile_t *this)
{
	return this->options;
}

METHOD(obol_profile_t, get_state, obol_profile_state_t,
	private_obol_profile_t *this)
{
	return this->state;
}

METHOD(obol_profile_t, has_credential, bool,
	private_obol_profile_t *this)
{
	return this->lease->is_held(this->lease);
}

METHOD(obol_profile_t, has_password, bool,
	private_obol_profile_t *this)
{
	return this->secrets->get_password(this->secrets) != NULL;
}

/**
 * Whether there is a secret to log in with, or may be
 */
static bool has_secret(private_obol_profile_t *this)
{
	return this->options->device_file || has_password(this);
}

METHOD(obol_profile_t, get_wait, u_int,
	private_obol_profile_t *this, int64_t now)
{
	if (has_credential(this) || this->wait_until <= now)
	{
		return 0;
	}
	return this->wait_until - now;
}

/**
 * Somebody needs a credential after a failure: see whether it can be retried
 */
static void want_retry(private_obol_profile_t *this, int64_t now)
{
	bool no_network;

	switch (obol_message_retry(this->error.cause))
	{
		case OBOL_RETRY_LATER:
			break;
		case OBOL_RETRY_NEW_SECRET:
			if (this->options->device_file &&
				now - this->begun >= QUICK_FAILURE_MS)
			{	/* there may be another one in it now */
				this->due = now;
				this->wait_until = now + this->options->timeout_ms;
			}
			break;
		case OBOL_RETRY_BACKOFF:
			no_network = this->error.cause == OBOL_CAUSE_RESOLVE ||
						 this->error.cause == OBOL_CAUSE_UNREACHABLE;
			if (no_network && this->failure_took_ms < QUICK_FAILURE_MS &&
				now - this->begun >= QUICK_FAILURE_MS)
			{
				this->due = now;
				this->wait_until = now + QUICK_WAIT_MS;
				break;
			}
			this->due = min(this->due, max(now, this->begun + WANTED_RETRY_MS));
			break;
	}
}

METHOD(obol_profile_t, used, void,
	private_obol_profile_t *this, int64_t now)
{
	if (has_credential(this) && this->state == OBOL_READY &&
		this->options->device_file && now - this->begun >= NEWS_MS)
	{
		this->due = now;
	}
}

METHOD(obol_profile_t, want, u_int,
	private_obol_profile_t *this, int64_t now)
{
	if (has_credential(this) || !has_secret(this))
	{
		return 0;
	}
	switch (this->state)
	{
		case OBOL_IDLE:
		case OBOL_READY:
			this->due = now;
			this->wait_until = now + this->options->timeout_ms;
			break;
		case OBOL_BACKOFF:
			want_retry(this, now);
			break;
		case OBOL_FETCHING:
			break;
	}
	return get_wait(this, now);
}

METHOD(obol_profile_t, wants_password, bool,
	private_obol_profile_t *this)
{
	return !has_credential(this) && !has_secret(this) &&
			this->state != OBOL_FETCHING;
}

METHOD(obol_profile_t, offer_password, void,
	private_obol_profile_t *this, struct obol_secret *password, int64_t now)
{
	if (this->state == OBOL_FETCHING)
	{	/* that has to show first what the one that is known is good for */
		obol_secret_free(password);
	}
	else if (this->secrets->offer(this->secrets, password))
	{
		this->n_failures = 0;
		this->state = OBOL_IDLE;
		this->due = now;
	}
}

METHOD(obol_profile_t, prefetch, void,
	private_obol_profile_t *this, int64_t now)
{
	if (this->state != OBOL_FETCHING && has_secret(this) &&
		!(this->state == OBOL_BACKOFF &&
		  obol_message_retry(this->error.cause) == OBOL_RETRY_LATER))
	{
		this->due = now;
	}
}

METHOD(obol_profile_t, renew, void,
	private_obol_profile_t *this, int64_t now)
{
	if (this->lease->spoil(this->lease, now))
	{
		prefetch(this, now);
	}
}

METHOD(obol_profile_t, get_due, int64_t,
	private_obol_profile_t *this, int64_t now)
{
	int64_t due = this->lease->get_end(this->lease, now);

	if (this->state != OBOL_FETCHING)
	{
		due = min(due, this->due);
	}
	return due;
}

/**
 * Log a failure: loudly the first time, then quietly while it stays the same
 */
static void log_failure(private_obol_profile_t *this, bool repeated,
						int64_t now)
{
	level_t level = repeated ? LEVEL_DIAG : LEVEL_CTRL;
	time_t from, to;

	obol_message_failure(level, this->options, "could not be fetched",
						 &this->error);
	if (has_credential(this))
	{
		from = time(NULL);
		to = from + (this->lease->get_end(this->lease, now) - now) / 1000;
		dbg(DBG_CFG, level, "obol: profile '%s': the credential in memory "
			"serves on, it is valid for %V", this->options->name, &from, &to);
	}
}

/**
 * Time until the next try, no longer than the credential in memory allows
 */
static int64_t pause_ms(private_obol_profile_t *this, int64_t now)
{
	int64_t patience = this->lease->get_patience(this->lease, now);

	return min(backoff_ms(this->n_failures),
			   max(patience, OBOL_BACKOFF_MIN_MS));
}

/**
 * Take note of a failure
 */
static void fail(private_obol_profile_t *this, struct obol_error *error,
				 int64_t now)
{
	bool repeated = error->cause == this->error.cause;
	int64_t pause;

	this->error = *error;
	this->n_failures++;
	this->failure_took_ms = now - this->begun;
	this->state = OBOL_BACKOFF;
	this->wait_until = 0;
	pause = pause_ms(this, now);
	switch (obol_message_retry(error->cause))
	{
		case OBOL_RETRY_BACKOFF:
			break;
		case OBOL_RETRY_LATER:
			pause = max(pause, later_ms(error->retry_after_s));
			break;
		case OBOL_RETRY_NEW_SECRET:
			this->secrets->refused(this->secrets);
			pause = this->options->device_file ? DEVICE_CHECK_MS
											   : OBOL_NEVER - now;
			break;
	}
	this->due = now + pause;
	log_failure(this, repeated, now);
}

/**
 * Get what to log in with, FALSE if there is nothing that can be tried
 */
static bool get_login(private_obol_profile_t *this, obol_login_t *login,
					  int64_t now)
{
	struct obol_secret *password = this->secrets->get_password(this->secrets);
	struct obol_error error = {};

	if (this->options->device_file)
	{
		if (obol_device_load(this->options->device_file, &login->device,
							 &error) != OBOL_OK)
		{
			fail(this, &error, now);
			return FALSE;
		}
		if (!this->secrets->use(this->secrets, login->device.secret))
		{
			this->wait_until = 0;
			this->due = now + DEVICE_CHECK_MS;
			DBG2(DBG_CFG, "obol: profile '%s': the device file is still the "
				 "one that was refused", this->options->name);
			return FALSE;
		}
	}
	else
	{
		this->secrets->use(this->secrets, password);
		login->password = obol_secrets_copy(password);
	}
	if (!login->device.secret && !login->password)
	{
		error.cause = OBOL_CAUSE_INTERNAL;
		error.status = OBOL_ERR_NOMEM;
		strcpy(error.text, "Memory ran out.");
		fail(this, &error, now);
		return FALSE;
	}
	this->lease->get_held(this->lease, &login->held, now);
	return TRUE;
}

METHOD(obol_profile_t, begin, bool,
	private_obol_profile_t *this, obol_login_t *login, int64_t now)
{
	if (this->state == OBOL_FETCHING || this->due > now)
	{
		return FALSE;
	}
	if (!has_secret(this))
	{
		this->state = OBOL_IDLE;
		this->due = OBOL_NEVER;
		this->wait_until = 0;
		return FALSE;
	}
	this->begun = now;
	if (!get_login(this, login, now))
	{
		return FALSE;
	}
	if (!this->n_failures)
	{	/* nobody may be waiting yet, but somebody may come to */
		this->wait_until = now + this->options->timeout_ms;
	}
	this->state = OBOL_FETCHING;
	DBG2(DBG_CFG, "obol: profile '%s': fetching '%s' as %s",
		 this->options->name, this->options->credential,
		 this->options->owner + strlen("obol:"));
	return TRUE;
}

METHOD(obol_profile_t, finish, void,
	private_obol_profile_t *this, obol_fetch_result_t *result,
	char *identities, int64_t now)
{
	int64_t end;

	if (result->error.cause != OBOL_CAUSE_NONE)
	{
		fail(this, &result->error, now);
		return;
	}
	if (result->bundle)
	{
		this->lease->take(this->lease, result, now);
	}
	this->wait_until = 0;
	this->n_failures = 0;
	memset(&this->error, 0, sizeof(this->error));
	this->secrets->accepted(this->secrets);
	if (!has_credential(this))
	{	/* its time was over before the server called it the current one */
		this->state = OBOL_IDLE;
		this->due = now;
		return;
	}
	this->state = OBOL_READY;
	this->due = this->lease->confirm(this->lease, now);
	end = this->lease->get_end(this->lease, now);
	obol_message_success(this->options, result, identities,
						 (end - now) / 1000);
}

METHOD(obol_profile_t, expire, bool,
	private_obol_profile_t *this, int64_t now)
{
	if (!this->lease->expire(this->lease, now))
	{
		return FALSE;
	}
	DBG1(DBG_CFG, "obol: profile '%s': the credential's time is over, it is "
		 "removed", this->options->name);
	if (this->state == OBOL_READY)
	{
		this->state = OBOL_IDLE;
		this->due = now;
	}
	return TRUE;
}

METHOD(obol_profile_t, log_problem, void,
	private_obol_profile_t *this, int64_t now)
{
	const char *name = this->options->name;

	if (has_credential(this))
	{
		return;
	}
	if (this->error.cause != OBOL_CAUSE_NONE)
	{
		obol_message_failure(LEVEL_CTRL, this->options, "has no credential",
							 &this->error);
	}
	else if (!has_secret(this))
	{
		DBG1(DBG_CFG, "obol: profile '%s' has no credential: there is no "
			 "password for it; add an eap secret with id = \"%s\" to "
			 "swanctl.conf, or run 'obol activate'", name,
			 this->options->owner);
	}
	else
	{
		DBG1(DBG_CFG, "obol: profile '%s' has no credential yet, it is being "
			 "fetched", name);
	}
	if (this->state == OBOL_BACKOFF && this->due != OBOL_NEVER)
	{
		DBG1(DBG_CFG, "obol: profile '%s': next try in %d seconds", name,
			 (int)(max(this->due - now, 0) / 1000));
	}
}

METHOD(obol_profile_t, destroy, void,
	private_obol_profile_t *this)
{
	this->lease->destroy(this->lease);
	this->secrets->destroy(this->secrets);
	obol_options_destroy(this->options);
	free(this);
}

/*
 * see header file
 */
obol_profile_t *obol_profile_create(obol_options_t *options)
{
	private_obol_profile_t *this;

	INIT(this,
		.public = {
			.get_options = _get_options,
			.get_state = _get_state,
			.has_credential = _has_credential,
			.want = _want,
			.used = _used,
			.get_wait = _get_wait,
			.wants_password = _wants_password,
			.offer_password = _offer_password,
			.has_password = _has_password,
			.prefetch = _prefetch,
			.renew = _renew,
			.get_due = _get_due,
			.begin = _begin,
			.finish = _finish,
			.expire = _expire,
			.log_problem = _log_problem,
			.destroy = _destroy,
		},
		.options = options,
		.secrets = obol_secrets_create(),
		.lease = obol_lease_create(),
		.due = options->device_file ? 0 : OBOL_NEVER,
	);
	return &this->public;
}
