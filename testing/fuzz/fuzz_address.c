/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of servers, host names, names for certificates. */
#include "fuzz/support.h"
#include "issue/san.h"
#include "net/address.h"

#define WHY_MAX 256

static void check_endpoint(const struct obol_endpoint *endpoint)
{
	size_t len = strlen(endpoint->host);
	char again[OBOL_HOST_MAX + 1];

	FUZZ_CHECK(len > 0 && len <= OBOL_HOST_MAX);
	if (endpoint->is_address)
	{
		FUZZ_CHECK(obol_sockaddr_len(&endpoint->addr) > 0);
		return;
	}
	FUZZ_CHECK(obol_host_name_parse(obol_bytes(endpoint->host, len), again));
	FUZZ_CHECK(strcmp(endpoint->host, again) == 0);
}

static void run(struct obol_bytes in)
{
	struct obol_endpoint_list *list = malloc(sizeof(*list));
	char why[WHY_MAX] = "", host[OBOL_HOST_MAX + 1];
	char *text = fuzz_string(in);
	GENERAL_NAME *name = NULL;
	enum obol_status status;
	size_t i;

	FUZZ_CHECK(list);
	status = obol_endpoints_parse(text, list, why, sizeof(why));
	FUZZ_CHECK(status == OBOL_OK || status == OBOL_ERR_FORMAT);
	if (status == OBOL_OK)
	{
		FUZZ_CHECK(list->n >= 1 && list->n <= OBOL_ENDPOINTS_MAX);
		for (i = 0; i < list->n; i++)
		{
			check_endpoint(&list->items[i]);
		}
	}
	else
	{
		FUZZ_CHECK(why[0] && strlen(why) < sizeof(why));
	}
	if (obol_host_name_parse(in, host))
	{
		FUZZ_CHECK(strlen(host) == in.len || strlen(host) + 1 == in.len);
	}
	if (obol_san_new(text, &name) == OBOL_OK)
	{
		FUZZ_CHECK(obol_san_kind(text));
		GENERAL_NAME_free(name);
	}
	free(text);
	free(list);
}

static void seed(struct fuzz_seeds *seeds)
{
	fuzz_seed_text(seeds, "name", "VPN.example.org.");
	fuzz_seed_text(seeds, "port", "vpn_1.example.org:443");
	fuzz_seed_text(seeds, "v4", "192.0.2.1:4501, 198.51.100.7");
	fuzz_seed_text(seeds, "v6", "[2001:db8::1]:4501 2001:db8::2");
	fuzz_seed_text(seeds, "scope", "[fe80::1%lo]:1");
	fuzz_seed_text(seeds, "empty", ", ,");
	fuzz_seed_text(seeds, "mail", "alice@vpn.example.org");
	fuzz_seed_text(seeds, "wildcard", "*.example.org");
	fuzz_seed_text(seeds, "many", "a,b,c,d,e,f,g,h,i");
}

static struct fuzz_target target = {
	.name = "address",
	.what = "host names that are taken are in their form",
	.run = run,
	.seed = seed,
	.max_len = 600,
};

FUZZ_TARGET(target)
