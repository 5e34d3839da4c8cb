/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl ca: sets of CA certificates, signed, verified, stored. */
#include "tools/ctl_ca.h"

#include "issue/anchors_sign.h"
#include "issue/ca_key.h"
#include "tools/ctl_signer.h"

#include <openssl/err.h>

/** A root whose key lies here, opened to sign. */
struct key {
	X509 *certificate;
	EVP_PKEY *key;
};

static void key_clear(struct key *key)
{
	X509_free(key->certificate);
	EVP_PKEY_free(key->key);
}

static bool key_open(struct obol_ctl *ctl, const struct obol_ctl_ca *ca,
					 struct key *key)
{
	struct obol_bytes root = obol_ctl_ca_root(ca);
	const unsigned char *pos = root.ptr;
	char why[OBOL_WHY_MAX];

	key->certificate = d2i_X509(NULL, &pos, (long)root.len);
	if (obol_ca_key_open(ca->key, &ctl->tokens, &key->key, why, sizeof(why)) !=
		OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
		return false;
	}
	return key->certificate != NULL;
}

bool obol_ctl_cas_body(const struct obol_ctl_cas *cas, bool is_retiring,
					   struct obol_anchors_body *body)
{
	struct obol_anchors_trust all = { .number = 0 };
	size_t i;

	if (!is_retiring)
	{
		all = obol_ctl_cas_trust(cas);
	}
	obol_anchors_trust_add(&all, obol_ctl_ca_root(&cas->present));
	if (!is_retiring && cas->next.issuer)
	{
		obol_anchors_trust_add(&all, obol_ctl_ca_root(&cas->next));
	}
	if (all.n_cas > OBOL_CHAIN_MAX)
	{
		(void)obol_ctl_fail("a set has up to %d CAs; retire old ones first",
							OBOL_CHAIN_MAX);
		return false;
	}
	memset(body, 0, sizeof(*body));
	body->number = obol_ctl_cas_number(cas) + 1;
	body->created_at = obol_now(cas->ctl->clock);
	for (i = 0; i < all.n_cas; i++)
	{
		body->cas[body->n_cas++] = all.cas[i];
	}
	return true;
}

static bool signs_as_trusted(const struct obol_ctl_cas *cas,
							 const struct obol_ctl_ca *ca)
{
	struct obol_anchors_trust trust = obol_ctl_cas_trust(cas);

	return ca->issuer && obol_ctl_ca_is_root(ca) &&
		   !obol_config_signer_is_away(cas->ctl->config) &&
		   obol_anchors_trust_has(&trust, obol_ctl_ca_root(ca));
}

bool obol_ctl_cas_can_sign(const struct obol_ctl_cas *cas)
{
	return signs_as_trusted(cas, &cas->present) ||
		   signs_as_trusted(cas, &cas->next);
}

bool obol_ctl_cas_sign(const struct obol_ctl_cas *cas,
					   const struct obol_anchors_body *body,
					   struct obol_writer *cms)
{
	const struct obol_ctl_ca *all[] = { &cas->present, &cas->next };
	struct key keys[2] = { { NULL, NULL }, { NULL, NULL } };
	struct obol_anchors_signer signers[2];
	enum obol_status status = OBOL_ERR_ARG;
	size_t n = 0, i;
	bool done = true;

	for (i = 0; done && i < 2; i++)
	{
		if (all[i]->issuer && obol_ctl_ca_is_root(all[i]))
		{
			done = key_open(cas->ctl, all[i], &keys[i]);
			signers[n].certificate = keys[i].certificate;
			signers[n++].key = keys[i].key;
		}
	}
	if (done)
	{
		status = obol_anchors_sign(body, signers, n, cms);
		if (status != OBOL_OK)
		{
			(void)obol_ctl_fail("the set of CAs cannot be signed (%s): CMS "
								"knows keys of EC and RSA, with this OpenSSL "
								"perhaps no others",
								obol_status_name(status));
		}
	}
	key_clear(&keys[0]);
	key_clear(&keys[1]);
	ERR_clear_error();
	return status == OBOL_OK;
}

static const char *fault_text(enum obol_anchors_fault fault)
{
	switch (fault)
	{
		case OBOL_ANCHORS_MALFORMED:
			return "it is no set of CAs as described in obolctl(8): CMS in "
				   "DER, not detached, without certificates (-outform DER "
				   "-nodetach -nocerts -binary)";
		case OBOL_ANCHORS_NO_CA:
			return "a certificate in it is no self-signed CA's";
		case OBOL_ANCHORS_OLD:
			return "its number is not above that of the newest set; export it "
				   "again";
		case OBOL_ANCHORS_STRANGER:
			return "none of the CAs that clients trust has signed it";
		case OBOL_ANCHORS_WITHOUT_SIGNER:
			return "the CA that has signed it is not in it";
		case OBOL_ANCHORS_SIGNER_EXPIRED:
			return "the CA that has signed it is not valid now; clients would "
				   "not believe it";
		case OBOL_ANCHORS_EARLY:
			return "it was made in the future; is this machine's clock right?";
		default:
			return "it is good";
	}
}

/** In place of the set that was read, what its end is told by. */
static void adopt(struct obol_ctl_cas *cas, struct obol_anchors *set)
{
	obol_anchors_free(cas->set);
	cas->set = set;
}

bool obol_ctl_cas_publish(struct obol_ctl_cas *cas, struct obol_bytes cms,
						  enum obol_operation operation)
{
	struct obol_anchors_trust trust = obol_ctl_cas_trust(cas);
	uint64_t now = obol_now(cas->ctl->clock);
	struct obol_store_anchors_put put;
	struct obol_anchors *set = NULL;
	enum obol_anchors_fault fault = obol_anchors_open(cms, &trust, now, &set);
	enum obol_status status;
	char detail[64];

	if (fault != OBOL_ANCHORS_GOOD)
	{
		(void)obol_ctl_fail("the set is not accepted: %s", fault_text(fault));
		return false;
	}
	(void)snprintf(detail, sizeof(detail), "set %u with %zu CA%s",
				   (unsigned)obol_anchors_number(set), obol_anchors_n_cas(set),
				   obol_anchors_n_cas(set) == 1 ? "" : "s");
	memset(&put, 0, sizeof(put));
	put.in.number = obol_anchors_number(set);
	put.in.created_at = obol_anchors_created_at(set);
	put.in.cms = cms;
	put.in.actor = cas->ctl->actor;
	put.in.operation = operation;
	put.in.detail = obol_bytes_str(detail);
	put.in.now = now;
	status = obol_store_run(cas->ctl->store, OBOL_STORE_ANCHORS_PUT, &put);
	if (status != OBOL_OK)
	{
		obol_anchors_free(set);
		(void)obol_ctl_fail_store(status, "storing the set of CAs");
		return false;
	}
	adopt(cas, set);
	return true;
}

void obol_ctl_cas_tell_export(bool is_retiring)
{
	(void)printf("\nnext: the root's key is not here, so have the set signed "
				 "where it is:\n"
				 "      obolctl ca export-set%s FILE\n"
				 "      (there) openssl cms -sign -binary -nodetach -nocerts "
				 "-nosmimecap \\\n"
				 "          -md sha256 -outform DER -signer ROOT.crt -inkey "
				 "ROOT.key \\\n"
				 "          -in FILE -out FILE.p7\n"
				 "      (or, where an obol-signer has it: obolctl signer "
				 "sign-set FILE)\n"
				 "      obolctl ca import-set FILE.p7\n",
				 is_retiring ? " --retire" : "");
}

bool obol_ctl_ca_first_set(struct obol_ctl *ctl,
						   const struct obol_config *config,
						   struct obol_store *store)
{
	struct obol_store *before = ctl->store;
	struct obol_ctl_cas cas;
	struct obol_anchors_body body;
	struct obol_writer cms;
	bool done;

	memset(&cas, 0, sizeof(cas));
	cas.ctl = ctl;
	obol_ctl_cas_paths(&cas, config);
	obol_writer_init(&cms);
	ctl->store = store;
	done = obol_ctl_ca_load(ctl, &cas.present);
	/* a key that cannot sign one is told, and no reason to do without */
	if (done && obol_ctl_ca_is_root(&cas.present) &&
		obol_ctl_cas_body(&cas, false, &body) &&
		obol_ctl_cas_sign(&cas, &body, &cms))
	{
		done =
			obol_ctl_cas_publish(&cas, obol_writer_view(&cms), OBOL_OP_CA_SET);
	}
	ctl->store = before;
	obol_writer_clear(&cms);
	obol_ctl_cas_close(&cas);
	return done;
}
