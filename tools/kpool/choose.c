// SPDX-License-Identifier: GPL-2.0-only
/* Which pools and sets a person wants to see: names, ids, patterns, and filters. */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"

/* What an argument stands for. */
struct choice {
	const char *word;
	__u64 id;			/* of a row; 0: the word is a name or a pattern */
	bool pattern;
	bool found;
};

/* Whether a word may stand for several names. */
bool is_pattern(const char *word)
{
	return strpbrk(word, "*?[");
}

/* Digits are an id if a pool has that id. */
static __u64 id_of(const struct kp_all *all, const char *word)
{
	const size_t prefix = strlen(SET_PREFIX);
	__u32 id;

	if (!strncmp(word, SET_PREFIX, prefix)) {
		id = read_id(word + prefix);
		return kp_all_set(all, id) ? id | ROW_SET : 0;
	}
	id = read_id(word);
	return kp_all_pool(all, id) ? id : 0;
}

/**
 * chosen_read() - find out what arguments stand for
 * @chosen: where that goes; chosen_free() in the end
 * @all: the pools and sets that there are
 * @argc: how many arguments
 * @argv: names, ids and patterns
 */
void chosen_read(struct chosen *chosen, const struct kp_all *all, int argc, char **argv)
{
	chosen->choice = checked(calloc(argc + 1, sizeof(*chosen->choice)));
	chosen->n = argc;
	for (int i = 0; i < argc; i++)
		chosen->choice[i] = (struct choice){
			.word = argv[i], .id = id_of(all, argv[i]), .pattern = is_pattern(argv[i]),
		};
}

/* Frees what chosen_read() took. */
void chosen_free(struct chosen *chosen)
{
	free(chosen->choice);
}

static bool matches(const struct choice *choice, const struct row *row, bool only_exact)
{
	if (choice->id)
		return choice->id == row->pool.id;
	if (!strcmp(choice->word, row->pool.name))
		return true;
	return choice->pattern && !only_exact && !fnmatch(choice->word, row->pool.name, 0);
}

/**
 * chosen_has() - whether a person named a pool or set
 * @chosen: what was named; notes that the pool or set was found
 * @row: the pool or set
 * @only_exact: a pattern does not count
 */
bool chosen_has(struct chosen *chosen, const struct row *row, bool only_exact)
{
	bool any = false;

	for (size_t i = 0; i < chosen->n; i++)
		if (matches(&chosen->choice[i], row, only_exact)) {
			chosen->choice[i].found = true;
			any = true;
		}
	return any;
}

/**
 * chosen_check() - say which arguments stand for nothing
 * @chosen: the arguments
 * @kp: for names that are near
 */
enum exit_status chosen_check(const struct chosen *chosen, struct kp *kp)
{
	enum exit_status status = EXIT_DONE;
	const struct choice *choice = chosen->choice;

	for (; choice < chosen->choice + chosen->n; choice++) {
		if (choice->found)
			continue;
		status = choice->pattern ?
			 refused("no pool or set of buffers matches '%s'", choice->word) :
			 say_not_found(kp, choice->word);
	}
	return status;
}

/* Whether a row passes --state, --owner and --exhausted. */
bool fits_filters(const struct row *row, const struct options *o)
{
	if (o->states && (row->pool.state >= 32 || !(o->states >> row->pool.state & 1)))
		return false;
	if (o->owner && strcmp(row->pool.owner, o->owner))
		return false;
	return row->exhausted || !o->exhausted;
}
