/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @defgroup obol_p obol
 * @ingroup plugins
 *
 * @defgroup obol_plugin obol_plugin
 * @{ @ingroup obol_p
 */

#ifndef OBOL_PLUGIN_H_
#define OBOL_PLUGIN_H_

#include <plugins/plugin.h>

typedef struct obol_plugin_t obol_plugin_t;

/**
 * Plugin that fetches keys and certificates from a credential server before
 * IKE needs them, see obol_creds_t, obol_fetcher_t.
 */
struct obol_plugin_t {

	/**
	 * Implements plugin interface.
	 */
	plugin_t plugin;
};

/**
 * strongSwan's version that this was built for. Loaders of 6.0.3 and later
 * compare it.
 */
extern const char *obol_plugin_version __attribute__((visibility("default")));

/**
 * Constructor of the plugin.
 *
 * @return				NULL in a daemon of another major version
 */
plugin_t *obol_plugin_create() __attribute__((visibility("default")));

#endif /** OBOL_PLUGIN_H_ @}*/
