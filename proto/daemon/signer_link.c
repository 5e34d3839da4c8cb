/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way to the signer. */
#include "daemon/signer_link.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>

/** A signer that died is back in a second; a worker must not wait for long. */
#define ANSWER_MAX_S 3
#define NONCE_LEN 8

struct link {
	struct obol_issuer issuer;
	struct obol_rng *rng;
	int fd;
	enum obol_signer_ca ca;
	uint8_t nonce[NONCE_LEN];
	uint8_t in[OBOL_SIGNER_MESSAGE_MAX];
	/** owners of the views in the issuer */
	uint8_t *der[2 * OBOL_CHAIN_MAX];
	size_t n_der;
};

static enum obol_status begin(struct link *link, struct obol_writer *w,
							  enum obol_signer_operation operation)
{
	enum obol_status status =
		obol_rng_fill(link->rng, link->nonce, sizeof(link->nonce));

	obol_writer_init(w);
	obol_write_u8(w, (uint8_t)operation);
	obol_write_bytes(w, obol_bytes(link->nonce, sizeof(link->nonce)));
	obol_write_u8(w, (uint8_t)link->ca);
	return status;
}

static ssize_t receive(struct link *link)
{
	ssize_t n;

	do
	{
		n = recv(link->fd, link->in, sizeof(link->in), 0);
	} while (n < 0 && errno == EINTR);
	return n;
}

/* Until the answer with this request's nonce. */
static enum obol_status take_answer(struct link *link, struct obol_reader *body)
{
	ssize_t n;

	while ((n = receive(link)) > 0)
	{
		struct obol_bytes nonce;

		*body = obol_reader_over(obol_bytes(link->in, (size_t)n));
		nonce = obol_read_fixed(body, NONCE_LEN);
		if (obol_reader_ok(body) &&
			memcmp(nonce.ptr, link->nonce, NONCE_LEN) == 0)
		{
			return obol_signer_read_status(body);
		}
	}
	return OBOL_ERR_IO;
}

/* Clears the writer. */
static enum obol_status ask(struct link *link, struct obol_writer *w,
							struct obol_reader *body)
{
	enum obol_status status = obol_writer_status(w);
	struct obol_bytes out = obol_writer_view(w);
	ssize_t n = -1;

	if (status == OBOL_OK)
	{
		do
		{
			n = send(link->fd, out.ptr, out.len, MSG_NOSIGNAL);
		} while (n < 0 && errno == EINTR);
		status = n == (ssize_t)out.len ? take_answer(link, body) : OBOL_ERR_IO;
	}
	obol_writer_clear(w);
	return status;
}

/*
 * Certificates
 */

static enum obol_status issue(struct obol_issuer *issuer,
							  struct obol_bytes public_key,
							  const struct obol_certificate_profile *profile,
							  struct obol_issued *issued)
{
	struct link *link = issuer->ctx;
	struct obol_reader body;
	struct obol_writer w;
	enum obol_status status = begin(link, &w, OBOL_SIGNER_ISSUE);

	if (status != OBOL_OK)
	{
		obol_writer_clear(&w);
		return status;
	}
	obol_write_vec16(&w, public_key);
	obol_signer_write_profile(&w, profile);
	status = ask(link, &w, &body);
	return status == OBOL_OK ? obol_signer_read_issued(&body, issued) : status;
}

/*
 * Revocation lists
 */

static enum obol_status begin_list(struct link *link,
								   const struct obol_crl_parts *parts)
{
	struct obol_reader body;
	struct obol_writer w;
	enum obol_status status = begin(link, &w, OBOL_SIGNER_CRL_BEGIN);

	obol_write_u64(&w, parts->number);
	obol_write_u64(&w, parts->this_update);
	obol_write_u64(&w, parts->next_update);
	obol_write_u32(&w, (uint32_t)parts->n_entries);
	if (status != OBOL_OK || parts->n_entries > OBOL_SIGNER_ENTRIES_MAX)
	{
		obol_writer_clear(&w);
		return status != OBOL_OK ? status : OBOL_ERR_ARG;
	}
	return ask(link, &w, &body);
}

static enum obol_status add_entries(struct link *link,
									const struct obol_crl_parts *parts)
{
	enum obol_status status = OBOL_OK;
	struct obol_reader body;
	struct obol_writer w;
	size_t at = 0;

	while (status == OBOL_OK && at < parts->n_entries)
	{
		size_t n = parts->n_entries - at;

		n = n < OBOL_SIGNER_ADD_MAX ? n : OBOL_SIGNER_ADD_MAX;
		status = begin(link, &w, OBOL_SIGNER_CRL_ADD);
		obol_signer_write_entries(&w, parts->entries + at, n);
		if (status != OBOL_OK)
		{
			obol_writer_clear(&w);
			break;
		}
		status = ask(link, &w, &body);
		at += n;
	}
	return status;
}

static enum obol_status read_part(struct link *link, size_t offset, size_t len,
								  uint8_t *der, size_t *got)
{
	struct obol_bytes part;
	struct obol_reader body;
	struct obol_writer w;
	enum obol_status status = begin(link, &w, OBOL_SIGNER_CRL_READ);

	if (status != OBOL_OK)
	{
		obol_writer_clear(&w);
		return status;
	}
	obol_write_u32(&w, (uint32_t)offset);
	status = ask(link, &w, &body);
	if (status != OBOL_OK)
	{
		return status;
	}
	part = obol_read_fixed(&body, obol_reader_left(&body));
	if (!part.len || part.len > len - offset)
	{
		return OBOL_ERR_IO;
	}
	memcpy(der + offset, part.ptr, part.len);
	*got = part.len;
	return OBOL_OK;
}

static enum obol_status read_list(struct link *link, size_t len, uint8_t **out)
{
	uint8_t *der = malloc(len);
	enum obol_status status = der ? OBOL_OK : OBOL_ERR_NOMEM;
	size_t at = 0, got = 0;

	while (status == OBOL_OK && at < len)
	{
		status = read_part(link, at, len, der, &got);
		at += got;
	}
	if (status != OBOL_OK)
	{
		free(der);
		return status;
	}
	*out = der;
	return OBOL_OK;
}

static enum obol_status sign_crl(struct obol_issuer *issuer,
								 const struct obol_crl_parts *parts,
								 uint8_t **der, size_t *len)
{
	struct link *link = issuer->ctx;
	enum obol_status status = begin_list(link, parts);
	struct obol_reader body;
	struct obol_writer w;
	size_t size;

	if (status == OBOL_OK)
	{
		status = add_entries(link, parts);
	}
	if (status != OBOL_OK)
	{
		return status;
	}
	status = begin(link, &w, OBOL_SIGNER_CRL_SIGN);
	if (status != OBOL_OK)
	{
		obol_writer_clear(&w);
		return status;
	}
	status = ask(link, &w, &body);
	if (status != OBOL_OK)
	{
		return status;
	}
	size = obol_read_u32(&body);
	/* a signer that was taken over gets no memory for what cannot be */
	if (obol_read_end(&body) != OBOL_OK || !size || size > OBOL_SIGNER_LIST_MAX)
	{
		return OBOL_ERR_IO;
	}
	status = read_list(link, size, der);
	if (status == OBOL_OK)
	{
		*len = size;
	}
	return status;
}

/*
 * The chain
 */

static enum obol_status take_list(struct link *link, struct obol_reader *r,
								  uint8_t *n_out, struct obol_bytes *views)
{
	size_t n = obol_read_u8(r), i;

	if (n > OBOL_CHAIN_MAX)
	{
		return OBOL_ERR_IO;
	}
	for (i = 0; i < n; i++)
	{
		struct obol_bytes der = obol_read_vec24(r, OBOL_CERTIFICATE_MAX);
		uint8_t *copy;

		if (!obol_reader_ok(r) || !der.len)
		{
			return OBOL_ERR_IO;
		}
		copy = malloc(der.len);
		if (!copy)
		{
			return OBOL_ERR_NOMEM;
		}
		memcpy(copy, der.ptr, der.len);
		link->der[link->n_der++] = copy;
		views[i] = obol_bytes(copy, der.len);
	}
	*n_out = (uint8_t)n;
	return OBOL_OK;
}

static enum obol_status ask_chain(struct link *link)
{
	struct obol_issuer *issuer = &link->issuer;
	struct obol_reader body;
	struct obol_writer w;
	enum obol_status status = begin(link, &w, OBOL_SIGNER_CHAIN);

	if (status != OBOL_OK)
	{
		obol_writer_clear(&w);
		return status;
	}
	status = ask(link, &w, &body);
	if (status != OBOL_OK)
	{
		return status;
	}
	issuer->not_after = obol_read_u64(&body);
	status = take_list(link, &body, &issuer->n_chain, issuer->chain);
	if (status == OBOL_OK)
	{
		status = take_list(link, &body, &issuer->n_cas, issuer->cas);
	}
	if (status == OBOL_OK &&
		(obol_read_end(&body) != OBOL_OK || !issuer->n_cas))
	{
		status = OBOL_ERR_IO;
	}
	return status;
}

static void free_link(struct obol_issuer *issuer)
{
	struct link *link = issuer->ctx;
	size_t i;

	for (i = 0; i < link->n_der; i++)
	{
		free(link->der[i]);
	}
	free(link);
}

enum obol_status obol_signer_link_new(int fd, enum obol_signer_ca ca,
									  struct obol_rng *rng,
									  struct obol_issuer **out)
{
	static const struct timeval limit = { ANSWER_MAX_S, 0 };
	struct link *link = calloc(1, sizeof(*link));
	enum obol_status status;

	if (!link)
	{
		return OBOL_ERR_NOMEM;
	}
	link->fd = fd;
	link->ca = ca;
	link->rng = rng;
	link->issuer.ctx = link;
	link->issuer.issue = issue;
	link->issuer.sign_crl = sign_crl;
	link->issuer.free = free_link;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	status = ask_chain(link);
	if (status != OBOL_OK)
	{
		free_link(&link->issuer);
		return status;
	}
	*out = &link->issuer;
	return OBOL_OK;
}
