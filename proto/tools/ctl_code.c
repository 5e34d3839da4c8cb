/* SPDX-License-Identifier: GPL-2.0-or-later */
/* New activation codes, made and told. */
#include "tools/ctl_code.h"

#include "tools/certificate.h"
#include "tools/ctl_revoked.h"
#include "tools/snippet.h"

bool obol_ctl_code_new(struct obol_ctl *ctl, const char *name,
					   const uint8_t *account_id, uint32_t generation,
					   uint64_t expires_at, struct obol_activation_code *code)
{
	struct obol_activation_server server = {
		.rng = ctl->rng,
		.store = ctl->store,
		.keys = obol_server_keys_operations(ctl->keys),
		.key_number = obol_server_keys_current(ctl->keys),
	};
	enum obol_status status = obol_activation_code_new(
		&server, name, account_id, generation, expires_at, code);

	if (status != OBOL_OK)
	{
		(void)obol_ctl_fail("no code could be made: %s",
							obol_status_name(status));
	}
	return status == OBOL_OK;
}

static void print_json(struct obol_ctl *ctl,
					   const struct obol_activation_code *code,
					   const struct obol_ctl_code_text *text)
{
	struct obol_json json;

	obol_json_init(&json, stdout);
	obol_json_begin_object(&json, NULL);
	obol_json_str(&json, "account", text->name);
	obol_json_str(&json, "server", ctl->config->server_name);
	if (!text->is_gateway)
	{
		obol_json_str(&json, "identity", text->identity);
	}
	obol_json_text(&json, "code", obol_secret_view(code->text));
	obol_json_number(&json, "code_expires_at", (int64_t)code->slot.expires_at);
	if (text->revoked)
	{
		obol_ctl_revoked_json(ctl, &json, text->revoked);
	}
	obol_json_end_object(&json);
}

/** The connections, as far as this server's CA is known. */
static void print_snippets(struct obol_ctl *ctl,
						   const struct obol_ctl_code_text *text)
{
	const char *server = ctl->config->server_name;
	struct certificate ca = { .subject = "" };
	struct obol_snippet snippet = {
		.name = server,
		.gateway = server,
		.local_id = text->identity,
		.gateway_id = server,
		.ca_id = ca.subject,
	};

	if (*ctl->config->ca.key && obol_ctl_need_issuer(ctl) &&
		ctl->issuer->n_cas > 0 &&
		certificate_read(ctl->issuer->cas[0], &ca) != OBOL_OK)
	{
		ca.subject[0] = '\0';
	}
	if (text->with_client)
	{
		(void)printf("\nThe connection in the user's swanctl.conf (obol "
					 "activate writes it):\n\n");
		obol_snippet_client(stdout, &snippet);
	}
	if (text->with_gateway)
	{
		(void)printf("\nThe connection in the gateway's swanctl.conf (adapt "
					 "local_ts and addrs):\n\n");
		obol_snippet_gateway(stdout, &snippet);
	}
}

void obol_ctl_code_print(struct obol_ctl *ctl,
						 const struct obol_activation_code *code,
						 const struct obol_ctl_code_text *text)
{
	struct obol_bytes shown = obol_secret_view(code->text);
	char until[OBOL_TIME_TEXT_MAX];

	if (ctl->is_json)
	{
		print_json(ctl, code, text);
		return;
	}
	(void)fputs(text->headline, stdout);
	if (text->revoked)
	{
		obol_ctl_revoked_say(ctl, text->revoked);
	}
	(void)fputs("\n\n", stdout);
	(void)printf("  activation code  %.*s\n", (int)shown.len,
				 (const char *)shown.ptr);
	(void)printf("  good until       %s, and once\n",
				 obol_output_time(code->slot.expires_at, until));
	if (text->is_gateway)
	{
		(void)printf("  on the gateway   obol-gateway --enrol %s@%s\n",
					 text->name, ctl->config->server_name);
		return;
	}
	(void)printf("  the user runs    obol activate %s@%s\n", text->name,
				 ctl->config->server_name);
	(void)fputs("  IKE identity     ", stdout);
	obol_output_text(stdout, obol_bytes_str(text->identity), 0);
	(void)putchar('\n');
	print_snippets(ctl, text);
}
