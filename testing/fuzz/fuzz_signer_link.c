/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a signer answers: a worker and the publisher ask one that was taken
 * over. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/signer_link.h"
#include "fuzz/signer_ca.h"
#include "fuzz/support.h"

/** Nothing waits for an answer that is not there: the end follows the last. */
#define ANSWERS_MAX 24
#define ENTRIES 3

struct play {
	int fds[2];
	/** the asker's, and the same again, for its nonces */
	struct fuzz_rng rng;
	struct fuzz_rng nonces;
};

/*
 * Answers
 */

static void write_list(struct obol_writer *w, struct fuzz_script *script,
					   size_t max)
{
	size_t n = fuzz_below(script, max), i;

	obol_write_u8(w, (uint8_t)n);
	for (i = 0; i < n; i++)
	{
		obol_write_vec24(w, fuzz_bytes(script));
	}
}

static void write_issued(struct obol_writer *w, struct fuzz_script *script)
{
	struct obol_issued issued = { .not_before = fuzz_u32(script) };
	struct obol_bytes text = fuzz_bytes(script);
	struct obol_bytes der = fuzz_bytes(script);

	issued.serial_len = (uint8_t)fuzz_below(script, sizeof(issued.serial) + 1);
	issued.not_after = fuzz_u32(script);
	text.len = text.len < OBOL_TEXT_MAX ? text.len : OBOL_TEXT_MAX;
	if (text.len)
	{
		memcpy(issued.subject, text.ptr, text.len);
	}
	/* only read */
	issued.certificate = (uint8_t *)(uintptr_t)der.ptr;
	issued.certificate_len = der.len;
	obol_signer_write_issued(w, &issued);
}

/* A body as some answer has it. */
static void write_body(struct obol_writer *w, struct fuzz_script *script)
{
	switch (fuzz_below(script, 6))
	{
		case 0:
			obol_signer_write_chain(w, fuzz_signer_ca());
			break;
		case 1:
			obol_write_u64(w, fuzz_u64(script));
			write_list(w, script, OBOL_CHAIN_MAX + 2);
			write_list(w, script, OBOL_CHAIN_MAX + 2);
			break;
		case 2:
			write_issued(w, script);
			break;
		case 3:
			obol_write_u32(w, fuzz_u8(script) & 1 ? fuzz_u32(script)
												  : fuzz_u8(script));
			break;
		case 4:
			obol_write_bytes(w, fuzz_bytes(script));
			break;
		default:
			break;
	}
}

static void write_answer(struct obol_writer *w, struct fuzz_script *script,
						 const uint8_t nonce[OBOL_SIGNER_NONCE_LEN])
{
	uint8_t how = fuzz_u8(script);

	if (how & 1)
	{
		/* no shape at all */
		obol_write_bytes(w, fuzz_bytes(script));
		return;
	}
	obol_write_bytes(w, obol_bytes(nonce, how & 2 ? fuzz_below(script, 9)
												  : OBOL_SIGNER_NONCE_LEN));
	obol_write_u8(w, how & 4 ? fuzz_u8(script) : 0);
	write_body(w, script);
}

/* All answers are there before anything is asked; then the signer ends. */
static void answer_all(struct play *play, struct fuzz_script *script)
{
	uint8_t nonce[OBOL_SIGNER_NONCE_LEN] = { 0 };
	struct obol_writer w;
	unsigned n;

	for (n = 0; n < ANSWERS_MAX && script->left; n++)
	{
		/* or once more to the same question */
		if (n == 0 || fuzz_u8(script) & 1)
		{
			FUZZ_CHECK(obol_rng_fill(&play->nonces.rng, nonce, sizeof(nonce)) ==
					   OBOL_OK);
		}
		obol_writer_init(&w);
		write_answer(&w, script, nonce);
		/* an empty message is an end of its own */
		if (obol_writer_status(&w) == OBOL_OK && w.len)
		{
			struct obol_bytes all = obol_writer_view(&w);

			(void)!send(play->fds[1], all.ptr, all.len,
						MSG_DONTWAIT | MSG_NOSIGNAL);
		}
		obol_writer_clear(&w);
	}
	/* what is asked still finds somebody to take it */
	(void)shutdown(play->fds[1], SHUT_WR);
}

/*
 * Questions
 */

static void check_certificate(struct obol_issuer *issuer)
{
	struct obol_certificate_profile profile = { .common_name = "alice",
												.n_sans = 1,
												.sans = { "alice@example.org" },
												.lifetime_s = 3600 };
	struct obol_issued issued;

	if (issuer->issue(issuer, fuzz_signer_spki(), &profile, &issued) == OBOL_OK)
	{
		FUZZ_CHECK(issued.certificate_len &&
				   issued.certificate_len <= OBOL_CERTIFICATE_MAX);
		FUZZ_CHECK(issued.serial_len &&
				   issued.serial_len <= sizeof(issued.serial));
		FUZZ_CHECK(strlen(issued.subject) <= OBOL_TEXT_MAX);
		obol_issued_clear(&issued);
	}
}

static void check_list(struct obol_issuer *issuer)
{
	static const struct obol_crl_entry entries[ENTRIES] = {
		{ .serial = { 1 }, .serial_len = 16 },
		{ .serial = { 2 }, .serial_len = 16 },
		{ .serial = { 3 }, .serial_len = 16 },
	};
	struct obol_crl_parts parts = { .number = 1,
									.this_update = FUZZ_SIGNER_AT,
									.next_update = FUZZ_SIGNER_AT + 3600,
									.n_entries = ENTRIES,
									.entries = entries };
	uint8_t *der = NULL;
	size_t len = 0;

	if (issuer->sign_crl(issuer, &parts, &der, &len) == OBOL_OK)
	{
		FUZZ_CHECK(der && len && len <= OBOL_SIGNER_LIST_MAX);
		free(der);
	}
}

static void check_issuer(const struct obol_issuer *issuer)
{
	size_t i;

	FUZZ_CHECK(issuer->n_chain <= OBOL_CHAIN_MAX);
	FUZZ_CHECK(issuer->n_cas && issuer->n_cas <= OBOL_CHAIN_MAX);
	for (i = 0; i < issuer->n_chain; i++)
	{
		FUZZ_CHECK(issuer->chain[i].ptr && issuer->chain[i].len);
	}
	for (i = 0; i < issuer->n_cas; i++)
	{
		FUZZ_CHECK(issuer->cas[i].ptr && issuer->cas[i].len);
	}
}

static void run(struct obol_bytes in)
{
	struct fuzz_script script = fuzz_script_over(in);
	uint8_t what = fuzz_u8(&script);
	struct obol_issuer *issuer = NULL;
	struct play play;

	FUZZ_CHECK(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, play.fds) == 0);
	fuzz_rng_init(&play.rng, 3);
	fuzz_rng_init(&play.nonces, 3);
	answer_all(&play, &script);
	if (obol_signer_link_new(play.fds[0], OBOL_SIGNER_PRESENT, &play.rng.rng,
							 &issuer) == OBOL_OK)
	{
		check_issuer(issuer);
		if (what & 1)
		{
			check_certificate(issuer);
		}
		if (what & 2)
		{
			check_list(issuer);
		}
		obol_issuer_free(issuer);
	}
	(void)close(play.fds[0]);
	(void)close(play.fds[1]);
}

/* clang-format off */
/* the chain, a certificate behind a late answer, a refusal */
static const uint8_t certificates[] = {
	1, 0, 0, 0, 1, 0, 4, 0, 0, 0, 2, 0, 0, 0, 1, 2, 'C', 'N', 3, 1, 2, 3, 16,
	0, 0, 0, 2, 1, 0, 4, 2,
};
/* the chain, begin, add, sign: five bytes, in two parts */
static const uint8_t list[] = {
	2, 0, 0, 0, 1, 0, 5, 1, 0, 5, 1, 0, 3, 0, 5, 1, 0, 4, 3, 1, 2, 3,
	1, 0, 4, 2, 4, 5,
};
/* four gigabytes are announced */
static const uint8_t large[] = {
	2, 0, 0, 0, 1, 0, 5, 1, 0, 5, 1, 0, 3, 1, 0xff, 0xff, 0xff, 0xff,
};
/* clang-format on */

static void seed(struct fuzz_seeds *seeds)
{
	fuzz_seed(seeds, "certificates",
			  obol_bytes(certificates, sizeof(certificates)));
	fuzz_seed(seeds, "list", obol_bytes(list, sizeof(list)));
	fuzz_seed(seeds, "large", obol_bytes(large, sizeof(large)));
}

static struct fuzz_target target = {
	.name = "signer_link",
	.what = "whatever a signer answers, obold takes certificates and lists "
			"within their bounds, or an error",
	.run = run,
	.seed = seed,
	.max_len = 1024,
};

FUZZ_TARGET(target)
