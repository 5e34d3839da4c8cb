/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What stands in users' certificates, from templates of the operator's:
 *
 *   subject   "CN=%a, O=Example"	attributes with commas between them
 *   san       "%i, %d.%a.example.org"	names with commas between them
 *
 * Placeholders: %a the account's name, %i its IKE identity, %d the label of
 * the device that asks (device mode alone has it), %% a percent sign. A
 * backslash takes the next character as it is. A part whose %d has no value is
 * left out, and so is a SAN with characters beyond ASCII. A value of an
 * attribute that is longer than 64 bytes is cut at a character's end and told
 * apart by a hash of all of it. In a SAN, the label's letters and digits stand
 * in lower case, and '-' for each run of other characters.
 *
 * A device's label is chosen by its user. So that nobody takes another's names
 * with it, the subject has %a or %i, an attribute with %d has nothing else, a
 * SAN with %d has %a or %i too and one of '.', '@', '+' on each side of %d
 * where it is not the end; and %i is one of the SANs.
 */
#ifndef OBOL_ISSUE_TEMPLATE_H_
#define OBOL_ISSUE_TEMPLATE_H_

#include "issue/issuer.h"

/** Parts of one template, and bytes of a part. */
#define OBOL_TEMPLATE_PARTS_MAX 8
#define OBOL_TEMPLATE_PART_MAX 255
/** What stands in certificates unless the operator says otherwise. */
#define OBOL_TEMPLATE_SUBJECT "CN=%a"
#define OBOL_TEMPLATE_SAN "%i"

struct obol_template {
	size_t n;
	struct obol_template_part {
		/** of an attribute, such as "CN"; NULL in SANs */
		const char *type;
		/** with its placeholders */
		char pattern[OBOL_TEMPLATE_PART_MAX + 1];
	} parts[OBOL_TEMPLATE_PARTS_MAX];
};

/**
 * Read a template.
 *
 * @param why	receives what is wrong with it, without "subject" or "san"
 * @return		false when it cannot be used
 */
bool obol_template_subject(const char *text, struct obol_template *subject,
						   char *why, size_t size);
bool obol_template_san(const char *text, struct obol_template *san, char *why,
					   size_t size);

/** What placeholders stand for. */
struct obol_template_values {
	struct obol_bytes account;
	const char *identity;
	/** "" for none */
	const char *device;
};

/** What templates come to for one certificate. */
struct obol_template_names {
	size_t n_attributes;
	struct obol_certificate_attribute attributes[OBOL_TEMPLATE_PARTS_MAX];
	size_t n_sans;
	char sans[OBOL_CERTIFICATE_SANS_MAX][OBOL_NAME_MAX + 1];
};

/**
 * Fill templates in.
 *
 * @return	OK; ARG when a name becomes too long
 */
enum obol_status
obol_template_fill(const struct obol_template *subject,
				   const struct obol_template *san,
				   const struct obol_template_values *values,
				   struct obol_template_names *names) OBOL_MUST_CHECK;

#endif /* OBOL_ISSUE_TEMPLATE_H_ */
