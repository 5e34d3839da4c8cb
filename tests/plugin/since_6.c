/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a process has in which libstrongswan 6 is loaded. */
void library_init_register(void *init);

__attribute__((visibility("default"))) void library_init_register(void *init)
{
	(void)init;
}
