// SPDX-License-Identifier: GPL-2.0-only
/* kpool set: other limits for a pool that is in use. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

#define LIMITS_MAX	8
#define MAGAZINE_MOST	4096	/* as the kernel has it */

/*
 * What a person may give for a limit. What is 0 for the kernel would mean the opposite to a
 * person, no limit, so there is a word for it, and 0 itself is refused.
 */
static const struct kind {
	enum kp_kind kind;
	__u32 least;
	__u32 most;
	struct {
		const char *name;
		__u32 value;
		const char *what;
	} words[2];
} kinds[] = {
	{ KP_LIMIT, 1, INT_MAX, { { "none", 0, "no limit" } } },
	{ KP_MAX_IDLE, 1, INT_MAX,
	  { { "none", 0, "no limit" }, { "nothing", KP_NONE, "keep no object idle" } } },
	{ KP_FLOOR, 0, INT_MAX, { { NULL } } },
	{ KP_MAGAZINE, 1, MAGAZINE_MOST, { { "auto", 0, "as many as fit" } } },
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

	for (field = kp_pool_fields; field->name; field++) {
		if (!kp_is_limit(field))
			continue;
		kind = kind_of(field);
		len = snprintf(text, sizeof(text), "%s=N", field->name);
		for_each_word(i, kind)
			len += snprintf(text + len, sizeof(text) - len, "|%s", kind->words[i].name);
		fprintf(to, "  %-28s %s\n", text, field->what);
	}
	fputs("\nnone: no limit; nothing: keep no object idle; auto: as many as fit.\n", to);
}

static const struct kp_field *find_limit(const char *name, size_t len)
{
	const struct kp_field *field = kp_pool_fields;

	while (field->name && !(kp_is_limit(field) && strlen(field->name) == len &&
				!memcmp(field->name, name, len)))
		field++;
	return field->name ? field : NULL;
}

/* All of them, for who gave none or a wrong one. */
static const char *limit_names(void)
{
	static char names[128];
	const struct kp_field *field;
	size_t len = 0;

	for (field = kp_pool_fields; field->name && len < sizeof(names); field++)
		if (kp_is_limit(field))
			len += snprintf(names + len, sizeof(names) - len, "%s%s", len ? " " : "",
					field->name);
	return names;
}

static bool read_number(__u32 *value, const char *text, const struct kind *kind)
{
	unsigned long long number;
	char *end;

	if (!*text || strspn(text, "0123456789") != strlen(text))
		return false;
	errno = 0;
	number = strtoull(text, &end, 10);
	*value = (__u32)number;
	return !errno && !*end && number >= kind->least && number <= kind->most;
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
	usage("%s takes a number from %u to %u%s, not '%s'", limit->field->name, kind->least,
	      kind->most, words, text);
	return false;
}

/* LIMIT=VALUE; n limits were read before it. */
static bool read_limit(struct kp_limit *limits, size_t n, const char *word)
{
	size_t len = strcspn(word, "=");
	const struct kp_field *field = find_limit(word, len);

	if (!field) {
		usage("there is no limit '%.*s'; there are: %s", (int)len, word, limit_names());
		return false;
	}
	if (!word[len]) {
		usage("%s wants a value, as in %s=500", word, word);
		return false;
	}
	for (size_t i = 0; i < n; i++)
		if (limits[i].field == field) {
			usage("%s is given twice", field->name);
			return false;
		}
	limits[n].field = field;
	return read_value(&limits[n], word + len + 1);
}

static enum exit_status change(struct kp *kp, const char *arg, const struct kp_limit *limits,
			       size_t n)
{
	struct kp_which which = { 0 };
	struct kp_pool pool;

	if (find_pool(kp, arg, &pool))
		return EXIT_REFUSED;
	which.id = (__u32)pool.id;
	if (kp_set(kp, &which, limits, n))
		return refused("set %s: %s", arg, kp_message(kp));
	return EXIT_DONE;
}

enum exit_status cmd_set(const struct options *o, int argc, char **argv)
{
	struct kp_limit limits[LIMITS_MAX];
	enum exit_status status;
	struct kp *kp;
	size_t n;

	(void)o;
	if (!argc)
		return usage("set what? Give a pool and its limits, as in: kpool set POOL max=500");
	if (argc == 1)
		return usage("set %s to what? Give limits, as in max=500; there are: %s", argv[0],
			     limit_names());
	/* None is read twice, so there is room for all. */
	for (n = 0; n < (size_t)argc - 1; n++)
		if (!read_limit(limits, n, argv[n + 1]))
			return EXIT_USAGE;
	kp = connect_kernel();
	if (!kp)
		return EXIT_REFUSED;
	status = change(kp, argv[0], limits, n);
	kp_close(kp);
	return status;
}
