/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the signer and those who ask it say to each other. */
#include "daemon/signer_wire.h"

#include <stdlib.h>

static const enum obol_status statuses[] = {
	OBOL_OK,         OBOL_ERR_ARG, OBOL_ERR_DENIED, OBOL_ERR_NOMEM,
	OBOL_ERR_FORMAT, OBOL_ERR_IO,  OBOL_ERR_CRYPTO, OBOL_ERR_TIMEOUT,
};
#define N_STATUSES (sizeof(statuses) / sizeof(statuses[0]))
/** CRYPTO's place */
#define ANY_OTHER 6

void obol_signer_write_status(struct obol_writer *w, enum obol_status status)
{
	uint8_t i = 0;

	while (i < N_STATUSES && statuses[i] != status)
	{
		i++;
	}
	obol_write_u8(w, i < N_STATUSES ? i : ANY_OTHER);
}

enum obol_status obol_signer_read_status(struct obol_reader *r)
{
	uint8_t code = obol_read_u8(r);

	return obol_reader_ok(r) && code < N_STATUSES ? statuses[code]
												  : OBOL_ERR_IO;
}

void obol_signer_write_answer(struct obol_writer *w, struct obol_bytes nonce,
							  enum obol_status status, struct obol_bytes body)
{
	obol_write_bytes(w, nonce);
	obol_signer_write_status(w, status);
	if (status == OBOL_OK)
	{
		obol_write_bytes(w, body);
	}
}

void obol_signer_write_chain(struct obol_writer *w,
							 const struct obol_issuer *issuer)
{
	size_t i;

	obol_write_u64(w, issuer->not_after);
	obol_write_u8(w, issuer->n_chain);
	for (i = 0; i < issuer->n_chain; i++)
	{
		obol_write_vec24(w, issuer->chain[i]);
	}
	obol_write_u8(w, issuer->n_cas);
	for (i = 0; i < issuer->n_cas; i++)
	{
		obol_write_vec24(w, issuer->cas[i]);
	}
}

/* A text without zero bytes; its room is max + 1. */
static void read_text(struct obol_reader *r, char *out, size_t max)
{
	struct obol_bytes text = obol_read_vec16(r, max);

	out[0] = '\0';
	if (text.len && memchr(text.ptr, '\0', text.len))
	{
		obol_reader_fail(r);
		return;
	}
	if (text.len)
	{
		memcpy(out, text.ptr, text.len);
	}
	out[text.len] = '\0';
}

/*
 * Profiles
 */

void obol_signer_write_profile(struct obol_writer *w,
							   const struct obol_certificate_profile *profile)
{
	size_t i;

	obol_write_vec16(w, obol_bytes_str(profile->common_name));
	obol_write_u8(w, (uint8_t)profile->n_attributes);
	for (i = 0; i < profile->n_attributes; i++)
	{
		obol_write_vec16(w, obol_bytes_str(profile->attributes[i].type));
		obol_write_vec16(w, obol_bytes_str(profile->attributes[i].value));
	}
	obol_write_u8(w, (uint8_t)profile->n_sans);
	for (i = 0; i < profile->n_sans; i++)
	{
		obol_write_vec16(w, obol_bytes_str(profile->sans[i]));
	}
	obol_write_u32(w, profile->lifetime_s);
	obol_write_u8(w, profile->is_gateway);
	obol_write_vec16(w,
					 obol_bytes_str(profile->crl_uri ? profile->crl_uri : ""));
}

static void read_attributes(struct obol_reader *r,
							struct obol_signer_profile *out)
{
	size_t n = obol_read_u8(r), i;

	if (n > OBOL_SIGNER_ATTRIBUTES_MAX)
	{
		obol_reader_fail(r);
		return;
	}
	for (i = 0; i < n; i++)
	{
		read_text(r, out->types[i], sizeof(out->types[i]) - 1);
		read_text(r, out->attributes[i].value,
				  sizeof(out->attributes[i].value) - 1);
		out->attributes[i].type = out->types[i];
	}
	out->profile.n_attributes = n;
	out->profile.attributes = out->attributes;
}

void obol_signer_read_profile(struct obol_reader *r,
							  struct obol_signer_profile *out)
{
	size_t n, i;

	memset(out, 0, sizeof(*out));
	read_text(r, out->profile.common_name,
			  sizeof(out->profile.common_name) - 1);
	read_attributes(r, out);
	n = obol_read_u8(r);
	if (n > OBOL_CERTIFICATE_SANS_MAX)
	{
		obol_reader_fail(r);
		return;
	}
	for (i = 0; i < n; i++)
	{
		read_text(r, out->sans[i], sizeof(out->sans[i]) - 1);
		out->profile.sans[i] = out->sans[i];
	}
	out->profile.n_sans = n;
	out->profile.lifetime_s = obol_read_u32(r);
	out->profile.is_gateway = obol_read_bool(r);
	read_text(r, out->crl_uri, sizeof(out->crl_uri) - 1);
	out->profile.crl_uri = *out->crl_uri ? out->crl_uri : NULL;
}

/*
 * Certificates
 */

void obol_signer_write_issued(struct obol_writer *w,
							  const struct obol_issued *issued)
{
	obol_write_vec8(w, obol_bytes(issued->serial, issued->serial_len));
	obol_write_u64(w, issued->not_before);
	obol_write_u64(w, issued->not_after);
	obol_write_vec16(w, obol_bytes_str(issued->subject));
	obol_write_vec24(w,
					 obol_bytes(issued->certificate, issued->certificate_len));
}

enum obol_status obol_signer_read_issued(struct obol_reader *r,
										 struct obol_issued *out)
{
	struct obol_issued issued = { .certificate = NULL };
	struct obol_bytes serial = obol_read_vec8(r, sizeof(issued.serial));
	struct obol_bytes certificate;

	issued.not_before = obol_read_u64(r);
	issued.not_after = obol_read_u64(r);
	read_text(r, issued.subject, sizeof(issued.subject) - 1);
	certificate = obol_read_vec24(r, OBOL_CERTIFICATE_MAX);
	if (obol_read_end(r) != OBOL_OK || !serial.len || !certificate.len)
	{
		return OBOL_ERR_IO;
	}
	memcpy(issued.serial, serial.ptr, serial.len);
	issued.serial_len = (uint8_t)serial.len;
	issued.certificate = malloc(certificate.len);
	if (!issued.certificate)
	{
		return OBOL_ERR_NOMEM;
	}
	memcpy(issued.certificate, certificate.ptr, certificate.len);
	issued.certificate_len = certificate.len;
	*out = issued;
	return OBOL_OK;
}

/*
 * Entries of a revocation list
 */

void obol_signer_write_entries(struct obol_writer *w,
							   const struct obol_crl_entry *entries, size_t n)
{
	size_t i;

	obol_write_u16(w, (uint16_t)n);
	for (i = 0; i < n; i++)
	{
		obol_write_vec8(w,
						obol_bytes(entries[i].serial, entries[i].serial_len));
		obol_write_u8(w, entries[i].reason);
		obol_write_u64(w, entries[i].revoked_at);
	}
}

size_t obol_signer_read_entries(struct obol_reader *r,
								struct obol_crl_entry *entries, size_t max)
{
	size_t n = obol_read_u16(r), i;

	if (n > max)
	{
		obol_reader_fail(r);
		return 0;
	}
	for (i = 0; i < n; i++)
	{
		struct obol_bytes serial = obol_read_vec8(r, sizeof(entries[i].serial));

		entries[i].serial_len = (uint8_t)serial.len;
		if (serial.len)
		{
			memcpy(entries[i].serial, serial.ptr, serial.len);
		}
		entries[i].reason = obol_read_u8(r);
		entries[i].revoked_at = obol_read_u64(r);
	}
	return obol_reader_ok(r) ? n : 0;
}
