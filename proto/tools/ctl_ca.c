/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl ca: the CAs' files, and what is known of them. */
#include "tools/ctl_ca.h"

#include "group/sha256.h"
#include "issue/ca_path.h"
#include "tools/ctl_signer.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void derive(const char *path, const char *word,
				   char out[OBOL_CTL_CA_PATH_MAX])
{
	/* the configuration bounds what comes in */
	(void)obol_ca_path(path, word, out, OBOL_CTL_CA_PATH_MAX);
}

void obol_ctl_cas_paths(struct obol_ctl_cas *cas,
						const struct obol_config *config)
{
	derive(config->ca.certificate, "", cas->present.certificate);
	derive(config->ca.key, "", cas->present.key);
	derive(config->ca.certificate, OBOL_CA_NEXT, cas->next.certificate);
	derive(config->ca.key, OBOL_CA_NEXT, cas->next.key);
	derive(config->ca.certificate, OBOL_CA_OLD, cas->old.certificate);
	derive(config->ca.key, OBOL_CA_OLD, cas->old.key);
}

/** There is no configuration yet when init makes the first set. */
static bool is_away(const struct obol_ctl *ctl)
{
	return ctl->config && obol_config_signer_is_away(ctl->config);
}

bool obol_ctl_ca_load(struct obol_ctl *ctl, struct obol_ctl_ca *ca)
{
	struct obol_issuer_file_options options = {
		.certificate_path = ca->certificate,
		.key_path = is_away(ctl) ? NULL : ca->key,
		.tokens = &ctl->tokens,
		.rng = ctl->rng,
		.clock = ctl->clock,
	};
	char why[OBOL_WHY_MAX];

	if (obol_issuer_file_new(&options, &ca->issuer, why, sizeof(why)) !=
		OBOL_OK)
	{
		ca->issuer = NULL;
		(void)obol_ctl_fail("%s", why);
		return false;
	}
	return true;
}

static bool load_set(struct obol_ctl_cas *cas)
{
	struct obol_store_anchors_newest newest;
	enum obol_status status =
		obol_store_run(cas->ctl->store, OBOL_STORE_ANCHORS_NEWEST, &newest);

	if (status != OBOL_OK)
	{
		(void)obol_ctl_fail_store(status, "reading the set of CAs");
		return false;
	}
	if (newest.out.number &&
		obol_anchors_load(newest.out.cms, &cas->set) != OBOL_OK)
	{
		(void)obol_ctl_fail("the set of CAs in the database cannot be parsed; "
							"restore the database from its backup");
		return false;
	}
	return true;
}

bool obol_ctl_cas_open(struct obol_ctl_cas *cas, struct obol_ctl *ctl)
{
	memset(cas, 0, sizeof(*cas));
	cas->ctl = ctl;
	if (!obol_ctl_need_store(ctl))
	{
		return false;
	}
	if (!*ctl->config->ca.certificate)
	{
		(void)obol_ctl_fail("this server has no CA: %s names none",
							ctl->config_path);
		return false;
	}
	obol_ctl_cas_paths(cas, ctl->config);
	if (!obol_ctl_ca_load(ctl, &cas->present) ||
		(access(cas->next.certificate, F_OK) == 0 &&
		 (is_away(ctl) || access(cas->next.key, F_OK) == 0) &&
		 !obol_ctl_ca_load(ctl, &cas->next)))
	{
		return false;
	}
	return load_set(cas);
}

void obol_ctl_cas_close(struct obol_ctl_cas *cas)
{
	obol_anchors_free(cas->set);
	obol_issuer_free(cas->next.issuer);
	obol_issuer_free(cas->present.issuer);
	cas->set = NULL;
	cas->next.issuer = NULL;
	cas->present.issuer = NULL;
	ERR_clear_error();
}

struct obol_bytes obol_ctl_ca_root(const struct obol_ctl_ca *ca)
{
	return ca->issuer->cas[0];
}

bool obol_ctl_ca_is_root(const struct obol_ctl_ca *ca)
{
	return ca->issuer->n_chain == 0;
}

struct obol_anchors_trust obol_ctl_cas_trust(const struct obol_ctl_cas *cas)
{
	struct obol_anchors_trust trust = { .number = obol_ctl_cas_number(cas) };
	size_t i;

	if (!cas->set)
	{
		obol_anchors_trust_add(&trust, obol_ctl_ca_root(&cas->present));
		return trust;
	}
	for (i = 0; i < obol_anchors_n_cas(cas->set); i++)
	{
		obol_anchors_trust_add(&trust, obol_anchors_ca(cas->set, i));
	}
	return trust;
}

uint32_t obol_ctl_cas_number(const struct obol_ctl_cas *cas)
{
	return cas->set ? obol_anchors_number(cas->set) : 0;
}

bool obol_ctl_cas_lacking(const struct obol_ctl_cas *cas, size_t limit,
						  struct obol_store_anchors_lacking *lacking)
{
	enum obol_status status;

	memset(lacking, 0, sizeof(*lacking));
	lacking->in.number = obol_ctl_cas_number(cas);
	lacking->in.now = obol_now(cas->ctl->clock);
	lacking->in.limit = limit;
	status =
		obol_store_run(cas->ctl->store, OBOL_STORE_ANCHORS_LACKING, lacking);
	if (status != OBOL_OK)
	{
		(void)obol_ctl_fail_store(status, "counting who lacks the set");
	}
	return status == OBOL_OK;
}

bool obol_ctl_cas_count(const struct obol_ctl_cas *cas, struct obol_bytes root,
						struct obol_store_root_count *count)
{
	enum obol_status status;

	memset(count, 0, sizeof(*count));
	count->in.now = obol_now(cas->ctl->clock);
	status = obol_sha256(&root, 1, count->in.root);
	if (status == OBOL_OK)
	{
		status = obol_store_run(cas->ctl->store, OBOL_STORE_ROOT_COUNT, count);
	}
	if (status != OBOL_OK)
	{
		(void)obol_ctl_fail_store(status, "counting certificates");
	}
	return status == OBOL_OK;
}

void obol_ctl_ca_describe(struct obol_bytes der, char *subject, size_t size,
						  uint64_t *not_after)
{
	const unsigned char *pos = der.ptr;
	X509 *x = d2i_X509(NULL, &pos, (long)der.len);
	struct tm tm;
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;
	long len = 0;

	*not_after = 0;
	if (x && bio &&
		X509_NAME_print_ex(bio, X509_get_subject_name(x), 0, XN_FLAG_RFC2253) >=
			0)
	{
		len = BIO_get_mem_data(bio, &text);
	}
	(void)snprintf(subject, size, "%.*s", (int)len, len > 0 ? text : "");
	if (x && ASN1_TIME_to_tm(X509_get0_notAfter(x), &tm) == 1)
	{
		*not_after = (uint64_t)timegm(&tm);
	}
	BIO_free(bio);
	X509_free(x);
}

void obol_ctl_ca_fingerprint(struct obol_bytes der,
							 char out[2 * OBOL_STORE_ROOT_LEN + 1])
{
	uint8_t hash[OBOL_SHA256_LEN];

	out[0] = '\0';
	if (obol_sha256(&der, 1, hash) == OBOL_OK)
	{
		obol_output_hex(obol_bytes(hash, sizeof(hash)), out);
	}
}

static void add(struct obol_ctl_ca_list *list, struct obol_bytes ca)
{
	size_t i;

	for (i = 0; i < list->n; i++)
	{
		if (obol_bytes_eq(list->cas[i], ca))
		{
			return;
		}
	}
	list->cas[list->n++] = ca;
}

static void add_all(struct obol_ctl_ca_list *list,
					const struct obol_issuer *issuer)
{
	size_t i;

	for (i = 0; issuer && i < issuer->n_cas; i++)
	{
		add(list, issuer->cas[i]);
	}
	for (i = 0; issuer && i < issuer->n_chain; i++)
	{
		add(list, issuer->chain[i]);
	}
}

void obol_ctl_cas_all(const struct obol_ctl_cas *cas,
					  struct obol_ctl_ca_list *list)
{
	size_t i;

	memset(list, 0, sizeof(*list));
	add_all(list, cas->present.issuer);
	list->n_present = list->n;
	add_all(list, cas->next.issuer);
	for (i = 0; cas->set && i < obol_anchors_n_cas(cas->set); i++)
	{
		add(list, obol_anchors_ca(cas->set, i));
	}
}
