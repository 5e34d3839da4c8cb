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

#define LIFETIME "3650d"
#define FILE_MAX ((size_t)256 << 10)

struct next {
	struct obol_ctl *ctl;
	struct obol_ctl_cas cas;
	/* options */
	const char *certificate;
	const char *key;
	const char *token;
	const char *name;
	const char *lifetime;
	bool may_be_other;
	/* what came of it */
	bool is_known;
	bool is_signed;
};

static enum obol_options_result read_options(struct next *next, int argc,
											 char **argv)
{
	const struct obol_option options[] = {
		OBOL_TEXT_OPTION("cert", 0, "FILE",
						 "a CA certificate (PEM, with what leads to its root) "
						 "to use, with --key; else a CA is made",
						 &next->certificate),
		OBOL_TEXT_OPTION("key", 0, "FILE",
						 "its key (PEM, or a token's URI; mode 0600)",
						 &next->key),
		OBOL_TEXT_OPTION("token", 't', "URI",
						 "PKCS#11 URI of a key in a token, for the CA that is "
						 "made",
						 &next->token),
		OBOL_TEXT_OPTION("name", 'n', "NAME",
						 "common name of the CA that is made, default: that of "
						 "the present one",
						 &next->name),
		OBOL_TEXT_OPTION("lifetime", 'l', "TIME",
						 "of the CA that is made, default " LIFETIME,
						 &next->lifetime),
		OBOL_FLAG_OPTION("other-name", 0,
						 "the root may have another name than the present one; "
						 "connections with remote.ca_id must be changed then",
						 &next->may_be_other),
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

static bool check(struct next *next)
{
	if (next->certificate && (next->name || next->lifetime || next->token))
	{
		(void)obol_ctl_fail("--name, --lifetime and --token are for a CA that "
							"is made here");
		return false;
	}
	if (obol_config_duration(next->lifetime ? next->lifetime : LIFETIME) <
		86400)
	{
		(void)obol_ctl_fail("--lifetime is a day or more, such as " LIFETIME);
		return false;
	}
	return true;
}

static bool nothing_in_the_way(const struct next *next)
{
	const struct obol_ctl_ca *ca = &next->cas.next;

	if (access(ca->certificate, F_OK) == 0 || access(ca->key, F_OK) == 0)
	{
		(void)obol_ctl_fail("there is a next CA already, %s; obolctl ca switch "
							"goes on with it",
							ca->certificate);
		return false;
	}
	return true;
}

static X509 *parse(struct obol_bytes der)
{
	const unsigned char *pos = der.ptr;

	return d2i_X509(NULL, &pos, (long)der.len);
}

static enum obol_status make_files(const struct next *next, const char *name,
								   char *why, size_t size)
{
	const struct obol_ctl_ca *ca = &next->cas.next;
	uint32_t lifetime_s =
		obol_config_duration(next->lifetime ? next->lifetime : LIFETIME);
	enum obol_status status;

	if (!next->token)
	{
		return obol_ca_create(name, lifetime_s, ca->certificate, ca->key,
							  next->ctl->clock, why, size);
	}
	status = obol_ca_key_write_uri(ca->key, next->token, why, size);
	if (status != OBOL_OK)
	{
		return status;
	}
	status =
		obol_ca_create_for(name, lifetime_s, ca->certificate, ca->key,
						   &next->ctl->tokens, next->ctl->clock, why, size);
	if (status != OBOL_OK)
	{
		(void)unlink(ca->key);
	}
	return status;
}

static bool make(struct next *next)
{
	X509 *root = parse(obol_ctl_ca_root(&next->cas.present));
	char name[65] = "";
	char why[OBOL_WHY_MAX];
	enum obol_status status;

	if (root)
	{
		(void)X509_NAME_get_text_by_NID(X509_get_subject_name(root),
										NID_commonName, name, sizeof(name));
	}
	X509_free(root);
	if (!*name && !next->name)
	{
		(void)obol_ctl_fail("the present CA has no common name; give --name");
		return false;
	}
	status = make_files(next, next->name ? next->name : name, why, sizeof(why));
	if (status != OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
	}
	return status == OBOL_OK;
}

static bool copy(const char *from, const char *to, bool is_private)
{
	struct obol_secret *content = NULL;
	char why[OBOL_WHY_MAX];
	enum obol_status status =
		obol_file_read(from, is_private ? OBOL_FILE_PRIVATE : OBOL_FILE_PUBLIC,
					   FILE_MAX, &content, why, sizeof(why));

	if (status == OBOL_OK)
	{
		status = obol_file_create(to, obol_secret_view(content),
								  is_private ? 0600 : 0644, why, sizeof(why));
	}
	obol_secret_free(content);
	if (status != OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
	}
	return status == OBOL_OK;
}

static bool bring(struct next *next)
{
	const struct obol_ctl_ca *ca = &next->cas.next;

	if (!next->key)
	{
		return copy(next->certificate, ca->certificate, false);
	}
	if (!copy(next->key, ca->key, true))
	{
		return false;
	}
	if (!copy(next->certificate, ca->certificate, false))
	{
		(void)unlink(ca->key);
		return false;
	}
	return true;
}

/** remote.ca_id of the clients' connections names the root's subject. */
static bool check_name(const struct next *next)
{
	X509 *before = parse(obol_ctl_ca_root(&next->cas.present));
	X509 *after = parse(obol_ctl_ca_root(&next->cas.next));
	bool same = before && after &&
				X509_NAME_cmp(X509_get_subject_name(before),
							  X509_get_subject_name(after)) == 0;

	X509_free(before);
	X509_free(after);
	if (!same && !next->may_be_other)
	{
		(void)obol_ctl_fail("the next root has another name than the present "
							"one, which clients' connections name as "
							"remote.ca_id: they would refuse the gateway. Give "
							"it the same name, or change those connections "
							"first and use --other-name");
		return false;
	}
	return true;
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

	if (is_away && (!next->certificate || next->key))
	{
		(void)obol_ctl_fail("the CA's key is on the signer's machine: make the "
							"next CA there, beside the present one, and bring "
							"its certificate with --cert alone");
		return false;
	}
	if (!is_away && !next->certificate != !next->key)
	{
		(void)obol_ctl_fail("--cert and --key go together");
		return false;
	}
	return true;
}

static int work(struct next *next)
{
	struct obol_ctl_ca *ca = &next->cas.next;

	if (!obol_ctl_need_config(next->ctl) || !check_place(next) ||
		!obol_ctl_cas_open(&next->cas, next->ctl) ||
		!nothing_in_the_way(next) ||
		!(next->certificate ? bring(next) : make(next)))
	{
		return OBOL_EXIT_FAILED;
	}
	if (!obol_ctl_ca_load(next->ctl, ca) || !check_name(next) || !publish(next))
	{
		(void)unlink(ca->certificate);
		(void)unlink(ca->key);
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
	code = check(&next) ? work(&next) : OBOL_EXIT_FAILED;
	obol_ctl_cas_close(&next.cas);
	return code;
}
