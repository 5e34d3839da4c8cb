/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a signer is asked, as it comes and as conversations on two
 * connections. */
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "daemon/signer_core.h"
#include "daemon/signer_wire.h"
#include "fuzz/signer_ca.h"
#include "fuzz/support.h"

#define ORDERS_MAX 24
#define TABLE_ROWS 8
#define LIFETIME_MAX_S 86400
#define USERS_END "@example.org"
#define GATEWAY "gw.example.org"
/** operation and nonce */
#define HEAD_LEN (1 + OBOL_SIGNER_NONCE_LEN)

struct play {
	struct obol_signer_options options;
	struct obol_signer_core core;
	struct obol_log log;
	struct driven_clock *clock;
	struct fuzz_rng rng;
	/** connections, and what their lists must come to */
	struct obol_signer_draft drafts[2];
	bool is_begun[2];
	size_t n_wanted[2];
	size_t n_have[2];
	size_t signed_len[2];
};

/*
 * Answers
 */

static bool ends_in(const char *name, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len > n && OPENSSL_strncasecmp(name + len - n, end, n) == 0;
}

/* Users' names alone, or the one gateway's; nobody gets the server's. */
static void check_names(X509 *x, bool is_gateway)
{
	GENERAL_NAMES *names =
		X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	int i;

	for (i = 0; i < sk_GENERAL_NAME_num(names); i++)
	{
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		const ASN1_STRING *text = name->d.ia5;
		const char *data = (const char *)ASN1_STRING_get0_data(text);
		size_t len = (size_t)ASN1_STRING_length(text);

		FUZZ_CHECK(is_gateway ? len == strlen(GATEWAY) &&
									OPENSSL_strncasecmp(data, GATEWAY, len) == 0
							  : ends_in(data, len, USERS_END));
	}
	GENERAL_NAMES_free(names);
}

static void check_certificate(const struct play *play, struct obol_reader *r,
							  bool is_gateway)
{
	uint64_t now = obol_now(&play->clock->clock);
	struct obol_issued issued;
	const unsigned char *pos;
	X509 *x;

	FUZZ_CHECK(obol_signer_read_issued(r, &issued) == OBOL_OK);
	pos = issued.certificate;
	x = d2i_X509(NULL, &pos, (long)issued.certificate_len);
	FUZZ_CHECK(x && pos == issued.certificate + issued.certificate_len);
	FUZZ_CHECK(X509_verify(x, fuzz_signer_ca_key()) == 1);
	FUZZ_CHECK(X509_check_ca(x) == 0);
	FUZZ_CHECK(X509_check_host(x, "vpn.example.org", 0, 0, NULL) != 1);
	FUZZ_CHECK(issued.not_after <= now + LIFETIME_MAX_S);
	check_names(x, is_gateway);
	X509_free(x);
	ERR_clear_error();
	obol_issued_clear(&issued);
}

static void check_list(struct play *play, size_t i)
{
	const struct obol_signer_draft *draft = &play->drafts[i];
	const unsigned char *pos = draft->der;
	X509_CRL *crl = d2i_X509_CRL(NULL, &pos, (long)draft->len);

	FUZZ_CHECK(crl && X509_CRL_verify(crl, fuzz_signer_ca_key()) == 1);
	FUZZ_CHECK((size_t)(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl)) < 0
							? 0
							: sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl))) ==
			   play->n_wanted[i]);
	X509_CRL_free(crl);
}

/* Give a request to the signer; its answer has the shape of one. What the body
 * must say is the caller's to check. */
static enum obol_status ask(struct play *play, size_t i, struct obol_bytes in,
							struct obol_writer *out, struct obol_reader *body)
{
	const struct obol_signer_asker asker = {
		.role = OBOL_SIGNER_OBOLD,
		.name = "fuzz",
		.draft = &play->drafts[i],
	};
	enum obol_status status = OBOL_ERR_FORMAT;
	bool is_answered;

	obol_writer_init(out);
	is_answered = obol_signer_core_answer(&play->core, &asker, in, out);
	FUZZ_CHECK(is_answered == (in.len >= HEAD_LEN));
	FUZZ_CHECK(!play->core.is_lost);
	*body = obol_reader_over(obol_writer_view(out));
	if (is_answered)
	{
		FUZZ_CHECK(
			obol_bytes_eq(obol_read_fixed(body, OBOL_SIGNER_NONCE_LEN),
						  obol_bytes(in.ptr + 1, OBOL_SIGNER_NONCE_LEN)));
		status = obol_signer_read_status(body);
		FUZZ_CHECK(obol_reader_ok(body));
		FUZZ_CHECK(status == OBOL_OK || obol_reader_left(body) == 0);
		/* with a token it would be taken for gone */
		FUZZ_CHECK(status != OBOL_ERR_CRYPTO);
		FUZZ_CHECK(out->len <= OBOL_SIGNER_MESSAGE_MAX);
	}
	return status;
}

/* Bytes of any kind: what comes back is at least what it should be. */
static void ask_raw(struct play *play, size_t i, struct obol_bytes in)
{
	struct obol_reader body;
	struct obol_writer out;
	enum obol_status status = ask(play, i, in, &out, &body);

	if (in.len >= HEAD_LEN && in.ptr[0] == OBOL_SIGNER_ISSUE &&
		status == OBOL_OK)
	{
		struct obol_signer_profile profile;
		struct obol_reader r = obol_reader_over(in);

		(void)obol_read_fixed(&r, HEAD_LEN + 1);
		(void)obol_read_vec16(&r, OBOL_PKCS10_MAX);
		obol_signer_read_profile(&r, &profile);
		FUZZ_CHECK(obol_read_end(&r) == OBOL_OK);
		check_certificate(play, &body, profile.profile.is_gateway);
	}
	obol_writer_clear(&out);
	/* what it has done to the list is not followed */
	obol_signer_draft_clear(&play->drafts[i]);
	play->is_begun[i] = false;
	play->signed_len[i] = 0;
}

/*
 * Orders
 */

static void head(struct obol_writer *w, uint8_t operation, uint8_t ca)
{
	static const uint8_t nonce[OBOL_SIGNER_NONCE_LEN] = { 1, 2, 3 };

	obol_writer_init(w);
	obol_write_u8(w, operation);
	obol_write_bytes(w, obol_bytes(nonce, sizeof(nonce)));
	obol_write_u8(w, ca);
}

static const char *some_name(struct fuzz_script *script, char room[64])
{
	static const char *const names[] = {
		"alice@example.org", GATEWAY,    "vpn.example.org",
		"@example.org",      "10.0.0.1", "Alice@EXAMPLE.org",
	};
	size_t which = fuzz_below(script, 8);
	struct obol_bytes text;

	if (which < sizeof(names) / sizeof(names[0]))
	{
		return names[which];
	}
	text = fuzz_bytes(script);
	text.len = text.len < 63 ? text.len : 63;
	memset(room, 0, 64);
	if (text.len)
	{
		memcpy(room, text.ptr, text.len);
	}
	return room;
}

static void order_certificate(struct play *play, struct fuzz_script *script,
							  size_t i)
{
	struct obol_certificate_attribute attributes[2] = {
		{ .type = "CN" },
		{ .type = fuzz_u8(script) & 1 ? "O" : "frob" },
	};
	struct obol_certificate_profile profile = { .attributes = attributes };
	char rooms[OBOL_CERTIFICATE_SANS_MAX + 3][64];
	struct obol_bytes key = fuzz_signer_spki();
	uint8_t how = fuzz_u8(script), ca = (uint8_t)fuzz_below(script, 3);
	struct obol_reader body;
	struct obol_writer w, out;
	size_t n;

	(void)snprintf(profile.common_name, sizeof(profile.common_name), "%s",
				   some_name(script, rooms[0]));
	profile.n_attributes = how & 1 ? fuzz_below(script, 3) : 0;
	for (n = 0; n < profile.n_attributes; n++)
	{
		(void)snprintf(attributes[n].value, sizeof(attributes[n].value), "%s",
					   some_name(script, rooms[1 + n]));
	}
	profile.n_sans = fuzz_below(script, OBOL_CERTIFICATE_SANS_MAX + 1);
	for (n = 0; n < profile.n_sans; n++)
	{
		profile.sans[n] = some_name(script, rooms[3 + n]);
	}
	profile.lifetime_s = how & 2 ? fuzz_u32(script) : 3600;
	profile.is_gateway = how & 4;
	profile.crl_uri = how & 8 ? "http://vpn.example.org/crl" : NULL;
	head(&w, OBOL_SIGNER_ISSUE, ca);
	obol_write_vec16(&w, how & 16 ? fuzz_bytes(script) : key);
	obol_signer_write_profile(&w, &profile);
	if (obol_writer_status(&w) == OBOL_OK)
	{
		if (ask(play, i, obol_writer_view(&w), &out, &body) == OBOL_OK)
		{
			FUZZ_CHECK(ca == OBOL_SIGNER_PRESENT);
			FUZZ_CHECK(profile.lifetime_s &&
					   profile.lifetime_s <= LIFETIME_MAX_S);
			check_certificate(play, &body, profile.is_gateway);
		}
		obol_writer_clear(&out);
	}
	obol_writer_clear(&w);
}

static void order_begin(struct play *play, struct fuzz_script *script, size_t i)
{
	uint8_t how = fuzz_u8(script);
	size_t n = how & 1 ? fuzz_u32(script) : fuzz_below(script, 8);
	uint64_t now = obol_now(&play->clock->clock);
	enum obol_status status;
	struct obol_reader body;
	struct obol_writer w, out;

	head(&w, OBOL_SIGNER_CRL_BEGIN, OBOL_SIGNER_PRESENT);
	obol_write_u64(&w, how & 2 ? fuzz_u64(script) : 7);
	obol_write_u64(&w, how & 4 ? fuzz_u64(script) : now);
	obol_write_u64(&w, how & 8 ? fuzz_u64(script) : now + 86400);
	obol_write_u32(&w, (uint32_t)n);
	status = ask(play, i, obol_writer_view(&w), &out, &body);
	FUZZ_CHECK(status ==
			   (n <= OBOL_SIGNER_ENTRIES_MAX ? OBOL_OK : OBOL_ERR_FORMAT));
	if (status == OBOL_OK)
	{
		play->is_begun[i] = true;
		play->n_wanted[i] = n;
		play->n_have[i] = 0;
		play->signed_len[i] = 0;
	}
	obol_writer_clear(&out);
	obol_writer_clear(&w);
}

static void order_add(struct play *play, struct fuzz_script *script, size_t i)
{
	struct obol_crl_entry entries[4];
	uint8_t how = fuzz_u8(script);
	size_t n = fuzz_below(script, 5), j;
	enum obol_status status;
	struct obol_reader body;
	struct obol_writer w, out;

	memset(entries, 0, sizeof(entries));
	for (j = 0; j < n; j++)
	{
		entries[j].serial_len =
			how & 1 ? (uint8_t)fuzz_below(script, sizeof(entries[j].serial) + 1)
					: 16;
		entries[j].serial[0] = how & 2 ? fuzz_u8(script) : 1;
		entries[j].reason = how & 4 ? fuzz_u8(script) : 1;
		entries[j].revoked_at =
			how & 8 ? fuzz_u64(script) : obol_now(&play->clock->clock);
	}
	head(&w, OBOL_SIGNER_CRL_ADD, OBOL_SIGNER_PRESENT);
	obol_signer_write_entries(&w, entries, n);
	status = ask(play, i, obol_writer_view(&w), &out, &body);
	if (!play->is_begun[i])
	{
		FUZZ_CHECK(status == OBOL_ERR_ARG);
	}
	else
	{
		bool fits = n <= play->n_wanted[i] - play->n_have[i];

		FUZZ_CHECK(status == (fits ? OBOL_OK : OBOL_ERR_FORMAT));
		play->n_have[i] += fits ? n : 0;
	}
	obol_writer_clear(&out);
	obol_writer_clear(&w);
}

static void order_sign(struct play *play, size_t i)
{
	bool is_due = play->is_begun[i] && !play->signed_len[i] &&
				  play->n_have[i] == play->n_wanted[i];
	enum obol_status status;
	struct obol_reader body;
	struct obol_writer w, out;

	head(&w, OBOL_SIGNER_CRL_SIGN, OBOL_SIGNER_PRESENT);
	status = ask(play, i, obol_writer_view(&w), &out, &body);
	/* times or serial numbers may be none */
	FUZZ_CHECK(status == OBOL_ERR_ARG || is_due);
	if (status == OBOL_OK)
	{
		play->signed_len[i] = obol_read_u32(&body);
		FUZZ_CHECK(obol_read_end(&body) == OBOL_OK && play->signed_len[i]);
		FUZZ_CHECK(play->signed_len[i] == play->drafts[i].len);
		check_list(play, i);
	}
	obol_writer_clear(&out);
	obol_writer_clear(&w);
}

static void order_read(struct play *play, struct fuzz_script *script, size_t i)
{
	size_t len = play->signed_len[i];
	size_t offset = fuzz_u8(script) & 1 ? fuzz_u32(script) : fuzz_u8(script);
	enum obol_status status;
	struct obol_reader body;
	struct obol_writer w, out;

	head(&w, OBOL_SIGNER_CRL_READ, OBOL_SIGNER_PRESENT);
	obol_write_u32(&w, (uint32_t)offset);
	status = ask(play, i, obol_writer_view(&w), &out, &body);
	FUZZ_CHECK(status == (len && offset <= len ? OBOL_OK : OBOL_ERR_ARG));
	if (status == OBOL_OK)
	{
		size_t n = obol_reader_left(&body);

		FUZZ_CHECK(n == (len - offset < OBOL_SIGNER_PART_MAX
							 ? len - offset
							 : OBOL_SIGNER_PART_MAX));
		FUZZ_CHECK(obol_bytes_eq(obol_read_fixed(&body, n),
								 obol_bytes(play->drafts[i].der + offset, n)));
	}
	obol_writer_clear(&out);
	obol_writer_clear(&w);
}

static void order(struct play *play, struct fuzz_script *script)
{
	uint8_t what = fuzz_u8(script);
	size_t i = what & 1;

	switch (what / 2 % 7)
	{
		case 0:
			order_certificate(play, script, i);
			break;
		case 1:
			order_begin(play, script, i);
			break;
		case 2:
			order_add(play, script, i);
			break;
		case 3:
			order_sign(play, i);
			break;
		case 4:
			order_read(play, script, i);
			break;
		case 5:
			ask_raw(play, i, fuzz_bytes(script));
			break;
		default:
			/* the rate of certificates goes by it */
			driven_clock_pass(play->clock, fuzz_u8(script));
			break;
	}
}

/*
 * The whole
 */

static void play_init(struct play *play)
{
	memset(play, 0, sizeof(*play));
	play->core.issuers[OBOL_SIGNER_PRESENT] = fuzz_signer_ca();
	play->clock = fuzz_signer_clock();
	fuzz_rng_init(&play->rng, 1);
	fuzz_log_init(&play->log);
	play->options.rules = (struct obol_signer_rules){
		.server_name = "vpn.example.org",
		.domain = "example.org",
		.n_names = 1,
		.names = { USERS_END },
		.n_gateways = 1,
		.gateways = { GATEWAY },
		.lifetime_max_s = LIFETIME_MAX_S,
	};
	play->options.per_second = 1;
	play->options.clock = &play->clock->clock;
	play->options.log = &play->log;
	FUZZ_CHECK(obol_keeper_table_new(TABLE_ROWS, &play->rng.rng,
									 &play->options.table) == OBOL_OK);
	play->core.options = &play->options;
	play->core.audit_fd = -1;
}

static void run(struct obol_bytes in)
{
	struct fuzz_script script = fuzz_script_over(in);
	struct play play;
	unsigned n;

	play_init(&play);
	if (fuzz_u8(&script) & 1)
	{
		ask_raw(&play, 0, fuzz_rest(&script));
	}
	for (n = 0; n < ORDERS_MAX && script.left; n++)
	{
		order(&play, &script);
	}
	obol_signer_draft_clear(&play.drafts[0]);
	obol_signer_draft_clear(&play.drafts[1]);
	obol_keeper_table_free(play.options.table);
}

/* clang-format off */
/* a certificate, a gateway's, one for the server, one above the lifetime */
static const uint8_t certificates[] = {
	0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 4, 0, 1, 1, 1, 0, 0, 0, 0, 0, 1, 2,
	0, 0, 2, 0, 0, 1, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 9, 0, 0, 2, 0, 5, 1, 0,
};
/* a list of three, in two parts; read; a second signature; an empty one */
static const uint8_t lists[] = {
	0, 2, 0, 3, 4, 0, 2, 4, 0, 1, 6, 8, 0, 0, 8, 1, 0, 0, 0, 200, 6,
	3, 0, 0, 7, 9, 0, 0, 2, 1, 0xff, 0xff, 0xff, 0xff, 4, 15, 4, 3, 1, 2, 3,
};
static const uint8_t chain[] = { 1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 0 };
/* clang-format on */

static void seed_request(struct fuzz_seeds *seeds)
{
	struct obol_certificate_profile profile = { .common_name = "alice",
												.n_sans = 1,
												.sans = { "alice@example.org" },
												.lifetime_s = 3600 };
	static const uint8_t raw = 1;
	struct obol_writer w, all;

	head(&w, OBOL_SIGNER_ISSUE, OBOL_SIGNER_PRESENT);
	obol_write_vec16(&w, fuzz_signer_spki());
	obol_signer_write_profile(&w, &profile);
	obol_writer_init(&all);
	obol_write_bytes(&all, obol_bytes(&raw, 1));
	obol_write_bytes(&all, obol_writer_view(&w));
	fuzz_seed(seeds, "issue", obol_writer_view(&all));
	obol_writer_clear(&all);
	obol_writer_clear(&w);
}

static void seed(struct fuzz_seeds *seeds)
{
	seed_request(seeds);
	fuzz_seed(seeds, "chain", obol_bytes(chain, sizeof(chain)));
	fuzz_seed(seeds, "certificates",
			  obol_bytes(certificates, sizeof(certificates)));
	fuzz_seed(seeds, "lists", obol_bytes(lists, sizeof(lists)));
}

static struct fuzz_target target = {
	.name = "signer",
	.what = "a signer signs what its rules allow and nothing else; a list has "
			"as many entries as were announced, and each asker his own",
	.run = run,
	.seed = seed,
	.max_len = 1024,
};

FUZZ_TARGET(target)
