/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PKCS#11 URIs, parsed by p11-kit. */
#include "token/uri.h"

#include <stdio.h>
#include <string.h>

#include <p11-kit/uri.h>

#define SCHEME "pkcs11:"

bool obol_token_is_uri(struct obol_bytes text)
{
	return text.len > strlen(SCHEME) &&
		   memcmp(text.ptr, SCHEME, strlen(SCHEME)) == 0;
}

static enum obol_status fail(const struct obol_token_uri *uri, char *why,
							 size_t size, const char *what)
{
	(void)snprintf(why, size, "'%s' %s", uri->name, what);
	return OBOL_ERR_FORMAT;
}

/* p11-kit gives fields as PKCS#11 has them: padded with spaces; all zero when
 * the URI does not have it. */
static void take_padded(char *out, const unsigned char *field, size_t len)
{
	while (len && (field[len - 1] == ' ' || !field[len - 1]))
	{
		len--;
	}
	memcpy(out, field, len);
	out[len] = '\0';
}

static bool take_text(char *out, size_t size, const char *text)
{
	return (size_t)snprintf(out, size, "%s", text ? text : "") < size;
}

static bool take_object(P11KitUri *parsed, struct obol_token_uri *uri)
{
	const CK_ATTRIBUTE *label = p11_kit_uri_get_attribute(parsed, CKA_LABEL);
	const CK_ATTRIBUTE *id = p11_kit_uri_get_attribute(parsed, CKA_ID);
	size_t label_len = label ? label->ulValueLen : 0;

	uri->id_len = id ? id->ulValueLen : 0;
	if (label_len > OBOL_TOKEN_LABEL_MAX || uri->id_len > OBOL_TOKEN_ID_MAX)
	{
		return false;
	}
	if (label_len)
	{
		memcpy(uri->object, label->pValue, label_len);
	}
	if (uri->id_len)
	{
		memcpy(uri->id, id->pValue, uri->id_len);
	}
	return true;
}

/* "file:/PATH", or the path alone (RFC 7512, 2.4). */
static bool take_pin_source(const char *source, struct obol_token_uri *uri)
{
	if (!source)
	{
		return true;
	}
	if (strncmp(source, "file:", 5) == 0)
	{
		source += 5;
	}
	return source[0] == '/' && source[1] != '/' &&
		   take_text(uri->pin_path, sizeof(uri->pin_path), source);
}

static void take_token(P11KitUri *parsed, struct obol_token_uri *uri)
{
	const CK_TOKEN_INFO *info = p11_kit_uri_get_token_info(parsed);

	take_padded(uri->token, info->label, 32);
	take_padded(uri->manufacturer, info->manufacturerID, 32);
	take_padded(uri->model, info->model, 16);
	take_padded(uri->serial, info->serialNumber, 16);
}

static enum obol_status take(P11KitUri *parsed, struct obol_token_uri *uri,
							 char *why, size_t size)
{
	const char *module = p11_kit_uri_get_module_path(parsed);

	if (p11_kit_uri_any_unrecognized(parsed))
	{
		return fail(uri, why, size, "has an attribute that Obol does not know");
	}
	if (p11_kit_uri_get_pin_value(parsed))
	{
		return fail(uri, why, size,
					"has its PIN in it; put that into a file that root alone "
					"can read, and name it by pin-source=file:/PATH");
	}
	if (!module || module[0] != '/' ||
		!take_text(uri->module_path, sizeof(uri->module_path), module))
	{
		return fail(uri, why, size,
					"lacks module-path=/PATH, the token's PKCS#11 module");
	}
	if (!take_pin_source(p11_kit_uri_get_pin_source(parsed), uri))
	{
		return fail(uri, why, size,
					"has a pin-source that is no file:/PATH; nothing else is "
					"taken");
	}
	take_token(parsed, uri);
	if (!*uri->token && !*uri->serial)
	{
		return fail(uri, why, size, "names no token: token= or serial=");
	}
	if (!take_object(parsed, uri))
	{
		return fail(uri, why, size, "has an object or id that is too long");
	}
	return OBOL_OK;
}

enum obol_status obol_token_uri_parse_token(const char *text,
											struct obol_token_uri *uri,
											char *why, size_t size)
{
	P11KitUri *parsed = p11_kit_uri_new();
	enum obol_status status = OBOL_ERR_NOMEM;

	memset(uri, 0, sizeof(*uri));
	(void)snprintf(uri->name, sizeof(uri->name), "%.*s",
				   (int)strcspn(text, "?\r\n"), text);
	if (!parsed)
	{
		(void)snprintf(why, size, "no memory for the token's URI");
		goto out;
	}
	if (strlen(text) > OBOL_TOKEN_URI_MAX ||
		p11_kit_uri_parse(text, P11_KIT_URI_FOR_ANY, parsed) != P11_KIT_URI_OK)
	{
		status = fail(uri, why, size, "is no URI of PKCS#11 (RFC 7512)");
		goto out;
	}
	status = take(parsed, uri, why, size);
out:
	p11_kit_uri_free(parsed);
	return status;
}

enum obol_status obol_token_uri_parse(const char *text,
									  struct obol_token_uri *uri, char *why,
									  size_t size)
{
	enum obol_status status = obol_token_uri_parse_token(text, uri, why, size);

	return status == OBOL_OK && !*uri->object && !uri->id_len
			   ? fail(uri, why, size, "names no key: object= or id=")
			   : status;
}

static bool is_wanted(const char *wanted, const char *have)
{
	size_t len = strlen(have);

	while (len && have[len - 1] == ' ')
	{
		len--;
	}
	return !*wanted ||
		   (strlen(wanted) == len && memcmp(wanted, have, len) == 0);
}

bool obol_token_uri_matches(const struct obol_token_uri *uri, const char *label,
							const char *manufacturer, const char *model,
							const char *serial)
{
	return is_wanted(uri->token, label) &&
		   is_wanted(uri->manufacturer, manufacturer) &&
		   is_wanted(uri->model, model) && is_wanted(uri->serial, serial);
}

bool obol_token_uri_is_key(const struct obol_token_uri *uri, const char *label,
						   struct obol_bytes id)
{
	return (!*uri->object || strcmp(uri->object, label) == 0) &&
		   (!uri->id_len ||
			obol_bytes_eq(obol_bytes(uri->id, uri->id_len), id));
}
