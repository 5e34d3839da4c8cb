/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CA that follows, made or brought beside the present one. */
#include "tools/ctl_ca.h"

#include "base/file.h"
#include "issue/ca_key.h"

#include <openssl/err.h>
#include <unistd.h>

#define LIFETIME OBOL_CTL_CA_LIFETIME
#define FILE_MAX ((size_t)256 << 10)

bool obol_ctl_ca_wish_check(const struct obol_ctl_ca_wish *wish)
{
	if (wish->certificate && (wish->name || wish->lifetime || wish->token))
	{
		(void)obol_ctl_fail("--name, --lifetime and --token are for a CA that "
							"is made here");
		return false;
	}
	if (obol_config_duration(wish->lifetime ? wish->lifetime : LIFETIME) <
		86400)
	{
		(void)obol_ctl_fail("--lifetime is a day or more, such as " LIFETIME);
		return false;
	}
	return true;
}

static bool nothing_in_the_way(const struct obol_ctl_ca *ca)
{
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

static enum obol_status make_files(const struct obol_ctl_cas *cas,
								   const struct obol_ctl_ca_wish *wish,
								   const char *name, char *why, size_t size)
{
	const struct obol_ctl_ca *ca = &cas->next;
	uint32_t lifetime_s =
		obol_config_duration(wish->lifetime ? wish->lifetime : LIFETIME);
	enum obol_status status;

	if (!wish->token)
	{
		return obol_ca_create(name, lifetime_s, ca->certificate, ca->key,
							  cas->ctl->clock, why, size);
	}
	status = obol_ca_key_write_uri(ca->key, wish->token, why, size);
	if (status != OBOL_OK)
	{
		return status;
	}
	status = obol_ca_create_for(name, lifetime_s, ca->certificate, ca->key,
								&cas->ctl->tokens, cas->ctl->clock, why, size);
	if (status != OBOL_OK)
	{
		(void)unlink(ca->key);
	}
	return status;
}

static bool make(const struct obol_ctl_cas *cas,
				 const struct obol_ctl_ca_wish *wish)
{
	X509 *root = parse(obol_ctl_ca_root(&cas->present));
	char name[65] = "";
	char why[OBOL_WHY_MAX];
	enum obol_status status;

	if (root)
	{
		(void)X509_NAME_get_text_by_NID(X509_get_subject_name(root),
										NID_commonName, name, sizeof(name));
	}
	X509_free(root);
	if (!*name && !wish->name)
	{
		(void)obol_ctl_fail("the present CA has no common name; give --name");
		return false;
	}
	status =
		make_files(cas, wish, wish->name ? wish->name : name, why, sizeof(why));
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

static bool bring(const struct obol_ctl_cas *cas,
				  const struct obol_ctl_ca_wish *wish)
{
	const struct obol_ctl_ca *ca = &cas->next;

	if (!wish->key)
	{
		return copy(wish->certificate, ca->certificate, false);
	}
	if (!copy(wish->key, ca->key, true))
	{
		return false;
	}
	if (!copy(wish->certificate, ca->certificate, false))
	{
		(void)unlink(ca->key);
		return false;
	}
	return true;
}

/** remote.ca_id of the clients' connections names the root's subject. */
static bool check_name(const struct obol_ctl_cas *cas,
					   const struct obol_ctl_ca_wish *wish)
{
	X509 *before = parse(obol_ctl_ca_root(&cas->present));
	X509 *after = parse(obol_ctl_ca_root(&cas->next));
	bool same = before && after &&
				X509_NAME_cmp(X509_get_subject_name(before),
							  X509_get_subject_name(after)) == 0;

	X509_free(before);
	X509_free(after);
	if (!same && !wish->may_be_other)
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

bool obol_ctl_ca_make_next(struct obol_ctl_cas *cas,
						   const struct obol_ctl_ca_wish *wish)
{
	struct obol_ctl_ca *ca = &cas->next;

	if (!nothing_in_the_way(ca) ||
		!(wish->certificate ? bring(cas, wish) : make(cas, wish)))
	{
		return false;
	}
	if (!obol_ctl_ca_load(cas->ctl, ca) || !check_name(cas, wish))
	{
		obol_ctl_ca_drop_next(cas);
		return false;
	}
	return true;
}

void obol_ctl_ca_drop_next(const struct obol_ctl_cas *cas)
{
	(void)unlink(cas->next.certificate);
	(void)unlink(cas->next.key);
}
