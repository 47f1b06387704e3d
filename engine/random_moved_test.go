package engine

import "github.com/riffle-ml/riffle/weights"

// epsilon is large enough that values which are nearly equal do not become large
// ones: a test compares two roundings.
func (g *grower) epsilon() string {
	name := g.tensor(1, 1)
	g.m.Tensors[len(g.m.Tensors)-1].Data[0] = 0.05
	return name
}

// growMoved adds a rearrangement, margins or a norm.
func (g *grower) growMoved(x string, s []int) {
	r := g.rng
	c, h, w := s[0], s[1], s[2]
	switch r.IntN(8) {
	case 0: // part of the rows and columns, some of them backwards
		y, dx := 1+r.IntN(h), 1+r.IntN(2)
		cols := (w + dx - 1) / dx
		offset, step := 0, dx
		if r.IntN(2) == 0 {
			offset, step = (cols-1)*dx, -dx
		}
		g.node(weights.OpRearrange, []string{x}, map[string][]int{
			"shape": {c, y, cols}, "dims": {c, y, cols}, "strides": {h * w, w, step}, "offset": {offset},
		}, nil, []int{c, y, cols})
	case 5:
		g.node(weights.OpLayerNorm, []string{x}, nil, map[string]string{"scale": g.tensor(1, c), "shift": g.tensor(1, c), "epsilon": g.epsilon()}, s)
	case 6:
		g.node(weights.OpGroupNorm, []string{x}, map[string][]int{"groups": {g.divisor(c)}},
			map[string]string{"scale": g.tensor(1, c), "shift": g.tensor(1, c), "epsilon": g.epsilon()}, s)
	case 7:
		oh, ow := 1+r.IntN(2*h), 1+r.IntN(2*w)
		g.node(weights.OpResize, []string{x}, map[string][]int{
			"size": {oh, ow}, "mode": {r.IntN(2)}, "coordinates": {r.IntN(3)}, "round": {r.IntN(4)},
		}, nil, []int{c, oh, ow})
	case 1: // pixels into channels
		g.node(weights.OpRearrange, []string{x}, map[string][]int{
			"shape": {w, c, h}, "dims": {w, c * h}, "strides": {1, w},
		}, nil, []int{w, c, h})
	case 2: // planes of other sizes
		n := c * h * w
		k := g.divisor(n)
		g.node(weights.OpRearrange, []string{x}, map[string][]int{"shape": {k, 1, n / k}, "dims": {n}, "strides": {1}}, nil, []int{k, 1, n / k})
	default:
		mode := r.IntN(3)
		p := []int{r.IntN(3), r.IntN(3), r.IntN(3), r.IntN(3)}
		ch := []int{0, 0}
		tensors := map[string]string{}
		switch mode {
		case 0:
			ch = []int{r.IntN(3), r.IntN(3)}
			if r.IntN(2) == 0 {
				tensors["value"] = g.tensor(1, 1)
			}
		case 1:
			p = []int{min(p[0], h-1), min(p[1], w-1), min(p[2], h-1), min(p[3], w-1)}
		}
		g.node(weights.OpPad, []string{x}, map[string][]int{"pad": p, "channels": ch, "mode": {mode}}, tensors,
			[]int{c + ch[0] + ch[1], h + p[0] + p[2], w + p[1] + p[3]})
	}
}
