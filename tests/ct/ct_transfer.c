/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A transfer under a code that is read out, up to the keys. */
#include "ct/ct.h"
#include "transfer/machine.h"

static const struct obol_transfer_item item = { "vpn", 7, 4 };

static struct obol_transfer_code *typed(struct obol_secret *text)
{
	struct obol_transfer_place places[OBOL_TRANSFER_PLACES_MAX];
	struct obol_transfer_code *code = NULL;
	size_t n_places = 0;

	CT_CHECK(obol_transfer_code_parse(obol_secret_view(text), 0, &code, places,
									  &n_places) == OBOL_OK);
	obol_secret_free(text);
	ct_probe_secret("what was typed", obol_transfer_code_secret(
										  code, obol_transfer_code_kind(code)));
	return code;
}

/* What one has to say in clear, to the other: records have what their reader
 * takes apart, credentials apart. */
static bool pass(struct obol_transfer *from, struct obol_transfer *to)
{
	struct obol_bytes out = obol_transfer_output(from);
	size_t len = out.len, used = 1;

	while (out.len && used && out.ptr[0] != OBOL_TRANSFER_RECORD)
	{
		obol_transfer_input(to, out, 0, &used);
		out = obol_bytes(out.ptr + used, out.len - used);
	}
	obol_transfer_sent(from, len);
	return len > 0;
}

static void agree(struct obol_transfer_code *made,
				  struct obol_transfer_code *code)
{
	struct obol_transfer *sender = NULL, *receiver = NULL;

	CT_CHECK(obol_transfer_send_new(made, "laptop", &item, 1, NULL, &sender) ==
			 OBOL_OK);
	CT_CHECK(obol_transfer_receive_new(code, "phone", NULL, &receiver) ==
			 OBOL_OK);
	while (pass(receiver, sender) || pass(sender, receiver))
	{
	}
	CT_CHECK(obol_transfer_is_confirmed(sender));
	CT_CHECK(obol_transfer_is_confirmed(receiver));
	ct_probe_secret("the receipt's key", sender->keys.receipt);
	obol_transfer_free(sender);
	obol_transfer_free(receiver);
}

/* A link is told from a code by its first letters, and cut at its slashes: only
 * the code's digits are looked at here. */
static void spoken(void)
{
	struct obol_transfer_code *made = NULL, *code;
	struct obol_secret *text = NULL;
	uint8_t first;

	CT_CHECK(obol_transfer_code_new(NULL, 0, &made) == OBOL_OK);
	ct_probe_secret("the digits",
					obol_transfer_code_secret(made, OBOL_TRANSFER_SPOKEN));
	CT_CHECK(obol_transfer_code_text(made, &text) == OBOL_OK);
	first = obol_secret_view(text).ptr[0];
	CT_CHECK(first >= '0' && first <= '9');
	code = typed(text);
	agree(made, code);
	obol_transfer_code_free(made);
	obol_transfer_code_free(code);
}

const struct ct_case ct_transfer_cases[] = {
	{ "transfer_by_code", spoken },
	{ NULL, NULL },
};
