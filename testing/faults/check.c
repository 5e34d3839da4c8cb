/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opens what has been acknowledged. */
#include "testing/faults/check.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/** Between tries of a login that does not come about: the server was just
 * started, or so. */
#define TRIES_MAX 5

void check_fault(struct check *check, const char *name, const char *fmt, ...)
{
	va_list args;

	check->n_faults++;
	(void)printf("%s: ", name);
	va_start(args, fmt);
	(void)vprintf(fmt, args);
	va_end(args);
	(void)putchar('\n');
}

static const char *text_of(const struct obol_client *client)
{
	return obol_client_error(client)->text;
}

/* As a device; NULL when there is none that may. */
static struct obol_client *
enter(struct check *check, const struct model_account *account, unsigned device)
{
	unsigned tries;

	for (tries = 0; tries < TRIES_MAX; tries++)
	{
		struct obol_client *client =
			actions_client(&check->options->server, account->name);
		struct obol_credential_info *items = NULL;
		struct obol_device own;
		enum obol_cause cause;
		size_t n;

		memcpy(own.id, account->devices[device].id, sizeof(own.id));
		own.secret = obol_secret_dup(account->devices[device].secret,
									 OBOL_CLIENT_DEVICE_LEN);
		if (obol_client_login_device(client, &own) == OBOL_OK &&
			obol_client_list(client, &items, &n) == OBOL_OK)
		{
			obol_device_clear(&own);
			free(items);
			return client;
		}
		obol_device_clear(&own);
		cause = obol_client_error(client)->cause;
		if (cause == OBOL_CAUSE_AUTH || tries + 1 == TRIES_MAX)
		{
			check_fault(check, account->name, "device %u does not open it: %s",
						device, text_of(client));
		}
		obol_client_free(client);
		if (cause == OBOL_CAUSE_AUTH)
		{
			break;
		}
	}
	return NULL;
}

static void check_credential(struct check *check, struct obol_client *client,
							 const struct model_account *account, unsigned i)
{
	const struct model_credential *have = &account->credentials[i];
	const char *name = model_credential_name(i);
	struct obol_credential got = { .body = NULL };

	if (obol_client_get(client, name, 0, &got) != OBOL_OK)
	{
		if (have->version ||
			obol_client_error(client)->cause != OBOL_CAUSE_NOT_FOUND)
		{
			check_fault(check, account->name,
						"%s of version %llu is not there: %s", name,
						(unsigned long long)have->version, text_of(client));
		}
		return;
	}
	if (actions_which(account, i, &got))
	{
		check->n_opened++;
	}
	else
	{
		check_fault(check, account->name,
					"%s of version %llu has become version %llu, or another "
					"content",
					name, (unsigned long long)have->version,
					(unsigned long long)got.info.version);
	}
	obol_credential_clear(&got);
}

/* No slot beside those that were made; a look from inside. */
static void check_slots(struct check *check, struct obol_client *client,
						const struct model_account *account)
{
	unsigned n_devices = 0, n_activations = 0;
	struct obol_slot_info *items = NULL;
	size_t n = 0, i;

	if (obol_client_slots(client, &items, &n) != OBOL_OK)
	{
		check_fault(check, account->name, "its slots cannot be listed: %s",
					text_of(client));
		return;
	}
	for (i = 0; i < n; i++)
	{
		n_devices += items[i].kind == OBOL_CLIENT_SLOT_DEVICE;
		n_activations += items[i].kind == OBOL_CLIENT_SLOT_ACTIVATION;
	}
	free(items);
	if (n_devices < account->n_devices ||
		n_devices > account->n_devices + account->n_maybe_devices)
	{
		check_fault(check, account->name,
					"has %u devices: %u were made, %u others may have been",
					n_devices, account->n_devices, account->n_maybe_devices);
	}
	if (n_activations)
	{
		check_fault(check, account->name,
					"still has a code, after it was activated");
	}
}

static void check_devices(struct check *check,
						  const struct model_account *account)
{
	struct obol_client *client;
	unsigned device, i;

	for (device = 0; device < account->n_devices; device++)
	{
		client = enter(check, account, device);
		for (i = 0; client && device == 0 && i < MODEL_CREDENTIALS; i++)
		{
			check_credential(check, client, account, i);
		}
		if (client && device == 0)
		{
			check_slots(check, client, account);
		}
		obol_client_free(client);
	}
}

/* A password opens, or is refused as wrong; anything else is told. */
static bool opens(struct check *check, const struct model_account *account,
				  unsigned number)
{
	struct obol_client *client =
		actions_client(&check->options->server, account->name);
	struct obol_credential_info *items = NULL;
	enum obol_status status = actions_by_password(client, account, number);
	size_t n;

	if (status == OBOL_OK)
	{
		status = obol_client_list(client, &items, &n);
		free(items);
	}
	if (status != OBOL_OK &&
		obol_client_error(client)->cause != OBOL_CAUSE_AUTH)
	{
		check_fault(check, account->name, "its password cannot be tried: %s",
					text_of(client));
	}
	obol_client_free(client);
	return status == OBOL_OK;
}

static void check_password(struct check *check,
						   const struct model_account *account)
{
	if (!opens(check, account, account->password) &&
		!(account->maybe_password &&
		  opens(check, account, account->maybe_password)))
	{
		check_fault(check, account->name,
					"password %u does not open it, nor %u", account->password,
					account->maybe_password);
	}
}

/* What was not activated, or perhaps, can be now: with the code, unless its
 * password opens. */
static void check_activation(struct check *check, struct model_account *account)
{
	struct actions_user user = { .server = &check->options->server,
								 .account = account };
	unsigned tries;

	if (!account->is_maybe_active || !*account->code)
	{
		return;
	}
	for (tries = 0; tries < TRIES_MAX && !account->is_active; tries++)
	{
		actions_activate(&user);
	}
	if (!account->is_active)
	{
		check_fault(check, account->name,
					"neither its code nor its password opens it");
	}
}

int check_run(const struct check_options *options)
{
	struct check check = { .options = options };
	size_t i;

	model_init(&check.model);
	if (!model_read(&check.model, options->log) || !acks_open("/dev/null"))
	{
		(void)fprintf(stderr, "clients: %s cannot be read\n", options->log);
		return 2;
	}
	if (check.model.n_wrong)
	{
		check_fault(&check, options->log, "%zu answers were wrong",
					check.model.n_wrong);
	}
	if (!check_certificates(&check) || !check_guesses(&check))
	{
		return 2;
	}
	for (i = 0; options->server.servers && i < check.model.n_accounts; i++)
	{
		struct model_account *account = &check.model.accounts[i];

		if (account->is_active)
		{
			check_devices(&check, account);
			check_password(&check, account);
		}
		else
		{
			check_activation(&check, account);
		}
	}
	(void)printf("acknowledged=%zu accounts=%zu opened=%zu certificates=%zu "
				 "guessed_at=%zu guesses=%zu faults=%zu\n",
				 check.model.n_acknowledged, check.model.n_accounts,
				 check.n_opened, check.n_certificates, check.model.n_targets,
				 check.n_guesses, check.n_faults);
	i = check.n_faults;
	model_clear(&check.model);
	return i ? 1 : 0;
}
