/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl ca next: the CA that follows, made or brought, and the set that
 * tells clients of it. */
#include "tools/ctl_commands.h"

#include "base/file.h"
#include "issue/ca_key.h"
#include "tools/ctl_ca.h"
#include "tools/ctl_signer.h"

#include <openssl/err.h>
#include <unistd.h>

struct next {
	struct obol_ctl *ctl;
	struct obol_ctl_cas cas;
	struct obol_ctl_ca_wish wish;
	/* what came of it */
	bool is_known;
	bool is_signed;
};

static enum obol_options_result read_options(struct next *next, int argc,
											 char **argv)
{
	const struct obol_option options[] = {
		OBOL_CTL_CA_WISH_OPTIONS(&next->wish),
		OBOL_CTL_OPTIONS(next->ctl),
		OBOL_CTL_JSON(next->ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl ca next",
		.arguments = "",
		.about = "Make or take the CA that follows the present one, and have "
				 "clients trust both. Nothing is issued by it until obolctl ca "
				 "switch.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
	};

	return obol_options_parse_one(&usage, argc, argv, NULL);
}

/** Clients are told, unless they know the root or its key is elsewhere. */
static bool publish(struct next *next)
{
	struct obol_ctl_cas *cas = &next->cas;
	struct obol_anchors_trust trust = obol_ctl_cas_trust(cas);
	struct obol_anchors_body body;
	struct obol_writer cms;
	bool done;

	next->is_known =
		obol_anchors_trust_has(&trust, obol_ctl_ca_root(&cas->next));
	if (next->is_known || !obol_ctl_cas_can_sign(cas))
	{
		return true;
	}
	obol_writer_init(&cms);
	done = obol_ctl_cas_body(cas, false, &body) &&
		   obol_ctl_cas_sign(cas, &body, &cms) &&
		   obol_ctl_cas_publish(cas, obol_writer_view(&cms), OBOL_OP_CA_SET);
	next->is_signed = done;
	obol_writer_clear(&cms);
	return done;
}

static void print_json(const struct next *next)
{
	char fingerprint[2 * OBOL_STORE_ROOT_LEN + 1];
	struct obol_json json;

	obol_ctl_ca_fingerprint(obol_ctl_ca_root(&next->cas.next), fingerprint);
	obol_json_init(&json, stdout);
	obol_json_begin_object(&json, NULL);
	obol_json_str(&json, "certificate", next->cas.next.certificate);
	obol_json_str(&json, "key", next->cas.next.key);
	obol_json_str(&json, "root_sha256", fingerprint);
	obol_json_number(&json, "not_after",
					 (int64_t)next->cas.next.issuer->not_after);
	obol_json_number(&json, "set", obol_ctl_cas_number(&next->cas));
	obol_json_bool(&json, "root_is_known", next->is_known);
	obol_json_bool(&json, "set_is_signed", next->is_signed);
	obol_json_end_object(&json);
}

static void print(const struct next *next)
{
	char fingerprint[2 * OBOL_STORE_ROOT_LEN + 1];
	char end[OBOL_TIME_TEXT_MAX];

	if (next->ctl->is_json)
	{
		print_json(next);
		return;
	}
	obol_ctl_ca_fingerprint(obol_ctl_ca_root(&next->cas.next), fingerprint);
	(void)printf("next CA       %s\nits key       %s\nis good to    %s\n"
				 "root SHA-256  %s\n",
				 next->cas.next.certificate, next->cas.next.key,
				 obol_output_time(next->cas.next.issuer->not_after, end),
				 fingerprint);
	if (next->is_known)
	{
		(void)printf("\nclients trust its root already\nnext: obolctl ca "
					 "install, on each gateway\n      obolctl ca switch\n");
		return;
	}
	if (!next->is_signed)
	{
		obol_ctl_cas_tell_export(false);
		return;
	}
	(void)printf("set           %u, which clients take at their next login\n\n"
				 "next: obolctl ca install, on each gateway\n"
				 "      obolctl ca status, until nobody lacks the set\n"
				 "      obolctl ca switch\n",
				 (unsigned)obol_ctl_cas_number(&next->cas));
}

/** The key is where the signer is, and its certificate alone comes here. */
static bool check_place(const struct next *next)
{
	bool is_away = obol_config_signer_is_away(next->ctl->config);

	if (is_away && (!next->wish.certificate || next->wish.key))
	{
		(void)obol_ctl_fail("the CA's key is on the signer's machine: make the "
							"next CA there with obolctl signer next, and bring "
							"its certificate with --cert alone");
		return false;
	}
	if (!is_away && !next->wish.certificate != !next->wish.key)
	{
		(void)obol_ctl_fail("--cert and --key go together");
		return false;
	}
	return true;
}

static int work(struct next *next)
{
	if (!obol_ctl_need_config(next->ctl) || !check_place(next) ||
		!obol_ctl_cas_open(&next->cas, next->ctl))
	{
		return OBOL_EXIT_FAILED;
	}
	if (!obol_ctl_ca_make_next(&next->cas, &next->wish))
	{
		return obol_ctl_fail("nothing was changed");
	}
	if (!publish(next))
	{
		obol_ctl_ca_drop_next(&next->cas);
		return obol_ctl_fail("nothing was changed");
	}
	print(next);
	return OBOL_EXIT_DONE;
}

int obol_ctl_ca_next(struct obol_ctl *ctl, int argc, char **argv)
{
	struct next next = { .ctl = ctl };
	enum obol_options_result result = read_options(&next, argc, argv);
	int code;

	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	code = obol_ctl_ca_wish_check(&next.wish) ? work(&next) : OBOL_EXIT_FAILED;
	obol_ctl_cas_close(&next.cas);
	return code;
}
