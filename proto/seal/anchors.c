/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The anchors set: the object, and its verification (OpenSSL's CMS). */
#include "seal/anchors.h"

#include <stdlib.h>
#include <time.h>

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#define LAST_SECOND_OF_9999 UINT64_C(253402300799)

struct obol_anchors {
	/** what the views below point into */
	uint8_t *cms;
	size_t cms_len;
	uint8_t *content;
	struct obol_anchors_body body;
};

/** A set on its way to be verified. */
struct candidate {
	CMS_ContentInfo *cms;
	/** the digests of the content, filled by reading it */
	BIO *digests;
	struct obol_anchors *set;
};

/* DER with nothing behind it; NULL otherwise. */
static X509 *parse_certificate(struct obol_bytes der)
{
	const unsigned char *pos = der.ptr;
	X509 *x = d2i_X509(NULL, &pos, (long)der.len);

	if (x && pos != der.ptr + der.len)
	{
		X509_free(x);
		x = NULL;
	}
	return x;
}

static bool is_anchor(X509 *x)
{
	return x && X509_check_ca(x) == 1 &&
		   (X509_get_key_usage(x) & KU_KEY_CERT_SIGN) &&
		   X509_self_signed(x, 1) == 1 &&
		   ASN1_TIME_compare(X509_get0_notBefore(x), X509_get0_notAfter(x)) < 0;
}

bool obol_anchors_is_ca(struct obol_bytes der)
{
	X509 *x;
	bool is;

	(void)ERR_set_mark();
	x = der.len <= OBOL_CERTIFICATE_MAX ? parse_certificate(der) : NULL;
	is = is_anchor(x);
	X509_free(x);
	(void)ERR_pop_to_mark();
	return is;
}

static bool is_valid_at(const X509 *x, uint64_t now)
{
	time_t at = (time_t)(now < LAST_SECOND_OF_9999 ? now : LAST_SECOND_OF_9999);

	return X509_cmp_time(X509_get0_notBefore(x), &at) < 0 &&
		   X509_cmp_time(X509_get0_notAfter(x), &at) > 0;
}

/*
 * The object
 */

static struct obol_anchors *anchors_new(struct obol_bytes cms,
										struct obol_bytes content)
{
	struct obol_anchors *set = calloc(1, sizeof(*set));

	if (!set)
	{
		return NULL;
	}
	set->cms = malloc(cms.len);
	set->content = malloc(content.len ? content.len : 1);
	if (!set->cms || !set->content)
	{
		obol_anchors_free(set);
		return NULL;
	}
	memcpy(set->cms, cms.ptr, cms.len);
	set->cms_len = cms.len;
	if (content.len)
	{
		memcpy(set->content, content.ptr, content.len);
	}
	if (obol_anchors_body_decode(obol_bytes(set->content, content.len),
								 &set->body) != OBOL_OK)
	{
		obol_anchors_free(set);
		return NULL;
	}
	return set;
}

void obol_anchors_free(struct obol_anchors *set)
{
	if (set)
	{
		free(set->cms);
		free(set->content);
		free(set);
	}
}

struct obol_anchors *obol_anchors_dup(const struct obol_anchors *set)
{
	struct obol_anchors *copy = NULL;

	return obol_anchors_load(obol_anchors_cms(set), &copy) == OBOL_OK ? copy
																	  : NULL;
}

uint32_t obol_anchors_number(const struct obol_anchors *set)
{
	return set->body.number;
}

uint64_t obol_anchors_created_at(const struct obol_anchors *set)
{
	return set->body.created_at;
}

size_t obol_anchors_n_cas(const struct obol_anchors *set)
{
	return set->body.n_cas;
}

struct obol_bytes obol_anchors_ca(const struct obol_anchors *set, size_t i)
{
	return set->body.cas[i];
}

struct obol_bytes obol_anchors_cms(const struct obol_anchors *set)
{
	return obol_bytes(set->cms, set->cms_len);
}

bool obol_anchors_has(const struct obol_anchors *set, struct obol_bytes ca)
{
	size_t i;

	for (i = 0; i < set->body.n_cas; i++)
	{
		if (obol_bytes_eq(set->body.cas[i], ca))
		{
			return true;
		}
	}
	return false;
}

/*
 * The profile
 */

/* RFC 5652, 5.1: certificates and crls stay out */
static bool has_extras(CMS_ContentInfo *cms)
{
	STACK_OF(X509) *certificates = CMS_get1_certs(cms);
	STACK_OF(X509_CRL) *crls = CMS_get1_crls(cms);
	bool has = sk_X509_num(certificates) > 0 || sk_X509_CRL_num(crls) > 0;

	sk_X509_pop_free(certificates, X509_free);
	sk_X509_CRL_pop_free(crls, X509_CRL_free);
	return has;
}

static CMS_ContentInfo *parse_cms(struct obol_bytes der)
{
	const unsigned char *pos = der.ptr;
	CMS_ContentInfo *cms;
	int n_signers;

	if (der.len > OBOL_ANCHORS_MAX)
	{
		return NULL;
	}
	cms = d2i_CMS_ContentInfo(NULL, &pos, (long)der.len);
	if (!cms || pos != der.ptr + der.len ||
		OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed ||
		OBJ_obj2nid(CMS_get0_eContentType(cms)) != NID_pkcs7_data)
	{
		goto bad;
	}
	n_signers = sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(cms));
	if (n_signers < 1 || n_signers > OBOL_ANCHORS_SIGNERS_MAX ||
		has_extras(cms))
	{
		goto bad;
	}
	return cms;
bad:
	CMS_ContentInfo_free(cms);
	return NULL;
}

/* Reading the content through them is what fills the digests. */
static BIO *digest_content(CMS_ContentInfo *cms)
{
	BIO *digests = CMS_dataInit(cms, NULL);
	uint8_t chunk[4096];
	int n;

	if (!digests)
	{
		return NULL;
	}
	do
	{
		n = BIO_read(digests, chunk, sizeof(chunk));
	} while (n > 0);
	return digests;
}

static bool parse(struct obol_bytes cms, struct candidate *out)
{
	ASN1_OCTET_STRING **content;

	out->cms = parse_cms(cms);
	content = out->cms ? CMS_get0_content(out->cms) : NULL;
	if (!content || !*content)
	{
		return false;
	}
	out->set =
		anchors_new(cms, obol_bytes(ASN1_STRING_get0_data(*content),
									(size_t)ASN1_STRING_length(*content)));
	out->digests = out->set ? digest_content(out->cms) : NULL;
	return out->digests != NULL;
}

static void candidate_clear(struct candidate *candidate)
{
	BIO_free_all(candidate->digests);
	CMS_ContentInfo_free(candidate->cms);
	obol_anchors_free(candidate->set);
}

/*
 * Signatures
 */

static bool digest_is_good(CMS_SignerInfo *si)
{
	X509_ALGOR *digest = NULL;

	CMS_SignerInfo_get0_algs(si, NULL, NULL, &digest, NULL);
	switch (digest ? OBJ_obj2nid(digest->algorithm) : NID_undef)
	{
		case NID_sha256:
		case NID_sha384:
		case NID_sha512:
			return true;
		default:
			return false;
	}
}

/* RFC 5652, 11.1 and 11.2: once each, and of the content's own type */
static bool attributes_are_good(CMS_SignerInfo *si)
{
	int type = CMS_signed_get_attr_by_NID(si, NID_pkcs9_contentType, -1);
	int digest = CMS_signed_get_attr_by_NID(si, NID_pkcs9_messageDigest, -1);
	X509_ATTRIBUTE *attribute;
	ASN1_OBJECT *oid;

	if (type < 0 || digest < 0 ||
		CMS_signed_get_attr_by_NID(si, NID_pkcs9_contentType, type) >= 0 ||
		CMS_signed_get_attr_by_NID(si, NID_pkcs9_messageDigest, digest) >= 0)
	{
		return false;
	}
	attribute = CMS_signed_get_attr(si, type);
	oid = X509_ATTRIBUTE_count(attribute) == 1
			  ? X509_ATTRIBUTE_get0_data(attribute, 0, V_ASN1_OBJECT, NULL)
			  : NULL;
	return oid && OBJ_obj2nid(oid) == NID_pkcs7_data;
}

/* Signed by this certificate's key, over what the set says. */
static bool has_signed(struct candidate *candidate, X509 *ca)
{
	STACK_OF(CMS_SignerInfo) *all = CMS_get0_SignerInfos(candidate->cms);
	int i;

	for (i = 0; i < sk_CMS_SignerInfo_num(all); i++)
	{
		CMS_SignerInfo *si = sk_CMS_SignerInfo_value(all, i);

		if (CMS_SignerInfo_cert_cmp(si, ca) != 0 || !digest_is_good(si) ||
			!attributes_are_good(si))
		{
			continue;
		}
		CMS_SignerInfo_set1_signer_cert(si, ca);
		if (CMS_SignerInfo_verify(si) == 1 &&
			CMS_SignerInfo_verify_content(si, candidate->digests) == 1)
		{
			return true;
		}
	}
	return false;
}

/* How far one trusted CA's word goes: the later the fault, the better. */
static enum obol_anchors_fault judge(struct candidate *candidate,
									 struct obol_bytes ca, uint64_t now)
{
	X509 *x = parse_certificate(ca);
	enum obol_anchors_fault fault = OBOL_ANCHORS_STRANGER;

	if (is_anchor(x) && has_signed(candidate, x))
	{
		fault = !obol_anchors_has(candidate->set, ca)
					? OBOL_ANCHORS_WITHOUT_SIGNER
				: !is_valid_at(x, now) ? OBOL_ANCHORS_SIGNER_EXPIRED
									   : OBOL_ANCHORS_GOOD;
	}
	X509_free(x);
	return fault;
}

static enum obol_anchors_fault judge_all(struct candidate *candidate,
										 const struct obol_anchors_trust *trust,
										 uint64_t now)
{
	enum obol_anchors_fault best = OBOL_ANCHORS_STRANGER, fault;
	size_t i;

	for (i = 0; i < trust->n_cas; i++)
	{
		fault = judge(candidate, trust->cas[i], now);
		if (fault == OBOL_ANCHORS_GOOD)
		{
			return fault;
		}
		best = fault > best ? fault : best;
	}
	return best;
}

static enum obol_anchors_fault check(struct candidate *candidate,
									 const struct obol_anchors_trust *trust,
									 uint64_t now)
{
	const struct obol_anchors_body *body = &candidate->set->body;
	enum obol_anchors_fault fault;
	size_t i;

	for (i = 0; i < body->n_cas; i++)
	{
		if (!obol_anchors_is_ca(body->cas[i]))
		{
			return OBOL_ANCHORS_NO_CA;
		}
	}
	if (body->number <= trust->number)
	{
		return OBOL_ANCHORS_OLD;
	}
	fault = judge_all(candidate, trust, now);
	if (fault == OBOL_ANCHORS_GOOD &&
		(body->created_at > LAST_SECOND_OF_9999 ||
		 body->created_at > now + OBOL_ANCHORS_EARLY_S))
	{
		fault = OBOL_ANCHORS_EARLY;
	}
	return fault;
}

enum obol_anchors_fault
obol_anchors_open(struct obol_bytes cms, const struct obol_anchors_trust *trust,
				  uint64_t now, struct obol_anchors **set)
{
	struct candidate candidate = { NULL, NULL, NULL };
	enum obol_anchors_fault fault = OBOL_ANCHORS_MALFORMED;

	/* what OpenSSL notes on the way is nobody else's */
	(void)ERR_set_mark();
	if (parse(cms, &candidate))
	{
		fault = check(&candidate, trust, now);
	}
	if (fault == OBOL_ANCHORS_GOOD)
	{
		*set = candidate.set;
		candidate.set = NULL; /* moved to the caller */
	}
	candidate_clear(&candidate);
	(void)ERR_pop_to_mark();
	return fault;
}

enum obol_status obol_anchors_load(struct obol_bytes cms,
								   struct obol_anchors **set)
{
	struct candidate candidate = { NULL, NULL, NULL };
	struct obol_anchors_trust own = { .number = 0 };
	enum obol_status status = OBOL_ERR_FORMAT;
	enum obol_anchors_fault fault;
	size_t i;

	(void)ERR_set_mark();
	if (parse(cms, &candidate))
	{
		for (i = 0; i < candidate.set->body.n_cas; i++)
		{
			obol_anchors_trust_add(&own, candidate.set->body.cas[i]);
		}
		/* that they end is no matter here */
		fault = check(&candidate, &own, LAST_SECOND_OF_9999);
		if (fault == OBOL_ANCHORS_GOOD || fault == OBOL_ANCHORS_SIGNER_EXPIRED)
		{
			*set = candidate.set;
			candidate.set = NULL; /* moved to the caller */
			status = OBOL_OK;
		}
	}
	candidate_clear(&candidate);
	(void)ERR_pop_to_mark();
	return status;
}

uint32_t obol_anchors_peek_number(struct obol_bytes cms)
{
	struct candidate candidate = { NULL, NULL, NULL };
	uint32_t number = 0;

	(void)ERR_set_mark();
	if (parse(cms, &candidate))
	{
		number = candidate.set->body.number;
	}
	candidate_clear(&candidate);
	(void)ERR_pop_to_mark();
	return number;
}
