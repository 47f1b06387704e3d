package plan

import "github.com/riffle-ml/riffle/weights"

// Ref is where one plane is. With Buf >= 0 it is plane Index of that buffer. With
// Buf < 0 it is whatever slot Index of dynamic table ^Buf holds when a step reads it.
type Ref struct{ Buf, Index int32 }

// Tensor is a value as the plan sees it: a reference for each channel's plane.
type Tensor []Ref

// TableID names a table of a plan.
type TableID int

// table is a tensor that a step reads or writes. One without dynamic references
// is resolved once, in the plan. Of the others each Memory has a copy of its own,
// in which the dynamic places are filled as the plan runs.
type table struct {
	refs    Tensor
	shift   []int32 // added to the offsets, in elements; nil: 0
	static  []int32 // resolved offsets; the dynamic places are 0
	dynamic bool
}

// DynamicID names a dynamic table of a plan.
type DynamicID int

// dynamicTable has planes in an order that is chosen while the plan runs: slot
// c holds the offset of the plane that was chosen for it.
type dynamicTable struct {
	typ     weights.Type
	sources []int // buffers that its planes can be in, in ascending order
	quant   *Quant
	size    int
	users   []patch
}

// patch says which places of a table have which slots of a dynamic table.
type patch struct {
	table         TableID
	places, slots []int32
}

// resolve computes the table's offsets, once the arena is laid out.
func (t *table) resolve(buffers []Buffer) {
	t.static = make([]int32, len(t.refs))
	for k, r := range t.refs {
		if r.Buf >= 0 {
			t.static[k] = int32(buffers[r.Buf].element(int(r.Index)))
			if t.shift != nil {
				t.static[k] += t.shift[k]
			}
		}
	}
	t.refs, t.shift = nil, nil
}
