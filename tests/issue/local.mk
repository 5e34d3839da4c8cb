# SPDX-License-Identifier: GPL-2.0-or-later
if SERVER
check_PROGRAMS += tests/issue/test-issue
TESTS += tests/issue/test-issue
tests_issue_test_issue_SOURCES = \
	tests/issue/main.c \
	tests/issue/test_anchors.c \
	tests/issue/test_crl.c \
	tests/issue/test_issuer.c \
	tests/issue/test_request.c \
	tests/issue/test_template.c \
	tests/issue/test_tls_self.c \
	tests/issue/test_token.c
tests_issue_test_issue_CPPFLAGS = $(TESTS_CPPFLAGS)
tests_issue_test_issue_CFLAGS = $(TESTS_CFLAGS)
tests_issue_test_issue_LDADD = libtestsupport.la libobolserver.la $(CHECK_LIBS)
endif
