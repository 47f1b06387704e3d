package plan

import (
	"slices"
	"unsafe"
)

// Memory is what one run at a time needs: the arena with all activations, and
// the tables and states that a run changes.
type Memory struct {
	Arena []float32 // the arena as float32
	Bytes []byte    // the same memory as bytes
	In    []float32 // the sample that is being computed; only read
	Out   []float32 // where its outputs go

	plan    *Plan
	tables  [][]int32 // those that nothing changes are the plan's
	dynamic [][]int32
	states  []any
}

// NewMemory allocates memory to run p in: p.Arena bytes, and little more.
func NewMemory(p *Plan) *Memory {
	m := &Memory{plan: p}
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

// allocate makes an arena of n bytes, a multiple of slack, aligned to slack: one
// cache line, and the widest vector.
func (m *Memory) allocate(n int) {
	b := make([]byte, n+slack)
	skip := int(-uintptr(unsafe.Pointer(&b[0])) & (slack - 1))
	m.Bytes = b[skip : skip+n : skip+n]
	m.Arena = unsafe.Slice((*float32)(unsafe.Pointer(&m.Bytes[0])), n/4)
}

// Free drops the arena. The memory cannot be used afterwards.
func (m *Memory) Free() { m.Arena, m.Bytes = nil, nil }

// Table returns the offsets of a table's planes, in elements of the planes'
// type from the arena's start. Dynamic places hold what was last chosen.
func (m *Memory) Table(id TableID) []int32 { return m.tables[id] }

// Vector returns the n elements that begin where the table's first plane does.
func (m *Memory) Vector(id TableID, n int) []float32 { return m.Arena[m.tables[id][0]:][:n] }

// Slots returns a dynamic table, to be filled by the step that chooses. Publish
// then makes every table that has planes of it follow.
func (m *Memory) Slots(id DynamicID) []int32 { return m.dynamic[id] }

// Publish copies the slots of a dynamic table to where they are read.
func (m *Memory) Publish(id DynamicID) {
	slots := m.dynamic[id]
	for i := range m.plan.dynamic[id].users {
		u := &m.plan.dynamic[id].users[i]
		t := m.tables[u.table]
		for k, place := range u.places {
			t[place] = slots[u.slots[k]]
		}
	}
}

// State returns the Memory's own of State number id of the plan.
func (m *Memory) State(id int) any { return m.states[id] }

// CopyStates makes the states of m like those of from.
func (m *Memory) CopyStates(from *Memory) {
	for i, s := range m.plan.States {
		s.Copy(m.states[i], from.states[i])
	}
}
