package kernel

import "fmt"

// Check tells where d breaks its contract. It does not know the weights, which are
// packed: [SumBound] has what it cannot check.
func (d *QDepthwise) Check() error {
	const name = "qdepthwise"
	sizes := d.sizes()
	if err := sizes.checkSizes(name); err != nil {
		return err
	}
	if len(d.Bias) != d.C || len(d.Zeros) != d.C {
		return fmt.Errorf("%s: Bias has %d values and Zeros %d, wanted %d", name, len(d.Bias), len(d.Zeros), d.C)
	}
	if err := checkMultipliers(name, "Mult", d.Mult, d.C, 1); err != nil {
		return err
	}
	if err := d.Requant.check(name); err != nil {
		return err
	}
	return checkWindows(name, len(d.Mem), d.C, planes{"Src", d.Src, d.H * d.Wid, SlackBytes, SlackBytes}, planes{"Dst", d.Dst, d.OH * d.OW, 0, SlackBytes})
}

// refQDepthwise is the reference. Its packed weights are row-major.
func refQDepthwise(d *QDepthwise) {
	var line [refStrip]int32
	q, taps := d.Requant.clamper(), d.KH*d.KW
	for c := range d.C {
		src, dst := d.Mem[d.Src[c]:][:d.H*d.Wid], d.Mem[d.Dst[c]:][:d.OH*d.OW]
		w := d.W[c*taps:][:taps]
		for y := range d.OH {
			for x0 := 0; x0 < d.OW; x0 += refStrip {
				sums := line[:min(refStrip, d.OW-x0)]
				fill(sums, d.Bias[c])
				for i := range d.KH {
					d.row(sums, src, w[i*d.KW:][:d.KW], y*d.SH+i*d.dh()-d.PadTop, x0, int32(d.Zeros[c]))
				}
				for x, v := range sums {
					dst[y*d.OW+x0+x] = q.of(float32(float32(v) * d.Mult[c]))
				}
			}
		}
	}
}

// row adds the taps w of one row of the kernel, which lie in row y of the plane, to the
// sums of the outputs from column x0 on.
func (d *QDepthwise) row(sums []int32, src, w []byte, y, x0 int, zero int32) {
	line := rowOf(src, y, d.H, d.Wid)
	for j, b := range w {
		v, shift := int32(int8(b)), x0*d.SW+j*d.dw()-d.PadLeft
		lo, hi := inside(len(sums), len(line), d.SW, shift)
		for x := lo; x < hi; x++ {
			sums[x] += v * int32(line[x*d.SW+shift])
		}
		for x := range lo {
			sums[x] += v * zero
		}
		for x := hi; x < len(sums); x++ {
			sums[x] += v * zero
		}
	}
}

func refQDepthwiseLen(d *QDepthwise) int { return d.KH * d.KW }

func refQDepthwisePack(d *QDepthwise, dst []byte, w []int8) {
	for i, v := range w {
		dst[i] = byte(v)
	}
}
