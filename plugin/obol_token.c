/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hardware token that a profile's keys are in. */

#include "obol_token.h"
#include "obol_token_key.h"

#include <threading/mutex.h>
#include <utils/debug.h>

#include <stdio.h>
#include <string.h>

/** Longest sentence about a token, in bytes */
#define WHY_MAX 384

/** Most keys of a profile that somebody uses at a time: the present one, and
 * those of exchanges that began before it came */
#define KEYS_MAX 16

typedef struct private_obol_token_t private_obol_token_t;

/**
 * Private data of an obol_token_t object.
 */
struct private_obol_token_t {

	/**
	 * Public obol_token_t interface.
	 */
	obol_token_t public;

	/**
	 * URI, and label unless that has one
	 */
	char *uri;
	char *label;

	/**
	 * Locks what follows
	 */
	mutex_t *mutex;

	/**
	 * The token, NULL if it is not open
	 */
	struct obol_pkcs11 *pkcs11;

	/**
	 * PIN that it has refused
	 */
	struct obol_secret *refused;

	/**
	 * Key pair made last, if it waits for its certificate
	 */
	struct obol_pkcs11_key made;
	bool is_made;

	/**
	 * Ids of the keys taken, one behind the other
	 */
	uint8_t ids[KEYS_MAX * OBOL_PKCS11_ID_LEN];
	u_int n_ids;

	/**
	 * Reference counter
	 */
	refcount_t ref;
};

/**
 * Fill in an error as libobol does
 */
static bool fail(struct obol_error *error, const char *why)
{
	error->cause = OBOL_CAUSE_TOKEN;
	error->status = OBOL_ERR_TOKEN;
	snprintf(error->text, sizeof(error->text),
			 "No key in a hardware token can be used (%.400s).", why);
	return FALSE;
}

/**
 * Check if a PIN is the one that was refused
 */
static bool is_refused(private_obol_token_t *this,
					   const struct obol_secret *pin)
{
	struct obol_bytes a, b;

	if (!pin || !this->refused)
	{
		return FALSE;
	}
	a = obol_secret_view(pin);
	b = obol_secret_view(this->refused);
	return a.len == b.len && memeq_const(a.ptr, b.ptr, a.len);
}

/**
 * Remember a PIN as the one that was refused, it is adopted
 */
static void set_refused(private_obol_token_t *this, struct obol_secret *pin)
{
	obol_secret_free(this->refused);
	this->refused = pin;
}

/**
 * Open the token with the PIN of the file that the URI names
 */
static bool open_token(private_obol_token_t *this, char why[WHY_MAX])
{
	struct obol_pkcs11_options options = {
		.uri = this->uri,
		.label = this->label,
	};
	char pin_path[OBOL_PKCS11_PATH_MAX];
	struct obol_secret *pin = NULL;
	enum obol_status status;

	status = obol_pkcs11_check_uri(this->uri, pin_path, why, WHY_MAX);
	if (status == OBOL_OK && *pin_path)
	{
		status = obol_token_pin_load(pin_path, &pin, why, WHY_MAX);
	}
	if (status == OBOL_OK && is_refused(this, pin))
	{
		snprintf(why, WHY_MAX, "the PIN in %s is wrong, and is not tried "
				 "again; put the right one into it", pin_path);
		status = OBOL_ERR_DENIED;
	}
	else if (status == OBOL_OK)
	{
		options.pin = pin;
		status = obol_pkcs11_open(&options, &this->pkcs11, why, WHY_MAX);
		if (status == OBOL_ERR_AUTH)
		{
			set_refused(this, pin);
			pin = NULL;
		}
	}
	obol_secret_free(pin);
	return status == OBOL_OK;
}

/**
 * Remove the key pair that was made last, if nobody has taken it. Called with
 * the lock held.
 */
static void drop_made(private_obol_token_t *this)
{
	char why[WHY_MAX];

	if (this->is_made &&
		obol_pkcs11_remove(this->pkcs11, this->made.id, why,
						   sizeof(why)) != OBOL_OK)
	{
		DBG1(DBG_CFG, "obol: a key that is of no use stays in its token: %s",
			 why);
	}
	this->is_made = FALSE;
}

/**
 * Hook of libobol: make a key pair
 */
static bool make(void *ctx, uint8_t key_type,
				 uint8_t spki[OBOL_TOKEN_PUBLIC_KEY_MAX], size_t *len,
				 char *why, size_t size)
{
	private_obol_token_t *this = ctx;

	this->mutex->lock(this->mutex);
	drop_made(this);
	this->is_made = obol_pkcs11_make(this->pkcs11, key_type, &this->made, why,
									 size) == OBOL_OK;
	if (this->is_made)
	{
		memcpy(spki, this->made.public_key, this->made.public_key_len);
		*len = this->made.public_key_len;
	}
	this->mutex->unlock(this->mutex);
	return this->is_made;
}

/**
 * Hook of libobol: sign a request
 */
static bool sign_request(void *ctx, const uint8_t digest[32],
						 uint8_t signature[OBOL_TOKEN_SIGNATURE_MAX],
						 size_t *len, char *why, size_t size)
{
	private_obol_token_t *this = ctx;
	struct obol_bytes bytes = { digest, 32 };

	return obol_pkcs11_sign(this->pkcs11, &this->made, OBOL_PKCS11_SHA256,
							bytes, signature, len, why, size) == OBOL_OK;
}

METHOD(obol_token_t, attach, bool,
	private_obol_token_t *this, struct obol_client *client,
	struct obol_error *error)
{
	struct obol_key_maker maker = {
		.ctx = this,
		.make = make,
		.sign = sign_request,
	};
	char why[WHY_MAX] = "";
	bool ok = TRUE;

	this->mutex->lock(this->mutex);
	if (!this->pkcs11)
	{
		ok = open_token(this, why);
	}
	this->mutex->unlock(this->mutex);
	if (!ok)
	{
		return fail(error, why);
	}
	obol_client_set_key_maker(client, &maker);
	return TRUE;
}

METHOD(obol_token_t, take_key, private_key_t*,
	private_obol_token_t *this, const struct obol_bundle *bundle,
	struct obol_error *error)
{
	private_key_t *key = NULL;
	char why[WHY_MAX];

	this->mutex->lock(this->mutex);
	if (this->is_made && this->n_ids < KEYS_MAX)
	{
		key = obol_token_key_create(&this->public, &this->made);
	}
	if (key)
	{
		if (obol_pkcs11_put(this->pkcs11, &this->made,
							obol_bundle_chain(bundle, 0), why,
							sizeof(why)) != OBOL_OK)
		{	/* other programs will not find it, charon does not need it there */
			DBG1(DBG_CFG, "obol: the certificate is not stored beside its key: "
				 "%s", why);
		}
		memcpy(this->ids + this->n_ids++ * OBOL_PKCS11_ID_LEN, this->made.id,
			   OBOL_PKCS11_ID_LEN);
		this->is_made = FALSE;
		if (obol_pkcs11_remove_others(this->pkcs11, this->ids, this->n_ids, why,
									  sizeof(why)) != OBOL_OK)
		{
			DBG1(DBG_CFG, "obol: old keys stay in their token: %s", why);
		}
	}
	else
	{
		drop_made(this);
		fail(error, "the daemon can not decode its public key, or its old keys "
			 "are all in use");
	}
	this->mutex->unlock(this->mutex);
	return key;
}

METHOD(obol_token_t, drop_key, void,
	private_obol_token_t *this)
{
	this->mutex->lock(this->mutex);
	drop_made(this);
	this->mutex->unlock(this->mutex);
}

METHOD(obol_token_t, sign, bool,
	private_obol_token_t *this, const struct obol_pkcs11_key *key,
	enum obol_pkcs11_hash hash, chunk_t digest, chunk_t *signature)
{
	struct obol_bytes bytes = { digest.ptr, digest.len };
	uint8_t buf[OBOL_TOKEN_SIGNATURE_MAX];
	char why[WHY_MAX];
	size_t len;

	/* its own lock is enough: the token is not closed as long as there are
	 * keys */
	if (obol_pkcs11_sign(this->pkcs11, key, hash, bytes, buf, &len, why,
						 sizeof(why)) != OBOL_OK)
	{
		DBG1(DBG_CFG, "obol: no signature: %s", why);
		return FALSE;
	}
	*signature = chunk_clone(chunk_create(buf, len));
	return TRUE;
}

METHOD(obol_token_t, end_key, void,
	private_obol_token_t *this, const struct obol_pkcs11_key *key, bool remove)
{
	char why[WHY_MAX];
	u_int i;

	this->mutex->lock(this->mutex);
	for (i = 0; i < this->n_ids; i++)
	{
		uint8_t *id = this->ids + i * OBOL_PKCS11_ID_LEN;

		if (memeq(id, key->id, OBOL_PKCS11_ID_LEN))
		{
			this->n_ids--;
			memcpy(id, this->ids + this->n_ids * OBOL_PKCS11_ID_LEN,
				   OBOL_PKCS11_ID_LEN);
			break;
		}
	}
	if (remove && obol_pkcs11_remove(this->pkcs11, key->id, why,
									 sizeof(why)) != OBOL_OK)
	{
		DBG1(DBG_CFG, "obol: an old key stays in its token: %s", why);
	}
	this->mutex->unlock(this->mutex);
}

METHOD(obol_token_t, get_ref, obol_token_t*,
	private_obol_token_t *this)
{
	ref_get(&this->ref);
	return &this->public;
}

METHOD(obol_token_t, destroy, void,
	private_obol_token_t *this)
{
	if (ref_put(&this->ref))
	{
		obol_pkcs11_close(this->pkcs11);
		obol_secret_free(this->refused);
		this->mutex->destroy(this->mutex);
		free(this->uri);
		free(this->label);
		free(this);
	}
}

/*
 * see header file
 */
obol_token_t *obol_token_create(char *uri, char *label)
{
	private_obol_token_t *this;

	INIT(this,
		.public = {
			.attach = _attach,
			.take_key = _take_key,
			.drop_key = _drop_key,
			.sign = _sign,
			.end_key = _end_key,
			.get_ref = _get_ref,
			.destroy = _destroy,
		},
		.uri = strdup(uri),
		.label = strdup(label),
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.ref = 1,
	);
	return &this->public;
}
