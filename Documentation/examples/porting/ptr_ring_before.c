// SPDX-License-Identifier: GPL-2.0-only
/* A ptr_ring that keeps spare frames. If the ring is empty or full, kmalloc() and kfree() help. */
#include <linux/module.h>
#include <linux/ptr_ring.h>
#include <linux/slab.h>

struct frame {
	u32 len;
	u8 bytes[1532];
};

static struct ptr_ring spares;

static struct frame *frame_get(void)
{
	struct frame *frame = ptr_ring_consume_any(&spares);

	return frame ?: kmalloc(sizeof(*frame), GFP_ATOMIC);
}

static void frame_put(struct frame *frame)
{
	if (ptr_ring_produce_any(&spares, frame))
		kfree(frame);
}

static int frames_create(void)
{
	return ptr_ring_init(&spares, 256, GFP_KERNEL);
}

static void frames_destroy(void)
{
	ptr_ring_cleanup(&spares, (void (*)(void *))kfree);
}

/* The module uses the above once. */
static int __init example_init(void)
{
	struct frame *frame;
	int err = frames_create();

	if (err)
		return err;
	frame = frame_get();
	if (frame)
		frame_put(frame);
	return 0;
}
module_init(example_init);

static void __exit example_exit(void)
{
	frames_destroy();
}
module_exit(example_exit);

MODULE_DESCRIPTION("Spare frames in a ptr_ring");
MODULE_LICENSE("GPL");
