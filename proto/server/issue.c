/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Issue: a certificate for a key made on the client. What it says comes from
 * the account's record, never from the request. */
#include <stdio.h>
#include <stdlib.h>

#include <openssl/sha.h>

#include "issue/request.h"
#include "server/handler.h"

/** Common names have 64 characters at most; bytes are on the safe side. */
#define COMMON_NAME_MAX 64
/** Hexadecimal digits that tell long names apart behind their cut. */
#define CUT_DIGITS 16

/** The store's argument and the certificate that waits for it. */
struct issue_argument {
	struct obol_store_issued store;
	struct obol_issued issued;
	size_t certificate_len;
	uint8_t certificate[OBOL_CERTIFICATE_MAX];
};

/* A name that is too long is cut at a character's end, and a hash of all of it
 * keeps it apart from others. */
static void set_common_name(struct obol_bytes name, char out[65])
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	size_t keep = COMMON_NAME_MAX - CUT_DIGITS - 1;
	size_t i;

	if (name.len <= COMMON_NAME_MAX)
	{
		memcpy(out, name.ptr, name.len);
		out[name.len] = '\0';
		return;
	}
	while (keep > 0 && (name.ptr[keep] & 0xc0) == 0x80)
	{
		keep--;
	}
	memcpy(out, name.ptr, keep);
	out[keep++] = '~';
	(void)SHA256(name.ptr, name.len, digest);
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

static struct obol_certificate_profile
profile_of(const struct obol_server_connection *conn, uint64_t now)
{
	const struct obol_connection_account *account = &conn->account;
	struct obol_certificate_profile profile = { .n_sans = 0 };

	set_common_name(obol_server_session_login(conn->session)->name,
					profile.common_name);
	if (*account->identity && is_ascii(account->identity))
	{
		profile.sans[profile.n_sans++] = account->identity;
	}
	profile.lifetime_s =
		account->certificate_lifetime_s
			? account->certificate_lifetime_s
			: conn->server->options.policy.certificate_lifetime_s;
	/* nobody's certificate outlives his account */
	if (account->expires_at && account->expires_at > now &&
		account->expires_at - now < profile.lifetime_s)
	{
		profile.lifetime_s = (uint32_t)(account->expires_at - now);
	}
	return profile;
}

static void issued(struct obol_server_connection *conn, enum obol_status status)
{
	const struct issue_argument *arg = conn->op.arg.any;
	const struct obol_issuer *issuer = conn->server->options.issuer;
	struct obol_answer answer = { .type = OBOL_ISSUE_ANSWER };
	size_t i;

	if (status == OBOL_ERR_EXISTS)
	{
		/* a serial number drawn twice: the next try draws another */
		obol_handler_store_failed(conn, status);
		return;
	}
	if (status != OBOL_OK)
	{
		obol_handler_not_ok(conn, OBOL_OP_ISSUE, status, 0);
		return;
	}
	answer.issue.certificate =
		obol_bytes(arg->certificate, arg->certificate_len);
	answer.issue.n_chain = issuer->n_chain;
	answer.issue.n_cas = issuer->n_cas;
	for (i = 0; i < OBOL_CHAIN_MAX; i++)
	{
		answer.issue.chain[i] = issuer->chain[i];
		answer.issue.cas[i] = issuer->cas[i];
	}
	obol_log(conn->server->options.log, OBOL_LOG_INFO, "server",
			 "certificate issued: %s", arg->issued.subject);
	obol_handler_answer(conn, &answer);
}

static void refuse_signing(struct obol_server_connection *conn,
						   enum obol_status status)
{
	obol_handler_log(conn->server, OBOL_LOG_ERROR,
					 "the CA did not sign for identity '%s' (%s); has it "
					 "expired, or do its name constraints forbid it?",
					 conn->account.identity, obol_status_name(status));
	switch (status)
	{
		case OBOL_ERR_ARG:
		case OBOL_ERR_DENIED:
			obol_handler_refuse_audited(
				conn, OBOL_OP_ISSUE, OBOL_REPLY_NOT_ALLOWED,
				"the CA does not sign for this account's identity; ask its "
				"operator",
				0);
			break;
		default:
			obol_handler_refuse_audited(
				conn, OBOL_OP_ISSUE, OBOL_REPLY_TEMPORARY,
				"the CA cannot sign at the moment; try again later", 0);
			break;
	}
}

/* Recorded first, answered then: no certificate is out that is not in the
 * records. */
static void keep(struct obol_server_connection *conn,
				 struct issue_argument *arg, struct obol_issued *made)
{
	struct obol_store_issued *in = &arg->store;

	arg->issued = *made;
	arg->issued.certificate = NULL;
	arg->certificate_len = made->certificate_len;
	memcpy(arg->certificate, made->certificate, made->certificate_len);
	in->in.request = obol_handler_request(conn);
	memcpy(in->in.serial, made->serial, sizeof(in->in.serial));
	in->in.serial_len = made->serial_len;
	in->in.not_before = made->not_before;
	in->in.not_after = made->not_after;
	in->in.subject = obol_bytes_str(arg->issued.subject);
	obol_handler_submit(conn, OBOL_STORE_ISSUED, arg, issued);
}

static void sign(struct obol_server_connection *conn,
				 struct obol_bytes public_key)
{
	struct obol_issuer *issuer = conn->server->options.issuer;
	struct obol_certificate_profile profile =
		profile_of(conn, obol_now(conn->server->options.clock));
	struct issue_argument *arg = obol_handler_argument(conn, sizeof(*arg));
	struct obol_issued made = { .certificate = NULL };
	enum obol_status status;

	if (!arg)
	{
		return;
	}
	status = issuer->issue(issuer, public_key, &profile, &made);
	if (status == OBOL_OK && made.certificate_len > OBOL_CERTIFICATE_MAX)
	{
		status = OBOL_ERR_ARG;
	}
	if (status == OBOL_OK)
	{
		keep(conn, arg, &made);
	}
	else
	{
		free(arg);
		refuse_signing(conn, status);
	}
	obol_issued_clear(&made);
}

void obol_handle_issue(struct obol_server_connection *conn,
					   const struct obol_request *request)
{
	enum obol_request_fault fault;
	uint8_t *public_key = NULL;
	size_t public_key_len = 0;

	if (!conn->server->options.issuer)
	{
		obol_handler_refuse(conn, OBOL_REPLY_UNSUPPORTED,
							"this server issues no certificates; ask its "
							"operator for one",
							0);
		return;
	}
	fault = obol_issue_request_check(request->pkcs10, conn->peer.exporter,
									 &public_key, &public_key_len);
	if (fault != OBOL_REQUEST_GOOD)
	{
		obol_handler_refuse_audited(conn, OBOL_OP_ISSUE, OBOL_REPLY_PARAMETER,
									obol_request_fault_text(fault), 0);
		return;
	}
	sign(conn, obol_bytes(public_key, public_key_len));
	free(public_key);
}
