/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long the credential in memory is good, and when it is renewed. */

#include "obol_lease.h"
#include "obol_now.h"

#include <string.h>
#include <time.h>

/** Shortest time between two renewals of a credential that lives for seconds */
#define RENEW_MIN_MS 2000

typedef struct private_obol_lease_t private_obol_lease_t;

/**
 * Private data of an obol_lease_t object.
 */
struct private_obol_lease_t {

	/**
	 * Public obol_lease_t interface.
	 */
	obol_lease_t public;

	/**
	 * Whether there is a credential
	 */
	bool held;

	/**
	 * Mode of the account when it came, and its version
	 */
	uint8_t mode;
	uint64_t version;

	/**
	 * Serial number of its certificate
	 */
	uint8_t serial_len;
	uint8_t serial[OBOL_BUNDLE_SERIAL_MAX];

	/**
	 * When it is to be renewed, OBOL_NEVER if it can not be
	 */
	int64_t renew_at;

	/**
	 * Whether it is of no use any more, although it has not expired
	 */
	bool useless;

	/**
	 * Seconds to live from a fetch on, 0 for no limit; and until when
	 */
	uint32_t ttl_s;
	int64_t ttl_until;

	/**
	 * When the certificate expires, on the wall clock
	 */
	time_t not_after;
};

METHOD(obol_lease_t, is_held, bool,
	private_obol_lease_t *this)
{
	return this->held;
}

METHOD(obol_lease_t, take, void,
	private_obol_lease_t *this, obol_fetch_result_t *result, int64_t now)
{
	this->held = TRUE;
	this->useless = FALSE;
	this->mode = result->mode;
	this->version = result->version;
	this->ttl_s = obol_bundle_ttl_s(result->bundle);
	this->not_after = obol_bundle_not_after(result->bundle);
	this->serial_len = obol_bundle_serial(result->bundle, this->serial);
	this->renew_at = OBOL_NEVER;
	if (result->renew_in_s)
	{
		this->renew_at = now + max(result->renew_in_s * 1000, RENEW_MIN_MS);
	}
}

METHOD(obol_lease_t, get_end, int64_t,
	private_obol_lease_t *this, int64_t now)
{
	int64_t end;

	if (!this->held)
	{
		return OBOL_NEVER;
	}
	end = now + ((int64_t)this->not_after - time(NULL)) * 1000;
	return this->ttl_s ? min(end, this->ttl_until) : end;
}

METHOD(obol_lease_t, confirm, int64_t,
	private_obol_lease_t *this, int64_t now)
{
	int64_t next;

	this->ttl_until = now + (int64_t)this->ttl_s * 1000;
	next = now + max((get_end(this, now) - now) / 3 * 2, RENEW_MIN_MS);
	if (this->renew_at <= now)
	{	/* there was nothing to gain, for instance as the account ends with it */
		this->renew_at = next;
	}
	if (this->ttl_s || this->renew_at == OBOL_NEVER)
	{
		return min(next, this->renew_at);
	}
	return this->renew_at;
}

METHOD(obol_lease_t, spoil, bool,
	private_obol_lease_t *this, int64_t now)
{
	if (!this->held || this->renew_at == OBOL_NEVER)
	{
		return FALSE;
	}
	this->useless = TRUE;
	this->renew_at = now;
	return TRUE;
}

METHOD(obol_lease_t, expire, bool,
	private_obol_lease_t *this, int64_t now)
{
	if (!this->held || get_end(this, now) > now)
	{
		return FALSE;
	}
	this->held = FALSE;
	this->useless = FALSE;
	return TRUE;
}

METHOD(obol_lease_t, get_patience, int64_t,
	private_obol_lease_t *this, int64_t now)
{
	int64_t patience;

	if (!this->held)
	{
		return OBOL_NEVER;
	}
	patience = (get_end(this, now) - now) / 8;
	if (this->renew_at > now)
	{
		patience = min(patience, this->renew_at - now);
	}
	return patience;
}

METHOD(obol_lease_t, get_held, void,
	private_obol_lease_t *this, struct obol_held *held, int64_t now)
{
	memset(held, 0, sizeof(*held));
	if (this->held)
	{
		held->mode = this->mode;
		held->version = this->version;
		held->not_after = this->useless ? 0 : this->not_after;
		held->renew = this->useless || this->renew_at <= now;
		held->serial_len = this->serial_len;
		memcpy(held->serial, this->serial, sizeof(held->serial));
	}
}

METHOD(obol_lease_t, destroy, void,
	private_obol_lease_t *this)
{
	free(this);
}

/*
 * see header file
 */
obol_lease_t *obol_lease_create()
{
	private_obol_lease_t *this;

	INIT(this,
		.public = {
			.is_held = _is_held,
			.take = _take,
			.confirm = _confirm,
			.spoil = _spoil,
			.expire = _expire,
			.get_end = _get_end,
			.get_patience = _get_patience,
			.get_held = _get_held,
			.destroy = _destroy,
		},
		.renew_at = OBOL_NEVER,
	);
	return &this->public;
}
