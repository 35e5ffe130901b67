// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process against the kernel. One thread reads a ring, one writes to it, and one asks for its
 * length and polls. Meanwhile one writes nonsense over the indices, some of it plausible.
 *
 *   race SIZE FLAGS SECONDS
 *
 * Fails if a read returns more than the ring can hold, or if the length is more than that.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <linux/kpool_mapped.h>

/* As in main.c. */
struct mapped_make {
	__u64 size;
	__u32 ring_flags;
	__u32 may_write;
	__u32 pooled;
	__u32 batch;
	__u32 max;
	__u32 unused;
};

#define MAPPED_MAKE	_IOW('k', 1, struct mapped_make)
#define MAPPED_LEN	_IO('k', 6)

#define PAGE		4096

static int fd;
static size_t size;
static struct kpool_ring_indices *ring;
static bool stopped;
static unsigned long reads, writes, looks, wrong;

static __u64 load(const __u64 *from)
{
	return __atomic_load_n(from, __ATOMIC_RELAXED);
}

static void store(__u64 *to, __u64 value)
{
	__atomic_store_n(to, value, __ATOMIC_RELAXED);
}

static bool is_stopped(void)
{
	return __atomic_load_n(&stopped, __ATOMIC_RELAXED);
}

static void stop(void)
{
	__atomic_store_n(&stopped, true, __ATOMIC_RELAXED);
}

static void *read_all(void *unused)
{
	size_t most = 4 * size;
	char *buf = malloc(most);
	ssize_t n;

	while (!is_stopped()) {
		n = read(fd, buf, most);
		reads += n > 0;
		if (n > (ssize_t)size) {
			wrong++;
			printf("a read of a ring of %zu bytes brought %zd\n", size, n);
			stop();
		}
	}
	free(buf);
	return unused;
}

static void *write_all(void *unused)
{
	char *buf = calloc(1, size);

	while (!is_stopped())
		writes += write(fd, buf, size) > 0;
	free(buf);
	return unused;
}

static void *look(void *unused)
{
	struct pollfd file = { .fd = fd, .events = POLLIN | POLLOUT };
	int len;

	while (!is_stopped()) {
		len = ioctl(fd, MAPPED_LEN);
		looks++;
		if (len < 0 || (size_t)len > size) {
			wrong++;
			printf("in a ring of %zu bytes there are %d\n", size, len);
			stop();
		}
		/* Not too often: the race is between the other threads. */
		poll(&file, 1, 0);
		usleep(1000);
	}
	return unused;
}

static __u64 random_number(void)
{
	static __u64 state = 88172645463325252;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void *scribble(void *unused)
{
	__u64 *words = (__u64 *)ring;
	__u64 near;

	while (!is_stopped()) {
		/* Mostly an index that the kernel may believe. */
		store(&ring->tail, load(&ring->head));
		if (random_number() % 8)
			continue;
		near = load(random_number() % 2 ? &ring->head : &ring->tail);
		near += random_number() % (3 * size) - size;
		store(&words[random_number() % 4 ? 8 * (random_number() % 2) :
						   random_number() % (PAGE / 8)], near);
	}
	return unused;
}

int main(int argc, char **argv)
{
	void *(*const work[])(void *) = { read_all, write_all, look, scribble };
	struct mapped_make make = { .may_write = 1, .pooled = 1 };
	pthread_t threads[4];
	unsigned int i;

	if (argc != 4)
		return 2;
	size = strtoul(argv[1], NULL, 0);
	make.size = size;
	make.ring_flags = strtoul(argv[2], NULL, 0);
	fd = open("/dev/kpool-mapped", O_RDWR);
	if (fd < 0 || ioctl(fd, MAPPED_MAKE, &make)) {
		perror("/dev/kpool-mapped");
		return 1;
	}
	ring = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (ring == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	for (i = 0; i < 4; i++)
		if (pthread_create(&threads[i], NULL, work[i], NULL))
			return 1;
	for (i = 0; i < 10 * strtoul(argv[3], NULL, 0) && !is_stopped(); i++)
		poll(NULL, 0, 100);
	stop();
	for (i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	printf("%lu reads, %lu writes, %lu looks, %lu of them wrong\n", reads, writes, looks,
	       wrong);
	/* Threads that did not get to their work have shown nothing. */
	return wrong || !reads || !writes || !looks;
}
