/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Comments of obold.conf. libconfuse 3.3 counts the end of a line three times
 * when the line is a comment, so that every line number it tells is wrong
 * behind one. So it gets to see none.
 */
#ifndef OBOL_DAEMON_CONFIG_COMMENTS_H_
#define OBOL_DAEMON_CONFIG_COMMENTS_H_

/**
 * Put spaces in place of comments ("#" and "//" to the end of the line,
 * between slash and asterisk over several); lines stay where they are, and
 * quoted strings as they are.
 *
 * @param text	a string, changed in place
 */
void obol_config_blank_comments(char *text);

#endif /* OBOL_DAEMON_CONFIG_COMMENTS_H_ */
