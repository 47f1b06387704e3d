package onnx

import (
	"container/heap"
	"slices"

	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// makers finds the nodes that make a value, by their places in the file. More than one
// is an error where the value is read, and found there.
type makers struct {
	first map[string]int
	more  map[string][]int
}

func newMakers(nodes []*proto.Node) makers {
	m := makers{first: make(map[string]int, len(nodes))}
	for i, n := range nodes {
		for _, o := range n.Outputs {
			if _, again := m.first[o]; !again {
				m.first[o] = i
			} else if m.more == nil {
				m.more = map[string][]int{o: {i}}
			} else {
				m.more[o] = append(m.more[o], i)
			}
		}
	}
	delete(m.first, "") // an output that is left out
	delete(m.more, "")
	return m
}

// each calls f for the nodes that make a value.
func (m *makers) each(value string, f func(i int)) {
	i, ok := m.first[value]
	if !ok {
		return
	}
	f(i)
	for _, i := range m.more[value] {
		f(i)
	}
}

// ordered lists the nodes that the outputs depend on, each behind those whose results
// it reads, and all names that are read. The order is the file's, where the file keeps
// to that; ONNX asks for it, and many tools do not.
func (im *importer) ordered(g *proto.Graph) (nodes []*proto.Node, need map[string]bool) {
	made := newMakers(g.Nodes)
	wanted := make([]bool, len(g.Nodes))
	need = make(map[string]bool, len(g.Nodes))
	var names []string // to be looked at
	for _, o := range g.Outputs {
		names = append(names, o.Name)
	}
	for len(names) > 0 {
		name := names[len(names)-1]
		names = names[:len(names)-1]
		if need[name] {
			continue
		}
		need[name] = true
		made.each(name, func(i int) {
			if !wanted[i] {
				wanted[i] = true
				names = append(append(names, g.Nodes[i].Inputs...), g.Nodes[i].Captured()...)
			}
		})
	}
	nodes, sorted := make([]*proto.Node, 0, len(g.Nodes)), true
	for i, n := range g.Nodes {
		if !wanted[i] {
			continue
		}
		for _, in := range append(n.Captured(), n.Inputs...) {
			made.each(in, func(m int) { sorted = sorted && m < i })
		}
		nodes = append(nodes, n)
	}
	if !sorted {
		nodes = im.sort(nodes)
	}
	return nodes, need
}

// sort puts the nodes into an order in which each stands behind those whose results
// it reads. Of those that may come next it takes the first in the file.
func (im *importer) sort(nodes []*proto.Node) []*proto.Node {
	made := newMakers(nodes)
	waits, readers := make([]int, len(nodes)), make([][]int, len(nodes))
	for i, n := range nodes {
		for _, in := range append(n.Captured(), n.Inputs...) {
			made.each(in, func(m int) {
				waits[i]++
				readers[m] = append(readers[m], i)
			})
		}
	}
	ready := &indices{}
	for i, k := range waits {
		if k == 0 {
			heap.Push(ready, i)
		}
	}
	out := make([]*proto.Node, 0, len(nodes))
	for ready.Len() > 0 {
		i := heap.Pop(ready).(int)
		out = append(out, nodes[i])
		for _, r := range readers[i] {
			if waits[r]--; waits[r] == 0 {
				heap.Push(ready, r)
			}
		}
	}
	if k := slices.IndexFunc(waits, func(k int) bool { return k > 0 }); k >= 0 {
		im.n = nodes[k]
		im.failf(ErrInvalid, "got a circle: the node needs, by way of others, its own result")
	}
	return out
}

// indices is a heap of numbers, the smallest first.
type indices []int

func (h indices) Len() int           { return len(h) }
func (h indices) Less(i, j int) bool { return h[i] < h[j] }
func (h indices) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *indices) Push(x any)        { *h = append(*h, x.(int)) }
func (h *indices) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}
