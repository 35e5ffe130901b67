// SPDX-License-Identifier: GPL-2.0-only
/* How fast counters grow between two readings. */
#include "tool.h"

/**
 * seconds_between() - the time between two moments
 * @then: the first
 * @now: the second
 */
double seconds_between(const struct timespec *then, const struct timespec *now)
{
	return (double)(now->tv_sec - then->tv_sec) + (double)(now->tv_nsec - then->tv_nsec) / 1e9;
}

/**
 * rate_between() - how fast a counter grew
 * @now: what it is
 * @then: what it was
 * @seconds: the time between
 *
 * Return: thousandths a second.
 */
__u64 rate_between(__u64 now, __u64 then, double seconds)
{
	if (now <= then || seconds <= 0)
		return 0;
	return (__u64)((double)(now - then) * 1000 / seconds + 0.5);
}

/* Whether the field is a rate in a table of rates. */
bool is_counter(const struct kp_field *field)
{
	return field->kind == KP_COUNTER || field->kind == KP_BYTES_COUNTER;
}

/**
 * make_rates() - turn the counters of an item into rates, in thousandths a second
 * @field: the fields of the item
 * @now: the item
 * @then: the same item of an older reading; NULL: it began at 0 since
 * @seconds: the time between the readings
 */
void make_rates(const struct kp_field *field, void *now, const void *then, double seconds)
{
	__u64 *number;

	for (; field->name; field++) {
		if (!is_counter(field))
			continue;
		number = (__u64 *)((char *)now + field->offset);
		*number = rate_between(*number, then ? kp_number(field, then) : 0, seconds);
	}
}
