package assign

import "math"

// Solver finds the permutation with the largest sum of logits: the exact
// binarization of a small square matrix (a linear assignment problem).
//
// The algorithm is part of the format's meaning, because a trainer must decode
// the same logits to the same permutation, ties included:
//
//  1. A NaN counts as -MaxFloat32; infinities as +-MaxFloat32.
//  2. If the rows' largest entries (the leftmost of equals) are in distinct
//     columns, they are the answer.
//  3. Otherwise: shortest augmenting paths (the Hungarian method of Jonker and
//     Volgenant, Computing 38, 1987) on the costs -logit, in float64, rows
//     added in ascending order; columns scanned in ascending order; every
//     comparison strict, so that the first of equals wins.
//
// O(n^3) at worst. A Solver is scratch: one goroutine at a time.
type Solver struct {
	u, v, minv []float64
	p, way     []int32
	used       []bool
}

func NewSolver(n int) Solver {
	n++
	return Solver{
		make([]float64, n), make([]float64, n), make([]float64, n),
		make([]int32, n), make([]int32, n), make([]bool, n),
	}
}

func finite(x float32) float64 {
	switch {
	case x >= -math.MaxFloat32 && x <= math.MaxFloat32:
		return float64(x)
	case x > 0:
		return math.MaxFloat32
	}
	return -math.MaxFloat32
}

// Solve writes row r's column to perm[r]. logits is n x n, n = len(perm), at
// most the n that the Solver was made for.
func (a *Solver) Solve(perm []int32, logits []float32) {
	n := len(perm)
	if a.argmax(perm, logits) {
		return
	}
	// Rows and columns count from 1; p[j] is the row that has column j, column 0
	// is the row being added.
	u, v, minv, p, way, used := a.u[:n+1], a.v[:n+1], a.minv[:n+1], a.p[:n+1], a.way[:n+1], a.used[:n+1]
	for j := range n + 1 {
		u[j], v[j], p[j] = 0, 0, 0
	}
	for i := 1; i <= n; i++ {
		p[0] = int32(i)
		for j := range n + 1 {
			minv[j], used[j] = math.Inf(1), false
		}
		j0 := 0
		for {
			used[j0] = true
			i0 := int(p[j0])
			row := logits[(i0-1)*n : i0*n]
			delta, j1 := math.Inf(1), 0
			for j := 1; j <= n; j++ {
				if used[j] {
					continue
				}
				if cur := -finite(row[j-1]) - u[i0] - v[j]; cur < minv[j] {
					minv[j], way[j] = cur, int32(j0)
				}
				if minv[j] < delta {
					delta, j1 = minv[j], j
				}
			}
			for j := range n + 1 {
				if used[j] {
					u[p[j]] += delta
					v[j] -= delta
				} else {
					minv[j] -= delta
				}
			}
			j0 = j1
			if p[j0] == 0 {
				break
			}
		}
		for j0 != 0 {
			j1 := int(way[j0])
			p[j0] = p[j1]
			j0 = j1
		}
	}
	for j := 1; j <= n; j++ {
		perm[p[j]-1] = int32(j - 1)
	}
}

// argmax takes each row's largest entry; false if two share a column.
func (a *Solver) argmax(perm []int32, logits []float32) bool {
	n := len(perm)
	used := a.used[:n]
	clear(used)
	for r := range n {
		row := logits[r*n : (r+1)*n]
		best := 0
		for j := 1; j < n; j++ {
			if finite(row[j]) > finite(row[best]) {
				best = j
			}
		}
		if used[best] {
			return false
		}
		used[best] = true
		perm[r] = int32(best)
	}
	return true
}
