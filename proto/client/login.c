/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logging in. */
#include "base/precis.h"
#include "client/fail_over.h"
#include "client/internal.h"
#include "seal/code.h"

#include <stdio.h>

/* Failed logins in a row, without means to tell the server from another
 * machine, after which nobody tries on unattended. */
#define FAILURES_MAX 3

#define WHY_MAX 384

enum obol_status obol_login_secret_dup(const struct obol_login_secret *login,
									   struct obol_login_secret *copy)
{
	struct obol_bytes bytes = obol_secret_view(login->secret);

	*copy = *login;
	copy->secret = obol_secret_dup(bytes.ptr, bytes.len);
	return copy->secret ? OBOL_OK : OBOL_ERR_NOMEM;
}

void obol_login_secret_clear(struct obol_login_secret *login)
{
	obol_secret_free(login->secret);
	memset(login, 0, sizeof(*login));
	login->kind = OBOL_SLOT_PASSWORD;
}

/* The file counts, so that who removes it starts anew; only where it may not
 * be written, and is not there, does this client remember for itself. */
static enum obol_status load_state(struct obol_client *client)
{
	struct obol_state loaded;
	char why[WHY_MAX];

	if (client->options.state_file)
	{
		if (obol_state_load(client->options.state_file, &loaded, why,
							sizeof(why)) != OBOL_OK)
		{
			return obol_client_fail(client, OBOL_CAUSE_FILE, "%s", why);
		}
		if (loaded.account[0] && strcmp(loaded.account, client->account) != 0 &&
			loaded.n_server_keys == 0 && !loaded.has_account_id)
		{
			/* of a name that never worked, such as a mistyped one */
			obol_state_init(&loaded);
		}
		if (loaded.account[0] || !client->options.state_read_only)
		{
			client->state = loaded;
		}
		if (client->state.account[0] &&
			strcmp(client->state.account, client->account) != 0)
		{
			return obol_client_fail(client, OBOL_CAUSE_FILE,
									"%s is another account's state file: name "
									"one of this account's own",
									client->options.state_file);
		}
	}
	(void)snprintf(client->state.account, sizeof(client->state.account), "%s",
				   client->account);
	return OBOL_OK;
}

/* A wrong secret and a machine that merely pretends cannot be told apart
 * until the server is known by its pins or its CA. */
static bool server_is_known(const struct obol_client *client)
{
	return client->state.n_server_keys > 0 ||
		   obol_tls_context_verifies(client->tls);
}

static bool is_unattended(const struct obol_client *client,
						  enum obol_slot_kind kind)
{
	return kind == OBOL_SLOT_DEVICE || client->options.unattended;
}

static enum obol_status check_failures(struct obol_client *client,
									   enum obol_slot_kind kind)
{
	if (!is_unattended(client, kind))
	{
		/* the user acts */
		obol_state_set_failures(&client->state, 0);
		return OBOL_OK;
	}
	if (client->state.n_failures >= FAILURES_MAX && !server_is_known(client))
	{
		return obol_client_fail(client, OBOL_CAUSE_STOPPED, "%s", "");
	}
	return OBOL_OK;
}

static void count_failure(struct obol_client *client)
{
	struct obol_error error;

	if (client->error.cause != OBOL_CAUSE_AUTH || server_is_known(client))
	{
		return;
	}
	obol_state_set_failures(&client->state, client->state.n_failures + 1);
	/* the failed login is what the caller is told of */
	error = client->error;
	(void)!obol_client_save_state(client);
	client->error = error;
}

static enum obol_status connect_tls(struct obol_client *client,
									const struct obol_wait *wait)
{
	struct obol_connect_config config;
	struct obol_connection connection;
	struct obol_name_servers system;
	enum obol_net_failure failure;
	char why[WHY_MAX];

	memset(&config, 0, sizeof(config));
	config.name_servers = client->env.name_servers;
	if (!config.name_servers)
	{
		obol_name_servers_system(&system);
		config.name_servers = &system;
	}
	config.rng = client->env.rng;
	config.tried = &client->tries.tried;
	config.endpoints = &client->endpoints;
	config.server_name = client->server_name[0] ? client->server_name : NULL;
	memcpy(config.ports, client->env.ports, sizeof(config.ports));
	config.n_ports = client->env.n_ports;
	config.tls = client->tls;
	/* where a CA vouches for the key, it may change */
	if (!obol_tls_context_verifies(client->tls))
	{
		config.tls_pins =
			(const uint8_t(*)[OBOL_TLS_KEY_HASH_LEN])client->state.tls_keys;
		config.n_tls_pins = client->state.n_tls_keys;
	}
	config.hooks = &client->options.hooks;
	config.wait = wait;
	client->endpoint = 0;
	failure = obol_connect(&config, &connection, why, sizeof(why));
	if (failure != OBOL_NET_OK)
	{
		return obol_client_fail_net(client, failure, why);
	}
	client->stream = connection.stream;
	client->endpoint = connection.endpoint;
	client->tries.addr = connection.addr;
	memcpy(client->tries.where, connection.where, sizeof(connection.where));
	client->tries.has_others = connection.has_others;
	memcpy(client->tls_key_hash, connection.tls_key_hash,
		   sizeof(client->tls_key_hash));
	client->info.connect_ms = connection.connect_ms;
	client->info.tls_ms = connection.tls_ms;
	return OBOL_OK;
}

static enum obol_status new_session(struct obol_client *client)
{
	struct obol_client_session_config config;
	enum obol_status status;

	config.rng = client->env.rng;
	status =
		obol_tls_exporter(obol_stream_tls(client->stream), config.exporter);
	if (status != OBOL_OK)
	{
		return obol_client_fail_internal(client, status);
	}
	memcpy(client->exporter, config.exporter, sizeof(client->exporter));
	status = obol_client_session_new(&config, &client->session);
	obol_wipe(config.exporter, sizeof(config.exporter));
	return status == OBOL_OK ? OBOL_OK
							 : obol_client_fail_internal(client, status);
}

static enum obol_status start_session(struct obol_client *client)
{
	struct obol_client_login login;
	enum obol_status status = new_session(client);

	if (status == OBOL_OK)
	{
		memset(&login, 0, sizeof(login));
		login.kind = client->login.kind;
		login.name = obol_bytes_str(
			login.kind == OBOL_SLOT_ENROLMENT ? client->team : client->account);
		memcpy(login.device_id, client->login.device_id,
			   sizeof(login.device_id));
		login.secret = client->login.secret;
		status = obol_client_session_login(client->session, &login);
		if (status != OBOL_OK)
		{
			status = obol_client_fail_internal(client, status);
		}
	}
	return status;
}

/* KE2 has verified, KE3 is still here: the last moment to turn away from a
 * server that knows the password's record, but not by the key it had. */
static enum obol_status check_server_key(struct obol_client *client)
{
	struct obol_bytes key = obol_client_session_server_key(client->session);

	if (key.len != OBOL_OPAQUE_NPK)
	{
		return obol_client_fail_internal(client, OBOL_ERR_CRYPTO);
	}
	if (client->state.n_server_keys &&
		!obol_state_knows_server_key(&client->state, key.ptr))
	{
		return obol_client_fail(client, OBOL_CAUSE_PIN,
								"its login key is another one");
	}
	obol_state_set_failures(&client->state, 0);
	obol_state_add_server_keys(&client->state, key.ptr, NULL, 0);
	if (client->state.n_tls_keys == 0 || obol_tls_context_verifies(client->tls))
	{
		obol_state_set_tls_keys(&client->state, client->tls_key_hash, NULL, 0);
	}
	return obol_client_save_state(client);
}

static enum obol_status try_server(struct obol_client *client,
								   const struct obol_wait *wait)
{
	enum obol_status status = connect_tls(client, wait);

	if (status == OBOL_OK)
	{
		status = start_session(client);
	}
	if (status == OBOL_OK)
	{
		status = obol_client_pump(client, wait, &client->info.challenge_ms,
								  &client->info.ksf_ms);
		if (status != OBOL_OK)
		{
			count_failure(client);
		}
	}
	if (status == OBOL_OK)
	{
		status = check_server_key(client);
	}
	return status;
}

static enum obol_status connect_and_login(struct obol_client *client,
										  const struct obol_wait *wait)
{
	enum obol_status status;
	uint64_t now;

	do
	{
		status = try_server(client, wait);
	} while (status != OBOL_OK && obol_fail_over_login(client, wait));
	now = obol_mono_ms(client->env.clock);
	client->tries.left_ms = wait->deadline_mono_ms > now
								? (unsigned)(wait->deadline_mono_ms - now)
								: 0;
	return status;
}

enum obol_status obol_client_login(struct obol_client *client,
								   const struct obol_login_secret *login)
{
	struct obol_login_secret copy = { OBOL_SLOT_PASSWORD, { 0 }, NULL };
	enum obol_status status = obol_login_secret_dup(login, &copy);
	struct obol_wait wait;

	/* the copy first: login may be the one that goes */
	obol_client_logout(client);
	client->login = copy;
	if (status != OBOL_OK)
	{
		return obol_client_fail_internal(client, status);
	}
	status = load_state(client);
	if (status == OBOL_OK)
	{
		obol_client_load_anchors(client);
		status = check_failures(client, copy.kind);
	}
	if (status == OBOL_OK)
	{
		obol_wait_init(&wait, client->env.clock, client->options.timeout_ms,
					   client->options.abort_fd);
		obol_fail_over_reset(client);
		obol_fail_over_begin(client);
		status = connect_and_login(client, &wait);
		obol_fail_over_end(client);
	}
	if (status != OBOL_OK)
	{
		obol_client_logout(client);
	}
	return status;
}

enum obol_status obol_client_login_again(struct obol_client *client,
										 const struct obol_wait *wait)
{
	enum obol_status status;

	obol_client_drop(client);
	memset(&client->info, 0, sizeof(client->info));
	status = connect_and_login(client, wait);
	if (status != OBOL_OK)
	{
		obol_client_logout(client);
	}
	return status;
}

enum obol_status obol_client_connect_verified(struct obol_client *client)
{
	struct obol_wait wait;
	enum obol_status status;

	obol_client_logout(client);
	status = load_state(client);
	if (status == OBOL_OK && !obol_tls_context_verifies(client->tls) &&
		client->state.n_tls_keys == 0)
	{
		status = obol_client_fail(client, OBOL_CAUSE_UNVERIFIED, "%s", "");
	}
	if (status == OBOL_OK)
	{
		obol_wait_init(&wait, client->env.clock, client->options.timeout_ms,
					   client->options.abort_fd);
		obol_fail_over_reset(client);
		status = connect_tls(client, &wait);
	}
	if (status == OBOL_OK)
	{
		status = new_session(client);
	}
	if (status != OBOL_OK)
	{
		obol_client_logout(client);
		return status;
	}
	/* there is no LoginDone to look at */
	client->is_open = true;
	return OBOL_OK;
}

enum obol_status obol_client_prove(struct obol_client *client,
								   const struct obol_login_secret *login)
{
	struct obol_request request;
	enum obol_status status = obol_client_login(client, login);

	if (status == OBOL_OK)
	{
		memset(&request, 0, sizeof(request));
		request.type = OBOL_INFO;
		status = obol_client_tell(client, &request);
	}
	return status;
}

/* An activation code is the operator's word that the account was set up; all
 * others must lead to the account that this device knows. */
static enum obol_status take_account(struct obol_client *client)
{
	const struct obol_account_key *key =
		obol_client_session_account_key(client->session);

	if (client->login.kind == OBOL_SLOT_ENROLMENT)
	{
		return OBOL_OK; /* a team has none */
	}
	if (!key)
	{
		return obol_client_fail(client, OBOL_CAUSE_PROTOCOL,
								"it gave no account key");
	}
	if (client->state.has_account_id &&
		client->login.kind != OBOL_SLOT_ACTIVATION &&
		memcmp(client->state.account_id, key->account_id,
			   sizeof(key->account_id)) != 0)
	{
		return obol_client_fail(
			client, OBOL_CAUSE_SEAL,
			"the account of this name is not the one that this device knows; "
			"if the operator made it anew, activate this device again with a "
			"code%s%s",
			client->options.state_file ? ", or remove " : "",
			client->options.state_file ? client->options.state_file : "");
	}
	obol_state_set_account_id(&client->state, key->account_id);
	return OBOL_OK;
}

enum obol_status obol_client_take_login_done(struct obol_client *client)
{
	const struct obol_login_done *done =
		obol_client_session_login_done(client->session);
	struct obol_login_info *info = &client->info;
	enum obol_status status;

	if (!done)
	{
		return obol_client_fail(client, OBOL_CAUSE_PROTOCOL,
								"it answered before the login was done");
	}
	client->is_open = true;
	info->n_failures = done->n_failures;
	info->last_failure_at = done->last_failure_at;
	obol_copy_text(info->last_failure_source, sizeof(info->last_failure_source),
				   done->last_failure_source);
	info->last_login_at = done->last_login_at;
	info->server_time = done->server_time;
	info->mode = done->mode;
	info->key_type = done->key_type;
	info->account_expires_at = done->account_expires_at;
	client->n_revoked = done->n_revoked;
	memcpy(client->revoked, done->revoked, sizeof(client->revoked));
	client->error.clock_off_s =
		(int64_t)(done->server_time - obol_client_now(client));
	client->migrate_due =
		done->migrate && client->login.kind != OBOL_SLOT_ACTIVATION;
	obol_client_take_anchors_number(client, done->anchors_number);
	obol_state_add_server_keys(
		&client->state, obol_client_session_server_key(client->session).ptr,
		done->pins, done->n_pins);
	obol_state_set_tls_keys(&client->state, client->tls_key_hash, done->pins,
							done->n_pins);
	obol_state_set_kind(&client->state, done->mode, done->key_type);
	status = take_account(client);
	if (status == OBOL_OK)
	{
		status = obol_client_save_state(client);
	}
	if (status != OBOL_OK)
	{
		obol_client_drop(client);
	}
	return status;
}

enum obol_status obol_client_password(struct obol_client *client,
									  const struct obol_secret *typed,
									  struct obol_secret **password)
{
	enum obol_status status = obol_precis_password(typed, password);

	if (status == OBOL_ERR_FORMAT)
	{
		return obol_client_fail(client, OBOL_CAUSE_PASSWORD,
								"it must be 1 to %d bytes of UTF-8 without "
								"control characters",
								OBOL_PASSWORD_MAX);
	}
	return status == OBOL_OK ? OBOL_OK
							 : obol_client_fail_internal(client, status);
}

enum obol_status obol_client_login_password(struct obol_client *client,
											const struct obol_secret *password)
{
	struct obol_login_secret login = { OBOL_SLOT_PASSWORD, { 0 }, NULL };
	enum obol_status status;

	obol_client_begin(client);
	obol_client_logout(client);
	status = obol_client_password(client, password, &login.secret);
	if (status == OBOL_OK)
	{
		status = obol_client_login(client, &login);
	}
	obol_login_secret_clear(&login);
	return status;
}

enum obol_status obol_client_login_code(struct obol_client *client,
										enum obol_slot_kind kind, unsigned bits,
										const struct obol_secret *code)
{
	struct obol_login_secret login = { kind, { 0 }, NULL };
	enum obol_status status;

	obol_client_begin(client);
	obol_client_logout(client);
	status = obol_code_parse(obol_secret_view(code), bits, &login.secret);
	if (status == OBOL_ERR_FORMAT)
	{
		return obol_client_fail(client, OBOL_CAUSE_CODE,
								"characters are missing, too many, or not of "
								"those that codes have");
	}
	if (status == OBOL_ERR_AUTH)
	{
		return obol_client_fail(client, OBOL_CAUSE_CODE,
								"its check character does not fit");
	}
	if (status != OBOL_OK)
	{
		return obol_client_fail_internal(client, status);
	}
	status = obol_client_login(client, &login);
	obol_login_secret_clear(&login);
	return status;
}

enum obol_status obol_client_login_activation(struct obol_client *client,
											  const struct obol_secret *code)
{
	return obol_client_login_code(client, OBOL_SLOT_ACTIVATION,
								  OBOL_ACTIVATION_BITS, code);
}

enum obol_status obol_client_login_recovery(struct obol_client *client,
											const struct obol_secret *code)
{
	return obol_client_login_code(client, OBOL_SLOT_RECOVERY,
								  OBOL_RECOVERY_BITS, code);
}

enum obol_status obol_client_login_device(struct obol_client *client,
										  const struct obol_device *device)
{
	struct obol_login_secret login = obol_device_login(device);

	obol_client_begin(client);
	if (obol_secret_len(device->secret) != OBOL_CLIENT_DEVICE_LEN)
	{
		obol_client_logout(client);
		return obol_client_fail_internal(client, OBOL_ERR_ARG);
	}
	return obol_client_login(client, &login);
}
