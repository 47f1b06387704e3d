package kernel

import "fmt"

// Check tells where p breaks its contract.
func (p *QPool) Check() error {
	const name = "qpool"
	sizes := p.sizes()
	if err := sizes.checkSizes(name); err != nil {
		return err
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
	sizes := p.sizes()
	eachWindow(&sizes, p.Mem, func(_ int, src []byte, top, bottom, left, right int) uint8 {
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
	q, sizes := p.Requant.clamper(), p.sizes()
	eachWindow(&sizes, p.Mem, func(c int, _ []byte, top, bottom, left, right int) uint8 {
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

// sizes is p without what [Pool] has not: the windows, and where planes are.
func (p *QPool) sizes() Pool {
	return Pool{
		Src: p.Src, Dst: p.Dst, C: p.C, H: p.H, W: p.W, OH: p.OH, OW: p.OW, KH: p.KH, KW: p.KW, SH: p.SH, SW: p.SW,
		PadTop: p.PadTop, PadLeft: p.PadLeft, CountPad: p.CountPad,
	}
}
