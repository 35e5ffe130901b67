// SPDX-License-Identifier: GPL-2.0-only
/* kpool restore: sets limits as a file says, for the pools and sets that exist. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

/* A line of the file. */
struct change {
	char *place;			/* FILE:LINE */
	char *name;
	struct limits limits;
};

struct changes {
	struct change *change;
	size_t n;
};

#define BLANKS	" \t\r\n"

/* The words of a line, which stay in it. Returns how many; the caller frees the array. */
static int split(char *line, char ***words)
{
	char *word, *rest;
	int n = 0;

	*words = NULL;
	line += strspn(line, BLANKS);
	if (*line == '#')
		return 0;
	for (word = strtok_r(line, BLANKS, &rest); word; word = strtok_r(NULL, BLANKS, &rest)) {
		*words = checked(reallocarray(*words, n + 1, sizeof(**words)));
		(*words)[n++] = word;
	}
	return n;
}

static bool read_words(struct change *change, int n, char **words)
{
	size_t most;

	if (strcmp(words[0], "set")) {
		usage("there is no '%s', only lines as: set NAME max=500", words[0]);
		return false;
	}
	if (n < 3) {
		usage("set %s? Give limits, as in: set NAME max=500",
		      n == 1 ? "what" : "to what");
		return false;
	}
	if (!read_limits(&change->limits, n - 2, words + 2))
		return false;
	most = change->limits.of_set ? KP_SET_NAME_LEN : KP_NAME_LEN;
	if (strlen(words[1]) >= most) {
		usage("a name has at most %zu characters, not as '%s'", most - 1, words[1]);
		return false;
	}
	change->name = checked(strdup(words[1]));
	return true;
}

/* Adds a change, if the line is not empty. */
static bool read_line(struct changes *changes, const char *file, size_t number, char *line)
{
	struct change change = { NULL };
	bool right;
	char **words;
	int n;

	if (asprintf(&change.place, "%s:%zu", file, number) < 0)
		checked(NULL);
	message_place = change.place;
	n = split(line, &words);
	right = !n || read_words(&change, n, words);
	message_place = NULL;
	free(words);
	if (!right || !n) {
		free(change.place);
		return right;
	}
	changes->change = checked(reallocarray(changes->change, changes->n + 1,
					       sizeof(*changes->change)));
	changes->change[changes->n++] = change;
	return true;
}

/* All lines, so that each wrong one is told. */
static enum exit_status read_changes(struct changes *changes, FILE *from, const char *file)
{
	enum exit_status status = EXIT_DONE;
	char *line = NULL;
	size_t size = 0, number = 0;
	ssize_t len;

	while ((len = getline(&line, &size, from)) >= 0) {
		number++;
		if (strlen(line) != (size_t)len)
			status = usage("%s:%zu: there is a byte 0", file, number);
		else if (!read_line(changes, file, number, line))
			status = EXIT_USAGE;
	}
	if (ferror(from))
		status = refused("restore: cannot read %s: %s", file, strerror(errno));
	free(line);
	return status;
}

static enum exit_status read_file(struct changes *changes, const char *file)
{
	enum exit_status status;
	FILE *from;

	if (!strcmp(file, "-"))
		return read_changes(changes, stdin, "stdin");
	from = fopen(file, "re");
	if (!from)
		return refused("restore: cannot open %s: %s", file, strerror(errno));
	status = read_changes(changes, from, file);
	fclose(from);
	return status;
}

static enum exit_status apply(struct kp *kp, const struct change *change, const struct options *o)
{
	const struct kp_which which = { .name = change->name };
	int err = kp_set(kp, &which, change->limits.limit, change->limits.n);

	if (!err || (err == -ENOENT && o->ignore_missing))
		return EXIT_DONE;
	return refused("%s: set %s: %s", change->place, change->name, kp_message(kp));
}

static enum exit_status apply_all(const struct changes *changes, const struct options *o)
{
	enum exit_status status = EXIT_DONE;
	const struct change *change;
	struct kp *kp = connect_kernel();

	if (!kp)
		return EXIT_REFUSED;
	for (change = changes->change; change < changes->change + changes->n; change++)
		if (apply(kp, change, o))
			status = EXIT_REFUSED;
	kp_close(kp);
	return status;
}

static void free_changes(struct changes *changes)
{
	for (size_t i = 0; i < changes->n; i++) {
		free(changes->change[i].place);
		free(changes->change[i].name);
	}
	free(changes->change);
}

enum exit_status cmd_restore(const struct options *o, int argc, char **argv)
{
	struct changes changes = { NULL };
	enum exit_status status;

	if (argc > 1)
		return usage("restore takes one file, not '%s' too", argv[1]);
	status = read_file(&changes, argc ? argv[0] : "-");
	if (!status && changes.n)
		status = apply_all(&changes, o);
	free_changes(&changes);
	return status;
}
