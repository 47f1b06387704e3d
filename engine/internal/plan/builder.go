package plan

import (
	"fmt"
	"slices"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/internal/hugepages"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// Builder makes a plan, step by step, in the order in which they run.
type Builder struct {
	Set     *kernel.Set
	Threads int
	Halves  bool // products of planes may be computed in float16: see kernel.HalfGEMM
	Cache   int  // bytes of the near cache: see kernel.NearCache
	Bands   int  // for tests: rows of a chain's bands, and all that can be one is a chain; less than 0: nothing is

	plan    Plan
	meter   *limit.Meter
	err     error // the first, see Err
	scratch []float32
}

// NewBuilder returns a builder of plans for a set's kernels. A step may be shared by
// so many threads. What the plan takes is counted by the meter.
func NewBuilder(set *kernel.Set, threads int, meter *limit.Meter) *Builder {
	return &Builder{Set: set, Threads: threads, Cache: kernel.NearCache(), plan: Plan{Set: set, Threads: threads}, meter: meter}
}

// NewPlanes adds a buffer of planes and returns the tensor of all of them. It is
// in use from the step that is added next.
func (b *Builder) NewPlanes(t weights.Type, planes, pixels int) Tensor {
	return b.buffer(Buffer{Type: t, Planes: planes, Pixels: pixels, Pitch: kernel.Pitch(pixels, t.Size())})
}

// Fits says whether so many bytes of planes are within the limits. If not, that is
// the builder's error, and there is no use in going on.
func (b *Builder) Fits(bytes int64) bool {
	if most := b.meter.Limits.Activations; bytes > most {
		b.Fail(&limit.Error{What: limit.Activations, Got: bytes, Max: most})
		return false
	}
	return true
}

// Scratch returns n elements to work in while a step is made. The next call returns the
// same again: the first touch of fresh memory takes longer than most that is done in it.
func (b *Builder) Scratch(n int) []float32 {
	if n > len(b.scratch) {
		b.scratch = hugepages.Floats(n)
	}
	return b.scratch[:n]
}

// NewVector is NewPlanes for planes of one float32 element each, contiguous.
func (b *Builder) NewVector(n int) Tensor { return b.NewVectorOf(weights.Float32, n) }

// NewVectorOf is NewVector for another type.
func (b *Builder) NewVectorOf(t weights.Type, n int) Tensor {
	return b.buffer(Buffer{Type: t, Planes: n, Pixels: 1, Pitch: 1})
}

func (b *Builder) buffer(buf Buffer) Tensor {
	buf.first, buf.last = len(b.plan.Steps), len(b.plan.Steps)
	id := len(b.plan.buffers)
	b.plan.buffers = append(b.plan.buffers, buf)
	t := make(Tensor, buf.Planes)
	for i := range t {
		t[i] = Ref{int32(id), int32(i)}
	}
	return t
}

// Type returns the type of t's planes.
func (b *Builder) Type(t Tensor) weights.Type { return b.typeOf(t[0]) }

func (b *Builder) typeOf(r Ref) weights.Type {
	if r.Buf < 0 {
		return b.plan.dynamic[^r.Buf].typ
	}
	return b.plan.buffers[r.Buf].Type
}

// SetQuant says what the elements of t's planes mean. None of them may be a
// dynamic one, which has its meaning from its sources.
func (b *Builder) SetQuant(t Tensor, q Quant) {
	for _, r := range t {
		buf := &b.plan.buffers[r.Buf]
		if buf.Quant == nil {
			buf.Quant = make([]Quant, buf.Planes)
		}
		buf.Quant[r.Index] = q
	}
}

// CopyQuant makes the planes of y mean what those of x do: of several in a row, as many
// for each of x, what that one does. x may be float32, whose elements mean themselves.
func (b *Builder) CopyQuant(y, x Tensor) {
	n := len(y) / len(x)
	for i, r := range x {
		if q := b.Quant(r); q != nil {
			b.SetQuant(y[i*n:(i+1)*n], *q)
		}
	}
}

// Quant returns what the elements of a plane mean; nil if they mean themselves.
func (b *Builder) Quant(r Ref) *Quant {
	if r.Buf < 0 {
		return b.plan.dynamic[^r.Buf].quant
	}
	if q := b.plan.buffers[r.Buf].Quant; q != nil {
		return &q[r.Index]
	}
	return nil
}

// sources returns the buffers that t's planes can be in, in ascending order.
func (b *Builder) sources(t Tensor) []int {
	var out []int
	add := func(buf int) {
		if !slices.Contains(out, buf) { // they are few
			out = append(out, buf)
		}
	}
	for i, r := range t {
		switch {
		case i > 0 && r.Buf == t[i-1].Buf:
		case r.Buf >= 0:
			add(int(r.Buf))
		default:
			for _, buf := range b.plan.dynamic[^r.Buf].sources {
				add(buf)
			}
		}
	}
	slices.Sort(out)
	return out
}

// Use returns a table for t, whose planes are float32, to be read or written by the
// step that is added next. It keeps t's buffers until then.
func (b *Builder) Use(t Tensor) TableID { return b.use(t, nil, weights.Float32) }

// UseShifted is Use for planes that begin shift[i] elements further; nil: 0. A
// dynamic plane cannot be shifted.
func (b *Builder) UseShifted(t Tensor, shift []int32) TableID {
	return b.use(t, shift, weights.Float32)
}

// UseBytes is UseShifted for planes of uint8.
func (b *Builder) UseBytes(t Tensor, shift []int32) TableID { return b.use(t, shift, weights.Uint8) }

// UseType is Use for planes of type typ. A tensor of another type is an error,
// which Err returns: the step's kernel does not take it.
func (b *Builder) UseType(t Tensor, typ weights.Type) TableID { return b.use(t, nil, typ) }

// Err returns the first error of the calls so far, such as a tensor of a type that
// a step does not take.
func (b *Builder) Err() error { return b.err }

func (b *Builder) use(t Tensor, shift []int32, typ weights.Type) TableID {
	for c, r := range t {
		if got := b.typeOf(r); got != typ {
			b.Fail(fmt.Errorf("channel %d: got a plane of %v, want %v", c, got, typ))
			break
		}
	}
	for _, buf := range b.sources(t) {
		b.plan.buffers[buf].last = max(b.plan.buffers[buf].last, len(b.plan.Steps))
	}
	id := TableID(len(b.plan.tables))
	tb := table{refs: t, shift: shift}
	users := map[int]*patch{} // by dynamic table
	for i, r := range t {
		if r.Buf < 0 {
			tb.dynamic = true
			d := users[int(^r.Buf)]
			if d == nil {
				d = &patch{table: id}
				users[int(^r.Buf)] = d
			}
			d.places = append(d.places, int32(i))
			d.slots = append(d.slots, r.Index)
		}
	}
	for d, p := range users {
		b.plan.dynamic[d].users = append(b.plan.dynamic[d].users, *p)
	}
	b.plan.tables = append(b.plan.tables, tb)
	return id
}

// NewDynamic returns a tensor of as many planes as x has, each of which is one of
// x's: a step that is still to be added chooses which, through Memory.Slots. All
// planes of x must be of one type and mean the same, for whoever reads one of the
// new tensor's cannot know which of them it gets.
func (b *Builder) NewDynamic(x Tensor) (DynamicID, Tensor, error) {
	typ, quant := b.Type(x), b.Quant(x[0])
	for c, r := range x {
		if t := b.typeOf(r); t != typ {
			return 0, nil, fmt.Errorf("planes that are exchanged: channel %d is %v, channel 0 is %v, want one type", c, t, typ)
		}
		q := b.Quant(r)
		if (q == nil) != (quant == nil) || q != nil && *q != *quant {
			return 0, nil, fmt.Errorf("planes that are exchanged: channels %d and 0 differ in scale or zero point, want the same", c)
		}
	}
	id := len(b.plan.dynamic)
	b.plan.dynamic = append(b.plan.dynamic, dynamicTable{typ: typ, sources: b.sources(x), quant: quant, size: len(x)})
	t := make(Tensor, len(x))
	for i := range t {
		t[i] = Ref{int32(^id), int32(i)}
	}
	return DynamicID(id), t, nil
}

// Contiguous says whether t is a vector whose elements follow one another.
func (b *Builder) Contiguous(t Tensor) bool {
	buf := t[0].Buf
	if buf < 0 || !b.plan.buffers[buf].vector() {
		return false
	}
	for i, r := range t {
		if r.Buf != buf || r.Index != t[0].Index+int32(i) {
			return false
		}
	}
	return true
}

// NewState adds a state and returns its number.
func (b *Builder) NewState(s State) int {
	b.plan.States = append(b.plan.States, s)
	return len(b.plan.States) - 1
}

// NeedScratch says that a step asks its worker for n values of scratch.
func (b *Builder) NeedScratch(n int) { b.plan.scratch = max(b.plan.scratch, n) }

// NeedWork says that a step makes a call of that kind: see kernel.Set.WorkLen.
func (b *Builder) NeedWork(call any) {
	n := b.Set.WorkLen(call)
	need := &b.plan.work.pool
	switch call.(type) {
	case *kernel.Depthwise:
		need = &b.plan.work.depthwise
	case *kernel.QGEMM:
		need = &b.plan.work.qgemm
	case *kernel.QDepthwise:
		need = &b.plan.work.qdepthwise
	case kernel.QMaxPool, kernel.QAvgPool:
		need = &b.plan.work.qpool
	}
	*need = max(*need, n)
}

// Add adds a step of the given work, see [PartsFor]. At most so many workers can
// share it.
func (b *Builder) Add(l Label, work int64, most int, r Runner) {
	b.Fail(b.meter.Work(work))
	parts := max(1, min(most, PartsFor(b.Threads, work)))
	b.plan.Steps = append(b.plan.Steps, Step{l, parts, r})
}

// TapWork is the work of one tap of a window, in the code that would run a call: see
// kernel.Set.Implementation.
func (b *Builder) TapWork(call any) int {
	if b.Set.Lanes > 1 && kernel.IsReference(b.Set.Implementation(call)) {
		return referenceWork
	}
	return tapWork
}

// Fail makes err the builder's error, unless it has one. nil is none.
func (b *Builder) Fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

// Input says how many elements a sample has.
func (b *Builder) Input(n int) { b.plan.InLen = n }

// Output adds n elements to each sample's outputs and returns where they begin.
func (b *Builder) Output(n int) (at int) {
	at = b.plan.OutLen
	b.plan.OutLen += n
	return at
}

// Finish lays out the arena and resolves the tables. The builder is used up.
func (b *Builder) Finish() (*Plan, error) {
	p := &b.plan
	arena := layout(p.buffers)
	b.Fail(b.meter.Activations(arena))
	if b.err != nil {
		return nil, b.err
	}
	p.Arena = int(arena)
	for i := range p.tables {
		p.tables[i].resolve(p.buffers)
	}
	return p, nil
}
