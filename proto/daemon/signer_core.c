/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a signer does, whoever brings it the requests. */
#include "daemon/signer_core.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/sandbox.h"
#include "daemon/signer_wire.h"
#include "issue/ca_path.h"

/** Revocation lists in a second, on average over two minutes: a publisher makes
 * no more, who looks twice in a second and has the lists of two CAs. */
#define LISTS_PER_SECOND 4

static void tell(struct obol_signer_core *core, const char *text)
{
	obol_log(core->options->log, OBOL_LOG_ERROR, "signer", "%s", text);
}

/* One more; TIMEOUT above the rate, so that it is asked for again later. */
static enum obol_status take_use(struct obol_signer_core *core,
								 enum obol_ceiling_use use, uint32_t per_second,
								 const char *what)
{
	const struct obol_signer_options *options = core->options;
	struct obol_ceiling_rates rates = { .per_slot = 1,
										.per_second = per_second };
	enum obol_status status = obol_keeper_table_take_use(
		options->table, &rates, use, obol_mono_ms(options->clock));

	if (status != OBOL_ERR_DENIED)
	{
		return status;
	}
	obol_log(options->log, OBOL_LOG_WARN, "signer",
			 "%s was refused: there are too many of them", what);
	return OBOL_ERR_TIMEOUT;
}

/*
 * Certificates
 */

static enum obol_status
may_issue(struct obol_signer_core *core,
		  const struct obol_certificate_profile *profile)
{
	const struct obol_signer_options *options = core->options;
	char why[256];
	enum obol_status status =
		obol_signer_rules_check(&options->rules, profile, why, sizeof(why));

	if (status != OBOL_OK)
	{
		obol_log(options->log, OBOL_LOG_WARN, "signer",
				 "a certificate was refused: %s", why);
		return status;
	}
	return take_use(core, OBOL_CEILING_CERTIFICATES, options->per_second,
					"a certificate");
}

static enum obol_status issue(struct obol_signer_core *core, const char *asker,
							  struct obol_reader *r, struct obol_writer *w)
{
	struct obol_issuer *issuer = core->issuers[OBOL_SIGNER_PRESENT];
	struct obol_bytes key = obol_read_vec16(r, OBOL_PKCS10_MAX);
	struct obol_signer_profile profile;
	struct obol_issued issued;
	enum obol_status status;

	obol_signer_read_profile(r, &profile);
	if (obol_read_end(r) != OBOL_OK)
	{
		return OBOL_ERR_FORMAT;
	}
	status = may_issue(core, &profile.profile);
	if (status != OBOL_OK)
	{
		return status;
	}
	status = issuer->issue(issuer, key, &profile.profile, &issued);
	if (status != OBOL_OK)
	{
		return status;
	}
	status = obol_signer_audit_issued(
		core->audit_fd, obol_now(core->options->clock), asker, &issued);
	if (status == OBOL_OK)
	{
		obol_signer_write_issued(w, &issued);
	}
	else
	{
		tell(core, "what is signed cannot be noted, so nothing is; is the "
				   "disk full?");
	}
	obol_issued_clear(&issued);
	return status;
}

/*
 * Revocation lists
 */

void obol_signer_draft_clear(struct obol_signer_draft *draft)
{
	free(draft->entries);
	free(draft->der);
	memset(draft, 0, sizeof(*draft));
}

static enum obol_status begin_list(struct obol_signer_draft *draft,
								   struct obol_reader *r)
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
	obol_signer_draft_clear(draft);
	draft->entries = calloc(n ? n : 1, sizeof(*draft->entries));
	if (!draft->entries)
	{
		return OBOL_ERR_NOMEM;
	}
	draft->parts = parts;
	draft->n_wanted = n;
	return OBOL_OK;
}

static enum obol_status add_entries(struct obol_signer_draft *draft,
									struct obol_reader *r)
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

static enum obol_status sign_list(struct obol_signer_core *core,
								  struct obol_issuer *issuer,
								  const struct obol_signer_asker *asker,
								  struct obol_reader *r, struct obol_writer *w)
{
	struct obol_signer_draft *draft = asker->draft;
	enum obol_status status;

	if (obol_read_end(r) != OBOL_OK || !draft->entries || draft->der ||
		draft->parts.n_entries != draft->n_wanted)
	{
		return OBOL_ERR_ARG;
	}
	status = take_use(core, OBOL_CEILING_LISTS, LISTS_PER_SECOND,
					  "a revocation list");
	if (status != OBOL_OK)
	{
		return status;
	}
	draft->parts.entries = draft->entries;
	status = issuer->sign_crl(issuer, &draft->parts, &draft->der, &draft->len);
	if (status == OBOL_OK && draft->len > OBOL_SIGNER_LIST_MAX)
	{
		status = OBOL_ERR_ARG;
	}
	if (status == OBOL_OK)
	{
		status = obol_signer_audit_list(core->audit_fd,
										obol_now(core->options->clock),
										asker->name, &draft->parts);
	}
	if (status == OBOL_OK)
	{
		obol_write_u32(w, (uint32_t)draft->len);
	}
	return status;
}

static enum obol_status read_list(const struct obol_signer_draft *draft,
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

static enum obol_status refuse_asker(struct obol_signer_core *core,
									 const struct obol_signer_asker *asker,
									 uint8_t operation)
{
	obol_log(core->options->log, OBOL_LOG_WARN, "signer",
			 "operation %u was refused: it is not for a %s to ask",
			 (unsigned)operation,
			 asker->role == OBOL_SIGNER_PUBLISHER ? "publisher" : "worker");
	return OBOL_ERR_DENIED;
}

static enum obol_status work(struct obol_signer_core *core,
							 const struct obol_signer_asker *asker,
							 uint8_t operation, struct obol_reader *r,
							 struct obol_writer *w)
{
	uint8_t ca = obol_read_u8(r);
	struct obol_issuer *issuer =
		ca <= OBOL_SIGNER_BEFORE ? core->issuers[ca] : NULL;

	if (core->tokens.pin_was_refused)
	{
		return OBOL_ERR_IO;
	}
	if (!obol_reader_ok(r) || !issuer)
	{
		return OBOL_ERR_ARG;
	}
	if (!obol_signer_may_ask(asker->role, operation))
	{
		return refuse_asker(core, asker, operation);
	}
	switch (operation)
	{
		case OBOL_SIGNER_CHAIN:
			obol_signer_write_chain(w, issuer);
			return OBOL_OK;
		case OBOL_SIGNER_ISSUE:
			return ca == OBOL_SIGNER_PRESENT ? issue(core, asker->name, r, w)
											 : OBOL_ERR_DENIED;
		case OBOL_SIGNER_CRL_BEGIN:
			return begin_list(asker->draft, r);
		case OBOL_SIGNER_CRL_ADD:
			return add_entries(asker->draft, r);
		case OBOL_SIGNER_CRL_SIGN:
			return sign_list(core, issuer, asker, r, w);
		case OBOL_SIGNER_CRL_READ:
			return read_list(asker->draft, r, w);
	}
	return OBOL_ERR_FORMAT;
}

static enum obol_metric_verdict verdict_of(enum obol_status status)
{
	return status == OBOL_OK ? OBOL_VERDICT_OK
		   : status == OBOL_ERR_DENIED || status == OBOL_ERR_TIMEOUT
			   ? OBOL_VERDICT_REFUSED
			   : OBOL_VERDICT_ERROR;
}

void obol_signer_count(struct obol_meter *meter, uint8_t operation,
					   enum obol_status status, uint64_t since_us)
{
	/* whoever may have no list signed is refused when he begins with one */
	if (operation == OBOL_SIGNER_ISSUE || operation == OBOL_SIGNER_CRL_SIGN ||
		(operation == OBOL_SIGNER_CRL_BEGIN && status == OBOL_ERR_DENIED))
	{
		obol_meter_add(meter, OBOL_METRIC_SIGNER,
					   operation == OBOL_SIGNER_ISSUE
						   ? OBOL_SIGNER_OP_CERTIFICATE
						   : OBOL_SIGNER_OP_REVOCATION_LIST,
					   verdict_of(status), 1);
		obol_meter_since(meter, OBOL_METRIC_SIGNER_DURATION, 0, 0, since_us);
	}
}

bool obol_signer_core_answer(struct obol_signer_core *core,
							 const struct obol_signer_asker *asker,
							 struct obol_bytes in, struct obol_writer *out)
{
	struct obol_reader r = obol_reader_over(in);
	uint8_t operation = obol_read_u8(&r);
	struct obol_bytes nonce = obol_read_fixed(&r, OBOL_SIGNER_NONCE_LEN);
	uint64_t since_us = obol_meter_us(core->options->meter);
	enum obol_status status;
	struct obol_writer body;

	if (!obol_reader_ok(&r))
	{
		return false;
	}
	obol_writer_init(&body);
	status = work(core, asker, operation, &r, &body);
	if (status == OBOL_OK)
	{
		status = obol_writer_status(&body);
	}
	obol_signer_count(core->options->meter, operation, status, since_us);
	obol_signer_write_answer(out, nonce, status, obol_writer_view(&body));
	obol_writer_clear(&body);
	if (status == OBOL_ERR_CRYPTO && obol_tokens_are_used(&core->tokens))
	{
		tell(core, "the token does not sign; is it still there?");
		core->is_lost = true;
	}
	return obol_writer_status(out) == OBOL_OK;
}

/*
 * Beginning and end
 */

/* A token belongs to whom the signer becomes; root without the capabilities
 * that its unit takes away cannot read another user's files. So it is from the
 * module's loading until the CA has been tried, which signs. */
static bool enter_token(void *ctx)
{
	struct obol_signer_core *core = ctx;

	core->is_lent = true;
	return obol_privileges_lend(&core->options->identity);
}

static enum obol_status open_ca(struct obol_signer_core *core,
								const char *certificate, const char *key,
								struct obol_issuer **issuer, char *why,
								size_t size)
{
	struct obol_issuer_file_options file = {
		.certificate_path = certificate,
		.key_path = key,
		.tokens = &core->tokens,
		.rng = obol_rng_system(),
		.clock = core->options->clock,
	};
	enum obol_status status = obol_issuer_file_new(&file, issuer, why, size);

	if (core->is_lent)
	{
		core->is_lent = false;
		obol_privileges_take_back(&core->options->identity);
	}
	return status;
}

/* One that is of no use any more, such as an expired one, is no reason not to
 * serve. */
static void open_old_ca(struct obol_signer_core *core)
{
	const struct obol_signer_options *options = core->options;
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
	if (open_ca(core, certificate, key, &core->issuers[OBOL_SIGNER_BEFORE], why,
				sizeof(why)) != OBOL_OK)
	{
		obol_log(options->log, OBOL_LOG_WARN, "signer",
				 "the old CA's revocation list is not made: %s", why);
	}
}

/* One whose PIN was refused goes on, to refuse whatever is asked: as long as
 * it is there nobody starts another one, which would spend the next try. */
bool obol_signer_core_open(struct obol_signer_core *core,
						   const struct obol_signer_options *options)
{
	char why[512];

	memset(core, 0, sizeof(*core));
	core->options = options;
	core->audit_fd = -1;
	core->tokens.enter = enter_token;
	core->tokens.ctx = core;
	if (*options->audit_path &&
		obol_signer_audit_open(options->audit_path, &core->audit_fd, why,
							   sizeof(why)) != OBOL_OK)
	{
		tell(core, why);
		return false;
	}
	if (open_ca(core, options->certificate_path, options->key_path,
				&core->issuers[OBOL_SIGNER_PRESENT], why,
				sizeof(why)) != OBOL_OK)
	{
		tell(core, why);
		return core->tokens.pin_was_refused;
	}
	open_old_ca(core);
	core->tokens.pin_was_refused = false;
	return true;
}

bool obol_signer_core_confine(struct obol_signer_core *core,
							  enum obol_sandbox_role role,
							  enum obol_sandbox_role role_with_token)
{
	const struct obol_signer_options *options = core->options;
	bool has_token = obol_tokens_are_used(&core->tokens);
	char why[512];

	if (obol_privileges_drop(&options->identity) != OBOL_OK)
	{
		tell(core, "the signer cannot give up its privileges");
		return false;
	}
	if (obol_sandbox_enter(has_token ? role_with_token : role,
						   has_token ? options->token_folders : NULL, why,
						   sizeof(why)) != OBOL_OK)
	{
		tell(core, why);
		return false;
	}
	return true;
}

void obol_signer_core_close(struct obol_signer_core *core)
{
	obol_issuer_free(core->issuers[OBOL_SIGNER_BEFORE]);
	obol_issuer_free(core->issuers[OBOL_SIGNER_PRESENT]);
	obol_tokens_clear(&core->tokens);
	if (core->audit_fd >= 0)
	{
		(void)close(core->audit_fd);
	}
}
