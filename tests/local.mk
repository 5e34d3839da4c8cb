# SPDX-License-Identifier: GPL-2.0-or-later
# A program per room; each takes its suites from test_<module>.c.

TESTS_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(CHECK_CFLAGS) \
	-DSRCDIR='"$(abs_top_srcdir)"'
# Check's macros count their arguments in a way that C11 frowns on
TESTS_CFLAGS = $(AM_CFLAGS) -Wno-gnu-zero-variadic-macro-arguments
TESTS_LDADD = libtestsupport.la libobolcore.la $(CHECK_LIBS)

# Check ends a test after 4 s, or after what it says of itself: there for what
# hangs, not for machines that are slow or have much else to do.
AM_TESTS_ENVIRONMENT = CK_DEFAULT_TIMEOUT=$${CK_DEFAULT_TIMEOUT:-60}; \
	CK_TIMEOUT_MULTIPLIER=$${CK_TIMEOUT_MULTIPLIER:-5}; \
	export CK_DEFAULT_TIMEOUT CK_TIMEOUT_MULTIPLIER;

include tests/vectors/local.mk
include tests/spec/local.mk

if TESTS
check_LTLIBRARIES += libtestsupport.la
libtestsupport_la_SOURCES = \
	tests/support/dns_peer.c tests/support/dns_peer.h \
	tests/support/driven_clock.c tests/support/driven_clock.h \
	tests/support/hex.c tests/support/hex.h \
	tests/support/pkcs10.c tests/support/pkcs10.h \
	tests/support/run.c tests/support/run.h \
	tests/support/scripted_rng.c tests/support/scripted_rng.h \
	tests/support/softhsm.c tests/support/softhsm.h \
	tests/support/tempdir.c tests/support/tempdir.h \
	tests/support/test_ca.c tests/support/test_ca.h \
	tests/support/tls_peer.c tests/support/tls_peer.h
libtestsupport_la_CPPFLAGS = $(TESTS_CPPFLAGS)
libtestsupport_la_CFLAGS = $(TESTS_CFLAGS)

include tests/account/local.mk
include tests/base/local.mk
include tests/client/local.mk
include tests/ct/local.mk
include tests/daemon/local.mk
include tests/gateway/local.mk
include tests/group/local.mk
include tests/net/local.mk
include tests/pake/local.mk
include tests/plugin/local.mk
include tests/issue/local.mk
include tests/memory/local.mk
include tests/metrics/local.mk
include tests/seal/local.mk
include tests/server/local.mk
include tests/store/local.mk
include tests/token/local.mk
include tests/tools/local.mk
include tests/wire/local.mk
include tests/exchange/local.mk
include tests/session/local.mk
include tests/transfer/local.mk
endif
