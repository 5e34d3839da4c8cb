/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A certificate for a key made here. */
#include "client/fail_over.h"
#include "client/internal.h"
#include "client/key_request.h"

/* The version that is stored under a name, be it a tombstone; 0 for none. */
static enum obol_status stored_version(struct obol_client *client,
									   const char *name, uint64_t *version,
									   bool *is_live)
{
	struct obol_request request;
	const struct obol_answer *answer;
	enum obol_status status;
	size_t i;

	memset(&request, 0, sizeof(request));
	request.type = OBOL_LIST;
	status = obol_client_ask(client, &request, &answer);
	if (status != OBOL_OK)
	{
		return status;
	}
	*version = 0;
	*is_live = false;
	for (i = 0; i < answer->list.n_items; i++)
	{
		if (obol_bytes_eq(answer->list.items[i].name, obol_bytes_str(name)))
		{
			*version = answer->list.items[i].version;
			*is_live = !answer->list.items[i].deleted;
		}
	}
	return OBOL_OK;
}

#define WHY_MAX 320

/** A key, and the request for it. */
struct own_key {
	/** NULL: it is elsewhere */
	struct obol_secret *key;
	uint8_t spki[OBOL_TOKEN_PUBLIC_KEY_MAX];
	size_t spki_len;
	struct obol_writer pkcs10;
};

/* The answer's parts and the key become a bundle; all is copied. */
static enum obol_status make_bundle(struct obol_client *client,
									const struct own_key *own,
									const struct obol_issue_answer *answer,
									struct obol_bundle **bundle)
{
	struct obol_bundle_parts parts;
	enum obol_status status;
	size_t i;

	memset(&parts, 0, sizeof(parts));
	parts.key = own->key;
	parts.public_key = obol_bytes(own->spki, own->spki_len);
	parts.chain[parts.n_chain++] = answer->certificate;
	for (i = 0; i < answer->n_chain; i++)
	{
		if (parts.n_chain == OBOL_BUNDLE_CERTIFICATES_MAX)
		{
			return obol_client_fail(client, OBOL_CAUSE_CREDENTIAL,
									"its chain of certificates is too long");
		}
		parts.chain[parts.n_chain++] = answer->chain[i];
	}
	for (i = 0; i < answer->n_cas && i < OBOL_BUNDLE_CERTIFICATES_MAX; i++)
	{
		parts.cas[parts.n_cas++] = answer->cas[i];
	}
	status = obol_bundle_new(&parts, bundle);
	if (status == OBOL_ERR_NOMEM)
	{
		return obol_client_fail_internal(client, status);
	}
	return status == OBOL_OK
			   ? OBOL_OK
			   : obol_client_fail(client, OBOL_CAUSE_CREDENTIAL,
								  "the certificate or its CA is missing");
}

/* The type that the login told; before it, of the login before. */
static uint8_t key_type_of(const struct obol_client *client)
{
	return client->state.key_type ? client->state.key_type : OBOL_KEY_EC_P256;
}

static enum obol_status make_key(struct obol_client *client,
								 struct own_key *own)
{
	const struct obol_key_maker *maker =
		client->key_maker.make ? &client->key_maker : NULL;
	char why[WHY_MAX];
	enum obol_status status =
		maker ? obol_key_request_elsewhere(
					obol_client_library(client), key_type_of(client), maker,
					client->exporter, own->spki, &own->spki_len, &own->pkcs10,
					why, sizeof(why))
			  : obol_key_request_new(obol_client_library(client),
									 key_type_of(client), client->exporter,
									 &own->key, &own->pkcs10);

	switch (status)
	{
		case OBOL_OK:
			return OBOL_OK;
		case OBOL_ERR_TOKEN:
			return obol_client_fail(client, OBOL_CAUSE_TOKEN, "%s", why);
		case OBOL_ERR_VERSION:
			return obol_client_fail(client, OBOL_CAUSE_CREDENTIAL,
									"it is to be for a type of key that this "
									"program does not know");
		default:
			return obol_client_fail_internal(client, status);
	}
}

static enum obol_status request_certificate(struct obol_client *client,
											struct obol_bundle **bundle)
{
	const struct obol_answer *answer;
	struct obol_request request;
	struct own_key own;
	enum obol_status status;

	memset(&own, 0, sizeof(own));
	obol_writer_init(&own.pkcs10);
	status = make_key(client, &own);
	if (status == OBOL_OK)
	{
		memset(&request, 0, sizeof(request));
		request.type = OBOL_ISSUE;
		request.pkcs10 = obol_writer_view(&own.pkcs10);
		status = obol_client_ask(client, &request, &answer);
	}
	if (status == OBOL_OK)
	{
		status = make_bundle(client, &own, &answer->issue, bundle);
	}
	obol_writer_clear(&own.pkcs10);
	obol_secret_free(own.key);
	return status;
}

/* By the server's clock: a wrong one here is no fault of what was issued, and
 * is told once it is stored. */
static enum obol_status check_issued(struct obol_client *client,
									 const struct obol_bundle *bundle)
{
	if (obol_bundle_check(bundle, obol_client_server_now(client)) ==
		OBOL_BUNDLE_GOOD)
	{
		return OBOL_OK;
	}
	if (obol_client_check_bundle(client, bundle) == OBOL_OK)
	{
		return obol_client_fail(client, OBOL_CAUSE_CREDENTIAL,
								"the certificate is not valid at this time");
	}
	return client->error.status;
}

enum obol_status obol_client_issue_own(struct obol_client *client,
									   struct obol_bundle **out)
{
	struct obol_bundle *bundle = NULL;
	enum obol_status status = request_certificate(client, &bundle);

	if (status == OBOL_OK)
	{
		status = obol_client_complete_cas(client, &bundle);
	}
	if (status == OBOL_OK)
	{
		status = check_issued(client, bundle);
	}
	if (status == OBOL_OK)
	{
		*out = bundle;
		bundle = NULL; /* moved to the caller */
	}
	obol_bundle_free(bundle);
	return status;
}

enum obol_status obol_client_store_issued(struct obol_client *client,
										  const char *name,
										  const struct obol_bundle *bundle,
										  uint64_t *version)
{
	struct obol_secret *body = NULL;
	enum obol_status status = obol_bundle_encode(bundle, &body);

	if (status != OBOL_OK)
	{
		return obol_client_fail_internal(client, status);
	}
	status = obol_client_do_put(client, name, OBOL_FORMAT_BUNDLE, *version,
								body, version);
	obol_secret_free(body);
	return status;
}

enum obol_status obol_client_issue_over(struct obol_client *client,
										const char *name, uint64_t *version,
										struct obol_bundle **out)
{
	struct obol_bundle *bundle = NULL;
	enum obol_status status = obol_client_issue_own(client, &bundle);

	if (status == OBOL_OK)
	{
		status = obol_client_store_issued(client, name, bundle, version);
	}
	if (status != OBOL_OK && client->error.cause == OBOL_CAUSE_STALE)
	{
		/* another device was faster: its bundle is the account's */
		obol_bundle_free(bundle);
		bundle = NULL;
		obol_client_begin(client);
		status = obol_client_do_fetch(client, name, 0, &bundle, version);
	}
	else if (status == OBOL_OK)
	{
		status = obol_client_check_bundle(client, bundle);
	}
	if (status == OBOL_OK)
	{
		*out = bundle;
		bundle = NULL; /* moved to the caller */
	}
	obol_bundle_free(bundle);
	return status;
}

void obol_client_set_key_maker(struct obol_client *client,
							   const struct obol_key_maker *maker)
{
	memset(&client->key_maker, 0, sizeof(client->key_maker));
	if (maker)
	{
		client->key_maker = *maker;
	}
}

enum obol_status obol_client_check_maker(struct obol_client *client)
{
	if (!client->key_maker.make || client->info.mode == OBOL_MODE_DEVICE)
	{
		return OBOL_OK;
	}
	return obol_client_fail(client, OBOL_CAUSE_TOKEN,
							"this account's devices share one key, which "
							"cannot be in a token; ask the operator for keys "
							"of each device's own: obolctl account set %s "
							"--mode device",
							client->account);
}

static enum obol_status do_issue(struct obol_client *client, const char *name,
								 struct obol_bundle **bundle)
{
	uint64_t version = 0;
	/* this also has the login done, which tells mode and key type */
	bool is_live = false;
	enum obol_status status = stored_version(client, name, &version, &is_live);

	if (status != OBOL_OK)
	{
		return status;
	}
	status = obol_client_check_maker(client);
	if (status != OBOL_OK)
	{
		return status;
	}
	if (client->info.mode != OBOL_MODE_DEVICE)
	{
		status = obol_client_prepare_anchors(client, name, is_live);
		return status == OBOL_OK
				   ? obol_client_issue_over(client, name, &version, bundle)
				   : status;
	}
	status = obol_client_issue_own(client, bundle);
	return status == OBOL_OK ? obol_client_check_bundle(client, *bundle)
							 : status;
}

enum obol_status obol_client_issue(struct obol_client *client, const char *name,
								   struct obol_bundle **out)
{
	struct obol_bundle *bundle = NULL;
	enum obol_status status;

	obol_client_begin(client);
	obol_fail_over_begin(client);
	do
	{
		/* a certificate whose answer was lost stays unused until it expires */
		status = do_issue(client, name, &bundle);
	} while (obol_fail_over(client, &status));
	if (status == OBOL_OK && out)
	{
		*out = bundle;
		bundle = NULL; /* moved to the caller */
	}
	obol_bundle_free(bundle);
	return obol_client_settle(client, status);
}
