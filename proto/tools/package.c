/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What obol send sends. */
#include "tools/package.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "tools/pem_read.h"
#include "tools/pkcs12.h"
#include "tools/text.h"
#include "transfer/message.h"

#define WHY_MAX 256

void package_init(struct package *package)
{
	size_t i;

	memset(package, 0, sizeof(*package));
	for (i = 0; i < OBOL_TRANSFER_ITEMS_MAX; i++)
	{
		package->fds[i] = -1;
	}
}

void package_clear(struct package *package)
{
	size_t i;

	for (i = 0; i < package->n; i++)
	{
		obol_secret_free(package->bodies[i]);
		if (package->fds[i] >= 0)
		{
			(void)close(package->fds[i]);
		}
	}
	obol_secret_free(package->chunk);
	package_init(package);
}

/* Room for one more item of that name. */
static enum obol_cause next_item(struct tool *tool, struct package *package,
								 const char *name, uint16_t format,
								 uint64_t size)
{
	struct obol_transfer_item *item = &package->items[package->n];
	size_t i;

	if (package->n == OBOL_TRANSFER_ITEMS_MAX)
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "at most %d things can be sent at a time",
						 OBOL_TRANSFER_ITEMS_MAX);
	}
	if (!obol_transfer_name_is_sound(obol_bytes_str(name)))
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "a name is 1 to %d bytes of UTF-8 without control "
						 "characters; rename the file",
						 OBOL_TRANSFER_NAME_MAX);
	}
	for (i = 0; i < package->n; i++)
	{
		if (strcmp(package->items[i].name, name) == 0)
		{
			return tool_fail(tool, OBOL_CAUSE_CONFIG,
							 "two of them have the name %s", name);
		}
	}
	if (size > OBOL_TRANSFER_SIZE_MAX - package->total)
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG, "%s is too large", name);
	}
	memset(item, 0, sizeof(*item));
	memcpy(item->name, name, strlen(name));
	item->format = format;
	item->size = size;
	package->total += size;
	return OBOL_CAUSE_NONE;
}

enum obol_cause package_add_body(struct tool *tool, struct package *package,
								 const char *name, uint16_t format,
								 struct obol_secret *body)
{
	enum obol_cause cause =
		next_item(tool, package, name, format, obol_secret_len(body));

	if (cause != OBOL_CAUSE_NONE)
	{
		obol_secret_free(body);
		return cause;
	}
	package->bodies[package->n++] = body;
	return OBOL_CAUSE_NONE;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

enum obol_cause package_add_file(struct tool *tool, struct package *package,
								 const char *path)
{
	enum obol_cause cause;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0 || fstat(fd, &st))
	{
		cause =
			tool_fail(tool, OBOL_CAUSE_FILE, "%s: %s", path, strerror(errno));
		goto out;
	}
	if (!S_ISREG(st.st_mode))
	{
		cause = tool_fail(tool, OBOL_CAUSE_FILE, "%s is no regular file", path);
		goto out;
	}
	cause = next_item(tool, package, base_name(path), OBOL_FORMAT_OPAQUE,
					  (uint64_t)st.st_size);
	if (cause == OBOL_CAUSE_NONE)
	{
		package->fds[package->n++] = fd;
		fd = -1; /* moved to the package */
	}
out:
	if (fd >= 0)
	{
		(void)close(fd);
	}
	return cause;
}

/* A bundle must be as good as the receiver wants it. */
static enum obol_cause add_bundle(struct tool *tool, struct package *package,
								  const char *path,
								  const struct obol_bundle *bundle)
{
	char name[OBOL_TRANSFER_NAME_MAX + 1];
	struct obol_secret *body = NULL;
	const char *base = base_name(path), *dot = strrchr(base, '.');
	size_t len = dot && dot != base ? (size_t)(dot - base) : strlen(base);

	if (obol_bundle_check(bundle, tool_now()) != OBOL_BUNDLE_GOOD)
	{
		return tool_fail(tool, OBOL_CAUSE_CREDENTIAL,
						 "%s is no credential that anybody can use: its key "
						 "does not fit its certificate, a CA certificate is "
						 "missing, or it has expired; --file sends it as it is",
						 path);
	}
	if (obol_bundle_encode(bundle, &body) != OBOL_OK)
	{
		return tool_fail(tool, OBOL_CAUSE_INTERNAL, "out of memory");
	}
	(void)snprintf(name, sizeof(name), "%.*s", (int)len, base);
	return package_add_body(tool, package, name, OBOL_FORMAT_BUNDLE, body);
}

static enum obol_cause read_file(struct tool *tool, const char *path,
								 struct obol_secret **content)
{
	char why[WHY_MAX];

	return obol_file_read(path, OBOL_FILE_PUBLIC, PKCS12_MAX, content, why,
						  sizeof(why)) == OBOL_OK
			   ? OBOL_CAUSE_NONE
			   : tool_fail(tool, OBOL_CAUSE_FILE, "%s", why);
}

enum obol_cause package_add_pkcs12(struct tool *tool, struct package *package,
								   const char *path, uint32_t password_fd)
{
	struct obol_secret *content = NULL, *password = NULL;
	struct obol_bundle *bundle = NULL;
	enum obol_cause cause = read_file(tool, path, &content);
	enum pkcs12_fault fault;

	if (cause == OBOL_CAUSE_NONE)
	{
		cause = tool_ask_secret(tool, password_fd,
								"Password of the file: ", "file-password-fd",
								&password);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		fault =
			pkcs12_read(obol_secret_view(content), password, false, &bundle);
		cause = fault == PKCS12_GOOD
					? add_bundle(tool, package, path, bundle)
					: tool_fail(tool, OBOL_CAUSE_FILE, "%s: %s", path,
								pkcs12_fault_text(fault));
	}
	obol_bundle_free(bundle);
	obol_secret_free(content);
	obol_secret_free(password);
	return cause;
}

enum obol_cause package_add_pem(struct tool *tool, struct package *package,
								const char *path, uint32_t password_fd)
{
	struct obol_secret *content = NULL, *password = NULL;
	struct obol_bundle *bundle = NULL;
	enum obol_cause cause = read_file(tool, path, &content);
	char why[WHY_MAX];

	if (cause == OBOL_CAUSE_NONE && pem_is_encrypted(obol_secret_view(content)))
	{
		cause = tool_ask_secret(tool, password_fd,
								"Password of the file: ", "file-password-fd",
								&password);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = pem_read(obol_secret_view(content), password, &bundle, why,
						 sizeof(why))
					? add_bundle(tool, package, path, bundle)
					: tool_fail(tool, OBOL_CAUSE_FILE, "%s: %s", path, why);
	}
	obol_bundle_free(bundle);
	obol_secret_free(content);
	obol_secret_free(password);
	return cause;
}

void package_rewind(struct package *package)
{
	memset(package->given, 0, sizeof(package->given));
	package->done = 0;
}

/* A file's next bytes, as many as are wanted: else it is another file now. */
static bool read_chunk(const struct package *package, size_t item, size_t len)
{
	uint8_t *at = obol_secret_ptr(package->chunk);
	size_t done = 0;
	ssize_t n;

	while (done < len)
	{
		n = pread(package->fds[item], at + done, len - done,
				  (off_t)(package->given[item] + done));
		if (n < 0 && errno == EINTR)
		{
			continue;
		}
		if (n <= 0)
		{
			return false;
		}
		done += (size_t)n;
	}
	return true;
}

enum obol_cause package_give(struct tool *tool, struct package *package,
							 struct obol_transfer *transfer)
{
	struct obol_bytes bytes;
	size_t item, wanted = obol_transfer_wanted(transfer, &item);

	if (!wanted)
	{
		return OBOL_CAUSE_NONE;
	}
	if (package->bodies[item])
	{
		bytes = obol_secret_view(package->bodies[item]);
		bytes.ptr += package->given[item];
	}
	else
	{
		if (!package->chunk)
		{
			package->chunk = obol_secret_new(OBOL_TRANSFER_CHUNK_MAX);
		}
		if (!package->chunk || !read_chunk(package, item, wanted))
		{
			obol_transfer_cancel(transfer, OBOL_TRANSFER_CANCELLED);
			return tool_fail(tool, OBOL_CAUSE_FILE,
							 "%s cannot be read any more as it was; nothing "
							 "was stored on the other device",
							 package->items[item].name);
		}
		bytes = obol_secret_view(package->chunk);
	}
	bytes.len = wanted;
	if (obol_transfer_give(transfer, bytes) != OBOL_OK)
	{
		return tool_fail(tool, OBOL_CAUSE_INTERNAL, "cannot encrypt");
	}
	package->given[item] += wanted;
	package->done += wanted;
	return OBOL_CAUSE_NONE;
}
