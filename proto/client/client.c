/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client object: its options, its life, its errors. */
#include "base/log.h"
#include "base/precis.h"
#include "client/internal.h"

#include <openssl/rand.h>

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define DETAIL_MAX 384

void obol_client_options_init(struct obol_client_options *options)
{
	memset(options, 0, sizeof(*options));
	options->abort_fd = -1;
}

static struct obol_error_subject subject_of(const struct obol_client *client)
{
	struct obol_error_subject subject;

	memset(&subject, 0, sizeof(subject));
	if (client->endpoints.n)
	{
		subject.server = client->endpoints.items[client->endpoint].host;
	}
	subject.account = client->account;
	subject.state_file = client->options.state_file;
	subject.kind = client->login.kind;
	return subject;
}

void obol_client_begin(struct obol_client *client)
{
	obol_error_clear(&client->error);
}

enum obol_status obol_client_fail(struct obol_client *client,
								  enum obol_cause cause, const char *fmt, ...)
{
	struct obol_error_subject subject = subject_of(client);
	char detail[DETAIL_MAX];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(detail, sizeof(detail), fmt, args);
	va_end(args);
	return obol_error_set(&client->error, cause, &subject, detail);
}

enum obol_status obol_client_fail_internal(struct obol_client *client,
										   enum obol_status status)
{
	(void)obol_client_fail(client, OBOL_CAUSE_INTERNAL, "%s",
						   status == OBOL_ERR_NOMEM ? "memory ran out"
													: obol_status_name(status));
	client->error.status = status;
	return status;
}

enum obol_status obol_client_fail_net(struct obol_client *client,
									  enum obol_net_failure failure,
									  const char *why)
{
	static const enum obol_cause causes[] = {
		[OBOL_NET_OK] = OBOL_CAUSE_NONE,
		[OBOL_NET_INTERNAL] = OBOL_CAUSE_INTERNAL,
		[OBOL_NET_ABORTED] = OBOL_CAUSE_ABORTED,
		[OBOL_NET_TIMEOUT] = OBOL_CAUSE_TIMEOUT,
		[OBOL_NET_RESOLVE] = OBOL_CAUSE_RESOLVE,
		[OBOL_NET_UNREACHABLE] = OBOL_CAUSE_UNREACHABLE,
		[OBOL_NET_PORTAL] = OBOL_CAUSE_PORTAL,
		[OBOL_NET_TLS_CA] = OBOL_CAUSE_TLS_CA,
		[OBOL_NET_PIN] = OBOL_CAUSE_PIN,
		[OBOL_NET_CLOSED] = OBOL_CAUSE_SERVER,
	};

	return obol_client_fail(client, causes[failure], "%s", why);
}

/* The client's own generator: nothing of OpenSSL's default context is used. */
static enum obol_status fill_own(struct obol_rng *rng, uint8_t *out, size_t len)
{
	if (RAND_priv_bytes_ex(rng->ctx, out, len, 0) != 1)
	{
		return OBOL_ERR_CRYPTO;
	}
	return OBOL_OK;
}

struct obol_rng *obol_client_rng(struct obol_client *client)
{
	return client->env.rng;
}

OSSL_LIB_CTX *obol_client_library(const struct obol_client *client)
{
	return obol_tls_context_library(client->tls);
}

/* NULL stays NULL. */
static bool dup_str(const char **str)
{
	if (*str)
	{
		*str = strdup(*str);
		return *str != NULL;
	}
	return true;
}

static enum obol_status copy_options(struct obol_client *client,
									 const struct obol_client_options *from)
{
	struct obol_client_options *to = &client->options;
	bool ok;

	*to = *from;
	ok = dup_str(&to->servers);
	ok = dup_str(&to->server_name) && ok;
	ok = dup_str(&to->account) && ok;
	ok = dup_str(&to->tls_ca) && ok;
	ok = dup_str(&to->state_file) && ok;
	if (to->timeout_ms == 0)
	{
		to->timeout_ms = OBOL_CLIENT_TIMEOUT_MS;
	}
	return ok ? OBOL_OK : obol_client_fail_internal(client, OBOL_ERR_NOMEM);
}

static enum obol_status read_account(struct obol_client *client,
									 struct obol_bytes name)
{
	char quoted[128];

	if (obol_precis_username(name, client->account, sizeof(client->account)) ==
		OBOL_OK)
	{
		return OBOL_OK;
	}
	client->account[0] = '\0';
	return obol_client_fail(client, OBOL_CAUSE_CONFIG,
							"'%s' cannot be an account's name: 1 to %d bytes "
							"without spaces, controls, '@' and ':'",
							obol_log_quote(quoted, sizeof(quoted), name),
							OBOL_NAME_MAX);
}

static enum obol_status read_server_name(struct obol_client *client,
										 const char *at)
{
	const char *name = client->options.server_name;

	if (name)
	{
		if (!obol_host_name_parse(obol_bytes_str(name), client->server_name))
		{
			return obol_client_fail(client, OBOL_CAUSE_CONFIG,
									"the server_name is no host name");
		}
	}
	else if (!at ||
			 !obol_host_name_parse(obol_bytes_str(at), client->server_name))
	{
		client->server_name[0] = '\0';
	}
	return OBOL_OK;
}

/* "name@server", where the server counts if none is named otherwise, and is
 * at least the name to expect of one that is named by address. */
static enum obol_status read_names(struct obol_client *client)
{
	const char *account = client->options.account;
	const char *servers = client->options.servers;
	const char *at = account ? strrchr(account, '@') : NULL;
	char why[DETAIL_MAX];
	enum obol_status status;

	if (!account)
	{
		return obol_client_fail(client, OBOL_CAUSE_CONFIG,
								"no account is named");
	}
	status =
		read_account(client, obol_bytes(account, at ? (size_t)(at - account)
													: strlen(account)));
	if (status != OBOL_OK)
	{
		return status;
	}
	if (!servers && !at)
	{
		return obol_client_fail(client, OBOL_CAUSE_CONFIG,
								"no server is named: write the account as "
								"NAME@SERVER");
	}
	if (obol_endpoints_parse(servers ? servers : at + 1, &client->endpoints,
							 why, sizeof(why)) != OBOL_OK)
	{
		return obol_client_fail(client, OBOL_CAUSE_CONFIG, "%s", why);
	}
	return read_server_name(client, servers && at ? at + 1 : NULL);
}

static enum obol_status make_tls(struct obol_client *client)
{
	char why[DETAIL_MAX];
	enum obol_status status =
		obol_tls_context_new(client->env.clock, client->options.tls_ca,
							 &client->tls, why, sizeof(why));

	if (status == OBOL_ERR_IO || status == OBOL_ERR_FORMAT)
	{
		return obol_client_fail(client, OBOL_CAUSE_FILE, "%s", why);
	}
	if (status != OBOL_OK)
	{
		return obol_client_fail_internal(client, status);
	}
	if (!client->env.rng)
	{
		client->own_rng.fill = fill_own;
		client->own_rng.ctx = obol_tls_context_library(client->tls);
		client->env.rng = &client->own_rng;
	}
	return OBOL_OK;
}

enum obol_status obol_client_new_in(const struct obol_client_env *env,
									const struct obol_client_options *options,
									struct obol_client **out,
									struct obol_error *error)
{
	struct obol_client *client = calloc(1, sizeof(*client));
	struct obol_error local;
	enum obol_status status;

	error = error ? error : &local;
	memset(error, 0, sizeof(*error));
	if (!client)
	{
		struct obol_error_subject nobody = { NULL, NULL, NULL,
											 OBOL_SLOT_PASSWORD };

		(void)obol_error_set(error, OBOL_CAUSE_INTERNAL, &nobody,
							 "memory ran out");
		error->status = OBOL_ERR_NOMEM;
		return OBOL_ERR_NOMEM;
	}
	client->env = *env;
	client->login.kind = OBOL_SLOT_PASSWORD;
	obol_state_init(&client->state);
	status = copy_options(client, options);
	if (status == OBOL_OK)
	{
		status = read_names(client);
	}
	if (status == OBOL_OK)
	{
		status = make_tls(client);
	}
	if (status != OBOL_OK)
	{
		*error = client->error;
		obol_client_free(client);
		return status;
	}
	*out = client;
	return OBOL_OK;
}

enum obol_status obol_client_new(const struct obol_client_options *options,
								 struct obol_client **client,
								 struct obol_error *error)
{
	struct obol_client_env env = {
		NULL, obol_clock_system(), { OBOL_PORT, 443 }, 2, NULL
	};

	return obol_client_new_in(&env, options, client, error);
}

void obol_client_free(struct obol_client *client)
{
	if (!client)
	{
		return;
	}
	obol_client_logout(client);
	obol_client_anchors_clear(&client->anchors);
	obol_tls_context_free(client->tls);
	free((char *)client->options.servers);
	free((char *)client->options.server_name);
	free((char *)client->options.account);
	free((char *)client->options.tls_ca);
	free((char *)client->options.state_file);
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
	return client->endpoints.items[0].host;
}

const struct obol_login_info *
obol_client_login_info(const struct obol_client *client)
{
	return &client->info;
}

uint64_t obol_client_now(const struct obol_client *client)
{
	return obol_now(client->env.clock);
}

uint64_t obol_client_server_now(const struct obol_client *client)
{
	return obol_client_now(client) + (uint64_t)client->error.clock_off_s;
}

enum obol_status obol_client_save_state(struct obol_client *client)
{
	char why[DETAIL_MAX];

	if (!client->options.state_file || client->options.state_read_only ||
		!client->state.is_changed)
	{
		return OBOL_OK;
	}
	if (obol_state_save(client->options.state_file, &client->state, why,
						sizeof(why)) != OBOL_OK)
	{
		return obol_client_fail(client, OBOL_CAUSE_FILE, "%s", why);
	}
	return OBOL_OK;
}
