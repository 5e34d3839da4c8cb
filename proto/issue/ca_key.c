/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A CA's private key: in a file, or in a token that the file names. */
#include "issue/ca_key.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "issue/pem.h"
#include "token/uri.h"

static enum obol_status open_in_token(const char *path, struct obol_bytes text,
									  struct obol_tokens *tokens,
									  EVP_PKEY **key, char *why, size_t size)
{
	char uri[OBOL_TOKEN_URI_MAX + 1];

	while (text.len && strchr(" \t\r\n", text.ptr[text.len - 1]))
	{
		text.len--;
	}
	if (text.len > OBOL_TOKEN_URI_MAX || memchr(text.ptr, '\n', text.len) ||
		memchr(text.ptr, '\0', text.len))
	{
		(void)snprintf(why, size, "%s: is not one line with a token's URI",
					   path);
		return OBOL_ERR_FORMAT;
	}
	if (!tokens)
	{
		(void)snprintf(why, size, "%s: a key in a token is of no use here",
					   path);
		return OBOL_ERR_ARG;
	}
	memcpy(uri, text.ptr, text.len);
	uri[text.len] = '\0';
	return obol_tokens_key(tokens, uri, key, why, size);
}

enum obol_status obol_ca_key_open(const char *path, struct obol_tokens *tokens,
								  EVP_PKEY **key, char *why, size_t size)
{
	struct obol_secret *text = NULL;
	enum obol_status status = obol_file_read(
		path, OBOL_FILE_PRIVATE, OBOL_PEM_FILE_MAX, &text, why, size);

	if (status != OBOL_OK)
	{
		return status;
	}
	status = obol_token_is_uri(obol_secret_view(text))
				 ? open_in_token(path, obol_secret_view(text), tokens, key, why,
								 size)
				 : obol_pem_parse_key(text, path, key, why, size);
	obol_secret_free(text);
	return status;
}

enum obol_status obol_ca_key_write_uri(const char *path, const char *uri,
									   char *why, size_t size)
{
	struct obol_token_uri parsed;
	char line[OBOL_TOKEN_URI_MAX + 2];
	enum obol_status status = obol_token_uri_parse(uri, &parsed, why, size);

	if (status != OBOL_OK)
	{
		return status;
	}
	(void)snprintf(line, sizeof(line), "%s\n", uri);
	return obol_file_create(path, obol_bytes_str(line), 0600, why, size);
}
