package plan

import (
	"slices"

	"github.com/riffle-ml/riffle/kernel"
)

// Plan is a network made ready to run. It never changes once it is made, and any
// number of Memories may share it.
type Plan struct {
	Set     *kernel.Set
	Threads int // that one run may use
	Steps   []Step
	States  []State

	InLen, OutLen int // elements of one sample's input, and of its outputs together
	Arena         int // bytes

	// What a worker has from the start: values of scratch, and elements that the
	// kernels work in.
	scratch int
	work    struct{ depthwise, pool, qgemm, qdepthwise, qpool int }

	tables  []table
	buffers []Buffer
	dynamic []dynamicTable
}

// NewMemory allocates memory to run p in: p.Arena bytes, and little more.
func NewMemory(p *Plan) *Memory {
	m := &Memory{routes: p.dynamic, kinds: p.States}
	m.allocate(p.Arena)
	m.tables = make([][]int32, len(p.tables))
	for i := range p.tables {
		m.tables[i] = p.tables[i].static
		if p.tables[i].dynamic {
			m.tables[i] = slices.Clone(m.tables[i])
		}
	}
	m.dynamic = make([][]int32, len(p.dynamic))
	for i := range p.dynamic {
		m.dynamic[i] = make([]int32, p.dynamic[i].size)
	}
	m.states = make([]any, len(p.States))
	for i, s := range p.States {
		m.states[i] = s.New()
	}
	return m
}

// NewWorker returns a worker in m, a memory of p. What steps work in is there from the
// start, so that a worker which takes part in a run late allocates none then.
func NewWorker(p *Plan, m *Memory) Worker {
	w := Worker{Memory: m, Set: p.Set, scratch: make([]int32, p.scratch)}
	w.Args.Depthwise.Work = make([]float32, p.work.depthwise)
	w.Args.Pool.Work = make([]float32, p.work.pool)
	w.Args.QGEMM.Work = make([]byte, p.work.qgemm)
	w.Args.QDepthwise.Work = make([]byte, p.work.qdepthwise)
	w.Args.QPool.Work = make([]byte, p.work.qpool)
	return w
}
