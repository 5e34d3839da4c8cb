# SPDX-License-Identifier: GPL-2.0-or-later
# libobolcli: what the command line tools share.
noinst_LTLIBRARIES += libobolcli.la
libobolcli_la_SOURCES = \
	proto/tools/askpass.c proto/tools/askpass.h \
	proto/tools/certificate.c proto/tools/certificate.h \
	proto/tools/connection.c proto/tools/connection.h \
	proto/tools/exit_code.c proto/tools/exit_code.h \
	proto/tools/json_buffer.c proto/tools/json_buffer.h \
	proto/tools/options.c proto/tools/options.h \
	proto/tools/output.c proto/tools/output.h \
	proto/tools/pkcs12.h \
	proto/tools/pkcs12_read.c \
	proto/tools/pkcs12_write.c \
	proto/tools/profile.c proto/tools/profile.h \
	proto/tools/prompt.c proto/tools/prompt.h \
	proto/tools/settings.c proto/tools/settings.h \
	proto/tools/text.c proto/tools/text.h
libobolcli_la_LIBADD = libobolcore.la

if SERVER
sbin_PROGRAMS += obolctl
obolctl_SOURCES = \
	proto/tools/ctl.c proto/tools/ctl.h \
	proto/tools/ctl_account.c \
	proto/tools/ctl_account_add.c \
	proto/tools/ctl_account_fill.c proto/tools/ctl_account_fill.h \
	proto/tools/ctl_account_import.c \
	proto/tools/ctl_account_set.c \
	proto/tools/ctl_moment.c \
	proto/tools/ctl_account_list.c \
	proto/tools/ctl_account_reset.c \
	proto/tools/ctl_account_show.c \
	proto/tools/ctl_account_text.h \
	proto/tools/ctl_certificate.c \
	proto/tools/ctl_backup.c proto/tools/ctl_backup.h \
	proto/tools/ctl_ca.c proto/tools/ctl_ca.h \
	proto/tools/ctl_ca_install.c \
	proto/tools/ctl_ca_make.c \
	proto/tools/ctl_ca_move.c \
	proto/tools/ctl_ca_next.c \
	proto/tools/ctl_ca_offline.c \
	proto/tools/ctl_ca_set.c \
	proto/tools/ctl_ca_status.c \
	proto/tools/ctl_code.c proto/tools/ctl_code.h \
	proto/tools/ctl_commands.h \
	proto/tools/ctl_control.c proto/tools/ctl_control.h \
	proto/tools/ctl_device.c \
	proto/tools/ctl_enrolment.c \
	proto/tools/ctl_gateway.c \
	proto/tools/ctl_gateway_cert.c \
	proto/tools/ctl_history.c \
	proto/tools/ctl_history_filter.c proto/tools/ctl_history_filter.h \
	proto/tools/csv.c proto/tools/csv.h \
	proto/tools/ctl_import.h \
	proto/tools/ctl_import_codes.c \
	proto/tools/ctl_import_missing.c \
	proto/tools/ctl_import_read.c \
	proto/tools/ctl_import_workers.c \
	proto/tools/ctl_init.c proto/tools/ctl_init.h \
	proto/tools/ctl_init_ca.c \
	proto/tools/ctl_init_config.c \
	proto/tools/ctl_init_work.c \
	proto/tools/ctl_pair.c proto/tools/ctl_pair.h \
	proto/tools/ctl_pem.c proto/tools/ctl_pem.h \
	proto/tools/ctl_pkcs12.c proto/tools/ctl_pkcs12.h \
	proto/tools/ctl_place.c proto/tools/ctl_place.h \
	proto/tools/ctl_migrate.c \
	proto/tools/ctl_restore.c \
	proto/tools/ctl_revoked.c proto/tools/ctl_revoked.h \
	proto/tools/ctl_keys.c proto/tools/ctl_keys.h \
	proto/tools/ctl_listing.c proto/tools/ctl_listing.h \
	proto/tools/ctl_ask.c proto/tools/ctl_ask.h \
	proto/tools/ctl_running.c proto/tools/ctl_running.h \
	proto/tools/ctl_signer.c proto/tools/ctl_signer.h \
	proto/tools/ctl_signer_ca.c \
	proto/tools/ctl_signer_init.c \
	proto/tools/ctl_signer_issue.c \
	proto/tools/ctl_status.c \
	proto/tools/main_obolctl.c \
	proto/tools/snippet.c proto/tools/snippet.h
obolctl_LDADD = libobolcli.la libobold.la libobolserver.la
dist_man_MANS += proto/tools/obolctl.8
endif

# the public functions come from libobol, which is named first; a few inner
# ones (files, codes, names) from the convenience library
bin_PROGRAMS += obol
obol_SOURCES = \
	proto/tools/activate.c proto/tools/activate.h \
	proto/tools/activate_files.c proto/tools/activate_files.h \
	proto/tools/activate_options.c \
	proto/tools/cmd_obol.h \
	proto/tools/cmd_obol_account.c \
	proto/tools/cmd_obol_activate.c \
	proto/tools/cmd_obol_anchors.c \
	proto/tools/cmd_obol_delete.c \
	proto/tools/cmd_obol_devices.c \
	proto/tools/cmd_obol_enrol.c \
	proto/tools/cmd_obol_get.c \
	proto/tools/cmd_obol_history.c \
	proto/tools/cmd_obol_list.c \
	proto/tools/cmd_obol_passwd.c \
	proto/tools/cmd_obol_put.c \
	proto/tools/cmd_obol_receive.c \
	proto/tools/cmd_obol_recovery.c \
	proto/tools/cmd_obol_renew.c \
	proto/tools/cmd_obol_send.c \
	proto/tools/cmd_obol_shared.c \
	proto/tools/cmd_obol_status.c \
	proto/tools/contact.c proto/tools/contact.h \
	proto/tools/delivery.c proto/tools/delivery.h \
	proto/tools/delivery_swanctl.c \
	proto/tools/device_label.c proto/tools/device_label.h \
	proto/tools/file_lock.c proto/tools/file_lock.h \
	proto/tools/main_obol.c \
	proto/tools/meet.c proto/tools/meet.h \
	proto/tools/obol.h \
	proto/tools/package.c proto/tools/package.h \
	proto/tools/pem_read.c proto/tools/pem_read.h \
	proto/tools/quality.c proto/tools/quality.h \
	proto/tools/send_loop.c proto/tools/send_loop.h \
	proto/tools/slots_table.c \
	proto/tools/spent.c proto/tools/spent.h \
	proto/tools/spool.c proto/tools/spool.h \
	proto/tools/tool.c \
	proto/tools/tool_ask.c \
	proto/tools/tool_login.c \
	proto/tools/tool_token.c proto/tools/tool_token.h \
	proto/tools/transfer_show.c proto/tools/transfer_show.h
obol_CPPFLAGS = $(AM_CPPFLAGS) $(PWQUALITY_CFLAGS) $(QRENCODE_CFLAGS)
obol_LDADD = libobol.la libobolcli.la liboboltoken.la $(PWQUALITY_LIBS) $(QRENCODE_LIBS) \
	$(OPENSSL_LIBS)
dist_man_MANS += proto/tools/obol.1
