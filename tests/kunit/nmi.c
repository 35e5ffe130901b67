// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cpumask.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/smp.h>

#include "nmi.h"

#ifdef CONFIG_X86_LOCAL_APIC
#include <asm/apic.h>
#include <asm/nmi.h>

static struct {
	int cpu;		/* the CPU whose NMIs call us; -1: none */
	void (*call)(void *arg);
	void *arg;
} caught = { .cpu = -1 };

/* Two NMIs may arrive as one, and one may arrive while another is handled. So claim all of them. */
static int handle_nmi(unsigned int type, struct pt_regs *regs)
{
	if (raw_smp_processor_id() != smp_load_acquire(&caught.cpu))	/* see nmi_catch() */
		return NMI_DONE;
	caught.call(caught.arg);
	return NMI_HANDLED;
}

int nmi_take(void)
{
	return register_nmi_handler(NMI_LOCAL, handle_nmi, 0, "kpool_kunit");
}

void nmi_release(void)
{
	unregister_nmi_handler(NMI_LOCAL, "kpool_kunit");
}

/* From now on an NMI on that CPU calls @call. With CPU -1 no NMI does. */
void nmi_catch(int cpu, void (*call)(void *arg), void *arg)
{
	WRITE_ONCE(caught.cpu, -1);
	caught.call = call;
	caught.arg = arg;
	smp_store_release(&caught.cpu, cpu);	/* pairs with handle_nmi() */
}

void nmi_to(int cpu)
{
	apic->send_IPI_mask(cpumask_of(cpu), NMI_VECTOR);
}

static void note_arrival(void *arrived)
{
	WRITE_ONCE(*(bool *)arrived, true);
}

/* Does an NMI that a CPU sends itself arrive within a second? */
bool nmi_works(void)
{
	unsigned long end = jiffies + HZ;
	bool arrived = false;
	int cpu = get_cpu();

	nmi_catch(cpu, note_arrival, &arrived);
	nmi_to(cpu);
	while (!READ_ONCE(arrived) && time_before(jiffies, end))
		cpu_relax();
	nmi_catch(-1, NULL, NULL);
	put_cpu();
	return arrived;
}
#endif
