/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys and certificates of all profiles. */

#include "obol_keyring.h"
#include "obol_token_key.h"

#include <credentials/sets/mem_cred.h>
#include <utils/debug.h>

typedef struct private_obol_keyring_t private_obol_keyring_t;

/**
 * Private data of an obol_keyring_t object.
 */
struct private_obol_keyring_t {

	/**
	 * Public obol_keyring_t interface.
	 */
	obol_keyring_t public;

	/**
	 * What the daemon sees
	 */
	mem_cred_t *mem;

	/**
	 * What the profiles have, entry_t
	 */
	linked_list_t *entries;

	/**
	 * Sets of CA certificates that come to the profiles, anchors_t
	 */
	linked_list_t *anchors;
};

/**
 * A profile's credential
 */
typedef struct {
	/** name of the profile */
	char *name;
	/** its credential */
	obol_loaded_t *loaded;
} entry_t;

/**
 * A profile's set of CA certificates
 */
typedef struct {
	/** name of the profile */
	char *name;
	/** number of the set */
	uint32_t number;
	/** certificate_t */
	linked_list_t *certs;
} anchors_t;

/**
 * Destroy a set of CA certificates
 */
static void anchors_destroy(anchors_t *this)
{
	this->certs->destroy_offset(this->certs, offsetof(certificate_t, destroy));
	free(this->name);
	free(this);
}

/**
 * Destroy an entry
 */
static void entry_destroy(entry_t *this)
{
	obol_loaded_destroy(this->loaded);
	free(this->name);
	free(this);
}

/**
 * Take a profile's entry out of the list, NULL if it has none
 */
static entry_t *take_entry(private_obol_keyring_t *this, char *name)
{
	enumerator_t *enumerator;
	entry_t *entry, *found = NULL;

	enumerator = this->entries->create_enumerator(this->entries);
	while (!found && enumerator->enumerate(enumerator, &entry))
	{
		if (streq(entry->name, name))
		{
			this->entries->remove_at(this->entries, enumerator);
			found = entry;
		}
	}
	enumerator->destroy(enumerator);
	return found;
}

/**
 * Find a profile's set of CA certificates, NULL if it has none
 */
static anchors_t *find_anchors(private_obol_keyring_t *this, char *name)
{
	enumerator_t *enumerator;
	anchors_t *anchors, *found = NULL;

	enumerator = this->anchors->create_enumerator(this->anchors);
	while (!found && enumerator->enumerate(enumerator, &anchors))
	{
		if (streq(anchors->name, name))
		{
			found = anchors;
		}
	}
	enumerator->destroy(enumerator);
	return found;
}

/**
 * Add a list of certificates to a set
 */
static void add_certs(mem_cred_t *mem, bool trusted, linked_list_t *certs)
{
	enumerator_t *enumerator;
	certificate_t *cert;

	enumerator = certs->create_enumerator(certs);
	while (enumerator->enumerate(enumerator, &cert))
	{
		mem->add_cert(mem, trusted, cert->get_ref(cert));
	}
	enumerator->destroy(enumerator);
}

/**
 * Make the set's certificates those of the entries, all at once
 */
static void update_certs(private_obol_keyring_t *this)
{
	enumerator_t *enumerator;
	mem_cred_t *fresh;
	anchors_t *anchors;
	entry_t *entry;

	fresh = mem_cred_create();
	/* anchors first: a set never makes a certificate trusted that it has */
	enumerator = this->entries->create_enumerator(this->entries);
	while (enumerator->enumerate(enumerator, &entry))
	{
		add_certs(fresh, TRUE, entry->loaded->anchors);
	}
	enumerator->destroy(enumerator);
	enumerator = this->anchors->create_enumerator(this->anchors);
	while (enumerator->enumerate(enumerator, &anchors))
	{
		add_certs(fresh, TRUE, anchors->certs);
	}
	enumerator->destroy(enumerator);
	enumerator = this->entries->create_enumerator(this->entries);
	while (enumerator->enumerate(enumerator, &entry))
	{
		add_certs(fresh, FALSE, entry->loaded->intermediates);
		fresh->add_cert(fresh, FALSE,
						entry->loaded->cert->get_ref(entry->loaded->cert));
	}
	enumerator->destroy(enumerator);
	this->mem->replace_certs(this->mem, fresh, FALSE);
	fresh->destroy(fresh);
}

/**
 * Remove a key from the set, unless a profile still has it
 */
static void remove_key(private_obol_keyring_t *this, private_key_t *key)
{
	enumerator_t *enumerator;
	entry_t *entry;
	chunk_t fingerprint;
	bool used = FALSE;

	enumerator = this->entries->create_enumerator(this->entries);
	while (!used && enumerator->enumerate(enumerator, &entry))
	{
		used = key->equals(key, entry->loaded->key);
	}
	enumerator->destroy(enumerator);
	if (!used &&
		key->get_fingerprint(key, KEYID_PUBKEY_SHA1, &fingerprint))
	{
		this->mem->remove_key(this->mem, fingerprint);
	}
}

/**
 * Retire an entry that the list has no more: the certificates without it, then
 * the daemon's cache, which would be asked before us, then the key
 */
static void retire(private_obol_keyring_t *this, entry_t *old)
{
	update_certs(this);
	if (old)
	{
		lib->credmgr->flush_cache(lib->credmgr, CERT_X509);
		remove_key(this, old->loaded->key);
		entry_destroy(old);
	}
}

METHOD(obol_keyring_t, get_set, credential_set_t*,
	private_obol_keyring_t *this)
{
	return &this->mem->set;
}

METHOD(obol_keyring_t, replace, void,
	private_obol_keyring_t *this, char *name, obol_loaded_t *loaded)
{
	entry_t *entry, *old;

	this->mem->add_key(this->mem, loaded->key->get_ref(loaded->key));
	old = take_entry(this, name);
	INIT(entry,
		.name = strdup(name),
		.loaded = loaded,
	);
	this->entries->insert_last(this->entries, entry);
	if (old && old->loaded->in_token)
	{	/* it leaves the token with its last user */
		obol_token_key_retire(old->loaded->key);
	}
	retire(this, old);
}

METHOD(obol_keyring_t, set_anchors, bool,
	private_obol_keyring_t *this, char *name, uint32_t number,
	linked_list_t *certs)
{
	anchors_t *anchors, *old = find_anchors(this, name);

	INIT(anchors,
		.name = strdup(name),
		.number = number,
		.certs = certs,
	);
	if (old && old->number == number)
	{
		anchors_destroy(anchors);
		return FALSE;
	}
	if (old)
	{
		this->anchors->remove(this->anchors, old, NULL);
	}
	this->anchors->insert_last(this->anchors, anchors);
	update_certs(this);
	if (old)
	{
		lib->credmgr->flush_cache(lib->credmgr, CERT_X509);
		anchors_destroy(old);
	}
	return TRUE;
}

METHOD(obol_keyring_t, remove_, void,
	private_obol_keyring_t *this, char *name)
{
	anchors_t *anchors = find_anchors(this, name);
	entry_t *old = take_entry(this, name);

	if (anchors)
	{
		this->anchors->remove(this->anchors, anchors, NULL);
	}
	if (old)
	{
		retire(this, old);
	}
	else if (anchors)
	{
		update_certs(this);
		lib->credmgr->flush_cache(lib->credmgr, CERT_X509);
	}
	if (anchors)
	{
		anchors_destroy(anchors);
	}
}

METHOD(obol_keyring_t, destroy, void,
	private_obol_keyring_t *this)
{
	this->mem->clear(this->mem);
	lib->credmgr->flush_cache(lib->credmgr, CERT_X509);
	this->mem->destroy(this->mem);
	this->entries->destroy_function(this->entries, (void*)entry_destroy);
	this->anchors->destroy_function(this->anchors, (void*)anchors_destroy);
	free(this);
}

/*
 * see header file
 */
obol_keyring_t *obol_keyring_create()
{
	private_obol_keyring_t *this;

	INIT(this,
		.public = {
			.get_set = _get_set,
			.replace = _replace,
			.set_anchors = _set_anchors,
			.remove = _remove_,
			.destroy = _destroy,
		},
		.mem = mem_cred_create(),
		.entries = linked_list_create(),
		.anchors = linked_list_create(),
	);
	return &this->public;
}
