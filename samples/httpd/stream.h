/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A body on its way from a producer to a consumer, who are at work at the same time. Knows
 * neither.
 */
#ifndef _HTTPD_STREAM_H
#define _HTTPD_STREAM_H

#include <linux/types.h>

struct delayed_work;
struct kpool_ring;

/**
 * struct stream - a body on its way through a ring
 * @ring: the ring; NULL while there is none
 * @consumer: takes out of it, and is queued when there is something to be taken
 * @hungry: it found the ring empty. Set by the consumer; cleared by the producer, which
 *	queues @consumer then.
 * @abandoned: the consumer takes no more. Set by the consumer, and never cleared.
 */
struct stream {
	struct kpool_ring *ring;
	struct delayed_work *consumer;
	bool hungry;
	bool abandoned;
};

int stream_pool_open(void);
void stream_pool_close(void);
int stream_begin(struct stream *stream);
void stream_end(struct stream *stream);

/* the producer's side */
void *stream_place(struct stream *stream, size_t *n);
void stream_came(struct stream *stream, size_t n);

/* the consumer's side */
const void *stream_piece(struct stream *stream, size_t *n);
void stream_took(struct stream *stream, size_t n);
bool stream_has_room(const struct stream *stream);

#endif
