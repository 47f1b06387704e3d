package engine

import (
	"fmt"
	"slices"
	"sort"

	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// plan is a network made ready to run: steps in order, packed weights, the
// tables through which steps find their planes, and the layout of the arena.
// It never changes after it was made and all sessions share it.
type plan struct {
	set     *kernel.Set
	threads int

	steps   []step
	tables  []table
	buffers []buffer
	dynamic []dynamicTable

	generators []generatorInfo

	inLen, outLen int  // elements per sample
	probabilities bool // the first output comes from a softmax
	arena         int  // elements
}

// ref is where one channel's plane is. buf >= 0: plane idx of a buffer. buf < 0:
// whatever slot idx of dynamic table ^buf says when the step runs.
type ref struct{ buf, idx int32 }

// tensor is a value as the plan sees it: a table of planes. A shuffle, split or concat makes a new
// tensor out of old refs, and no step.
type tensor []ref

// buffer is a piece of the arena: planes of pixels elements each, alive from
// step first to step last. A vector's planes are one element each, contiguous.
type buffer struct {
	planes, pixels, pitch int
	first, last           int
	off                   int // elements from the arena's start
}

func (b *buffer) len() int {
	if b.pitch == 1 {
		return (b.planes + kernel.Slack + 15) &^ 15
	}
	return b.planes * b.pitch
}

// table is a list of plane offsets for a kernel. One without dynamic refs is
// resolved once, in the plan; the others are a session's own, and the dynamic
// step fills their places.
type table struct {
	refs    []ref
	shift   []int32 // added to the offsets; nil: 0
	static  []int32 // resolved offsets; dynamic places are 0
	dynamic bool
}

// dynamicTable is the output table of one dynamic shuffle: slot c holds the
// offset of the plane that this input's permutation put there. users says which
// places of which tables to fill in when it is known.
type dynamicTable struct {
	source []int // buffers that its planes can come from
	size   int
	users  []patch
}

type patch struct {
	table      int
	pos, slots []int32
}

// step is one kernel call, or a few alike, cut into parts that any thread may
// run in any order.
type step struct {
	name  string // of the node
	op    string // of the node, or what the engine does on its own
	parts int
	run   runner
	one   runner // all of it as one part
}

// runner is one kind of step. Its methods are called with the session that runs
// and a worker whose scratch no other thread uses meanwhile.
type runner interface {
	run(s *Session, w *worker, part int)
	whole() runner  // does the same in one part; itself if it has but one
	describe() Step // Node, Op and Parts are filled in by Steps
}

const maxParts = 32 // more threads than that one picture does not feed

// generatorInfo is what a session must know of a generator to run it.
type generatorInfo struct {
	name string // of the node
	d    *dynamicSpec
}

// planner builds a plan.
type planner struct {
	*plan
	g      *graph
	spare  map[*weights.Tensor]bool // may be overwritten
	tensor []tensor                 // by value id
}

func (p *planner) newBuffer(planes, pixels int) int {
	b := buffer{planes: planes, pixels: pixels, pitch: kernel.Pitch(pixels, 4), first: len(p.steps), last: len(p.steps)}
	p.buffers = append(p.buffers, b)
	return len(p.buffers) - 1
}

func (p *planner) newVector(n int) int {
	b := p.newBuffer(n, 1)
	p.buffers[b].pitch = 1
	return b
}

// all is the tensor of a whole buffer.
func (p *planner) all(b int) tensor {
	t := make(tensor, p.buffers[b].planes)
	for i := range t {
		t[i] = ref{int32(b), int32(i)}
	}
	return t
}

// sources returns the buffers that t's planes can be in, in ascending order.
func (p *planner) sources(t tensor) []int {
	var out []int
	add := func(b int) {
		if !slices.Contains(out, b) { // they are few
			out = append(out, b)
		}
	}
	for i, r := range t {
		switch {
		case i > 0 && r.buf == t[i-1].buf:
		case r.buf >= 0:
			add(int(r.buf))
		default:
			for _, b := range p.dynamic[^r.buf].source {
				add(b)
			}
		}
	}
	slices.Sort(out)
	return out
}

// use returns a table for t, to be read or written by the step that is added
// next, and keeps t's buffers alive until then.
func (p *planner) use(t tensor) int {
	for _, b := range p.sources(t) {
		p.buffers[b].last = max(p.buffers[b].last, len(p.steps))
	}
	tb := table{refs: t}
	byDyn := map[int]*patch{}
	for i, r := range t {
		if r.buf < 0 {
			tb.dynamic = true
			d := byDyn[int(^r.buf)]
			if d == nil {
				d = &patch{table: len(p.tables)}
				byDyn[int(^r.buf)] = d
			}
			d.pos = append(d.pos, int32(i))
			d.slots = append(d.slots, r.idx)
		}
	}
	for d, pt := range byDyn {
		p.dynamic[d].users = append(p.dynamic[d].users, *pt)
	}
	p.tables = append(p.tables, tb)
	return len(p.tables) - 1
}

func (p *planner) add(name, op string, parts int, r runner) {
	p.steps = append(p.steps, step{name, op, max(1, min(parts, maxParts)), r, r.whole()})
}

// contiguous says whether t is a vector whose elements follow one another, and
// where it starts.
func (p *planner) contiguous(t tensor) bool {
	b := t[0].buf
	if b < 0 || p.buffers[b].pitch != 1 {
		return false
	}
	for i, r := range t {
		if r.buf != b || r.idx != t[0].idx+int32(i) {
			return false
		}
	}
	return true
}

// finish lays out the arena and resolves the static tables.
func (p *planner) finish(maxArena int) error {
	p.arena = layout(p.buffers)
	if p.arena > maxArena {
		return fmt.Errorf("activations: got %d elements, want at most %d: %w", p.arena, maxArena, ErrLimit)
	}
	for i := range p.tables {
		t := &p.tables[i]
		t.static = make([]int32, len(t.refs))
		for k, r := range t.refs {
			if r.buf >= 0 {
				b := &p.buffers[r.buf]
				t.static[k] = int32(b.off + int(r.idx)*b.pitch)
				if t.shift != nil {
					t.static[k] += t.shift[k]
				}
			}
		}
		t.refs, t.shift = nil, nil
	}
	return nil
}

// layout gives every buffer an offset such that no two that live at the same
// time overlap, and returns the arena's length. Largest first, each at the
// lowest place that is free for its whole life (the greedy-by-size order of
// Pisarchyk and Lee, arXiv 2001.03288).
func layout(bufs []buffer) int {
	order := make([]int, len(bufs))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return bufs[order[a]].len() > bufs[order[b]].len() })
	end := kernel.Slack
	var placed []int // sorted by offset
	for _, i := range order {
		b := &bufs[i]
		at := kernel.Slack
		for _, j := range placed {
			o := &bufs[j]
			if o.last < b.first || b.last < o.first {
				continue
			}
			if o.off >= at+b.len() {
				break
			}
			at = max(at, o.off+o.len())
		}
		b.off = at
		k := sort.Search(len(placed), func(k int) bool { return bufs[placed[k]].off >= at })
		placed = append(placed, 0)
		copy(placed[k+1:], placed[k:])
		placed[k] = i
		end = max(end, at+b.len())
	}
	return end + kernel.Slack
}
