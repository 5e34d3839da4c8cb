/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl status: how the server is, and what ends when. */
#include "tools/ctl_commands.h"

#include "tools/ctl_account_text.h"
#include "tools/ctl_keys.h"
#include "tools/ctl_pem.h"
#include "tools/ctl_running.h"

#include <stdlib.h>

#define DAYS "30"
#define ENDING_MAX 10
#define GATEWAYS_MAX 1000

/** An account that ends. */
struct ending {
	char name[OBOL_NAME_MAX + 1];
	uint64_t expires_at;
};

struct status {
	struct obol_ctl *ctl;
	struct obol_running running;
	uint32_t days;
	uint64_t now;
	struct obol_json json;
	/** something ends in fewer days */
	bool is_short;
	size_t n_accounts;
	size_t n_active;
	size_t n_disabled;
	size_t n_expired;
	size_t n_waiting;
	/** for the operator's approval */
	size_t n_to_approve;
	/** slots that were made with a key that is not the current one */
	uint64_t n_old_key_slots;
	/** those that end next, soonest first */
	size_t n_ending;
	struct ending ending[ENDING_MAX];
};

static void note_end(struct status *this, const char *what, const char *name,
					 uint64_t at)
{
	int64_t days = obol_ctl_days_left(at, this->now);
	bool is_short = days < (int64_t)this->days;
	char end[OBOL_TIME_TEXT_MAX];

	this->is_short = this->is_short || is_short;
	if (!this->ctl->is_json)
	{
		(void)printf("%-16s ", what);
		obol_output_text(stdout, obol_bytes_str(name), 28);
		(void)printf(" %6lld days, to %s%s\n", (long long)days,
					 obol_output_time(at, end),
					 days < 0   ? "  HAS ENDED"
					 : is_short ? "  SOON"
								: "");
		return;
	}
	obol_json_begin_object(&this->json, NULL);
	obol_json_str(&this->json, "what", what);
	obol_json_str(&this->json, "name", name);
	obol_json_number(&this->json, "ends_at", (int64_t)at);
	obol_json_number(&this->json, "days", days);
	obol_json_bool(&this->json, "soon", is_short);
	obol_json_end_object(&this->json);
}

/** A certificate in a file; one that cannot be read is as bad as ended. */
static void note_file(struct status *this, const char *what, const char *path)
{
	char why[OBOL_WHY_MAX];
	uint64_t end;

	if (obol_ctl_pem_end(path, &end, why, sizeof(why)))
	{
		note_end(this, what, path, end);
		return;
	}
	this->is_short = true;
	(void)obol_ctl_fail("%s", why);
}

/** A gateway's newest certificate counts: those before it were replaced. */
static bool is_newest(const struct obol_store_certificates *all, size_t i)
{
	size_t j;

	for (j = i + 1; j < all->out.n_certificates; j++)
	{
		if (strcmp(all->out.certificates[j].subject,
				   all->out.certificates[i].subject) == 0)
		{
			return false;
		}
	}
	return true;
}

static enum obol_status note_gateways(struct status *this)
{
	/* ended ones are told too, for as long as they are recorded */
	struct obol_store_certificates arg = {
		.in = { .account_id = OBOL_STORE_NO_ACCOUNT, .limit = GATEWAYS_MAX }
	};
	enum obol_status status;
	size_t i;

	status = obol_store_run(this->ctl->store, OBOL_STORE_CERTIFICATES, &arg);
	for (i = 0; status == OBOL_OK && i < arg.out.n_certificates; i++)
	{
		if (is_newest(&arg, i))
		{
			note_end(this, "gateway", arg.out.certificates[i].subject,
					 arg.out.certificates[i].not_after);
		}
	}
	return status;
}

/** Into its place among those that end next. */
static void insert(struct status *this, const struct obol_account *account)
{
	size_t i = this->n_ending;

	if (i == ENDING_MAX &&
		this->ending[i - 1].expires_at <= account->expires_at)
	{
		return;
	}
	if (i < ENDING_MAX)
	{
		this->n_ending++;
	}
	else
	{
		i--;
	}
	for (; i > 0 && this->ending[i - 1].expires_at > account->expires_at; i--)
	{
		this->ending[i] = this->ending[i - 1];
	}
	(void)snprintf(this->ending[i].name, sizeof(this->ending[i].name), "%s",
				   account->name);
	this->ending[i].expires_at = account->expires_at;
}

static void count(void *ctx, const struct obol_account *account)
{
	struct status *this = ctx;

	this->n_accounts++;
	if (account->state == OBOL_ACCOUNT_WAITING)
	{
		this->n_to_approve++;
	}
	else if (account->state != OBOL_ACCOUNT_ACTIVE)
	{
		this->n_disabled++;
	}
	else if (account->expires_at != 0 && account->expires_at <= this->now)
	{
		this->n_expired++;
	}
	else
	{
		this->n_active += account->activated_at != 0;
		this->n_waiting += account->activated_at == 0;
		if (account->expires_at != 0)
		{
			insert(this, account);
		}
	}
}

/** Old keys that somebody's slot still needs. */
static void note_keys(struct status *this)
{
	struct obol_key_use uses[OBOL_SERVER_KEYS_MAX];
	char name[64];
	size_t n, i;

	if (!obol_ctl_key_uses(this->ctl, uses, &n))
	{
		this->is_short = true;
		return;
	}
	for (i = 0; i < n; i++)
	{
		if (uses[i].is_current || !uses[i].n_slots)
		{
			continue;
		}
		this->n_old_key_slots += uses[i].n_slots;
		if (uses[i].info.ends_at)
		{
			(void)snprintf(name, sizeof(name), "key %u with %llu slots",
						   (unsigned)uses[i].info.number,
						   (unsigned long long)uses[i].n_slots);
			note_end(this, "server key", name, uses[i].info.ends_at);
		}
	}
}

static enum obol_status note_all(struct status *this)
{
	const struct obol_config *config = this->ctl->config;
	enum obol_status status;
	size_t i;

	if (*config->ca.certificate)
	{
		note_file(this, "CA", config->ca.certificate);
	}
	note_file(this, "TLS", config->tls.certificate);
	note_keys(this);
	status = note_gateways(this);
	if (status == OBOL_OK)
	{
		status = obol_ctl_each_account(this->ctl, count, this);
	}
	for (i = 0; status == OBOL_OK && i < this->n_ending; i++)
	{
		note_end(this, "account", this->ending[i].name,
				 this->ending[i].expires_at);
	}
	return status;
}

/* All that the database and the files tell. */
static int show_stored(struct status *this)
{
	enum obol_status status;

	if (!obol_ctl_need_store(this->ctl))
	{
		return OBOL_EXIT_FAILED;
	}
	if (this->ctl->is_json)
	{
		obol_json_begin_array(&this->json, "ends");
	}
	status = note_all(this);
	if (this->ctl->is_json)
	{
		obol_json_end_array(&this->json);
		obol_json_number(&this->json, "accounts", (int64_t)this->n_accounts);
		obol_json_number(&this->json, "active", (int64_t)this->n_active);
		obol_json_number(&this->json, "not_activated",
						 (int64_t)this->n_waiting);
		obol_json_number(&this->json, "disabled", (int64_t)this->n_disabled);
		obol_json_number(&this->json, "waiting", (int64_t)this->n_to_approve);
		obol_json_number(&this->json, "expired", (int64_t)this->n_expired);
		obol_json_number(&this->json, "old_key_slots",
						 (int64_t)this->n_old_key_slots);
		obol_json_bool(&this->json, "soon", this->is_short);
	}
	else
	{
		(void)printf("accounts         %zu: %zu active, %zu not activated, "
					 "%zu disabled, %zu expired, %zu waiting for approval\n",
					 this->n_accounts, this->n_active, this->n_waiting,
					 this->n_disabled, this->n_expired, this->n_to_approve);
		if (this->n_old_key_slots)
		{
			(void)printf("old keys         %llu slots move to the current "
						 "key at their owners' next login\n",
						 (unsigned long long)this->n_old_key_slots);
		}
	}
	if (status != OBOL_OK)
	{
		return obol_ctl_fail_store(status, "reading the database");
	}
	return this->is_short ? OBOL_EXIT_FAILED : OBOL_EXIT_DONE;
}

/* First the server: it tells most when the database cannot be had. */
static int work(struct status *this)
{
	int code;

	this->now = obol_now(this->ctl->clock);
	obol_running_ask(this->ctl->config->metrics_listen, &this->running);
	obol_json_init(&this->json, stdout);
	if (this->ctl->is_json)
	{
		obol_json_begin_object(&this->json, NULL);
		obol_running_json(&this->running, &this->json);
	}
	else
	{
		obol_running_print(&this->running);
		(void)fflush(stdout);
	}
	code = show_stored(this);
	if (this->ctl->is_json)
	{
		obol_json_end_object(&this->json);
	}
	if (this->running.is_asked && !this->running.is_well)
	{
		return OBOL_CTL_EXIT_NOT_WELL;
	}
	return code;
}

int obol_ctl_status(struct obol_ctl *ctl, int argc, char **argv)
{
	struct status this = { .ctl = ctl, .days = 30 };
	const struct obol_option options[] = {
		{ .name = "days",
		  .letter = 'd',
		  .kind = OBOL_OPTION_NUMBER,
		  .argument = "N",
		  .help = "what is soon, default " DAYS,
		  .value = &this.days,
		  .max = 3650 },
		OBOL_CTL_OPTIONS(ctl),
		OBOL_CTL_JSON(ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl status",
		.arguments = "",
		.about = "Show how obold is, if obold.conf has an address in section "
				 "metrics, how long CA, TLS and gateway certificates are good, "
				 "and which accounts end next. Exits 3 when obold does not "
				 "answer there or is not well, else 1 when one of these ends "
				 "in fewer than " DAYS " days.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
	};
	enum obol_options_result result;

	result = obol_options_parse_one(&usage, argc, argv, NULL);
	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	return obol_ctl_need_config(ctl) ? work(&this) : OBOL_EXIT_FAILED;
}
