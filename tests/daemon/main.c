/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of proto/daemon. */
#include "support/run.h"

Suite *admission_suite(void);
Suite *assets_suite(void);
Suite *board_suite(void);
Suite *config_suite(void);
Suite *control_serve_suite(void);
Suite *control_suite(void);
Suite *guesses_suite(void);
Suite *hello_suite(void);
Suite *http_bounds_suite(void);
Suite *journal_suite(void);
Suite *keeper_link_suite(void);
Suite *keeper_suite(void);
Suite *listen_suite(void);
Suite *log_repeat_suite(void);
Suite *memory_suite(void);
Suite *monitor_suite(void);
Suite *obold_peer_suite(void);
Suite *obold_stop_suite(void);
Suite *obold_suite(void);
Suite *publisher_suite(void);
Suite *relay_process_suite(void);
Suite *relay_room_suite(void);
Suite *relay_suite(void);
Suite *sandbox_suite(void);
Suite *signer_guests_suite(void);
Suite *signer_server_suite(void);
Suite *signer_reload_suite(void);
Suite *signer_suite(void);
Suite *signer_taken_suite(void);
Suite *signer_token_suite(void);
Suite *users_suite(void);

int main(void)
{
	return run_suites(
		config_suite(), keeper_suite(), keeper_link_suite(), listen_suite(),
		log_repeat_suite(), obold_suite(), obold_peer_suite(),
		obold_stop_suite(), guesses_suite(), memory_suite(), publisher_suite(),
		sandbox_suite(), signer_suite(), signer_taken_suite(), relay_suite(),
		assets_suite(), signer_guests_suite(), signer_server_suite(),
		signer_reload_suite(), signer_token_suite(), users_suite(),
		control_serve_suite(), control_suite(), admission_suite(),
		hello_suite(), board_suite(), journal_suite(), monitor_suite(),
		http_bounds_suite(), relay_process_suite(), relay_room_suite(), NULL);
}
