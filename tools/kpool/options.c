// SPDX-License-Identifier: GPL-2.0-only
/* Options: which there are, what they take, and which command has them. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

#define DELAY_MOST	86400
#define STATES		(KPOOL_STATE_DETACHED + 1)

static const struct known_option {
	struct option getopt;
	unsigned int commands;
	const char *argument;
	const char *what;
} known[] = {
	{ { "json", no_argument, NULL, 'j' }, LIST | SHOW | STATS | MONITOR | HOLDERS | WAITERS,
	  "",
	  "JSON; with a delay, and for events, a line each" },
	{ { "pretty", no_argument, NULL, 'p' }, LIST | SHOW | STATS | MONITOR | HOLDERS | WAITERS,
	  "",
	  "JSON on several lines, for people" },
	{ { "bytes", no_argument, NULL, 'b' }, LIST | SHOW | STATS | HOLDERS | WAITERS, "",
	  "raw numbers: bytes, milliseconds since boot" },
	{ { "batch", no_argument, NULL, 'b' }, TOP, "", "plain text, screen after screen" },
	{ { "no-headings", no_argument, NULL, 'H' }, LIST | STATS | HOLDERS | WAITERS, "",
	  "no headings" },
	{ { "output", required_argument, NULL, 'o' }, LIST | STATS, " COLUMN,...",
	  "these columns; a wrong one is told which there are" },
	{ { "sort", required_argument, NULL, 's' }, LIST | STATS | TOP, " COLUMN",
	  "order by it, the largest number first" },
	{ { "reverse", no_argument, NULL, 'r' }, LIST | STATS | TOP, "", "the other way round" },
	{ { "percpu", no_argument, NULL, 'c' }, SHOW | STATS, "", "each CPU's share" },
	{ { "delay", required_argument, NULL, 'd' }, STATS | TOP, " SECONDS",
	  "again and again after this time, figures a second" },
	{ { "count", required_argument, NULL, 'n' }, STATS | TOP | MONITOR, " N",
	  "end after so many tables, screens or events" },
	{ { "classes", no_argument, NULL, 'C' }, LIST | STATS | TOP, "",
	  "the pools of classes in place of their sets" },
	{ { "sets", no_argument, NULL, 'S' }, LIST, "", "only sets of buffers" },
	{ { "exhausted", no_argument, NULL, 'e' }, LIST | STATS, "",
	  "only pools with max objects, none idle, or with waiters" },
	{ { "total", no_argument, NULL, 'm' }, LIST, "", "a last line with the sums" },
	{ { "state", required_argument, NULL, 'T' }, LIST | STATS, " STATE,...",
	  "only live, dying or detached ones" },
	{ { "owner", required_argument, NULL, 'O' }, LIST | STATS, " MODULE",
	  "only those that this module created" },
	{ { "color", required_argument, NULL, 'k' }, LIST | STATS, " WHEN",
	  "auto, always or never; auto: on a terminal" },
	{ { "stacks", no_argument, NULL, 'x' }, HOLDERS, "", "the functions of each stack" },
	{ { "all", no_argument, NULL, 'a' }, MONITOR, "", "begin with the pools that are there" },
	{ { "prometheus", no_argument, NULL, 'P' }, EXPORT, "",
	  "the text format of Prometheus in place of OpenMetrics" },
	{ { "textfile", required_argument, NULL, 't' }, EXPORT, " FILE",
	  "the same into this file, for the node exporter" },
	{ { "ignore-missing", no_argument, NULL, 'i' }, RESTORE, "",
	  "pools and sets that do not exist are no error" },
	{ { "help", no_argument, NULL, 'h' }, ALL, "", "this text" },
	{ { "version", no_argument, NULL, 'V' }, ALL, "", "the version of this program" },
	{ { NULL, 0, NULL, 0 }, 0, NULL, NULL }
};

/**
 * options_print() - the options of commands, a line each
 * @to: where they go
 * @of: bits of the commands
 */
void options_print(FILE *to, unsigned int of)
{
	const struct known_option *option;
	char text[64];

	for (option = known; option->what; option++) {
		if (!(option->commands & of))
			continue;
		snprintf(text, sizeof(text), "-%c, --%s%s", option->getopt.val,
			 option->getopt.name, option->argument);
		fprintf(to, "  %-28s %s\n", text, option->what);
	}
}

static bool read_delay(struct options *o, const char *text)
{
	char *end;

	o->delay = strtod(text, &end);
	if (end != text && !*end && isfinite(o->delay) && o->delay >= 0.001 &&
	    o->delay <= DELAY_MOST)
		return true;
	usage("--delay takes seconds, from 0.001 to %d, not '%s'", DELAY_MOST, text);
	return false;
}

static bool read_count(struct options *o, const char *text)
{
	char *end;

	errno = 0;
	o->count = strtoul(text, &end, 10);
	if (*text != '-' && end != text && !*end && !errno && o->count)
		return true;
	usage("--count takes a number from 1 on, not '%s'", text);
	return false;
}

static bool read_states(struct options *o, const char *text)
{
	unsigned int state;
	size_t len;

	for (; ; text += len + 1) {
		len = strcspn(text, ",");
		for (state = 0; state < STATES; state++)
			if (strlen(state_name(state)) == len &&
			    !strncmp(state_name(state), text, len))
				break;
		if (state == STATES) {
			usage("--state takes live, dying or detached, not '%.*s'", (int)len, text);
			return false;
		}
		o->states |= 1U << state;
		if (!text[len])
			return true;
	}
}

static bool read_owner(struct options *o, const char *text)
{
	o->owner = text;
	if (*text)
		return true;
	usage("--owner takes the name of a module, not ''");
	return false;
}

static bool read_colour(struct options *o, const char *text)
{
	bool always = !strcmp(text, "always");

	if (!always && strcmp(text, "never") && strcmp(text, "auto")) {
		usage("--color takes auto, always or never, not '%s'", text);
		return false;
	}
	o->colour = always || (!strcmp(text, "auto") && terminal_has_colours());
	return true;
}

static bool read_textfile(struct options *o, const char *text)
{
	o->textfile = text;
	if (*text)
		return true;
	usage("--textfile takes the name of a file, not ''");
	return false;
}

static bool read_option(struct options *o, int option)
{
	switch (option) {
	case 'p':
		o->pretty = true;
		o->json = true;
		return true;
	case 'j':
		o->json = true;
		return true;
	case 'b':
		/* The letter of two options, of which a command has one. */
		o->raw = true;
		o->batch = true;
		return true;
	case 'H':
		o->no_headings = true;
		return true;
	case 'o':
		o->output = optarg;
		return true;
	case 's':
		o->sort = optarg;
		return true;
	case 'r':
		o->reverse = true;
		return true;
	case 'c':
		o->percpu = true;
		return true;
	case 'd':
		return read_delay(o, optarg);
	case 'n':
		return read_count(o, optarg);
	case 'C':
		o->classes = true;
		return true;
	case 'S':
		o->sets = true;
		return true;
	case 'a':
		o->present = true;
		return true;
	case 'x':
		o->stacks = true;
		return true;
	case 'P':
		o->prometheus = true;
		return true;
	case 'i':
		o->ignore_missing = true;
		return true;
	case 'm':
		o->total = true;
		return true;
	case 'e':
		o->exhausted = true;
		return true;
	case 'T':
		return read_states(o, optarg);
	case 'O':
		return read_owner(o, optarg);
	case 'k':
		return read_colour(o, optarg);
	case 't':
		return read_textfile(o, optarg);
	default:
		return true;
	}
}

/* Two options may have one letter, but a command has only one of them. A long one has its place. */
#define LONG_FIRST	(UCHAR_MAX + 1)

static struct given {
	bool letter[UCHAR_MAX + 1];
	bool name[ARRAY_SIZE(known)];
} given;

/* The option of a letter, or of a place; the one that commands of these bits have. */
static const struct known_option *find_option(int val, unsigned int of)
{
	const struct known_option *option = known;

	if (val >= LONG_FIRST)
		return &known[val - LONG_FIRST];
	while (option->what && !(option->getopt.val == val && option->commands & of))
		option++;
	return option->what ? option : NULL;
}

/* Whether an option was given, by its letter or its name. */
bool option_is_given(int letter)
{
	for (size_t i = 0; known[i].what; i++)
		if (known[i].getopt.val == letter && given.name[i])
			return true;
	return given.letter[letter];
}

/* What getopt_long() wants to know, out of known[]. */
static void getopt_tables(char *shorts, struct option *longs)
{
	*shorts++ = ':';	/* complaints are ours */
	for (int i = 0; known[i].what; i++) {
		*shorts++ = (char)known[i].getopt.val;
		if (known[i].getopt.has_arg)
			*shorts++ = ':';
		*longs = known[i].getopt;
		longs++->val = LONG_FIRST + i;
	}
	*shorts = '\0';
	*longs = (struct option){ NULL, 0, NULL, 0 };
}

static void note_given(int val)
{
	if (val >= LONG_FIRST)
		given.name[val - LONG_FIRST] = true;
	else
		given.letter[val] = true;
}

/**
 * options_read() - read the options of a call, which may stand anywhere
 * @o: where they go
 * @argc: as main() has it
 * @argv: as main() has it; words that are no options come last then
 *
 * Return: false if an option is wrong, and a message said so.
 */
bool options_read(struct options *o, int argc, char **argv)
{
	struct option longs[ARRAY_SIZE(known)];
	char shorts[2 * ARRAY_SIZE(known) + 2];
	int option;

	getopt_tables(shorts, longs);
	while ((option = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (option == ':') {
			usage("'%s' wants a value", argv[optind - 1]);
			return false;
		}
		if (option == '?') {
			if (optopt && find_option(optopt, ALL))
				usage("'%s' takes no value", argv[optind - 1]);
			else if (optopt)
				usage("there is no option -%c (kpool help lists them)", optopt);
			else
				usage("there is no option '%s' (kpool help lists them)",
				      argv[optind - 1]);
			return false;
		}
		if (!read_option(o, find_option(option, ALL)->getopt.val))
			return false;
		note_given(option);
	}
	return true;
}

static bool option_fits(const char *command, unsigned int bit, int val)
{
	const struct known_option *option = find_option(val, bit);

	if (option && option->commands & bit)
		return true;
	usage("%s has no option --%s (kpool help %s lists its own)", command,
	      find_option(val, ALL)->getopt.name, command);
	return false;
}

/**
 * options_fit() - whether a command has all options that were given
 * @command: its name
 * @bit: its bit
 */
bool options_fit(const char *command, unsigned int bit)
{
	for (int i = 0; known[i].what; i++)
		if ((given.name[i] && !option_fits(command, bit, LONG_FIRST + i)) ||
		    (given.letter[known[i].getopt.val] &&
		     !option_fits(command, bit, known[i].getopt.val)))
			return false;
	return true;
}
