// SPDX-License-Identifier: GPL-2.0-only
/// Moves users of mempool and of kmem_cache to kpool.
///
/// A pool changes as a whole or not at all: first all its uses are collected, in all files of the
/// command line. A use that no rule below understands leaves the pool as it is, and a message says
/// why. So give all files of a module at once, with the headers that have its structs:
///
///   spatch --sp-file kpool.cocci -D report FILE...               the messages only
///   spatch --sp-file kpool.cocci -D patch --in-place FILE...     messages on stderr
///
/// Documentation/porting.rst says what the rules change, and what they leave.
//
// Confidence: Moderate. Read the messages, and what changed.
// Options: --no-includes --include-headers --max-width 100

virtual patch
virtual report

@initialize:python@
@@
import os
import re
import sys

MEMPOOL, CACHE = 'mempool', 'kmem_cache'

# Gets take these flags. The first ones may sleep, and a mempool then waits for an element.
SLEEPING = {'GFP_KERNEL', 'GFP_NOIO', 'GFP_NOFS'}
ATOMIC = {'GFP_ATOMIC', 'GFP_NOWAIT'}
WORDS = {'__GFP_NOWARN', '__GFP_NORETRY', '__GFP_NOMEMALLOC', '__GFP_HIGH', '__GFP_MEMALLOC',
         '__GFP_RETRY_MAYFAIL'}

# What a cache may ask for. The pool keeps the alignment. The rest is a matter of slabs.
ALIGNING = {'SLAB_HWCACHE_ALIGN'}
DROPPED = {'SLAB_RECLAIM_ACCOUNT', 'SLAB_MEM_SPREAD', 'SLAB_TEMPORARY', 'SLAB_NO_MERGE',
           'SLAB_CONSISTENCY_CHECKS', 'SLAB_RED_ZONE', 'SLAB_POISON', 'SLAB_STORE_USER'}
HARMLESS = {'sizeof', 'offsetof', 'struct_size', 'ALIGN', 'round_up', 'roundup'}
WHY_FLAG = {
    'SLAB_TYPESAFE_BY_RCU': 'readers may hold an object that is reused meanwhile, and kpool frees '
                            'idle objects',
    'SLAB_ACCOUNT': 'choose who pays: KPOOL_ACCOUNT or KPOOL_ACCOUNT_GETTER',
    'SLAB_PANIC': 'kpool_create() returns an error and does not panic',
    'SLAB_CACHE_DMA': 'set .zone = GFP_DMA',
    'SLAB_CACHE_DMA32': 'set .zone = GFP_DMA32',
}


class Pool:
    """What is known of all pools with one name: a variable, or a member of structs."""

    def __init__(self, kind, name):
        self.kind, self.name = kind, name
        self.where = None       # the creation
        self.used = None        # the first use
        self.files = set()      # with a use or a declaration
        self.refused = []       # (place, why)
        self.notes = []         # what somebody has to look at
        self.declared = False
        self.member = False     # of a struct: there may be several
        self.label = None       # the name of the cache, as C text
        self.gets = 0
        self.backend = None     # the name of the cache that a mempool takes its elements from
        self.mempools = set()   # of a cache: the mempools on top of it
        self.geometry = None    # of a cache: size, align, flags as C text
        self.ctor = None
        self.zeroes = None      # where kmem_cache_zalloc() is
        self.friends = set()    # pools that are assigned to this one

    def refuse(self, place, why):
        if (place, why) not in self.refused:
            self.refused.append((place, why))


pools = {}
allowed = {}            # the end of an expression -> what may be done with the pool there
uses = []               # positions of identifiers with the name of a pool
declared = {}           # (kind, name) -> files
includes = {}           # file -> {(rank, line)}
licences = set()        # files with MODULE_LICENSE()
frees = []              # (position, the pool of an object that kfree() frees)


def key(text):
    """The last name in an expression: req_pool for &cc->req_pool."""
    text = text.replace(' ', '').replace('->', '.').strip('&()')
    return text.split('.')[-1]


def end(p):
    return (p.file, p.line_end, p.column_end)


def place(p):
    return '%s:%s' % (p.file, p.line)


def pool(kind, text, p, creation=False):
    """The pool of this name. The expression that ends at p is a known use of it."""
    it = pools.setdefault((kind, key(text)), Pool(kind, key(text)))
    allowed.setdefault(end(p), set()).add(kind)
    it.used = it.used or place(p)
    it.files.add(p.file)
    if '[' in text:
        it.refuse(place(p), 'it is one of an array')
    elif not names(text):
        it.refuse(place(p), 'no variable and no member: ' + text)
    if creation:
        if it.where and it.where != place(p):
            it.notes.append((place(p), 'is created here, too'))
        it.where = place(p)
        it.member = it.member or '>' in text or '.' in text
    return it


def names(text):
    """Whether the expression is a variable or a member."""
    return re.match(r'^[&(\s]*\w+(\s*(->|\.)\s*\w+)*[)\s]*$', text)


def of_name(text):
    """The pools of this name, of either kind."""
    if not names(text):
        return []
    return [it for it in (pools.get((kind, key(text))) for kind in (MEMPOOL, CACHE)) if it]


def note_friends(to, of, p, q):
    """Assigns a pool to a pool."""
    for it in of_name(to):
        if not names(of) or not pools.get((it.kind, key(of))):
            continue
        for at in p:
            pool(it.kind, to, at).friends.add(key(of))
        for at in q:
            pool(it.kind, of, at).friends.add(key(to))


def note_test(text, p):
    for it in of_name(text):
        pool(it.kind, text, p)


def words(text):
    return set(re.findall(r'[A-Za-z_]\w*', text))


def plain(flags, known):
    return bool(words(flags)) and words(flags) <= known and '?' not in flags


def split(flags):
    """The halves of "condition ? one : other", or None."""
    parts = re.match(r'^[^?:]*\?([^?:]*):([^?:]*)$', flags)
    return parts.groups() if parts else None


def judge_flags(it, flags, p):
    """Notes what is wrong with the flags of a get."""
    it.gets += 1
    for part in split(flags) or (flags,):
        wrong = sorted(w for w in words(part) if w.startswith('__GFP_') and w not in WORDS)
        if wrong:
            it.refuse(place(p), 'a get takes reclaim flags only, not ' + ', '.join(wrong))
        elif not plain(part, SLEEPING | ATOMIC | WORDS):
            if not re.match(r'^[\w>.\s-]+$', part):
                it.refuse(place(p), 'its flags are computed: ' + part.strip())
            else:
                it.notes.append((place(p), 'flags of a get are reclaim flags only, but those in %s '
                                 'are not known' % part.strip()))


def judge_size(it, size, p):
    """A pool names its size twice, for its alignment as well."""
    calls = set(re.findall(r'(\w+) *\(', size)) - HARMLESS
    if calls:
        it.refuse(place(p), 'its size comes from %s()' % ', '.join(sorted(calls)))


def judge_cache(it, name, size, align, flags, ctor, p):
    it.label = name.strip()
    judge_size(it, size, p)
    if it.geometry and it.geometry != (size, align, flags):
        it.refuse(place(p), 'it is created with different sizes or flags')
    it.geometry = (size, align, flags)
    text = re.match(r'^"(.*)"$', it.label)
    if text and (len(text.group(1)) > 31 or re.search(r'[\s/]', text.group(1))):
        it.refuse(place(p), 'a pool has a name of up to 31 characters without blanks and slashes')
    for word in sorted(words(flags)):
        if word in DROPPED:
            it.notes.append((place(p), '%s has no counterpart' % word))
        elif word not in ALIGNING:
            it.refuse(place(p), '%s: %s' % (word, WHY_FLAG.get(word, 'not known to these rules')))
    if ctor not in ('NULL', '0'):
        it.ctor = ctor


def judge_mempool_cache(it, cache, q):
    it.backend = key(cache)
    for at in q:
        pool(CACHE, cache, at).mempools.add(it.name)


def own_functions(it, functions, p):
    it.refuse(place(p), 'its elements come from %s, which see each call: give the pool a ctor, or '
              'a memory provider' % functions)


def pages(it, p):
    it.refuse(place(p), 'its elements are struct page, and an object of a pool is memory')


def named(name):
    return (MEMPOOL, name) in pools or (CACHE, name) in pools


def text_at(p):
    with open(p.file, encoding='utf-8', errors='replace') as file:
        return file.read().split('\n')[int(p.line) - 1][int(p.column):int(p.column_end)]


def scan_uses():
    """Any other use of a pool's name is one that the rules do not understand."""
    for p in uses:
        if not allowed.get(end(p)):
            for it in of_name(text_at(p)):
                it.refuse(place(p), 'the rules do not know this use of it')


def scan_declarations():
    for it in pools.values():
        if declared.get((it.kind, it.name)):
            it.files |= declared[(it.kind, it.name)]
        elif not it.refused:
            it.refuse(it.where, 'its declaration is in none of the files, or stands in a list, an '
                      'array or a nested struct')


def constant(size):
    return not (words(re.sub(r'sizeof\s*\([^()]*\)', '', size)) -
                {w for w in words(size) if w.isupper()})


def scan_backends():
    for it in list(pools.values()):
        if it.kind != MEMPOOL or not it.backend:
            continue
        of = pools[(CACHE, it.backend)]
        if not of.geometry:
            it.refuse(it.where, 'the creation of its cache %s is in none of the files' % of.name)
        elif of.ctor:
            it.refuse(it.where, 'its cache %s has a constructor' % of.name)
        elif of.gets:
            it.refuse(it.where, 'its cache %s has other users' % of.name)
        elif not constant(of.geometry[0]):
            it.refuse(it.where, 'the size of its cache %s is no constant' % of.name)
        for where, why in of.refused:
            it.refuse(where, 'its cache %s stays: %s' % (of.name, why))
    for it in pools.values():
        if it.kind != CACHE:
            continue
        left = [m for m in it.mempools if pools[(MEMPOOL, m)].refused]
        if left:
            it.refuse(it.where, 'the mempool %s takes its elements from it' % ', '.join(sorted(left)))
        elif it.mempools and not it.refused:
            it.refuse(it.where, 'nothing uses it any more, now that %s has its own memory: remove it'
                      % ', '.join(sorted(it.mempools)))


def scan_friends():
    """Pools that are assigned to each other change together, or stay together."""
    again = True
    while again:
        again = False
        for it in pools.values():
            for name in it.friends:
                other = pools.get((it.kind, name))
                if not other:
                    it.refuse(it.where, '%s is assigned to it' % name)
                elif other.refused and not it.refused:
                    it.refuse(other.refused[0][0], '%s stays, and is assigned to it or from it' % name)
                    again = True
                elif it.refused and not other.refused:
                    other.refuse(it.refused[0][0],
                                 '%s stays, and is assigned to it or from it' % it.name)
                    again = True
                elif not it.where:
                    it.where = other.where


def scan_frees():
    for p, text in frees:
        for it in of_name(text):
            it.refuse(place(p), 'kfree() frees an object of it')


def decide():
    scan_friends()
    for it in pools.values():
        if not it.where:
            it.where = it.used
            it.refuse(it.used, 'its creation is in none of the files')
    scan_declarations()
    scan_uses()
    scan_frees()
    scan_backends()
    scan_friends()


def say(text, report):
    print(text, file=sys.stdout if report else sys.stderr)


def tell(report):
    for it in sorted(pools.values(), key=lambda it: (it.kind, it.name)):
        if it.refused:
            for where, why in it.refused:
                say('%s: %s stays a %s: %s' % (where, it.name, it.kind, why), report)
            continue
        say('%s: %s becomes a kpool' % (it.where, it.name), report)
        for note in sorted(set(it.notes)):
            say('%s: look: %s: %s' % (note[0], it.name, note[1]), report)


def broken(p):
    raise SystemExit('%s: line %s after the change: a call did not change. Do not use the result.' %
                     (p.file, p.line))


def moves(kind, text):
    it = pools.get((kind, key(text)))
    return bool(it and it.where and not it.refused)


def mempool(text):
    return moves(MEMPOOL, text)


def cache(text):
    return moves(CACHE, text)


def sleeps(flags):
    return plain(flags, SLEEPING | WORDS)


def atomic(flags):
    return plain(flags, ATOMIC | WORDS)


def maker(it):
    """Of a member there may be several pools at a time, and each pool needs a name of its own."""
    return 'kpool_create_numbered' if it.member else 'kpool_create'


def maker(kind, text):
    """Of a member there may be several pools at a time, and each pool needs a name of its own."""
    it = pools[(kind, key(text))]
    alike = [other for other in pools.values() if it.label and other.label == it.label]
    return 'kpool_create_numbered' if it.member or len(alike) > 1 else 'kpool_create'


def mempool_label(text):
    return 'KBUILD_MODNAME "-%s"' % key(text)


def macro_label(text):
    return pools[(CACHE, key(text))].label


def slab_align(size, align, flags):
    return 'kpool_slab_align(%s, %s, %s)' % (size, align, flags)


def macro_align(struct, flags):
    align = '__alignof__(struct %s)' % struct
    return align if flags == '0' else slab_align('sizeof(struct %s)' % struct, align, flags)


def backend(text):
    return pools[(CACHE, pools[(MEMPOOL, key(text))].backend)]


def backend_size(text):
    return backend(text).geometry[0]


def backend_align(text):
    return slab_align(*backend(text).geometry)


def moving_ctor(name):
    return any(it.ctor == name and moves(it.kind, it.name) for it in pools.values())


def changes(file):
    if file in licences:
        return any_moves()
    return any(file in it.files and moves(it.kind, it.name) for it in pools.values())


def first_rank(file):
    return min(includes[file])[0]


def takes_include(p):
    """Our header follows the first header of an allocator."""
    file, line = p[0].file, int(p[0].line)
    return changes(file) and (0, line) == min(includes[file])


def takes_other_include(p):
    """Without one, it follows the last header of the kernel, or else the last one."""
    return changes(p[0].file) and first_rank(p[0].file) == 1


def takes_local_include(p):
    return changes(p[0].file) and first_rank(p[0].file) == 2


def any_moves(licence=None):
    return any(moves(it.kind, it.name) for it in pools.values())

// ---------------------------------------------------------------- what there is

@any_include@
position p;
@@
#include <...>@p

@script:python@
p << any_include.p;
@@
for at in p:
    includes.setdefault(at.file, set()).add((1, int(at.line)))

@local_include@
position p;
@@
#include "..."@p

@script:python@
p << local_include.p;
@@
for at in p:
    includes.setdefault(at.file, set()).add((2, int(at.line)))

@their_include@
position p;
@@
(
#include <linux/mempool.h>@p
|
#include <linux/slab.h>@p
)

@script:python@
p << their_include.p;
@@
for at in p:
    includes.setdefault(at.file, set()).add((0, int(at.line)))

@licence@
declarer name MODULE_LICENSE;
expression e;
position p;
@@
MODULE_LICENSE@p(e);

@script:python@
p << licence.p;
@@
for at in p:
    licences.add(at.file)

// Creations of mempools

@m_kmalloc@
expression P, n, s;
position p;
@@
(
mempool_init_kmalloc_pool(P@p, n, s)
|
P@p = mempool_create_kmalloc_pool(n, s)
)

@script:python@
P << m_kmalloc.P;
s << m_kmalloc.s;
p << m_kmalloc.p;
@@
for at in p:
    judge_size(pool(MEMPOOL, P, at, True), s, at)

@m_slab@
symbol mempool_alloc_slab, mempool_free_slab;
expression P, n, C;
position p, q;
@@
(
mempool_init_slab_pool(P@p, n, C@q)
|
mempool_init(P@p, n, mempool_alloc_slab, mempool_free_slab, C@q)
|
P@p = mempool_create_slab_pool(n, C@q)
|
P@p = mempool_create(n, mempool_alloc_slab, mempool_free_slab, C@q)
)

@script:python@
P << m_slab.P;
C << m_slab.C;
p << m_slab.p;
q << m_slab.q;
@@
for at in p:
    judge_mempool_cache(pool(MEMPOOL, P, at, True), C, q)

@m_pages@
symbol mempool_alloc_pages, mempool_free_pages;
expression P, n, o;
position p;
@@
(
mempool_init_page_pool(P@p, n, o)
|
mempool_init(P@p, n, mempool_alloc_pages, mempool_free_pages, o)
|
P@p = mempool_create_page_pool(n, o)
|
P@p = mempool_create(n, mempool_alloc_pages, mempool_free_pages, o)
)

@script:python@
P << m_pages.P;
p << m_pages.p;
@@
for at in p:
    pages(pool(MEMPOOL, P, at, True), at)

@m_own@
symbol mempool_alloc_slab, mempool_free_slab, mempool_alloc_pages, mempool_free_pages;
expression P, n, a, b, d;
position p;
@@
(
mempool_init(P, n, mempool_alloc_slab, mempool_free_slab, d)
|
mempool_init(P, n, mempool_alloc_pages, mempool_free_pages, d)
|
P = mempool_create(n, mempool_alloc_slab, mempool_free_slab, d)
|
P = mempool_create(n, mempool_alloc_pages, mempool_free_pages, d)
|
mempool_init(P@p, n, a, b, d)
|
mempool_init_node(P@p, n, a, b, d, ...)
|
P@p = mempool_create(n, a, b, d)
|
P@p = mempool_create_node(n, a, b, d, ...)
)

@script:python@
P << m_own.P;
a << m_own.a;
b << m_own.b;
p << m_own.p;
@@
for at in p:
    own_functions(pool(MEMPOOL, P, at, True), '%s() and %s()' % (a, b), at)

// Uses of mempools

@m_alloc@
expression P, g;
position p;
@@
mempool_alloc(P@p, g)

@script:python@
P << m_alloc.P;
g << m_alloc.g;
p << m_alloc.p;
@@
for at in p:
    judge_flags(pool(MEMPOOL, P, at), g, at)

@m_resize@
expression P, n;
position p;
@@
mempool_resize(P@p, n)

@script:python@
P << m_resize.P;
p << m_resize.p;
@@
for at in p:
    pool(MEMPOOL, P, at).refuse(place(at), 'mempool_resize() becomes kpool_retune_some()')

@m_use@
expression P, E;
position p;
@@
(
mempool_free(E, P@p)
|
mempool_exit(P@p)
|
mempool_destroy(P@p)
|
mempool_initialized(P@p)
)

@script:python@
P << m_use.P;
p << m_use.p;
@@
for at in p:
    pool(MEMPOOL, P, at)

// Creations of caches

@c_create@
expression P, nm, s, al, fl, ct;
position p;
@@
(
P@p = kmem_cache_create(nm, s, al, fl, ct)
|
P@p = kmem_cache_create_usercopy(nm, s, al, fl, ..., ct)
)

@script:python@
P << c_create.P;
nm << c_create.nm;
s << c_create.s;
al << c_create.al;
fl << c_create.fl;
ct << c_create.ct;
p << c_create.p;
@@
for at in p:
    judge_cache(pool(CACHE, P, at, True), nm, s, al, fl, ct, at)

@c_macro@
expression P, fl;
identifier s;
position p;
@@
(
P@p = KMEM_CACHE(s, fl)
|
P@p = KMEM_CACHE_USERCOPY(s, fl, ...)
)

@script:python@
P << c_macro.P;
s << c_macro.s;
fl << c_macro.fl;
p << c_macro.p;
@@
for at in p:
    judge_cache(pool(CACHE, P, at, True), '"%s"' % s, 'sizeof(struct %s)' % s,
                '__alignof__(struct %s)' % s, fl, 'NULL', at)

// Uses of caches

@c_alloc@
expression P, g;
position p;
@@
(
kmem_cache_alloc(P@p, g)
|
kmem_cache_alloc_bulk(P@p, g, ...)
)

@script:python@
P << c_alloc.P;
g << c_alloc.g;
p << c_alloc.p;
@@
for at in p:
    judge_flags(pool(CACHE, P, at), g, at)

@c_zalloc@
expression P, g;
position p;
@@
kmem_cache_zalloc(P@p, g)

@script:python@
P << c_zalloc.P;
g << c_zalloc.g;
p << c_zalloc.p;
@@
for at in p:
    it = pool(CACHE, P, at)
    it.zeroes = it.zeroes or place(at)
    judge_flags(it, g, at)

@c_node@
expression P;
position p;
@@
kmem_cache_alloc_node(P@p, ...)

@script:python@
P << c_node.P;
p << c_node.p;
@@
for at in p:
    pool(CACHE, P, at).refuse(place(at), 'the node belongs to a pool: KPOOL_ON_NODE, and a pool for '
                                'each node')

@c_use@
expression P;
position p;
@@
(
kmem_cache_free(P@p, ...)
|
kmem_cache_free_bulk(P@p, ...)
|
kmem_cache_destroy(P@p)
|
kmem_cache_shrink(P@p)
)

@script:python@
P << c_use.P;
p << c_use.p;
@@
for at in p:
    pool(CACHE, P, at)

@freed exists@
expression x, P, E;
position p;
@@
x = \(kmem_cache_alloc\|kmem_cache_zalloc\|mempool_alloc\)(P, ...)
... when != x = E
(
kfree@p(x)
|
kvfree@p(x)
|
kfree_sensitive@p(x)
)

@script:python@
P << freed.P;
p << freed.p;
@@
for at in p:
    frees.append((at, P))

// Pools that are assigned to each other. This asks for names of pools, so it comes after those.

@assigned@
expression P, Q;
position p, q;
@@
P@p = Q@q

@script:python@
P << assigned.P;
Q << assigned.Q;
p << assigned.p;
q << assigned.q;
@@
note_friends(P, Q, p, q)

// Tests for NULL mean the same for a pool.

@tested@
expression P, E;
position p;
@@
(
!P@p
|
P@p == NULL
|
P@p != NULL
|
P@p = NULL
|
P@p && E
|
E && P@p
|
P@p || E
|
E || P@p
)

@script:python@
P << tested.P;
p << tested.p;
@@
for at in p:
    note_test(P, at)

// With the isomorphism likely(E) would stand for each E.
@guessed disable unlikely@
expression P;
position p;
@@
(
likely(P@p)
|
unlikely(P@p)
)

@script:python@
P << guessed.P;
p << guessed.p;
@@
for at in p:
    note_test(P, at)

@branch@
expression P;
statement S, T;
position p;
@@
if (P@p) S else T

@script:python@
P << branch.P;
p << branch.p;
@@
for at in p:
    note_test(P, at)

// All that has the name of a pool, and the declarations

// A script cannot ask for an identifier that a script has chosen. It reads the name at the position.

@member@
expression e;
identifier f : script:python() { named(f) };
position p;
@@
(
e->f@p
|
e.f@p
)

@script:python@
p << member.p;
@@
for at in p:
    uses.append(at)

@variable@
identifier v : script:python() { named(v) };
position p;
@@
v@p

@script:python@
p << variable.p;
@@
for at in p:
    uses.append(at)

@d_mempool@
identifier s, f;
typedef mempool_t;
position p;
@@
struct s { ...
(
mempool_t f@p;
|
mempool_t *f@p;
)
... };

@script:python@
f << d_mempool.f;
p << d_mempool.p;
@@
for at in p:
    declared.setdefault((MEMPOOL, f), set()).add(at.file)

@d_mempool_variable@
identifier f;
typedef mempool_t;
position p;
@@
(
mempool_t f@p;
|
mempool_t *f@p;
)

@script:python@
f << d_mempool_variable.f;
p << d_mempool_variable.p;
@@
for at in p:
    declared.setdefault((MEMPOOL, f), set()).add(at.file)

@d_cache@
identifier s, f;
position p;
@@
struct s { ...
struct kmem_cache *f@p;
... };

@script:python@
f << d_cache.f;
p << d_cache.p;
@@
for at in p:
    declared.setdefault((CACHE, f), set()).add(at.file)

@d_cache_variable@
identifier f;
position p;
@@
struct kmem_cache *f@p;

@script:python@
f << d_cache_variable.f;
p << d_cache_variable.p;
@@
for at in p:
    declared.setdefault((CACHE, f), set()).add(at.file)

@script:python depends on report@
@@
decide()
tell(True)

@script:python depends on patch@
@@
decide()
tell(False)

// ---------------------------------------------------------------- what changes

@depends on patch@
position p : script:python() { takes_include(p) };
@@
(
  #include <linux/mempool.h>@p
+ #include <linux/kpool/porting.h>
|
  #include <linux/slab.h>@p
+ #include <linux/kpool/porting.h>
)

@depends on patch@
position p : script:python() { takes_other_include(p) };
@@
  #include <...>@p
+ #include <linux/kpool/porting.h>

@depends on patch@
position p : script:python() { takes_local_include(p) };
@@
  #include "..."@p
+ #include <linux/kpool/porting.h>

@depends on patch@
declarer name MODULE_LICENSE;
expression e : script:python() { any_moves(e) };
typedef KPOOL_IMPORT_NS;
@@
MODULE_LICENSE(e);
+ KPOOL_IMPORT_NS;

// Declarations. A mempool_t becomes a pointer.

@depends on patch@
identifier s, f : script:python() { mempool(f) };
typedef mempool_t;
@@
struct s { ...
- mempool_t
+ struct kpool *
  f;
... };

@depends on patch@
identifier s, f : script:python() { mempool(f) };
typedef mempool_t;
@@
struct s { ...
- mempool_t
+ struct kpool
  *f;
... };

@depends on patch@
identifier f : script:python() { mempool(f) };
typedef mempool_t;
@@
- mempool_t
+ struct kpool *
  f;

@depends on patch@
identifier f : script:python() { mempool(f) };
typedef mempool_t;
@@
- mempool_t
+ struct kpool
  *f;

@depends on patch@
identifier s, f : script:python() { cache(f) };
@@
struct s { ...
- struct kmem_cache
+ struct kpool
  *f;
... };

@depends on patch@
identifier f : script:python() { cache(f) };
@@
- struct kmem_cache
+ struct kpool
  *f;

// Creations. kpool_port_init() and kpool_port_cache() exist only between these rules. They have the
// parameters of a pool in order.

@init_kmalloc@
expression E, n, s;
@@
mempool_init_kmalloc_pool(&E, n, s)

@script:python new_init_kmalloc@
E << init_kmalloc.E;
make;
lb;
@@
if mempool(E):
    coccinelle.make = cocci.make_ident(maker(MEMPOOL, E))
    coccinelle.lb = cocci.make_expr(mempool_label(E))
else:
    cocci.include_match(False)

@depends on patch@
expression init_kmalloc.E, init_kmalloc.n, init_kmalloc.s;
identifier new_init_kmalloc.make;
expression new_init_kmalloc.lb;
@@
- mempool_init_kmalloc_pool(&E, n, s)
+ kpool_port_init(E, make, lb, s, kpool_kmalloc_align(s), n)

@create_kmalloc@
expression P, n, s;
@@
P = mempool_create_kmalloc_pool(n, s)

@script:python new_create_kmalloc@
P << create_kmalloc.P;
make;
lb;
@@
if mempool(P):
    coccinelle.make = cocci.make_ident(maker(MEMPOOL, P))
    coccinelle.lb = cocci.make_expr(mempool_label(P))
else:
    cocci.include_match(False)

@depends on patch@
expression create_kmalloc.P, create_kmalloc.n, create_kmalloc.s;
identifier new_create_kmalloc.make;
expression new_create_kmalloc.lb;
@@
  P =
- mempool_create_kmalloc_pool(n, s)
+ kpool_port_create(make, lb, s, kpool_kmalloc_align(s), n)

@init_slab@
symbol mempool_alloc_slab, mempool_free_slab;
expression E, n, C;
@@
(
mempool_init_slab_pool(&E, n, C)
|
mempool_init(&E, n, mempool_alloc_slab, mempool_free_slab, C)
)

@script:python new_init_slab@
E << init_slab.E;
make;
lb;
sz;
ag;
@@
if mempool(E):
    coccinelle.make = cocci.make_ident(maker(MEMPOOL, E))
    coccinelle.lb = cocci.make_expr(mempool_label(E))
    coccinelle.sz = cocci.make_expr(backend_size(E))
    coccinelle.ag = cocci.make_expr(backend_align(E))
else:
    cocci.include_match(False)

@depends on patch@
symbol mempool_alloc_slab, mempool_free_slab;
expression init_slab.E, init_slab.n, init_slab.C;
identifier new_init_slab.make;
expression new_init_slab.lb, new_init_slab.sz, new_init_slab.ag;
@@
(
- mempool_init_slab_pool(&E, n, C)
+ kpool_port_init(E, make, lb, sz, ag, n)
|
- mempool_init(&E, n, mempool_alloc_slab, mempool_free_slab, C)
+ kpool_port_init(E, make, lb, sz, ag, n)
)

@create_slab@
symbol mempool_alloc_slab, mempool_free_slab;
expression P, n, C;
@@
(
P = mempool_create_slab_pool(n, C)
|
P = mempool_create(n, mempool_alloc_slab, mempool_free_slab, C)
)

@script:python new_create_slab@
P << create_slab.P;
make;
lb;
sz;
ag;
@@
if mempool(P):
    coccinelle.make = cocci.make_ident(maker(MEMPOOL, P))
    coccinelle.lb = cocci.make_expr(mempool_label(P))
    coccinelle.sz = cocci.make_expr(backend_size(P))
    coccinelle.ag = cocci.make_expr(backend_align(P))
else:
    cocci.include_match(False)

@depends on patch@
symbol mempool_alloc_slab, mempool_free_slab;
expression create_slab.P, create_slab.n, create_slab.C;
identifier new_create_slab.make;
expression new_create_slab.lb, new_create_slab.sz, new_create_slab.ag;
@@
(
  P =
- mempool_create_slab_pool(n, C)
+ kpool_port_create(make, lb, sz, ag, n)
|
  P =
- mempool_create(n, mempool_alloc_slab, mempool_free_slab, C)
+ kpool_port_create(make, lb, sz, ag, n)
)

@depends on patch@
expression E, r, lb, sz, ag, n;
identifier make;
@@
- r = kpool_port_init(E, make, lb, sz, ag, n);
+ E = make(&(struct kpool_params){
+	.name = lb,
+	.size = sz,
+	.align = ag,
+	.reserve = n,
+ });
+ r = PTR_ERR_OR_ZERO(E);

@depends on patch@
expression E, lb, sz, ag, n;
identifier make;
@@
- kpool_port_init(E, make, lb, sz, ag, n)
+ PTR_ERR_OR_ZERO(E = make(&(struct kpool_params){
+	.name = lb,
+	.size = sz,
+	.align = ag,
+	.reserve = n,
+ }))

@depends on patch@
expression lb, sz, ag, n;
identifier make;
@@
- kpool_port_create(make, lb, sz, ag, n)
+ kpool_or_null(make(&(struct kpool_params){
+	.name = lb,
+	.size = sz,
+	.align = ag,
+	.reserve = n,
+ }))

@cache_create@
expression P, nm, s, al, fl, ct;
@@
P = kmem_cache_create(nm, s, al, fl, ct)

@script:python new_cache@
P << cache_create.P;
s << cache_create.s;
al << cache_create.al;
fl << cache_create.fl;
make;
ag;
@@
if cache(P):
    coccinelle.make = cocci.make_ident(maker(CACHE, P))
    coccinelle.ag = cocci.make_expr(slab_align(s, al, fl))
else:
    cocci.include_match(False)

@depends on patch@
expression cache_create.P, cache_create.nm, cache_create.s, cache_create.al, cache_create.fl;
expression cache_create.ct;
identifier new_cache.make;
expression new_cache.ag;
@@
  P =
- kmem_cache_create(nm, s, al, fl, ct)
+ kpool_port_cache(make, nm, s, ag, 0, 0, ct)

@cache_usercopy@
expression P, nm, s, al, fl, uo, us, ct;
@@
P = kmem_cache_create_usercopy(nm, s, al, fl, uo, us, ct)

@script:python new_usercopy@
P << cache_usercopy.P;
s << cache_usercopy.s;
al << cache_usercopy.al;
fl << cache_usercopy.fl;
make;
ag;
@@
if cache(P):
    coccinelle.make = cocci.make_ident(maker(CACHE, P))
    coccinelle.ag = cocci.make_expr(slab_align(s, al, fl))
else:
    cocci.include_match(False)

@depends on patch@
expression cache_usercopy.P, cache_usercopy.nm, cache_usercopy.s, cache_usercopy.al;
expression cache_usercopy.fl, cache_usercopy.uo, cache_usercopy.us, cache_usercopy.ct;
identifier new_usercopy.make;
expression new_usercopy.ag;
@@
  P =
- kmem_cache_create_usercopy(nm, s, al, fl, uo, us, ct)
+ kpool_port_cache(make, nm, s, ag, uo, us, ct)

@cache_macro@
expression P, fl;
identifier s, m;
@@
(
P = KMEM_CACHE(s, fl)
|
P = KMEM_CACHE_USERCOPY(s, fl, m)
)

@script:python new_macro@
P << cache_macro.P;
s << cache_macro.s;
fl << cache_macro.fl;
make;
lb;
ag;
@@
if cache(P):
    coccinelle.make = cocci.make_ident(maker(CACHE, P))
    coccinelle.lb = cocci.make_expr(macro_label(P))
    coccinelle.ag = cocci.make_expr(macro_align(s, fl))
else:
    cocci.include_match(False)

@depends on patch@
expression cache_macro.P, cache_macro.fl;
identifier cache_macro.s, m;
identifier new_macro.make;
expression new_macro.lb, new_macro.ag;
@@
(
  P =
- KMEM_CACHE(s, fl)
+ kpool_port_cache(make, lb, sizeof(struct s), ag, 0, 0, NULL)
|
  P =
- KMEM_CACHE_USERCOPY(s, fl, m)
+ kpool_port_cache(make, lb, sizeof(struct s), ag, offsetof(struct s, m), sizeof_field(struct s, m), NULL)
)

// A constructor of a cache gets the object alone, and cannot fail.

@depends on patch@
identifier c : script:python() { moving_ctor(c) };
identifier o;
fresh identifier w = c ## "_of_pool";
@@
void c(void *o) { ... }
+
+ static int w(void *obj, void *ctx, gfp_t gfp, int node)
+ {
+	c(obj);
+	return 0;
+ }

@depends on patch@
expression lb, sz, ag, uo, us;
identifier make, c;
fresh identifier w = c ## "_of_pool";
@@
(
- kpool_port_cache(make, lb, sz, ag, 0, 0, \(NULL\|0\))
+ kpool_or_null(make(&(struct kpool_params){
+	.name = lb,
+	.size = sz,
+	.align = ag,
+ }))
|
- kpool_port_cache(make, lb, sz, ag, uo, us, \(NULL\|0\))
+ kpool_or_null(make(&(struct kpool_params){
+	.name = lb,
+	.size = sz,
+	.align = ag,
+	.useroffset = uo,
+	.usersize = us,
+ }))
|
- kpool_port_cache(make, lb, sz, ag, 0, 0, c)
+ kpool_or_null(make(&(struct kpool_params){
+	.name = lb,
+	.size = sz,
+	.align = ag,
+	.ops = &(const struct kpool_ops){ .ctor = w },
+ }))
|
- kpool_port_cache(make, lb, sz, ag, uo, us, c)
+ kpool_or_null(make(&(struct kpool_params){
+	.name = lb,
+	.size = sz,
+	.align = ag,
+	.useroffset = uo,
+	.usersize = us,
+	.ops = &(const struct kpool_ops){ .ctor = w },
+ }))
)

// Ends. A mempool may be exited twice, so the pool is forgotten.

@depends on patch@
expression E : script:python() { mempool(E) };
@@
- mempool_exit(&E);
+ kpool_destroy(E);
+ E = NULL;

@depends on patch@
expression P : script:python() { mempool(P) };
@@
- mempool_destroy(P)
+ kpool_destroy(P)

@depends on patch@
expression E : script:python() { mempool(E) };
@@
- mempool_initialized(&E)
+ !IS_ERR_OR_NULL(E)

@depends on patch@
expression P : script:python() { cache(P) };
@@
- kmem_cache_destroy(P)
+ kpool_destroy(P)

@depends on patch@
expression P : script:python() { cache(P) };
@@
- kmem_cache_shrink(P)
+ kpool_trim(P)

// Puts

@depends on patch@
expression E : script:python() { mempool(E) };
expression x;
@@
- mempool_free(x, &E)
+ kpool_put(E, x)

@depends on patch@
expression P : script:python() { mempool(P) };
expression x;
@@
- mempool_free(x, P)
+ kpool_put(P, x)

@depends on patch@
expression P : script:python() { cache(P) };
expression x, n;
@@
(
- kmem_cache_free(P, x)
+ kpool_put(P, x)
|
- kmem_cache_free_bulk(P, n, x)
+ kpool_put_bulk(P, x, n)
)

// Gets. A mempool waits for an element where the caller may sleep. The code around a get knows NULL
// only, and kpool_or_null() gives that. An error can come only from gets that do not wait.

@depends on patch@
expression E : script:python() { mempool(E) };
expression g;
@@
  mempool_alloc(
- &E
+ E
  , g)

@depends on patch@
expression P : script:python() { mempool(P) };
expression x, c, a, b;
@@
- x = mempool_alloc(P, c ? a : b);
+ if (c)
+	x = mempool_alloc(P, a);
+ else
+	x = mempool_alloc(P, b);

@depends on patch@
expression P : script:python() { mempool(P) };
expression c, a, b;
@@
- mempool_alloc(P, c ? a : b)
+ (c ? mempool_alloc(P, a) : mempool_alloc(P, b))

@depends on patch@
expression P : script:python() { mempool(P) };
expression g : script:python() { sleeps(g) };
@@
- mempool_alloc(P, g)
+ kpool_get_timeout(P, g, MAX_SCHEDULE_TIMEOUT)

@depends on patch@
expression P : script:python() { mempool(P) };
expression g : script:python() { atomic(g) };
@@
- mempool_alloc(P, g)
+ kpool_or_null(kpool_get(P, g))

@depends on patch@
expression P : script:python() { mempool(P) };
expression g;
@@
- mempool_alloc(P, g)
+ kpool_or_null(gfpflags_allow_blocking(g) ?
+		kpool_get_timeout(P, g, MAX_SCHEDULE_TIMEOUT) : kpool_get(P, g))

@depends on patch@
expression P : script:python() { cache(P) };
expression g, n, a;
@@
(
- kmem_cache_alloc(P, g)
+ kpool_or_null(kpool_get(P, g))
|
- kmem_cache_zalloc(P, g)
+ kpool_or_null(kpool_get(P, g | __GFP_ZERO))
|
- kmem_cache_alloc_bulk(P, g, n, a)
+ (kpool_get_bulk(P, g, a, n) ? 0 : n)
)

@depends on patch@
expression P, g, n, a;
@@
- !(kpool_get_bulk(P, g, a, n) ? 0 : n)
+ kpool_get_bulk(P, g, a, n)

// Where the next statement leaves the function if there is no object, the code can take the error.

@depends on patch@
local idexpression x;
expression P, g;
constant C;
@@
  x =
- kpool_or_null(
  kpool_get(P, g)
- )
  ;
  if (
(
- !x
+ IS_ERR(x)
|
- unlikely(!x)
+ IS_ERR(x)
|
- x == NULL
+ IS_ERR(x)
)
  )
(
  return;
|
  return NULL;
|
  return C;
|
  return -C;
|
  return ERR_PTR(-C);
)

@depends on patch@
type T;
identifier x;
expression P, g;
constant C;
@@
  T x =
- kpool_or_null(
  kpool_get(P, g)
- )
  ;
  ... when != x
      when strict
  if (
(
- !x
+ IS_ERR(x)
|
- unlikely(!x)
+ IS_ERR(x)
|
- x == NULL
+ IS_ERR(x)
)
  )
(
  return;
|
  return NULL;
|
  return C;
|
  return -C;
|
  return ERR_PTR(-C);
)

// Nothing of a pool that moved may be left.

@left@
expression P : script:python() { mempool(P) };
position p;
@@
(
mempool_alloc@p(P, ...)
|
mempool_free@p(..., P)
|
mempool_exit@p(P)
|
mempool_destroy@p(P)
|
mempool_initialized@p(P)
)

@left_cache@
expression P : script:python() { cache(P) };
position p;
@@
(
kmem_cache_alloc@p(P, ...)
|
kmem_cache_zalloc@p(P, ...)
|
kmem_cache_alloc_bulk@p(P, ...)
|
kmem_cache_free@p(P, ...)
|
kmem_cache_free_bulk@p(P, ...)
|
kmem_cache_destroy@p(P)
|
kmem_cache_shrink@p(P)
)

@left_between@
position p;
@@
(
kpool_port_init@p(...)
|
kpool_port_create@p(...)
|
kpool_port_cache@p(...)
)

@script:python depends on patch@
p << left.p;
@@
broken(p[0])

@script:python depends on patch@
p << left_cache.p;
@@
broken(p[0])

@script:python depends on patch@
p << left_between.p;
@@
broken(p[0])
