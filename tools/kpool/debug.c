// SPDX-License-Identifier: GPL-2.0-only
/* kpool debug: checks of gets and puts of pools that are in use, and calls that fail on purpose. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "tool.h"

#define HELD_MS		"held_ms="

static bool read_held(struct kp_debug *change, const char *text)
{
	if (read_whole_number(&change->held_ms, text, 0))
		return true;
	usage("held_ms takes a number of milliseconds from 0 to %d, not '%s'", INT_MAX, text);
	return false;
}

/* A name on the command line may have hyphens, as options have. */
static bool is_name(const char *name, const char *word, size_t len)
{
	if (strlen(name) != len)
		return false;
	for (; len; len--, name++, word++)
		if (*name != *word && !(*name == '_' && *word == '-'))
			return false;
	return true;
}

static const struct kp_field *find_fault(const char *word)
{
	size_t len = strcspn(word, "=");
	const struct kp_field *field = kp_pool_fields;

	while (field->name && !(field->kind == KP_FAULT && is_name(field->name, word, len)))
		field++;
	return field->name ? field : NULL;
}

static bool read_fault(struct kp_debug *change, const struct kp_field *field, const char *text)
{
	long long one_in = 0;

	for (size_t i = 0; i < change->n_faults; i++)
		if (change->faults[i].field == field) {
			usage("%s is given twice", field->name);
			return false;
		}
	if (!read_one_in(&one_in, text)) {
		usage("%s takes off or 1/N, with N from 1 to %d, not '%s'", field->name, INT_MAX,
		      text ? text : "");
		return false;
	}
	change->faults[change->n_faults].field = field;
	change->faults[change->n_faults++].one_in = (__u32)one_in;
	return true;
}

static bool read_check(struct kp_debug *change, const char *word)
{
	bool held = !strncmp(word, HELD_MS, strlen(HELD_MS));
	bool on = !strcmp(word, "on");

	if (!held && !on && strcmp(word, "off")) {
		usage("debug takes on, off, held_ms=N and fail-... 1/N, not '%s'", word);
		return false;
	}
	if (held ? change->held_ms >= 0 : change->on >= 0) {
		usage("%s is given twice", held ? "held_ms" : "on or off");
		return false;
	}
	if (held)
		return read_held(change, word + strlen(HELD_MS));
	change->on = on;
	return true;
}

/* The value of a fault is behind a =, or is the next word. */
static bool read_words(struct kp_debug *change, int argc, char **argv)
{
	const struct kp_field *fault;
	const char *value;

	for (int i = 0; i < argc; i++) {
		fault = find_fault(argv[i]);
		if (!fault) {
			if (!read_check(change, argv[i]))
				return false;
			continue;
		}
		value = strchr(argv[i], '=');
		if (!read_fault(change, fault, value ? value + 1 : i + 1 < argc ? argv[++i] : NULL))
			return false;
	}
	return true;
}

/**
 * print_debug_help() - what kpool debug can change, a line each
 * @to: where it is printed
 */
void print_debug_help(FILE *to)
{
	const struct kp_field *field;

	fprintf(to, "  %-28s %s\n", "on|off", "check gets and puts, or no more");
	fprintf(to, "  %-28s %s\n", HELD_MS "N", "report objects that are in use for longer");
	for (field = kp_pool_fields; field->name; field++)
		if (field->kind == KP_FAULT)
			fprintf(to, "  %s=%-*s %s\n", field->name, 27 - (int)strlen(field->name),
				"1/N|off", field->what);
}

static enum exit_status change_pool(struct kp *kp, const char *name, const struct kp_pool *pool,
				    void *change)
{
	const struct kp_which which = { .id = (__u32)pool->id };

	if (kp_debug(kp, &which, change))
		return refused("debug %s: %s", name, kp_message(kp));
	return EXIT_DONE;
}

enum exit_status cmd_debug(const struct options *o, int argc, char **argv)
{
	struct kp_debug change = { .on = -1, .held_ms = -1 };
	enum exit_status status;
	struct kp *kp;

	(void)o;
	if (!argc)
		return usage("debug what? Give a pool or set and a change, as in: debug NAME on");
	if (argc == 1)
		return usage("debug %s how? Give on, off, held_ms=N, or fail-get 1/10, for example",
			     argv[0]);
	if (!read_words(&change, argc - 1, argv + 1))
		return EXIT_USAGE;
	kp = connect_kernel();
	if (!kp)
		return EXIT_REFUSED;
	status = each_pool(kp, argv[0], change_pool, &change);
	kp_close(kp);
	return status;
}
