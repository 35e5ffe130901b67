// SPDX-License-Identifier: GPL-2.0-only
/* The code of the trace events in base/trace.h. */
#define CREATE_TRACE_POINTS
#include "base/trace.h"

/* The names of the figures that count these teardowns. */
const char * const kp_cause_names[KP_CAUSES] = {
	[KP_NO_CAUSE] = "none",
	[KP_MAX_IDLE] = "over_max_idle",
	[KP_OVER_MAX] = "over_max",
	[KP_OVERFLOW] = "overflow_ended",
	[KP_NO_MAGAZINE] = "no_magazine",
	[KP_BYPASS] = "bypass_ended",
	[KP_UNDONE] = "undone",
	[KP_SAMPLED] = "sampled",
	[KP_TRIM] = "trimmed",
	[KP_PRESSURE] = "reclaimed",
	[KP_SHUTDOWN] = "shut_down",
	[KP_IDLE_AGE] = "idle_expired",
	[KP_LIFETIME] = "lifetime_expired",
	[KP_UNHEALTHY] = "unhealthy",
	[KP_DISCARDED] = "discarded",
};
