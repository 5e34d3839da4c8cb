/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a profile logs in with, and what has been refused. */

#include "obol_secrets.h"

typedef struct private_obol_secrets_t private_obol_secrets_t;

/**
 * Private data of an obol_secrets_t object.
 */
struct private_obol_secrets_t {

	/**
	 * Public obol_secrets_t interface.
	 */
	obol_secrets_t public;

	/**
	 * Password that is remembered
	 */
	struct obol_secret *password;

	/**
	 * What was used last
	 */
	struct obol_secret *used;

	/**
	 * What was refused last
	 */
	struct obol_secret *refused;
};

/**
 * Compare secrets
 */
static bool same(const struct obol_secret *a, const struct obol_secret *b)
{
	struct obol_bytes va = obol_secret_view(a), vb = obol_secret_view(b);

	return a && b && va.len == vb.len && memeq_const(va.ptr, vb.ptr, va.len);
}

/**
 * Put a secret, which is adopted, in the place of another
 */
static void put(struct obol_secret **place, struct obol_secret *secret)
{
	obol_secret_free(*place);
	*place = secret;
}

METHOD(obol_secrets_t, offer, bool,
	private_obol_secrets_t *this, struct obol_secret *password)
{
	if (same(password, this->refused) || same(password, this->password))
	{
		obol_secret_free(password);
		return FALSE;
	}
	put(&this->password, password);
	return TRUE;
}

METHOD(obol_secrets_t, get_password, struct obol_secret*,
	private_obol_secrets_t *this)
{
	return this->password;
}

METHOD(obol_secrets_t, use, bool,
	private_obol_secrets_t *this, const struct obol_secret *secret)
{
	if (same(secret, this->refused))
	{
		return FALSE;
	}
	put(&this->used, obol_secrets_copy(secret));
	return TRUE;
}

METHOD(obol_secrets_t, accepted, void,
	private_obol_secrets_t *this)
{
	put(&this->used, NULL);
	put(&this->refused, NULL);
}

METHOD(obol_secrets_t, refused, void,
	private_obol_secrets_t *this)
{
	put(&this->refused, this->used);
	this->used = NULL;
	put(&this->password, NULL);
}

METHOD(obol_secrets_t, destroy, void,
	private_obol_secrets_t *this)
{
	obol_secret_free(this->password);
	obol_secret_free(this->used);
	obol_secret_free(this->refused);
	free(this);
}

/*
 * see header file
 */
struct obol_secret *obol_secrets_copy(const struct obol_secret *secret)
{
	struct obol_bytes view;

	if (!secret)
	{
		return NULL;
	}
	view = obol_secret_view(secret);
	return obol_secret_dup(view.ptr, view.len);
}

/*
 * see header file
 */
obol_secrets_t *obol_secrets_create()
{
	private_obol_secrets_t *this;

	INIT(this,
		.public = {
			.offer = _offer,
			.get_password = _get_password,
			.use = _use,
			.accepted = _accepted,
			.refused = _refused,
			.destroy = _destroy,
		},
	);
	return &this->public;
}
