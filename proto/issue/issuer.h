/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The CA's signing key behind one operation. Who asks does not know where the
 * key is: in this process, in a signer of its own, in a token.
 */
#ifndef OBOL_ISSUE_ISSUER_H_
#define OBOL_ISSUE_ISSUER_H_

#include "base/clock.h"
#include "base/rng.h"
#include "issue/token.h"
#include "store/crl_entry.h"
#include "wire/registry.h"

/** Subject alternative names of one certificate at most. */
#define OBOL_CERTIFICATE_SANS_MAX 4

/** An attribute of a subject. */
struct obol_certificate_attribute {
	/** such as "CN" */
	const char *type;
	/** UTF-8, without control characters */
	char value[65];
};

/** What a certificate says; from the account's record, never from a request. */
struct obol_certificate_profile {
	/** subject's common name, 1..64 characters; its only attribute when there
	 * are none below */
	char common_name[65];
	/** the subject, in this order; the common name is not looked at then */
	size_t n_attributes;
	const struct obol_certificate_attribute *attributes;
	/** subjectAltName: an e-mail address if it has '@', else a DNS name or an
	 * IP address; up to 4 */
	size_t n_sans;
	const char *sans[OBOL_CERTIFICATE_SANS_MAX];
	/** seconds from now; notBefore lies an hour back */
	uint32_t lifetime_s;
	/** extendedKeyUsage serverAuth and ikeIntermediate (gateways), or
	 * clientAuth (users) */
	bool is_gateway;
	/** where the CA's revocation list can be had, see
	 * obol_issuer_uri_is_usable(); NULL: not said */
	const char *crl_uri;
};

/** Longest URI in a certificate. */
#define OBOL_URI_MAX 255

/** What a revocation list says. */
struct obol_crl_parts {
	/** always above the one before it */
	uint64_t number;
	uint64_t this_update;
	uint64_t next_update;
	size_t n_entries;
	const struct obol_crl_entry *entries;
};

/** A certificate as it was issued. */
struct obol_issued {
	uint8_t serial[20];
	uint8_t serial_len;
	uint64_t not_before;
	uint64_t not_after;
	/** DER; free() it with obol_issued_clear() */
	uint8_t *certificate;
	size_t certificate_len;
	/** subject and SAN as text, for the records */
	char subject[OBOL_TEXT_MAX + 1];
};

void obol_issued_clear(struct obol_issued *issued);

struct obol_issuer {
	/**
	 * Sign a certificate for a public key.
	 *
	 * @param public_key	SubjectPublicKeyInfo in DER, of a key whose
	 *possession has been proved
	 * @return				OK; ARG when the profile cannot be used; DENIED when
	 *						the issuer's own rules refuse; CRYPTO; IO
	 */
	enum obol_status (*issue)(struct obol_issuer *issuer,
							  struct obol_bytes public_key,
							  const struct obol_certificate_profile *profile,
							  struct obol_issued *issued);
	/**
	 * Sign a revocation list (RFC 5280, 5).
	 *
	 * @param der	receives it in DER; free() it
	 * @return		OK; ARG when the parts cannot be used; DENIED when the CA's
	 *				certificate does not allow it (cRLSign); CRYPTO; IO; NOMEM
	 */
	enum obol_status (*sign_crl)(struct obol_issuer *issuer,
								 const struct obol_crl_parts *parts,
								 uint8_t **der, size_t *len);
	void (*free)(struct obol_issuer *issuer);
	/** intermediates behind the certificate, then CA certificates that clients
	 * shall trust; DER, hold as long as the issuer */
	uint8_t n_chain;
	struct obol_bytes chain[OBOL_CHAIN_MAX];
	uint8_t n_cas;
	/** the root that the issuing CA stands under first */
	struct obol_bytes cas[OBOL_CHAIN_MAX];
	/** end of the issuing CA's own certificate */
	uint64_t not_after;
	void *ctx;
};

/** A name can stand in a subjectAltName: an e-mail address, host name or IP
 * address, in ASCII. */
bool obol_issuer_name_is_usable(const char *name);

/** "http://..." or "https://...", without what has a meaning where it will
 * stand. */
bool obol_issuer_uri_is_usable(const char *uri);

/** NULL is fine. */
void obol_issuer_free(struct obol_issuer *issuer);

struct obol_issuer_file_options {
	/** PEM: the issuing CA's certificate first, then what leads to its root */
	const char *certificate_path;
	/** mode 0600: the key in PEM (PKCS#8, not encrypted), or where it is in a
	 * token, see issue/ca_key.h; NULL: the key is elsewhere, and nothing is
	 * signed here (DENIED) */
	const char *key_path;
	/** for a key in a token, cleared after the issuer is freed; NULL: such a
	 * key is refused */
	struct obol_tokens *tokens;
	struct obol_rng *rng;
	struct obol_clock *clock;
};

/**
 * An issuer with the key in a file.
 *
 * @param why	receives a sentence for the operator on failure
 * @return		OK; NOT_FOUND; DENIED for permissions; FORMAT; ARG when key and
 *				certificate do not fit or it is no CA; CRYPTO; for a key in a
 *				token also AUTH when its PIN is wrong, and TOKEN
 */
enum obol_status
obol_issuer_file_new(const struct obol_issuer_file_options *options,
					 struct obol_issuer **issuer, char *why,
					 size_t size) OBOL_MUST_CHECK;

/** A new self-signed CA: EC P-256, CA:TRUE, keyCertSign and cRLSign; two new
 * files, the key with mode 0600. */
enum obol_status obol_ca_create(const char *common_name, uint32_t lifetime_s,
								const char *certificate_path,
								const char *key_path, struct obol_clock *clock,
								char *why, size_t size) OBOL_MUST_CHECK;

/**
 * The same for a key that is there, such as one in a token: a new certificate
 * file alone.
 *
 * @param key_path	see issue/ca_key.h
 * @return			OK; EXISTS; as obol_ca_key_open(); CRYPTO
 */
enum obol_status
obol_ca_create_for(const char *common_name, uint32_t lifetime_s,
				   const char *certificate_path, const char *key_path,
				   struct obol_tokens *tokens, struct obol_clock *clock,
				   char *why, size_t size) OBOL_MUST_CHECK;

#endif /* OBOL_ISSUE_ISSUER_H_ */
