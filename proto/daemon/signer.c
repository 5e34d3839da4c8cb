/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The signer: holds the CA's key. */
#include "daemon/signer.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/sandbox.h"
#include "daemon/signer_wire.h"
#include "issue/ca_path.h"

/** A revocation list that a peer is having made. */
struct draft {
	struct obol_crl_parts parts;
	struct obol_crl_entry *entries;
	size_t n_wanted;
	uint8_t *der;
	size_t len;
};

struct signer {
	const struct obol_signer_options *options;
	/** by enum obol_signer_ca; the second may be NULL */
	struct obol_issuer *issuers[2];
	struct draft *drafts;
	struct pollfd *fds;
	uint8_t *in;
	/** where a CA's key may be */
	struct obol_tokens tokens;
	/** the token is gone: a successor finds it again */
	bool is_lost;
};

static void tell(struct signer *signer, const char *text)
{
	obol_log(signer->options->log, OBOL_LOG_ERROR, "signer", "%s", text);
}

/*
 * Certificates
 */

static enum obol_status write_chain(const struct obol_issuer *issuer,
									struct obol_writer *w)
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
	return OBOL_OK;
}

static enum obol_status
may_issue(struct signer *signer, const struct obol_certificate_profile *profile)
{
	const struct obol_signer_options *options = signer->options;
	struct obol_ceiling_rates rates = { .per_slot = 1,
										.per_second = options->per_second };
	char why[256];
	enum obol_status status =
		obol_signer_rules_check(&options->rules, profile, why, sizeof(why));

	if (status == OBOL_OK)
	{
		status = obol_keeper_table_take_use(options->table, &rates,
											OBOL_CEILING_CERTIFICATES,
											obol_mono_ms(options->clock));
		(void)snprintf(why, sizeof(why), "there are too many of them");
	}
	if (status != OBOL_OK)
	{
		obol_log(options->log, OBOL_LOG_WARN, "signer",
				 "a certificate was refused: %s", why);
	}
	return status;
}

static enum obol_status issue(struct signer *signer, struct obol_reader *r,
							  struct obol_writer *w)
{
	struct obol_issuer *issuer = signer->issuers[OBOL_SIGNER_PRESENT];
	struct obol_bytes key = obol_read_vec16(r, OBOL_PKCS10_MAX);
	struct obol_signer_profile profile;
	struct obol_issued issued;
	enum obol_status status;

	obol_signer_read_profile(r, &profile);
	if (obol_read_end(r) != OBOL_OK)
	{
		return OBOL_ERR_FORMAT;
	}
	status = may_issue(signer, &profile.profile);
	if (status != OBOL_OK)
	{
		return status;
	}
	status = issuer->issue(issuer, key, &profile.profile, &issued);
	if (status == OBOL_OK)
	{
		obol_signer_write_issued(w, &issued);
		obol_issued_clear(&issued);
	}
	return status;
}

/*
 * Revocation lists
 */

static void drop_draft(struct draft *draft)
{
	free(draft->entries);
	free(draft->der);
	memset(draft, 0, sizeof(*draft));
}

static enum obol_status begin_list(struct draft *draft, struct obol_reader *r)
{
	struct obol_crl_parts parts = { .number = obol_read_u64(r) };
	size_t n;

	parts.this_update = obol_read_u64(r);
	parts.next_update = obol_read_u64(r);
	n = obol_read_u32(r);
	if (obol_read_end(r) != OBOL_OK || n > OBOL_SIGNER_ENTRIES_MAX)
	{
		return OBOL_ERR_FORMAT;
	}
	drop_draft(draft);
	draft->entries = calloc(n ? n : 1, sizeof(*draft->entries));
	if (!draft->entries)
	{
		return OBOL_ERR_NOMEM;
	}
	draft->parts = parts;
	draft->n_wanted = n;
	return OBOL_OK;
}

static enum obol_status add_entries(struct draft *draft, struct obol_reader *r)
{
	size_t have = draft->parts.n_entries;

	if (!draft->entries)
	{
		return OBOL_ERR_ARG;
	}
	have += obol_signer_read_entries(r, draft->entries + have,
									 draft->n_wanted - have);
	if (obol_read_end(r) != OBOL_OK)
	{
		return OBOL_ERR_FORMAT;
	}
	draft->parts.n_entries = have;
	return OBOL_OK;
}

static enum obol_status sign_list(struct obol_issuer *issuer,
								  struct draft *draft, struct obol_reader *r,
								  struct obol_writer *w)
{
	enum obol_status status;

	if (obol_read_end(r) != OBOL_OK || !draft->entries || draft->der ||
		draft->parts.n_entries != draft->n_wanted)
	{
		return OBOL_ERR_ARG;
	}
	draft->parts.entries = draft->entries;
	status = issuer->sign_crl(issuer, &draft->parts, &draft->der, &draft->len);
	if (status == OBOL_OK && draft->len > UINT32_MAX)
	{
		status = OBOL_ERR_ARG;
	}
	if (status == OBOL_OK)
	{
		obol_write_u32(w, (uint32_t)draft->len);
	}
	return status;
}

static enum obol_status read_list(const struct draft *draft,
								  struct obol_reader *r, struct obol_writer *w)
{
	size_t offset = obol_read_u32(r), n;

	if (obol_read_end(r) != OBOL_OK || !draft->der || offset > draft->len)
	{
		return OBOL_ERR_ARG;
	}
	n = draft->len - offset;
	n = n < OBOL_SIGNER_PART_MAX ? n : OBOL_SIGNER_PART_MAX;
	obol_write_bytes(w, obol_bytes(draft->der + offset, n));
	return OBOL_OK;
}

/*
 * Requests
 */

static enum obol_status work(struct signer *signer, struct draft *draft,
							 uint8_t operation, struct obol_reader *r,
							 struct obol_writer *w)
{
	uint8_t ca = obol_read_u8(r);
	struct obol_issuer *issuer =
		ca <= OBOL_SIGNER_BEFORE ? signer->issuers[ca] : NULL;

	if (signer->tokens.pin_was_refused)
	{
		return OBOL_ERR_IO;
	}
	if (!obol_reader_ok(r) || !issuer)
	{
		return OBOL_ERR_ARG;
	}
	switch (operation)
	{
		case OBOL_SIGNER_CHAIN:
			return write_chain(issuer, w);
		case OBOL_SIGNER_ISSUE:
			return ca == OBOL_SIGNER_PRESENT ? issue(signer, r, w)
											 : OBOL_ERR_DENIED;
		case OBOL_SIGNER_CRL_BEGIN:
			return begin_list(draft, r);
		case OBOL_SIGNER_CRL_ADD:
			return add_entries(draft, r);
		case OBOL_SIGNER_CRL_SIGN:
			return sign_list(issuer, draft, r, w);
		case OBOL_SIGNER_CRL_READ:
			return read_list(draft, r, w);
	}
	return OBOL_ERR_FORMAT;
}

/* A peer that does not read its answers loses them: it waits for one at a
 * time, and must not keep the others waiting. */
static void reply(int fd, struct obol_bytes nonce, enum obol_status status,
				  const struct obol_writer *body)
{
	struct obol_bytes bytes = obol_writer_view(body);
	struct obol_bytes all;
	struct obol_writer w;

	obol_writer_init(&w);
	obol_write_bytes(&w, nonce);
	obol_signer_write_status(&w, status);
	if (status == OBOL_OK)
	{
		obol_write_bytes(&w, bytes);
	}
	all = obol_writer_view(&w);
	if (obol_writer_status(&w) == OBOL_OK)
	{
		(void)!send(fd, all.ptr, all.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	obol_writer_clear(&w);
}

static void answer(struct signer *signer, size_t i)
{
	int fd = signer->options->peers[i];
	ssize_t n = recv(fd, signer->in, OBOL_SIGNER_MESSAGE_MAX, MSG_DONTWAIT);
	enum obol_status status;
	struct obol_bytes nonce;
	struct obol_writer w;
	struct obol_reader r;
	uint8_t operation;

	if (n <= 0)
	{
		return;
	}
	r = obol_reader_over(obol_bytes(signer->in, (size_t)n));
	operation = obol_read_u8(&r);
	nonce = obol_read_fixed(&r, 8);
	if (!obol_reader_ok(&r))
	{
		return;
	}
	obol_writer_init(&w);
	status = work(signer, &signer->drafts[i], operation, &r, &w);
	if (status == OBOL_OK)
	{
		status = obol_writer_status(&w);
	}
	reply(fd, nonce, status, &w);
	obol_writer_clear(&w);
	if (status == OBOL_ERR_CRYPTO && obol_tokens_are_used(&signer->tokens))
	{
		tell(signer, "the token does not sign; is it still there?");
		signer->is_lost = true;
	}
}

/*
 * Life
 */

static int serve(struct signer *signer)
{
	size_t n = signer->options->n_peers, i;
	char byte;

	while (!signer->is_lost)
	{
		if (poll(signer->fds, n + 1, -1) < 0 && errno != EINTR)
		{
			return EXIT_FAILURE;
		}
		/* the parent never writes: what can be read is its end */
		if (signer->fds[n].revents &&
			recv(signer->fds[n].fd, &byte, 1, MSG_DONTWAIT) == 0)
		{
			return EXIT_SUCCESS;
		}
		for (i = 0; i < n; i++)
		{
			if (signer->fds[i].revents)
			{
				answer(signer, i);
			}
		}
	}
	return EXIT_FAILURE;
}

static bool open_memory(struct signer *signer)
{
	size_t n = signer->options->n_peers, i;

	signer->drafts = calloc(n, sizeof(*signer->drafts));
	signer->fds = calloc(n + 1, sizeof(*signer->fds));
	signer->in = malloc(OBOL_SIGNER_MESSAGE_MAX);
	if (!signer->drafts || !signer->fds || !signer->in)
	{
		tell(signer, "out of memory");
		return false;
	}
	for (i = 0; i <= n; i++)
	{
		signer->fds[i].fd =
			i < n ? signer->options->peers[i] : signer->options->parent_fd;
		signer->fds[i].events = POLLIN;
	}
	return true;
}

static enum obol_status open_ca(struct signer *signer, const char *certificate,
								const char *key, struct obol_issuer **issuer,
								char *why, size_t size)
{
	struct obol_issuer_file_options file = {
		.certificate_path = certificate,
		.key_path = key,
		.tokens = &signer->tokens,
		.rng = obol_rng_system(),
		.clock = signer->options->clock,
	};

	return obol_issuer_file_new(&file, issuer, why, size);
}

/* One that is of no use any more, such as an expired one, is no reason not to
 * serve. */
static void open_old_ca(struct signer *signer)
{
	const struct obol_signer_options *options = signer->options;
	char certificate[OBOL_CONFIG_TEXT_MAX + 16];
	char key[OBOL_CONFIG_TEXT_MAX + 16];
	char why[512];

	if (!obol_ca_path(options->certificate_path, OBOL_CA_OLD, certificate,
					  sizeof(certificate)) ||
		!obol_ca_path(options->key_path, OBOL_CA_OLD, key, sizeof(key)) ||
		access(certificate, F_OK) != 0)
	{
		return;
	}
	if (open_ca(signer, certificate, key, &signer->issuers[OBOL_SIGNER_BEFORE],
				why, sizeof(why)) != OBOL_OK)
	{
		obol_log(options->log, OBOL_LOG_WARN, "signer",
				 "the old CA's revocation list is not made: %s", why);
	}
}

/* One whose PIN was refused goes on, to refuse whatever is asked: as long as
 * it is there nobody starts another one, which would spend the next try. */
static bool open_cas(struct signer *signer)
{
	const struct obol_signer_options *options = signer->options;
	char why[512];

	if (open_ca(signer, options->certificate_path, options->key_path,
				&signer->issuers[OBOL_SIGNER_PRESENT], why,
				sizeof(why)) != OBOL_OK)
	{
		tell(signer, why);
		return signer->tokens.pin_was_refused;
	}
	open_old_ca(signer);
	signer->tokens.pin_was_refused = false;
	return true;
}

static bool confine(struct signer *signer, char *why, size_t size)
{
	const struct obol_signer_options *options = signer->options;

	return obol_tokens_are_used(&signer->tokens)
			   ? obol_sandbox_enter(OBOL_SANDBOX_SIGNER_TOKEN,
									options->token_folders, why,
									size) == OBOL_OK
			   : obol_sandbox_enter(OBOL_SANDBOX_SIGNER, NULL, why, size) ==
					 OBOL_OK;
}

static bool open_all(struct signer *signer)
{
	const struct obol_signer_options *options = signer->options;
	char why[512];

	if (!open_cas(signer) || !open_memory(signer))
	{
		return false;
	}
	if (obol_privileges_drop(&options->identity) != OBOL_OK)
	{
		tell(signer, "the signer cannot give up its privileges");
		return false;
	}
	if (!confine(signer, why, sizeof(why)))
	{
		tell(signer, why);
		return false;
	}
	return true;
}

int obol_signer_run(const struct obol_signer_options *options)
{
	struct signer signer = { .options = options };
	int code = EXIT_FAILURE;
	char byte;
	size_t i;

	/* it ends with its crew, when nobody asks any more: see crew.c */
	(void)signal(SIGTERM, SIG_IGN);
	if (open_all(&signer))
	{
		byte = signer.tokens.pin_was_refused ? OBOL_SIGNER_PIN_REFUSED
											 : OBOL_SIGNER_SERVES;
		code = send(options->parent_fd, &byte, 1, MSG_NOSIGNAL) == 1
				   ? serve(&signer)
				   : EXIT_FAILURE;
	}
	for (i = 0; signer.drafts && i < options->n_peers; i++)
	{
		drop_draft(&signer.drafts[i]);
	}
	free(signer.drafts);
	free(signer.fds);
	free(signer.in);
	obol_issuer_free(signer.issuers[OBOL_SIGNER_BEFORE]);
	obol_issuer_free(signer.issuers[OBOL_SIGNER_PRESENT]);
	obol_tokens_clear(&signer.tokens);
	return code;
}
