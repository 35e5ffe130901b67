// SPDX-License-Identifier: GPL-2.0-only
/*
 * kpool: what the pools of kpool.ko are, and what they are doing; and their limits.
 * This file knows the commands and their options.
 */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

#define DELAY_MOST	86400

/* Bits of the commands that know an option. */
enum {
	LIST = 1, SHOW = 2, STATS = 4, MONITOR = 8, SET = 16, HELP = 32, VERSION = 64, DEBUG = 128,
	EXPORT = 256, TOP = 512, HOLDERS = 1024, WAITERS = 2048, TRACK = 4096, TRIM = 8192,
	RESET_PEAKS = 16384, ALL = 32767
};

struct command {
	const char *name;
	unsigned int bit;
	const char *arguments;
	const char *what;
	enum exit_status (*run)(const struct options *o, int argc, char **argv);
};

static enum exit_status cmd_help(const struct options *o, int argc, char **argv);
static enum exit_status cmd_version(const struct options *o, int argc, char **argv);

static const struct command commands[] = {
	{ "list", LIST, "", "the pools and sets of buffers, a line each", cmd_list },
	{ "show", SHOW, " POOL|SET...", "all there is to know of a pool or a set of buffers",
	  cmd_show },
	{ "stats", STATS, " [POOL...]", "what pools did, or do a second", cmd_stats },
	{ "top", TOP, "", "a live screen of pools, the busiest first", cmd_top },
	{ "holders", HOLDERS, " [POOL|SET...]", "which tasks hold objects, since when, from where",
	  cmd_holders },
	{ "waiters", WAITERS, " [POOL|SET...]", "which tasks wait for objects, and since when",
	  cmd_waiters },
	{ "track", TRACK, " POOL|SET all|1/N|off [leak_ms=N]",
	  "know the holders of objects from now on", cmd_track },
	{ "trim", TRIM, " POOL|SET...", "tear down idle objects", cmd_trim },
	{ "reset-peaks", RESET_PEAKS, " POOL|SET...", "forget the highest numbers", cmd_reset_peaks },
	{ "set", SET, " POOL LIMIT=VALUE...", "change limits of a pool in use", cmd_set },
	{ "debug", DEBUG, " POOL|SET on|off|held_ms=N|FAULT 1/N...",
	  "check gets and puts of pools in use, or make calls fail",
	  cmd_debug },
	{ "monitor", MONITOR, "", "pools that come, change and go, as it happens", cmd_monitor },
	{ "export", EXPORT, "", "the figures of all pools and sets for Prometheus", cmd_export },
	{ "help", HELP, " [COMMAND]", "this text, or that of a command", cmd_help },
	{ "version", VERSION, "", "the version of this program", cmd_version },
	{ NULL, 0, NULL, NULL, NULL }
};

static const struct known_option {
	struct option getopt;
	unsigned int commands;
	const char *argument;
	const char *what;
} known[] = {
	{ { "json", no_argument, NULL, 'j' }, LIST | SHOW | STATS | MONITOR | HOLDERS | WAITERS, "",
	  "JSON; with a delay, and for events, a line each" },
	{ { "pretty", no_argument, NULL, 'p' }, LIST | SHOW | STATS | MONITOR | HOLDERS | WAITERS, "",
	  "JSON on several lines, for people" },
	{ { "bytes", no_argument, NULL, 'b' }, LIST | SHOW | STATS | HOLDERS | WAITERS, "",
	  "raw numbers: bytes, milliseconds since boot" },
	{ { "batch", no_argument, NULL, 'b' }, TOP, "", "plain text, screen after screen" },
	{ { "no-headings", no_argument, NULL, 'H' }, LIST | STATS | HOLDERS | WAITERS, "", "no headings" },
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
	{ { "classes", no_argument, NULL, 'C' }, LIST | TOP, "",
	  "the pools of classes in place of their sets" },
	{ { "sets", no_argument, NULL, 'S' }, LIST, "", "only sets of buffers" },
	{ { "stacks", no_argument, NULL, 'k' }, HOLDERS, "", "the functions of each stack" },
	{ { "all", no_argument, NULL, 'a' }, MONITOR, "", "begin with the pools that are there" },
	{ { "prometheus", no_argument, NULL, 'P' }, EXPORT, "",
	  "the text format of Prometheus in place of OpenMetrics" },
	{ { "textfile", required_argument, NULL, 't' }, EXPORT, " FILE",
	  "the same into this file, for the node exporter" },
	{ { "help", no_argument, NULL, 'h' }, ALL, "", "this text" },
	{ { "version", no_argument, NULL, 'V' }, ALL, "", "the version of this program" },
	{ { NULL, 0, NULL, 0 }, 0, NULL, NULL }
};

/* Called before a message is printed, unless it is NULL. */
void (*before_message)(void);

static void complain(const char *fmt, va_list args)
{
	if (before_message)
		before_message();
	/* What was printed before comes before. */
	fflush(stdout);
	fputs("kpool: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
}

/**
 * refused() - say what the kernel or the system refused
 * @fmt: the message
 */
enum exit_status refused(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	complain(fmt, args);
	va_end(args);
	return EXIT_REFUSED;
}

/**
 * usage() - say what is wrong with the words of the call
 * @fmt: the message
 */
enum exit_status usage(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	complain(fmt, args);
	va_end(args);
	return EXIT_USAGE;
}

/**
 * checked() - what was allocated
 * @allocated: NULL ends the program
 */
void *checked(void *allocated)
{
	if (!allocated) {
		refused("out of memory");
		exit(EXIT_REFUSED);
	}
	return allocated;
}

static int write_error;

/**
 * flush_output() - write what was printed
 *
 * Return: false if it cannot be written; then there is no use in going on. main()
 * says why in the end.
 */
bool flush_output(void)
{
	if (write_error)
		return false;
	if (fflush(stdout))
		write_error = errno;
	else if (ferror(stdout))
		write_error = EIO;
	return !write_error;
}

/**
 * connect_kernel() - connect to the kernel, or say why that fails
 *
 * Return: a connection, to be ended by kp_close(), or NULL.
 */
struct kp *connect_kernel(void)
{
	struct kp *kp = NULL;

	if (!kp_open(&kp))
		return kp;
	refused("%s", kp ? kp_message(kp) : strerror(ENOMEM));
	kp_close(kp);
	return NULL;
}

/* By its name, or the beginning of it, if that is of one alone. */
static const struct command *find_command(const char *name)
{
	const struct command *command, *found = NULL;

	for (command = commands; command->name; command++) {
		if (strncmp(command->name, name, strlen(name)) != 0)
			continue;
		if (found) {
			usage("'%s' is the beginning of %s and of %s", name, found->name,
			      command->name);
			return NULL;
		}
		found = command;
	}
	if (!found)
		usage("there is no command '%s' (kpool help lists them)", name);
	return found;
}

static void print_options(FILE *to, unsigned int of)
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

static void print_help(FILE *to)
{
	const struct command *command;
	char text[64];

	fputs("usage: kpool COMMAND [OPTION...] [POOL...]\n\n"
	      "What the pools of kpool.ko are, and what they are doing. A POOL is a name or an id,\n"
	      "a SET of buffers a name, or set:ID. A COMMAND may be cut short. To look needs no\n"
	      "privilege. To change a pool, and to see tasks, needs root.\n\n", to);
	for (command = commands; command->name; command++) {
		snprintf(text, sizeof(text), "%s%s", command->name, command->arguments);
		fprintf(to, "  %-28s %s\n", text, command->what);
	}
	fputc('\n', to);
	print_options(to, ALL);
}

static void print_command_help(const struct command *command)
{
	printf("usage: kpool %s [OPTION...]%s\n\n%c%s.\n\n", command->name, command->arguments,
	       toupper((unsigned char)command->what[0]), command->what + 1);
	if (command->bit == SET)
		print_limits_help(stdout);
	if (command->bit == DEBUG)
		print_debug_help(stdout);
	if (command->bit & (SET | DEBUG))
		putchar('\n');
	print_options(stdout, command->bit);
}

static enum exit_status cmd_help(const struct options *o, int argc, char **argv)
{
	const struct command *command = argc ? find_command(argv[0]) : NULL;

	(void)o;
	if (argc && !command)
		return EXIT_USAGE;
	if (command)
		print_command_help(command);
	else
		print_help(stdout);
	return EXIT_DONE;
}

static enum exit_status cmd_version(const struct options *o, int argc, char **argv)
{
	(void)o;
	(void)argc;
	(void)argv;
	printf("kpool %s (netlink family %s, version %d)\n", VERSION_TEXT, KPOOL_FAMILY_NAME,
	       KPOOL_FAMILY_VERSION);
	return EXIT_DONE;
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
	case 'k':
		o->stacks = true;
		return true;
	case 'P':
		o->prometheus = true;
		return true;
	case 't':
		return read_textfile(o, optarg);
	default:
		return true;
	}
}

/* Two options may have one letter, but a command has only one of them. A long one has its place. */
#define LONG_FIRST	(UCHAR_MAX + 1)

struct given {
	bool letter[UCHAR_MAX + 1];
	bool name[ARRAY_SIZE(known)];
};

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

/* By its letter or its name. */
static bool is_given(const struct given *given, int letter)
{
	for (size_t i = 0; known[i].what; i++)
		if (known[i].getopt.val == letter && given->name[i])
			return true;
	return given->letter[letter];
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

static void note_given(struct given *given, int val)
{
	if (val >= LONG_FIRST)
		given->name[val - LONG_FIRST] = true;
	else
		given->letter[val] = true;
}

/* Options may stand anywhere. */
static bool read_options(struct options *o, struct given *given, int argc, char **argv)
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
		note_given(given, option);
	}
	return true;
}

static bool option_fits(const struct command *command, int val)
{
	const struct known_option *option = find_option(val, command->bit);

	if (option && option->commands & command->bit)
		return true;
	usage("%s has no option --%s (kpool help %s lists its own)", command->name,
	      find_option(val, ALL)->getopt.name, command->name);
	return false;
}

static bool options_fit(const struct command *command, const struct given *given)
{
	for (int i = 0; known[i].what; i++)
		if ((given->name[i] && !option_fits(command, LONG_FIRST + i)) ||
		    (given->letter[known[i].getopt.val] &&
		     !option_fits(command, known[i].getopt.val)))
			return false;
	return true;
}

static enum exit_status run(const struct options *o, const struct given *given, int argc,
			    char **argv)
{
	const struct command *command;

	if (!argc) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	command = find_command(argv[0]);
	if (!command || !options_fit(command, given))
		return EXIT_USAGE;
	return command->run(o, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	struct given given = { 0 };
	enum exit_status status;
	struct options o = { 0 };

	setlocale(LC_ALL, "");
	setlocale(LC_NUMERIC, "C");
	if (!read_options(&o, &given, argc, argv))
		return EXIT_USAGE;
	argc -= optind;
	argv += optind;
	if (is_given(&given, 'V'))
		status = cmd_version(&o, 0, NULL);
	else if (is_given(&given, 'h'))
		status = cmd_help(&o, argc, argv);
	else
		status = run(&o, &given, argc, argv);
	if (!flush_output() && !status)
		status = refused("cannot write: %s", strerror(write_error));
	return status;
}
