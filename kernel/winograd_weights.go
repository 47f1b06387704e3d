package kernel

// WinogradWeights transforms the 3x3 matrices g of w, for tiles of m x m outputs:
//
//	dst[e*n+i] = (G g G')[e/(m+2)][e%(m+2)]
//
// where g is the i-th of the n = len(w)/9 matrices. dst has WinogradElements(m)*n
// elements and does not overlap w. Sums are float64 and rounded once.
func WinogradWeights(m int, dst, w []float32) {
	a, n := m+2, len(w)/9
	times := winogradG4
	if m == 2 {
		times = winogradG2
	}
	for i := range n {
		k := w[9*i:][:9]
		var left [3][6]float64 // the columns of G g
		for x := range left {
			left[x] = times(float64(k[x]), float64(k[3+x]), float64(k[6+x]))
		}
		for y := range a {
			row := times(left[0][y], left[1][y], left[2][y])
			for x, v := range row[:a] {
				dst[(y*a+x)*n+i] = float32(v)
			}
		}
	}
}

// winogradG2 multiplies by G for tiles of 2: its rows are (1, 0, 0), (1/2, 1/2, 1/2),
// (1/2, -1/2, 1/2) and (0, 0, 1).
func winogradG2(p, q, r float64) [6]float64 {
	s, h := float64(0.5*(p+r)), float64(0.5*q)
	return [6]float64{p, s + h, s - h, r}
}

// winogradG4 multiplies by G for tiles of 4: its rows are (1/4, 0, 0), (-1, -1, -1)/6,
// (-1, 1, -1)/6, (1, 2, 4)/24, (1, -2, 4)/24 and (0, 0, 1).
func winogradG4(p, q, r float64) [6]float64 {
	s, h := float64((p+r)*(-1./6)), float64(q*(1./6))
	u, v := float64((p+float64(4*r))*(1./24)), float64(q*(1./12))
	return [6]float64{0.25 * p, s - h, s + h, u + v, u - v, r}
}
