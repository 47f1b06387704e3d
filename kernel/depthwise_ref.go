package kernel

import "fmt"

// Check tells where d breaks its contract.
func (d *Depthwise) Check() error {
	const name = "depthwise"
	if err := d.checkSizes(name); err != nil {
		return err
	}
	if want := d.C * (d.KH*d.KW + 1); len(d.W) != want {
		return fmt.Errorf("%s: %d weights, wanted %d planes of %d taps and a bias, %d", name, len(d.W), d.C, d.KH*d.KW, want)
	}
	if err := d.Epilogue.check(name, d.C, taking{}); err != nil {
		return err
	}
	return checkWindows(name, len(d.Mem), d.C, planes{"Src", d.Src, d.H * d.Wid, Slack, Slack}, planes{"Dst", d.Dst, d.OH * d.OW, 0, Slack})
}

// checkSizes tells which size is none.
func (d *Depthwise) checkSizes(name string) error {
	if err := positive(name, "H", d.H, "Wid", d.Wid, "OH", d.OH, "OW", d.OW, "KH", d.KH, "KW", d.KW, "SH", d.SH, "SW", d.SW); err != nil {
		return err
	}
	if d.C < 0 || d.PadTop < 0 || d.PadLeft < 0 || d.DH < 0 || d.DW < 0 {
		return fmt.Errorf("%s: C %d, PadTop %d, PadLeft %d, DH %d, DW %d, wanted none negative", name, d.C, d.PadTop, d.PadLeft, d.DH, d.DW)
	}
	return nil
}

func refDepthwise(d *Depthwise) {
	taps := d.KH * d.KW
	for c := range d.C {
		src := d.Mem[d.Src[c]:][:d.H*d.Wid]
		dst := d.Mem[d.Dst[c]:][:d.OH*d.OW]
		w := d.W[c*(taps+1):][:taps+1]
		for y := range d.OH {
			row := dst[y*d.OW:][:d.OW]
			for x := range row {
				row[x] = w[taps]
			}
			for i := range d.KH {
				sy := y*d.SH + i*d.dh() - d.PadTop
				if sy < 0 || sy >= d.H {
					continue
				}
				line := src[sy*d.Wid:][:d.Wid]
				for j := range d.KW {
					v := w[i*d.KW+j]
					shift := j*d.dw() - d.PadLeft
					lo, hi := inside(d.OW, d.Wid, d.SW, shift)
					for x := lo; x < hi; x++ {
						row[x] += float32(v * line[x*d.SW+shift])
					}
				}
			}
			d.Act.apply(row)
		}
	}
}

// inside returns the range of x in [0, out) with 0 <= x*stride+shift < in. Where there is
// none, lo is hi.
func inside(out, in, stride, shift int) (lo, hi int) {
	if shift < 0 {
		lo = min(out, (-shift+stride-1)/stride)
	}
	if in > shift {
		hi = min(out, (in-shift-1)/stride+1)
	}
	return lo, max(lo, hi)
}
