// SPDX-License-Identifier: GPL-2.0-only
/*
 * Chunked bodies (RFC 9112, section 7.1). As strict as the parser of heads.
 */
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "http.h"

/* A digit of a chunk's size. Eight of them do for any chunk, and do not overflow. */
static int add_size_digit(struct http_chunks *chunks, char c)
{
	if (!isxdigit(c))
		return -EPROTO;
	if (++chunks->digits > 8)
		return -EFBIG;
	chunks->left = chunks->left * 16 + (isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);
	return 0;
}

/* What may follow the digits of a size: blanks, then an extension or the end of the line. */
static bool ends_size(char c)
{
	return c == ' ' || c == '\t' || c == ';' || c == '\r';
}

/* Two servers could read "5 5" in two ways. So behind a blank no digit may follow. */
static enum http_chunk_state after_size(char c)
{
	if (c == '\r')
		return CHUNK_SIZE_LF;
	return c == ';' ? CHUNK_EXTENSION : CHUNK_BLANK;
}

/* As in heads, control characters are refused. */
static bool is_text(char c)
{
	return c == '\t' || !iscntrl(c);
}

/* One byte that is no data. */
static int read_chunk_byte(struct http_chunks *chunks, char c)
{
	static const enum http_chunk_state after_lf[] = {
		[CHUNK_DATA_LF]		= CHUNK_SIZE,
		[CHUNK_TRAILER_LF]	= CHUNK_TRAILER,
		[CHUNK_LAST_LF]		= CHUNK_END,
	};

	if (++chunks->extra > HTTP_MAX_EXTRA)
		return -EPROTO;
	switch (chunks->state) {
	case CHUNK_SIZE:
		if (!chunks->digits || !ends_size(c))
			return add_size_digit(chunks, c);
		chunks->state = after_size(c);
		return 0;
	case CHUNK_BLANK:
		if (!ends_size(c))
			return -EPROTO;
		chunks->state = after_size(c);
		return 0;
	case CHUNK_EXTENSION:
		if (c == '\r')
			chunks->state = CHUNK_SIZE_LF;
		return c == '\r' || is_text(c) ? 0 : -EPROTO;
	case CHUNK_SIZE_LF:
		chunks->digits = 0;
		chunks->state = chunks->left ? CHUNK_DATA : CHUNK_TRAILER;
		return c == '\n' ? 0 : -EPROTO;
	case CHUNK_DATA_CR:
		chunks->state = CHUNK_DATA_LF;
		return c == '\r' ? 0 : -EPROTO;
	case CHUNK_TRAILER:
		chunks->state = c == '\r' ? CHUNK_LAST_LF : CHUNK_TRAILER_LINE;
		return c == '\r' || is_text(c) ? 0 : -EPROTO;
	case CHUNK_TRAILER_LINE:
		if (c == '\r')
			chunks->state = CHUNK_TRAILER_LF;
		return c == '\r' || is_text(c) ? 0 : -EPROTO;
	case CHUNK_DATA_LF:
	case CHUNK_TRAILER_LF:
	case CHUNK_LAST_LF:
		chunks->state = after_lf[chunks->state];
		return c == '\n' ? 0 : -EPROTO;
	case CHUNK_DATA:
	case CHUNK_END:
		break;
	}
	return -EPROTO;
}

/**
 * http_pass_data() - go on behind data of a chunk
 * @chunks: how far the body was read, in CHUNK_DATA
 * @len: bytes of data, at most @chunks->left
 */
void http_pass_data(struct http_chunks *chunks, unsigned int len)
{
	chunks->left -= len;
	chunks->extra = 0;
	if (!chunks->left)
		chunks->state = CHUNK_DATA_CR;
}

/**
 * http_decode_chunks() - take the data out of what came of a chunked body
 * @chunks: how far it was read; CHUNK_END when this has seen its end
 * @text: what came; its data are moved to the beginning
 * @len: bytes of @text
 * @used: how many of them belong to the body
 *
 * Trailers are dropped.
 *
 * Return: bytes of data; -EPROTO if this is no chunked body, -EFBIG if a chunk is huge.
 */
int http_decode_chunks(struct http_chunks *chunks, char *text, unsigned int len,
		       unsigned int *used)
{
	unsigned int data = 0;
	unsigned int i = 0;
	int err;

	while (i < len && chunks->state != CHUNK_END) {
		if (chunks->state == CHUNK_DATA) {
			unsigned int n = min(len - i, chunks->left);

			memmove(text + data, text + i, n);
			data += n;
			i += n;
			http_pass_data(chunks, n);
		} else {
			err = read_chunk_byte(chunks, text[i++]);
			if (err)
				return err;
		}
	}
	*used = i;
	return data;
}
