# SPDX-License-Identifier: GPL-2.0-or-later
check_PROGRAMS += tests/tools/test-tools
TESTS += tests/tools/test-tools
tests_tools_test_tools_SOURCES = \
	proto/tools/file_lock.c \
	proto/tools/quality.c \
	tests/tools/main.c \
	tests/tools/test_prompt.c \
	tests/tools/test_certificate.c \
	tests/tools/test_exit_code.c \
	tests/tools/test_file_lock.c \
	tests/tools/test_json.c \
	tests/tools/test_options.c \
	tests/tools/test_text.c \
	tests/tools/test_pkcs12.c \
	tests/tools/test_profile.c \
	tests/tools/test_quality.c \
	tests/tools/test_settings.c
tests_tools_test_tools_CPPFLAGS = $(TESTS_CPPFLAGS) $(PWQUALITY_CFLAGS)
tests_tools_test_tools_CFLAGS = $(TESTS_CFLAGS)
tests_tools_test_tools_LDADD = libobolcli.la $(TESTS_LDADD) \
	$(PWQUALITY_LIBS) $(OPENSSL_LIBS)

if SERVER
check_PROGRAMS += tests/tools/test-ctl
TESTS += tests/tools/test-ctl
tests_tools_test_ctl_SOURCES = \
	proto/tools/csv.c \
	proto/tools/ctl_ask.c \
	proto/tools/ctl_pair.c \
	proto/tools/ctl_running.c \
	tests/tools/main_ctl.c \
	tests/tools/test_activation.c \
	tests/tools/test_csv.c \
	tests/tools/test_pair.c \
	tests/tools/test_running.c
tests_tools_test_ctl_CPPFLAGS = $(TESTS_CPPFLAGS)
tests_tools_test_ctl_CFLAGS = $(TESTS_CFLAGS)
tests_tools_test_ctl_LDADD = libobolcli.la libobolserver.la $(TESTS_LDADD)

# obolctl as its user has it
TESTS += \
	tests/tools/test-obol \
	tests/tools/test-obol-enrol \
	tests/tools/test-obol-life \
	tests/tools/test-obol-names \
	tests/tools/test-obol-token \
	tests/tools/test-obol-transfer \
	tests/tools/test-obolctl-account \
	tests/tools/test-obolctl-backup \
	tests/tools/test-obolctl-ca \
	tests/tools/test-obolctl-import \
	tests/tools/test-obolctl-init \
	tests/tools/test-obolctl-keys \
	tests/tools/test-obolctl-pkcs12 \
	tests/tools/test-obolctl-revoke \
	tests/tools/test-obolctl-signer \
	tests/tools/test-obolctl-token \
	tests/tools/test-pages
endif
EXTRA_DIST += \
	tests/tools/conf-page.awk \
	tests/tools/lib.sh \
	tests/tools/test-obol \
	tests/tools/test-obol-enrol \
	tests/tools/test-obol-life \
	tests/tools/test-obol-names \
	tests/tools/test-obol-token \
	tests/tools/test-obol-transfer \
	tests/tools/test-obolctl-account \
	tests/tools/test-obolctl-backup \
	tests/tools/test-obolctl-ca \
	tests/tools/test-obolctl-import \
	tests/tools/test-obolctl-init \
	tests/tools/test-obolctl-keys \
	tests/tools/test-obolctl-pkcs12 \
	tests/tools/test-obolctl-revoke \
	tests/tools/test-obolctl-signer \
	tests/tools/test-obolctl-token \
	tests/tools/test-pages
