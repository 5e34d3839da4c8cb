/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl account show. */
#include "tools/ctl_commands.h"

#include "tools/ctl_account_text.h"
#include "tools/ctl_control.h"
#include "wire/words.h"

#include <stdlib.h>

#define CERTIFICATES_MAX 100

/** What is shown; each part is printed before the next one is asked for. */
struct show {
	struct obol_ctl *ctl;
	struct obol_account account;
	struct obol_store_slot_list slots;
	struct obol_store_list credentials;
	struct obol_store_certificates certificates;
	uint64_t now;
};

static const char *kind_name(uint8_t kind)
{
	static const char *const names[] = { "", "password", "activation",
										 "recovery", "device" };

	return kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "?";
}

static enum obol_status print_slots(struct show *show, struct obol_json *json)
{
	char created[OBOL_TIME_TEXT_MAX], used[OBOL_TIME_TEXT_MAX];
	enum obol_status status;
	size_t i;

	show->slots.in = obol_ctl_request(show->ctl, &show->account);
	status =
		obol_store_run(show->ctl->store, OBOL_STORE_SLOT_LIST, &show->slots);
	for (i = 0; status == OBOL_OK && i < show->slots.out.n_slots; i++)
	{
		const struct obol_slot *slot = &show->slots.out.slots[i];

		if (!json)
		{
			(void)printf("  %-11s", kind_name(slot->kind));
			obol_output_text(stdout, obol_bytes_str(slot->label), 20);
			(void)printf(" made %s, used %s%s",
						 obol_output_time(slot->created_at, created),
						 obol_output_time(slot->last_used_at, used),
						 *slot->last_source ? " from " : "");
			obol_output_text(stdout, obol_bytes_str(slot->last_source), 0);
			(void)putchar('\n');
			continue;
		}
		obol_json_begin_object(json, NULL);
		obol_json_str(json, "kind", kind_name(slot->kind));
		obol_json_str(json, "label", slot->label);
		if (slot->kind == OBOL_SLOT_DEVICE)
		{
			obol_json_hex(json, "device_id",
						  obol_bytes(slot->device_id, OBOL_DEVICE_ID_LEN));
		}
		obol_json_number(json, "created_at", (int64_t)slot->created_at);
		obol_json_number(json, "last_used_at", (int64_t)slot->last_used_at);
		obol_json_str(json, "last_source", slot->last_source);
		obol_json_number(json, "expires_at", (int64_t)slot->expires_at);
		obol_json_end_object(json);
	}
	return status;
}

static enum obol_status print_credentials(struct show *show,
										  struct obol_json *json)
{
	char changed[OBOL_TIME_TEXT_MAX];
	enum obol_status status;
	size_t i;

	show->credentials.in = obol_ctl_request(show->ctl, &show->account);
	status =
		obol_store_run(show->ctl->store, OBOL_STORE_LIST, &show->credentials);
	for (i = 0; status == OBOL_OK && i < show->credentials.out.n_items; i++)
	{
		const struct obol_list_item *item = &show->credentials.out.items[i];

		if (item->deleted)
		{
			continue;
		}
		if (!json)
		{
			(void)fputs("  ", stdout);
			obol_output_text(stdout, item->name, 20);
			(void)printf(" version %llu, %lu bytes sealed, %s\n",
						 (unsigned long long)item->version,
						 (unsigned long)item->size,
						 obol_output_time(item->changed_at, changed));
			continue;
		}
		obol_json_begin_object(json, NULL);
		obol_json_text(json, "name", item->name);
		obol_json_number(json, "format", item->format);
		obol_json_number(json, "version", (int64_t)item->version);
		obol_json_number(json, "size", item->size);
		obol_json_number(json, "changed_at", (int64_t)item->changed_at);
		obol_json_end_object(json);
	}
	return status;
}

static enum obol_status print_certificates(struct show *show,
										   struct obol_json *json)
{
	char serial[2 * sizeof(((struct obol_store_certificate *)0)->serial) + 1];
	char end[OBOL_TIME_TEXT_MAX];
	enum obol_status status;
	size_t i;

	show->certificates.in.account_id = show->account.id;
	show->certificates.in.now = show->now;
	show->certificates.in.limit = CERTIFICATES_MAX;
	status = obol_store_run(show->ctl->store, OBOL_STORE_CERTIFICATES,
							&show->certificates);
	for (i = 0; status == OBOL_OK && i < show->certificates.out.n_certificates;
		 i++)
	{
		const struct obol_store_certificate *certificate =
			&show->certificates.out.certificates[i];

		obol_output_hex(
			obol_bytes(certificate->serial, certificate->serial_len), serial);
		if (!json)
		{
			(void)printf("  %s to %s  ", serial,
						 obol_output_time(certificate->not_after, end));
			obol_output_text(stdout, obol_bytes_str(certificate->subject), 0);
			(void)putchar('\n');
			continue;
		}
		obol_json_begin_object(json, NULL);
		obol_json_str(json, "serial", serial);
		obol_json_str(json, "subject", certificate->subject);
		obol_json_number(json, "not_before", (int64_t)certificate->not_before);
		obol_json_number(json, "not_after", (int64_t)certificate->not_after);
		obol_json_end_object(json);
	}
	return status;
}

static enum obol_status print_json(struct show *show)
{
	enum obol_status status;
	struct obol_json json;

	obol_json_init(&json, stdout);
	obol_json_begin_object(&json, NULL);
	obol_ctl_account_json(&json, &show->account, show->now);
	obol_json_begin_array(&json, "slots");
	status = print_slots(show, &json);
	obol_json_end_array(&json);
	obol_json_begin_array(&json, "stored");
	status = status == OBOL_OK ? print_credentials(show, &json) : status;
	obol_json_end_array(&json);
	obol_json_begin_array(&json, "certificates");
	status = status == OBOL_OK ? print_certificates(show, &json) : status;
	obol_json_end_array(&json);
	obol_json_end_object(&json);
	return status;
}

/** What its certificates are like; the configuration's where it says nothing.
 */
static void print_kind(const struct show *show)
{
	const struct obol_account *account = &show->account;
	const struct obol_config *config = show->ctl->config;
	uint32_t lifetime_s = account->certificate_lifetime_s
							  ? account->certificate_lifetime_s
							  : config->ca.lifetime_s;

	(void)printf(
		"certificates   %s, %s, for %lu %s\n",
		obol_mode_word(account->mode ? account->mode : config->ca.mode),
		obol_key_type_word(account->key_type ? account->key_type
											 : config->ca.key_type),
		(unsigned long)(lifetime_s % 86400 == 0 ? lifetime_s / 86400
												: lifetime_s / 60),
		lifetime_s % 86400 == 0 ? "days" : "minutes");
}

static enum obol_status print_text(struct show *show)
{
	const struct obol_account *account = &show->account;
	enum obol_status status;
	char text[OBOL_TIME_TEXT_MAX];

	(void)fputs("account        ", stdout);
	obol_output_text(stdout, obol_bytes_str(account->name), 0);
	(void)printf("\nstate          %s\n",
				 obol_ctl_account_state(account, show->now));
	(void)fputs("identity       ", stdout);
	obol_output_text(stdout, obol_bytes_str(account->identity), 0);
	(void)putchar('\n');
	print_kind(show);
	(void)printf("created        %s\n",
				 obol_output_time(account->created_at, text));
	(void)printf("activated      %s\n",
				 obol_output_time(account->activated_at, text));
	(void)printf("last login     %s\n",
				 obol_output_time(account->last_login_at, text));
	(void)printf("ends           %s\n",
				 obol_output_time(account->expires_at, text));
	if (account->has_activation)
	{
		(void)printf("code good to   %s\n",
					 obol_output_time(account->activation_expires_at, text));
	}
	(void)printf("what opens it\n");
	status = print_slots(show, NULL);
	(void)printf("stored\n");
	status = status == OBOL_OK ? print_credentials(show, NULL) : status;
	(void)printf("certificates that are valid\n");
	return status == OBOL_OK ? print_certificates(show, NULL) : status;
}

static int work(struct show *show)
{
	enum obol_status status;

	show->now = obol_now(show->ctl->clock);
	status = show->ctl->is_json ? print_json(show) : print_text(show);
	return status == OBOL_OK
			   ? OBOL_EXIT_DONE
			   : obol_ctl_fail_store(status, "reading the account");
}

int obol_ctl_account_show(struct obol_ctl *ctl, int argc, char **argv)
{
	const struct obol_option options[] = {
		OBOL_CTL_OPTIONS(ctl),
		OBOL_CTL_CONTROL(ctl),
		OBOL_CTL_JSON(ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl account show",
		.arguments = "NAME",
		.about = "Show all that is known about an account.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
		.min_arguments = 1,
		.max_arguments = 1,
	};
	enum obol_options_result result;
	struct show *show;
	int code = OBOL_EXIT_FAILED;
	const char *argument;

	result = obol_options_parse_one(&usage, argc, argv, &argument);
	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	show = calloc(1, sizeof(*show));
	if (!show)
	{
		return obol_ctl_fail("memory ran out");
	}
	show->ctl = ctl;
	if (obol_ctl_find(ctl, argument, &show->account))
	{
		code = work(show);
	}
	free(show);
	return code;
}
