/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Credential set whose look-ups wait for a fetch. */

#include "obol_creds.h"
#include "obol_now.h"

#include <networking/host.h>
#include <threading/thread_value.h>
#include <utils/debug.h>

#include <ifaddrs.h>

/** The look-ups of one IKE_SA follow each other within this time */
#define SAME_SA_MS 500

typedef struct private_obol_creds_t private_obol_creds_t;

/**
 * Private data of an obol_creds_t object.
 */
struct private_obol_creds_t {

	/**
	 * Public obol_creds_t interface.
	 */
	obol_creds_t public;

	/**
	 * What was fetched
	 */
	obol_keyring_t *keyring;

	/**
	 * Who fetches
	 */
	obol_fetcher_t *fetcher;

	/**
	 * When the calling thread last asked for a CA of a gateway that is known,
	 * waited for a credential, and was told why there is none: as numbers
	 */
	thread_value_t *known;
	thread_value_t *waited;
	thread_value_t *told;

	/**
	 * What the calling thread looked up last, a lookup_t
	 */
	thread_value_t *last;

	/**
	 * Set while the calling thread asks all other sets
	 */
	thread_value_t *asking;
};

/**
 * What an initiator's look-up of certificates is for. It makes them all in one
 * worker thread while it handles the response to IKE_SA_INIT, in this order.
 */
typedef enum {
	/** something that no credential of ours has to be fetched for */
	LOOKUP_OTHER,
	/** a CA of the gateway's CERTREQ: the first there is, and the one to wait
	 * at, as what it finds goes into our choice of a certificate */
	LOOKUP_CERTREQ,
	/** all trusted CAs, for our own CERTREQ */
	LOOKUP_ANCHORS,
	/** our own certificate, the last there is */
	LOOKUP_OWN,
} lookup_t;

/**
 * A look-up
 */
typedef struct {
	private_obol_creds_t *this;
	certificate_type_t cert;
	key_type_t key;
	identification_t *id;
	bool trusted;
} lookup_data_t;

/**
 * Tell what a look-up is for. Peers' certificates are looked up by type of
 * key, lists of certificates are neither trusted nor for an identity.
 */
static lookup_t classify(lookup_data_t *data)
{
	if (data->key != KEY_ANY)
	{
		return LOOKUP_OTHER;
	}
	if (data->trusted && data->cert == CERT_X509 && data->id &&
		data->id->get_type(data->id) == ID_KEY_ID)
	{
		return LOOKUP_CERTREQ;
	}
	if (data->cert == CERT_ANY && data->trusted && !data->id)
	{
		return LOOKUP_ANCHORS;
	}
	if (data->cert == CERT_ANY && !data->trusted && data->id)
	{
		return LOOKUP_OWN;
	}
	return LOOKUP_OTHER;
}

/**
 * Look into the keyring
 */
static enumerator_t *look_up(lookup_data_t *data)
{
	credential_set_t *set;

	set = data->this->keyring->get_set(data->this->keyring);
	return set->create_cert_enumerator(set, data->cert, data->key, data->id,
									   data->trusted);
}

/**
 * Check if the keyring has what is looked up
 */
static bool is_found(lookup_data_t *data)
{
	enumerator_t *enumerator;
	certificate_t *cert;
	bool found;

	enumerator = look_up(data);
	found = enumerator->enumerate(enumerator, &cert);
	enumerator->destroy(enumerator);
	return found;
}

/**
 * Check if another set of the daemon's has what is looked up. This one may be
 * asked before those that have a connection's certificates from files.
 */
static bool is_elsewhere(lookup_data_t *data)
{
	thread_value_t *asking = data->this->asking;
	enumerator_t *enumerator;
	certificate_t *cert;
	bool found;

	asking->set(asking, data);
	enumerator = lib->credmgr->create_cert_enumerator(lib->credmgr, data->cert,
										data->key, data->id, data->trusted);
	found = enumerator->enumerate(enumerator, &cert);
	enumerator->destroy(enumerator);
	asking->set(asking, NULL);
	return found;
}

/**
 * Nothing ends the wait for all trusted CAs early: any profile may be meant
 */
static bool is_never_found(lookup_data_t *data)
{
	return FALSE;
}

/**
 * Remember the time for the calling thread
 */
static void mark(thread_value_t *value)
{
	/* never zero, which stands for never */
	value->set(value, (void*)((uintptr_t)obol_now_ms() | 1));
}

/**
 * Whether the calling thread has been marked for the same IKE_SA
 */
static bool is_marked(thread_value_t *value)
{
	uintptr_t at = (uintptr_t)value->get(value);

	return at && ((uintptr_t)obol_now_ms() | 1) - at <= SAME_SA_MS;
}

/**
 * Take note of a look-up. One that does not come after the last one of the
 * calling thread belongs to another IKE_SA.
 */
static void begin(private_obol_creds_t *this, lookup_t lookup)
{
	if (lookup == LOOKUP_OTHER)
	{
		return;
	}
	if (lookup < (lookup_t)(uintptr_t)this->last->get(this->last))
	{
		this->known->set(this->known, NULL);
		this->waited->set(this->waited, NULL);
		this->told->set(this->told, NULL);
	}
	this->last->set(this->last, (void*)(uintptr_t)lookup);
}

/**
 * Whether an address is one of this host's
 */
static bool is_own_address(identification_t *id)
{
	struct ifaddrs *list, *current;
	identification_t *own;
	bool found = FALSE;
	host_t *host;

	if (getifaddrs(&list) != 0)
	{
		return FALSE;
	}
	for (current = list; current && !found; current = current->ifa_next)
	{
		host = current->ifa_addr ?
						host_create_from_sockaddr(current->ifa_addr) : NULL;
		if (host)
		{
			own = identification_create_from_sockaddr(
												host->get_sockaddr(host));
			found = id->equals(id, own);
			own->destroy(own);
			host->destroy(host);
		}
	}
	freeifaddrs(list);
	return found;
}

/**
 * There is no certificate for our identity: say why, in the log of the IKE_SA
 * that needs it
 */
static void explain(private_obol_creds_t *this, identification_t *id)
{
	id_type_t type = id->get_type(id);

	if (is_marked(this->told))
	{
		return;
	}
	if ((type == ID_IPV4_ADDR || type == ID_IPV6_ADDR) && is_own_address(id))
	{
		DBG1(DBG_CFG, "obol: no certificate is for '%Y': the connection has no "
			 "local.id, set it to what the credential is for", id);
	}
	this->fetcher->log_problems(this->fetcher);
	mark(this->told);
}

/**
 * Have fetched what is looked up, and wait for it, once for each IKE_SA
 */
static void await(private_obol_creds_t *this, obol_satisfied_t satisfied,
				  lookup_data_t *data)
{
	if (!is_marked(this->waited))
	{
		this->fetcher->await(this->fetcher, satisfied, data);
		mark(this->waited);
	}
}

/**
 * A CA of the gateway's is looked up. If it is known, this IKE_SA needs no
 * credential of another gateway.
 */
static void await_certreq(private_obol_creds_t *this, lookup_data_t *data)
{
	bool known = is_found(data) || is_elsewhere(data);

	if (!known)
	{
		await(this, (obol_satisfied_t)is_found, data);
		known = is_found(data);
	}
	if (known)
	{
		mark(this->known);
	}
}

/**
 * All CAs are looked up
 */
static void await_anchors(private_obol_creds_t *this, lookup_data_t *data)
{
	if (!is_marked(this->known))
	{
		await(this, (obol_satisfied_t)is_never_found, data);
	}
}

/**
 * Our own certificate is looked up. Its CA may be known from a file, so this
 * can be the first that is missing.
 */
static void await_own(private_obol_creds_t *this, lookup_data_t *data)
{
	if (!is_found(data) && !is_elsewhere(data))
	{
		await(this, (obol_satisfied_t)is_found, data);
		if (!is_found(data))
		{
			explain(this, data->id);
		}
	}
}

METHOD(credential_set_t, create_cert_enumerator, enumerator_t*,
	private_obol_creds_t *this, certificate_type_t cert, key_type_t key,
	identification_t *id, bool trusted)
{
	lookup_data_t data = {
		.this = this,
		.cert = cert,
		.key = key,
		.id = id,
		.trusted = trusted,
	};
	lookup_t lookup = classify(&data);

	if (this->asking->get(this->asking))
	{
		return NULL;
	}
	begin(this, lookup);
	if (lookup != LOOKUP_OTHER)
	{	/* our own certificate may come from the daemon's cache, and then this is
		 * all that is seen of it */
		this->fetcher->used(this->fetcher);
	}
	switch (lookup)
	{
		case LOOKUP_CERTREQ:
			await_certreq(this, &data);
			break;
		case LOOKUP_ANCHORS:
			await_anchors(this, &data);
			break;
		case LOOKUP_OWN:
			await_own(this, &data);
			break;
		case LOOKUP_OTHER:
			break;
	}
	/* only now: the enumerator holds a lock that the fetcher needs */
	return look_up(&data);
}

METHOD(credential_set_t, create_private_enumerator, enumerator_t*,
	private_obol_creds_t *this, key_type_t type, identification_t *id)
{
	credential_set_t *set = this->keyring->get_set(this->keyring);

	return set->create_private_enumerator(set, type, id);
}

METHOD(obol_creds_t, destroy, void,
	private_obol_creds_t *this)
{
	this->known->destroy(this->known);
	this->waited->destroy(this->waited);
	this->told->destroy(this->told);
	this->last->destroy(this->last);
	this->asking->destroy(this->asking);
	free(this);
}

/*
 * see header file
 */
obol_creds_t *obol_creds_create(obol_keyring_t *keyring,
								obol_fetcher_t *fetcher)
{
	private_obol_creds_t *this;

	INIT(this,
		.public = {
			.set = {
				.create_cert_enumerator = _create_cert_enumerator,
				.create_private_enumerator = _create_private_enumerator,
				.create_shared_enumerator = (void*)return_null,
				.create_cdp_enumerator = (void*)return_null,
				.cache_cert = (void*)nop,
			},
			.destroy = _destroy,
		},
		.keyring = keyring,
		.fetcher = fetcher,
		.known = thread_value_create(NULL),
		.waited = thread_value_create(NULL),
		.told = thread_value_create(NULL),
		.last = thread_value_create(NULL),
		.asking = thread_value_create(NULL),
	);
	return &this->public;
}
