/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the server must have by the log. */
#include "testing/faults/model.h"

#include <stdlib.h>
#include <string.h>

#define BODY_MIN 100
#define BODY_SPAN 4000

static const char *const credential_names[MODEL_CREDENTIALS] = { "vpn", "mail",
																 "disk" };

void model_init(struct model *model)
{
	memset(model, 0, sizeof(*model));
}

void model_clear(struct model *model)
{
	free(model->accounts);
	free(model->targets);
	model_init(model);
}

/* One more row of a growing table. */
static void *grow(void *rows, size_t n, size_t size)
{
	void *more = reallocarray(rows, n + 1, size);

	if (!more)
	{
		(void)fputs("clients: no memory\n", stderr);
		exit(2);
	}
	memset((char *)more + n * size, 0, size);
	return more;
}

struct model_account *model_account(struct model *model, const char *name)
{
	struct model_account *account;
	size_t i;

	for (i = 0; i < model->n_accounts; i++)
	{
		if (strcmp(model->accounts[i].name, name) == 0)
		{
			return &model->accounts[i];
		}
	}
	model->accounts =
		grow(model->accounts, model->n_accounts, sizeof(*account));
	account = &model->accounts[model->n_accounts++];
	(void)snprintf(account->name, sizeof(account->name), "%s", name);
	return account;
}

struct model_target *model_target(struct model *model, const char *name)
{
	struct model_target *target;
	size_t i;

	for (i = 0; i < model->n_targets; i++)
	{
		if (strcmp(model->targets[i].name, name) == 0)
		{
			return &model->targets[i];
		}
	}
	model->targets = grow(model->targets, model->n_targets, sizeof(*target));
	target = &model->targets[model->n_targets++];
	(void)snprintf(target->name, sizeof(target->name), "%s", name);
	return target;
}

/*
 * Lines
 */

static void take_device(struct model_account *account,
						const struct acks_line *line)
{
	char text[2 * OBOL_CLIENT_DEVICE_LEN + 1];
	struct model_device device;

	if (account->n_devices < MODEL_DEVICES &&
		acks_text(line, "device", text, sizeof(text)) &&
		model_unhex(text, device.id, sizeof(device.id)) &&
		acks_text(line, "secret", text, sizeof(text)) &&
		model_unhex(text, device.secret, sizeof(device.secret)))
	{
		account->devices[account->n_devices++] = device;
	}
}

static void apply_activate(struct model_account *account,
						   const struct acks_line *line)
{
	if (acks_ended(line, ACKS_OK))
	{
		account->is_active = true;
		account->is_maybe_active = false;
		account->password = 1;
		/* a later look has found what an activation without answer had done,
		 * and its device is nobody's */
		account->n_maybe_devices += acks_number(line, "found") ? 1 : 0;
		take_device(account, line);
	}
	else if (acks_ended(line, ACKS_UNKNOWN))
	{
		account->is_maybe_active = true;
	}
}

static void apply_device(struct model_account *account,
						 const struct acks_line *line)
{
	if (acks_ended(line, ACKS_OK))
	{
		take_device(account, line);
	}
	else if (acks_ended(line, ACKS_UNKNOWN))
	{
		account->n_maybe_devices++;
	}
}

static void apply_password(struct model_account *account,
						   const struct acks_line *line)
{
	if (acks_ended(line, ACKS_OK))
	{
		account->password = (unsigned)acks_number(line, "password");
		account->maybe_password = 0;
	}
	else if (acks_ended(line, ACKS_UNKNOWN))
	{
		account->maybe_password = (unsigned)acks_number(line, "password");
	}
}

static void apply_issue(struct model_account *account,
						const struct acks_line *line)
{
	if (acks_ended(line, ACKS_UNKNOWN))
	{
		account->n_maybe_serials++;
	}
	else if (acks_ended(line, ACKS_OK) && account->n_serials < MODEL_SERIALS &&
			 acks_text(line, "serial", account->serials[account->n_serials],
					   MODEL_SERIAL_TEXT))
	{
		account->n_serials++;
	}
}

/* Of a put or get. */
static void apply_credential(struct model_account *account,
							 const struct acks_line *line)
{
	size_t i = acks_number(line, "credential");
	struct model_credential *credential = &account->credentials[i];

	if (i >= MODEL_CREDENTIALS)
	{
		return;
	}
	if (acks_ended(line, ACKS_OK))
	{
		credential->version = acks_number(line, "version");
		credential->seq = (unsigned)acks_number(line, "seq");
		credential->maybe_seq = 0;
	}
	else if (acks_ended(line, ACKS_UNKNOWN) && acks_is(line, "put"))
	{
		credential->maybe_seq = (unsigned)acks_number(line, "seq");
	}
}

void model_apply(struct model_account *account, const struct acks_line *line)
{
	static const struct {
		const char *operation;
		void (*apply)(struct model_account *, const struct acks_line *);
	} rows[] = {
		{ "activate", apply_activate }, { "device", apply_device },
		{ "password", apply_password }, { "issue", apply_issue },
		{ "put", apply_credential },    { "get", apply_credential },
	};
	unsigned password = (unsigned)acks_number(line, "password");
	unsigned seq = (unsigned)acks_number(line, "seq");
	size_t i;

	if (password > account->last_password)
	{
		account->last_password = password;
	}
	if (seq > account->last_seq)
	{
		account->last_seq = seq;
	}
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
	{
		if (acks_is(line, rows[i].operation))
		{
			rows[i].apply(account, line);
		}
	}
}

static void apply_guess(struct model *model, const struct acks_line *line)
{
	struct model_target *target = model_target(model, line->name);

	if (!target->first_ms)
	{
		target->first_ms = line->begun_ms;
	}
	target->last_ms = line->begun_ms + line->took_ms;
	target->n_spent += acks_ended(line, ACKS_SPENT);
	target->n_unknown += acks_ended(line, ACKS_UNKNOWN);
}

static void apply_step(struct model *model)
{
	size_t i;

	for (i = 0; i < model->n_targets; i++)
	{
		model->targets[i].n_steps++;
	}
}

static void apply_any(struct model *model, const struct acks_line *line)
{
	char text[MODEL_CODE_MAX];
	struct model_account *account;

	model->n_acknowledged += acks_ended(line, ACKS_OK);
	model->n_wrong += acks_ended(line, ACKS_WRONG);
	if (acks_is(line, "event"))
	{
		if (strncmp(line->name, "clock", 5) == 0)
		{
			apply_step(model);
		}
		return;
	}
	if (acks_is(line, "guess"))
	{
		apply_guess(model, line);
		return;
	}
	account = model_account(model, line->name);
	if (acks_text(line, "code", text, sizeof(text)))
	{
		memcpy(account->code, text, sizeof(account->code));
	}
	model_apply(account, line);
}

bool model_read(struct model *model, const char *path)
{
	FILE *file = fopen(path, "re");
	struct acks_line line;
	bool is_whole;

	if (!file)
	{
		return false;
	}
	while (acks_read(file, &line))
	{
		apply_any(model, &line);
	}
	/* what stopped it was the end, and no line that was cut */
	is_whole = fgetc(file) == EOF && !ferror(file);
	(void)fclose(file);
	return is_whole;
}

/*
 * Contents
 */

const char *model_credential_name(unsigned i)
{
	return credential_names[i];
}

struct obol_secret *model_body(const char *account, unsigned credential,
							   unsigned seq)
{
	uint64_t state = ((uint64_t)credential << 32) + seq;
	struct obol_secret *body;
	uint8_t *ptr;
	size_t i, len;

	for (; *account; account++)
	{
		state = (state ^ (uint8_t)*account) * UINT64_C(1099511628211);
	}
	len = BODY_MIN + state % BODY_SPAN;
	body = obol_secret_new(len);
	ptr = body ? obol_secret_ptr(body) : NULL;
	for (i = 0; ptr && i < len; i++)
	{
		state = state * UINT64_C(6364136223846793005) + 1;
		ptr[i] = (uint8_t)(state >> 56);
	}
	return body;
}

struct obol_secret *model_password(const char *account, unsigned number)
{
	char text[ACKS_NAME_MAX + 32];
	int len =
		snprintf(text, sizeof(text), "password %u of %s", number, account);

	return obol_secret_dup(text, (size_t)len);
}

void model_hex(const uint8_t *bytes, size_t len, char *text)
{
	size_t i;

	*text = '\0';
	for (i = 0; i < len; i++)
	{
		(void)snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	}
}

bool model_unhex(const char *text, uint8_t *bytes, size_t len)
{
	size_t i;
	unsigned byte;

	for (i = 0; i < len; i++)
	{
		if (sscanf(text + 2 * i, "%2x", &byte) != 1)
		{
			return false;
		}
		bytes[i] = (uint8_t)byte;
	}
	return text[2 * len] == '\0';
}
