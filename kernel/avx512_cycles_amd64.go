//go:build !purego

package kernel

// pace is how many cycles a core takes for one step of depth of a strip's tile.
type pace struct {
	wide, middle, vector, half float64    // for each row, of 48 pixels, 32, 16 and 8
	least                      float64    // for a tile: the latency of a multiply-add
	four                       [3]float64 // four pixels of 40, 24 and 8 rows
	one                        [4]float64 // one pixel of 64, 32, 16 and 8 rows
}

// halvesPace was fitted to Zen 4: the test has what was measured there.
var halvesPace = pace{
	wide: 3.012, middle: 2.008, vector: 1.004, half: 0.57, least: 4,
	four: [3]float64{10.8, 6.5, 4}, one: [4]float64{12.4, 4.6, 4, 4},
}

// portsPace was fitted to a core with two units of 512 bits (Granite Rapids): the test has
// what was measured there. The arithmetic alone would take 1.5, 1 and 0.5 cycles for a row
// of 48, 32 and 16 pixels.
var portsPace = pace{
	wide: 1.545, middle: 1.033, vector: 0.585, half: 0.53, least: 3.7,
	four: [3]float64{9.8, 5.6, 3.7}, one: [4]float64{8.9, 4, 3.7, 3.7},
}

func avx512Cycles(m, n int) float64 {
	p := &portsPace
	if halves512 {
		p = &halvesPace
	}
	return p.cycles(m, n, halves512)
}

// cycles is a GEMM of m rows and n pixels, in strips as avx512GEMM takes them. Which of
// the two widths they have makes no difference to it.
func (p *pace) cycles(m, n int, halves bool) (c float64) {
	if whole := n / 48; whole > 1 { // all but the last strips are alike
		c = float64(whole-1) * p.strip(whole48, m)
		n -= 48 * (whole - 1)
	}
	for n > 0 {
		s, took := next512(48, n, halves)
		c += p.strip(s, m)
		n -= took
	}
	return c
}

// strip is one strip of m rows.
func (p *pace) strip(s strip512, m int) float64 {
	switch s {
	case whole48:
		return p.tiles(p.wide, m)
	case whole32:
		return p.tiles(p.middle, m)
	case tail8:
		return p.tiles(p.half, m)
	case tail4:
		return p.sides(m, []int{40, 24, 8}, p.four[:])
	case tail1:
		return p.sides(m, []int{64, 32, 16, 8}, p.one[:])
	}
	return p.tiles(p.vector, m)
}

// tiles is m rows in tiles of 8.
func (p *pace) tiles(row float64, m int) float64 {
	c := float64(m&^7) * row
	if m%8 > 0 {
		c += max(p.least, float64(m%8)*row)
	}
	return c
}

// sides is m rows in groups of so many rows side by side, and of 8 or fewer.
func (p *pace) sides(m int, rows []int, cycles []float64) (c float64) {
	for i, r := range rows {
		c += float64(m/r) * cycles[i]
		m %= r
	}
	if m > 0 {
		c += p.least
	}
	return c
}
