package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/internal/golden"
)

// hair is the assignment margin below which two machines may decide
// differently: their sums of float32 values round differently.
const hair = 1e-4

// reference is what the trainer made of every picture of a set:
// train/routes.py has the form.
type reference struct {
	path    string
	logits  []float64 // n * classes
	margin  []float64 // n; nil for a network without dynamic nodes
	routes  [][]int   // of each dynamic node, n * pairs*(a+b)
	classes int
	bound   float64 // of a logit's error, as a share of the picture's largest one
}

func readReference(path string, model *engine.Model, n int) (*reference, error) {
	arrays, _, err := golden.Read(path)
	if err != nil {
		return nil, &failure{exitUsage, err}
	}
	info := model.Info()
	r := &reference{path: path, classes: classCount(&info), bound: logitBound(&info)}
	get := func(name string, per int) (*golden.Array, error) {
		a := arrays[name]
		if a == nil {
			return nil, usagef("%s: no tensor %q", path, name)
		}
		if len(a.Data) != n*per {
			return nil, usagef("%s: %s has %d values, want %d for %d pictures", path, name, len(a.Data), n*per, n)
		}
		return a, nil
	}
	a, err := get("logits", r.classes)
	if err != nil {
		return nil, err
	}
	r.logits = a.Data
	s, err := model.NewSession()
	if err != nil {
		return nil, err
	}
	defer s.Close()
	for k, p := range s.Permutations() {
		a, err := get(fmt.Sprintf("routes.%d", k), p.Pairs*(p.A+p.B))
		if err != nil {
			return nil, err
		}
		r.routes = append(r.routes, a.Ints())
	}
	if len(r.routes) > 0 {
		if a, err = get("margin", 1); err != nil {
			return nil, err
		}
		r.margin = a.Data
	}
	return r, nil
}

// logitBound is what the network's layers may lose, each two roundings a term
// of its longest sum, growing with the square root of their number, both sides
// rounding; as a share of the largest logit.
func logitBound(info *engine.Info) float64 {
	layers, longest := 0, 1.0
	for _, n := range info.Nodes {
		if n.MACs == 0 {
			continue
		}
		layers++
		size := 1
		for _, d := range n.Outputs[0] {
			size *= d
		}
		longest = max(longest, float64(n.MACs)/float64(size))
	}
	return float64(layers) * math.Sqrt(2*longest) * 0x1p-24
}

// routesOf returns what the trainer chose for picture i, as permutations of
// the nodes that own has.
func (r *reference) routesOf(i int, own []engine.Permutation) []engine.Permutation {
	out := slices.Clone(own)
	for k := range out {
		p := &out[k]
		per := p.Pairs * (p.A + p.B)
		p.Sigma, p.Tau = nil, nil
		for j, v := range r.routes[k][i*per:][:per] {
			if j%(p.A+p.B) < p.A {
				p.Sigma = append(p.Sigma, int32(v))
			} else {
				p.Tau = append(p.Tau, int32(v))
			}
		}
	}
	return out
}

// comparison is one picture held against the reference.
type comparison struct {
	classDiffers bool
	closeCall    bool // the reference's two best classes are nearer than the bound
	routesDiffer bool
	margin       float64
	logits       float64 // largest error with the reference's permutations, as a share of the largest logit
}

// compare runs after judge: j.out and the session hold this picture's results.
func (r *reference) compare(ctx context.Context, j *judge, i int, predicted int) (comparison, error) {
	want := r.logits[i*r.classes:][:r.classes]
	c := comparison{margin: math.Inf(1)}
	best, largest := 0, 0.0
	for k, v := range want {
		if v > want[best] {
			best = k
		}
		largest = max(largest, math.Abs(v))
	}
	c.classDiffers = best != predicted
	for k, v := range want {
		c.closeCall = c.closeCall || k != best && want[best]-v <= 2*r.bound*largest
	}
	if own := j.s.Permutations(); len(own) > 0 {
		c.margin = r.margin[i]
		theirs := r.routesOf(i, own)
		for k := range own {
			c.routesDiffer = c.routesDiffer || !slices.Equal(own[k].Sigma, theirs[k].Sigma) || !slices.Equal(own[k].Tau, theirs[k].Tau)
		}
		if c.routesDiffer {
			if err := j.s.Inject(theirs); err != nil {
				return c, fmt.Errorf("%s: %w", r.path, err)
			}
			err := j.s.Run(ctx, j.out, j.in)
			if e := j.s.Inject(nil); err == nil {
				err = e
			}
			if err != nil {
				return c, err
			}
		}
	}
	for k, v := range want {
		c.logits = max(c.logits, math.Abs(float64(j.out[k])-v)/largest)
	}
	return c, nil
}

// agreement is what a comparison of a whole set says.
type agreement struct {
	File string `json:"file"`
	// Pictures whose class differs, and how many of them no close call explains.
	ClassesDiffer      int `json:"classes_differ"`
	ClassesUnexplained int `json:"classes_differ_unexplained"`
	// Pictures for which a layer chose another permutation; those whose margin
	// is no hair's breadth; and the largest margin among them.
	RoutesDiffer      int     `json:"routes_differ"`
	RoutesUnexplained int     `json:"routes_differ_unexplained"`
	RoutesMargin      float64 `json:"routes_differ_margin"`
	Close             int     `json:"margins_under_1e-4"`
	// The largest error of a logit with the reference's permutations, and the bound.
	LogitError float64 `json:"logit_error"`
	LogitBound float64 `json:"logit_bound"`
	dynamic    bool
}

func (g *agreement) add(c comparison) {
	near := c.margin < hair
	if near {
		g.Close++
	}
	if c.classDiffers {
		g.ClassesDiffer++
		if !c.closeCall && !(c.routesDiffer && near) {
			g.ClassesUnexplained++
		}
	}
	if c.routesDiffer {
		g.RoutesDiffer++
		g.RoutesMargin = max(g.RoutesMargin, c.margin)
		if !near {
			g.RoutesUnexplained++
		}
	}
	g.LogitError = max(g.LogitError, c.logits)
}

// agrees tells whether every difference is explained.
func (g *agreement) agrees() bool {
	return g.ClassesUnexplained == 0 && g.RoutesUnexplained == 0 && g.LogitError <= g.LogitBound
}

func (g *agreement) text() string {
	var b strings.Builder
	verdict := "agrees"
	if !g.agrees() {
		verdict = "DIFFERS"
	}
	fmt.Fprintf(&b, "against %s: %s\n", printable(g.File), verdict)
	fmt.Fprintf(&b, "  classes differ for %d pictures, %d of them unexplained\n", g.ClassesDiffer, g.ClassesUnexplained)
	if g.dynamic {
		fmt.Fprintf(&b, "  permutations differ for %d pictures, %d of them with a margin of 1e-4 or more (largest %.2g)\n",
			g.RoutesDiffer, g.RoutesUnexplained, g.RoutesMargin)
		fmt.Fprintf(&b, "  %d pictures have a margin under 1e-4\n", g.Close)
		fmt.Fprintf(&b, "  with the reference's permutations ")
	} else {
		fmt.Fprintf(&b, "  ")
	}
	fmt.Fprintf(&b, "logits differ by %.2g of the largest, bound %.2g\n", g.LogitError, g.LogitBound)
	return b.String()
}
