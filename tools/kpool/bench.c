// SPDX-License-Identifier: GPL-2.0-only
/*
 * kpool bench: becomes the program kpool-bench, which stands beside this one, or where
 * `make install-bench` puts it. It reads its options itself.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

static const char *const places[] = { "kpool-bench", "../share/kpool/bench/kpool-bench" };

/**
 * exec_bench() - become the program that measures
 * @argv: the word "bench", and the words behind it
 *
 * Return: only if that fails.
 */
enum exit_status exec_bench(char **argv)
{
	char self[PATH_MAX], path[2 * PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	size_t i;

	if (len < 0)
		return refused("cannot read /proc/self/exe: %s", strerror(errno));
	self[len] = '\0';
	*strrchr(self, '/') = '\0';
	for (i = 0; i < sizeof(places) / sizeof(*places); i++) {
		snprintf(path, sizeof(path), "%s/%s", self, places[i]);
		execv(path, argv);
		if (errno != ENOENT)
			return refused("cannot run %s: %s", path, strerror(errno));
	}
	return refused("no benchmark is installed: package kpool-bench, or make install-bench");
}

/**
 * cmd_bench() - the command, if options stand before it
 * @o: the options, which are none of its own
 * @argc: how many words follow
 * @argv: these words
 */
enum exit_status cmd_bench(const struct options *o, int argc, char **argv)
{
	(void)o;
	(void)argc;
	/* The word before the arguments is the command itself. */
	return exec_bench(argv - 1);
}
