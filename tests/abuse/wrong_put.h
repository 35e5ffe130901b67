/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_ABUSE_WRONG_PUT_H
#define _KPOOL_ABUSE_WRONG_PUT_H

int put_wrongly(void);
int leave_in_doubt(void);
int use_after_put(void);
int rely_on_contents(void);
int make_mistakes(void);
int call_wrongly(void);
int get_under_a_spinlock(void);
int begin_steps(void);
void end_steps(void);

#endif /* _KPOOL_ABUSE_WRONG_PUT_H */
