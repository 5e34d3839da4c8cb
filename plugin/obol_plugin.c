/* SPDX-License-Identifier: GPL-2.0-or-later */
/* strongSwan's plugin: registers the credential set. */

#include "obol_plugin.h"
#include "obol_creds.h"
#include "obol_fetcher.h"
#include "obol_keyring.h"

#include <library.h>
#include <utils/debug.h>

#include <dlfcn.h>
#include <stdlib.h>

#ifndef PLUGIN_DEFINE
/** strongSwan 6 has it, and wants the version */
#define PLUGIN_DEFINE(name) \
	const char *name##_plugin_version = VERSION; \
	plugin_t *name##_plugin_create()
#endif

/** A function that libstrongswan has from 6.0 on */
#define SINCE_6 "library_init_register"

typedef struct private_obol_plugin_t private_obol_plugin_t;

/**
 * Private data of an obol_plugin_t object.
 */
struct private_obol_plugin_t {

	/**
	 * Public obol_plugin_t interface.
	 */
	obol_plugin_t public;

	/**
	 * What was fetched
	 */
	obol_keyring_t *keyring;

	/**
	 * Who fetches
	 */
	obol_fetcher_t *fetcher;

	/**
	 * What the daemon sees
	 */
	obol_creds_t *creds;
};

METHOD(plugin_t, get_name, char*,
	private_obol_plugin_t *this)
{
	return "obol";
}

/**
 * Take the credential set away from the daemon. The fetcher ends first, so
 * that no worker thread holds the credential manager's lock any more.
 */
static void unregister(private_obol_plugin_t *this)
{
	DESTROY_IF(this->fetcher);
	if (this->creds)
	{
		lib->credmgr->remove_set(lib->credmgr, &this->creds->set);
		this->creds->destroy(this->creds);
	}
	DESTROY_IF(this->keyring);
	this->fetcher = NULL;
	this->creds = NULL;
	this->keyring = NULL;
}

/**
 * Start fetching and add the credential set, or the reverse
 */
static bool plugin_cb(private_obol_plugin_t *this, plugin_feature_t *feature,
					  bool reg, void *data)
{
	if (!reg)
	{
		unregister(this);
		return TRUE;
	}
	this->keyring = obol_keyring_create();
	this->fetcher = obol_fetcher_create(this->keyring);
	if (!this->fetcher)
	{
		unregister(this);
		return FALSE;
	}
	this->creds = obol_creds_create(this->keyring, this->fetcher);
	lib->credmgr->add_set(lib->credmgr, &this->creds->set);
	return TRUE;
}

METHOD(plugin_t, get_features, int,
	private_obol_plugin_t *this, plugin_feature_t *features[])
{
	static plugin_feature_t f[] = {
		PLUGIN_CALLBACK((plugin_feature_callback_t)plugin_cb, NULL),
			PLUGIN_PROVIDE(CUSTOM, "obol"),
				/* what is fetched has to be decoded, and must be gone before
				 * its decoders are */
				PLUGIN_DEPENDS(CERT_DECODE, CERT_X509),
				PLUGIN_SDEPEND(PRIVKEY, KEY_ANY),
				PLUGIN_SDEPEND(PRIVKEY, KEY_ECDSA),
				PLUGIN_SDEPEND(PRIVKEY, KEY_RSA),
				PLUGIN_SDEPEND(PRIVKEY, KEY_ED25519),
	};
	*features = f;
	return countof(f);
}

METHOD(plugin_t, reload, bool,
	private_obol_plugin_t *this)
{
	if (this->fetcher)
	{
		this->fetcher->reload(this->fetcher);
	}
	return TRUE;
}

METHOD(plugin_t, destroy, void,
	private_obol_plugin_t *this)
{
	free(this);
}

/**
 * Check if the daemon has the major version this was built for. Others have
 * their methods in other places, so nothing of theirs may be called.
 */
static bool is_right_version()
{
	bool built_for_6 = atoi(VERSION) >= 6;
	bool runs_in_6 = dlsym(RTLD_DEFAULT, SINCE_6) != NULL;

	if (built_for_6 != runs_in_6)
	{
		/* this group has the same number in all versions */
		DBG1(DBG_DMN, "obol: this plugin was built for strongSwan %s, the "
			 "daemon is of version %s; install the one that fits, or build it "
			 "with the daemon's headers", VERSION, runs_in_6 ? "6" : "5");
		return FALSE;
	}
	return TRUE;
}

/*
 * see header file
 */
PLUGIN_DEFINE(obol)
{
	private_obol_plugin_t *this;

	if (!is_right_version())
	{
		return NULL;
	}
	/* to exempt sockets from policies, and to mark them */
	if (!lib->caps->keep(lib->caps, CAP_NET_ADMIN))
	{
		DBG1(DBG_DMN, "obol: without CAP_NET_ADMIN, fetches are not exempted "
			 "from IPsec policies");
	}
	INIT(this,
		.public = {
			.plugin = {
				.get_name = _get_name,
				.get_features = _get_features,
				.reload = _reload,
				.destroy = _destroy,
			},
		},
	);
	return &this->public.plugin;
}
