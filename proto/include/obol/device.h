/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A device's own slot, and the device file, which keeps it for root alone to
 * read.
 */
#ifndef OBOL_DEVICE_H_
#define OBOL_DEVICE_H_

#include <stdint.h>

#include <obol/error.h>
#include <obol/secret.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Length of a device's id and secret, in bytes. */
#define OBOL_CLIENT_DEVICE_LEN 16

/** A device's own slot. */
struct obol_device {
	uint8_t id[OBOL_CLIENT_DEVICE_LEN];
	/** OBOL_CLIENT_DEVICE_LEN bytes */
	struct obol_secret *secret;
};

/** Clear the secret. */
OBOL_API void obol_device_clear(struct obol_device *device);

/**
 * Read a device file; refused when others than its owner can read it.
 *
 * @param error	filled in on failure; may be NULL
 * @return		OK; NOT_FOUND; IO; DENIED for its permissions; FORMAT
 */
OBOL_API enum obol_status
obol_device_load(const char *path, struct obol_device *device,
				 struct obol_error *error) OBOL_MUST_CHECK;

/** Write a device file with mode 0600, whole or not at all. */
OBOL_API enum obol_status
obol_device_save(const char *path, const struct obol_device *device,
				 struct obol_error *error) OBOL_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif /* OBOL_DEVICE_H_ */
