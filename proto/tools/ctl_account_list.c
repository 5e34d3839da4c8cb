/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl account list. */
#include "tools/ctl_commands.h"

#include "tools/ctl_account_text.h"
#include "tools/ctl_control.h"
#include "tools/ctl_listing.h"
#include "wire/words.h"

#define PAGE 500

struct list {
	struct obol_ctl_listing listing;
	bool only_waiting;
};

const char *obol_ctl_account_state(const struct obol_account *account,
								   uint64_t now)
{
	if (account->state == OBOL_ACCOUNT_WAITING)
	{
		return "waiting";
	}
	if (account->state != OBOL_ACCOUNT_ACTIVE)
	{
		return "disabled";
	}
	if (account->expires_at != 0 && account->expires_at <= now)
	{
		return "expired";
	}
	if (account->activated_at == 0)
	{
		return account->has_activation && account->activation_expires_at > now
				   ? "code sent"
				   : "code ended";
	}
	return account->has_activation ? "reset" : "active";
}

void obol_ctl_account_json(struct obol_json *json,
						   const struct obol_account *account, uint64_t now)
{
	obol_json_str(json, "name", account->name);
	obol_json_str(json, "state", obol_ctl_account_state(account, now));
	obol_json_str(json, "identity", account->identity);
	obol_json_number(json, "created_at", (int64_t)account->created_at);
	obol_json_number(json, "activated_at", (int64_t)account->activated_at);
	obol_json_number(json, "last_login_at", (int64_t)account->last_login_at);
	obol_json_number(json, "expires_at", (int64_t)account->expires_at);
	obol_json_number(json, "certificate_lifetime_s",
					 account->certificate_lifetime_s);
	obol_json_str(json, "mode",
				  account->mode ? obol_mode_word(account->mode) : "default");
	obol_json_str(json, "key_type",
				  account->key_type ? obol_key_type_word(account->key_type)
									: "default");
	obol_json_number(json, "certificate_not_after",
					 (int64_t)account->certificate_not_after);
	obol_json_number(json, "devices", account->n_devices);
	obol_json_number(json, "credentials", account->n_credentials);
	obol_json_bool(json, "has_activation_code", account->has_activation);
	obol_json_number(json, "activation_code_expires_at",
					 (int64_t)account->activation_expires_at);
}

static void print_line(struct obol_ctl_listing *list,
					   const struct obol_account *account)
{
	char login[OBOL_TIME_TEXT_MAX], end[OBOL_TIME_TEXT_MAX];
	char expires[OBOL_TIME_TEXT_MAX];

	if (list->ctl->is_json)
	{
		obol_json_begin_object(&list->json, NULL);
		obol_ctl_account_json(&list->json, account, list->now);
		obol_json_end_object(&list->json);
		return;
	}
	if (list->n == 0)
	{
		(void)printf("%-24s %-10s %-7s %-16s %-16s %s\n", "NAME", "STATE",
					 "DEVICES", "LAST LOGIN", "CERTIFICATE TO", "ENDS");
	}
	obol_output_text(stdout, obol_bytes_str(account->name), 24);
	(void)printf(" %-10s %-7lu %-16s %-16s %s\n",
				 obol_ctl_account_state(account, list->now),
				 (unsigned long)account->n_devices,
				 obol_output_time(account->last_login_at, login),
				 obol_output_time(account->certificate_not_after, end),
				 obol_output_time(account->expires_at, expires));
}

enum obol_status
obol_ctl_each_account(struct obol_ctl *ctl,
					  void (*each)(void *ctx, const struct obol_account *),
					  void *ctx)
{
	struct obol_store_account_list arg = { .in = { .limit = PAGE } };
	char after[OBOL_NAME_MAX + 1] = "";
	enum obol_status status;
	size_t i;

	do
	{
		arg.in.after = obol_bytes_str(after);
		status = obol_store_run(ctl->store, OBOL_STORE_ACCOUNT_LIST, &arg);
		for (i = 0; status == OBOL_OK && i < arg.out.n_accounts; i++)
		{
			each(ctx, &arg.out.accounts[i]);
			(void)snprintf(after, sizeof(after), "%s",
						   arg.out.accounts[i].name);
		}
	} while (status == OBOL_OK && arg.out.n_accounts == PAGE);
	return status;
}

static void take(void *ctx, const struct obol_account *account)
{
	struct list *list = ctx;

	if (list->only_waiting && account->state != OBOL_ACCOUNT_WAITING)
	{
		return;
	}
	print_line(&list->listing, account);
	list->listing.n++;
}

int obol_ctl_account_list(struct obol_ctl *ctl, int argc, char **argv)
{
	struct list list = { .only_waiting = false };
	const struct obol_option options[] = {
		OBOL_FLAG_OPTION("waiting", 'w', "only those that wait for approval",
						 &list.only_waiting),
		OBOL_CTL_OPTIONS(ctl),
		OBOL_CTL_CONTROL(ctl),
		OBOL_CTL_JSON(ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl account list",
		.arguments = "",
		.about = "List all accounts by name.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
	};
	enum obol_options_result result;
	enum obol_status status;

	result = obol_options_parse_one(&usage, argc, argv, NULL);
	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	if (!obol_ctl_listing_begin(&list.listing, ctl))
	{
		return OBOL_EXIT_FAILED;
	}
	status = obol_ctl_each_account(ctl, take, &list);
	return obol_ctl_listing_end(
		&list.listing, status, "listing accounts",
		list.only_waiting ? "no account waits for approval"
						  : "there are no accounts; obolctl account add NAME "
							"makes one");
}
