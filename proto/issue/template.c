/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Templates of subjects and subjectAltNames. */
#include "issue/template.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <openssl/sha.h>

#include "issue/certificate.h"

/** Hexadecimal digits that tell long values apart behind their cut. */
#define CUT_DIGITS 16
#define VALUE_MAX (sizeof(((struct obol_certificate_attribute *)0)->value) - 1)
/** A part with everything filled in. */
#define FILLED_MAX (OBOL_TEMPLATE_PART_MAX + 3 * OBOL_NAME_MAX)

static const char *const types[] = {
	"CN", "O", "OU", "C", "ST", "L", "DC", "serialNumber",
};

static bool fail(char *why, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static bool fail(char *why, size_t size, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(why, size, fmt, args);
	va_end(args);
	return false;
}

/*
 * Reading
 */

/** Cut off the next part, up to a comma that no backslash stands before. */
static bool next_part(const char **text, char *part, char *why, size_t size)
{
	const char *c = *text;
	size_t len = 0, solid = 0;

	while (*c == ' ')
	{
		c++;
	}
	for (; *c && *c != ','; c++)
	{
		bool is_taken = *c == '\\' && c[1];

		c += is_taken ? 1 : 0;
		if (len == OBOL_TEMPLATE_PART_MAX)
		{
			return fail(why, size, "has a part of more than %d bytes",
						OBOL_TEMPLATE_PART_MAX);
		}
		part[len++] = *c;
		solid = *c != ' ' || is_taken ? len : solid;
	}
	part[solid] = '\0';
	*text = *c ? c + 1 : c;
	return *part || fail(why, size, "has an empty part");
}

static bool has(const char *pattern, char placeholder)
{
	const char *c;

	for (c = strchr(pattern, '%'); c; c = strchr(c + 2, '%'))
	{
		if (c[1] == placeholder)
		{
			return true;
		}
	}
	return false;
}

static bool check_placeholders(const char *pattern, char *why, size_t size)
{
	const char *c;

	for (c = strchr(pattern, '%'); c; c = strchr(c + 2, '%'))
	{
		if (!c[1] || !strchr("aid%", c[1]))
		{
			return fail(why, size,
						"has the unknown placeholder %%%.1s; there are %%a "
						"(account), %%i (identity), %%d (device) and %%%%",
						c + 1);
		}
	}
	return true;
}

static const char *find_type(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
	{
		if (strlen(types[i]) == len && strncmp(types[i], text, len) == 0)
		{
			return types[i];
		}
	}
	return NULL;
}

static bool take_attribute(char *text, struct obol_template_part *part,
						   char *why, size_t size)
{
	char *equals = strchr(text, '=');

	part->type = equals ? find_type(text, (size_t)(equals - text)) : NULL;
	if (!part->type || !equals[1])
	{
		return fail(why, size,
					"is of attributes such as CN=%%a, which may be CN, O, OU, "
					"C, ST, L, DC, serialNumber");
	}
	(void)snprintf(part->pattern, sizeof(part->pattern), "%s", equals + 1);
	if (!check_placeholders(part->pattern, why, size))
	{
		return false;
	}
	if (has(part->pattern, 'd') && strcmp(part->pattern, "%d") != 0)
	{
		return fail(why, size,
					"has %%d together with something else in one attribute: "
					"a device's label is its user's choice, so give it an "
					"attribute of its own");
	}
	return true;
}

/* An alias such as "%a-%d" could be had by two accounts. */
static bool label_stands_apart(const char *pattern)
{
	static const char separators[] = ".@+";
	const char *c;

	for (c = strchr(pattern, '%'); c; c = strchr(c + 2, '%'))
	{
		if (c[1] == 'd' && ((c > pattern && !strchr(separators, c[-1])) ||
							(c[2] && !strchr(separators, c[2]))))
		{
			return false;
		}
	}
	return true;
}

static bool check_san(const char *pattern, char *why, size_t size)
{
	if (!check_placeholders(pattern, why, size))
	{
		return false;
	}
	if (has(pattern, 'd') && ((!has(pattern, 'a') && !has(pattern, 'i')) ||
							  !label_stands_apart(pattern)))
	{
		return fail(why, size,
					"has a name that one account's device could share with "
					"another account: %%d goes with %%a or %%i, and with '.', "
					"'@' or '+' beside it");
	}
	return true;
}

/* Attributes have bounds and alphabets of their own (RFC 5280, appendix A.1),
 * which OpenSSL knows: try. */
static bool try_subject(const struct obol_template *subject, char *why,
						size_t size)
{
	static const struct obol_template no_san = { .n = 0 };
	struct obol_template_values values = { obol_bytes_str("a"), "a@example.org",
										   "d" };
	struct obol_template_names names;

	if (obol_template_fill(subject, &no_san, &values, &names) != OBOL_OK ||
		!obol_certificate_subject_is_usable(names.attributes,
											names.n_attributes))
	{
		return fail(why, size,
					"has a value that its attribute cannot hold: C is two "
					"letters, all are UTF-8 without control characters");
	}
	return true;
}

bool obol_template_subject(const char *text, struct obol_template *subject,
						   char *why, size_t size)
{
	char part[OBOL_TEMPLATE_PART_MAX + 1];
	bool names_account = false;

	memset(subject, 0, sizeof(*subject));
	do
	{
		struct obol_template_part *next = &subject->parts[subject->n];

		if (subject->n == OBOL_TEMPLATE_PARTS_MAX)
		{
			return fail(why, size, "has more than %d attributes",
						OBOL_TEMPLATE_PARTS_MAX);
		}
		if (!next_part(&text, part, why, size) ||
			!take_attribute(part, next, why, size))
		{
			return false;
		}
		names_account |= has(next->pattern, 'a') || has(next->pattern, 'i');
		subject->n++;
	} while (*text);
	return (names_account ||
			fail(why, size, "names no account: it needs %%a or %%i")) &&
		   try_subject(subject, why, size);
}

bool obol_template_san(const char *text, struct obol_template *san, char *why,
					   size_t size)
{
	char part[OBOL_TEMPLATE_PART_MAX + 1];
	bool has_identity = false;

	memset(san, 0, sizeof(*san));
	do
	{
		if (san->n == OBOL_CERTIFICATE_SANS_MAX)
		{
			return fail(why, size, "has more than %d names",
						OBOL_CERTIFICATE_SANS_MAX);
		}
		if (!next_part(&text, part, why, size) || !check_san(part, why, size))
		{
			return false;
		}
		has_identity |= strcmp(part, "%i") == 0;
		(void)snprintf(san->parts[san->n].pattern,
					   sizeof(san->parts[san->n].pattern), "%s", part);
		san->n++;
	} while (*text);
	return has_identity ||
		   fail(why, size,
				"lacks %%i, the identity that the account is known by");
}

/*
 * Filling in
 */

/** A label as part of a host name or mail address. */
static void label_as_name(const char *label, char out[OBOL_LABEL_MAX + 1])
{
	size_t len = 0;

	for (; *label && len < OBOL_LABEL_MAX; label++)
	{
		unsigned char c = (unsigned char)*label;

		if (c < 0x80 && isalnum(c))
		{
			out[len++] = (char)tolower(c);
		}
		else if (len > 0 && out[len - 1] != '-')
		{
			out[len++] = '-';
		}
	}
	while (len > 0 && out[len - 1] == '-')
	{
		len--;
	}
	out[len] = '\0';
}

/** Replace the placeholders; false when one has no value. */
static bool fill_in(const char *pattern,
					const struct obol_template_values *values,
					const char *device, char out[FILLED_MAX + 1])
{
	struct obol_bytes value;
	size_t len = 0;
	const char *c;

	for (c = pattern; *c; c++)
	{
		value = obol_bytes(c, 1);
		if (*c == '%')
		{
			c++;
			value = *c == 'a'   ? values->account
					: *c == 'i' ? obol_bytes_str(values->identity)
					: *c == 'd' ? obol_bytes_str(device)
								: obol_bytes(c, 1);
		}
		if (value.len == 0 || value.len > FILLED_MAX - len)
		{
			return false;
		}
		memcpy(out + len, value.ptr, value.len);
		len += value.len;
	}
	out[len] = '\0';
	return true;
}

/* A value that is too long is cut at a character's end, and a hash of all of
 * it keeps it apart from others. */
static void set_value(const char *text, char out[VALUE_MAX + 1])
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	size_t keep = VALUE_MAX - CUT_DIGITS - 1;
	size_t len = strlen(text);
	size_t i;

	if (len <= VALUE_MAX)
	{
		memcpy(out, text, len + 1);
		return;
	}
	while (keep > 0 && ((unsigned char)text[keep] & 0xc0) == 0x80)
	{
		keep--;
	}
	memcpy(out, text, keep);
	out[keep++] = '~';
	(void)SHA256((const unsigned char *)text, len, digest);
	for (i = 0; i < CUT_DIGITS / 2; i++)
	{
		(void)snprintf(out + keep + 2 * i, 3, "%02x", digest[i]);
	}
}

/* A subjectAltName holds ASCII; an account beyond it has its subject alone,
 * and that is its IKE identity. */
static bool is_ascii(const char *text)
{
	for (; *text; text++)
	{
		if ((unsigned char)*text >= 0x80)
		{
			return false;
		}
	}
	return true;
}

enum obol_status obol_template_fill(const struct obol_template *subject,
									const struct obol_template *san,
									const struct obol_template_values *values,
									struct obol_template_names *names)
{
	char filled[FILLED_MAX + 1], label[OBOL_LABEL_MAX + 1];
	size_t i, len;

	memset(names, 0, sizeof(*names));
	for (i = 0; i < subject->n; i++)
	{
		struct obol_certificate_attribute *attribute =
			&names->attributes[names->n_attributes];

		if (fill_in(subject->parts[i].pattern, values, values->device, filled))
		{
			attribute->type = subject->parts[i].type;
			set_value(filled, attribute->value);
			names->n_attributes++;
		}
	}
	label_as_name(values->device, label);
	for (i = 0; i < san->n; i++)
	{
		if (!fill_in(san->parts[i].pattern, values, label, filled) ||
			!is_ascii(filled))
		{
			continue;
		}
		len = strlen(filled);
		if (len > OBOL_NAME_MAX)
		{
			return OBOL_ERR_ARG;
		}
		memcpy(names->sans[names->n_sans++], filled, len + 1);
	}
	return OBOL_OK;
}
