// SPDX-License-Identifier: GPL-2.0-only
/* Values as a person reads them. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tool.h"

static const char * const states[] = {
	[KPOOL_STATE_LIVE] = "live",
	[KPOOL_STATE_DYING] = "dying",
	[KPOOL_STATE_DETACHED] = "detached",
};

static const char * const backings[] = {
	[KPOOL_BACKING_SLAB] = "slab",
	[KPOOL_BACKING_PAGES] = "pages",
	[KPOOL_BACKING_VMALLOC] = "vmalloc",
	[KPOOL_BACKING_KVMALLOC] = "kvmalloc",
	[KPOOL_BACKING_PROVIDER] = "provider",
};

static const char * const zones[] = {
	[KPOOL_ZONE_ANY] = "any",
	[KPOOL_ZONE_DMA] = "dma",
	[KPOOL_ZONE_DMA32] = "dma32",
};

/* By the number of the bit. */
static const char * const flags[] = {
	"zero_on_put", "bypass", "own_cache", "vmalloc", "sleeping", "anyctx", "on_node",
	"build_in_worker", "overflow", "rcu", "kvmalloc", "debug", "account",
	"account_getter", "numa_strict", "huge_pages",
};

/* A newer kernel may have values that we have no name for. */
static const char *name_of(const char * const *names, size_t n, __u64 value)
{
	return value < n ? names[value] : "unknown";
}

/**
 * state_name() - the name of a pool's state
 * @state: of enum kpool_state
 */
const char *state_name(__u64 state)
{
	return name_of(states, ARRAY_SIZE(states), state);
}

/**
 * enum_name() - the name of a value
 * @kind: KP_STATE, KP_BACKING or KP_ZONE
 * @value: the value
 */
const char *enum_name(enum kp_kind kind, __u64 value)
{
	switch (kind) {
	case KP_BACKING:
		return name_of(backings, ARRAY_SIZE(backings), value);
	case KP_ZONE:
		return name_of(zones, ARRAY_SIZE(zones), value);
	default:
		return state_name(value);
	}
}

/**
 * flag_name() - the name of a flag of a pool
 * @text: room for FLAG_LEN characters
 * @bit: number of the bit, below 64
 */
void flag_name(char *text, unsigned int bit)
{
	if (bit < ARRAY_SIZE(flags))
		snprintf(text, FLAG_LEN, "%s", flags[bit]);
	else
		snprintf(text, FLAG_LEN, "bit%u", bit);
}

/**
 * now_ms() - milliseconds of the clock that pools' times are of
 */
__u64 now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

/**
 * bytes_text() - a number of bytes with its unit, 1024 of one in the next
 * @text: room for CELL_LEN characters
 * @bytes: the number
 * @raw: without unit
 */
void bytes_text(char *text, __u64 bytes, bool raw)
{
	static const char units[] = "KMGTPE";
	unsigned int unit = 0;
	__u64 tenths;

	if (raw || bytes < 1024) {
		snprintf(text, CELL_LEN, "%llu", bytes);
		return;
	}
	/* Until a tenth is rounded to what a person has an eye for. */
	while (bytes >= 1024 * 1024 - 1024 / 20 && units[unit + 1]) {
		bytes /= 1024;
		unit++;
	}
	tenths = (bytes / 1024) * 10 + ((bytes % 1024) * 10 + 512) / 1024;
	if (tenths % 10)
		snprintf(text, CELL_LEN, "%llu.%llu%c", tenths / 10, tenths % 10,
			 units[unit]);
	else
		snprintf(text, CELL_LEN, "%llu%c", tenths / 10, units[unit]);
}

/**
 * capacity_text() - a number of bytes with a unit, if it is a whole number of that
 * @text: room for CELL_LEN characters
 * @bytes: the number
 * @raw: without unit
 */
void capacity_text(char *text, __u64 bytes, bool raw)
{
	__u64 unit = 1;

	while (bytes / unit >= 1024)
		unit *= 1024;
	bytes_text(text, bytes, raw || bytes % unit);
}

/**
 * count_text() - a number in a few digits, with a unit of thousands if it is large
 * @text: room for CELL_LEN characters
 * @number: the number
 * @fraction: a small one has a digit after the point
 */
void count_text(char *text, double number, bool fraction)
{
	static const char units[] = "kMGTPE";
	int unit = -1;

	while (number >= 99999.5 || (unit >= 0 && number >= 999.5 && units[unit + 1])) {
		number /= 1000;
		unit++;
	}
	if (unit >= 0)
		snprintf(text, CELL_LEN, "%.*f%c", number < 99.95, number, units[unit]);
	else
		snprintf(text, CELL_LEN, "%.*f", fraction && number && number < 99.95, number);
}

/**
 * duration_text() - a time with the unit that suits it
 * @text: room for CELL_LEN characters
 * @ns: nanoseconds
 */
void duration_text(char *text, double ns)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = {
		{ "d", 86400e9 }, { "h", 3600e9 }, { "min", 60e9 }, { "s", 1e9 }, { "ms", 1e6 },
		{ "us", 1e3 }, { "ns", 1 },
	};
	size_t i = 0;
	double number;

	/* What a tenth rounds up to a unit has that unit. */
	while (i + 1 < ARRAY_SIZE(units) && ns < units[i].ns * 0.9995)
		i++;
	number = ns / units[i].ns;
	if (number < 0.5 && i + 1 == ARRAY_SIZE(units))
		snprintf(text, CELL_LEN, "0");
	else
		snprintf(text, CELL_LEN, "%.*f%s", number < 99.95 && i + 1 < ARRAY_SIZE(units),
			 number, units[i].name);
}

static void below_text(char *text, __u64 ns)
{
	if (ns == ~0ULL)
		snprintf(text, CELL_LEN, "any time");
	else if (ns < 1000000)
		snprintf(text, CELL_LEN, "%llu us", ns / 1000);
	else if (ns < 1000000000)
		snprintf(text, CELL_LEN, "%llu ms", ns / 1000000);
	else
		snprintf(text, CELL_LEN, "%llu s", ns / 1000000000);
}

/* The two largest units of a time. */
static void since_text(char *text, __u64 then)
{
	__u64 now = now_ms(), ms = now > then ? now - then : 0, s = ms / 1000;

	if (s < 60)
		snprintf(text, CELL_LEN, "%llu.%llu s ago", s, ms % 1000 / 100);
	else if (s < 3600)
		snprintf(text, CELL_LEN, "%llu min %llu s ago", s / 60, s % 60);
	else if (s < 86400)
		snprintf(text, CELL_LEN, "%llu h %llu min ago", s / 3600,
			 s % 3600 / 60);
	else
		snprintf(text, CELL_LEN, "%llu d %llu h ago", s / 86400,
			 s % 86400 / 3600);
}

/**
 * held_text() - for how long something lasts, with the unit that suits it
 * @text: room for CELL_LEN characters
 * @ms: milliseconds
 * @raw: without unit
 */
void held_text(char *text, __u64 ms, bool raw)
{
	if (raw)
		snprintf(text, CELL_LEN, "%llu", ms);
	else
		duration_text(text, (double)ms * 1e6);
}

/* Small ones with a fraction. */
static void rate_text(char *text, __u64 thousandths, bool raw)
{
	double rate = (double)thousandths / 1000;

	snprintf(text, CELL_LEN, "%.*f", raw ? 3 : !thousandths || rate >= 100 ? 0 : 1, rate);
}

static void flags_text(char *text, __u64 value)
{
	char name[FLAG_LEN];
	size_t len = 0;

	*text = '\0';
	for (unsigned int bit = 0; bit < 64; bit++)
		if (value >> bit & 1 && len < CELL_LEN) {
			flag_name(name, bit);
			len += snprintf(text + len, CELL_LEN - len, "%s%s", len ? "," : "", name);
		}
}

/**
 * text_of() - a field's value for a table
 * @text: room for CELL_LEN characters
 * @field: the field
 * @item: what has it
 * @o: whether numbers have units
 */
void text_of(char *text, const struct kp_field *field, const void *item, const struct options *o)
{
	__u64 number = field->kind == KP_TEXT ? 0 : kp_number(field, item);

	*text = '\0';
	switch (field->kind) {
	case KP_TEXT:
		snprintf(text, CELL_LEN, "%s", kp_text(field, item));
		return;
	case KP_RANGE:
		if (!number)
			return;
		__attribute__((fallthrough));
	case KP_BYTES:
	case KP_BYTES_COUNTER:
		bytes_text(text, number, o->raw);
		return;
	case KP_BYTES_LIMIT:
		if (number || o->raw)
			bytes_text(text, number, o->raw);
		else
			snprintf(text, CELL_LEN, "no limit");
		return;
	case KP_UP_TO:
		if (!number) {
			snprintf(text, CELL_LEN, "more");
			return;
		}
		__attribute__((fallthrough));
	case KP_CAPACITY:
		capacity_text(text, number, o->raw);
		return;
	case KP_SHARE:
		snprintf(text, CELL_LEN, "%llu.%llu%s", number / 10, number % 10,
			 o->raw ? "" : "%");
		return;
	case KP_SET:
		if (number)
			snprintf(text, CELL_LEN, SET_PREFIX "%llu", number);
		return;
	case KP_FAULT:
	case KP_ONE_IN:
		if (number)
			snprintf(text, CELL_LEN, "1/%llu", number);
		return;
	case KP_NUMBER:
		if (!number)
			return;
		break;
	case KP_YES:
		snprintf(text, CELL_LEN, "%s", number ? "yes" : "no");
		return;
	case KP_STATE:
	case KP_BACKING:
	case KP_ZONE:
		snprintf(text, CELL_LEN, "%s", enum_name(field->kind, number));
		return;
	case KP_FLAGS:
		flags_text(text, number);
		return;
	case KP_NODE:
		if (number == KP_NONE)
			snprintf(text, CELL_LEN, "any");
		else
			snprintf(text, CELL_LEN, "%llu", number);
		return;
	case KP_SINCE:
		if (number && !o->raw) {
			since_text(text, number);
			return;
		}
		if (!number)
			return;
		break;
	case KP_LIMIT:
	case KP_MAX_IDLE:
		if (!o->raw && (!number || number == KP_NONE)) {
			snprintf(text, CELL_LEN, "%s", number && field->kind == KP_MAX_IDLE ?
				 "nothing" : "no limit");
			return;
		}
		break;
	case KP_COUNTER:
		if (o->per_second) {
			rate_text(text, number, o->raw);
			return;
		}
		break;
	case KP_BELOW_NS:
		if (!o->raw) {
			below_text(text, number);
			return;
		}
		break;
	case KP_LEVEL:
	case KP_FLOOR:
	case KP_MAGAZINE:
		break;
	}
	snprintf(text, CELL_LEN, "%llu", number);
}
