/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private keys in PKCS#11 tokens, by libp11. */
#include "issue/token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libp11.h>
#include <openssl/err.h>
#include <p11-kit/pkcs11.h>

#include "token/uri.h"

struct obol_token_module {
	struct obol_token_module *next;
	char *path;
	PKCS11_CTX *ctx;
	PKCS11_SLOT *slots;
	unsigned n_slots;
};

bool obol_tokens_are_used(const struct obol_tokens *tokens)
{
	return tokens->first != NULL;
}

static void free_module(struct obol_token_module *module)
{
	if (module->slots)
	{
		PKCS11_release_all_slots(module->ctx, module->slots, module->n_slots);
	}
	if (module->ctx)
	{
		PKCS11_CTX_unload(module->ctx);
		PKCS11_CTX_free(module->ctx);
	}
	free(module->path);
	free(module);
}

void obol_tokens_clear(struct obol_tokens *tokens)
{
	while (tokens->first)
	{
		struct obol_token_module *module = tokens->first;

		tokens->first = module->next;
		free_module(module);
	}
	ERR_clear_error();
}

static enum obol_status fail(enum obol_status status, char *why, size_t size,
							 const struct obol_token_uri *uri, const char *what)
{
	(void)snprintf(why, size, "the token that '%s' names: %s", uri->name, what);
	return status;
}

/*
 * Modules
 */

static enum obol_status load(struct obol_token_module *module,
							 const struct obol_token_uri *uri, char *why,
							 size_t size)
{
	module->path = strdup(uri->module_path);
	module->ctx = PKCS11_CTX_new();
	if (!module->path || !module->ctx)
	{
		return fail(OBOL_ERR_NOMEM, why, size, uri, "no memory for it");
	}
	if (PKCS11_CTX_load(module->ctx, module->path) != 0)
	{
		PKCS11_CTX_free(module->ctx);
		module->ctx = NULL;
		(void)snprintf(why, size,
					   "%s cannot be loaded as a PKCS#11 module; is "
					   "module-path right?",
					   uri->module_path);
		return OBOL_ERR_TOKEN;
	}
	if (PKCS11_enumerate_slots(module->ctx, &module->slots, &module->n_slots) !=
		0)
	{
		module->slots = NULL;
		return fail(OBOL_ERR_TOKEN, why, size, uri,
					"the module does not list its slots");
	}
	return OBOL_OK;
}

static enum obol_status need_module(struct obol_tokens *tokens,
									const struct obol_token_uri *uri,
									struct obol_token_module **out, char *why,
									size_t size)
{
	struct obol_token_module *module = tokens->first;
	enum obol_status status;

	while (module && strcmp(module->path, uri->module_path) != 0)
	{
		module = module->next;
	}
	if (module)
	{
		*out = module;
		return OBOL_OK;
	}
	module = calloc(1, sizeof(*module));
	if (!module)
	{
		return fail(OBOL_ERR_NOMEM, why, size, uri, "no memory for it");
	}
	status = load(module, uri, why, size);
	if (status != OBOL_OK)
	{
		free_module(module);
		return status;
	}
	module->next = tokens->first;
	tokens->first = module;
	*out = module;
	return OBOL_OK;
}

/*
 * Tokens
 */

static const char *text(const char *given)
{
	return given ? given : "";
}

static enum obol_status find_token(const struct obol_token_module *module,
								   const struct obol_token_uri *uri,
								   PKCS11_SLOT **out, char *why, size_t size)
{
	PKCS11_SLOT *found = NULL;
	unsigned i;

	for (i = 0; i < module->n_slots; i++)
	{
		const PKCS11_TOKEN *token = module->slots[i].token;

		if (!token || !token->initialized ||
			!obol_token_uri_matches(uri, text(token->label),
									text(token->manufacturer),
									text(token->model), text(token->serialnr)))
		{
			continue;
		}
		if (found)
		{
			return fail(OBOL_ERR_ARG, why, size, uri,
						"there are several; name its serial too");
		}
		found = &module->slots[i];
	}
	if (!found)
	{
		return fail(OBOL_ERR_NOT_FOUND, why, size, uri,
					"there is none; is it plugged in, and may this process "
					"use it?");
	}
	*out = found;
	return OBOL_OK;
}

/* What was wrong with a PIN that was given. */
static enum obol_status tell_login(const struct obol_token_uri *uri, char *why,
								   size_t size)
{
	unsigned long error = ERR_peek_last_error();

	/* libp11 queues what the token returned under a library number of its own,
	 * which this function gives, whatever its name */
	switch (ERR_GET_LIB(error) == ERR_get_CKR_code()
				? (CK_RV)ERR_GET_REASON(error)
				: CKR_GENERAL_ERROR)
	{
		case CKR_PIN_INCORRECT:
		case CKR_PIN_INVALID:
		case CKR_PIN_LEN_RANGE:
			(void)snprintf(why, size,
						   "the PIN in %s is wrong; it is not tried again "
						   "before somebody has logged in to the token with "
						   "the right one (pkcs11-tool --login --test)",
						   uri->pin_path);
			return OBOL_ERR_AUTH;
		case CKR_PIN_LOCKED:
			return fail(OBOL_ERR_DENIED, why, size, uri, "its PIN is locked");
		default:
			return fail(OBOL_ERR_TOKEN, why, size, uri,
						"nobody can log in to it now");
	}
}

static enum obol_status may_log_in(struct obol_tokens *tokens,
								   const PKCS11_TOKEN *token,
								   const struct obol_token_uri *uri, char *why,
								   size_t size)
{
	if (!*uri->pin_path)
	{
		return fail(OBOL_ERR_FORMAT, why, size, uri,
					"it wants a PIN; name a file that has it by "
					"pin-source=file:/PATH");
	}
	tokens->pin_was_refused = token->userPinLocked || token->userPinCountLow ||
							  token->userPinFinalTry;
	if (token->userPinLocked)
	{
		return fail(OBOL_ERR_DENIED, why, size, uri, "its PIN is locked");
	}
	if (token->userPinCountLow || token->userPinFinalTry)
	{
		return fail(OBOL_ERR_DENIED, why, size, uri,
					"a wrong PIN was given last, so none is tried; log in by "
					"hand with the right one (pkcs11-tool --login --test), put "
					"that into the PIN's file, and try again");
	}
	return OBOL_OK;
}

static enum obol_status log_in(struct obol_tokens *tokens, PKCS11_SLOT *slot,
							   const struct obol_token_uri *uri,
							   struct obol_secret *pin, char *why, size_t size)
{
	enum obol_status status;
	int is_in = 0;

	if (!slot->token->loginRequired ||
		(PKCS11_is_logged_in(slot, 0, &is_in) == 0 && is_in))
	{
		return OBOL_OK;
	}
	status = may_log_in(tokens, slot->token, uri, why, size);
	if (status != OBOL_OK)
	{
		return status;
	}
	ERR_clear_error();
	if (PKCS11_login(slot, 0, (const char *)obol_secret_ptr(pin)) != 0)
	{
		status = tell_login(uri, why, size);
		tokens->pin_was_refused = status != OBOL_ERR_TOKEN;
	}
	return status;
}

/*
 * Keys
 */

static enum obol_status find_key(PKCS11_SLOT *slot,
								 const struct obol_token_uri *uri,
								 PKCS11_KEY **out, char *why, size_t size)
{
	PKCS11_KEY *keys = NULL, *found = NULL;
	unsigned n = 0, i;

	if (PKCS11_enumerate_keys(slot->token, &keys, &n) != 0)
	{
		return fail(OBOL_ERR_TOKEN, why, size, uri, "it does not list keys");
	}
	for (i = 0; i < n; i++)
	{
		if (!obol_token_uri_is_key(uri, text(keys[i].label),
								   obol_bytes(keys[i].id, keys[i].id_len)))
		{
			continue;
		}
		if (found)
		{
			return fail(OBOL_ERR_ARG, why, size, uri,
						"several of its private keys have this name; name the "
						"id too");
		}
		found = &keys[i];
	}
	if (!found)
	{
		return fail(OBOL_ERR_NOT_FOUND, why, size, uri,
					"it has no private key of this name; pkcs11-tool "
					"--keypairgen --key-type EC:secp256r1 makes one");
	}
	*out = found;
	return OBOL_OK;
}

static enum obol_status open_key(struct obol_tokens *tokens,
								 const struct obol_token_uri *uri,
								 struct obol_secret *pin, EVP_PKEY **out,
								 char *why, size_t size)
{
	struct obol_token_module *module = NULL;
	PKCS11_SLOT *slot = NULL;
	PKCS11_KEY *key = NULL;
	enum obol_status status = need_module(tokens, uri, &module, why, size);

	if (status == OBOL_OK)
	{
		status = find_token(module, uri, &slot, why, size);
	}
	if (status == OBOL_OK)
	{
		status = log_in(tokens, slot, uri, pin, why, size);
	}
	if (status == OBOL_OK)
	{
		status = find_key(slot, uri, &key, why, size);
	}
	if (status != OBOL_OK)
	{
		return status;
	}
	*out = PKCS11_get_private_key(key);
	return *out ? OBOL_OK
				: fail(OBOL_ERR_ARG, why, size, uri,
					   "the key cannot be used; it must be EC or RSA, with its "
					   "public key beside it");
}

/* The PIN is read as who this process is, and the token used as who it will
 * be. */
static enum obol_status enter_and_open(struct obol_tokens *tokens,
									   const struct obol_token_uri *uri,
									   EVP_PKEY **out, char *why, size_t size)
{
	struct obol_secret *pin = NULL;
	enum obol_status status = OBOL_OK;

	if (*uri->pin_path)
	{
		status = obol_token_pin_load(uri->pin_path, &pin, why, size);
	}
	if (status == OBOL_OK && tokens->enter && !tokens->enter(tokens->ctx))
	{
		status = fail(OBOL_ERR_DENIED, why, size, uri,
					  "this process cannot become its user");
	}
	else if (status == OBOL_OK)
	{
		status = open_key(tokens, uri, pin, out, why, size);
	}
	obol_secret_free(pin);
	return status;
}

enum obol_status obol_tokens_key(struct obol_tokens *tokens, const char *uri,
								 EVP_PKEY **key, char *why, size_t size)
{
	struct obol_token_uri parsed;
	enum obol_status status = obol_token_uri_parse(uri, &parsed, why, size);
	EVP_PKEY *opened = NULL;

	if (status == OBOL_OK)
	{
		status = enter_and_open(tokens, &parsed, &opened, why, size);
	}
	if (status == OBOL_OK)
	{
		*key = opened;
	}
	ERR_clear_error();
	return status;
}
