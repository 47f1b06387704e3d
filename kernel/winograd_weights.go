package kernel

// winogradG are the rows of G, for tiles of 2 and of 4.
var winogradG = map[int][][3]float64{
	2: {{1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}},
	4: {
		{0.25, 0, 0}, {-1. / 6, -1. / 6, -1. / 6}, {-1. / 6, 1. / 6, -1. / 6},
		{1. / 24, 1. / 12, 1. / 6}, {1. / 24, -1. / 12, 1. / 6}, {0, 0, 1},
	},
}

// WinogradWeights returns (G g G')[e/(M+2)][e%(M+2)] for each 3x3 matrix g of w, for
// tiles of m x m outputs: matrix e, of len(w)/9 values in w's order, begins at
// e*len(w)/9. It is computed in float64 and rounded once.
func WinogradWeights(m int, w []float32) []float32 {
	g := winogradG[m]
	a, n := m+2, len(w)/9
	out := make([]float32, a*a*n)
	var left [6][3]float64 // G g
	for i := range n {
		k := w[9*i:][:9]
		for x := range 3 {
			p, q, r := float64(k[x]), float64(k[3+x]), float64(k[6+x])
			for y, row := range g {
				left[y][x] = float64(row[0]*p) + float64(row[1]*q) + float64(row[2]*r)
			}
		}
		for y := range a {
			l := &left[y]
			for x, row := range g {
				out[(y*a+x)*n+i] = float32(float64(row[0]*l[0]) + float64(row[1]*l[1]) + float64(row[2]*l[2]))
			}
		}
	}
	return out
}
