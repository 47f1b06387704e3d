package engine

import "github.com/riffle-ml/riffle/weights"

// fuse rewrites the graph so that fewer passes over memory are left:
//
//  1. an activation behind a concat moves in front of it, where a convolution
//     can absorb it;
//  2. an activation that cannot change its input goes;
//  3. an activation joins the epilogue of the node before it;
//  4. an add joins the epilogue of the later of the two convolutions before it.
//
// Values keep their numbers; a node that went has op "". Only arithmetic that
// the kernels do bit for bit alike is moved.
func fuse(g *graph) {
	pushActivations(g)
	dropActivations(g)
	fuseActivations(g)
	fuseAdds(g)
	fuseActivations(g) // an add that just went may have had an activation behind it
}

func isActivation(op string) bool { return op == weights.OpReLU || op == weights.OpReLU6 }

func actOf(op string) act {
	if op == weights.OpReLU6 {
		return actReLU6
	}
	return actReLU
}

// redirect makes every reader of value from read to instead.
func (g *graph) redirect(from, to int) {
	for i := range g.nodes {
		n := &g.nodes[i]
		if n.op == "" {
			continue
		}
		for k, v := range n.in {
			if v == from {
				n.in[k] = to
			}
		}
		if n.res == from {
			n.res = to
		}
	}
	for k, v := range g.output {
		if v == from {
			g.output[k] = to
		}
	}
}

// pushActivations turns act(concat(a, b)) into concat(act(a), act(b)) where the
// concat has no other reader. The new activations take the place of the old
// one in the node list, so the list is rebuilt.
func pushActivations(g *graph) {
	users := g.users()
	var out []node
	moved := map[int]int{} // concat node -> its activation
	for i := range g.nodes {
		n := &g.nodes[i]
		if !isActivation(n.op) {
			continue
		}
		p := g.values[n.in[0]].prod
		if p >= 0 && g.nodes[p].op == weights.OpConcat && len(users[n.in[0]]) == 1 {
			moved[p] = i
		}
	}
	if len(moved) == 0 {
		return
	}
	for i := range g.nodes {
		n := g.nodes[i]
		if a, ok := moved[i]; ok {
			an := g.nodes[a]
			in := make([]int, len(n.in))
			for k, v := range n.in {
				g.values = append(g.values, value{g.values[v].name + "|" + an.name, g.values[v].shape, -1})
				in[k] = len(g.values) - 1
				out = append(out, node{name: an.name, op: an.op, in: []int{v}, out: []int{in[k]}, act: noAct, res: -1})
			}
			n.in, n.out = in, an.out
			out = append(out, n)
			continue
		}
		gone := false
		for _, a := range moved {
			gone = gone || a == i
		}
		if !gone {
			out = append(out, n)
		}
	}
	g.nodes = out
	for i := range g.nodes {
		for _, v := range g.nodes[i].out {
			g.values[v].prod = i
		}
	}
}

// dropActivations removes a ReLU whose input is never negative. (It would turn
// -0 into +0 at most, and the values that it would do that to are none: a
// clamp at 0 gives +0 or keeps what compares equal.)
func dropActivations(g *graph) {
	nonneg := make([]bool, len(g.values))
	for i := range g.nodes {
		n := &g.nodes[i]
		switch n.op {
		case weights.OpReLU:
			if nonneg[n.in[0]] {
				g.redirect(n.out[0], n.in[0])
				n.op = ""
				continue
			}
			nonneg[n.out[0]] = true
		case weights.OpReLU6:
			nonneg[n.out[0]] = true
		case weights.OpMaxPool, weights.OpAvgPool, weights.OpGlobalAvgPool, weights.OpFlatten,
			weights.OpShuffle, weights.OpSplit, weights.OpSlice, weights.OpDynamicShuffle,
			weights.OpConcat, weights.OpAdd, weights.OpSoftmax:
			all := true
			for _, v := range n.in {
				all = all && nonneg[v]
			}
			for _, v := range n.out {
				nonneg[v] = all || n.op == weights.OpSoftmax
			}
		}
	}
}

// absorbs says whether a node's kernel can clamp its output.
func absorbs(op string) bool {
	switch op {
	case weights.OpConv, weights.OpAffine, weights.OpAdd, weights.OpLinear, weights.OpStaticDynamicShuffle:
		return true
	}
	return isActivation(op)
}

func fuseActivations(g *graph) {
	users := g.users()
	for i := range g.nodes {
		n := &g.nodes[i]
		if !isActivation(n.op) {
			continue
		}
		p := g.values[n.in[0]].prod
		if p < 0 || !absorbs(g.nodes[p].op) || len(users[n.in[0]]) != 1 {
			continue
		}
		prod := &g.nodes[p]
		a := actOf(n.op)
		if isActivation(prod.op) { // relu then relu6: one clamp
			prod.act = prod.act.then(actOf(prod.op))
			prod.op = weights.OpAffine
		}
		prod.act = prod.act.then(a)
		g.values[n.out[0]].prod = p
		prod.out[0] = n.out[0]
		n.op = ""
	}
}

// fuseAdds makes add(x, conv) an epilogue of the convolution when nobody else
// reads the convolution's output, it has no clamp of its own, and x is there
// before the convolution runs.
func fuseAdds(g *graph) {
	users := g.users()
	for i := range g.nodes {
		n := &g.nodes[i]
		if n.op != weights.OpAdd || n.in[0] == n.in[1] {
			continue
		}
		best := -1
		for k := range 2 {
			v, other := n.in[k], n.in[1-k]
			p := g.values[v].prod
			if p < 0 || len(users[v]) != 1 || g.values[other].prod >= p {
				continue
			}
			if c := &g.nodes[p]; c.op == weights.OpConv && c.res < 0 && c.act == noAct && !c.isDepthwise(g) && !g.oneByOne(c) {
				best = k
			}
		}
		if best < 0 {
			continue
		}
		p := g.values[n.in[best]].prod
		c := &g.nodes[p]
		c.res = n.in[1-best]
		c.act = n.act
		c.out[0] = n.out[0]
		g.values[n.out[0]].prod = p
		n.op = ""
		users = g.users()
	}
}

// isDepthwise: every group has one input channel, so the depthwise kernel
// takes it (more outputs per group read the same plane through the table).
func (n *node) isDepthwise(g *graph) bool {
	return n.op == weights.OpConv && n.groups == g.values[n.in[0]].shape[0] && n.dh == 1 && n.dw == 1 && n.sh == n.sw && n.kh*n.kw > 1
}

// oneByOne: a convolution from one pixel to one pixel is a linear layer.
func (g *graph) oneByOne(n *node) bool {
	_, a := g.values[n.in[0]].planes()
	_, b := g.values[n.out[0]].planes()
	return a == 1 && b == 1 && n.groups == 1 && n.kh*n.kw == 1 && n.pt+n.pl == 0 // with padding the output may see nothing else
}
