package plan

import "unsafe"

// State is what a step needs of its own in each Memory, such as scratch, or what
// it computed last for somebody to look at.
type State interface {
	New() any          // a Memory's
	Copy(to, from any) // makes one Memory's like another's
}

// Memory is what one run at a time needs: the arena with all activations, and
// the tables and states that a run changes.
type Memory struct {
	Arena []float32 // the arena as float32
	Bytes []byte    // the same memory as bytes
	In    []float32 // the sample that is being computed; only read
	Out   []float32 // where its outputs go

	tables  [][]int32 // those that nothing changes are the plan's
	dynamic [][]int32
	routes  []dynamicTable // the plan's
	states  []any
	kinds   []State // the plan's
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

// VectorBytes is Vector for a table of bytes.
func (m *Memory) VectorBytes(id TableID, n int) []byte { return m.Bytes[m.tables[id][0]:][:n] }

// Slots returns a dynamic table, to be filled by the step that chooses. Publish
// then makes every table that has planes of it follow.
func (m *Memory) Slots(id DynamicID) []int32 { return m.dynamic[id] }

// Publish copies the slots of a dynamic table to where they are read.
func (m *Memory) Publish(id DynamicID) {
	slots := m.dynamic[id]
	for i := range m.routes[id].users {
		u := &m.routes[id].users[i]
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
	for i, s := range m.kinds {
		s.Copy(m.states[i], from.states[i])
	}
}
