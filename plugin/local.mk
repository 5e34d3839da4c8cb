# SPDX-License-Identifier: GPL-2.0-or-later
# libstrongswan-obol.so, the plugin. Its config.h is strongSwan's, and what it
# needs of libstrongswan the daemon has.

PLUGIN_CPPFLAGS = -D_GNU_SOURCE= $(STRONGSWAN_CFLAGS) \
	-I$(top_srcdir)/proto/include

if PLUGIN
noinst_LTLIBRARIES += libobolplugin.la
libobolplugin_la_SOURCES = \
	plugin/obol_creds.c plugin/obol_creds.h \
	plugin/obol_entry.c plugin/obol_entry.h \
	plugin/obol_fetch.c plugin/obol_fetch.h \
	plugin/obol_fetcher.c plugin/obol_fetcher.h \
	plugin/obol_keyring.c plugin/obol_keyring.h \
	plugin/obol_lease.c plugin/obol_lease.h \
	plugin/obol_loaded.c plugin/obol_loaded.h \
	plugin/obol_message.c plugin/obol_message.h \
	plugin/obol_now.h \
	plugin/obol_options.c plugin/obol_options.h \
	plugin/obol_profile.c plugin/obol_profile.h \
	plugin/obol_resolver.c plugin/obol_resolver.h \
	plugin/obol_secrets.c plugin/obol_secrets.h \
	plugin/obol_shared.c plugin/obol_shared.h \
	plugin/obol_socket.c plugin/obol_socket.h \
	plugin/obol_token.c plugin/obol_token.h \
	plugin/obol_token_key.c plugin/obol_token_key.h \
	plugin/obol_waiters.c plugin/obol_waiters.h
libobolplugin_la_CPPFLAGS = $(PLUGIN_CPPFLAGS)
libobolplugin_la_CFLAGS = $(PLUGIN_CFLAGS) $(SANITIZERS)

plugin_LTLIBRARIES = libstrongswan-obol.la
libstrongswan_obol_la_SOURCES = plugin/obol_plugin.c plugin/obol_plugin.h
libstrongswan_obol_la_CPPFLAGS = $(PLUGIN_CPPFLAGS)
libstrongswan_obol_la_CFLAGS = $(PLUGIN_CFLAGS) $(SANITIZERS)
libstrongswan_obol_la_LIBADD = libobolplugin.la liboboltoken.la libobol.la
libstrongswan_obol_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared

strongswanconfdir = $(sysconfdir)/strongswan.d/charon
dist_strongswanconf_DATA = plugin/obol.conf
dist_man_MANS += plugin/strongswan-obol.5

# It is linked anew when it is installed, with the library installed before. The
# target's name in a variable keeps automake from dropping its own rule for it.
plugin_install_target = install-pluginLTLIBRARIES
$(plugin_install_target): install-libLTLIBRARIES

# Loaders look for the .so alone
install-data-hook:
	rm -f $(DESTDIR)$(plugindir)/libstrongswan-obol.la

# and without the .la, libtool does not know what to uninstall
uninstall-hook:
	rm -f $(DESTDIR)$(plugindir)/libstrongswan-obol.so
endif

EXTRA_DIST += plugin/obol.opt plugin/.clang-format
