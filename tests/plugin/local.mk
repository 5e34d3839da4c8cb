# SPDX-License-Identifier: GPL-2.0-or-later
# The plugin's objects in an installed libstrongswan, with a stand-in for
# libobol's client. Stand-in and support see both worlds' headers, but
# strongSwan's config.h.
if PLUGIN_TESTS
PLUGINTEST_CPPFLAGS = $(PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugin \
	-I$(top_srcdir)/proto -I$(top_srcdir)/tests $(CHECK_CFLAGS) \
	-DPLUGIN_SO='"$(abs_builddir)/.libs/libstrongswan-obol.so"' \
	-DLIBOBOL_SO='"$(abs_builddir)/.libs/libobol.so.0"' \
	-DSINCE_6_SO='"$(abs_builddir)/.libs/since-6.so"'
PLUGINTEST_LIBS = $(CHECK_LIBS) $(OPENSSL_LIBS) \
	$(LIBSTRONGSWAN_DIR)/libstrongswan.so.0
PLUGINTEST_LINK = $(AM_LDFLAGS) \
	-Wl,-rpath,$(LIBSTRONGSWAN_DIR)

check_PROGRAMS += tests/plugin/test-plugin
TESTS += tests/plugin/test-plugin
tests_plugin_test_plugin_SOURCES = \
	tests/plugin/fake_client.c tests/plugin/fake_client.h \
	tests/plugin/main.c \
	tests/plugin/pki.c tests/plugin/pki.h \
	tests/plugin/profile_fixture.c tests/plugin/profile_fixture.h \
	tests/plugin/swan.c tests/plugin/swan.h \
	tests/plugin/test_creds.c \
	tests/plugin/test_fetcher.c \
	tests/plugin/test_keyring.c \
	tests/plugin/test_lease.c \
	tests/plugin/test_message.c \
	tests/plugin/test_options.c \
	tests/plugin/test_profile.c \
	tests/plugin/test_secrets.c \
	tests/plugin/test_socket.c \
	tests/plugin/test_token.c
tests_plugin_test_plugin_CPPFLAGS = $(PLUGINTEST_CPPFLAGS)
tests_plugin_test_plugin_CFLAGS = $(PLUGIN_CFLAGS) $(SANITIZERS)
tests_plugin_test_plugin_LDADD = libobolplugin.la liboboltoken.la \
	libtestsupport.la libobolcore.la $(PLUGINTEST_LIBS)
tests_plugin_test_plugin_LDFLAGS = $(PLUGINTEST_LINK)

# The module itself, as a loader meets it; -rpath has the helper made shared
check_LTLIBRARIES += since-6.la
since_6_la_SOURCES = tests/plugin/since_6.c
since_6_la_CFLAGS = $(PLUGIN_CFLAGS) $(SANITIZERS)
since_6_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared \
	-rpath $(abs_builddir)

check_PROGRAMS += tests/plugin/test-module
TESTS += tests/plugin/test-module
tests_plugin_test_module_SOURCES = tests/plugin/test_module.c
tests_plugin_test_module_CPPFLAGS = $(PLUGINTEST_CPPFLAGS)
tests_plugin_test_module_CFLAGS = $(PLUGIN_CFLAGS) $(SANITIZERS)
tests_plugin_test_module_LDADD = libtestsupport.la $(PLUGINTEST_LIBS)
tests_plugin_test_module_LDFLAGS = $(PLUGINTEST_LINK)
endif
