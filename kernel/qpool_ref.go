package kernel

import "fmt"

// Check tells where p breaks its contract.
func (p *QPool) Check() error {
	const name = "qpool"
	if err := positive(name, "H", p.H, "W", p.W, "OH", p.OH, "OW", p.OW, "KH", p.KH, "KW", p.KW, "SH", p.SH, "SW", p.SW); err != nil {
		return err
	}
	if p.C < 0 || p.PadTop < 0 || p.PadLeft < 0 {
		return fmt.Errorf("%s: C %d, PadTop %d, PadLeft %d, wanted none negative", name, p.C, p.PadTop, p.PadLeft)
	}
	if p.PadTop >= p.KH || p.PadLeft >= p.KW || (p.OH-1)*p.SH-p.PadTop >= p.H || (p.OW-1)*p.SW-p.PadLeft >= p.W {
		return fmt.Errorf("%s: %dx%d windows of %dx%d, steps %d and %d, pads %d and %d, over %dx%d pixels, wanted each to cover a pixel",
			name, p.OH, p.OW, p.KH, p.KW, p.SH, p.SW, p.PadTop, p.PadLeft, p.H, p.W)
	}
	if p.Zeros != nil || p.Mult != nil { // a mean
		if len(p.Zeros) != p.C {
			return fmt.Errorf("%s: Zeros has %d values, wanted %d", name, len(p.Zeros), p.C)
		}
		if err := checkMultipliers(name, "Mult", p.Mult, p.C, 255); err != nil {
			return err
		}
		if err := p.Requant.check(name); err != nil {
			return err
		}
	}
	return checkWindows(name, len(p.Mem), p.C, planes{"Src", p.Src, p.H * p.W, SlackBytes, SlackBytes}, planes{"Dst", p.Dst, p.OH * p.OW, 0, SlackBytes})
}

func refQMaxPool(p *QPool) {
	p.each(func(c int, src []byte, top, bottom, left, right int) uint8 {
		m := uint8(0)
		for y := top; y < bottom; y++ {
			for _, v := range src[y*p.W+left : y*p.W+right] {
				m = max(m, v)
			}
		}
		return m
	})
}

func refQAvgPool(p *QPool) {
	q := p.Requant.clamper()
	p.each(func(c int, _ []byte, top, bottom, left, right int) uint8 {
		return p.mean(q, c, top, bottom, left, right)
	})
}

// mean is that of one window.
func (p *QPool) mean(q clamper, c, top, bottom, left, right int) uint8 {
	inside, sum := (bottom-top)*(right-left), int32(0)
	for y := top; y < bottom; y++ {
		for _, v := range p.Mem[int(p.Src[c])+y*p.W:][left:right] {
			sum += int32(v)
		}
	}
	return q.of(float32(float32(sum-int32(inside)*int32(p.Zeros[c])) * (p.Mult[c] / p.divisor(inside))))
}

// divisor is what a mean of so many pixels inside the plane divides by.
func (p *QPool) divisor(inside int) float32 {
	if p.CountPad {
		return float32(p.KH * p.KW)
	}
	return float32(inside)
}

// each stores reduce of every window.
func (p *QPool) each(reduce func(c int, src []byte, top, bottom, left, right int) uint8) {
	for c := range p.C {
		src, dst := p.Mem[p.Src[c]:][:p.H*p.W], p.Mem[p.Dst[c]:][:p.OH*p.OW]
		for y := range p.OH {
			top, bottom := window(y*p.SH-p.PadTop, p.KH, p.H)
			for x := range p.OW {
				left, right := window(x*p.SW-p.PadLeft, p.KW, p.W)
				dst[y*p.OW+x] = reduce(c, src, top, bottom, left, right)
			}
		}
	}
}
