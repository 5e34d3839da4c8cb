/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SRV records: question, answer, order. */
#include "net/srv.h"
#include "base/reader.h"

#include <arpa/nameser.h>
#include <netinet/in.h>
#include <resolv.h>

#define HEADER_LEN 12
/** bits of the header's second word (RFC 1035, 4.1.1) */
#define IS_ANSWER 0x8000
#define OPCODE 0x7800
#define IS_TRUNCATED 0x0200
#define WANTS_RECURSION 0x0100
#define RCODE 0x000f
#define RCODE_NAME_ERROR 3

#define TYPE_SRV 33
#define TYPE_OPT 41
#define CLASS_IN 1

/** priority, weight, port */
#define SRV_FIXED_LEN 6

bool obol_srv_is_for(const char *domain)
{
	return strchr(domain, '.') != NULL;
}

static void write_name(struct obol_writer *w, const char *name)
{
	while (*name)
	{
		size_t len = strcspn(name, ".");

		obol_write_vec8(w, obol_bytes(name, len));
		name += len;
		name += *name == '.';
	}
}

enum obol_status obol_srv_ask(const char *domain, uint16_t id,
							  struct obol_writer *question)
{
	static const char service[] = "_obol._tcp";

	/* in wire format each name has two bytes more than as text */
	if (sizeof(service) + strlen(domain) > OBOL_HOST_MAX)
	{
		return OBOL_ERR_ARG;
	}
	obol_write_u16(question, id);
	obol_write_u16(question, WANTS_RECURSION);
	obol_write_u16(question, 1);
	obol_write_u16(question, 0);
	obol_write_u16(question, 0);
	obol_write_u16(question, 1);
	write_name(question, service);
	write_name(question, domain);
	obol_write_u8(question, 0);
	obol_write_u16(question, TYPE_SRV);
	obol_write_u16(question, CLASS_IN);
	/* RFC 6891, 6.1.2: the root, the longest answer, no flags, no options */
	obol_write_u8(question, 0);
	obol_write_u16(question, TYPE_OPT);
	obol_write_u16(question, OBOL_SRV_MESSAGE_MAX);
	obol_write_u32(question, 0);
	obol_write_u16(question, 0);
	return obol_writer_status(question);
}

/** A message that is read: names in it point back to its beginning. */
struct message {
	struct obol_bytes all;
	struct obol_reader r;
};

/* dn_expand() stays within the message and follows no loop. */
static void read_name(struct message *m, char name[NS_MAXDNAME])
{
	const uint8_t *end = m->all.ptr + m->all.len;
	const uint8_t *pos = end - obol_reader_left(&m->r);
	int len = dn_expand(m->all.ptr, end, pos, name, NS_MAXDNAME);

	if (!obol_reader_ok(&m->r) || len < 0)
	{
		obol_reader_fail(&m->r);
		name[0] = '\0';
		return;
	}
	(void)obol_read_fixed(&m->r, (size_t)len);
}

/** The question comes back as it was: the part between header and OPT. */
static bool read_question(struct message *m, struct obol_bytes question)
{
	size_t len = question.len - HEADER_LEN - 11;

	return obol_bytes_eq(obol_read_fixed(&m->r, len),
						 obol_bytes(question.ptr + HEADER_LEN, len));
}

/**
 * Read what is in one SRV record.
 *
 * @param is_root	set if the target is "."
 * @return			false for a record that cannot be used
 */
static bool read_srv(struct message *m, size_t len, struct obol_srv *srv,
					 bool *is_root)
{
	size_t left = obol_reader_left(&m->r);
	char name[NS_MAXDNAME];

	srv->priority = obol_read_u16(&m->r);
	srv->weight = obol_read_u16(&m->r);
	srv->port = obol_read_u16(&m->r);
	read_name(m, name);
	if (!obol_reader_ok(&m->r) || left - obol_reader_left(&m->r) != len)
	{
		obol_reader_fail(&m->r);
		return false;
	}
	*is_root = name[0] == '\0' || strcmp(name, ".") == 0;
	return !*is_root && srv->port &&
		   obol_host_name_parse(obol_bytes_str(name), srv->host);
}

/* One record, whatever its owner: an alias may stand between. */
static void read_record(struct message *m, struct obol_srv_list *list,
						bool *is_absent)
{
	char owner[NS_MAXDNAME];
	struct obol_srv srv;
	bool is_root = false;
	uint16_t type;
	uint16_t class;
	uint16_t len;

	read_name(m, owner);
	type = obol_read_u16(&m->r);
	class = obol_read_u16(&m->r);
	(void)obol_read_u32(&m->r);
	len = obol_read_u16(&m->r);
	if (type != TYPE_SRV || class != CLASS_IN)
	{
		(void)obol_read_fixed(&m->r, len);
		return;
	}
	if (len <= SRV_FIXED_LEN)
	{
		obol_reader_fail(&m->r);
		return;
	}
	if (read_srv(m, len, &srv, &is_root) && list->n < OBOL_SRV_MAX)
	{
		list->items[list->n++] = srv;
	}
	*is_absent = *is_absent || is_root;
}

static enum obol_status read_records(struct message *m, uint16_t n,
									 bool is_truncated,
									 enum obol_srv_outcome *outcome,
									 struct obol_srv_list *out)
{
	struct obol_srv_list list;
	bool is_absent = false;

	list.n = 0;
	while (n-- && obol_reader_ok(&m->r))
	{
		read_record(m, &list, &is_absent);
	}
	if (!obol_reader_ok(&m->r) && !is_truncated)
	{
		return OBOL_ERR_FORMAT;
	}
	if (list.n || is_truncated)
	{
		*outcome = is_truncated ? OBOL_SRV_CUT : OBOL_SRV_FOUND;
		*out = list;
	}
	else
	{
		*outcome = is_absent ? OBOL_SRV_ABSENT : OBOL_SRV_NONE;
	}
	return OBOL_OK;
}

enum obol_status obol_srv_decode(struct obol_bytes bytes,
								 struct obol_bytes question,
								 enum obol_srv_outcome *outcome,
								 struct obol_srv_list *list)
{
	struct message m = { bytes, obol_reader_over(bytes) };
	struct obol_reader asked = obol_reader_over(question);
	uint16_t id = obol_read_u16(&m.r);
	uint16_t flags = obol_read_u16(&m.r);
	uint16_t n_questions = obol_read_u16(&m.r);
	uint16_t n_answers = obol_read_u16(&m.r);

	(void)obol_read_u32(&m.r);
	if (!obol_reader_ok(&m.r) || id != obol_read_u16(&asked) ||
		!(flags & IS_ANSWER) || (flags & OPCODE) || n_questions != 1 ||
		!read_question(&m, question))
	{
		return OBOL_ERR_FORMAT;
	}
	if ((flags & RCODE) == RCODE_NAME_ERROR)
	{
		*outcome = OBOL_SRV_NONE;
		return OBOL_OK;
	}
	if (flags & RCODE)
	{
		*outcome = OBOL_SRV_FAILED;
		return OBOL_OK;
	}
	return read_records(&m, n_answers, (flags & IS_TRUNCATED) != 0, outcome,
						list);
}

/* Where among those of the lowest priority the chance falls; those of weight 0
 * have a very small one, by standing first (RFC 2782). */
static size_t pick(const struct obol_srv *items, size_t n, uint32_t chance)
{
	uint16_t lowest = UINT16_MAX;
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
	{
		lowest = items[i].priority < lowest ? items[i].priority : lowest;
	}
	for (i = 0; i < n; i++)
	{
		sum += items[i].priority == lowest ? items[i].weight : 0;
	}
	chance %= sum + 1;
	for (i = 0; i < n && chance == 0; i++)
	{
		if (items[i].priority == lowest && items[i].weight == 0)
		{
			return i;
		}
	}
	sum = 0;
	for (i = 0; i < n; i++)
	{
		if (items[i].priority == lowest)
		{
			sum += items[i].weight;
			if (sum >= chance)
			{
				return i;
			}
		}
	}
	return 0;
}

enum obol_status obol_srv_order(struct obol_srv_list *list,
								struct obol_rng *rng)
{
	uint32_t chances[OBOL_SRV_MAX];
	enum obol_status status = obol_rng_fill(rng, chances, sizeof(chances));
	size_t i;

	if (status != OBOL_OK)
	{
		return status;
	}
	for (i = 0; i + 1 < list->n; i++)
	{
		size_t at = i + pick(&list->items[i], list->n - i, chances[i]);
		struct obol_srv chosen = list->items[at];

		memmove(&list->items[i + 1], &list->items[i],
				(at - i) * sizeof(chosen));
		list->items[i] = chosen;
	}
	return OBOL_OK;
}
