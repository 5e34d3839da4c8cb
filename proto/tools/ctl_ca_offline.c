/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl ca export-set, ca import-set: for roots whose keys are kept off
 * line. */
#include "tools/ctl_commands.h"

#include "base/file.h"
#include "tools/ctl_ca.h"

struct offline {
	struct obol_ctl *ctl;
	struct obol_ctl_cas cas;
	const char *file;
	bool is_retiring;
};

/** Read the command line, work with the file, and close what was opened. */
static int run(struct offline *offline, const struct obol_usage *usage,
			   int argc, char **argv, int (*work)(struct offline *offline))
{
	enum obol_options_result result;
	int code;

	result = obol_options_parse_one(usage, argc, argv, &offline->file);
	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	code = work(offline);
	obol_ctl_cas_close(&offline->cas);
	return code;
}

static int export_set(struct offline *offline)
{
	struct obol_ctl_cas *cas = &offline->cas;
	struct obol_anchors_body body;
	enum obol_status status;
	struct obol_writer w;
	struct obol_json json;
	char why[OBOL_WHY_MAX] = "memory ran out";

	if (!obol_ctl_cas_open(cas, offline->ctl) ||
		!obol_ctl_cas_body(cas, offline->is_retiring, &body))
	{
		return OBOL_EXIT_FAILED;
	}
	obol_writer_init(&w);
	obol_anchors_body_encode(&w, &body);
	status = obol_writer_status(&w);
	if (status == OBOL_OK)
	{
		status = obol_file_create(offline->file, obol_writer_view(&w), 0644,
								  why, sizeof(why));
	}
	obol_writer_clear(&w);
	if (status != OBOL_OK)
	{
		return obol_ctl_fail("%s", why);
	}
	if (!offline->ctl->is_json)
	{
		(void)printf("set %u with %u CA%s, to be signed by a root that "
					 "clients trust: %s\n",
					 (unsigned)body.number, (unsigned)body.n_cas,
					 body.n_cas == 1 ? "" : "s", offline->file);
		return OBOL_EXIT_DONE;
	}
	obol_json_init(&json, stdout);
	obol_json_begin_object(&json, NULL);
	obol_json_str(&json, "file", offline->file);
	obol_json_number(&json, "set", body.number);
	obol_json_number(&json, "cas", body.n_cas);
	obol_json_end_object(&json);
	return OBOL_EXIT_DONE;
}

int obol_ctl_ca_export_set(struct obol_ctl *ctl, int argc, char **argv)
{
	struct offline offline = { .ctl = ctl };
	const struct obol_option options[] = {
		OBOL_FLAG_OPTION("retire", 0, "the set without old CAs",
						 &offline.is_retiring),
		OBOL_CTL_OPTIONS(ctl),
		OBOL_CTL_JSON(ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl ca export-set",
		.arguments = "FILE",
		.about = "Write the next set of CAs, to be signed where the root's key "
				 "is (openssl cms, see obolctl(8)).",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
		.min_arguments = 1,
		.max_arguments = 1,
	};

	return run(&offline, &usage, argc, argv, export_set);
}

static void print_import(const struct offline *offline)
{
	const struct obol_ctl_cas *cas = &offline->cas;
	struct obol_json json;

	if (!offline->ctl->is_json)
	{
		(void)printf("set           %u with %zu CA%s, which clients take at "
					 "their next login\n",
					 (unsigned)obol_ctl_cas_number(cas),
					 obol_anchors_n_cas(cas->set),
					 obol_anchors_n_cas(cas->set) == 1 ? "" : "s");
		return;
	}
	obol_json_init(&json, stdout);
	obol_json_begin_object(&json, NULL);
	obol_json_number(&json, "set", obol_ctl_cas_number(cas));
	obol_json_number(&json, "cas", (int64_t)obol_anchors_n_cas(cas->set));
	obol_json_end_object(&json);
}

/** Some CA that was trusted is not in it any more. */
static bool drops(const struct obol_anchors_trust *before,
				  const struct obol_anchors *set)
{
	size_t i;

	for (i = 0; i < before->n_cas; i++)
	{
		if (!obol_anchors_has(set, before->cas[i]))
		{
			return true;
		}
	}
	return false;
}

/** The CA that issues must stay in, or every renewal would be refused. */
static bool check(const struct offline *offline, struct obol_bytes cms,
				  enum obol_operation *operation)
{
	const struct obol_ctl_cas *cas = &offline->cas;
	struct obol_anchors_trust trust = obol_ctl_cas_trust(cas);
	struct obol_anchors *set = NULL;
	bool good = true;

	*operation = OBOL_OP_CA_SET;
	/* what is wrong with it otherwise is told when it is to be stored */
	if (obol_anchors_open(cms, &trust, obol_now(offline->ctl->clock), &set) !=
		OBOL_ANCHORS_GOOD)
	{
		return true;
	}
	if (!obol_anchors_has(set, obol_ctl_ca_root(&cas->present)))
	{
		(void)obol_ctl_fail("the set lacks the root of the CA that issues, %s",
							cas->present.certificate);
		good = false;
	}
	if (drops(&trust, set))
	{
		*operation = OBOL_OP_CA_RETIRE;
	}
	obol_anchors_free(set);
	return good;
}

static int import_set(struct offline *offline)
{
	struct obol_secret *content = NULL;
	enum obol_operation operation;
	char why[OBOL_WHY_MAX];
	bool done;

	if (!obol_ctl_cas_open(&offline->cas, offline->ctl))
	{
		return OBOL_EXIT_FAILED;
	}
	if (obol_file_read(offline->file, OBOL_FILE_PUBLIC, OBOL_ANCHORS_MAX,
					   &content, why, sizeof(why)) != OBOL_OK)
	{
		return obol_ctl_fail("%s", why);
	}
	done = check(offline, obol_secret_view(content), &operation) &&
		   obol_ctl_cas_publish(&offline->cas, obol_secret_view(content),
								operation);
	obol_secret_free(content);
	if (done)
	{
		print_import(offline);
	}
	return done ? OBOL_EXIT_DONE : OBOL_EXIT_FAILED;
}

int obol_ctl_ca_import_set(struct obol_ctl *ctl, int argc, char **argv)
{
	struct offline offline = { .ctl = ctl };
	const struct obol_option options[] = {
		OBOL_CTL_OPTIONS(ctl),
		OBOL_CTL_JSON(ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl ca import-set",
		.arguments = "FILE",
		.about = "Take a set of CAs that was signed elsewhere, if clients will "
				 "believe it.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
		.min_arguments = 1,
		.max_arguments = 1,
	};

	return run(&offline, &usage, argc, argv, import_set);
}
