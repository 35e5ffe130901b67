// SPDX-License-Identifier: GPL-2.0-only
/* The words for limits of pools and of sets: max=500, max_idle_bytes=64M. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

#define MAGAZINE_MOST	4096	/* as the kernel has it */

/*
 * What a person may give for a limit. What is 0 for the kernel would mean the opposite to a
 * person, no limit, so there is a word for it, and 0 itself is refused.
 */
static const struct kind {
	enum kp_kind kind;
	__u64 least;
	__u64 most;
	struct {
		const char *name;
		__u64 value;
		const char *what;
	} words[2];
} kinds[] = {
	{ KP_LIMIT, 1, INT_MAX, { { "none", 0, "no limit" } } },
	{ KP_MAX_IDLE, 1, INT_MAX,
	  { { "none", 0, "no limit" }, { "nothing", KP_NONE, "keep no object idle" } } },
	{ KP_FLOOR, 0, INT_MAX, { { NULL } } },
	{ KP_MAGAZINE, 1, MAGAZINE_MOST, { { "auto", 0, "as many as fit" } } },
	{ KP_BYTES_LIMIT, 1, LLONG_MAX, { { "none", 0, "no limit" } } },
};

static const struct kind *kind_of(const struct kp_field *field)
{
	const struct kind *kind = kinds;

	while (kind->kind != field->kind)
		kind++;
	return kind;
}

#define for_each_word(i, kind)	\
	for (i = 0; i < ARRAY_SIZE((kind)->words) && (kind)->words[i].name; i++)

/* The limits of pools, and behind them those of sets. Begins with NULL, ends with NULL. */
static const struct kp_field *next_limit(const struct kp_field *field)
{
	bool of_set = field && kp_is_set_limit(field);

	for (field = field ? field + 1 : kp_pool_fields; ; field++) {
		if (!field->name && of_set)
			return NULL;
		if (!field->name) {
			of_set = true;
			field = kp_set_fields;
		}
		if (of_set ? kp_is_set_limit(field) : kp_is_limit(field))
			return field;
	}
}

#define for_each_limit(field)	\
	for (field = next_limit(NULL); field; field = next_limit(field))

/**
 * print_limits_help() - the limits, a line each, and what they can be
 * @to: where it is printed
 */
void print_limits_help(FILE *to)
{
	const struct kp_field *field;
	const struct kind *kind;
	char text[64];
	size_t i, len;

	for_each_limit(field) {
		kind = kind_of(field);
		len = snprintf(text, sizeof(text), "%s=N", field->name);
		for_each_word(i, kind)
			len += snprintf(text + len, sizeof(text) - len, "|%s", kind->words[i].name);
		fprintf(to, "  %-28s %s\n", text, field->what);
	}
	fputs("\nnone: no limit; nothing: keep no object idle; auto: as many as fit.\n"
	      "max_idle_bytes is a limit of sets of buffers, the others are of pools. Bytes may\n"
	      "have a unit: 64K, 64M, 64G.\n", to);
}

static const struct kp_field *find_limit(const char *name, size_t len)
{
	const struct kp_field *field;

	for_each_limit(field)
		if (strlen(field->name) == len && !memcmp(field->name, name, len))
			return field;
	return NULL;
}

/* All of them, for a person who gave none or a wrong one. */
const char *limit_names(void)
{
	static char names[160];
	const struct kp_field *field;
	size_t len = 0;

	for_each_limit(field)
		if (len < sizeof(names))
			len += snprintf(names + len, sizeof(names) - len, "%s%s", len ? " " : "",
					field->name);
	return names;
}

/* The factor of a unit of bytes; 0: there is no such unit. */
static __u64 unit_of(const char *text)
{
	static const char units[] = "KMGTP";
	const char *unit = *text ? strchr(units, *text) : NULL;

	if (!*text)
		return 1;
	return unit && !text[1] ? 1024ULL << 10 * (unit - units) : 0;
}

static bool read_number(__u64 *value, const char *text, const struct kind *kind)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long long number;
	__u64 unit = 1;

	if (kind->kind == KP_BYTES_LIMIT)
		unit = unit_of(text + digits);
	else if (text[digits])
		return false;
	errno = 0;
	number = strtoull(text, NULL, 10);
	*value = number * unit;
	return digits && !errno && unit && number <= kind->most / unit && *value >= kind->least;
}

static bool read_value(struct kp_limit *limit, const char *text)
{
	const struct kind *kind = kind_of(limit->field);
	char words[128] = "";
	size_t i, len = 0;

	for_each_word(i, kind) {
		if (!strcmp(text, kind->words[i].name)) {
			limit->value = kind->words[i].value;
			return true;
		}
		len += snprintf(words + len, sizeof(words) - len, ", or %s (%s)",
				kind->words[i].name, kind->words[i].what);
	}
	if (read_number(&limit->value, text, kind))
		return true;
	usage("%s takes a number from %llu to %llu%s, not '%s'", limit->field->name, kind->least,
	      kind->most, words, text);
	return false;
}

static bool is_given(const struct limits *limits, const struct kp_field *field)
{
	for (size_t i = 0; i < limits->n; i++)
		if (limits->limit[i].field == field)
			return true;
	return false;
}

/* LIMIT=VALUE. */
static bool read_limit(struct limits *limits, const char *word)
{
	size_t len = strcspn(word, "=");
	const struct kp_field *field = find_limit(word, len);
	bool of_set = field && kp_is_set_limit(field);

	if (!field) {
		usage("there is no limit '%.*s'; there are: %s", (int)len, word, limit_names());
		return false;
	}
	if (!word[len]) {
		usage("%s wants a value, as in %s=500", word, word);
		return false;
	}
	if (is_given(limits, field)) {
		usage("%s is given twice", field->name);
		return false;
	}
	if (limits->n && limits->of_set != of_set) {
		usage("%s is a limit of %s, %s is one of %s: give one of them",
		      limits->limit[0].field->name, limits->of_set ? "sets" : "pools",
		      field->name, of_set ? "sets" : "pools");
		return false;
	}
	limits->of_set = of_set;
	limits->limit[limits->n].field = field;
	return read_value(&limits->limit[limits->n++], word + len + 1);
}

/**
 * read_limits() - read words as LIMIT=VALUE
 * @limits: where they go
 * @argc: how many words
 * @argv: the words
 *
 * Return: false if a word is wrong, and a message said so.
 */
bool read_limits(struct limits *limits, int argc, char **argv)
{
	*limits = (struct limits){ .n = 0 };
	/* No limit is read twice, so there is room for all. */
	for (int i = 0; i < argc; i++)
		if (!read_limit(limits, argv[i]))
			return false;
	return true;
}

/* The word that kpool set takes for a value, or a number. */
static void print_value(FILE *to, const struct kp_field *field, __u64 value)
{
	const struct kind *kind = kind_of(field);
	size_t i;

	/* No limit yet is no limit. */
	if (field->kind == KP_LIMIT && value == KP_NONE)
		value = 0;
	for_each_word(i, kind)
		if (kind->words[i].value == value) {
			fputs(kind->words[i].name, to);
			return;
		}
	fprintf(to, "%llu", value);
}

/**
 * print_limits_of() - print the limits of a pool or a set as words that read_limits() takes
 * @to: where they go
 * @pool: the pool, or NULL
 * @set: the set, if there is no pool
 */
void print_limits_of(FILE *to, const struct kp_pool *pool, const struct kp_set *set)
{
	const struct kp_field *field;

	for_each_limit(field) {
		if (kp_is_set_limit(field) != !pool)
			continue;
		fprintf(to, " %s=", field->name);
		if (!pool)
			print_value(to, field, kp_number(field, set));
		else if (field->kind == KP_MAGAZINE)
			print_value(to, field, pool->magazine_asked);
		else
			print_value(to, field, kp_number(field, pool));
	}
}
