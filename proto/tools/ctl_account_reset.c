/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl account reset and new-code: another code for an account. */
#include "tools/ctl_commands.h"

#include "server/operator.h"
#include "tools/askpass.h"
#include "tools/ctl_account_fill.h"
#include "tools/ctl_code.h"
#include "tools/ctl_control.h"
#include "tools/ctl_pkcs12.h"

#include <stdlib.h>

#define HEADLINE_MAX (OBOL_NAME_MAX + 64)

struct reset {
	struct obol_ctl *ctl;
	bool is_new_code;
	/* options */
	const char *code_valid;
	const char *pkcs12;
	const char *pkcs12_ca;
	uint32_t password_fd;
	bool is_sure;
	/* what they come to */
	struct obol_account account;
	uint64_t code_expires_at;
	/** from a slot's wrap, so that devices know their account again */
	uint8_t account_id[OBOL_ACCOUNT_ID_LEN];
	bool has_account_id;
	uint64_t vpn_version;
};

static const char about_reset[] =
	"For a forgotten password without a recovery code: a new account key and "
	"an activation code. All devices and the password are dropped; what is "
	"stored stays, and only a recovery code made before can open it. "
	"Certificates are issued anew at the activation.";

static const char about_new_code[] =
	"For an activation code that was lost or has ended before its use: "
	"another one. The old one is void.";

static enum obol_options_result read_options(struct reset *reset, int argc,
											 char **argv, const char **name)
{
	const struct obol_option options[] = {
		{ .name = "code-valid",
		  .kind = OBOL_OPTION_TEXT,
		  .argument = "TIME",
		  .help = "how long the code is good, default 14d",
		  .value = &reset->code_valid },
		OBOL_CTL_OPTIONS(reset->ctl),
		OBOL_CTL_CONTROL(reset->ctl),
		OBOL_CTL_JSON(reset->ctl),
		{ .name = "pkcs12",
		  .letter = 'p',
		  .kind = OBOL_OPTION_TEXT,
		  .argument = "FILE",
		  .help = "the old PKI's PKCS#12 file once more, where the account "
				  "was added with one",
		  .value = &reset->pkcs12 },
		{ .name = "pkcs12-ca",
		  .kind = OBOL_OPTION_TEXT,
		  .argument = "FILE",
		  .help = "PEM file of its CA, when the PKCS#12 file has none",
		  .value = &reset->pkcs12_ca },
		{ .name = "password-fd",
		  .kind = OBOL_OPTION_NUMBER,
		  .argument = "FD",
		  .help = "descriptor to read the PKCS#12 file's password from",
		  .value = &reset->password_fd,
		  .max = 1023 },
		/* the last one, as new-code has no question */
		{ .name = "yes",
		  .letter = 'y',
		  .kind = OBOL_OPTION_FLAG,
		  .help = "do not ask",
		  .value = &reset->is_sure },
	};
	const struct obol_usage usage = {
		.command = reset->is_new_code ? "obolctl account new-code"
									  : "obolctl account reset",
		.arguments = "NAME",
		.about = reset->is_new_code ? about_new_code : about_reset,
		.options = options,
		.n_options =
			sizeof(options) / sizeof(options[0]) - (reset->is_new_code ? 1 : 0),
		.min_arguments = 1,
		.max_arguments = 1,
	};

	return obol_options_parse_one(&usage, argc, argv, name);
}

/** What the account has: its id, and the version of its VPN credential. */
static enum obol_status look(struct reset *reset)
{
	struct obol_store_list *list = calloc(1, sizeof(*list));
	enum obol_status status = OBOL_ERR_NOMEM;
	size_t i;

	if (list)
	{
		list->in = obol_ctl_request(reset->ctl, &reset->account);
		status =
			obol_operator_account_id(reset->ctl->store, &reset->account,
									 reset->account_id, &reset->has_account_id);
	}
	if (status == OBOL_OK)
	{
		status = obol_store_run(reset->ctl->store, OBOL_STORE_LIST, list);
	}
	for (i = 0; status == OBOL_OK && i < list->out.n_items; i++)
	{
		if (obol_bytes_eq(list->out.items[i].name, obol_bytes_str("vpn")))
		{
			reset->vpn_version = list->out.items[i].version;
		}
	}
	free(list);
	return status;
}

/** Whether it may be done at all, and is meant. */
static bool check(struct reset *reset)
{
	const struct obol_account *account = &reset->account;
	char question[OBOL_NAME_MAX + 160];
	char why[OBOL_WHY_MAX];
	enum obol_status status;

	if (!obol_ctl_code_end(reset->ctl, reset->code_valid,
						   &reset->code_expires_at, why, sizeof(why)))
	{
		(void)obol_ctl_fail("%s", why);
		return false;
	}
	if (reset->is_new_code && account->activated_at != 0)
	{
		(void)obol_ctl_fail("account '%s' has been activated; obolctl account "
							"reset is for a forgotten password",
							account->name);
		return false;
	}
	if (account->activated_at == 0 && account->n_credentials > 0 &&
		!reset->pkcs12)
	{
		(void)obol_ctl_fail("account '%s' was added with an old PKI's "
							"PKCS#12 file, which only the lost code opens; "
							"give --pkcs12 once more",
							account->name);
		return false;
	}
	if (reset->ctl->is_control && reset->pkcs12)
	{
		(void)obol_ctl_fail("--pkcs12 is not for a help desk: ask your "
							"administrator");
		return false;
	}
	status = look(reset);
	if (status != OBOL_OK)
	{
		(void)obol_ctl_fail_store(status, "looking at the account");
		return false;
	}
	(void)snprintf(question, sizeof(question),
				   "Drop the password and %lu device(s) of '%s', and make a "
				   "new account key? (yes/no)",
				   (unsigned long)account->n_devices, account->name);
	if (!reset->is_new_code && !reset->is_sure && !obol_ask_yes(question))
	{
		(void)obol_ctl_fail(
			"nothing was changed%s",
			obol_ask_possible() ? "" : "; without a terminal give --yes");
		return false;
	}
	return true;
}

static void say_headline(const struct reset *reset, char headline[HEADLINE_MAX])
{
	(void)snprintf(headline, HEADLINE_MAX,
				   reset->is_new_code ? "account '%s' has a new code"
									  : "account '%s' was reset",
				   reset->account.name);
}

/** By a help desk: obold makes the code. */
static int work_control(struct reset *reset)
{
	uint64_t now = obol_now(reset->ctl->clock);
	struct obol_activation_code code = { .secret = NULL };
	char headline[HEADLINE_MAX];
	struct obol_ctl_code_text text = {
		.headline = headline,
		.name = reset->account.name,
		.identity = reset->account.identity,
	};
	struct obol_control_code made;
	enum obol_status status;

	status = obol_control_reset(reset->ctl->store,
								reset->code_expires_at > now
									? (uint32_t)(reset->code_expires_at - now)
									: 0,
								&made);
	if (status != OBOL_OK)
	{
		return obol_ctl_fail_change(reset->ctl, status, "making a new code");
	}
	code.text = made.text;
	code.slot.expires_at = made.expires_at;
	text.revoked = &made.revoked;
	say_headline(reset, headline);
	obol_ctl_code_print(reset->ctl, &code, &text);
	obol_activation_code_clear(&code);
	return OBOL_EXIT_DONE;
}

static bool store(struct reset *reset, const struct obol_activation_code *code,
				  const struct obol_put_request *credential,
				  struct obol_store_revoked *revoked)
{
	struct obol_store_account_reset arg = {
		.in = { .account_id = reset->account.id,
				.generation = reset->account.generation + 1,
				.activation = code->slot,
				.n_credentials = credential ? 1 : 0,
				.credentials = credential,
				.actor = reset->ctl->actor,
				.now = obol_now(reset->ctl->clock) }
	};
	enum obol_status status =
		obol_store_run(reset->ctl->store, OBOL_STORE_ACCOUNT_RESET, &arg);

	if (status != OBOL_OK)
	{
		(void)obol_ctl_fail_store(status, "making a new code");
	}
	*revoked = arg.out.revoked;
	return status == OBOL_OK;
}

static int work(struct reset *reset)
{
	struct obol_ctl_pkcs12 old = { .sealed = { .buf = NULL } };
	char headline[HEADLINE_MAX];
	struct obol_ctl_code_text text = {
		.headline = headline,
		.name = reset->account.name,
		.is_gateway = reset->account.kind == OBOL_ACCOUNT_GATEWAY,
		.identity = reset->account.identity,
	};
	struct obol_store_revoked revoked = { 0, 0, 0 };
	struct obol_activation_code code;
	int exit_code = OBOL_EXIT_FAILED;

	say_headline(reset, headline);
	if (!obol_ctl_code_new(reset->ctl, reset->account.name,
						   reset->has_account_id ? reset->account_id : NULL,
						   reset->account.generation + 1,
						   reset->code_expires_at, &code))
	{
		return exit_code;
	}
	if (reset->pkcs12 &&
		!obol_ctl_pkcs12_seal(reset->ctl, reset->pkcs12, reset->pkcs12_ca,
							  reset->password_fd, &code.key, reset->vpn_version,
							  &old))
	{
		goto out;
	}
	if (store(reset, &code, reset->pkcs12 ? &old.put : NULL, &revoked))
	{
		text.revoked = &revoked;
		obol_ctl_code_print(reset->ctl, &code, &text);
		exit_code = OBOL_EXIT_DONE;
	}
out:
	obol_ctl_pkcs12_clear(&old);
	obol_activation_code_clear(&code);
	return exit_code;
}

static int run(struct reset *reset, int argc, char **argv)
{
	enum obol_options_result result;
	const char *name = NULL;

	result = read_options(reset, argc, argv, &name);
	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	if (!obol_ctl_need_store(reset->ctl) ||
		(!reset->ctl->is_control && !obol_ctl_need_keys(reset->ctl)) ||
		!obol_ctl_find(reset->ctl, name, &reset->account) || !check(reset))
	{
		return OBOL_EXIT_FAILED;
	}
	return reset->ctl->is_control ? work_control(reset) : work(reset);
}

int obol_ctl_account_reset(struct obol_ctl *ctl, int argc, char **argv)
{
	struct reset reset = { .ctl = ctl, .password_fd = OBOL_CTL_NO_FD };

	return run(&reset, argc, argv);
}

int obol_ctl_account_new_code(struct obol_ctl *ctl, int argc, char **argv)
{
	struct reset reset = { .ctl = ctl,
						   .is_new_code = true,
						   .password_fd = OBOL_CTL_NO_FD };

	return run(&reset, argc, argv);
}
