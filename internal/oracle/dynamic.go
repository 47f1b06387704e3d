package oracle

import (
	"math"

	"github.com/riffle-ml/riffle/weights"
)

// Permutations, by node name, replace what a dynamic node would choose: sigma
// and tau, pair after pair.
type Permutations map[string][2][]int

// choose computes sigma and tau, pair after pair, from the input's means: the
// assignment by a bitmask dynamic program, which shares nothing with the
// engine's. It serves factors up to 16.
func choose(n *weights.Node, x *Tensor, data func(string) []float32, inject Permutations) (sigma, tau []int) {
	if p, ok := inject[n.Name]; ok {
		return p[0], p[1]
	}
	a, b, pairs := n.Attrs["factors"][0], n.Attrs["factors"][1], n.Attrs["pairs"][0]
	c := x.Shape[0]
	per := len(x.Data) / c
	mean := make([]float64, c)
	for i, v := range x.Data {
		mean[i/per] += v / float64(per)
	}
	z := make([]float64, len(data("b1")))
	for h := range z {
		z[h] = max(dot(data("w1")[h*c:], mean, data("b1"), h), 0)
	}
	l := make([]float64, pairs*(a*a+b*b))
	for i := range l {
		l[i] = dot(data("w2")[i*len(z):], z, data("b2"), i)
	}
	for i := range pairs {
		at := i * (a*a + b*b)
		sigma = append(sigma, Assign(l[at:at+a*a], a)...)
		tau = append(tau, Assign(l[at+a*a:at+a*a+b*b], b)...)
	}
	return sigma, tau
}

// Assign returns the permutation with the largest sum of l[r*n+perm[r]], by
// dynamic programming over sets of columns; n up to 16 or so.
func Assign(l []float64, n int) []int {
	best := make([]float64, 1<<n)
	last := make([]int8, 1<<n)
	for s := 1; s < 1<<n; s++ {
		best[s] = math.Inf(-1)
		r := -1
		for t := s; t != 0; t &= t - 1 {
			r++
		}
		for j := range n {
			if s>>j&1 == 1 {
				if v := best[s&^(1<<j)] + l[r*n+j]; v > best[s] {
					best[s], last[s] = v, int8(j)
				}
			}
		}
	}
	perm := make([]int, n)
	for s, r := 1<<n-1, n-1; r >= 0; r-- {
		perm[r] = int(last[s])
		s &^= 1 << last[s]
	}
	return perm
}

// pi is the channel permutation: y[o] = x[pi[o]].
func pi(n *weights.Node, c int, sigma, tau []int) []int {
	g, a, b, pairs := n.Attrs["groups"][0], n.Attrs["factors"][0], n.Attrs["factors"][1], n.Attrs["pairs"][0]
	p := make([]int, c)
	for i := range g {
		s, t := sigma[i%pairs*a:], tau[i%pairs*b:]
		for j := range c / g {
			p[j*g+i] = i*(c/g) + s[j/b]*b + t[j%b]
		}
	}
	return p
}

// staticDynamic is the operator's definition, form by form.
func staticDynamic(n *weights.Node, x *Tensor, data func(string) []float32, sigma, tau []int) *Tensor {
	c := x.Shape[0]
	per := len(x.Data) / c
	g, a, b, pairs := n.Attrs["groups"][0], n.Attrs["factors"][0], n.Attrs["factors"][1], n.Attrs["pairs"][0]
	nn := c / g
	y := alloc(x.Shape...)
	if n.Attrs["form"][0] == 0 {
		s, gate, shift := data("weight"), data("gate"), data("shift")
		perm := pi(n, c, sigma, tau)
		for o := range c {
			i := o % g
			for p := range per {
				v := float64(shift[o]) + float64(gate[o])*x.Data[perm[o]*per+p]
				for k := range nn {
					v += float64(s[o*nn+k]) * x.Data[(i*nn+k)*per+p]
				}
				y.Data[o*per+p] = v
			}
		}
		return y
	}
	wa, wb, scale, shift := data("wa"), data("wb"), data("scale"), data("shift")
	for i := range g {
		s, t := sigma[i%pairs*a:], tau[i%pairs*b:]
		ma := func(r, k int) float64 {
			v := float64(wa[(i%pairs*a+r)*a+k])
			if s[r] == k {
				v++
			}
			return v
		}
		mb := func(q, k int) float64 {
			v := float64(wb[(i%pairs*b+q)*b+k])
			if t[q] == k {
				v++
			}
			return v
		}
		for r := range a {
			for q := range b {
				o := (r*b+q)*g + i
				for p := range per {
					v := 0.0
					for k := range a {
						for l := range b {
							v += ma(r, k) * x.Data[(i*nn+k*b+l)*per+p] * mb(q, l)
						}
					}
					y.Data[o*per+p] = float64(scale[o])*v + float64(shift[o])
				}
			}
		}
	}
	return y
}
