# SPDX-License-Identifier: GPL-2.0-only
#
# Each mutant of the models in tests/models leaves out one step of the protocol. Each mutant has an
# error.

load helpers
load models

@test "mutant: no barrier in the RULE" { killed core RULE_NO_MB "$lost"; }

@test "mutant: no barrier in the RULE, store buffers in order" {
	killed -t core RULE_NO_MB "$lost"
}

@test "mutant: no second look at the gate in open_cpu" { killed core OPEN_NO_RECHECK "$lost"; }

@test "mutant: no barrier in open_cpu" { killed core OPEN_NO_MB "$lost"; }

@test "mutant: a CPU is skipped because its count reads 0" { killed core SKIP_EMPTY "$lost"; }

@test "mutant: busy CPUs are not asked again" { killed core IGNORE_AGAIN "$lost"; }

@test "mutant: no barrier in the waiter" { killed core WAITER_NO_MB "$lost"; }

@test "mutant: a cache is closed in the middle of a hit" { killed core CLOSE_BUSY "$lost"; }

@test "mutant: who is served abandons the sweep" { killed line ABANDON_SWEEP "$broken"; }

@test "mutant: the sweep does not wait for the interrupts" { killed core NO_COMPLETION "$lost"; }

@test "mutant: again is not cleared" { killed ends AGAIN_FOR_EVER 'acceptance cycle'; }

@test "mutant: no kick after the sweep" { killed core NO_KICK_AFTER_SWEEP "$lost"; }

@test "mutant: no kick by who joins a closed gate" { killed bulk NO_KICK_BY_JOINER "$lost"; }

@test "mutant: a get overtakes the line" { killed line BARGE "$broken"; }

@test "mutant: a waiter joins at the head" { killed line JOIN_AT_HEAD "$broken"; }

@test "mutant: reopened while somebody waits" { killed line REOPEN_IN_LINE "$lost|$broken"; }

@test "mutant: reopened while a sweep runs" { killed line REOPEN_IN_SWEEP "$broken"; }

@test "mutant: wait_lock is no release" { killed line UNLOCK_RELAXED "$broken"; }

@test "mutant: handed to a waiter who stays in the line" {
	killed timeout HAND_NO_UNLINK "$broken"
}

@test "mutant: a waiter leaves without the lock" { killed timeout LEAVE_UNLOCKED "$broken"; }

@test "mutant: who gave up drops what it was handed" {
	killed timeout TIMEOUT_DROPS "$lost|$broken"
}

@test "mutant: a partial bulk goes back without a kick" { killed partial PARTIAL_NO_KICK "$lost"; }

@test "mutant: a bulk get joins with objects in its hands" { killed bulk BULK_HOARDS "$lost"; }

@test "mutant: a slot is given up without the RULE" { killed slots SLOT_NO_RULE "$lost"; }

@test "mutant: a slot is reserved without the lock" { killed slots SLOT_UNLOCKED "$broken"; }

@test "mutant: a spare is taken without xchg" { killed spares SPARE_NO_XCHG "$broken"; }

@test "mutant: no RULE after a full spare went to the depot" {
	killed hotplug SWAP_NO_RULE "$lost"
}

@test "mutant: no RULE after a CPU's death" { killed hotplug DEAD_NO_RULE "$lost"; }

@test "mutant: a cache is opened before its CPU is online" { killed hotplug OPEN_OFFLINE "$lost"; }

@test "mutant: the part of a waiter behind the first one stays there" {
	killed back BACK_NO_PART "$lost"
}

@test "mutant: the former first waiter keeps its slots" { killed back BACK_NO_DROP "$broken"; }

@test "mutant: nobody goes on after a batch" { killed chain NO_GO_ON "$lost"; }

@test "mutant: a put completes the waiter that was to go on" {
	killed chain-big PUT_FINISHES "$lost"
}

@test "mutant: who comes back does not close the gate again" {
	killed back BACK_NO_CLOSE "$lost"
}

@test "mutant: a waiter joins without a look at the pool's state" {
	killed shut JOIN_NO_STATE "$lost"
}

@test "mutant: caches stay open when the gate is shut" { killed shut SHUT_NO_CLOSE "$broken"; }

@test "mutant: the RULE does not know of a shut gate" {
	killed shut RULE_IGNORES_SHUT "$broken"
}

@test "mutant: a waiter sweeps while destroy does" { killed shut SWEEPS_AT_ONCE "$broken"; }

@test "mutant: no look at the gate after a put from NMI" { killed nmi NMI_NO_RULE "$lost"; }

@test "mutant: no barrier before that look" { killed nmi NMI_NO_MB "$lost"; }

@test "mutant: the irq_work does not kick" { killed nmi WORK_NO_KICK "$lost"; }

@test "mutant: claim without its write barrier" { killed overwrite CLAIM_NO_WMB "$broken"; }

@test "mutant: bytes are written before they are claimed" {
	killed overwrite CLAIM_AFTER "$broken"
}

@test "mutant: claim goes back to what was committed" {
	killed overwrite CLAIM_GOES_BACK "$broken"
}

@test "mutant: bytes go by without a claim" { killed overwrite GO_BY_UNCLAIMED "$broken"; }

@test "mutant: spoilt without its read barrier" { killed overwrite SPOILT_NO_RMB "$broken"; }

@test "mutant: what is spoilt is told by head" { killed overwrite SPOILT_BY_HEAD "$broken"; }

@test "mutant: head without a release" {
	killed overwrite WROTE_RELAXED "$broken"
	killed refuse WROTE_RELAXED "$broken"
}

@test "mutant: head without an acquire" {
	killed overwrite LOOK_RELAXED "$broken"
	killed refuse LOOK_RELAXED "$broken"
}

@test "mutant: tail without a release" { killed refuse TOOK_RELAXED "$broken"; }

@test "mutant: room without a look at tail" { killed refuse ROOM_IS_GUESSED "$broken"; }

@test "mutant: wrote without its barrier" {
	killed told WROTE_NO_MB "$lost"
	killed -t told WROTE_NO_MB "$lost"
}

@test "mutant: a look without its barrier" { killed told LOOK_NO_MB "$lost"; }

@test "mutant: a look before who looks is in the queue" { killed told LOOK_BEFORE_QUEUE "$lost"; }

@test "mutant: told is set behind the wake-up" { killed told TELL_AFTERWARDS "$lost"; }

@test "mutant: the irq_work looks at the ring before told" { killed told WAKE_TOLD_LAST "$lost"; }

@test "mutant: the irq_work wakes one reader of several" { killed dies WAKE_ONE "$lost"; }

@test "mutant: the irq_work does not look at told" { killed told WAKE_ONLY_READABLE "$lost"; }

@test "mutant: the irq_work does not look at the ring" { killed told WAKE_ONLY_TOLD "$lost"; }

@test "mutant: a write of less than a batch starts no delay" {
	killed due WROTE_NO_DELAY "$lost"
}

@test "mutant: the irq_work starts no delay" { killed due WAKE_NO_DELAY "$lost"; }

@test "mutant: a look at what is left starts no delay" { killed due LOOK_NO_DELAY "$lost"; }

@test "mutant: the end wakes those alone who were not told" {
	killed hangup END_BY_TELL "$lost"
}
