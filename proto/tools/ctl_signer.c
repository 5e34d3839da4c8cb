/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl signer pin, signer sign-set: keys of a signer on another machine. */
#include "tools/ctl_signer.h"

#include "base/file.h"
#include "issue/pem.h"
#include "issue/tls_self.h"
#include "tools/ctl_ca.h"
#include "tools/ctl_commands.h"
#include "tools/ctl_init.h"
#include "tools/ctl_place.h"

#include <unistd.h>

/** The dates of these certificates say nothing to anybody. */
#define LIFETIME_S (20 * 365 * (uint32_t)86400)
#define PATH_SIZE OBOL_CONFIG_TEXT_MAX

/*
 * Pins
 */

static bool read_pin(const char *certificate, char pin[OBOL_SIGNER_PIN_TEXT])
{
	uint8_t bytes[OBOL_SIGNER_PIN_LEN];
	enum obol_status status;
	char why[OBOL_WHY_MAX];
	X509 *x = NULL;
	size_t n = 0;

	status =
		obol_pem_read_certificates(certificate, 1, &x, &n, why, sizeof(why));
	if (status != OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
		return false;
	}
	status = obol_signer_pin_of(x, bytes);
	X509_free(x);
	if (status != OBOL_OK)
	{
		(void)obol_ctl_fail("%s: its key cannot be hashed", certificate);
		return false;
	}
	obol_signer_pin_print(bytes, pin);
	return true;
}

bool obol_ctl_signer_key(const struct obol_ctl *ctl, const char *certificate,
						 const char *key, char pin[OBOL_SIGNER_PIN_TEXT])
{
	char why[OBOL_WHY_MAX];

	if (access(certificate, F_OK) != 0 && access(key, F_OK) != 0)
	{
		if (!obol_ctl_place_directory(key, 0755) ||
			!obol_ctl_place_directory(certificate, 0755))
		{
			return false;
		}
		if (obol_tls_self_create("obol", LIFETIME_S, certificate, key,
								 ctl->clock, why, sizeof(why)) != OBOL_OK)
		{
			(void)obol_ctl_fail("%s", why);
			return false;
		}
	}
	return read_pin(certificate, pin);
}

/** Which end this machine is. */
static bool find_key(struct obol_ctl *ctl, char certificate[PATH_SIZE],
					 char key[PATH_SIZE])
{
	const struct obol_config *config;

	if (access(ctl->config_path, F_OK) != 0)
	{
		/* before obolctl init: its answers need the pin */
		(void)obol_ctl_init_beside(ctl, OBOL_CTL_SIGNER_CLIENT ".crt",
								   certificate, PATH_SIZE);
		(void)obol_ctl_init_beside(ctl, OBOL_CTL_SIGNER_CLIENT ".key", key,
								   PATH_SIZE);
		return true;
	}
	if (!obol_ctl_need_config(ctl))
	{
		return false;
	}
	config = ctl->config;
	(void)snprintf(certificate, PATH_SIZE, "%s",
				   config->signer.n_clients ? config->tls.certificate
											: config->signer.certificate);
	(void)snprintf(key, PATH_SIZE, "%s",
				   config->signer.n_clients ? config->tls.key
											: config->signer.key);
	return true;
}

int obol_ctl_signer_pin(struct obol_ctl *ctl, int argc, char **argv)
{
	const struct obol_option options[] = {
		OBOL_CTL_OPTIONS(ctl),
		OBOL_CTL_JSON(ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl signer pin",
		.arguments = "",
		.about = "Print the pin of this machine's end of the way to a signer, "
				 "and make its key first where there is none. The other end "
				 "gets it: obold's goes to signer.clients, the signer's "
				 "(-c FILE) to signer.pin.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
	};
	char certificate[PATH_SIZE], key[PATH_SIZE], pin[OBOL_SIGNER_PIN_TEXT];
	enum obol_options_result result =
		obol_options_parse_one(&usage, argc, argv, NULL);
	struct obol_json json;

	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	if (!find_key(ctl, certificate, key) ||
		!obol_ctl_signer_key(ctl, certificate, key, pin))
	{
		return OBOL_EXIT_FAILED;
	}
	if (!ctl->is_json)
	{
		(void)printf("%s\n", pin);
		return OBOL_EXIT_DONE;
	}
	obol_json_init(&json, stdout);
	obol_json_begin_object(&json, NULL);
	obol_json_str(&json, "pin", pin);
	obol_json_str(&json, "certificate", certificate);
	obol_json_end_object(&json);
	return OBOL_EXIT_DONE;
}

/*
 * Sets of CAs
 */

bool obol_ctl_cas_open_signer(struct obol_ctl_cas *cas, struct obol_ctl *ctl)
{
	memset(cas, 0, sizeof(*cas));
	cas->ctl = ctl;
	if (!obol_ctl_need_config(ctl))
	{
		return false;
	}
	if (obol_config_signer_is_away(ctl->config))
	{
		(void)obol_ctl_fail("the CA's key is not here: this is the signer's "
							"work (-c " OBOL_CTL_SIGNER_CONFIG ")");
		return false;
	}
	obol_ctl_cas_paths(cas, ctl->config);
	return obol_ctl_ca_load(ctl, &cas->present) &&
		   (access(cas->next.key, F_OK) != 0 ||
			obol_ctl_ca_load(ctl, &cas->next));
}

/** What is signed must be what obold exported, and say who signs. */
static bool sign(const struct obol_ctl_cas *cas, const char *file,
				 struct obol_writer *cms, uint32_t *number)
{
	struct obol_secret *content = NULL;
	struct obol_anchors_body body;
	char why[OBOL_WHY_MAX];
	bool done;

	if (obol_file_read(file, OBOL_FILE_PUBLIC, OBOL_ANCHORS_MAX, &content, why,
					   sizeof(why)) != OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
		return false;
	}
	if (obol_anchors_body_decode(obol_secret_view(content), &body) != OBOL_OK)
	{
		obol_secret_free(content);
		(void)obol_ctl_fail("%s is no set of CAs as obolctl ca export-set "
							"writes it",
							file);
		return false;
	}
	*number = body.number;
	done = obol_ctl_cas_sign(cas, &body, cms);
	obol_secret_free(content);
	return done;
}

static int sign_set(struct obol_ctl *ctl, const char *file)
{
	char why[OBOL_WHY_MAX], path[PATH_SIZE];
	struct obol_ctl_cas cas;
	struct obol_writer cms;
	uint32_t number = 0;
	bool done;

	/* else it would be written to a file of another name */
	if (snprintf(path, sizeof(path), "%s.p7", file) >= (int)sizeof(path))
	{
		return obol_ctl_fail("the file's name is too long");
	}
	obol_writer_init(&cms);
	done =
		obol_ctl_cas_open_signer(&cas, ctl) && sign(&cas, file, &cms, &number);
	if (done && obol_file_create(path, obol_writer_view(&cms), 0644, why,
								 sizeof(why)) != OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
		done = false;
	}
	obol_ctl_cas_close(&cas);
	obol_writer_clear(&cms);
	if (!done)
	{
		return OBOL_EXIT_FAILED;
	}
	if (ctl->is_json)
	{
		struct obol_json json;

		obol_json_init(&json, stdout);
		obol_json_begin_object(&json, NULL);
		obol_json_number(&json, "set", number);
		obol_json_str(&json, "file", path);
		obol_json_end_object(&json);
		return OBOL_EXIT_DONE;
	}
	(void)printf("set %u     %s\n\nnext: obolctl ca import-set FILE.p7, on "
				 "obold's machine\n",
				 (unsigned)number, path);
	return OBOL_EXIT_DONE;
}

int obol_ctl_signer_sign_set(struct obol_ctl *ctl, int argc, char **argv)
{
	const struct obol_option options[] = {
		OBOL_CTL_OPTIONS(ctl),
		OBOL_CTL_JSON(ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl signer sign-set",
		.arguments = "FILE",
		.about = "Sign a set of CAs that obolctl ca export-set has written, "
				 "with the roots' keys that are here, as FILE.p7.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
		.min_arguments = 1,
		.max_arguments = 1,
	};
	const char *file = NULL;
	enum obol_options_result result;

	if (strcmp(ctl->config_path, OBOL_CONFIG_PATH) == 0 &&
		access(OBOL_CONFIG_PATH, F_OK) != 0)
	{
		ctl->config_path = OBOL_CTL_SIGNER_CONFIG;
	}
	result = obol_options_parse_one(&usage, argc, argv, &file);
	return result == OBOL_OPTIONS_OK ? sign_set(ctl, file)
									 : obol_ctl_exit_code(result);
}
