/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl ca switch, ca retire: the next CA issues, the old one goes. */
#include "tools/ctl_commands.h"

#include "base/file.h"
#include "issue/ca_key.h"
#include "issue/pem.h"
#include "tools/ctl_ca.h"
#include "tools/ctl_signer.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <openssl/err.h>
#include <sys/stat.h>
#include <unistd.h>

struct move {
	struct obol_ctl *ctl;
	struct obol_ctl_cas cas;
	bool is_forced;
};

static enum obol_options_result
read_options(struct move *move, const char *command, const char *about,
			 const char *force, int argc, char **argv)
{
	const struct obol_option options[] = {
		OBOL_FLAG_OPTION("force", 'f', force, &move->is_forced),
		OBOL_CTL_OPTIONS(move->ctl),
		OBOL_CTL_JSON(move->ctl),
	};
	const struct obol_usage usage = {
		.command = command,
		.arguments = "",
		.about = about,
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
	};

	return obol_options_parse_one(&usage, argc, argv, NULL);
}

/*
 * Switch
 */

/** Names are durable when their directory is. */
static void sync_directory(const char *path)
{
	char directory[OBOL_CTL_CA_PATH_MAX];
	int fd;

	(void)snprintf(directory, sizeof(directory), "%s", path);
	fd = open(dirname(directory), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
	{
		(void)fsync(fd);
		(void)close(fd);
	}
}

static bool take_place(const char *from, const char *to)
{
	if (rename(from, to) != 0)
	{
		(void)obol_ctl_fail("%s cannot become %s: %s", from, to,
							strerror(errno));
		return false;
	}
	sync_directory(to);
	return true;
}

/** The first certificate of a file goes with a key. */
static bool fits(const char *certificate, EVP_PKEY *key)
{
	X509 *chain[2 * OBOL_CHAIN_MAX];
	char why[OBOL_WHY_MAX];
	bool does = false;
	size_t n = 0;

	if (obol_pem_read_certificates(certificate, 2 * OBOL_CHAIN_MAX, chain, &n,
								   why, sizeof(why)) == OBOL_OK)
	{
		does = X509_check_private_key(chain[0], key) == 1;
	}
	while (n > 0)
	{
		X509_free(chain[--n]);
	}
	return does;
}

static bool is_same_file(const char *one, const char *other)
{
	struct stat a, b;

	return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev &&
		   a.st_ino == b.st_ino;
}

/** A switch that was cut off before its end: the next CA's certificate still
 * has its own name, but its key, or itself, is in the present one's place. */
static bool is_half_done(struct obol_ctl *ctl, const struct obol_ctl_cas *cas)
{
	bool has_key = !obol_config_signer_is_away(ctl->config);
	char why[OBOL_WHY_MAX];
	EVP_PKEY *key = NULL;
	bool half = false;

	if (access(cas->next.certificate, F_OK) != 0 ||
		(has_key && access(cas->next.key, F_OK) == 0))
	{
		return false;
	}
	if (is_same_file(cas->next.certificate, cas->present.certificate))
	{
		return true;
	}
	if (has_key && obol_ca_key_open(cas->present.key, &ctl->tokens, &key, why,
									sizeof(why)) == OBOL_OK)
	{
		half = fits(cas->next.certificate, key);
	}
	EVP_PKEY_free(key);
	ERR_clear_error();
	return half;
}

/** The certificate takes the present one's place and keeps its name as the next
 * one: what has that name is a switch that is not at its end. */
static bool share_place(const char *from, const char *to)
{
	char other[OBOL_CTL_CA_PATH_MAX + sizeof(".switch")];
	bool done;

	(void)snprintf(other, sizeof(other), "%s.switch", to);
	(void)unlink(other);
	if (link(from, other) != 0)
	{
		(void)obol_ctl_fail("%s cannot become %s: %s", from, to,
							strerror(errno));
		return false;
	}
	done = take_place(other, to);
	/* rename() leaves both names of what is one file already */
	(void)unlink(other);
	return done;
}

bool obol_ctl_cas_finish_switch(struct obol_ctl *ctl, bool *done)
{
	struct obol_ctl_cas paths;

	memset(&paths, 0, sizeof(paths));
	obol_ctl_cas_paths(&paths, ctl->config);
	if (!is_half_done(ctl, &paths))
	{
		return false;
	}
	*done = share_place(paths.next.certificate, paths.present.certificate);
	return true;
}

/** Keep the present CA beside the new one; what it replaces has been
 * retired. */
static bool keep_old(const struct obol_ctl_cas *cas)
{
	bool has_key = !obol_config_signer_is_away(cas->ctl->config);

	(void)unlink(cas->old.key);
	(void)unlink(cas->old.certificate);
	if ((has_key && link(cas->present.key, cas->old.key) != 0) ||
		link(cas->present.certificate, cas->old.certificate) != 0)
	{
		(void)obol_ctl_fail("%s cannot be kept as %s: %s",
							cas->present.certificate, cas->old.certificate,
							strerror(errno));
		return false;
	}
	return true;
}

bool obol_ctl_cas_switch_files(const struct obol_ctl_cas *cas)
{
	return keep_old(cas) &&
		   (obol_config_signer_is_away(cas->ctl->config) ||
			take_place(cas->next.key, cas->present.key)) &&
		   share_place(cas->next.certificate, cas->present.certificate);
}

bool obol_ctl_cas_end_switch(const struct obol_ctl_cas *cas)
{
	if (unlink(cas->next.certificate) != 0)
	{
		(void)obol_ctl_fail("%s cannot be removed: %s", cas->next.certificate,
							strerror(errno));
		return false;
	}
	sync_directory(cas->next.certificate);
	return true;
}

/** Roots in the set that are neither the present CA's nor the next one's. */
static size_t n_old_roots(const struct obol_ctl_cas *cas)
{
	size_t n = 0, i;

	for (i = 0; cas->set && i < obol_anchors_n_cas(cas->set); i++)
	{
		struct obol_bytes root = obol_anchors_ca(cas->set, i);

		n += !obol_bytes_eq(root, obol_ctl_ca_root(&cas->present)) &&
			 !(cas->next.issuer &&
			   obol_bytes_eq(root, obol_ctl_ca_root(&cas->next)));
	}
	return n;
}

static bool may_switch(const struct move *move)
{
	const struct obol_ctl_cas *cas = &move->cas;
	struct obol_anchors_trust trust = obol_ctl_cas_trust(cas);
	struct obol_store_anchors_lacking lacking;

	if (!cas->next.issuer)
	{
		(void)obol_ctl_fail("there is no next CA; obolctl ca next makes or "
							"takes one");
		return false;
	}
	if (!obol_anchors_trust_has(&trust, obol_ctl_ca_root(&cas->next)))
	{
		(void)obol_ctl_fail("no set has the next CA's root yet, so no client "
							"would trust it; have the set signed and bring it "
							"in with obolctl ca import-set");
		return false;
	}
	if (n_old_roots(cas) > 0 && access(cas->old.certificate, F_OK) == 0 &&
		!move->is_forced)
	{
		(void)obol_ctl_fail("the CA before the present one is still in the "
							"set; obolctl ca retire it first, or --force");
		return false;
	}
	if (obol_bytes_eq(obol_ctl_ca_root(&cas->next),
					  obol_ctl_ca_root(&cas->present)))
	{
		return true;
	}
	if (!obol_ctl_cas_lacking(cas, 0, &lacking))
	{
		return false;
	}
	if (lacking.out.n_lacking && !move->is_forced)
	{
		(void)obol_ctl_fail("%u of %u accounts lack the set with the next CA "
							"(obolctl ca status); their tunnels would break "
							"when a gateway gets its certificate from it. Wait "
							"for them, or --force",
							(unsigned)lacking.out.n_lacking,
							(unsigned)lacking.out.n_accounts);
		return false;
	}
	return true;
}

static bool note(const struct move *move, enum obol_operation operation,
				 const char *detail)
{
	struct obol_store_audit arg = { .in = { .actor = move->ctl->actor,
											.operation = operation,
											.reply = OBOL_REPLY_OK,
											.detail = obol_bytes_str(detail),
											.now =
												obol_now(move->ctl->clock) } };
	enum obol_status status =
		obol_store_run(move->ctl->store, OBOL_STORE_AUDIT, &arg);

	if (status != OBOL_OK)
	{
		(void)obol_ctl_fail_store(status, "noting it in the audit trail");
	}
	return status == OBOL_OK;
}

static void print_switch(const struct move *move, const char *subject)
{
	const struct obol_ctl_cas *cas = &move->cas;
	struct obol_json json;

	if (!move->ctl->is_json)
	{
		(void)printf(
			"issuing CA    %s, %s\nthe old one   %s\n\n"
			"next: %ssystemctl reload obold\n"
			"      obolctl gateway-cert NAME --replace, for each gateway,\n"
			"      then there: swanctl --load-all --clear\n"
			"      obolctl ca status, until no certificate by the old CA is "
			"left\n"
			"      obolctl ca retire\n",
			cas->present.certificate, subject, cas->old.certificate,
			obol_config_signer_is_away(cas->ctl->config)
				? "obolctl signer switch, on the signer's machine, and "
				  "there\n"
				  "      systemctl reload obol-signer\n      "
				: "");
		return;
	}
	obol_json_init(&json, stdout);
	obol_json_begin_object(&json, NULL);
	obol_json_str(&json, "certificate", cas->present.certificate);
	obol_json_str(&json, "subject", subject);
	obol_json_str(&json, "old", cas->old.certificate);
	obol_json_end_object(&json);
}

static void describe(const struct obol_ctl_ca *ca, char *subject, size_t size)
{
	const struct obol_issuer *issuer = ca->issuer;
	uint64_t end;

	obol_ctl_ca_describe(issuer->n_chain ? issuer->chain[0] : issuer->cas[0],
						 subject, size, &end);
}

/** The files are in their places, and the history says so only now; until it
 * does, the switch is not at its end and can be gone on with. */
static int end_switch(const struct move *move)
{
	char subject[OBOL_TEXT_MAX], detail[OBOL_TEXT_MAX];

	describe(&move->cas.present, subject, sizeof(subject));
	(void)snprintf(detail, sizeof(detail), "%.480s", subject);
	if (!note(move, OBOL_OP_CA_SWITCH, detail))
	{
		return obol_ctl_fail("the next CA has the present one's place; obolctl "
							 "ca switch once more notes that");
	}
	if (!obol_ctl_cas_end_switch(&move->cas))
	{
		return OBOL_EXIT_FAILED;
	}
	print_switch(move, subject);
	return OBOL_EXIT_DONE;
}

static int do_switch(struct move *move)
{
	bool done = false;

	if (!obol_ctl_need_config(move->ctl))
	{
		return OBOL_EXIT_FAILED;
	}
	if (!obol_ctl_cas_finish_switch(move->ctl, &done))
	{
		done = obol_ctl_cas_open(&move->cas, move->ctl) && may_switch(move) &&
			   obol_ctl_cas_switch_files(&move->cas);
		obol_ctl_cas_close(&move->cas);
	}
	/* the CA that is the present one now */
	return done && obol_ctl_cas_open(&move->cas, move->ctl) ? end_switch(move)
															: OBOL_EXIT_FAILED;
}

int obol_ctl_ca_switch(struct obol_ctl *ctl, int argc, char **argv)
{
	struct move move = { .ctl = ctl };
	enum obol_options_result result = read_options(
		&move, "obolctl ca switch",
		"Have the next CA issue from now on, in the present one's place. "
		"Refused while accounts lack the set that has it.",
		"even if accounts lack the set, whose tunnels may break", argc, argv);
	int code;

	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	code = do_switch(&move);
	obol_ctl_cas_close(&move.cas);
	return code;
}

/*
 * Retire
 */

/** Whoever still has a certificate by it would be left without a way in once
 * gateways forget it. */
static bool is_unused(const struct move *move)
{
	const struct obol_ctl_cas *cas = &move->cas;
	struct obol_store_root_count count;
	char end[OBOL_TIME_TEXT_MAX];
	bool unused = true;
	size_t i;

	for (i = 0; i < obol_anchors_n_cas(cas->set); i++)
	{
		struct obol_bytes root = obol_anchors_ca(cas->set, i);

		if (obol_bytes_eq(root, obol_ctl_ca_root(&cas->present)))
		{
			continue;
		}
		if (!obol_ctl_cas_count(cas, root, &count))
		{
			return false;
		}
		if (count.out.n_accounts + count.out.n_gateways > 0)
		{
			(void)obol_ctl_fail(
				"certificates by the old CA are still good: %u of accounts, %u "
				"of gateways, the last one until %s; wait, or --force",
				(unsigned)count.out.n_accounts, (unsigned)count.out.n_gateways,
				obol_output_time(count.out.last_not_after, end));
			unused = false;
		}
	}
	return unused;
}

static void print_retire(const struct move *move)
{
	struct obol_json json;

	if (!move->ctl->is_json)
	{
		(void)printf("set           %u, without the old CA\n\n"
					 "next: obolctl ca install, on each gateway, then "
					 "swanctl --load-all --clear\n"
					 "      %s is not used any more; destroy it\n",
					 (unsigned)obol_ctl_cas_number(&move->cas),
					 move->cas.old.key);
		return;
	}
	obol_json_init(&json, stdout);
	obol_json_begin_object(&json, NULL);
	obol_json_number(&json, "set", obol_ctl_cas_number(&move->cas));
	obol_json_end_object(&json);
}

static bool publish(struct move *move)
{
	struct obol_anchors_body body;
	struct obol_writer cms;
	bool done;

	obol_writer_init(&cms);
	done = obol_ctl_cas_body(&move->cas, true, &body) &&
		   obol_ctl_cas_sign(&move->cas, &body, &cms) &&
		   obol_ctl_cas_publish(&move->cas, obol_writer_view(&cms),
								OBOL_OP_CA_RETIRE);
	obol_writer_clear(&cms);
	return done;
}

static int do_retire(struct move *move)
{
	struct obol_ctl_cas *cas = &move->cas;

	if (!obol_ctl_cas_open(cas, move->ctl))
	{
		return OBOL_EXIT_FAILED;
	}
	if (cas->next.issuer)
	{
		return obol_ctl_fail("a next CA waits; obolctl ca switch comes first");
	}
	if (n_old_roots(cas) == 0)
	{
		return obol_ctl_fail("there is no old CA in the set");
	}
	if (!move->is_forced && !is_unused(move))
	{
		return OBOL_EXIT_FAILED;
	}
	if (!obol_ctl_cas_can_sign(cas))
	{
		obol_ctl_cas_tell_export(true);
		return obol_ctl_fail("the present root's key is not here: nothing was "
							 "changed yet");
	}
	if (!publish(move))
	{
		return OBOL_EXIT_FAILED;
	}
	print_retire(move);
	return OBOL_EXIT_DONE;
}

int obol_ctl_ca_retire(struct obol_ctl *ctl, int argc, char **argv)
{
	struct move move = { .ctl = ctl };
	enum obol_options_result result = read_options(
		&move, "obolctl ca retire",
		"Take CAs that issue no more out of the set that clients trust. "
		"Refused while certificates by them are good.",
		"even if certificates by them are still good", argc, argv);
	int code;

	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	code = do_retire(&move);
	obol_ctl_cas_close(&move.cas);
	return code;
}
