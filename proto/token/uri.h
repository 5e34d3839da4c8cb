/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What a PKCS#11 URI (RFC 7512) names, as far as keys in tokens go.
 */
#ifndef OBOL_TOKEN_URI_H_
#define OBOL_TOKEN_URI_H_

#include "base/bytes.h"

/** Longest URI in bytes. */
#define OBOL_TOKEN_URI_MAX 1024
#define OBOL_TOKEN_PATH_MAX 512
#define OBOL_TOKEN_LABEL_MAX 128
#define OBOL_TOKEN_ID_MAX 64

struct obol_token_uri {
	/** the URI without its query, for messages; cut where it is long */
	char name[128];
	char module_path[OBOL_TOKEN_PATH_MAX];
	/** "" for none */
	char pin_path[OBOL_TOKEN_PATH_MAX];
	/** what the token must be like; empty is anything. Lengths as PKCS#11
	 * pads them to */
	char token[32 + 1];
	char manufacturer[32 + 1];
	char model[16 + 1];
	char serial[16 + 1];
	/** the key's */
	char object[OBOL_TOKEN_LABEL_MAX + 1];
	uint8_t id[OBOL_TOKEN_ID_MAX];
	size_t id_len;
};

/** It begins as such a URI does. */
bool obol_token_is_uri(struct obol_bytes text);

/**
 * A key's URI: object or id is there.
 *
 * @param why	receives a sentence for people on failure
 * @return		OK; FORMAT; NOMEM
 */
enum obol_status obol_token_uri_parse(const char *text,
									  struct obol_token_uri *uri, char *why,
									  size_t size) OBOL_MUST_CHECK;

/** The same for a token's, where a key may be named or not. */
enum obol_status obol_token_uri_parse_token(const char *text,
											struct obol_token_uri *uri,
											char *why,
											size_t size) OBOL_MUST_CHECK;

/** A token is the one, a private key is the one that is named. */
bool obol_token_uri_matches(const struct obol_token_uri *uri, const char *label,
							const char *manufacturer, const char *model,
							const char *serial);
bool obol_token_uri_is_key(const struct obol_token_uri *uri, const char *label,
						   struct obol_bytes id);

#endif /* OBOL_TOKEN_URI_H_ */
