/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Subject alternative names from text. */
#include "issue/san.h"
#include "issue/issuer.h"

#include <arpa/inet.h>

/* RFC 1035, 2.3.4: a label and a whole name, in text form. */
#define LABEL_MAX 63
#define HOST_MAX 253
/* RFC 5321, 4.5.3.1.3: a path without its angle brackets. */
#define EMAIL_MAX 254

static size_t parse_address(const char *text, unsigned char out[16])
{
	if (inet_pton(AF_INET, text, out) == 1)
	{
		return 4;
	}
	if (inet_pton(AF_INET6, text, out) == 1)
	{
		return 16;
	}
	return 0;
}

static bool is_label_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		   (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* Labels of letters, digits and inner hyphens; no wildcard: a certificate
 * stands for the names its account has, not for a pattern. */
static bool is_host(const char *text)
{
	size_t len = strlen(text);
	size_t label = 0;
	size_t i;

	if (!len || len > HOST_MAX)
	{
		return false;
	}
	for (i = 0; i < len; i++)
	{
		if (text[i] == '.')
		{
			if (!label || text[i - 1] == '-')
			{
				return false;
			}
			label = 0;
			continue;
		}
		if (!is_label_char(text[i]) || (!label && text[i] == '-') ||
			++label > LABEL_MAX)
		{
			return false;
		}
	}
	return label && text[len - 1] != '-';
}

static bool is_local_part_char(char c)
{
	/* atext and '.' (RFC 5322, 3.2.3); quoted strings are not for names */
	return is_label_char(c) || (c && strchr(".!#$%&'*+/=?^`{|}~", c));
}

static bool is_email(const char *text)
{
	const char *at = strchr(text, '@');
	const char *c;

	if (!at || at == text || strlen(text) > EMAIL_MAX || !is_host(at + 1))
	{
		return false;
	}
	for (c = text; c < at; c++)
	{
		if (!is_local_part_char(*c))
		{
			return false;
		}
	}
	return true;
}

const char *obol_san_kind(const char *text)
{
	unsigned char address[16];

	if (strchr(text, '@'))
	{
		return "email";
	}
	return parse_address(text, address) ? "ip" : "dns";
}

bool obol_issuer_name_is_usable(const char *name)
{
	unsigned char address[16];

	return parse_address(name, address) || is_email(name) || is_host(name);
}

static enum obol_status fill(GENERAL_NAME *name, int type, const void *bytes,
							 size_t len)
{
	bool is_address = type == GEN_IPADD;
	ASN1_STRING *value = ASN1_STRING_type_new(is_address ? V_ASN1_OCTET_STRING
														 : V_ASN1_IA5STRING);

	if (!value || !ASN1_STRING_set(value, bytes, (int)len))
	{
		ASN1_STRING_free(value);
		return OBOL_ERR_NOMEM;
	}
	GENERAL_NAME_set0_value(name, type, value);
	return OBOL_OK;
}

enum obol_status obol_san_new(const char *text, GENERAL_NAME **out)
{
	unsigned char address[16];
	size_t address_len = parse_address(text, address);
	GENERAL_NAME *name;
	enum obol_status status;

	if (!obol_issuer_name_is_usable(text))
	{
		return OBOL_ERR_ARG;
	}
	name = GENERAL_NAME_new();
	if (!name)
	{
		return OBOL_ERR_NOMEM;
	}
	if (address_len)
	{
		status = fill(name, GEN_IPADD, address, address_len);
	}
	else
	{
		status = fill(name, strchr(text, '@') ? GEN_EMAIL : GEN_DNS, text,
					  strlen(text));
	}
	if (status != OBOL_OK)
	{
		GENERAL_NAME_free(name);
		return status;
	}
	*out = name;
	return OBOL_OK;
}
