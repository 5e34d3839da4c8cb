/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl gateway-cert: the VPN gateway's own certificate, in swanctl's
 * directories. */
#include "tools/ctl_commands.h"

#include "tools/ctl_ca.h"
#include "tools/ctl_pair.h"
#include "tools/ctl_pem.h"
#include "tools/ctl_signer.h"

#include <errno.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIFETIME "365d"
#define SWANCTL_DIR "/etc/swanctl"
#define PATH_SIZE OBOL_CTL_PAIR_PATH_MAX

struct gateway {
	struct obol_ctl *ctl;
	/* options */
	const char *name;
	const char *dir;
	const char *lifetime;
	struct obol_option_list sans;
	bool replace;
	/* what they come to */
	struct obol_certificate_profile profile;
	struct obol_ctl_pair pair;
	/* what is made */
	EVP_PKEY *key;
	struct obol_issued issued;
};

static enum obol_options_result read_options(struct gateway *gateway, int argc,
											 char **argv)
{
	const struct obol_option options[] = {
		{ .name = "san",
		  .letter = 's',
		  .kind = OBOL_OPTION_LIST,
		  .argument = "NAME",
		  .help = "another name or address of the gateway; may be given three "
				  "times",
		  .value = &gateway->sans },
		{ .name = "lifetime",
		  .letter = 'l',
		  .kind = OBOL_OPTION_TEXT,
		  .argument = "TIME",
		  .help = "default " LIFETIME,
		  .value = &gateway->lifetime },
		{ .name = "out",
		  .letter = 'o',
		  .kind = OBOL_OPTION_TEXT,
		  .argument = "DIR",
		  .help = "swanctl's directory, default " SWANCTL_DIR,
		  .value = &gateway->dir },
		{ .name = "replace",
		  .letter = 'r',
		  .kind = OBOL_OPTION_FLAG,
		  .help = "replace key and certificate that are there (renewal)",
		  .value = &gateway->replace },
		OBOL_CTL_OPTIONS(gateway->ctl),
		OBOL_CTL_JSON(gateway->ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl gateway-cert",
		.arguments = "NAME",
		.about = "Make a key for the VPN gateway NAME, have this server's CA "
				 "sign its certificate, and put both, with the CA's "
				 "certificate, where swanctl looks for them.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
		.min_arguments = 1,
		.max_arguments = 1,
	};

	return obol_options_parse_one(&usage, argc, argv, &gateway->name);
}

/** A file name is made of it: what obol_issuer_name_is_usable() takes has no
 * slash but in an e-mail's local part. */
static bool check_names(struct gateway *gateway)
{
	struct obol_certificate_profile *profile = &gateway->profile;
	size_t i;

	if (!obol_issuer_name_is_usable(gateway->name) ||
		strpbrk(gateway->name, "/@") ||
		strlen(gateway->name) >= sizeof(profile->common_name))
	{
		(void)obol_ctl_fail("a gateway's name is a host name or an IP address "
							"of up to 64 characters");
		return false;
	}
	(void)snprintf(profile->common_name, sizeof(profile->common_name), "%s",
				   gateway->name);
	profile->sans[profile->n_sans++] = gateway->name;
	for (i = 0; i < gateway->sans.n; i++)
	{
		if (profile->n_sans == sizeof(profile->sans) / sizeof(profile->sans[0]))
		{
			(void)obol_ctl_fail("--san may be given three times");
			return false;
		}
		if (!obol_issuer_name_is_usable(gateway->sans.values[i]))
		{
			(void)obol_ctl_fail("--san takes a host name, an IP address or an "
								"e-mail address");
			return false;
		}
		profile->sans[profile->n_sans++] = gateway->sans.values[i];
	}
	return true;
}

static bool check(struct gateway *gateway)
{
	struct obol_certificate_profile *profile = &gateway->profile;

	profile->is_gateway = true;
	profile->lifetime_s = obol_config_duration(gateway->lifetime);
	if (profile->lifetime_s < 3600)
	{
		(void)obol_ctl_fail("--lifetime is an hour or more, such as 365d");
		return false;
	}
	if (!check_names(gateway))
	{
		return false;
	}
	if (strlen(gateway->dir) > PATH_SIZE / 2)
	{
		(void)obol_ctl_fail("the directory's name is too long");
		return false;
	}
	(void)snprintf(gateway->pair.key, PATH_SIZE, "%s/private/%s.pem",
				   gateway->dir, gateway->name);
	(void)snprintf(gateway->pair.certificate, PATH_SIZE, "%s/x509/%s.pem",
				   gateway->dir, gateway->name);
	if (!gateway->replace && (access(gateway->pair.key, F_OK) == 0 ||
							  access(gateway->pair.certificate, F_OK) == 0))
	{
		(void)obol_ctl_fail("%s has key or certificate of %s already; "
							"--replace renews them",
							gateway->dir, gateway->name);
		return false;
	}
	return true;
}

static bool sign(struct gateway *gateway, struct obol_bytes public_key)
{
	struct obol_ctl *ctl = gateway->ctl;
	enum obol_status status;

	if (obol_config_signer_is_away(ctl->config))
	{
		return obol_ctl_signer_issue(ctl, public_key, &gateway->profile,
									 &gateway->issued);
	}
	status = ctl->issuer->issue(ctl->issuer, public_key, &gateway->profile,
								&gateway->issued);
	if (status != OBOL_OK)
	{
		(void)obol_ctl_fail("the CA does not sign for these names (%s): has "
							"it expired, or do its name constraints forbid it?",
							obol_status_name(status));
	}
	return status == OBOL_OK;
}

/** Issued and recorded, before any file is written. */
static bool issue(struct gateway *gateway)
{
	struct obol_ctl *ctl = gateway->ctl;
	struct obol_store_issued arg = {
		.in = { .request = { .actor = ctl->actor,
							 .now = obol_now(ctl->clock) } }
	};
	unsigned char *der = NULL;
	enum obol_status status;
	bool signed_it;
	int len;

	if (*ctl->config->crl.uri)
	{
		gateway->profile.crl_uri = ctl->config->crl.uri;
	}
	gateway->key = EVP_EC_gen("P-256");
	len = gateway->key ? i2d_PUBKEY(gateway->key, &der) : -1;
	if (len <= 0)
	{
		(void)obol_ctl_fail("no key could be made");
		return false;
	}
	signed_it = sign(gateway, obol_bytes(der, (size_t)len));
	OPENSSL_free(der);
	if (!signed_it)
	{
		return false;
	}
	memcpy(arg.in.serial, gateway->issued.serial, sizeof(arg.in.serial));
	arg.in.serial_len = gateway->issued.serial_len;
	arg.in.not_before = gateway->issued.not_before;
	arg.in.not_after = gateway->issued.not_after;
	arg.in.subject = obol_bytes_str(gateway->issued.subject);
	(void)SHA256(ctl->issuer->cas[0].ptr, ctl->issuer->cas[0].len, arg.in.root);
	status = obol_store_run(ctl->store, OBOL_STORE_ISSUED, &arg);
	if (status != OBOL_OK)
	{
		(void)obol_ctl_fail_store(status, "recording the certificate");
	}
	return status == OBOL_OK;
}

static bool make_directory(const char *dir, const char *name, mode_t mode)
{
	char path[PATH_SIZE];

	(void)snprintf(path, sizeof(path), "%s%s%s", dir, *name ? "/" : "", name);
	if (mkdir(path, mode) != 0 && errno != EEXIST)
	{
		(void)obol_ctl_fail("the directory %s cannot be made: %s", path,
							strerror(errno));
		return false;
	}
	return true;
}

static bool write_pair(const struct gateway *gateway,
					   const struct obol_secret *key,
					   const struct obol_secret *certificate)
{
	char why[OBOL_WHY_MAX];
	enum obol_status status = obol_ctl_pair_write(
		&gateway->pair, key, certificate, gateway->replace, why, sizeof(why));

	if (status != OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
	}
	return status == OBOL_OK;
}

/** The present CA's certificates and those that the set has. */
static bool write_cas(const struct gateway *gateway)
{
	struct obol_ctl_ca_list list;
	struct obol_ctl_cas cas;
	char path[PATH_SIZE];
	bool done;

	(void)snprintf(path, sizeof(path), "%s/x509ca", gateway->dir);
	done = obol_ctl_cas_open(&cas, gateway->ctl);
	if (done)
	{
		obol_ctl_cas_all(&cas, &list);
		done = obol_ctl_ca_install(path, &list);
	}
	obol_ctl_cas_close(&cas);
	return done;
}

static bool write_files(const struct gateway *gateway)
{
	struct obol_secret *key = NULL, *certificate = NULL;
	bool done;

	done = make_directory(gateway->dir, "", 0755) &&
		   make_directory(gateway->dir, "private", 0700) &&
		   make_directory(gateway->dir, "x509", 0755) &&
		   make_directory(gateway->dir, "x509ca", 0755) &&
		   obol_ctl_pem_key(gateway->key, &key) &&
		   obol_ctl_pem_certificate(obol_bytes(gateway->issued.certificate,
											   gateway->issued.certificate_len),
									&certificate);
	done = done && write_cas(gateway) && write_pair(gateway, key, certificate);
	obol_secret_free(key);
	obol_secret_free(certificate);
	return done;
}

static void print(const struct gateway *gateway)
{
	char end[OBOL_TIME_TEXT_MAX];
	struct obol_json json;

	if (!gateway->ctl->is_json)
	{
		(void)printf("key          %s\ncertificate  %s\nsubject      %s\n"
					 "good until   %s\n\nnext: swanctl --load-creds\n",
					 gateway->pair.key, gateway->pair.certificate,
					 gateway->issued.subject,
					 obol_output_time(gateway->issued.not_after, end));
		return;
	}
	obol_json_init(&json, stdout);
	obol_json_begin_object(&json, NULL);
	obol_json_str(&json, "key", gateway->pair.key);
	obol_json_str(&json, "certificate", gateway->pair.certificate);
	obol_json_str(&json, "subject", gateway->issued.subject);
	obol_json_hex(
		&json, "serial",
		obol_bytes(gateway->issued.serial, gateway->issued.serial_len));
	obol_json_number(&json, "not_after", (int64_t)gateway->issued.not_after);
	obol_json_end_object(&json);
}

int obol_ctl_gateway_cert(struct obol_ctl *ctl, int argc, char **argv)
{
	struct gateway gateway = { .ctl = ctl,
							   .dir = SWANCTL_DIR,
							   .lifetime = LIFETIME };
	int code = OBOL_EXIT_FAILED;
	enum obol_options_result result;

	result = read_options(&gateway, argc, argv);
	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	if (check(&gateway) && obol_ctl_need_store(ctl) &&
		obol_ctl_need_issuer(ctl) && issue(&gateway) && write_files(&gateway))
	{
		print(&gateway);
		code = OBOL_EXIT_DONE;
	}
	obol_issued_clear(&gateway.issued);
	EVP_PKEY_free(gateway.key);
	ERR_clear_error();
	return code;
}
