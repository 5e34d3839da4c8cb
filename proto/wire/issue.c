/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Issue. */
#include "wire/family.h"
#include "wire/field.h"

static const struct obol_bounds pkcs10_bounds = { 1, OBOL_PKCS10_MAX };
static const struct obol_bounds certificate_bounds = { 1,
													   OBOL_CERTIFICATE_MAX };

static void write_issue(struct obol_writer *w, const struct obol_request *msg)
{
	obol_write_data16(w, msg->pkcs10, pkcs10_bounds);
}

static void read_issue(struct obol_reader *r, struct obol_request *msg)
{
	msg->pkcs10 = obol_read_data16(r, pkcs10_bounds);
}

static void write_certificates(struct obol_writer *w,
							   const struct obol_bytes *certificates, size_t n)
{
	size_t i;

	obol_write_count8(w, n, OBOL_CHAIN_MAX);
	for (i = 0; i < n && obol_writer_status(w) == OBOL_OK; i++)
	{
		obol_write_data16(w, certificates[i], certificate_bounds);
	}
}

static uint8_t read_certificates(struct obol_reader *r,
								 struct obol_bytes *certificates)
{
	uint8_t n = obol_read_count8(r, OBOL_CHAIN_MAX);
	size_t i;

	for (i = 0; i < n && obol_reader_ok(r); i++)
	{
		certificates[i] = obol_read_data16(r, certificate_bounds);
	}
	return n;
}

static void write_issue_answer(struct obol_writer *w,
							   const struct obol_answer *msg)
{
	const struct obol_issue_answer *issue = &msg->issue;

	obol_write_data16(w, issue->certificate, certificate_bounds);
	write_certificates(w, issue->chain, issue->n_chain);
	write_certificates(w, issue->cas, issue->n_cas);
}

static void read_issue_answer(struct obol_reader *r, struct obol_answer *msg)
{
	struct obol_issue_answer *issue = &msg->issue;

	issue->certificate = obol_read_data16(r, certificate_bounds);
	issue->n_chain = read_certificates(r, issue->chain);
	issue->n_cas = read_certificates(r, issue->cas);
}

const struct obol_request_codec obol_issue_requests[] = {
	{ OBOL_ISSUE, write_issue, read_issue },
	{ 0, NULL, NULL },
};

const struct obol_answer_codec obol_issue_answers[] = {
	{ OBOL_ISSUE_ANSWER, write_issue_answer, read_issue_answer },
	{ 0, NULL, NULL },
};
