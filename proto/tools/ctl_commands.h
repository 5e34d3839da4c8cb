/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * obolctl's commands. argv[0] is not looked at; the options follow it. Each
 * returns the exit code.
 */
#ifndef OBOL_TOOLS_CTL_COMMANDS_H_
#define OBOL_TOOLS_CTL_COMMANDS_H_

#include "tools/ctl.h"

int obol_ctl_init(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_account_add(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_account_import(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_account_list(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_account_show(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_account_disable(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_account_enable(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_account_set(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_account_remove(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_account_reset(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_account_new_code(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_account_unlock(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_account_approve(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_enrolment_add(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_enrolment_list(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_enrolment_revoke(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_device_list(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_device_revoke(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_certificate_list(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_certificate_revoke(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_keys_new(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_keys_list(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_keys_retire(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_history(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_status(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_backup(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_restore(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_migrate(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_ca_next(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_ca_switch(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_ca_retire(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_ca_status(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_ca_export_set(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_ca_import_set(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_ca_install_command(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_gateway_add(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_gateway_list(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_gateway_cert(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_signer_pin(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_signer_init(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_signer_next(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_signer_sign_set(struct obol_ctl *ctl, int argc, char **argv);
int obol_ctl_signer_switch(struct obol_ctl *ctl, int argc, char **argv);

#endif /* OBOL_TOOLS_CTL_COMMANDS_H_ */
