/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl ca status: where the change from one CA to the next stands. */
#include "tools/ctl_commands.h"

#include "tools/ctl_ca.h"

#define DAYS "90"
#define SHOWN_MAX 20

struct status {
	struct obol_ctl *ctl;
	struct obol_ctl_cas cas;
	uint32_t days;
	uint64_t now;
	struct obol_json json;
	/** CAs of the set that issue no more */
	size_t n_old;
	/** something is to be done */
	bool is_due;
};

static void show_ca(struct status *this, const char *what,
					const struct obol_ctl_ca *ca)
{
	const struct obol_issuer *issuer = ca->issuer;
	int64_t days = obol_ctl_days_left(issuer->not_after, this->now);
	char fingerprint[2 * OBOL_STORE_ROOT_LEN + 1];
	char subject[OBOL_TEXT_MAX], end[OBOL_TIME_TEXT_MAX];
	uint64_t not_after;

	obol_ctl_ca_describe(issuer->n_chain ? issuer->chain[0] : issuer->cas[0],
						 subject, sizeof(subject), &not_after);
	obol_ctl_ca_fingerprint(obol_ctl_ca_root(ca), fingerprint);
	if (!this->ctl->is_json)
	{
		(void)printf("%-9s ", what);
		obol_output_text(stdout, obol_bytes_str(subject), 0);
		(void)printf("\n          %lld days, to %s%s, %s\n"
					 "          root SHA-256 %s\n",
					 (long long)days, obol_output_time(not_after, end),
					 obol_ctl_ca_is_root(ca) ? "" : ", an intermediate",
					 ca->certificate, fingerprint);
		return;
	}
	obol_json_begin_object(&this->json, what);
	obol_json_str(&this->json, "certificate", ca->certificate);
	obol_json_str(&this->json, "subject", subject);
	obol_json_number(&this->json, "not_after", (int64_t)not_after);
	obol_json_number(&this->json, "days", days);
	obol_json_bool(&this->json, "is_root", obol_ctl_ca_is_root(ca));
	obol_json_str(&this->json, "root_sha256", fingerprint);
	obol_json_end_object(&this->json);
}

static bool show_old(struct status *this, struct obol_bytes root)
{
	char fingerprint[2 * OBOL_STORE_ROOT_LEN + 1];
	char subject[OBOL_TEXT_MAX], end[OBOL_TIME_TEXT_MAX];
	struct obol_store_root_count count;
	uint64_t not_after;

	if (!obol_ctl_cas_count(&this->cas, root, &count))
	{
		return false;
	}
	obol_ctl_ca_describe(root, subject, sizeof(subject), &not_after);
	obol_ctl_ca_fingerprint(root, fingerprint);
	if (!this->ctl->is_json)
	{
		(void)printf("old       ");
		obol_output_text(stdout, obol_bytes_str(subject), 0);
		(void)printf("\n          good certificates by it: %u of accounts, %u "
					 "of gateways%s%s\n          root SHA-256 %s\n",
					 (unsigned)count.out.n_accounts,
					 (unsigned)count.out.n_gateways,
					 count.out.last_not_after ? ", the last to " : "",
					 count.out.last_not_after
						 ? obol_output_time(count.out.last_not_after, end)
						 : "",
					 fingerprint);
		return true;
	}
	obol_json_begin_object(&this->json, NULL);
	obol_json_str(&this->json, "subject", subject);
	obol_json_number(&this->json, "not_after", (int64_t)not_after);
	obol_json_str(&this->json, "root_sha256", fingerprint);
	obol_json_number(&this->json, "accounts_certificates",
					 count.out.n_accounts);
	obol_json_number(&this->json, "gateways_certificates",
					 count.out.n_gateways);
	obol_json_number(&this->json, "last_not_after",
					 (int64_t)count.out.last_not_after);
	obol_json_end_object(&this->json);
	return true;
}

/** CAs of the set that are neither present nor next. */
static bool show_old_ones(struct status *this)
{
	const struct obol_ctl_cas *cas = &this->cas;
	bool done = true;
	size_t i;

	if (this->ctl->is_json)
	{
		obol_json_begin_array(&this->json, "old");
	}
	for (i = 0; done && cas->set && i < obol_anchors_n_cas(cas->set); i++)
	{
		struct obol_bytes root = obol_anchors_ca(cas->set, i);

		if (obol_bytes_eq(root, obol_ctl_ca_root(&cas->present)) ||
			(cas->next.issuer &&
			 obol_bytes_eq(root, obol_ctl_ca_root(&cas->next))))
		{
			continue;
		}
		this->n_old++;
		done = show_old(this, root);
	}
	if (this->ctl->is_json)
	{
		obol_json_end_array(&this->json);
	}
	return done;
}

static void show_set(struct status *this)
{
	const struct obol_anchors *set = this->cas.set;
	char made[OBOL_TIME_TEXT_MAX];

	if (this->ctl->is_json)
	{
		obol_json_begin_object(&this->json, "set");
		obol_json_number(&this->json, "number",
						 obol_ctl_cas_number(&this->cas));
		obol_json_number(&this->json, "created_at",
						 set ? (int64_t)obol_anchors_created_at(set) : 0);
		obol_json_number(&this->json, "cas",
						 set ? (int64_t)obol_anchors_n_cas(set) : 0);
		obol_json_end_object(&this->json);
	}
	else if (set)
	{
		(void)printf("set       %u, of %s, %zu CA%s\n",
					 (unsigned)obol_anchors_number(set),
					 obol_output_time(obol_anchors_created_at(set), made),
					 obol_anchors_n_cas(set),
					 obol_anchors_n_cas(set) == 1 ? "" : "s");
	}
	else
	{
		(void)printf("set       none yet\n");
	}
}

static void show_account(struct status *this,
						 const struct obol_store_lacking *item)
{
	char login[OBOL_TIME_TEXT_MAX];

	if (this->ctl->is_json)
	{
		obol_json_begin_object(&this->json, NULL);
		obol_json_str(&this->json, "name", item->name);
		obol_json_number(&this->json, "devices", item->n_devices);
		obol_json_number(&this->json, "lacking", item->n_lacking);
		obol_json_number(&this->json, "last_login_at",
						 (int64_t)item->last_login_at);
		obol_json_end_object(&this->json);
		return;
	}
	(void)printf("          ");
	obol_output_text(stdout, obol_bytes_str(item->name), 24);
	if (item->n_devices)
	{
		(void)printf(" %u of %u devices", (unsigned)item->n_lacking,
					 (unsigned)item->n_devices);
	}
	else
	{
		(void)printf(" without a device ");
	}
	(void)printf(", last login %s\n",
				 obol_output_time(item->last_login_at, login));
}

static bool show_lacking(struct status *this)
{
	struct obol_store_anchors_lacking lacking;
	size_t i;

	if (!obol_ctl_cas_lacking(&this->cas, SHOWN_MAX, &lacking))
	{
		return false;
	}
	/* before the first set nobody can lack it */
	if (!this->cas.set)
	{
		lacking.out.n_lacking = 0;
		lacking.out.n_items = 0;
	}
	/* and while nothing changes nobody has to be waited for */
	this->is_due =
		lacking.out.n_lacking > 0 && (this->cas.next.issuer || this->n_old);
	if (this->ctl->is_json)
	{
		obol_json_number(&this->json, "accounts", lacking.out.n_accounts);
		obol_json_number(&this->json, "accounts_lacking",
						 lacking.out.n_lacking);
		obol_json_begin_array(&this->json, "lacking");
	}
	else
	{
		(void)printf("accounts  %u in use, %u of them lack%s the set\n",
					 (unsigned)lacking.out.n_accounts,
					 (unsigned)lacking.out.n_lacking,
					 lacking.out.n_lacking == 1 ? "s" : "");
	}
	for (i = 0; i < lacking.out.n_items; i++)
	{
		show_account(this, &lacking.out.items[i]);
	}
	if (this->ctl->is_json)
	{
		obol_json_end_array(&this->json);
	}
	else if (lacking.out.n_lacking > lacking.out.n_items)
	{
		(void)printf("          and %u more\n",
					 (unsigned)(lacking.out.n_lacking - lacking.out.n_items));
	}
	return true;
}

/** What is wrong, or next; "" for nothing. */
static const char *advice(struct status *this)
{
	const struct obol_ctl_cas *cas = &this->cas;
	struct obol_anchors_trust trust = obol_ctl_cas_trust(cas);

	if (!obol_anchors_trust_has(&trust, obol_ctl_ca_root(&cas->present)))
	{
		return "the set lacks the present CA's root: clients refuse what it "
			   "issues; was the CA's file exchanged without obolctl ca next?";
	}
	if (cas->next.issuer &&
		!obol_anchors_trust_has(&trust, obol_ctl_ca_root(&cas->next)))
	{
		return "the next CA's root is in no set yet: obolctl ca export-set";
	}
	if (!cas->next.issuer &&
		obol_ctl_days_left(cas->present.issuer->not_after, this->now) <
			(int64_t)this->days)
	{
		return "the present CA ends soon: obolctl ca next";
	}
	return "";
}

static int work(struct status *this)
{
	const char *text;
	bool done;

	if (!obol_ctl_cas_open(&this->cas, this->ctl))
	{
		return OBOL_EXIT_FAILED;
	}
	this->now = obol_now(this->ctl->clock);
	obol_json_init(&this->json, stdout);
	if (this->ctl->is_json)
	{
		obol_json_begin_object(&this->json, NULL);
	}
	show_ca(this, "present", &this->cas.present);
	if (this->cas.next.issuer)
	{
		show_ca(this, "next", &this->cas.next);
	}
	done = show_old_ones(this);
	show_set(this);
	done = done && show_lacking(this);
	text = advice(this);
	this->is_due = this->is_due || *text;
	if (this->ctl->is_json)
	{
		obol_json_str(&this->json, "advice", text);
		obol_json_end_object(&this->json);
	}
	else if (*text)
	{
		(void)printf("\n%s\n", text);
	}
	return done && !this->is_due ? OBOL_EXIT_DONE : OBOL_EXIT_FAILED;
}

int obol_ctl_ca_status(struct obol_ctl *ctl, int argc, char **argv)
{
	struct status this = { .ctl = ctl, .days = 90 };
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
		.command = "obolctl ca status",
		.arguments = "",
		.about = "Show the CA that issues, the next and the old ones, the set "
				 "that clients trust, and which accounts lack it. Exits 1 when "
				 "something is to be done or waited for.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
	};
	enum obol_options_result result;
	int code;

	result = obol_options_parse_one(&usage, argc, argv, NULL);
	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	code = work(&this);
	obol_ctl_cas_close(&this.cas);
	return code;
}
