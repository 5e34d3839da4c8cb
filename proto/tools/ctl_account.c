/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl account disable, enable, remove, unlock: short ones on one account.
 */
#include "tools/ctl_commands.h"

#include "server/operator.h"
#include "tools/askpass.h"
#include "tools/ctl_control.h"
#include "tools/ctl_revoked.h"

/** An option that only some of these commands have. */
enum extra {
	NOTHING,
	ASKS,
	IS_FOR_CONTROL
};

/** What these commands take. */
struct one {
	struct obol_ctl *ctl;
	bool is_sure;
	struct obol_account account;
};

/** Nothing revoked is said when revoked is NULL. */
static void say_done(const struct one *one, const char *what,
					 const struct obol_store_revoked *revoked)
{
	struct obol_json json;

	if (!one->ctl->is_json)
	{
		(void)printf("account '%s' %s", one->account.name, what);
		if (revoked)
		{
			obol_ctl_revoked_say(one->ctl, revoked);
		}
		(void)putchar('\n');
		return;
	}
	obol_json_init(&json, stdout);
	obol_json_begin_object(&json, NULL);
	obol_json_str(&json, "account", one->account.name);
	obol_json_str(&json, "done", what);
	if (revoked)
	{
		obol_ctl_revoked_json(one->ctl, &json, revoked);
	}
	obol_json_end_object(&json);
}

static void say_already(const struct one *one, const char *what)
{
	char text[32];

	if (!one->ctl->is_json)
	{
		(void)printf("account '%s' is %s already\n", one->account.name, what);
		return;
	}
	(void)snprintf(text, sizeof(text), "%s already", what);
	say_done(one, text, NULL);
}

/** Read the command line and find the account; the exit code, or -1 to go on.
 */
static int begin(struct one *one, const char *command, const char *about,
				 enum extra extra, int argc, char **argv)
{
	const struct obol_option more[] = {
		[NOTHING] = { .name = NULL },
		[ASKS] = { .name = "yes",
				   .letter = 'y',
				   .kind = OBOL_OPTION_FLAG,
				   .help = "do not ask",
				   .value = &one->is_sure },
		[IS_FOR_CONTROL] = OBOL_CTL_CONTROL(one->ctl),
	};
	const struct obol_option options[] = {
		OBOL_CTL_OPTIONS(one->ctl),
		OBOL_CTL_JSON(one->ctl),
		more[extra],
	};
	const struct obol_usage usage = {
		.command = command,
		.arguments = "NAME",
		.about = about,
		.options = options,
		.n_options =
			sizeof(options) / sizeof(options[0]) - (extra == NOTHING ? 1 : 0),
		.min_arguments = 1,
		.max_arguments = 1,
	};
	enum obol_options_result result;
	const char *argument;

	result = obol_options_parse_one(&usage, argc, argv, &argument);
	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	return obol_ctl_find(one->ctl, argument, &one->account) ? -1
															: OBOL_EXIT_FAILED;
}

static int set_state(struct one *one, enum obol_account_state state,
					 const char *what)
{
	struct obol_store_account_set_state arg = {
		.in = { .account_id = one->account.id,
				.state = state,
				.actor = one->ctl->actor,
				.now = obol_now(one->ctl->clock) }
	};
	enum obol_status status;

	if (one->account.state == OBOL_ACCOUNT_WAITING &&
		state == OBOL_ACCOUNT_ACTIVE)
	{
		return obol_ctl_fail("account '%s' waits for approval: obolctl account "
							 "approve",
							 one->account.name);
	}
	if (one->account.state == state)
	{
		say_already(one, what);
		return OBOL_EXIT_DONE;
	}
	status =
		obol_store_run(one->ctl->store, OBOL_STORE_ACCOUNT_SET_STATE, &arg);
	if (status != OBOL_OK)
	{
		return obol_ctl_fail_store(status, "changing the account");
	}
	say_done(one, what,
			 state == OBOL_ACCOUNT_DISABLED ? &arg.out.revoked : NULL);
	return OBOL_EXIT_DONE;
}

int obol_ctl_account_disable(struct obol_ctl *ctl, int argc, char **argv)
{
	struct one one = { .ctl = ctl };
	int code = begin(&one, "obolctl account disable",
					 "Let nobody log in to an account; connections that are "
					 "open are refused too. Its certificates are revoked; "
					 "enabled again, devices get new ones by themselves.",
					 NOTHING, argc, argv);

	return code >= 0 ? code
					 : set_state(&one, OBOL_ACCOUNT_DISABLED, "disabled");
}

int obol_ctl_account_enable(struct obol_ctl *ctl, int argc, char **argv)
{
	struct one one = { .ctl = ctl };
	int code = begin(&one, "obolctl account enable",
					 "Let an account that was disabled be used again.", NOTHING,
					 argc, argv);

	return code >= 0 ? code : set_state(&one, OBOL_ACCOUNT_ACTIVE, "enabled");
}

int obol_ctl_account_remove(struct obol_ctl *ctl, int argc, char **argv)
{
	struct one one = { .ctl = ctl };
	struct obol_store_account_remove arg = { .in = { .account_id = 0 } };
	enum obol_status status;
	char question[OBOL_NAME_MAX + 96];
	int code;

	code = begin(&one, "obolctl account remove",
				 "Remove an account with all its credentials, devices and "
				 "codes, for good. Its certificates are revoked.",
				 ASKS, argc, argv);
	if (code >= 0)
	{
		return code;
	}
	(void)snprintf(question, sizeof(question),
				   "Remove '%s' and its %lu credential(s) for good? (yes/no)",
				   one.account.name, (unsigned long)one.account.n_credentials);
	if (!one.is_sure && !obol_ask_yes(question))
	{
		return obol_ctl_fail(
			"nothing was removed%s",
			obol_ask_possible() ? "" : "; without a terminal give --yes");
	}
	arg.in.account_id = one.account.id;
	arg.in.actor = ctl->actor;
	arg.in.now = obol_now(ctl->clock);
	status = obol_store_run(ctl->store, OBOL_STORE_ACCOUNT_REMOVE, &arg);
	if (status != OBOL_OK)
	{
		return obol_ctl_fail_store(status, "removing the account");
	}
	say_done(&one, "removed", &arg.out.revoked);
	return OBOL_EXIT_DONE;
}

int obol_ctl_account_approve(struct obol_ctl *ctl, int argc, char **argv)
{
	struct one one = { .ctl = ctl };
	struct obol_store_account_set_state arg = { .in = { .account_id = 0 } };
	enum obol_status status;
	int code;

	code = begin(&one, "obolctl account approve",
				 "Let an account be used that its user made, and that waits "
				 "for this. To turn it down, remove it.",
				 NOTHING, argc, argv);
	if (code >= 0)
	{
		return code;
	}
	arg.in.account_id = one.account.id;
	arg.in.actor = ctl->actor;
	arg.in.now = obol_now(ctl->clock);
	status = obol_store_run(ctl->store, OBOL_STORE_ACCOUNT_APPROVE, &arg);
	if (status == OBOL_ERR_DENIED)
	{
		return obol_ctl_fail("account '%s' does not wait for approval",
							 one.account.name);
	}
	if (status != OBOL_OK)
	{
		return obol_ctl_fail_store(status, "approving the account");
	}
	say_done(&one, "approved", NULL);
	return OBOL_EXIT_DONE;
}

int obol_ctl_account_unlock(struct obol_ctl *ctl, int argc, char **argv)
{
	struct one one = { .ctl = ctl };
	enum obol_status status;
	int code;

	code = begin(&one, "obolctl account unlock",
				 "Forget the failed logins that were counted for an account "
				 "and its devices, so that it can log in at once.",
				 IS_FOR_CONTROL, argc, argv);
	if (code >= 0)
	{
		return code;
	}
	status = ctl->is_control
				 ? obol_control_unlock(ctl->store)
				 : obol_operator_unlock(ctl->store, &one.account, &ctl->actor,
										obol_now(ctl->clock));
	if (status != OBOL_OK)
	{
		return obol_ctl_fail_change(ctl, status, "unlocking the account");
	}
	say_done(&one, "unlocked", NULL);
	return OBOL_EXIT_DONE;
}
