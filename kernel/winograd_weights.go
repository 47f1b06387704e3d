package kernel

// WinogradWeights transforms the 3x3 matrices g of w for tiles of m x m outputs, and packs
// them as [PackA] packs each element's matrix of rows output channels of a tile and c
// input channels:
//
//	dst[e*pitch + k*rows + r] = (G g G')[e/(m+2)][e%(m+2)]
//
// where g is w[9*(r*ld+k):][:9], for r in [0, rows), rows at most 64, and k in [0, c). dst does
// not overlap w. Sums are float64 and rounded once.
func WinogradWeights(m int, dst []float32, pitch int, w []float32, rows, c, ld int) {
	transform := winogradWeights4
	if m == 2 {
		transform = winogradWeights2
	}
	var u [36][winogradBlock]float32
	for k0, step := 0, winogradBlock/rows; k0 < c; k0 += step {
		n := min(step, c-k0)
		for r := range rows {
			g := w[9*(r*ld+k0):][:9*n]
			for k := range n {
				transform(&u, k*rows+r, (*[9]float32)(g[9*k:]))
			}
		}
		for e := range WinogradElements(m) {
			copy(dst[e*pitch+k0*rows:], u[e][:n*rows])
		}
	}
}

// winogradBlock is how many matrices are transformed before they are copied to where they
// belong: the elements lie far apart there, often all in the same place of a page, of
// which the nearest cache holds a few.
const winogradBlock = 64

// winogradWeights4 writes the elements of G g G', for tiles of 4, to u[...][i].
func winogradWeights4(u *[36][winogradBlock]float32, i int, g *[9]float32) {
	i &= winogradBlock - 1
	var left [3][6]float64 // the columns of G g
	for x := range left {
		l := &left[x]
		l[0], l[1], l[2], l[3], l[4], l[5] = winogradG4(float64(g[x]), float64(g[3+x]), float64(g[6+x]))
	}
	for y := range 6 {
		a, b, c, d, e, f := winogradG4(left[0][y], left[1][y], left[2][y])
		row := (*[6][winogradBlock]float32)(u[6*y:])
		row[0][i], row[1][i], row[2][i], row[3][i], row[4][i], row[5][i] = float32(a), float32(b), float32(c), float32(d), float32(e), float32(f)
	}
}

// winogradWeights2 is winogradWeights4 for tiles of 2: 16 elements.
func winogradWeights2(u *[36][winogradBlock]float32, i int, g *[9]float32) {
	i &= winogradBlock - 1
	var left [3][4]float64
	for x := range left {
		l := &left[x]
		l[0], l[1], l[2], l[3] = winogradG2(float64(g[x]), float64(g[3+x]), float64(g[6+x]))
	}
	for y := range 4 {
		a, b, c, d := winogradG2(left[0][y], left[1][y], left[2][y])
		row := (*[4][winogradBlock]float32)(u[4*y:])
		row[0][i], row[1][i], row[2][i], row[3][i] = float32(a), float32(b), float32(c), float32(d)
	}
}

// winogradG2 multiplies by G for tiles of 2: its rows are (1, 0, 0), (1/2, 1/2, 1/2),
// (1/2, -1/2, 1/2) and (0, 0, 1).
func winogradG2(p, q, r float64) (a, b, c, d float64) {
	s, h := float64(0.5*(p+r)), float64(0.5*q)
	return p, s + h, s - h, r
}

// winogradG4 multiplies by G for tiles of 4: its rows are (1, x, x^2)/n(x) for each point x,
// where n(x) is the product of the distances to the other points, and (0, 0, 1).
func winogradG4(p, q, r float64) (a, b, c, d, e, f float64) {
	const (
		near, far = winogradNear, winogradFar
		n         = 1 / (2 * (near*near - far*far))
	)
	s, h := float64((r+float64(p*(1/(near*near))))*n), float64(q*(n/near))
	u, v := float64((r+float64(p*(1/(far*far))))*-n), float64(q*(-n/far))
	return p * (1 / (near * near * far * far)), s + h, s - h, u + v, u - v, r
}
