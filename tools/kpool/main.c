// SPDX-License-Identifier: GPL-2.0-only
/*
 * kpool: what the pools of kpool.ko are, and what they are doing; and their limits.
 * This file knows the commands; options.c knows their options.
 */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

struct command {
	const char *name;
	unsigned int bit;
	const char *arguments;
	const char *what;
	enum exit_status (*run)(const struct options *o, int argc, char **argv);
};

static enum exit_status cmd_help(const struct options *o, int argc, char **argv);

static const struct command commands[] = {
	{ "list", LIST, " [POOL|SET|PATTERN...]", "pools and sets of buffers, a line each",
	  cmd_list },
	{ "show", SHOW, " POOL|SET...", "all there is to know of a pool or a set of buffers",
	  cmd_show },
	{ "stats", STATS, " [POOL|SET|PATTERN...]", "what pools did, or do a second", cmd_stats },
	{ "top", TOP, "", "a live screen of pools, the busiest first", cmd_top },
	{ "holders", HOLDERS, " [POOL|SET...]", "which tasks hold objects, since when, from where",
	  cmd_holders },
	{ "waiters", WAITERS, " [POOL|SET...]", "which tasks wait for objects, and since when",
	  cmd_waiters },
	{ "track", TRACK, " POOL|SET all|1/N|off [leak_ms=N]",
	  "know the holders of objects from now on", cmd_track },
	{ "trim", TRIM, " POOL|SET...", "tear down idle objects", cmd_trim },
	{ "reset-peaks", RESET_PEAKS, " POOL|SET...", "forget the highest numbers",
	  cmd_reset_peaks },
	{ "set", SET, " POOL|SET LIMIT=VALUE...", "change limits of a pool or set in use",
	  cmd_set },
	{ "save", SAVE, " [FILE]", "the limits of all pools and sets, for restore", cmd_save },
	{ "restore", RESTORE, " [FILE]", "set the limits that save wrote, or a person",
	  cmd_restore },
	{ "debug", DEBUG, " POOL|SET on|off|held_ms=N|FAULT 1/N...",
	  "check gets and puts of pools in use, or make calls fail",
	  cmd_debug },
	{ "monitor", MONITOR, "", "pools that come, change and go, as it happens", cmd_monitor },
	{ "export", EXPORT, "", "the figures of all pools and sets for Prometheus", cmd_export },
	{ "bench", BENCH, " [OPTION...]", "what pools cost here, next to the kernel's allocators",
	  cmd_bench },
	{ "help", HELP, " [COMMAND]", "this text, or that of a command", cmd_help },
	{ "version", VERSION, "", "the versions of this program and of the module", cmd_version },
	{ NULL, 0, NULL, NULL, NULL }
};

/* What messages are about, as FILE:LINE, or NULL. */
const char *message_place;

/* Called before a message is printed, unless it is NULL. */
void (*before_message)(void);

static void complain(const char *fmt, va_list args)
{
	if (before_message)
		before_message();
	/* What was printed before comes before. */
	fflush(stdout);
	fputs("kpool: ", stderr);
	if (message_place)
		fprintf(stderr, "%s: ", message_place);
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

static void print_help(FILE *to)
{
	const struct command *command;
	char text[64];

	fputs("usage: kpool COMMAND [OPTION...] [POOL...]\n\n"
	      "What the pools of kpool.ko are, and what they are doing. A POOL is a name or an id,\n"
	      "a SET of buffers a name, or set:ID. A PATTERN is of names, as 'rx*'. A COMMAND may\n"
	      "be cut short. To look needs no privilege. To change a pool, and to see tasks, needs\n"
	      "root.\n\n",
	      to);
	for (command = commands; command->name; command++) {
		snprintf(text, sizeof(text), "%s%s", command->name, command->arguments);
		fprintf(to, "  %-28s %s\n", text, command->what);
	}
	fputc('\n', to);
	options_print(to, ALL);
}

/* Ends the program, if the command has a help of its own. */
static void exec_own_help(const struct command *command)
{
	char help[] = "--help", *argv[] = { help, help, NULL };

	fflush(stdout);
	if (command->bit == BENCH)
		exec_bench(argv);
}

static void print_command_help(const struct command *command)
{
	exec_own_help(command);
	printf("usage: kpool %s [OPTION...]%s\n\n%c%s.\n\n", command->name, command->arguments,
	       toupper((unsigned char)command->what[0]), command->what + 1);
	if (command->bit == SET)
		print_limits_help(stdout);
	if (command->bit == DEBUG)
		print_debug_help(stdout);
	if (command->bit & (SET | DEBUG))
		putchar('\n');
	options_print(stdout, command->bit);
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

static enum exit_status run(const struct options *o, int argc, char **argv)
{
	const struct command *command;

	if (!argc) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	command = find_command(argv[0]);
	if (!command || !options_fit(command->name, command->bit))
		return EXIT_USAGE;
	return command->run(o, argc - 1, argv + 1);
}

/* Is this word the beginning of bench, whose options are its own? */
static bool is_bench(const char *word)
{
	return *word && !strncmp("bench", word, strlen(word));
}

int main(int argc, char **argv)
{
	enum exit_status status = EXIT_DONE;
	struct options o = { 0 };

	setlocale(LC_ALL, "");
	setlocale(LC_NUMERIC, "C");
	if (argc > 1 && is_bench(argv[1]))
		return exec_bench(argv + 1);
	o.colour = terminal_has_colours();
	if (!options_read(&o, argc, argv))
		return EXIT_USAGE;
	argc -= optind;
	argv += optind;
	if (option_is_given('V'))
		print_version();
	else if (option_is_given('h'))
		status = cmd_help(&o, argc, argv);
	else
		status = run(&o, argc, argv);
	if (!flush_output() && !status)
		status = refused("cannot write: %s", strerror(write_error));
	return status;
}
