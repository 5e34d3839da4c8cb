/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A profile and its fetch. */

#include "obol_entry.h"
#include "obol_message.h"
#include "obol_now.h"

#include <utils/debug.h>

#include <string.h>

/*
 * see header file
 */
obol_entry_t *obol_entry_create(obol_options_t *options)
{
	obol_entry_t *this;

	INIT(this,
		.fetch = obol_fetch_create(options),
	);
	this->profile = obol_profile_create(options);
	return this;
}

/*
 * see header file
 */
obol_options_t *obol_entry_options(obol_entry_t *this)
{
	return this->profile->get_options(this->profile);
}

/*
 * see header file
 */
void obol_entry_begin(obol_entry_t *this, obol_fetch_done_t done, void *data)
{
	obol_fetch_result_t result = {
		.error = {
			.cause = OBOL_CAUSE_INTERNAL,
			.status = OBOL_ERR_NOMEM,
			.text = "There is no thread for it.",
		},
	};
	obol_login_t login = {};

	if (this->profile->begin(this->profile, &login, obol_now_ms()) &&
		!this->fetch->start(this->fetch, &login, done, data))
	{
		this->profile->finish(this->profile, &result, NULL, obol_now_ms());
	}
	obol_login_clear(&login);
}

/**
 * Trust the CA certificates of the set that came along, and log what became of
 * it. A refused one changes nothing.
 */
static void store_anchors(obol_entry_t *this, obol_keyring_t *keyring)
{
	obol_fetch_result_t *result = this->fetch->get_result(this->fetch);
	obol_options_t *options = obol_entry_options(this);

	if (result->anchors &&
		keyring->set_anchors(keyring, options->name,
							 obol_anchors_number(result->anchors),
							 obol_loaded_anchors(result->anchors)))
	{
		DBG1(DBG_CFG, "obol: profile '%s': set %u of CA certificates is "
			 "trusted, it has %zu", options->name,
			 obol_anchors_number(result->anchors),
			 obol_anchors_n_cas(result->anchors));
	}
	if (result->anchors_error.cause != OBOL_CAUSE_NONE)
	{
		obol_message_failure(LEVEL_CTRL, options,
							 "has not taken the newest set of CA certificates",
							 &result->anchors_error);
	}
}

/*
 * see header file
 */
char *obol_entry_store(obol_entry_t *this, obol_keyring_t *keyring)
{
	obol_fetch_result_t *result = this->fetch->get_result(this->fetch);
	obol_loaded_t *loaded;
	char *identities;

	if (result->error.cause != OBOL_CAUSE_NONE)
	{
		return NULL;
	}
	/* before the credential: who waits for that may need these at once */
	store_anchors(this, keyring);
	if (!result->bundle)
	{
		return NULL;
	}
	loaded = obol_loaded_create(result->bundle, result->key);
	result->key = NULL;
	if (!loaded)
	{
		result->error.cause = OBOL_CAUSE_CREDENTIAL;
		result->error.status = OBOL_ERR_FORMAT;
		strcpy(result->error.text, "The daemon can not decode what was "
			   "fetched, see above.");
		return NULL;
	}
	identities = obol_loaded_identities(loaded);
	keyring->replace(keyring, obol_entry_options(this)->name, loaded);
	return identities;
}

/*
 * see header file
 */
void obol_entry_destroy(obol_entry_t *this)
{
	this->fetch->destroy(this->fetch);
	this->profile->destroy(this->profile);
	free(this);
}
