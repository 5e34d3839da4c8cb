/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Issue: a certificate for a key made on the client. What it says comes from
 * the account's record, never from the request. */
#include <stdio.h>
#include <stdlib.h>

#include <openssl/sha.h>

#include "issue/request.h"
#include "server/handler.h"

/** The store's argument and the certificate that waits for it. */
struct issue_argument {
	struct obol_store_issued store;
	struct obol_issued issued;
	size_t certificate_len;
	uint8_t certificate[OBOL_CERTIFICATE_MAX];
};

static uint32_t lifetime_of(const struct obol_server_connection *conn,
							uint64_t now)
{
	const struct obol_connection_account *account = &conn->account;
	uint32_t lifetime_s =
		account->certificate_lifetime_s
			? account->certificate_lifetime_s
			: conn->server->options.policy.certificate_lifetime_s;
	/* nobody's certificate outlives his account */
	if (account->expires_at && account->expires_at > now &&
		account->expires_at - now < lifetime_s)
	{
		lifetime_s = (uint32_t)(account->expires_at - now);
	}
	return lifetime_s;
}

/* All of it from the account's record and the operator's templates. */
static enum obol_status make_profile(const struct obol_server_connection *conn,
									 struct obol_template_names *names,
									 struct obol_certificate_profile *profile)
{
	const struct obol_server_policy *policy = &conn->server->options.policy;
	const struct obol_connection_account *account = &conn->account;
	struct obol_template_values values = {
		.account = obol_server_session_login(conn->session)->name,
		.identity = account->identity,
		/* a certificate that all devices share is none's */
		.device = account->mode == OBOL_MODE_DEVICE ? account->label : "",
	};
	enum obol_status status =
		obol_template_fill(&policy->subject, &policy->san, &values, names);
	size_t i;

	memset(profile, 0, sizeof(*profile));
	profile->n_attributes = names->n_attributes;
	profile->attributes = names->attributes;
	for (i = 0; i < names->n_sans; i++)
	{
		profile->sans[profile->n_sans++] = names->sans[i];
	}
	profile->lifetime_s =
		lifetime_of(conn, obol_now(conn->server->options.clock));
	profile->crl_uri = *policy->crl_uri ? policy->crl_uri : NULL;
	return status;
}

static void issued(struct obol_server_connection *conn, enum obol_status status)
{
	const struct issue_argument *arg = conn->op.arg.any;
	const struct obol_issuer *issuer = conn->server->options.issuer;
	struct obol_answer answer = { .type = OBOL_ISSUE_ANSWER };
	const struct obol_log_fields fields = { .id = OBOL_LOG_ID_CERTIFICATE,
											.operation = "issue",
											.result = "ok",
											.source = conn->peer.source };
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
	obol_log_event(conn->server->options.log, OBOL_LOG_INFO, "server", &fields,
				   "certificate issued: %s", arg->issued.subject);
	obol_handler_answer(conn, &answer);
}

static void refuse_signing(struct obol_server_connection *conn,
						   enum obol_status status)
{
	const struct obol_log_fields fields = { .id = OBOL_LOG_ID_CERTIFICATE,
											.operation = "issue",
											.result = "refused",
											.source = conn->peer.source };

	switch (status)
	{
		case OBOL_ERR_ARG:
		case OBOL_ERR_DENIED:
			obol_handler_event(
				conn->server, OBOL_LOG_ERROR, &fields,
				"the CA did not sign for identity '%s' (%s); has it expired, "
				"or do its name constraints or the signer's rules forbid it?",
				conn->account.identity, obol_status_name(status));
			obol_handler_refuse_audited(
				conn, OBOL_OP_ISSUE, OBOL_REPLY_NOT_ALLOWED,
				"the CA does not sign for this account's identity; ask its "
				"operator",
				0);
			break;
		default:
			obol_handler_event(
				conn->server, OBOL_LOG_ERROR, &fields,
				"the CA could not sign for identity '%s' (%s); see the "
				"signer's own message for the cause",
				conn->account.identity, obol_status_name(status));
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
	struct obol_bytes root = conn->server->options.issuer->cas[0];
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
	(void)SHA256(root.ptr, root.len, in->in.root);
	in->in.is_portable = conn->account.mode == OBOL_MODE_PORTABLE;
	obol_handler_submit(conn, OBOL_STORE_ISSUED, arg, issued);
}

static void sign(struct obol_server_connection *conn,
				 struct obol_bytes public_key)
{
	struct obol_issuer *issuer = conn->server->options.issuer;
	struct obol_certificate_profile profile;
	struct obol_template_names names;
	struct issue_argument *arg = obol_handler_argument(conn, sizeof(*arg));
	struct obol_issued made = { .certificate = NULL };
	enum obol_status status;

	if (!arg)
	{
		return;
	}
	status = make_profile(conn, &names, &profile);
	if (status == OBOL_OK)
	{
		status = issuer->issue(issuer, public_key, &profile, &made);
	}
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

static void refuse_key_type(struct obol_server_connection *conn)
{
	static const char *const texts[] = {
		[OBOL_KEY_EC_P256] = "this account's certificates are for EC P-256 "
							 "keys; log in again and use such a key",
		[OBOL_KEY_EC_P384] = "this account's certificates are for EC P-384 "
							 "keys; log in again and use such a key",
		[OBOL_KEY_RSA_3072] = "this account's certificates are for RSA keys; "
							  "log in again and use such a key",
		[OBOL_KEY_ED25519] = "this account's certificates are for Ed25519 "
							 "keys; log in again and use such a key",
	};

	obol_handler_refuse_audited(conn, OBOL_OP_ISSUE, OBOL_REPLY_PARAMETER,
								texts[conn->account.key_type], 0);
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
	if (obol_issue_key_type(obol_bytes(public_key, public_key_len)) ==
		conn->account.key_type)
	{
		sign(conn, obol_bytes(public_key, public_key_len));
	}
	else
	{
		refuse_key_type(conn);
	}
	free(public_key);
}
