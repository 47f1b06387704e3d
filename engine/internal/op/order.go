package op

// order says which plane a slot of a routed table holds, given sigma and tau. n =
// a*b is the number of a group's channels, i its group.
type order uint8

const (
	// orderShuffle: slot j*groups+i holds plane i*n + sigma_i(j/b)*b + tau_i(j mod b).
	// It is the shuffle.
	orderShuffle order = iota
	// orderGrouped: slot i*n+j holds the same plane, so that groups stay together.
	orderGrouped
	// orderColumns: slot (i*a+r)*b+q holds plane i*n + r*b + tau_i(q). It permutes
	// columns alone.
	orderColumns
	// orderRows: slot (i*b+q)*a+r holds plane i*n + sigma_i(r)*b + q. It permutes
	// rows alone.
	orderRows
)

// factors is how a permutation of groups*a*b channels is made of small ones: pairs of
// them, 1 or one for each group.
type factors struct{ groups, a, b, pairs int }

// fill writes src's entries to dst in the order that sigma and tau give: pairs*a and
// pairs*b values.
func (g factors) fill(dst, src, sigma, tau []int32, o order) {
	n := g.a * g.b
	for i := range g.groups {
		sg, ta := sigma[i%g.pairs*g.a:][:g.a], tau[i%g.pairs*g.b:][:g.b]
		group := src[i*n : (i+1)*n]
		for r := range g.a {
			for q := range g.b {
				both := group[int(sg[r])*g.b+int(ta[q])]
				switch j := r*g.b + q; o {
				case orderShuffle:
					dst[j*g.groups+i] = both
				case orderGrouped:
					dst[i*n+j] = both
				case orderColumns:
					dst[i*n+j] = group[r*g.b+int(ta[q])]
				case orderRows:
					dst[(i*g.b+q)*g.a+r] = group[int(sg[r])*g.b+q]
				}
			}
		}
	}
}
