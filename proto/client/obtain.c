/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VPN certificate in either mode: fetched or made, renewed when it is time.
 */
#include "client/fail_over.h"
#include "client/internal.h"

/* A clock that has been set again has changed by more, in seconds. */
#define CLOCK_CHANGE_S 60

/** What one call works on. */
struct obtain {
	struct obol_client *client;
	const char *name;
	const struct obol_held *held;
	struct obol_obtained got;
};

static bool is_device_mode(const struct obol_client *client)
{
	return client->state.mode == OBOL_MODE_DEVICE;
}

static bool is_revoked(const struct obtain *this, struct obol_bytes serial)
{
	size_t i;

	for (i = 0; i < this->client->n_revoked; i++)
	{
		if (obol_bytes_eq(serial, obol_bytes(this->client->revoked[i].bytes,
											 this->client->revoked[i].len)))
		{
			return true;
		}
	}
	return false;
}

static bool bundle_is_revoked(const struct obtain *this,
							  const struct obol_bundle *bundle)
{
	uint8_t serial[OBOL_BUNDLE_SERIAL_MAX];
	size_t len = bundle ? obol_bundle_serial(bundle, serial) : 0;

	return len > 0 && is_revoked(this, obol_bytes(serial, len));
}

/* What is there, be it held or just got, is revoked: the server says so at the
 * login. */
static bool must_renew(const struct obtain *this)
{
	if (this->client->info.key_type == 0)
	{
		return false;
	}
	return this->got.bundle
			   ? bundle_is_revoked(this, this->got.bundle)
			   : this->held->serial_len > 0 &&
					 is_revoked(this, obol_bytes(this->held->serial,
												 this->held->serial_len));
}

/* Known once the login is done. A new certificate ends with the account; if so
 * does the one that is held, nothing would be gained. One that was revoked has
 * no end to compare. */
static bool renewal_gains(const struct obtain *this)
{
	uint64_t expires_at = this->client->info.account_expires_at;

	return this->held->renew && this->client->info.key_type != 0 &&
		   (expires_at == 0 || this->held->not_after < expires_at);
}

static void take_bundle(struct obtain *this, struct obol_bundle *bundle,
						uint8_t mode, uint64_t version)
{
	obol_bundle_free(this->got.bundle);
	this->got.bundle = bundle;
	this->got.mode = mode;
	this->got.version = version;
}

/*
 * Portable
 */

/* What has expired can be renewed unless the operator has brought it: his PKI
 * is another one than the server's. */
static bool can_renew_expired(const struct obol_client *client,
							  const struct obol_bundle *bundle)
{
	return client->error.cause == OBOL_CAUSE_EXPIRED &&
		   client->info.key_type != 0 && !obol_bundle_key_was_shared(bundle) &&
		   obol_bundle_not_after(bundle) <= obol_client_server_now(client);
}

/**
 * Get what is stored, unless it is held.
 *
 * @param stored	version that is stored, to be replaced
 * @param is_over	what is stored has expired and can be renewed
 */
static enum obol_status get_stored(struct obtain *this, uint64_t *stored,
								   bool *is_over)
{
	const struct obol_held *held = this->held;
	struct obol_credential credential;
	struct obol_bundle *bundle = NULL;
	enum obol_status status;

	status = obol_client_do_get(
		this->client, this->name,
		held->mode == OBOL_MODE_PORTABLE ? held->version : 0, &credential);
	if (status != OBOL_OK)
	{
		return status;
	}
	*stored = credential.info.version;
	if (!credential.body)
	{
		take_bundle(this, NULL, OBOL_MODE_PORTABLE, *stored);
		return OBOL_OK;
	}
	status = obol_client_open_bundle(this->client, &credential, &bundle);
	obol_credential_clear(&credential);
	if (status != OBOL_OK)
	{
		return status;
	}
	status = obol_client_check_bundle(this->client, bundle);
	if (status == OBOL_OK)
	{
		take_bundle(this, bundle, OBOL_MODE_PORTABLE, *stored);
		return OBOL_OK;
	}
	*is_over = can_renew_expired(this->client, bundle);
	obol_bundle_free(bundle);
	return status;
}

/** Another device has renewed it, as it seems. */
static bool is_fresh(const struct obtain *this)
{
	return this->got.bundle && obol_bundle_renew_at(this->got.bundle, NULL) >
								   obol_client_server_now(this->client);
}

static enum obol_status renew_stored(struct obtain *this, uint64_t stored)
{
	struct obol_bundle *bundle = NULL;
	uint64_t version = stored;
	enum obol_status status;

	obol_client_begin(this->client);
	status =
		obol_client_issue_over(this->client, this->name, &version, &bundle);
	if (status == OBOL_OK)
	{
		take_bundle(this, bundle, OBOL_MODE_PORTABLE, version);
	}
	return status;
}

static enum obol_status obtain_portable(struct obtain *this)
{
	uint64_t stored = 0;
	bool is_over = false;
	enum obol_status status = get_stored(this, &stored, &is_over);

	/* LoginDone may just have told that this account is another kind now */
	if (is_device_mode(this->client))
	{
		return status;
	}
	if (is_over)
	{
		return renew_stored(this, stored);
	}
	if (status != OBOL_OK ||
		(!must_renew(this) && (!renewal_gains(this) || is_fresh(this))))
	{
		return status;
	}
	status = renew_stored(this, stored);
	/* what came on the way is better than what is held */
	return this->got.bundle ? OBOL_OK : status;
}

/* The account was in device mode, and what has been made for this device is
 * there: it is as good as any, if nothing has ever been stored. */
static enum obol_status become_portable(struct obtain *this,
										struct obol_bundle *bundle)
{
	uint64_t version = 0;
	enum obol_status status = obtain_portable(this);

	if (status != OBOL_OK && bundle &&
		this->client->error.cause == OBOL_CAUSE_NOT_FOUND)
	{
		obol_client_begin(this->client);
		status = obol_client_store_issued(this->client, this->name, bundle,
										  &version);
		if (status == OBOL_OK)
		{
			take_bundle(this, bundle, OBOL_MODE_PORTABLE, version);
			return OBOL_OK;
		}
		if (this->client->error.cause == OBOL_CAUSE_STALE)
		{
			/* another device has stored one, or the user has deleted it */
			obol_client_begin(this->client);
			status = obtain_portable(this);
		}
	}
	obol_bundle_free(bundle);
	return status;
}

/*
 * Device
 */

static bool was_wrong_key_type(const struct obol_client *client, uint8_t asked)
{
	return client->error.reply == OBOL_REPLY_PARAMETER && client->is_open &&
		   client->state.key_type != asked;
}

/* The account may have become portable, disabled, or longer lived. */
static enum obol_status look_in(struct obol_client *client)
{
	struct obol_request request;

	if (client->is_open)
	{
		return OBOL_OK;
	}
	memset(&request, 0, sizeof(request));
	request.type = OBOL_INFO;
	return obol_client_tell(client, &request);
}

/* A clock that made the last certificate useless would do so again, and each
 * try would leave another one in the server's records. */
static enum obol_status check_clock(struct obol_client *client)
{
	int64_t change;
	enum obol_status status;

	if (!client->clock_was_wrong)
	{
		return OBOL_OK;
	}
	status = look_in(client);
	if (status != OBOL_OK)
	{
		return status;
	}
	change = client->error.clock_off_s - client->wrong_clock_off_s;
	if (change > -CLOCK_CHANGE_S && change < CLOCK_CHANGE_S)
	{
		return obol_client_fail(client, OBOL_CAUSE_CLOCK,
								"no certificate "
								"would be valid");
	}
	client->clock_was_wrong = false;
	return OBOL_OK;
}

/* Behind KE3 goes a request for a key of the type that the last login told;
 * only when that has changed is another one needed. */
static enum obol_status issue_own(struct obol_client *client,
								  struct obol_bundle **bundle)
{
	uint8_t asked = client->state.key_type;
	enum obol_status status = obol_client_issue_own(client, bundle);

	if (status != OBOL_OK && was_wrong_key_type(client, asked))
	{
		obol_client_begin(client);
		status = obol_client_issue_own(client, bundle);
	}
	return status;
}

static enum obol_status take_own(struct obtain *this,
								 struct obol_bundle *bundle)
{
	enum obol_status status = obol_client_check_bundle(this->client, bundle);

	if (status == OBOL_OK)
	{
		take_bundle(this, bundle, OBOL_MODE_DEVICE, 0);
		return OBOL_OK;
	}
	if (this->client->error.cause == OBOL_CAUSE_CLOCK)
	{
		this->client->clock_was_wrong = true;
		this->client->wrong_clock_off_s = this->client->error.clock_off_s;
	}
	obol_bundle_free(bundle);
	return status;
}

static enum obol_status obtain_own(struct obtain *this)
{
	struct obol_bundle *bundle = NULL;
	enum obol_status status = check_clock(this->client);

	if (status == OBOL_OK)
	{
		status = issue_own(this->client, &bundle);
	}
	if (this->client->is_open && !is_device_mode(this->client))
	{
		obol_client_begin(this->client);
		return become_portable(this, bundle);
	}
	return status == OBOL_OK ? take_own(this, bundle) : status;
}

static enum obol_status obtain_device(struct obtain *this)
{
	enum obol_status status;

	if (this->held->mode == OBOL_MODE_DEVICE && this->held->not_after)
	{
		/* nobody waits for this, so see first what there is to gain */
		status = look_in(this->client);
		if (status != OBOL_OK)
		{
			return status;
		}
		if (!is_device_mode(this->client))
		{
			return become_portable(this, NULL);
		}
		if (!renewal_gains(this) && !must_renew(this))
		{
			take_bundle(this, NULL, OBOL_MODE_DEVICE, 0);
			return OBOL_OK;
		}
	}
	return obtain_own(this);
}

/* A token is slow, and what it makes stays: so it is asked for a key only when
 * the server has said of what type, and whether one is wanted. */
static enum obol_status obtain_elsewhere(struct obtain *this)
{
	bool is_held =
		this->held->mode == OBOL_MODE_DEVICE && this->held->not_after;
	struct obol_bundle *bundle = NULL;
	enum obol_status status = look_in(this->client);

	if (status == OBOL_OK)
	{
		status = obol_client_check_maker(this->client);
	}
	if (status != OBOL_OK)
	{
		return status;
	}
	if (is_held && !renewal_gains(this) && !must_renew(this))
	{
		take_bundle(this, NULL, OBOL_MODE_DEVICE, 0);
		return OBOL_OK;
	}
	status = check_clock(this->client);
	if (status == OBOL_OK)
	{
		status = obol_client_issue_own(this->client, &bundle);
	}
	return status == OBOL_OK ? take_own(this, bundle) : status;
}

static enum obol_status do_obtain(struct obtain *this)
{
	enum obol_status status;

	if (this->client->key_maker.make)
	{
		return obtain_elsewhere(this);
	}
	if (is_device_mode(this->client))
	{
		return obtain_device(this);
	}
	status = obtain_portable(this);
	if (this->client->is_open && is_device_mode(this->client))
	{
		take_bundle(this, NULL, 0, 0);
		obol_client_begin(this->client);
		status = obtain_device(this);
	}
	return status;
}

enum obol_status obol_client_obtain(struct obol_client *client,
									const char *name,
									const struct obol_held *held,
									struct obol_obtained *obtained)
{
	static const struct obol_held nothing = { 0 };
	struct obtain this = { .client = client,
						   .name = name,
						   .held = held ? held : &nothing };
	enum obol_status status;

	obol_client_begin(client);
	obol_fail_over_begin(client);
	do
	{
		take_bundle(&this, NULL, 0, 0);
		status = do_obtain(&this);
	} while (obol_fail_over(client, &status));
	if (status == OBOL_OK)
	{
		*obtained = this.got;
		this.got.bundle = NULL; /* moved to the caller */
	}
	obol_bundle_free(this.got.bundle);
	return obol_client_settle(client, status);
}
