/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The anchors set's body, and the lists of CA certificates around it. */
#include "seal/anchors.h"

#include "base/reader.h"

#define LABEL "Obol-v1 anchors"
#define LABEL_LEN (sizeof(LABEL) - 1)

static bool has(const struct obol_bytes *cas, size_t n, struct obol_bytes ca)
{
	size_t i;

	for (i = 0; i < n; i++)
	{
		if (obol_bytes_eq(cas[i], ca))
		{
			return true;
		}
	}
	return false;
}

static bool body_is_usable(const struct obol_anchors_body *body)
{
	size_t i;

	if (body->number == 0 || body->n_cas == 0 || body->n_cas > OBOL_CHAIN_MAX)
	{
		return false;
	}
	for (i = 0; i < body->n_cas; i++)
	{
		if (body->cas[i].len == 0 || body->cas[i].len > OBOL_CERTIFICATE_MAX ||
			has(body->cas, i, body->cas[i]))
		{
			return false;
		}
	}
	return true;
}

void obol_anchors_body_encode(struct obol_writer *w,
							  const struct obol_anchors_body *body)
{
	size_t i;

	if (!body_is_usable(body))
	{
		obol_writer_fail(w, OBOL_ERR_ARG);
		return;
	}
	obol_write_bytes(w, obol_bytes_str(LABEL));
	obol_write_u32(w, body->number);
	obol_write_u64(w, body->created_at);
	obol_write_u8(w, body->n_cas);
	for (i = 0; i < body->n_cas; i++)
	{
		obol_write_vec16(w, body->cas[i]);
	}
}

enum obol_status obol_anchors_body_decode(struct obol_bytes bytes,
										  struct obol_anchors_body *out)
{
	struct obol_reader r = obol_reader_over(bytes);
	struct obol_anchors_body body;
	enum obol_status status;
	size_t i;

	memset(&body, 0, sizeof(body));
	if (!obol_bytes_eq(obol_read_fixed(&r, LABEL_LEN), obol_bytes_str(LABEL)))
	{
		obol_reader_fail(&r);
	}
	body.number = obol_read_u32(&r);
	body.created_at = obol_read_u64(&r);
	body.n_cas = obol_read_u8(&r);
	if (body.n_cas > OBOL_CHAIN_MAX)
	{
		obol_reader_fail(&r);
	}
	for (i = 0; i < body.n_cas && obol_reader_ok(&r); i++)
	{
		body.cas[i] = obol_read_vec16(&r, OBOL_CERTIFICATE_MAX);
	}
	status = obol_read_end(&r);
	if (status == OBOL_OK && !body_is_usable(&body))
	{
		status = OBOL_ERR_FORMAT;
	}
	if (status == OBOL_OK)
	{
		*out = body;
	}
	return status;
}

bool obol_anchors_trust_has(const struct obol_anchors_trust *trust,
							struct obol_bytes ca)
{
	return has(trust->cas, trust->n_cas, ca);
}

void obol_anchors_trust_add(struct obol_anchors_trust *trust,
							struct obol_bytes ca)
{
	if (trust->n_cas < OBOL_ANCHORS_TRUST_MAX &&
		!obol_anchors_trust_has(trust, ca))
	{
		trust->cas[trust->n_cas++] = ca;
	}
}
