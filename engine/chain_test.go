package engine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/riffle-ml/riffle/internal/oracle"
	"github.com/riffle-ml/riffle/weights"
)

// withBands makes a chain of all that can be one, in bands of so many rows; less than 0: of
// nothing.
func withBands(rows int) Option {
	return func(o *options) error { o.bands = rows; return nil }
}

// chainNet makes a network of a convolution, a window over its planes and a pointwise
// convolution, any of which may be missing, of odd sizes.
type chainNet struct {
	grower
	text string
}

func newChainNet(rng *rand.Rand) *chainNet {
	n := &chainNet{grower: grower{rng: rng, m: &weights.Model{}, shapes: map[string][]int{}, read: map[string]bool{}}}
	s := []int{1 + rng.IntN(20), 1 + rng.IntN(30), 1 + rng.IntN(40)}
	n.m.Graph.Inputs = []weights.Value{{Name: "x", Shape: s}}
	n.values, n.shapes["x"] = []string{"x"}, s
	if rng.IntN(3) > 0 { // the chain's input is a step's output
		n.pointwise(1 + rng.IntN(30))
	}
	first := n.last()
	if rng.IntN(5) > 0 {
		if out := 1 + rng.IntN(60); rng.IntN(2) > 0 {
			n.pointwise(out)
		} else {
			n.product(out)
		}
		n.activate()
	}
	n.window()
	n.activate()
	if rng.IntN(4) > 0 {
		out := 1 + rng.IntN(40)
		residual := rng.IntN(2) == 0
		if residual {
			out = n.shapes[first][0]
		}
		n.pointwise(out)
		if y := n.last(); residual && fmt.Sprint(n.shapes[y]) == fmt.Sprint(n.shapes[first]) {
			n.node(weights.OpAdd, []string{y, first}, nil, nil, n.shapes[y])
		}
		n.activate()
	}
	n.m.Graph.Outputs = []string{n.last()}
	return n
}

func (n *chainNet) last() string { return n.values[len(n.values)-1] }

func (n *chainNet) pointwise(out int) {
	one := []int{1, 1}
	n.conv(out, one, one, one, []int{0, 0, 0, 0})
}

// product is a dense convolution of any window.
func (n *chainNet) product(out int) {
	r, s := n.rng, n.shapes[n.last()]
	k := []int{1 + r.IntN(5), 1 + r.IntN(5)}
	stride := []int{1 + r.IntN(3), 1 + r.IntN(3)}
	d := []int{1 + r.IntN(2), 1 + r.IntN(2)}
	pad := []int{r.IntN(4), r.IntN(4), r.IntN(8), r.IntN(8)} // whole rows of padding too
	for i := range 2 {
		if d[i]*(k[i]-1)+1 > s[1+i]+pad[i]+pad[i+2] {
			k[i] = 1
		}
	}
	n.conv(out, k, stride, d, pad)
}

func (n *chainNet) conv(out int, k, stride, d, pad []int) {
	x := n.last()
	s := n.shapes[x]
	size := func(i int) int { return (s[1+i]+pad[i]+pad[i+2]-d[i]*(k[i]-1)-1)/stride[i] + 1 }
	n.node(weights.OpConv, []string{x}, map[string][]int{"kernel": k, "stride": stride, "dilation": d, "pad": pad},
		map[string]string{"weight": n.tensor(math.Sqrt(2/float64(s[0]*k[0]*k[1])), out, s[0], k[0], k[1]), "bias": n.tensor(0.5, out)},
		[]int{out, size(0), size(1)})
	n.text += fmt.Sprintf(" conv %v, window %v, stride %v, dilation %v, pad %v to %d", s, k, stride, d, pad, out)
}

func (n *chainNet) activate() {
	x := n.last()
	if op := []string{"", weights.OpReLU, weights.OpReLU6, weights.OpSiLU, weights.OpHardSwish}[n.rng.IntN(5)]; op != "" {
		n.node(op, []string{x}, nil, nil, n.shapes[x])
	}
}

// window is a depthwise convolution or a pooling.
func (n *chainNet) window() {
	x, r := n.last(), n.rng
	c, h, w := n.shapes[x][0], n.shapes[x][1], n.shapes[x][2]
	var k, s, p []int
	d := 1
	switch r.IntN(4) {
	case 0:
		k = []int{1 + r.IntN(7), 1 + r.IntN(7)}
		s = []int{1 + r.IntN(3), 1 + r.IntN(3)}
		p = []int{r.IntN(k[0]), r.IntN(k[1]), r.IntN(k[0]), r.IntN(k[1])}
	case 1: // as TensorFlow pads
		kk := 3 + 2*r.IntN(2)
		k, s, p = []int{kk, kk}, []int{2, 2}, []int{kk/2 - 1, kk/2 - 1, kk / 2, kk / 2}
	default:
		kk, ss := 3+2*r.IntN(3), 1+r.IntN(2)
		k, s, p = []int{kk, kk}, []int{ss, ss}, []int{kk / 2, kk / 2, kk / 2, kk / 2}
	}
	pool := r.IntN(4) == 0
	if !pool && r.IntN(6) == 0 {
		d = 2
	}
	if d*(k[0]-1)+1 > h+p[0]+p[2] || d*(k[1]-1)+1 > w+p[1]+p[3] {
		k, p, d = []int{1, 1}, []int{0, 0, 0, 0}, 1
	}
	out := []int{c, (h+p[0]+p[2]-d*(k[0]-1)-1)/s[0] + 1, (w+p[1]+p[3]-d*(k[1]-1)-1)/s[1] + 1}
	attrs := map[string][]int{"kernel": k, "stride": s, "pad": p}
	n.text += fmt.Sprintf(" window %v of %v stride %v pad %v dilation %d pool %v", k, n.shapes[x], s, p, d, pool)
	if !pool || (out[1]-1)*s[0]-p[0] >= h || (out[2]-1)*s[1]-p[1] >= w {
		attrs["groups"], attrs["dilation"] = []int{c}, []int{d, d}
		n.node(weights.OpConv, []string{x}, attrs, map[string]string{"weight": n.tensor(1/float64(k[0]), c, 1, k[0], k[1]), "bias": n.tensor(0.5, c)}, out)
		return
	}
	op := weights.OpMaxPool
	switch r.IntN(3) {
	case 0:
		op, attrs["countpad"] = weights.OpAvgPool, []int{r.IntN(2)}
	case 1:
		attrs["ceil"] = []int{1}
		for i := range 2 {
			if o := out[1+i]; ([]int{h, w}[i]+p[i]+p[i+2]-k[i])%s[i] != 0 && o*s[i] < []int{h, w}[i]+p[i] {
				out[1+i]++
			}
		}
	}
	n.node(op, []string{x}, attrs, nil, out)
}

// A chain computes the bits that its steps compute one after the other, in bands of any
// size and on any number of threads, and these are right.
func TestChains(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	nets := 150
	if testing.Short() {
		nets = 40
	}
	forEachSet(t, func(t *testing.T, isa string) {
		rng := rand.New(rand.NewPCG(5, 6))
		used := 0
		for range nets {
			n := newChainNet(rng)
			if err := n.m.Check(); err != nil {
				t.Fatalf("%s: %v", n.text, err)
			}
			plain := mustNew(t, n.m, WithISA(isa), WithThreads(1), withBands(-1))
			in := randomInput(2*plain.plan.InLen, uint64(used))
			want := runAll(t, plain, in)
			if used == 0 {
				exact := oracle.Output(n.m, in[:plain.plan.InLen], nil)
				if err := relError(want[:len(exact)], exact); err > denseError {
					t.Errorf("%s: an error of %g", n.text, err)
				}
			}
			rows := 1 + rng.IntN(9)
			for _, threads := range []int{1, 2, 3, 5} {
				m := mustNew(t, n.m, WithISA(isa), WithThreads(threads), withBands(rows))
				if kernels(m, "chain") > 0 {
					used++
				}
				if got := runAll(t, m, in[:m.plan.InLen]); !sameBits(got, want[:m.plan.OutLen]) {
					t.Errorf("%s: other bits in bands of %d rows on %d threads", n.text, rows, threads)
				}
				if got := runAll(t, m, in); !sameBits(got, want) {
					t.Errorf("%s: other bits in a batch, in bands of %d rows on %d threads", n.text, rows, threads)
				}
				m.Close()
			}
			plain.Close()
		}
		if used < 2*nets {
			t.Errorf("got %d chains in %d networks, want more", used, 4*nets)
		}
	})
}

// The networks in RIFFLE_EXPORTS have the same bits with chains, where they pay, as without.
func TestChainsOfExports(t *testing.T) {
	dir := os.Getenv("RIFFLE_EXPORTS")
	if dir == "" {
		t.Skip("RIFFLE_EXPORTS is not set")
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*/net.rfl"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: got no networks (%v), want */net.rfl", dir, err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) {
			load := func(rows int) *Model {
				m, err := Load(path, withBands(rows))
				if err != nil {
					t.Skip(err)
				}
				return m
			}
			plain, m := load(-1), load(0)
			defer plain.Close()
			defer m.Close()
			in := randomInput(m.plan.InLen, 1)
			if !sameBits(runAll(t, m, in), runAll(t, plain, in)) {
				t.Errorf("other bits with %d chains", kernels(m, "chain"))
			}
			t.Logf("%d chains", kernels(m, "chain"))
		})
	}
}
