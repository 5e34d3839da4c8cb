/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CA certificates that a client trusts. */
#include "client/anchors.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "client/internal.h"
#include "group/sha256.h"

#define STATE_SUFFIX ".state"
#define ANCHORS_SUFFIX ".anchors"
#define PATH_SIZE 1100
#define WHY_MAX 256
/** Sets that are asked for in one login at most. */
#define STEPS_MAX 64
/** How long all of them may take, in milliseconds: the credential has come
 * already, and somebody may be waiting for it. */
#define WALK_MS 4000

static void clear_roots(struct obol_client_anchors *anchors)
{
	size_t i;

	for (i = 0; i < anchors->n_roots; i++)
	{
		free((uint8_t *)anchors->roots[i].ptr);
	}
	anchors->n_roots = 0;
}

void obol_client_anchors_clear(struct obol_client_anchors *anchors)
{
	clear_roots(anchors);
	obol_anchors_free(anchors->set);
	anchors->set = NULL;
}

const struct obol_anchors *obol_client_anchors(const struct obol_client *client)
{
	return client->anchors.set;
}

const struct obol_error *
obol_client_anchors_error(const struct obol_client *client)
{
	return &client->anchors.error;
}

void obol_client_accept_ca(
	struct obol_client *client,
	const uint8_t fingerprint[OBOL_CLIENT_FINGERPRINT_LEN])
{
	memcpy(client->anchors.accepted, fingerprint,
		   sizeof(client->anchors.accepted));
	client->anchors.has_accepted = true;
}

/*
 * The file
 */

bool obol_anchors_path(const char *state_file, char *out, size_t size)
{
	size_t len = strlen(state_file), suffix = sizeof(STATE_SUFFIX) - 1;
	int n;

	if (len > suffix && !strcmp(state_file + len - suffix, STATE_SUFFIX))
	{
		len -= suffix;
	}
	n = snprintf(out, size, "%.*s" ANCHORS_SUFFIX, (int)len, state_file);
	return n > 0 && (size_t)n < size;
}

struct obol_anchors *obol_anchors_read(const char *path, uint32_t number)
{
	struct obol_secret *content = NULL;
	struct obol_anchors *set = NULL;
	char why[WHY_MAX];

	if (obol_file_read(path, OBOL_FILE_PUBLIC, OBOL_ANCHORS_MAX, &content, why,
					   sizeof(why)) != OBOL_OK)
	{
		return NULL;
	}
	if (obol_anchors_load(obol_secret_view(content), &set) != OBOL_OK)
	{
		set = NULL;
	}
	obol_secret_free(content);
	if (set && obol_anchors_number(set) < number)
	{
		/* somebody has put an old one back */
		obol_anchors_free(set);
		set = NULL;
	}
	return set;
}

/* Whatever is wrong with the file: what the bundle has is trusted anyway, and
 * the set comes again. */
void obol_client_load_anchors(struct obol_client *client)
{
	struct obol_client_anchors *anchors = &client->anchors;
	struct obol_anchors *set;
	char path[PATH_SIZE];

	if (!client->options.state_file ||
		!obol_anchors_path(client->options.state_file, path, sizeof(path)))
	{
		return;
	}
	set = obol_anchors_read(path, client->state.anchors_number);
	if (set && anchors->set &&
		obol_anchors_number(anchors->set) > obol_anchors_number(set))
	{
		/* the file may not be written, and this client knows better */
		obol_anchors_free(set);
		return;
	}
	if (set || !client->options.state_read_only)
	{
		obol_anchors_free(anchors->set);
		anchors->set = set;
	}
}

static enum obol_status save(struct obol_client *client,
							 const struct obol_anchors *set)
{
	char path[PATH_SIZE], why[WHY_MAX];

	if (!client->options.state_file || client->options.state_read_only)
	{
		return OBOL_OK;
	}
	if (!obol_anchors_path(client->options.state_file, path, sizeof(path)))
	{
		return obol_client_fail(client, OBOL_CAUSE_FILE,
								"the state file's name is too long");
	}
	if (obol_file_replace(path, obol_anchors_cms(set), 0644, why,
						  sizeof(why)) != OBOL_OK)
	{
		return obol_client_fail(client, OBOL_CAUSE_FILE, "%s", why);
	}
	obol_state_set_anchors_number(&client->state, obol_anchors_number(set));
	return obol_client_save_state(client);
}

/*
 * What is trusted
 */

static uint32_t held_number(const struct obol_client *client)
{
	return client->anchors.set ? obol_anchors_number(client->anchors.set) : 0;
}

/* A set that was held once and is lost must not be followed by an older one. */
static uint32_t least_number(const struct obol_client *client)
{
	uint32_t held = held_number(client);
	uint32_t known = client->state.anchors_number;

	return held ? held : known ? known - 1 : 0;
}

static struct obol_anchors_trust trust_of(const struct obol_client *client)
{
	const struct obol_client_anchors *anchors = &client->anchors;
	struct obol_anchors_trust trust = { .number = least_number(client) };
	size_t i;

	for (i = 0; anchors->set && i < obol_anchors_n_cas(anchors->set); i++)
	{
		obol_anchors_trust_add(&trust, obol_anchors_ca(anchors->set, i));
	}
	for (i = 0; i < anchors->n_roots; i++)
	{
		obol_anchors_trust_add(&trust, anchors->roots[i]);
	}
	return trust;
}

void obol_client_trust_bundle(struct obol_client *client,
							  const struct obol_bundle *bundle)
{
	struct obol_client_anchors *anchors = &client->anchors;
	struct obol_bytes ca;
	uint8_t *copy;
	size_t i;

	clear_roots(anchors);
	for (i = 0; i < obol_bundle_n_cas(bundle); i++)
	{
		ca = obol_bundle_ca(bundle, i);
		copy = obol_anchors_is_ca(ca) ? malloc(ca.len) : NULL;
		if (copy)
		{
			memcpy(copy, ca.ptr, ca.len);
			anchors->roots[anchors->n_roots++] = obol_bytes(copy, ca.len);
		}
	}
}

static bool is_activation(const struct obol_client *client)
{
	return client->login.kind == OBOL_SLOT_ACTIVATION;
}

void obol_client_take_anchors_number(struct obol_client *client,
									 uint32_t number)
{
	struct obol_client_anchors *anchors = &client->anchors;

	anchors->newest = number;
	anchors->is_done = false;
	memset(&anchors->error, 0, sizeof(anchors->error));
	if (is_activation(client))
	{
		/* the operator's word that all begins anew */
		obol_client_anchors_clear(anchors);
		obol_state_set_anchors_number(&client->state, 0);
	}
}

/*
 * Taking sets
 */

static const char *fault_text(enum obol_anchors_fault fault)
{
	switch (fault)
	{
		case OBOL_ANCHORS_NO_CA:
			return "has a certificate that is no root CA's";
		case OBOL_ANCHORS_OLD:
			return "is older than one that this device has held";
		case OBOL_ANCHORS_STRANGER:
			return "is signed by no CA that is trusted here";
		case OBOL_ANCHORS_WITHOUT_SIGNER:
			return "lacks the CA that has signed it";
		case OBOL_ANCHORS_SIGNER_EXPIRED:
			return "is signed by a CA that is not valid now: this device was "
				   "away for too long, or its clock is wrong";
		case OBOL_ANCHORS_EARLY:
			return "was made in the future: is this device's clock right";
		default:
			return "cannot be parsed";
	}
}

static enum obol_status refuse(struct obol_client *client, uint32_t number,
							   enum obol_anchors_fault fault)
{
	return obol_client_fail(client, OBOL_CAUSE_ANCHORS, "set %u %s",
							(unsigned)number, fault_text(fault));
}

static enum obol_status adopt(struct obol_client *client,
							  struct obol_anchors *set)
{
	obol_anchors_free(client->anchors.set);
	client->anchors.set = set;
	return save(client, set);
}

/* Another CA of the walk may have signed the next one. */
static bool may_pass_over(enum obol_anchors_fault fault)
{
	return fault == OBOL_ANCHORS_STRANGER ||
		   fault == OBOL_ANCHORS_WITHOUT_SIGNER ||
		   fault == OBOL_ANCHORS_SIGNER_EXPIRED;
}

/* One set: taken, passed over, or refused. */
static enum obol_status take_set(struct obol_client *client,
								 struct obol_bytes cms, uint32_t *after,
								 enum obol_anchors_fault *fault)
{
	struct obol_anchors_trust trust = trust_of(client);
	uint32_t number = obol_anchors_peek_number(cms);
	struct obol_anchors *set = NULL;

	*fault = obol_anchors_open(cms, &trust, obol_client_now(client), &set);
	if (*fault == OBOL_ANCHORS_GOOD)
	{
		*after = number;
		return adopt(client, set);
	}
	if (number <= *after || !may_pass_over(*fault))
	{
		return refuse(client, number,
					  number && number <= *after ? OBOL_ANCHORS_OLD : *fault);
	}
	*after = number;
	return OBOL_OK;
}

/* The rest of the walk's time, and never more than the caller allows. */
static void limit_step(struct obol_client *client, unsigned allowed_ms,
					   uint64_t end_ms)
{
	uint64_t now_ms = obol_mono_ms(client->env.clock);
	uint64_t left_ms = end_ms > now_ms ? end_ms - now_ms : 1;

	client->options.timeout_ms =
		left_ms < allowed_ms ? (unsigned)left_ms : allowed_ms;
}

static enum obol_status walk(struct obol_client *client, unsigned allowed_ms)
{
	uint64_t end_ms = obol_mono_ms(client->env.clock) + WALK_MS;
	enum obol_anchors_fault fault = OBOL_ANCHORS_GOOD;
	enum obol_status status = OBOL_OK;
	const struct obol_answer *answer;
	struct obol_request request;
	uint32_t after = least_number(client);
	unsigned step;

	for (step = 0; status == OBOL_OK && step < STEPS_MAX; step++)
	{
		memset(&request, 0, sizeof(request));
		request.type = OBOL_ANCHORS;
		request.anchors.held = held_number(client);
		request.anchors.after = after;
		limit_step(client, allowed_ms, end_ms);
		status = obol_client_ask(client, &request, &answer);
		if (status != OBOL_OK || answer->anchors.unchanged)
		{
			break;
		}
		status = take_set(client, answer->anchors.cms, &after, &fault);
	}
	if (status != OBOL_OK || held_number(client) >= client->anchors.newest)
	{
		return status;
	}
	if (fault == OBOL_ANCHORS_GOOD &&
		client->anchors.newest >= client->state.anchors_number)
	{
		return obol_client_fail(client, OBOL_CAUSE_PROTOCOL,
								"it promised set %u of CA certificates and "
								"did not give it",
								(unsigned)client->anchors.newest);
	}
	return refuse(client, client->anchors.newest,
				  fault == OBOL_ANCHORS_GOOD ? OBOL_ANCHORS_OLD : fault);
}

bool obol_client_anchors_are_due(const struct obol_client *client)
{
	const struct obol_client_anchors *anchors = &client->anchors;

	return client->session && client->is_open && !anchors->is_done &&
		   !is_activation(client) && anchors->newest != held_number(client) &&
		   (anchors->set || anchors->n_roots);
}

void obol_client_update_anchors(struct obol_client *client)
{
	struct obol_error before = client->error;
	unsigned timeout_ms = client->options.timeout_ms;

	client->anchors.is_done = true;
	if (client->anchors.newest < held_number(client))
	{
		(void)obol_client_fail(client, OBOL_CAUSE_ANCHORS,
							   "its newest set is %u, and set %u is held here: "
							   "was it restored from a backup",
							   (unsigned)client->anchors.newest,
							   (unsigned)held_number(client));
	}
	else
	{
		obol_client_begin(client);
		(void)!walk(client, timeout_ms);
		client->options.timeout_ms = timeout_ms;
	}
	client->anchors.error = client->error;
	client->error = before;
}

enum obol_status obol_client_take_anchors(struct obol_client *client)
{
	obol_client_begin(client);
	if (obol_client_anchors_are_due(client))
	{
		obol_client_update_anchors(client);
	}
	if (client->anchors.error.cause != OBOL_CAUSE_NONE)
	{
		client->error = client->anchors.error;
	}
	return client->error.status;
}

/*
 * Certificates that are issued
 */

/* What is sealed under the name says which CA it was until now. */
static enum obol_status open_stored(struct obol_client *client,
									const char *name)
{
	struct obol_credential credential;
	struct obol_bundle *bundle = NULL;
	enum obol_status status = obol_client_do_get(client, name, 0, &credential);

	if (status != OBOL_OK)
	{
		return status;
	}
	if (credential.info.format == OBOL_FORMAT_BUNDLE &&
		obol_bundle_decode(credential.body, &bundle) == OBOL_OK)
	{
		obol_client_trust_bundle(client, bundle);
		obol_bundle_free(bundle);
	}
	obol_credential_clear(&credential);
	return OBOL_OK;
}

enum obol_status obol_client_prepare_anchors(struct obol_client *client,
											 const char *name, bool is_stored)
{
	const struct obol_client_anchors *anchors = &client->anchors;

	return !anchors->set && !anchors->n_roots && is_stored
			   ? open_stored(client, name)
			   : OBOL_OK;
}

static bool is_accepted(const struct obol_client_anchors *anchors,
						const uint8_t fingerprint[OBOL_SHA256_LEN])
{
	return anchors->has_accepted &&
		   memcmp(anchors->accepted, fingerprint, OBOL_SHA256_LEN) == 0;
}

static enum obol_status check_ca(struct obol_client *client,
								 const struct obol_anchors_trust *trust,
								 struct obol_bytes ca)
{
	uint8_t fingerprint[OBOL_SHA256_LEN];
	char text[2 * OBOL_SHA256_LEN + 1];
	size_t i;

	/* others are not trusted by anybody */
	if (!obol_anchors_is_ca(ca) || obol_anchors_trust_has(trust, ca))
	{
		return OBOL_OK;
	}
	if (obol_sha256(&ca, 1, fingerprint) != OBOL_OK)
	{
		return obol_client_fail_internal(client, OBOL_ERR_CRYPTO);
	}
	if (is_accepted(&client->anchors, fingerprint))
	{
		return OBOL_OK;
	}
	for (i = 0; i < OBOL_SHA256_LEN; i++)
	{
		(void)snprintf(text + 2 * i, 3, "%02x", fingerprint[i]);
	}
	return obol_client_fail(client, OBOL_CAUSE_ANCHORS,
							"it issues under a CA that is new here, SHA-256 %s",
							text);
}

static bool has_ca(const struct obol_bundle_parts *parts, struct obol_bytes ca)
{
	size_t i;

	for (i = 0; i < parts->n_cas; i++)
	{
		if (obol_bytes_eq(parts->cas[i], ca))
		{
			return true;
		}
	}
	return false;
}

/* The same with the set's CAs. */
static enum obol_status add_set(struct obol_client *client,
								struct obol_bundle **bundle)
{
	const struct obol_anchors *set = client->anchors.set;
	struct obol_bundle_parts parts;
	struct obol_bundle *more = NULL;
	enum obol_status status;
	size_t i;

	memset(&parts, 0, sizeof(parts));
	parts.ttl_s = obol_bundle_ttl_s(*bundle);
	parts.key_was_shared = obol_bundle_key_was_shared(*bundle);
	parts.key = obol_bundle_key(*bundle);
	parts.public_key = obol_bundle_public_key(*bundle);
	for (i = 0; i < obol_bundle_n_chain(*bundle); i++)
	{
		parts.chain[parts.n_chain++] = obol_bundle_chain(*bundle, i);
	}
	for (i = 0; i < obol_bundle_n_cas(*bundle); i++)
	{
		parts.cas[parts.n_cas++] = obol_bundle_ca(*bundle, i);
	}
	for (i = 0; i < obol_anchors_n_cas(set) &&
				parts.n_cas < OBOL_BUNDLE_CERTIFICATES_MAX;
		 i++)
	{
		if (!has_ca(&parts, obol_anchors_ca(set, i)))
		{
			parts.cas[parts.n_cas++] = obol_anchors_ca(set, i);
		}
	}
	status = obol_bundle_new(&parts, &more);
	if (status != OBOL_OK)
	{
		return obol_client_fail_internal(client, status);
	}
	obol_bundle_free(*bundle);
	*bundle = more;
	return OBOL_OK;
}

enum obol_status obol_client_complete_cas(struct obol_client *client,
										  struct obol_bundle **bundle)
{
	struct obol_anchors_trust trust;
	enum obol_status status = OBOL_OK;
	size_t i;

	if (obol_client_anchors_are_due(client))
	{
		obol_client_update_anchors(client);
		if (!client->session)
		{
			/* the connection went with it */
			client->error = client->anchors.error;
			return client->error.status;
		}
	}
	trust = trust_of(client);
	for (i = 0;
		 trust.n_cas && status == OBOL_OK && i < obol_bundle_n_cas(*bundle);
		 i++)
	{
		status = check_ca(client, &trust, obol_bundle_ca(*bundle, i));
	}
	if (status == OBOL_OK)
	{
		obol_client_trust_bundle(client, *bundle);
	}
	return status == OBOL_OK && client->anchors.set ? add_set(client, bundle)
													: status;
}
