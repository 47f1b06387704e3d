package engine

import (
	"cmp"
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/riffle-ml/riffle/weights"
)

// operator is what the engine must know of an operator before it plans: how
// many inputs (0: any), and a check that parses the attributes into the node
// and returns the outputs' shapes. A check reports through attrs; its result
// is not looked at once attrs has an error.
type operator struct {
	inputs int
	check  func(a *attrs, n *node, in []shape) []shape
}

var operators map[string]operator

func init() { // not a literal: knownOperators, which checks may use, reads it
	operators = map[string]operator{
		weights.OpConv:                 {1, checkConv},
		weights.OpAffine:               {1, checkAffine},
		weights.OpReLU:                 {1, checkSame},
		weights.OpReLU6:                {1, checkSame},
		weights.OpAdd:                  {2, checkAdd},
		weights.OpConcat:               {0, checkConcat},
		weights.OpSplit:                {1, checkSplit},
		weights.OpSlice:                {1, checkSlice},
		weights.OpShuffle:              {1, checkShuffle},
		weights.OpMaxPool:              {1, checkPool},
		weights.OpAvgPool:              {1, checkPool},
		weights.OpGlobalAvgPool:        {1, checkGlobal},
		weights.OpFlatten:              {1, checkFlatten},
		weights.OpLinear:               {1, checkLinear},
		weights.OpSoftmax:              {1, checkSoftmax},
		weights.OpDynamicShuffle:       {1, checkDynamic},
		weights.OpStaticDynamicShuffle: {1, checkDynamic},
	}
}

func knownOperators() string {
	var s []string
	for k := range operators {
		s = append(s, k)
	}
	sort.Strings(s)
	return strings.Join(s, ", ")
}

// attrs reads a node's attributes and tensors, keeping the first error.
type attrs struct {
	m    *weights.Model
	n    *weights.Node
	used int
	err  error
}

func (a *attrs) failf(format string, args ...any) {
	if a.err == nil {
		a.err = fmt.Errorf(format, args...)
	}
}

// finish reports the first error, or attributes and tensors nobody asked for.
func (a *attrs) finish() error {
	if a.err == nil && a.used != len(a.n.Attrs)+len(a.n.Tensors) {
		return errors.New("has attributes or tensors that the operator does not take")
	}
	return a.err
}

// ints returns attribute name, which must have len(def) values in [lo, hi]; def
// where the node has none, unless need.
func (a *attrs) ints(name string, need bool, lo, hi int, def ...int) []int {
	v, ok := a.n.Attrs[name]
	if !ok {
		if need {
			a.failf("attribute %q is missing", name)
		}
		return def
	}
	a.used++
	if len(v) != len(def) {
		a.failf("attribute %q: got %d values, want %d", name, len(v), len(def))
		return def
	}
	for _, x := range v {
		if x < lo || x > hi {
			a.failf("attribute %q: got %v, want values in %d..%d", name, v, lo, hi)
			return def
		}
	}
	return v
}

// list returns attribute name, of any length.
func (a *attrs) list(name string) []int {
	v, ok := a.n.Attrs[name]
	if !ok {
		a.failf("attribute %q is missing", name)
		return nil
	}
	a.used++
	return v
}

// permutations returns attribute name, which must be permutations of a and of b
// values in turn, pairs times; nil where the node has none.
func (a *attrs) permutations(name string, pairs, na, nb int) []int {
	if _, ok := a.n.Attrs[name]; !ok {
		return nil
	}
	v := a.list(name)
	if len(v) != pairs*(na+nb) {
		a.failf("attribute %q: got %d values, want %d", name, len(v), pairs*(na+nb))
		return nil
	}
	for i := range pairs {
		p := v[i*(na+nb):][:na+nb]
		if err := cmp.Or(checkBijection(p[:na], na), checkBijection(p[na:], nb)); err != nil {
			a.failf("attribute %q, pair %d: %w", name, i, err)
			return nil
		}
	}
	return v
}

// tensor returns the tensor of a role, which must have the given shape.
func (a *attrs) tensor(role string, need bool, want ...int) *weights.Tensor {
	name, ok := a.n.Tensors[role]
	if !ok {
		if need {
			a.failf("tensor %q is missing", role)
		}
		return nil
	}
	a.used++
	t := a.m.Tensor(name)
	if t == nil {
		a.failf("tensor %q (%s): not in the file", name, role)
		return nil
	}
	if !shape(t.Shape).equal(want) {
		a.failf("tensor %q (%s): got shape %v, want %v", name, role, shape(t.Shape), shape(want))
		return nil
	}
	return t
}

// planes fails unless s is [C H W].
func (a *attrs) planes(s shape) (c, h, w int) {
	if len(s) != 3 {
		a.failf("input: got shape %v, want [C H W]", s)
		return 1, 1, 1
	}
	return s[0], s[1], s[2]
}

func (a *attrs) window(n *node, h, w int) {
	const most = 1 << 12
	k := a.ints("kernel", true, 1, most, 1, 1)
	s := a.ints("stride", false, 1, most, 1, 1)
	d := []int{1, 1}
	if n.op == weights.OpConv {
		d = a.ints("dilation", false, 1, most, 1, 1)
	}
	p := a.ints("pad", false, 0, most, 0, 0, 0, 0)
	n.window = window{k[0], k[1], s[0], s[1], d[0], d[1], p[0], p[1], p[2], p[3]}
	if eh, ew := n.dh*(n.kh-1)+1, n.dw*(n.kw-1)+1; eh > h+n.pt+n.pb || ew > w+n.pl+n.pr {
		a.failf("window of %dx%d does not fit the padded input of %dx%d", eh, ew, h+n.pt+n.pb, w+n.pl+n.pr)
		n.window = window{1, 1, 1, 1, 1, 1, 0, 0, 0, 0}
	}
}

func checkConv(a *attrs, n *node, in []shape) []shape {
	c, h, w := a.planes(in[0])
	a.window(n, h, w)
	n.groups = a.ints("groups", false, 1, 1<<20, 1)[0]
	if c%n.groups != 0 {
		a.failf("groups: got %d, want a divisor of the %d input channels", n.groups, c)
		return nil
	}
	name := a.n.Tensors["weight"]
	t := a.m.Tensor(name)
	if t == nil || len(t.Shape) != 4 {
		a.failf("tensor \"weight\": got none of rank 4, want [O %d %d %d]", c/n.groups, n.kh, n.kw)
		return nil
	}
	o := t.Shape[0]
	if o%n.groups != 0 {
		a.failf("groups: got %d, want a divisor of the %d output channels", n.groups, o)
		return nil
	}
	n.weight = a.tensor("weight", true, o, c/n.groups, n.kh, n.kw)
	n.bias = a.tensor("bias", false, o)
	return []shape{{o, n.outH(h), n.outW(w)}}
}

func checkAffine(a *attrs, n *node, in []shape) []shape {
	n.scale = a.tensor("scale", true, in[0][0])
	n.shift = a.tensor("shift", true, in[0][0])
	return []shape{in[0]}
}

func checkSame(a *attrs, n *node, in []shape) []shape { return []shape{in[0]} }

func checkAdd(a *attrs, n *node, in []shape) []shape {
	if !in[0].equal(in[1]) {
		a.failf("inputs: got shapes %v and %v, want the same", in[0], in[1])
	}
	return []shape{in[0]}
}

func checkConcat(a *attrs, n *node, in []shape) []shape {
	out := append(shape(nil), in[0]...)
	for _, s := range in[1:] {
		if len(s) != len(out) || len(s) == 3 && (s[1] != out[1] || s[2] != out[2]) {
			a.failf("inputs: got shapes %v and %v, want the same but for channels", in[0], s)
			return nil
		}
		if out[0] += s[0]; out[0] > maxPlanes { // before the sum overflows 32 bits
			a.failf("channels: got more than %d, want fewer: %w", maxPlanes, ErrLimit)
			return nil
		}
	}
	return []shape{out}
}

// channels is s with c channels.
func (s shape) channels(c int) shape {
	t := append(shape(nil), s...)
	t[0] = c
	return t
}

func checkSplit(a *attrs, n *node, in []shape) []shape {
	n.sizes = a.list("sizes")
	var out []shape
	sum := 0
	for _, c := range n.sizes {
		if c < 1 || c > in[0][0]-sum {
			a.failf("sizes: got %v, want positive numbers whose sum is %d", n.sizes, in[0][0])
			return nil
		}
		sum += c
		out = append(out, in[0].channels(c))
	}
	if sum != in[0][0] {
		a.failf("sizes: got %v, want positive numbers whose sum is %d", n.sizes, in[0][0])
	}
	return out
}

func checkSlice(a *attrs, n *node, in []shape) []shape {
	c := in[0][0]
	r := a.ints("range", true, 0, c, 0, 1, 1)
	n.slice = [3]int{r[0], r[1], r[2]}
	if r[0] >= r[1] || r[2] < 1 {
		a.failf("range: got %v, want start < stop <= %d and step >= 1", r, c)
		return nil
	}
	return []shape{in[0].channels((r[1] - r[0] + r[2] - 1) / r[2])}
}

func checkShuffle(a *attrs, n *node, in []shape) []shape {
	n.perm = a.list("perm")
	if err := checkBijection(n.perm, in[0][0]); err != nil {
		a.failf("perm: %v", err)
	}
	return []shape{in[0]}
}

// checkBijection fails unless p is a permutation of 0..n-1.
func checkBijection(p []int, n int) error {
	if len(p) != n {
		return fmt.Errorf("got %d entries, want %d", len(p), n)
	}
	at := make([]int, n)
	for i, v := range p {
		if v < 0 || v >= n {
			return fmt.Errorf("entry %d: got %d, want 0..%d", i, v, n-1)
		}
		if at[v] != 0 {
			return fmt.Errorf("no bijection: entries %d and %d are both %d", at[v]-1, i, v)
		}
		at[v] = i + 1
	}
	return nil
}

func checkPool(a *attrs, n *node, in []shape) []shape {
	c, h, w := a.planes(in[0])
	a.window(n, h, w)
	n.ceil = a.ints("ceil", false, 0, 1, 0)[0] == 1
	if n.op == weights.OpAvgPool {
		n.count = a.ints("countpad", false, 0, 1, 0)[0] == 1
	}
	if n.pt >= n.kh || n.pb >= n.kh || n.pl >= n.kw || n.pr >= n.kw {
		a.failf("pad: got [%d %d %d %d], want less than the kernel %dx%d", n.pt, n.pl, n.pb, n.pr, n.kh, n.kw)
		return nil
	}
	oh, ow := n.outH(h), n.outW(w)
	if n.ceil {
		// PyTorch's rule: one more window if pixels are left over, unless it
		// would start in the padding at the end.
		oh, ow = ceilOut(oh, h, n.kh, n.sh, n.pt, n.pb), ceilOut(ow, w, n.kw, n.sw, n.pl, n.pr)
		over := (oh-1)*n.sh+n.kh > h+n.pt+n.pb || (ow-1)*n.sw+n.kw > w+n.pl+n.pr
		if over && n.count {
			// The part of a window past the padding counts in nobody's divisor.
			// Without padding that is the same as not counting it at all.
			if n.pt+n.pl+n.pb+n.pr != 0 {
				a.failf("ceil with countpad: got windows that reach past the padding, want none")
			}
			n.count = false
		}
	}
	if (oh-1)*n.sh-n.pt >= h || (ow-1)*n.sw-n.pl >= w {
		a.failf("pad: got [%d %d %d %d], want every window to cover a pixel", n.pt, n.pl, n.pb, n.pr)
	}
	return []shape{{c, oh, ow}}
}

func ceilOut(o, n, k, s, p0, p1 int) int {
	if (n+p0+p1-k)%s != 0 && o*s < n+p0 {
		return o + 1
	}
	return o
}

func checkGlobal(a *attrs, n *node, in []shape) []shape {
	c, _, _ := a.planes(in[0])
	return []shape{{c, 1, 1}}
}

func checkFlatten(a *attrs, n *node, in []shape) []shape { return []shape{{in[0].elems()}} }

func checkLinear(a *attrs, n *node, in []shape) []shape {
	if len(in[0]) != 1 {
		a.failf("input: got shape %v, want a vector", in[0])
		return nil
	}
	t := a.m.Tensor(a.n.Tensors["weight"])
	if t == nil || len(t.Shape) != 2 {
		a.failf("tensor \"weight\": got none of rank 2, want [O %d]", in[0][0])
		return nil
	}
	n.weight = a.tensor("weight", true, t.Shape[0], in[0][0])
	n.bias = a.tensor("bias", false, t.Shape[0])
	return []shape{{t.Shape[0]}}
}

func checkSoftmax(a *attrs, n *node, in []shape) []shape {
	if len(in[0]) != 1 {
		a.failf("input: got shape %v, want a vector", in[0])
	}
	return []shape{in[0]}
}

// dynamicSpec is what both dynamic operators share: C = groups*a*b channels.
type dynamicSpec struct {
	groups, a, b, pairs int
	w1, b1, w2, b2      *weights.Tensor
	hidden              int
	kronecker           bool            // static-dynamic only
	static              bool            // is static-dynamic
	wa, wb              *weights.Tensor // kronecker
	usual               []int           // sigma, tau of each pair; nil if the file does not say
}

const maxFactor = 64 // the assignment is O(n^3)

func checkDynamic(a *attrs, n *node, in []shape) []shape {
	c, _, _ := a.planes(in[0])
	d := &dynamicSpec{}
	n.dynamic = d
	d.groups = a.ints("groups", true, 1, c, 1)[0]
	f := a.ints("factors", true, 1, maxFactor, 1, 1)
	d.a, d.b = f[0], f[1]
	if d.groups*d.a*d.b != c {
		a.failf("groups %d x factors %dx%d: got %d channels, want %d", d.groups, d.a, d.b, d.groups*d.a*d.b, c)
		return nil
	}
	d.pairs = a.ints("pairs", true, 1, c, 1)[0]
	if d.pairs != 1 && d.pairs != d.groups {
		a.failf("pairs: got %d, want 1 or the number of groups, %d", d.pairs, d.groups)
		return nil
	}
	d.usual = a.permutations("usual", d.pairs, d.a, d.b)
	if t := a.m.Tensor(a.n.Tensors["b1"]); t != nil && len(t.Shape) == 1 {
		d.hidden = t.Shape[0]
	} else {
		a.failf("tensor \"b1\": got none of rank 1, want [hidden]")
	}
	logits := d.pairs * (d.a*d.a + d.b*d.b)
	d.w1 = a.tensor("w1", true, d.hidden, c)
	d.b1 = a.tensor("b1", true, d.hidden)
	d.w2 = a.tensor("w2", true, logits, d.hidden)
	d.b2 = a.tensor("b2", true, logits)
	if n.op == weights.OpStaticDynamicShuffle {
		d.static = true
		d.kronecker = a.ints("form", true, 0, 1, 0)[0] == 1
		if d.kronecker {
			d.wa = a.tensor("wa", true, d.pairs, d.a, d.a)
			d.wb = a.tensor("wb", true, d.pairs, d.b, d.b)
			n.scale = a.tensor("scale", true, c)
		} else {
			n.weight = a.tensor("weight", true, c, c/d.groups)
			n.scale = a.tensor("gate", true, c)
		}
		n.shift = a.tensor("shift", true, c)
	}
	return []shape{in[0]}
}
