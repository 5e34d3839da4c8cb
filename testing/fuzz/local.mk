# SPDX-License-Identifier: GPL-2.0-or-later
# Fuzz targets: a file each, listed here and nowhere else; see README.
fuzz_target_sources = \
	testing/fuzz/fuzz_address.c \
	testing/fuzz/fuzz_anchors.c \
	testing/fuzz/fuzz_answer.c \
	testing/fuzz/fuzz_backup.c \
	testing/fuzz/fuzz_bundle.c \
	testing/fuzz/fuzz_client_session.c \
	testing/fuzz/fuzz_code.c \
	testing/fuzz/fuzz_config.c \
	testing/fuzz/fuzz_control.c \
	testing/fuzz/fuzz_credential.c \
	testing/fuzz/fuzz_csv.c \
	testing/fuzz/fuzz_device_file.c \
	testing/fuzz/fuzz_frame.c \
	testing/fuzz/fuzz_group.c \
	testing/fuzz/fuzz_guess_row.c \
	testing/fuzz/fuzz_import.c \
	testing/fuzz/fuzz_key_file.c \
	testing/fuzz/fuzz_login.c \
	testing/fuzz/fuzz_metrics.c \
	testing/fuzz/fuzz_opaque.c \
	testing/fuzz/fuzz_pem.c \
	testing/fuzz/fuzz_pkcs10.c \
	testing/fuzz/fuzz_pkcs12.c \
	testing/fuzz/fuzz_precis.c \
	testing/fuzz/fuzz_request.c \
	testing/fuzz/fuzz_room.c \
	testing/fuzz/fuzz_server.c \
	testing/fuzz/fuzz_server_session.c \
	testing/fuzz/fuzz_settings.c \
	testing/fuzz/fuzz_signer.c \
	testing/fuzz/fuzz_signer_channel.c \
	testing/fuzz/fuzz_signer_link.c \
	testing/fuzz/fuzz_srv.c \
	testing/fuzz/fuzz_state_file.c \
	testing/fuzz/fuzz_transfer.c \
	testing/fuzz/fuzz_transfer_message.c \
	testing/fuzz/fuzz_transfer_text.c \
	testing/fuzz/fuzz_wrap.c

# what targets use beside the libraries
fuzz_support_sources = \
	proto/tools/csv.c \
	proto/tools/ctl.c \
	proto/tools/ctl_account_fill.c \
	proto/tools/ctl_control.c \
	proto/tools/ctl_import_codes.c \
	proto/tools/ctl_import_read.c \
	proto/tools/ctl_moment.c \
	testing/fuzz/client_play.c testing/fuzz/client_play.h \
	testing/fuzz/fuzz.h \
	testing/fuzz/layouts.c testing/fuzz/layouts.h \
	testing/fuzz/messages.c testing/fuzz/messages.h \
	testing/fuzz/registry.c \
	testing/fuzz/seeds.c \
	testing/fuzz/server_play.c testing/fuzz/server_play.h \
	testing/fuzz/server_world.c testing/fuzz/server_world.h \
	testing/fuzz/signer_ca.c testing/fuzz/signer_ca.h \
	testing/fuzz/support.c testing/fuzz/support.h \
	testing/fuzz/world.c testing/fuzz/world.h \
	tests/support/driven_clock.c tests/support/driven_clock.h \
	tests/support/hex.c tests/support/hex.h \
	tests/support/test_ca.c tests/support/test_ca.h \
	tests/wire/layout.c tests/wire/layout.h

FUZZ_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/testing -I$(top_srcdir)/tests
FUZZ_LDADD = libobolcli.la libobold.la libobolserver.la libobolcore.la $(OPENSSL_LIBS)

if SERVER
check_PROGRAMS += testing/fuzz/fuzz-replay
testing_fuzz_fuzz_replay_SOURCES = testing/fuzz/replay.c \
	$(fuzz_target_sources) $(fuzz_support_sources)
testing_fuzz_fuzz_replay_CPPFLAGS = $(FUZZ_CPPFLAGS)
testing_fuzz_fuzz_replay_LDADD = $(FUZZ_LDADD)

TESTS += testing/fuzz/test-corpora

# the same targets under libFuzzer, in a tree that testing/fuzz/build makes
if FUZZING
noinst_PROGRAMS += testing/fuzz/fuzz-engine
testing_fuzz_fuzz_engine_SOURCES = testing/fuzz/engine.c \
	$(fuzz_target_sources) $(fuzz_support_sources)
testing_fuzz_fuzz_engine_CPPFLAGS = $(FUZZ_CPPFLAGS)
testing_fuzz_fuzz_engine_LDADD = $(FUZZ_LDADD)
testing_fuzz_fuzz_engine_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif
endif

EXTRA_DIST += \
	testing/fuzz/README \
	testing/fuzz/build \
	testing/fuzz/corpus \
	testing/fuzz/engine.c \
	testing/fuzz/run \
	testing/fuzz/test-corpora
