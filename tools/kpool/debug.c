// SPDX-License-Identifier: GPL-2.0-only
/* kpool debug: checks of gets and puts of a pool that is in use. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

#define HELD_MS		"held_ms="

static bool read_held(struct kp_debug *change, const char *text)
{
	char *end;

	errno = 0;
	change->held_ms = strtoll(text, &end, 10);
	if (*text && strspn(text, "0123456789") == strlen(text) && !errno && !*end &&
	    change->held_ms <= INT_MAX)
		return true;
	usage("held_ms takes a number of milliseconds from 0 to %d, not '%s'", INT_MAX, text);
	return false;
}

static bool read_word(struct kp_debug *change, const char *word)
{
	bool held = !strncmp(word, HELD_MS, strlen(HELD_MS));
	bool on = !strcmp(word, "on");

	if (!held && !on && strcmp(word, "off")) {
		usage("debug takes on, off and held_ms=N, not '%s'", word);
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

static enum exit_status change_checks(struct kp *kp, const char *arg, const struct kp_debug *change)
{
	struct kp_which which = { 0 };
	struct kp_pool pool;

	if (find_pool(kp, arg, &pool))
		return EXIT_REFUSED;
	which.id = (__u32)pool.id;
	if (kp_debug(kp, &which, change))
		return refused("debug %s: %s", arg, kp_message(kp));
	return EXIT_DONE;
}

enum exit_status cmd_debug(const struct options *o, int argc, char **argv)
{
	struct kp_debug change = { .on = -1, .held_ms = -1 };
	enum exit_status status;
	struct kp *kp;

	(void)o;
	if (!argc)
		return usage("debug what? Give a pool, and on or off, as in: kpool debug POOL on");
	if (argc == 1)
		return usage("debug %s how? Give on, off or held_ms=N", argv[0]);
	for (int i = 1; i < argc; i++)
		if (!read_word(&change, argv[i]))
			return EXIT_USAGE;
	kp = connect_kernel();
	if (!kp)
		return EXIT_REFUSED;
	status = change_checks(kp, argv[0], &change);
	kp_close(kp);
	return status;
}
