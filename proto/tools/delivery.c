/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What obol receive does with what comes. */
#include "tools/delivery.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/pkcs12.h>

#include "seal/code.h"
#include "tools/pkcs12.h"
#include "tools/spool.h"
#include "tools/text.h"

#define STANDARD_OUTPUT "-"

static bool to_stdout(const struct delivery_options *options)
{
	return options->file && strcmp(options->file, STANDARD_OUTPUT) == 0;
}

/* A bundle goes to a file under a password of its own; what is kept in memory
 * is looked at before it is taken. */
static bool is_bundle(const struct delivery_item *item)
{
	return item->item->format == OBOL_FORMAT_BUNDLE;
}

static bool stays_in_memory(const struct delivery_item *item)
{
	return is_bundle(item) || item->item->format == OBOL_FORMAT_PKCS12;
}

enum obol_cause delivery_check(struct tool *tool,
							   const struct delivery_options *options)
{
	int n = (options->file != NULL) + (options->directory != NULL) +
			options->to_swanctl;

	if (n != 1)
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "say where it shall go: --output FILE (or -), "
						 "--directory DIR, or --swanctl for this machine's "
						 "strongSwan; a private key is written nowhere else");
	}
	if (options->to_swanctl != (options->gateway != NULL) ||
		(options->gateway_id && !options->to_swanctl))
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "--swanctl and --gateway NAME go together: the "
						 "connection needs the gateway's name or address");
	}
	if (options->to_swanctl &&
		(!profile_text_ok(options->gateway) ||
		 !profile_text_ok(options->remote_ts) ||
		 (options->gateway_id && !profile_text_ok(options->gateway_id))))
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "--gateway, --gateway-id and --remote-ts take no "
						 "control characters");
	}
	if (to_stdout(options) && tool->common.json)
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "--json and --output - both want standard output; "
						 "name a file");
	}
	if (options->directory && access(options->directory, W_OK | X_OK))
	{
		return tool_fail(tool, OBOL_CAUSE_FILE, "%s: %s", options->directory,
						 strerror(errno));
	}
	return options->file && !to_stdout(options)
			   ? cmd_may_write(tool, options->file, options->force)
			   : OBOL_CAUSE_NONE;
}

/* A name of somebody else's as a file's: it cannot lead anywhere, nor hide. */
static void file_name(const char *name, char out[OBOL_TRANSFER_NAME_MAX + 1])
{
	size_t i;

	for (i = 0; name[i]; i++)
	{
		out[i] = name[i] == '/' || (i == 0 && name[i] == '.') ? '_' : name[i];
	}
	out[i] = '\0';
}

static enum obol_cause choose_path(struct delivery *delivery,
								   struct delivery_item *item)
{
	const struct delivery_options *options = delivery->options;
	char name[OBOL_TRANSFER_NAME_MAX + 1];
	int n = 0;

	if (options->directory)
	{
		file_name(item->item->name, name);
		n = snprintf(item->path, sizeof(item->path), "%s/%s%s",
					 options->directory, name,
					 !is_bundle(item) ? ""
					 : options->pem   ? ".pem"
									  : ".p12");
	}
	else if (options->file && !to_stdout(options))
	{
		n = snprintf(item->path, sizeof(item->path), "%s", options->file);
	}
	if (n >= (int)sizeof(item->path))
	{
		return tool_fail(delivery->tool, OBOL_CAUSE_CONFIG,
						 "the path is too long");
	}
	return item->path[0]
			   ? cmd_may_write(delivery->tool, item->path, options->force)
			   : OBOL_CAUSE_NONE;
}

static enum obol_cause cannot_write(struct delivery *delivery, const char *path)
{
	return tool_fail(delivery->tool, OBOL_CAUSE_FILE, "cannot write %s: %s",
					 path[0] ? path : "to standard output", strerror(errno));
}

/* Room for it all is asked for at once: a full disk is told before anything is
 * sent. */
static enum obol_cause open_spool(struct delivery *delivery,
								  struct delivery_item *item)
{
	if (!item->path[0])
	{
		item->fd = STDOUT_FILENO;
		return OBOL_CAUSE_NONE;
	}
	item->fd = spool_open(item->path, item->temporary, sizeof(item->temporary));
	if (item->fd < 0)
	{
		return cannot_write(delivery, item->path);
	}
	if (item->item->size &&
		fallocate(item->fd, 0, 0, (off_t)item->item->size) &&
		errno != EOPNOTSUPP && errno != ENOSYS)
	{
		return cannot_write(delivery, item->path);
	}
	return OBOL_CAUSE_NONE;
}

static enum obol_cause begin_item(struct delivery *delivery,
								  struct delivery_item *item)
{
	enum obol_cause cause = choose_path(delivery, item);

	if (cause != OBOL_CAUSE_NONE)
	{
		return cause;
	}
	if (delivery->options->to_swanctl && !is_bundle(item))
	{
		return tool_fail(delivery->tool, OBOL_CAUSE_CONFIG,
						 "%s is no credential that --swanctl could set up; "
						 "take it with --output or --directory",
						 item->item->name);
	}
	if (!stays_in_memory(item))
	{
		return open_spool(delivery, item);
	}
	if (item->item->size > DELIVERY_MEMORY_MAX)
	{
		return tool_fail(delivery->tool, OBOL_CAUSE_CREDENTIAL,
						 "%s is larger than a credential can be",
						 item->item->name);
	}
	item->body = obol_secret_new((size_t)item->item->size);
	return item->body ? OBOL_CAUSE_NONE
					  : tool_fail(delivery->tool, OBOL_CAUSE_INTERNAL,
								  "out of memory");
}

enum obol_cause delivery_begin(struct delivery *delivery, struct tool *tool,
							   const struct delivery_options *options,
							   const struct obol_transfer_item *items, size_t n)
{
	enum obol_cause cause = OBOL_CAUSE_NONE;
	size_t i;

	memset(delivery, 0, sizeof(*delivery));
	delivery->tool = tool;
	delivery->options = options;
	if (n > 1 && !options->directory)
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "%zu things are offered; take them with --directory "
						 "DIR",
						 n);
	}
	delivery->n = n;
	for (i = 0; i < n; i++)
	{
		delivery->items[i].fd = -1;
		delivery->items[i].item = &items[i];
	}
	for (i = 0; cause == OBOL_CAUSE_NONE && i < n; i++)
	{
		cause = begin_item(delivery, &delivery->items[i]);
	}
	return cause;
}

static bool write_all(int fd, struct obol_bytes bytes)
{
	while (bytes.len)
	{
		ssize_t n = write(fd, bytes.ptr, bytes.len);

		if (n < 0 && errno == EINTR)
		{
			continue;
		}
		if (n <= 0)
		{
			return false;
		}
		bytes.ptr += n;
		bytes.len -= (size_t)n;
	}
	return true;
}

enum obol_cause delivery_take(struct delivery *delivery, size_t item,
							  struct obol_bytes bytes)
{
	struct delivery_item *to = &delivery->items[item];

	if (to->body)
	{
		memcpy(obol_secret_ptr(to->body) + to->done, bytes.ptr, bytes.len);
	}
	else if (!write_all(to->fd, bytes))
	{
		return cannot_write(delivery, to->path);
	}
	to->done += bytes.len;
	return OBOL_CAUSE_NONE;
}

static bool is_pkcs12(struct obol_bytes der)
{
	const unsigned char *pos = der.ptr;
	PKCS12 *p12 = d2i_PKCS12(NULL, &pos, (long)der.len);
	bool is_one = p12 && pos == der.ptr + der.len;

	PKCS12_free(p12);
	return is_one;
}

static const char *fault_of(enum obol_bundle_fault fault)
{
	switch (fault)
	{
		case OBOL_BUNDLE_KEY_MISMATCH:
			return "its key does not fit its certificate";
		case OBOL_BUNDLE_CHAIN:
			return "its certificate does not lead to a CA that came with it";
		case OBOL_BUNDLE_NOT_YET_VALID:
			return "it is not valid yet; is this device's clock right?";
		case OBOL_BUNDLE_EXPIRED:
			return "it has expired; is this device's clock right?";
		default:
			return "it cannot be parsed";
	}
}

static enum obol_cause judge_item(struct delivery *delivery,
								  struct delivery_item *item)
{
	enum obol_bundle_fault fault = OBOL_BUNDLE_GOOD;

	if (is_bundle(item))
	{
		fault = obol_bundle_decode(item->body, &item->bundle) == OBOL_OK
					? obol_bundle_check(item->bundle, tool_now())
					: OBOL_BUNDLE_MALFORMED;
	}
	else if (item->body && !is_pkcs12(obol_secret_view(item->body)))
	{
		fault = OBOL_BUNDLE_MALFORMED;
	}
	return fault == OBOL_BUNDLE_GOOD
			   ? OBOL_CAUSE_NONE
			   : tool_fail(delivery->tool, OBOL_CAUSE_CREDENTIAL,
						   "%s is not taken: %s. Nothing was stored.",
						   item->item->name, fault_of(fault));
}

enum obol_cause delivery_judge(struct delivery *delivery)
{
	enum obol_cause cause = OBOL_CAUSE_NONE;
	size_t i;

	for (i = 0; cause == OBOL_CAUSE_NONE && i < delivery->n; i++)
	{
		cause = judge_item(delivery, &delivery->items[i]);
	}
	return cause;
}

/* One password for all bundles of a package. */
static enum obol_cause file_password(struct delivery *delivery)
{
	struct obol_secret *bits = NULL;
	enum obol_status status;

	if (delivery->password)
	{
		return OBOL_CAUSE_NONE;
	}
	if (delivery->options->file_password_fd != TOOL_NONE)
	{
		return tool_ask_secret(delivery->tool,
							   delivery->options->file_password_fd, "",
							   "file-password-fd", &delivery->password);
	}
	status = obol_code_new(obol_rng_system(), OBOL_ACTIVATION_BITS, &bits,
						   &delivery->password);
	obol_secret_free(bits);
	return status == OBOL_OK ? OBOL_CAUSE_NONE
							 : tool_fail(delivery->tool, OBOL_CAUSE_INTERNAL,
										 "no randomness");
}

/* A bundle as the file that it becomes. */
static enum obol_cause encode_bundle(struct delivery *delivery,
									 struct delivery_item *item)
{
	struct obol_secret *encoded = NULL;
	enum obol_cause cause = file_password(delivery);
	enum obol_status status;

	if (cause != OBOL_CAUSE_NONE)
	{
		return cause;
	}
	status = delivery->options->pem
				 ? pem_write(item->bundle, delivery->password, &encoded)
				 : pkcs12_write(item->bundle, delivery->password,
								item->item->name, &encoded);
	if (status != OBOL_OK)
	{
		return tool_fail(delivery->tool, OBOL_CAUSE_INTERNAL,
						 "the credential cannot be written as a file (%s)",
						 obol_status_name(status));
	}
	obol_secret_free(item->body);
	item->body = encoded;
	return OBOL_CAUSE_NONE;
}

static enum obol_cause store_item(struct delivery *delivery,
								  struct delivery_item *item)
{
	enum obol_cause cause = OBOL_CAUSE_NONE;
	bool done = true;

	if (delivery->options->to_swanctl)
	{
		return delivery_swanctl(delivery, item);
	}
	if (is_bundle(item))
	{
		cause = encode_bundle(delivery, item);
	}
	if (cause == OBOL_CAUSE_NONE && item->body)
	{
		item->fd = item->path[0] ? spool_open(item->path, item->temporary,
											  sizeof(item->temporary))
								 : STDOUT_FILENO;
		done =
			item->fd >= 0 && write_all(item->fd, obol_secret_view(item->body));
	}
	if (cause == OBOL_CAUSE_NONE && done && item->path[0])
	{
		done = spool_commit(item->fd, item->temporary, item->path,
							delivery->options->force);
		item->fd = -1; /* closed */
		item->temporary[0] = '\0';
	}
	if (cause == OBOL_CAUSE_NONE && !done)
	{
		cause = cannot_write(delivery, item->path);
	}
	return cause;
}

enum obol_cause delivery_store(struct delivery *delivery)
{
	enum obol_cause cause = OBOL_CAUSE_NONE;
	size_t i;

	for (i = 0; cause == OBOL_CAUSE_NONE && i < delivery->n; i++)
	{
		cause = store_item(delivery, &delivery->items[i]);
	}
	return cause;
}

/* With standard output taken, people are told on standard error. */
static void tell_password(struct delivery *delivery)
{
	tool_note(delivery->tool,
			  "The private key is encrypted under this file password, dashes "
			  "included, which is\nshown this once:");
	(void)text_bytes(STDERR_FILENO, obol_bytes_str("\n    "));
	(void)text_bytes(STDERR_FILENO, obol_secret_view(delivery->password));
	(void)text_bytes(STDERR_FILENO, obol_bytes_str("\n\n"));
}

static void json_items(struct delivery *delivery)
{
	struct obol_json *json = &delivery->tool->json;
	char format[16];
	size_t i;

	obol_json_begin_array(json, "items");
	for (i = 0; i < delivery->n; i++)
	{
		const struct delivery_item *item = &delivery->items[i];

		obol_json_begin_object(json, NULL);
		obol_json_str(json, "name", item->item->name);
		obol_json_str(json, "format",
					  tool_format_name(item->item->format, format));
		obol_json_number(json, "size", (int64_t)item->item->size);
		if (item->path[0])
		{
			obol_json_str(json, "file", item->path);
		}
		obol_json_end_object(json);
	}
	obol_json_end_array(json);
}

enum obol_cause delivery_tell(struct delivery *delivery)
{
	bool was_made =
		delivery->password && delivery->options->file_password_fd == TOOL_NONE;
	char name[4 * OBOL_TRANSFER_NAME_MAX];
	size_t i;

	if (delivery->tool->common.json)
	{
		json_items(delivery);
		return was_made ? cmd_show_code(delivery->tool, "file_password", "",
										delivery->password, "")
						: OBOL_CAUSE_NONE;
	}
	for (i = 0; i < delivery->n; i++)
	{
		const struct delivery_item *item = &delivery->items[i];

		if (item->path[0])
		{
			tool_note(delivery->tool, "%s is in %s, mode 0600.",
					  text_clean(name, sizeof(name), item->item->name),
					  item->path);
		}
	}
	if (was_made)
	{
		tell_password(delivery);
	}
	return OBOL_CAUSE_NONE;
}

void delivery_clear(struct delivery *delivery)
{
	size_t i;

	for (i = 0; i < delivery->n; i++)
	{
		struct delivery_item *item = &delivery->items[i];

		if (item->fd != STDOUT_FILENO)
		{
			spool_abort(item->fd, item->temporary);
		}
		obol_secret_free(item->body);
		obol_bundle_free(item->bundle);
	}
	obol_secret_free(delivery->password);
	delivery->password = NULL;
	delivery->n = 0;
}
