/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations of a simulated client. */
#include "testing/faults/actions.h"

#include "base/rng.h"
#include "seal/code.h"
#include "wire/registry.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LABEL "simulated"

static void give_up(const char *what)
{
	(void)fprintf(stderr, "clients: %s\n", what);
	/* other threads go on until the very end */
	_exit(2);
}

struct obol_client *actions_client(const struct actions_server *server,
								   const char *account)
{
	struct obol_client_options options;
	struct obol_client *client;
	struct obol_error error;

	obol_client_options_init(&options);
	options.servers = server->servers;
	options.account = account;
	options.timeout_ms = server->timeout_ms;
	if (obol_client_new(&options, &client, &error) != OBOL_OK)
	{
		give_up(error.text);
	}
	return client;
}

static const char *cause(const struct obol_client *client)
{
	return obol_cause_name(obol_client_error(client)->cause);
}

/* A login did not come about. With a right secret that is never the secret's
 * fault. */
static void end_login(const struct obol_client *client, struct acks_line *line)
{
	switch (obol_client_error(client)->cause)
	{
		case OBOL_CAUSE_LATER:
			acks_end(line, ACKS_LATER, "%s", "");
			break;
		case OBOL_CAUSE_AUTH:
		case OBOL_CAUSE_SEAL:
			acks_end(line, ACKS_WRONG, "cause=%s at=login", cause(client));
			break;
		default:
			acks_end(line, ACKS_FAILED, "cause=%s", cause(client));
			break;
	}
}

/* A request of one frame did not come about: refused by an answer, or the
 * connection was lost before one. */
static void end_request(const struct obol_client *client,
						struct acks_line *line, const char *rest)
{
	const struct obol_error *error = obol_client_error(client);
	const char *outcome = ACKS_WRONG;

	switch (error->cause)
	{
		case OBOL_CAUSE_UNREACHABLE:
		case OBOL_CAUSE_TIMEOUT:
		case OBOL_CAUSE_PORTAL:
			outcome = ACKS_UNKNOWN;
			break;
		case OBOL_CAUSE_SERVER:
			outcome = error->reply ? ACKS_REFUSED : ACKS_UNKNOWN;
			break;
		default:
			/* stale, roll-back, seal, protocol ... have no reason to be here */
			break;
	}
	acks_end(line, outcome, "cause=%s reply=%u%s%s", cause(client),
			 (unsigned)error->reply, *rest ? " " : "", rest);
}

bool actions_log_in(struct obol_client *client,
					const struct model_account *account, unsigned device,
					struct acks_line *line)
{
	struct obol_device own;
	enum obol_status status;

	memcpy(own.id, account->devices[device].id, sizeof(own.id));
	own.secret = obol_secret_dup(account->devices[device].secret,
								 OBOL_CLIENT_DEVICE_LEN);
	status =
		own.secret ? obol_client_login_device(client, &own) : OBOL_ERR_NOMEM;
	obol_device_clear(&own);
	if (status != OBOL_OK)
	{
		end_login(client, line);
	}
	return status == OBOL_OK;
}

enum obol_status actions_by_password(struct obol_client *client,
									 const struct model_account *account,
									 unsigned number)
{
	struct obol_secret *password = model_password(account->name, number);
	enum obol_status status = password
								  ? obol_client_login_password(client, password)
								  : OBOL_ERR_NOMEM;

	obol_secret_free(password);
	return status;
}

/* A login with one of the devices, in turn. */
static struct obol_client *begin(struct actions_user *user,
								 const char *operation, struct acks_line *line)
{
	struct obol_client *client =
		actions_client(user->server, user->account->name);

	acks_begin(line, operation, user->account->name);
	if (!actions_log_in(client, user->account,
						user->next_device++ % user->account->n_devices, line))
	{
		obol_client_free(client);
		client = NULL;
	}
	return client;
}

/*
 * Setting up
 */

/* The text of a device's line. */
static void device_text(const struct obol_device *device,
						char text[5 * 2 * OBOL_CLIENT_DEVICE_LEN])
{
	char id[2 * OBOL_CLIENT_DEVICE_LEN + 1];
	char secret[2 * OBOL_CLIENT_DEVICE_LEN + 1];

	model_hex(device->id, sizeof(device->id), id);
	model_hex(obol_secret_view(device->secret).ptr, OBOL_CLIENT_DEVICE_LEN,
			  secret);
	(void)sprintf(text, "device=%s secret=%s", id, secret);
}

static void activate_by_code(struct actions_user *user,
							 struct obol_client *client, struct acks_line *line)
{
	struct model_account *account = user->account;
	struct obol_secret *code =
		obol_secret_dup(account->code, strlen(account->code));
	struct obol_secret *password = model_password(account->name, 1);
	struct obol_device device = { { 0 }, NULL };
	char text[5 * 2 * OBOL_CLIENT_DEVICE_LEN];

	if (!code || !password)
	{
		give_up("no memory");
	}
	if (obol_client_login_activation(client, code) != OBOL_OK)
	{
		end_login(client, line);
	}
	else if (obol_client_activate(client, password, LABEL, &device) != OBOL_OK)
	{
		/* in several steps: which of them was the last is not known */
		acks_end(line, ACKS_UNKNOWN, "cause=%s", cause(client));
	}
	else
	{
		device_text(&device, text);
		acks_end(line, ACKS_OK, "password=1 %s", text);
	}
	obol_device_clear(&device);
	obol_secret_free(code);
	obol_secret_free(password);
}

/* Whether an activation without answer was done: then its password opens. */
static bool find_activated(struct actions_user *user,
						   struct obol_client *client, struct acks_line *line)
{
	struct obol_credential_info *items = NULL;
	size_t n;
	enum obol_status status = actions_by_password(client, user->account, 1);

	if (status == OBOL_OK)
	{
		status = obol_client_list(client, &items, &n);
		free(items);
	}
	if (status == OBOL_OK)
	{
		acks_end(line, ACKS_OK, "password=1 found=1");
		return true;
	}
	if (obol_client_error(client)->cause == OBOL_CAUSE_AUTH)
	{
		return false; /* the code must open, then */
	}
	acks_end(line, ACKS_FAILED, "cause=%s", cause(client));
	return true;
}

void actions_activate(struct actions_user *user)
{
	struct model_account *account = user->account;
	struct obol_client *client = actions_client(user->server, account->name);
	struct acks_line line;

	acks_begin(&line, "activate", account->name);
	if (!account->is_maybe_active || !find_activated(user, client, &line))
	{
		activate_by_code(user, client, &line);
	}
	model_apply(account, &line);
	obol_client_free(client);
}

void actions_add_device(struct actions_user *user)
{
	struct model_account *account = user->account;
	struct obol_client *client = actions_client(user->server, account->name);
	struct obol_device device = { { 0 }, NULL };
	char text[5 * 2 * OBOL_CLIENT_DEVICE_LEN];
	struct acks_line line;

	acks_begin(&line, "device", account->name);
	if (actions_by_password(client, account, account->password) != OBOL_OK)
	{
		end_login(client, &line);
	}
	else if (obol_client_add_device(client, LABEL, &device) != OBOL_OK)
	{
		acks_end(&line, ACKS_UNKNOWN, "cause=%s", cause(client));
	}
	else
	{
		device_text(&device, text);
		acks_end(&line, ACKS_OK, "%s", text);
	}
	model_apply(account, &line);
	obol_device_clear(&device);
	obol_client_free(client);
}

/*
 * Credentials
 */

unsigned actions_which(const struct model_account *account, unsigned credential,
					   const struct obol_credential *got)
{
	const struct model_credential *have = &account->credentials[credential];
	unsigned seqs[2] = { have->seq, have->maybe_seq }, i, found = 0;
	struct obol_bytes body = obol_secret_view(got->body);

	for (i = 0; i < 2 && !found; i++)
	{
		struct obol_secret *must =
			seqs[i] ? model_body(account->name, credential, seqs[i]) : NULL;
		struct obol_bytes want = obol_secret_view(must);

		/* what was acknowledged has kept its version, what was not has a newer
		 * one */
		if (must && want.len == body.len &&
			memcmp(want.ptr, body.ptr, want.len) == 0 &&
			(i == 0 ? got->info.version == have->version
					: got->info.version > have->version))
		{
			found = seqs[i];
		}
		obol_secret_free(must);
	}
	return found;
}

void actions_login(struct actions_user *user, unsigned credential)
{
	const struct model_credential *have =
		&user->account->credentials[credential];
	struct obol_credential got = { .body = NULL };
	struct acks_line line;
	struct obol_client *client;

	if (!have->version || have->maybe_seq)
	{
		actions_get(user, credential);
		return;
	}
	client = begin(user, "login", &line);
	if (!client)
	{
		return;
	}
	if (obol_client_get(client, model_credential_name(credential),
						have->version, &got) != OBOL_OK)
	{
		end_request(client, &line, "");
	}
	else if (got.body)
	{
		acks_end(&line, ACKS_WRONG, "credential=%u version=%llu got=%llu",
				 credential, (unsigned long long)have->version,
				 (unsigned long long)got.info.version);
	}
	else
	{
		acks_end(&line, ACKS_OK, "%s", "");
	}
	obol_credential_clear(&got);
	obol_client_free(client);
}

void actions_get(struct actions_user *user, unsigned credential)
{
	struct model_credential *have = &user->account->credentials[credential];
	struct obol_credential got = { .body = NULL };
	struct acks_line line;
	struct obol_client *client = begin(user, "get", &line);
	unsigned seq;

	if (!client)
	{
		return;
	}
	if (obol_client_get(client, model_credential_name(credential), 0, &got) ==
		OBOL_OK)
	{
		seq = actions_which(user->account, credential, &got);
		acks_end(&line, seq ? ACKS_OK : ACKS_WRONG,
				 "credential=%u seq=%u version=%llu", credential, seq,
				 (unsigned long long)got.info.version);
	}
	else if (obol_client_error(client)->cause == OBOL_CAUSE_NOT_FOUND &&
			 !have->version)
	{
		acks_end(&line, ACKS_OK, "credential=%u seq=0 version=0", credential);
	}
	else
	{
		end_request(client, &line, "");
	}
	model_apply(user->account, &line);
	obol_credential_clear(&got);
	obol_client_free(client);
}

void actions_put(struct actions_user *user, unsigned credential)
{
	struct model_credential *have = &user->account->credentials[credential];
	struct obol_secret *body;
	struct acks_line line;
	struct obol_client *client;
	unsigned seq;
	uint64_t version = 0;
	char text[64];

	if (have->maybe_seq)
	{
		actions_get(user, credential);
		return;
	}
	client = begin(user, "put", &line);
	if (!client)
	{
		return;
	}
	seq = user->account->last_seq + 1;
	body = model_body(user->account->name, credential, seq);
	(void)sprintf(text, "credential=%u seq=%u", credential, seq);
	if (!body)
	{
		give_up("no memory");
	}
	if (obol_client_put(client, model_credential_name(credential),
						OBOL_FORMAT_OPAQUE, have->version, body,
						&version) == OBOL_OK)
	{
		acks_end(&line, ACKS_OK, "%s version=%llu", text,
				 (unsigned long long)version);
	}
	else
	{
		end_request(client, &line, text);
	}
	model_apply(user->account, &line);
	obol_secret_free(body);
	obol_client_free(client);
}

/*
 * The rest
 */

void actions_issue(struct actions_user *user)
{
	uint8_t serial[OBOL_BUNDLE_SERIAL_MAX];
	struct obol_bundle *bundle = NULL;
	char text[MODEL_SERIAL_TEXT];
	struct acks_line line;
	struct obol_client *client;

	if (user->account->n_serials >= MODEL_SERIALS ||
		!(client = begin(user, "issue", &line)))
	{
		return;
	}
	if (obol_client_issue(client, model_credential_name(0), &bundle) == OBOL_OK)
	{
		model_hex(serial, obol_bundle_serial(bundle, serial), text);
		acks_end(&line, ACKS_OK, "serial=%s", text);
	}
	else
	{
		end_request(client, &line, "");
	}
	model_apply(user->account, &line);
	obol_bundle_free(bundle);
	obol_client_free(client);
}

/* Which of two passwords opens. */
static void settle_password(struct actions_user *user,
							struct obol_client *client, struct acks_line *line)
{
	struct model_account *account = user->account;
	unsigned numbers[2] = { account->maybe_password, account->password }, i;
	struct obol_credential_info *items = NULL;
	size_t n;

	for (i = 0; i < 2; i++)
	{
		enum obol_status status =
			actions_by_password(client, account, numbers[i]);

		if (status == OBOL_OK)
		{
			status = obol_client_list(client, &items, &n);
			free(items);
		}
		if (status == OBOL_OK)
		{
			acks_end(line, ACKS_OK, "password=%u found=1", numbers[i]);
			return;
		}
		if (obol_client_error(client)->cause != OBOL_CAUSE_AUTH)
		{
			acks_end(line, ACKS_FAILED, "cause=%s", cause(client));
			return;
		}
	}
	acks_end(line, ACKS_WRONG, "neither=%u,%u", numbers[0], numbers[1]);
}

static void change(struct actions_user *user, struct obol_client *client,
				   struct acks_line *line)
{
	struct obol_secret *fresh;
	unsigned number = user->account->last_password + 1;

	if (actions_by_password(client, user->account, user->account->password) !=
		OBOL_OK)
	{
		end_login(client, line);
		return;
	}
	fresh = model_password(user->account->name, number);
	if (!fresh)
	{
		give_up("no memory");
	}
	if (obol_client_change_password(client, fresh) == OBOL_OK)
	{
		acks_end(line, ACKS_OK, "password=%u", number);
	}
	else
	{
		acks_end(line, ACKS_UNKNOWN, "cause=%s password=%u", cause(client),
				 number);
	}
	obol_secret_free(fresh);
}

void actions_change_password(struct actions_user *user)
{
	struct obol_client *client =
		actions_client(user->server, user->account->name);
	struct acks_line line;

	acks_begin(&line, "password", user->account->name);
	if (user->account->maybe_password)
	{
		settle_password(user, client, &line);
	}
	else
	{
		change(user, client, &line);
	}
	model_apply(user->account, &line);
	obol_client_free(client);
}

/* What a guess has come to. A stranger cannot know whether it was counted when
 * the connection was lost. */
static const char *guess_outcome(const struct obol_error *error)
{
	switch (error->cause)
	{
		case OBOL_CAUSE_AUTH:
			return ACKS_SPENT;
		case OBOL_CAUSE_LATER:
			return ACKS_LATER;
		case OBOL_CAUSE_UNREACHABLE:
		case OBOL_CAUSE_PORTAL:
			return ACKS_FAILED;
		case OBOL_CAUSE_SERVER:
			return error->reply ? ACKS_REFUSED : ACKS_UNKNOWN;
		default:
			return ACKS_UNKNOWN;
	}
}

bool actions_guess(const struct actions_server *server, const char *name,
				   bool *is_later)
{
	struct obol_client *client = actions_client(server, name);
	struct obol_secret *code = NULL, *text = NULL;
	struct acks_line line;
	const char *outcome = ACKS_WRONG;

	if (obol_code_new(obol_rng_system(), OBOL_ACTIVATION_BITS, &code, &text) !=
		OBOL_OK)
	{
		give_up("no memory");
	}
	acks_begin(&line, "guess", name);
	if (obol_client_login_activation(client, text) != OBOL_OK)
	{
		outcome = guess_outcome(obol_client_error(client));
	}
	acks_end(&line, outcome, "cause=%s", cause(client));
	*is_later = acks_ended(&line, ACKS_LATER);
	obol_client_free(client);
	obol_secret_free(code);
	obol_secret_free(text);
	return acks_ended(&line, ACKS_SPENT);
}
