/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stand-in for libobol's client. Errors have libobol's own texts. */
#include "plugin/fake_client.h"
#include "client/error.h"

#include <obol/token.h>

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SERVERS_MAX 8

struct slot {
	char host[64];
	struct fake_server server;
	struct fake_seen seen;
	unsigned n_at_once;
};

static struct {
	pthread_mutex_t lock;
	struct slot slots[SERVERS_MAX];
	unsigned n_at_once;
	unsigned n_at_once_max;
} fake = { PTHREAD_MUTEX_INITIALIZER };

struct obol_client {
	char account[64];
	char host[64];
	struct obol_client_options options;
	enum obol_slot_kind kind;
	struct obol_error error;
	struct obol_login_info info;
	const struct obol_anchors *anchors;
	struct obol_error anchors_error;
	struct obol_key_maker maker;
};

void fake_reset(void)
{
	memset(fake.slots, 0, sizeof(fake.slots));
	fake.n_at_once = 0;
	fake.n_at_once_max = 0;
}

static struct slot *find(const char *host)
{
	size_t i;

	for (i = 0; i < SERVERS_MAX; i++)
	{
		if (!fake.slots[i].host[0] || !strcmp(fake.slots[i].host, host))
		{
			break;
		}
	}
	if (i == SERVERS_MAX)
	{
		abort();
	}
	if (!fake.slots[i].host[0])
	{
		snprintf(fake.slots[i].host, sizeof(fake.slots[i].host), "%s", host);
		fake.slots[i].server.cause = OBOL_CAUSE_UNREACHABLE;
	}
	return &fake.slots[i];
}

void fake_set(const char *host, const struct fake_server *server)
{
	pthread_mutex_lock(&fake.lock);
	find(host)->server = *server;
	pthread_mutex_unlock(&fake.lock);
}

struct fake_seen fake_seen(const char *host)
{
	struct fake_seen seen;

	pthread_mutex_lock(&fake.lock);
	seen = find(host)->seen;
	pthread_mutex_unlock(&fake.lock);
	return seen;
}

unsigned fake_at_once_max(void)
{
	unsigned max;

	pthread_mutex_lock(&fake.lock);
	max = fake.n_at_once_max;
	pthread_mutex_unlock(&fake.lock);
	return max;
}

static enum obol_status fail_with(struct obol_client *client,
								  enum obol_cause cause, const char *detail)
{
	struct obol_error_subject subject = { client->host, client->account,
										  client->options.state_file,
										  client->kind };

	return obol_error_set(&client->error, cause, &subject, detail);
}

void obol_client_options_init(struct obol_client_options *options)
{
	memset(options, 0, sizeof(*options));
	options->abort_fd = -1;
}

enum obol_status obol_client_new(const struct obol_client_options *options,
								 struct obol_client **client,
								 struct obol_error *error)
{
	struct obol_client *new = calloc(1, sizeof(*new));
	const char *at = strrchr(options->account, '@');
	const char *host = options->servers ? options->servers : at ? at + 1 : "";

	new->options = *options;
	snprintf(new->host, sizeof(new->host), "%s", host);
	snprintf(new->account, sizeof(new->account), "%.*s",
			 at ? (int)(at - options->account) : 63, options->account);
	if (!*host || strchr(new->account, ' '))
	{
		enum obol_status status =
			fail_with(new, OBOL_CAUSE_CONFIG, "no server, or a space in it");

		*error = new->error;
		free(new);
		return status;
	}
	*client = new;
	return OBOL_OK;
}

void obol_client_free(struct obol_client *client)
{
	free(client);
}

const struct obol_error *obol_client_error(const struct obol_client *client)
{
	return &client->error;
}

const char *obol_client_account(const struct obol_client *client)
{
	return client->account;
}

const char *obol_client_server(const struct obol_client *client)
{
	return client->host;
}

const struct obol_login_info *
obol_client_login_info(const struct obol_client *client)
{
	return &client->info;
}

const struct obol_anchors *obol_client_anchors(const struct obol_client *client)
{
	return client->anchors;
}

const struct obol_error *
obol_client_anchors_error(const struct obol_client *client)
{
	return &client->anchors_error;
}

void obol_client_logout(struct obol_client *client)
{
	memset(&client->info, 0, sizeof(client->info));
}

void obol_client_set_key_maker(struct obol_client *client,
							   const struct obol_key_maker *maker)
{
	client->maker = *maker;
}

bool fake_make_key(struct obol_client *client, uint8_t key_type, char *why,
				   size_t size)
{
	uint8_t spki[OBOL_TOKEN_PUBLIC_KEY_MAX];
	size_t len;

	return client->maker.make(client->maker.ctx, key_type, spki, &len, why,
							  size);
}

static struct fake_server begin(struct obol_client *client, const char *secret)
{
	struct fake_server server;
	struct slot *slot;

	pthread_mutex_lock(&fake.lock);
	slot = find(client->host);
	slot->seen.n_logins++;
	if (++slot->n_at_once > slot->seen.n_at_once_max)
	{
		slot->seen.n_at_once_max = slot->n_at_once;
	}
	if (++fake.n_at_once > fake.n_at_once_max)
	{
		fake.n_at_once_max = fake.n_at_once;
	}
	snprintf(slot->seen.secret, sizeof(slot->seen.secret), "%s", secret);
	server = slot->server;
	pthread_mutex_unlock(&fake.lock);
	return server;
}

static void end(struct obol_client *client)
{
	pthread_mutex_lock(&fake.lock);
	find(client->host)->n_at_once--;
	fake.n_at_once--;
	pthread_mutex_unlock(&fake.lock);
}

/* The server's time to answer, within the client's time limit. */
static enum obol_cause wait_for(struct obol_client *client, unsigned delay_ms)
{
	struct pollfd abort_event = { client->options.abort_fd, POLLIN, 0 };
	unsigned timeout_ms = client->options.timeout_ms;
	unsigned ms = delay_ms < timeout_ms ? delay_ms : timeout_ms;

	if (ms && poll(&abort_event, 1, (int)ms) > 0)
	{
		return OBOL_CAUSE_ABORTED;
	}
	return delay_ms > timeout_ms ? OBOL_CAUSE_TIMEOUT : OBOL_CAUSE_NONE;
}

static enum obol_status log_in(struct obol_client *client,
							   const struct obol_secret *secret)
{
	struct obol_bytes view = obol_secret_view(secret);
	struct fake_server server;
	enum obol_cause cause;
	char text[64];

	snprintf(text, sizeof(text), "%.*s", (int)view.len, (const char *)view.ptr);
	memset(&client->error, 0, sizeof(client->error));
	server = begin(client, text);
	cause = wait_for(client, server.delay_ms);
	end(client);
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = server.cause;
	}
	if (cause == OBOL_CAUSE_NONE && server.right_secret &&
		strcmp(server.right_secret, text))
	{
		cause = OBOL_CAUSE_AUTH;
	}
	client->error.retry_after_s = server.retry_after_s;
	client->info.n_failures = server.n_failures;
	client->info.mode = OBOL_CLIENT_MODE_PORTABLE;
	client->info.key_type = OBOL_CLIENT_KEY_EC_P256;
	client->info.server_time = (uint64_t)time(NULL);
	client->info.account_expires_at = server.account_expires_at;
	client->anchors = server.anchors;
	if (server.anchors_cause != OBOL_CAUSE_NONE)
	{
		struct obol_error error = client->error;

		(void)fail_with(client, server.anchors_cause, "set 2");
		client->anchors_error = client->error;
		client->error = error;
	}
	snprintf(client->info.last_failure_source,
			 sizeof(client->info.last_failure_source), "192.0.2.66");
	return cause == OBOL_CAUSE_NONE ? OBOL_OK : fail_with(client, cause, "");
}

enum obol_status obol_client_login_password(struct obol_client *client,
											const struct obol_secret *password)
{
	client->kind = OBOL_SLOT_PASSWORD;
	return log_in(client, password);
}

enum obol_status obol_client_login_device(struct obol_client *client,
										  const struct obol_device *device)
{
	client->kind = OBOL_SLOT_DEVICE;
	return log_in(client, device->secret);
}

static enum obol_status copy(const struct obol_bundle *bundle,
							 struct obol_bundle **out)
{
	struct obol_secret *body = NULL;
	enum obol_status status = obol_bundle_encode(bundle, &body);

	if (status == OBOL_OK)
	{
		status = obol_bundle_decode(body, out);
	}
	obol_secret_free(body);
	return status;
}

enum obol_status obol_client_fetch(struct obol_client *client, const char *name,
								   uint64_t held_version,
								   struct obol_bundle **bundle,
								   uint64_t *version)
{
	enum obol_status status = OBOL_OK;
	struct slot *slot;

	(void)name;
	pthread_mutex_lock(&fake.lock);
	slot = find(client->host);
	*bundle = NULL;
	*version = slot->server.version;
	if (held_version && held_version == slot->server.version)
	{
		slot->seen.n_unchanged++;
	}
	else
	{
		status = copy(slot->server.bundle, bundle);
	}
	pthread_mutex_unlock(&fake.lock);
	return status;
}

static void renew(struct slot *slot, const struct obol_held *held)
{
	if (held->renew && slot->server.renewed &&
		held->version == slot->server.version)
	{
		slot->seen.n_renewals++;
		slot->server.bundle = slot->server.renewed;
		slot->server.version++;
	}
}

enum obol_status obol_client_obtain(struct obol_client *client,
									const char *name,
									const struct obol_held *held,
									struct obol_obtained *obtained)
{
	pthread_mutex_lock(&fake.lock);
	renew(find(client->host), held);
	pthread_mutex_unlock(&fake.lock);
	obtained->mode = OBOL_CLIENT_MODE_PORTABLE;
	return obol_client_fetch(client, name, held->version, &obtained->bundle,
							 &obtained->version);
}
