// SPDX-License-Identifier: GPL-2.0-only
/* A terminal that shows one table after the other in the same place. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "tool.h"

/* The last ones, because term.h makes macros of many words. */
#include <curses.h>
#include <term.h>

/**
 * terminal_size() - the size of the terminal that output goes to
 * @height: where the number of its lines goes
 * @width: where the number of its columns goes
 *
 * Return: false if output goes to no terminal, or nobody knows the terminal's size.
 */
bool terminal_size(size_t *height, size_t *width)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_row ||
	    !size.ws_col)
		return false;
	*height = size.ws_row;
	*width = size.ws_col;
	return true;
}

/* Whether a terminal shows colours, and nobody asked for none (no-color.org). */
bool terminal_has_colours(void)
{
	const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no_colour && *no_colour) && term && *term &&
	       strcmp(term, "dumb");
}

/* The sequences of a terminal whose cursor can go home. */
static struct sequences {
	const char *clear;		/* all, and the cursor goes home */
	const char *home;
	const char *end_of_line;	/* clear from the cursor on */
	const char *end_of_screen;
} sequences;

static const char *sequence(const char *name)
{
	const char *text = tigetstr(name);

	return text == (const char *)-1 ? NULL : text;
}

static bool find_sequences(void)
{
	int err;

	if (setupterm(NULL, STDOUT_FILENO, &err) != OK)
		return false;
	sequences = (struct sequences){
		sequence("clear"), sequence("home"), sequence("el"), sequence("ed"),
	};
	return sequences.clear && sequences.home && sequences.end_of_line &&
	       sequences.end_of_screen;
}

static void print_clock(void)
{
	char text[16];
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	strftime(text, sizeof(text), "%H:%M:%S", &tm);
	fputs(text, stdout);
}

static size_t count_lines(const char *text)
{
	size_t n = 0;

	for (; *text; text = strchrnul(text, '\n'), text += *text == '\n')
		n++;
	return n;
}

/* The last line of the terminal stays free, for the cursor and what comes after the program. */
static void redraw(const char *text, size_t height, bool first)
{
	size_t n = count_lines(text), most = height > 3 ? height - 2 : 1, len;
	size_t shown = n <= most ? n : most - 1;

	putp(first ? sequences.clear : sequences.home);
	print_clock();
	putp(sequences.end_of_line);
	putchar('\n');
	for (size_t i = 0; i < shown; i++) {
		len = strcspn(text, "\n");
		fwrite(text, 1, len, stdout);
		putp(sequences.end_of_line);
		putchar('\n');
		text += len + (text[len] == '\n');
	}
	if (shown < n) {
		printf("... and %zu more", n - shown);
		putp(sequences.end_of_line);
		putchar('\n');
	}
	putp(sequences.end_of_screen);
}

/**
 * print_table_of_now() - print the time and a table
 * @text: the table
 * @first: no table was printed before
 *
 * On a terminal that can, the table takes the place of the one before.
 */
void print_table_of_now(const char *text, bool first)
{
	static bool in_place;
	size_t height, width;

	if (first) {
		in_place = terminal_size(&height, &width) && find_sequences();
		/* A table appears as a whole. */
		if (in_place)
			setvbuf(stdout, NULL, _IOFBF, BUFSIZ);
	}
	if (in_place && terminal_size(&height, &width)) {
		redraw(text, height, first);
		return;
	}
	if (!first)
		putchar('\n');
	print_clock();
	printf("\n%s%s", text, *text && text[strlen(text) - 1] != '\n' ? "\n" : "");
}
