package jpeg

import "github.com/riffle-ml/riffle/engine/preprocess/internal/ycc"

// reconstruct turns the coefficients of a progressive picture into samples.
func (d *decoder) reconstruct() error {
	var b [64]int32
	for i := range d.frame.comps {
		c := &d.frame.comps[i]
		for by := range c.bh {
			if err := d.ctx.Err(); err != nil {
				return err
			}
			for bx := range c.bw {
				nonzero := uint64(0)
				for z, v := range c.at(bx, by) {
					if v == 0 {
						b[z] = 0
						continue
					}
					b[z] = int32(v) * int32(c.quant[z])
					if z > 0 {
						nonzero |= 1 << z
					}
				}
				dst := c.plane[(by*c.stride+bx)*c.size:]
				if nonzero == 0 {
					flat(dst, c.stride, c.size, b[0])
				} else {
					inverse(dst, c.stride, c.size, &b, nonzero)
				}
			}
		}
		c.coef = nil
	}
	return nil
}

// enlarge gives c's plane the size of the picture, where it has another. Chroma at
// half the resolution is interpolated, as package ycc says; what is rarer is
// repeated.
func (d *decoder) enlarge(c *component) error {
	xn, xd, yn, yd := d.frame.factors(c)
	w, h := d.frame.whole()
	if xn == xd && yn == yd {
		// Rows as far apart as those of the planes that are made here.
		for y := range h {
			copy(c.plane[y*w:][:w], c.plane[y*c.stride:][:w])
		}
		c.stride = w
		return nil
	}
	cw, ch := d.frame.covered(c)
	out := make([]byte, w*h)
	smooth := d.frame.scale < 8
	for y := range h {
		if y&63 == 0 {
			if err := d.ctx.Err(); err != nil {
				return err
			}
		}
		row := out[y*w:][:w]
		near := min(y*yd/yn, ch-1)
		p := c.plane[near*c.stride:][:cw]
		double, vdouble := xn == 2*xd, yn == 2*yd
		switch {
		case smooth && xn == xd && vdouble:
			q := c.plane[beside(y, near, ch)*c.stride:][:cw]
			ycc.V(row, p, q, y&1)
		case smooth && double && cw > 2 && yn == yd:
			ycc.H(row, p, 0)
		case smooth && double && cw > 2 && vdouble:
			q := c.plane[beside(y, near, ch)*c.stride:][:cw]
			ycc.HV(row, p, q, 0)
		default:
			for x := range row {
				row[x] = p[min(x*xd/xn, cw-1)]
			}
		}
	}
	c.plane, c.stride = out, w
	return nil
}

// beside is the other row of chroma that row y of the picture lies towards.
func beside(y, near, rows int) int {
	if y&1 == 0 {
		return max(near-1, 0)
	}
	return min(near+1, rows-1)
}
