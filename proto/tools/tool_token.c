/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys of this device's that a hardware token makes. */
#include "tools/tool_token.h"

#include <stdio.h>
#include <string.h>

#define WHY_MAX 384

static enum obol_cause fail(struct tool *tool, const char *why)
{
	return tool_fail(tool, OBOL_CAUSE_TOKEN,
					 "No key in a hardware token can be used (%s).", why);
}

/*
 * The PIN
 */

/* With a zero byte behind it, as PKCS#11's callers have it. */
static enum obol_cause ask_pin(struct tool *tool, uint32_t fd)
{
	struct obol_secret *typed = NULL;
	struct obol_bytes view;
	enum obol_cause cause =
		tool_ask_secret(tool, fd, "PIN of the token: ", "pin-fd N", &typed);

	if (cause != OBOL_CAUSE_NONE)
	{
		return cause;
	}
	view = obol_secret_view(typed);
	if (!view.len || view.len > OBOL_TOKEN_PIN_MAX)
	{
		cause = tool_fail(tool, OBOL_CAUSE_CONFIG,
						  "a PIN is 1 to %d bytes long", OBOL_TOKEN_PIN_MAX);
	}
	else
	{
		tool->token.pin = obol_secret_new(view.len + 1);
		if (tool->token.pin)
		{
			memcpy(obol_secret_ptr(tool->token.pin), view.ptr, view.len);
			obol_secret_ptr(tool->token.pin)[view.len] = '\0';
		}
		else
		{
			cause = tool_fail(tool, OBOL_CAUSE_INTERNAL, "out of memory");
		}
	}
	obol_secret_free(typed);
	return cause;
}

static enum obol_cause have_pin(struct tool *tool, const char *pin_path,
								uint32_t fd)
{
	char why[WHY_MAX];

	tool->token.keeps_pin = !*pin_path;
	if (!*pin_path)
	{
		return ask_pin(tool, fd);
	}
	if (fd != TOOL_NONE)
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "choose one of --pin-fd and a pin-source in --token");
	}
	return obol_token_pin_load(pin_path, &tool->token.pin, why, sizeof(why)) ==
				   OBOL_OK
			   ? OBOL_CAUSE_NONE
			   : tool_fail(tool, OBOL_CAUSE_FILE, "%s", why);
}

/*
 * libobol's hooks
 */

static bool make(void *ctx, uint8_t key_type,
				 uint8_t spki[OBOL_TOKEN_PUBLIC_KEY_MAX], size_t *len,
				 char *why, size_t size)
{
	struct tool_token *token = ctx;

	tool_token_drop(token);
	if (obol_pkcs11_make(token->pkcs11, key_type, &token->key, why, size) !=
		OBOL_OK)
	{
		return false;
	}
	token->is_made = true;
	memcpy(spki, token->key.public_key, token->key.public_key_len);
	*len = token->key.public_key_len;
	return true;
}

static bool sign(void *ctx, const uint8_t digest[32],
				 uint8_t signature[OBOL_TOKEN_SIGNATURE_MAX], size_t *len,
				 char *why, size_t size)
{
	struct tool_token *token = ctx;
	struct obol_bytes bytes = { digest, 32 };

	return obol_pkcs11_sign(token->pkcs11, &token->key, OBOL_PKCS11_SHA256,
							bytes, signature, len, why, size) == OBOL_OK;
}

/*
 * What the commands do
 */

enum obol_cause tool_token_open(struct tool *tool, const char *uri,
								uint32_t pin_fd)
{
	struct obol_pkcs11_options options = {
		.uri = uri,
		.label = tool->profile.name,
		.attended = true,
	};
	char pin_path[OBOL_PKCS11_PATH_MAX], why[WHY_MAX];
	enum obol_cause cause;

	if (obol_pkcs11_check_uri(uri, pin_path, why, sizeof(why)) != OBOL_OK)
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG, "--token: %s", why);
	}
	cause = have_pin(tool, pin_path, pin_fd);
	if (cause != OBOL_CAUSE_NONE)
	{
		return cause;
	}
	options.pin = tool->token.pin;
	return obol_pkcs11_open(&options, &tool->token.pkcs11, why, sizeof(why)) ==
				   OBOL_OK
			   ? OBOL_CAUSE_NONE
			   : fail(tool, why);
}

void tool_token_attach(struct tool *tool)
{
	struct obol_key_maker maker = { &tool->token, make, sign };

	obol_client_set_key_maker(tool->client, &maker);
}

void tool_token_keep(struct tool *tool, const struct obol_bundle *bundle)
{
	char why[WHY_MAX];

	if (obol_pkcs11_put(tool->token.pkcs11, &tool->token.key,
						obol_bundle_chain(bundle, 0), why,
						sizeof(why)) != OBOL_OK)
	{
		tool_note(tool, "The certificate is not stored beside its key: %s.",
				  why);
	}
	tool->token.is_made = false;
}

void tool_token_drop(struct tool_token *token)
{
	char why[WHY_MAX];

	if (token->is_made)
	{
		/* what stays is removed when a daemon has its next key */
		(void)!obol_pkcs11_remove(token->pkcs11, token->key.id, why,
								  sizeof(why));
	}
	token->is_made = false;
}

void tool_token_close(struct tool_token *token)
{
	if (token->pkcs11)
	{
		tool_token_drop(token);
	}
	obol_pkcs11_close(token->pkcs11);
	obol_secret_free(token->pin);
	memset(token, 0, sizeof(*token));
}
