/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * obolctl ca: from one CA to the next. The CA that issues is always the one
 * that obold.conf names; the next one lies beside it, as ca-next.crt and
 * ca-next.key, until "ca switch" gives it that place, and the one before is
 * ca-old.crt and ca-old.key from then on. The sets of CA certificates that
 * clients take are in the database.
 */
#ifndef OBOL_TOOLS_CTL_CA_H_
#define OBOL_TOOLS_CTL_CA_H_

#include <openssl/x509.h>

#include "seal/anchors.h"
#include "store/store_anchors.h"
#include "tools/ctl.h"

#define OBOL_CTL_CA_PATH_MAX (OBOL_CONFIG_TEXT_MAX + 16)

/** A CA's two files, and what is in them. */
struct obol_ctl_ca {
	char certificate[OBOL_CTL_CA_PATH_MAX];
	char key[OBOL_CTL_CA_PATH_MAX];
	/** NULL: it is not there */
	struct obol_issuer *issuer;
};

/** All that a change is made of. */
struct obol_ctl_cas {
	struct obol_ctl *ctl;
	struct obol_ctl_ca present;
	struct obol_ctl_ca next;
	/** paths alone */
	struct obol_ctl_ca old;
	/** the newest set, NULL for none */
	struct obol_anchors *set;
};

/**
 * Open store, CAs and set; false, with the reason said, when the present CA
 * cannot be used.
 */
bool obol_ctl_cas_open(struct obol_ctl_cas *cas, struct obol_ctl *ctl);
void obol_ctl_cas_close(struct obol_ctl_cas *cas);

/** Names of the files, from what the configuration has. */
void obol_ctl_cas_paths(struct obol_ctl_cas *cas,
						const struct obol_config *config);

/** Load one of them; false, with the reason said. */
bool obol_ctl_ca_load(struct obol_ctl *ctl, struct obol_ctl_ca *ca);

/** Its root, in DER. */
struct obol_bytes obol_ctl_ca_root(const struct obol_ctl_ca *ca);

/** It is a root itself: its key signs sets. */
bool obol_ctl_ca_is_root(const struct obol_ctl_ca *ca);

/** What clients trust: the newest set's CAs or, before the first set, the
 * present CA's root. */
struct obol_anchors_trust obol_ctl_cas_trust(const struct obol_ctl_cas *cas);

/** Number of the newest set, 0 for none. */
uint32_t obol_ctl_cas_number(const struct obol_ctl_cas *cas);

/** The next set: what is trusted and the next CA's root, or (with is_retiring)
 * the present CA's root alone; views into cas. False, with the reason said,
 * when there are too many. */
bool obol_ctl_cas_body(const struct obol_ctl_cas *cas, bool is_retiring,
					   struct obol_anchors_body *body);

/** One of the keys that lie here can sign the next set so that clients take
 * it. */
bool obol_ctl_cas_can_sign(const struct obol_ctl_cas *cas);

/** Sign a set with all roots whose keys lie here; false, with the reason
 * said. */
bool obol_ctl_cas_sign(const struct obol_ctl_cas *cas,
					   const struct obol_anchors_body *body,
					   struct obol_writer *cms);

/**
 * Verify a set as clients will, and store it; it becomes the newest one.
 *
 * @param operation	CA_SET or CA_RETIRE
 */
bool obol_ctl_cas_publish(struct obol_ctl_cas *cas, struct obol_bytes cms,
						  enum obol_operation operation);

/** Say how an off-line root signs what is to be exported. */
void obol_ctl_cas_tell_export(bool is_retiring);

/** Who lacks the newest set; false, with the reason said. */
bool obol_ctl_cas_lacking(const struct obol_ctl_cas *cas, size_t limit,
						  struct obol_store_anchors_lacking *lacking);

/** How many certificates a root still has; false, with the reason said. */
bool obol_ctl_cas_count(const struct obol_ctl_cas *cas, struct obol_bytes root,
						struct obol_store_root_count *count);

/** A certificate's subject for people, and when it ends. */
void obol_ctl_ca_describe(struct obol_bytes der, char *subject, size_t size,
						  uint64_t *not_after);

/** Its SHA-256 in hexadecimal digits. */
void obol_ctl_ca_fingerprint(struct obol_bytes der,
							 char out[2 * OBOL_STORE_ROOT_LEN + 1]);

/** The first set of a new server, if its CA is a root: nobody has to wait for
 * it later. False, with the reason said. */
bool obol_ctl_ca_first_set(struct obol_ctl *ctl,
						   const struct obol_config *config,
						   struct obol_store *store);

/** CA certificates that gateways have. */
struct obol_ctl_ca_list {
	/** the present CA's come first */
	size_t n_present;
	size_t n;
	struct obol_bytes cas[5 * OBOL_CHAIN_MAX];
};

/** Present and next CA, their intermediates, and the set's: each once; views
 * into cas. */
void obol_ctl_cas_all(const struct obol_ctl_cas *cas,
					  struct obol_ctl_ca_list *list);

/**
 * Bring a gateway's directory of CA certificates up to date: files
 * obol-ca*.pem for these, and none for others; false, with the reason said.
 *
 * @param dir	such as /etc/swanctl/x509ca
 */
bool obol_ctl_ca_install(const char *dir, const struct obol_ctl_ca_list *list);

/*
 * From one CA to the next, wherever their keys are
 */

#define OBOL_CTL_CA_LIFETIME "3650d"

/** What the next CA shall be. */
struct obol_ctl_ca_wish {
	/** brought; NULL: it is made */
	const char *certificate;
	const char *key;
	/** where the key of one that is made lies in a token; NULL: in a file */
	const char *token;
	/** of one that is made; NULL: the present one's */
	const char *name;
	const char *lifetime;
	/** the root may have another name than the present one */
	bool may_be_other;
};

#define OBOL_CTL_CA_WISH_OPTIONS(wish)                                         \
	OBOL_TEXT_OPTION("cert", 0, "FILE",                                        \
					 "a CA certificate (PEM, with what leads to its root) to " \
					 "use, with --key; else a CA is made",                     \
					 &(wish)->certificate),                                    \
		OBOL_TEXT_OPTION("key", 0, "FILE",                                     \
						 "its key (PEM, or a token's URI; mode 0600)",         \
						 &(wish)->key),                                        \
		OBOL_TEXT_OPTION("token", 't', "URI",                                  \
						 "PKCS#11 URI of a key in a token, for the CA that "   \
						 "is made",                                            \
						 &(wish)->token),                                      \
		OBOL_TEXT_OPTION("name", 'n', "NAME",                                  \
						 "common name of the CA that is made, default: that "  \
						 "of the present one",                                 \
						 &(wish)->name),                                       \
		OBOL_TEXT_OPTION("lifetime", 'l', "TIME",                              \
						 "of the CA that is made, "                            \
						 "default " OBOL_CTL_CA_LIFETIME,                      \
						 &(wish)->lifetime),                                   \
		OBOL_FLAG_OPTION("other-name", 0,                                      \
						 "the root may have another name than the present "    \
						 "one; connections with remote.ca_id must be changed " \
						 "then",                                               \
						 &(wish)->may_be_other)

/** False, with the reason said. */
bool obol_ctl_ca_wish_check(const struct obol_ctl_ca_wish *wish);

/** Make or bring it beside the present one and load it; false, with the reason
 * said and nothing left behind. */
bool obol_ctl_ca_make_next(struct obol_ctl_cas *cas,
						   const struct obol_ctl_ca_wish *wish);
/** Remove its files again. */
void obol_ctl_ca_drop_next(const struct obol_ctl_cas *cas);

/** Give the next CA's files the present one's place, which is kept as the old
 * one; the keys too when they are here. Its certificate is ca-next.crt too
 * until obol_ctl_cas_end_switch(). False, with the reason said. */
bool obol_ctl_cas_switch_files(const struct obol_ctl_cas *cas);

/** Go on where a switch was cut off before its end.
 *
 * @param done	whether that went well
 * @return		true when there was one */
bool obol_ctl_cas_finish_switch(struct obol_ctl *ctl, bool *done);

/** There is no next CA any more; false, with the reason said. */
bool obol_ctl_cas_end_switch(const struct obol_ctl_cas *cas);

/** The present CA and the next one where their keys are, without a store: for a
 * signer's machine. False, with the reason said. */
bool obol_ctl_cas_open_signer(struct obol_ctl_cas *cas, struct obol_ctl *ctl);

#endif /* OBOL_TOOLS_CTL_CA_H_ */
