package kernel

import "fmt"

// Check tells where p breaks its contract.
func (p *Phases) Check() error {
	const name = "phases"
	if err := positive(name, "H", p.H, "W", p.W, "PH", p.PH, "PW", p.PW, "SH", p.SH, "SW", p.SW); err != nil {
		return err
	}
	if p.C < 0 || p.PadTop < 0 {
		return fmt.Errorf("%s: C %d, PadTop %d, wanted none negative", name, p.C, p.PadTop)
	}
	src := planes{"Src", p.Src, p.H * p.W, Slack, Slack}
	if err := src.check(name, len(p.Mem), p.C); err != nil {
		return err
	}
	dst := planes{"Dst", p.Dst, p.PH * p.PW, 0, Slack}
	if want := p.C * p.SH * p.SW; len(p.Dst) != want {
		return fmt.Errorf("%s: Dst has %d planes, wanted %d", name, len(p.Dst), want)
	}
	live := dst
	live.table = nil
	for c, off := range p.Dst {
		if off < 0 {
			continue
		}
		if err := dst.checkOne(name, len(p.Mem), c, int(off)); err != nil {
			return err
		}
		live.table = append(live.table, off)
	}
	return disjoint(name, live, src)
}

func refPhases(p *Phases) {
	for c := range p.C {
		src := p.Mem[p.Src[c]:][:p.H*p.W]
		for py := range p.SH {
			for px := range p.SW {
				off := p.Dst[(c*p.SH+py)*p.SW+px]
				if off < 0 {
					continue
				}
				dst := p.Mem[off:][:p.PH*p.PW]
				shift := px - p.PadLeft
				lo, hi := inside(p.PW, p.W, p.SW, shift)
				lo, hi = min(lo, p.PW), max(hi, 0)
				for y := range p.PH {
					row := dst[y*p.PW:][:p.PW]
					sy := y*p.SH + py - p.PadTop
					if sy < 0 || sy >= p.H || hi <= lo {
						clear(row)
						continue
					}
					line := src[sy*p.W:][:p.W]
					clear(row[:lo])
					if p.SW == 1 {
						copy(row[lo:hi], line[lo+shift:])
					} else {
						for x := lo; x < hi; x++ {
							row[x] = line[x*p.SW+shift]
						}
					}
					clear(row[hi:])
				}
			}
		}
	}
}
