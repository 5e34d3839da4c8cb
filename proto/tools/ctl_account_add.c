/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl account add. */
#include "tools/ctl_commands.h"

#include "tools/ctl_account_fill.h"
#include "tools/ctl_code.h"
#include "tools/ctl_pkcs12.h"
#include "wire/words.h"

struct add {
	struct obol_ctl *ctl;
	/* options */
	const char *identity;
	const char *lifetime;
	const char *expires;
	const char *mode;
	const char *key_type;
	const char *code_valid;
	const char *pkcs12;
	const char *pkcs12_ca;
	uint32_t password_fd;
	bool without_snippet;
	bool with_gateway;
	/* what they come to */
	struct obol_account account;
	uint64_t code_expires_at;
};

static enum obol_options_result read_options(struct add *add, int argc,
											 char **argv, const char **name)
{
	const struct obol_option options[] = {
		OBOL_TEXT_OPTION("identity", 'i', "ID",
						 "IKE identity, default NAME@DOMAIN", &add->identity),
		OBOL_TEXT_OPTION("lifetime", 'l', "TIME",
						 "of the account's certificates, such as 30d; default: "
						 "the configuration's",
						 &add->lifetime),
		OBOL_TEXT_OPTION("expires", 'e', "WHEN",
						 "end of the account: 2026-12-31, 90d, "
						 "\"2026-12-31 18:00 Europe/Berlin\"",
						 &add->expires),
		OBOL_TEXT_OPTION("mode", 'm', "MODE",
						 "portable: one certificate for all devices; device: "
						 "one for each; default: the configuration's",
						 &add->mode),
		OBOL_TEXT_OPTION("key-type", 'k', "TYPE",
						 OBOL_KEY_TYPE_WORDS "; default: the configuration's",
						 &add->key_type),
		OBOL_TEXT_OPTION("code-valid", 0, "TIME",
						 "how long the activation code is good, default 14d",
						 &add->code_valid),
		OBOL_TEXT_OPTION("pkcs12", 'p', "FILE",
						 "provision key and certificate of an old PKI",
						 &add->pkcs12),
		OBOL_TEXT_OPTION("pkcs12-ca", 0, "FILE",
						 "PEM file of its CA, when the PKCS#12 file has none",
						 &add->pkcs12_ca),
		{ .name = "password-fd",
		  .kind = OBOL_OPTION_NUMBER,
		  .argument = "FD",
		  .help = "descriptor to read the PKCS#12 file's password from",
		  .value = &add->password_fd,
		  .max = 1023 },
		OBOL_FLAG_OPTION("gateway-snippet", 'g',
						 "print the gateway's connection too",
						 &add->with_gateway),
		OBOL_FLAG_OPTION("no-snippet", 0, "do not print the user's connection",
						 &add->without_snippet),
		OBOL_CTL_OPTIONS(add->ctl),
		OBOL_CTL_JSON(add->ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl account add",
		.arguments = "NAME",
		.about = "Add an account and print its activation code, to be read "
				 "out to its user.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
		.min_arguments = 1,
		.max_arguments = 1,
	};

	return obol_options_parse_one(&usage, argc, argv, name);
}

/** Options into an account; false, with the reason said. */
static bool check(struct add *add, const char *name)
{
	struct obol_ctl_account_wish wish = {
		.name = name,
		.identity = add->identity,
		.lifetime = add->lifetime,
		.expires = add->expires,
		.mode = add->mode,
		.key_type = add->key_type,
	};
	char why[OBOL_WHY_MAX];

	if (!obol_ctl_account_fill(add->ctl, &wish, &add->account, why,
							   sizeof(why)) ||
		!obol_ctl_code_end(add->ctl, add->code_valid, &add->code_expires_at,
						   why, sizeof(why)))
	{
		(void)obol_ctl_fail("%s", why);
		return false;
	}
	if (!add->pkcs12 && add->pkcs12_ca)
	{
		(void)obol_ctl_fail("--pkcs12-ca goes with --pkcs12");
		return false;
	}
	return true;
}

static bool store(struct add *add, const struct obol_activation_code *code,
				  const struct obol_put_request *credential)
{
	struct obol_store_account_add arg = {
		.in = { .account = add->account,
				.activation = code->slot,
				.n_credentials = credential ? 1 : 0,
				.credentials = credential,
				.actor = add->ctl->actor,
				.now = obol_now(add->ctl->clock) }
	};
	enum obol_status status =
		obol_store_run(add->ctl->store, OBOL_STORE_ACCOUNT_ADD, &arg);

	if (status == OBOL_ERR_EXISTS)
	{
		(void)obol_ctl_fail("there is an account '%s' already; obolctl "
							"account new-code or reset gives it another code",
							add->account.name);
	}
	else if (status != OBOL_OK)
	{
		(void)obol_ctl_fail_store(status, "adding the account");
	}
	return status == OBOL_OK;
}

static void print(struct add *add, const struct obol_activation_code *code)
{
	char headline[OBOL_NAME_MAX + 96];
	struct obol_ctl_code_text text = {
		.headline = headline,
		.name = add->account.name,
		.identity = add->account.identity,
		.with_client = !add->without_snippet,
		.with_gateway = add->with_gateway,
	};

	(void)snprintf(
		headline, sizeof(headline), "account '%s' added%s", add->account.name,
		add->pkcs12 ? ", with the old PKI's key and certificate" : "");
	obol_ctl_code_print(add->ctl, code, &text);
}

static int work(struct add *add)
{
	struct obol_ctl_pkcs12 old = { .sealed = { .buf = NULL } };
	struct obol_activation_code code;
	int exit_code = OBOL_EXIT_FAILED;

	if (!obol_ctl_code_new(add->ctl, add->account.name, NULL, 1,
						   add->code_expires_at, &code))
	{
		return exit_code;
	}
	if (add->pkcs12 &&
		!obol_ctl_pkcs12_seal(add->ctl, add->pkcs12, add->pkcs12_ca,
							  add->password_fd, &code.key, 0, &old))
	{
		goto out;
	}
	if (store(add, &code, add->pkcs12 ? &old.put : NULL))
	{
		print(add, &code);
		exit_code = OBOL_EXIT_DONE;
	}
out:
	obol_ctl_pkcs12_clear(&old);
	obol_activation_code_clear(&code);
	return exit_code;
}

int obol_ctl_account_add(struct obol_ctl *ctl, int argc, char **argv)
{
	struct add add = { .ctl = ctl, .password_fd = OBOL_CTL_NO_FD };
	enum obol_options_result result;
	const char *name = NULL;

	result = read_options(&add, argc, argv, &name);
	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	if (!obol_ctl_need_keys(ctl) || !check(&add, name))
	{
		return OBOL_EXIT_FAILED;
	}
	return work(&add);
}
