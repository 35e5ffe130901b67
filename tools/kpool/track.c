// SPDX-License-Identifier: GPL-2.0-only
/* kpool track: have pools know the holders of their objects. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "tool.h"

#define LEAK_MS		"leak_ms="

static bool read_word(struct kp_track *change, const char *word)
{
	bool leak = !strncmp(word, LEAK_MS, strlen(LEAK_MS));

	if (leak ? change->leak_ms >= 0 : change->one_in >= 0) {
		usage("track: %s is given twice", leak ? "leak_ms" : "all, 1/N or off");
		return false;
	}
	if (leak) {
		if (read_whole_number(&change->leak_ms, word + strlen(LEAK_MS), 0))
			return true;
		usage("leak_ms takes a number of milliseconds from 0 to %d, not '%s'", INT_MAX,
		      word + strlen(LEAK_MS));
		return false;
	}
	if (strcmp(word, "all")) {
		if (read_one_in(&change->one_in, word))
			return true;
		usage("track takes all, 1/N, off and leak_ms=N, with N from 1 to %d, not '%s'",
		      INT_MAX, word);
		return false;
	}
	change->one_in = 1;
	return true;
}

static enum exit_status track_pool(struct kp *kp, const char *name, const struct kp_pool *pool,
				   void *change)
{
	const struct kp_which which = { .id = (__u32)pool->id };

	if (kp_track(kp, &which, change))
		return refused("track %s: %s", name, kp_message(kp));
	return EXIT_DONE;
}

enum exit_status cmd_track(const struct options *o, int argc, char **argv)
{
	struct kp_track change = { .one_in = -1, .leak_ms = -1 };
	enum exit_status status;
	struct kp *kp;

	(void)o;
	if (!argc)
		return usage("track what? Give a pool or set, as in: track NAME all");
	if (argc == 1)
		return usage("track %s how? Give all, 1/N or off, or leak_ms=N", argv[0]);
	for (int i = 1; i < argc; i++)
		if (!read_word(&change, argv[i]))
			return EXIT_USAGE;
	kp = connect_kernel();
	if (!kp)
		return EXIT_REFUSED;
	status = each_pool(kp, argv[0], track_pool, &change);
	kp_close(kp);
	return status;
}
