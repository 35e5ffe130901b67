/* SPDX-License-Identifier: GPL-2.0-only */
/* Options of the commands. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "tool.h"

/* Bits of the commands that know an option. */
enum {
	LIST = 1, SHOW = 2, STATS = 4, MONITOR = 8, SET = 16, HELP = 32, VERSION = 64, DEBUG = 128,
	EXPORT = 256, TOP = 512, SAVE = 1024, RESTORE = 2048,
	HOLDERS = 4096, WAITERS = 8192, TRACK = 16384, TRIM = 32768, RESET_PEAKS = 65536,
	BENCH = 131072,
	ALL = 262143
};

bool options_read(struct options *o, int argc, char **argv);
bool option_is_given(int letter);
bool options_fit(const char *command, unsigned int bit);
void options_print(FILE *to, unsigned int of);

#endif /* OPTIONS_H */
