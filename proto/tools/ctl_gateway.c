/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl gateway add and list. */
#include "tools/ctl_commands.h"

#include "store/store_gateway.h"
#include "tools/ctl_account_fill.h"
#include "tools/ctl_code.h"

#include <stdlib.h>

/*
 * gateway add
 */

static bool fill(struct obol_ctl *ctl, const char *typed,
				 struct obol_account *account)
{
	char why[OBOL_WHY_MAX];

	memset(account, 0, sizeof(*account));
	if (!obol_ctl_name(ctl, typed, account->name, why, sizeof(why)))
	{
		(void)obol_ctl_fail("%s", why);
		return false;
	}
	account->state = OBOL_ACCOUNT_ACTIVE;
	account->kind = OBOL_ACCOUNT_GATEWAY;
	account->generation = 1;
	return true;
}

static int add(struct obol_ctl *ctl, const struct obol_account *account,
			   uint64_t code_expires_at)
{
	struct obol_store_account_add arg = { .in = { .account = *account,
												  .actor = ctl->actor,
												  .now =
													  obol_now(ctl->clock) } };
	char headline[OBOL_NAME_MAX + 64];
	struct obol_ctl_code_text text = { .headline = headline,
									   .name = account->name,
									   .is_gateway = true };
	struct obol_activation_code code;
	enum obol_status status;

	(void)snprintf(headline, sizeof(headline), "gateway '%s' added",
				   account->name);
	if (!obol_ctl_code_new(ctl, account->name, NULL, 1, code_expires_at, &code))
	{
		return OBOL_EXIT_FAILED;
	}
	arg.in.activation = code.slot;
	status = obol_store_run(ctl->store, OBOL_STORE_ACCOUNT_ADD, &arg);
	if (status == OBOL_OK)
	{
		obol_ctl_code_print(ctl, &code, &text);
	}
	else if (status == OBOL_ERR_EXISTS)
	{
		(void)obol_ctl_fail("there is an account '%s' already; obolctl "
							"account remove ends it",
							account->name);
	}
	else
	{
		(void)obol_ctl_fail_store(status, "adding the gateway");
	}
	obol_activation_code_clear(&code);
	return status == OBOL_OK ? OBOL_EXIT_DONE : OBOL_EXIT_FAILED;
}

int obol_ctl_gateway_add(struct obol_ctl *ctl, int argc, char **argv)
{
	const char *code_valid = NULL;
	const struct obol_option options[] = {
		{ .name = "code-valid",
		  .kind = OBOL_OPTION_TEXT,
		  .argument = "TIME",
		  .help = "how long the code is good, default 14d",
		  .value = &code_valid },
		OBOL_CTL_OPTIONS(ctl),
		OBOL_CTL_JSON(ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl gateway add",
		.arguments = "NAME",
		.about = "Add a VPN gateway that follows revocations, and print the "
				 "code that obol-gateway asks for. It has a name among the "
				 "accounts: obolctl account remove, disable and new-code are "
				 "for it too.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
		.min_arguments = 1,
		.max_arguments = 1,
	};
	enum obol_options_result result;
	struct obol_account account;
	uint64_t code_expires_at;
	char why[OBOL_WHY_MAX];
	const char *argument;

	result = obol_options_parse_one(&usage, argc, argv, &argument);
	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	if (!obol_ctl_need_keys(ctl) || !fill(ctl, argument, &account))
	{
		return OBOL_EXIT_FAILED;
	}
	if (!obol_ctl_code_end(ctl, code_valid, &code_expires_at, why, sizeof(why)))
	{
		return obol_ctl_fail("%s", why);
	}
	return add(ctl, &account, code_expires_at);
}

/*
 * gateway list
 */

static void print_json(const struct obol_store_gateways *list, uint64_t now)
{
	struct obol_json json;
	size_t i;

	obol_json_init(&json, stdout);
	obol_json_begin_array(&json, NULL);
	for (i = 0; i < list->out.n_gateways; i++)
	{
		const struct obol_store_gateway *gateway = &list->out.gateways[i];

		obol_json_begin_object(&json, NULL);
		obol_json_str(&json, "name", gateway->name);
		obol_json_number(&json, "seen_at", (int64_t)gateway->seen_at);
		obol_json_bool(&json, "follows",
					   gateway->seen_at + OBOL_STORE_GATEWAY_LIVE_S > now);
		obol_json_number(&json, "crl_number", (int64_t)gateway->crl_number);
		obol_json_number(&json, "tunnels", gateway->n_tunnels);
		obol_json_end_object(&json);
	}
	obol_json_end_array(&json);
}

static void print_text(const struct obol_store_gateways *list, uint64_t now)
{
	char seen[OBOL_TIME_TEXT_MAX];
	size_t i;

	if (list->out.n_gateways == 0)
	{
		(void)puts("no gateways follow; obolctl gateway add makes one");
		return;
	}
	(void)printf("%-20s %-9s %-16s %s\n", "NAME", "FOLLOWS", "LAST SEEN",
				 "TUNNELS");
	for (i = 0; i < list->out.n_gateways; i++)
	{
		const struct obol_store_gateway *gateway = &list->out.gateways[i];

		obol_output_text(stdout, obol_bytes_str(gateway->name), 20);
		(void)printf(" %-9s %-16s %lu\n",
					 gateway->seen_at + OBOL_STORE_GATEWAY_LIVE_S > now ? "yes"
																		: "no",
					 obol_output_time(gateway->seen_at, seen),
					 (unsigned long)gateway->n_tunnels);
	}
}

int obol_ctl_gateway_list(struct obol_ctl *ctl, int argc, char **argv)
{
	const struct obol_option options[] = {
		OBOL_CTL_OPTIONS(ctl),
		OBOL_CTL_JSON(ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl gateway list",
		.arguments = "",
		.about = "List the gateways that follow revocations, when each was "
				 "seen last, and how many tunnels of accounts it has.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
	};
	struct obol_store_gateways *list;
	enum obol_options_result result;
	enum obol_status status;

	result = obol_options_parse_one(&usage, argc, argv, NULL);
	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	if (!obol_ctl_need_store(ctl))
	{
		return OBOL_EXIT_FAILED;
	}
	list = calloc(1, sizeof(*list));
	if (!list)
	{
		return obol_ctl_fail("memory ran out");
	}
	status = obol_store_run(ctl->store, OBOL_STORE_GATEWAYS, list);
	if (status == OBOL_OK)
	{
		(ctl->is_json ? print_json : print_text)(list, obol_now(ctl->clock));
	}
	free(list);
	return status == OBOL_OK
			   ? OBOL_EXIT_DONE
			   : obol_ctl_fail_store(status, "reading the gateways");
}
