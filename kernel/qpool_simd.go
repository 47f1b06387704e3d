//go:build (amd64 || arm64) && !purego

package kernel

// A maximum goes over a band of rows of a plane at a time. The band gets a border of 0,
// which is no larger than any pixel. Then columns of the window are folded, then its
// rows, and last of all the outputs picked.

// qpoolBand is how many pixels a band may have, to stay in the nearest cache.
const qpoolBand = 8 << 10

// qfold is the sizes of a band.
type qfold struct{ rows, w int } // of outputs; pixels of a line, border included

func (p *QPool) fold() qfold {
	f := qfold{w: (p.OW-1)*p.SW + p.KW}
	f.rows = min(p.OH, max(1, (qpoolBand/f.w-p.KH)/p.SH+1))
	return f
}

// lines is how many lines so many rows of outputs read.
func (p *QPool) lines(rows int) int { return (rows-1)*p.SH + p.KH }

// buffer is how long each of the three buffers is, with what units spill.
func (p *QPool) buffer() int {
	f := p.fold()
	return roundUp((p.lines(f.rows)+1)*f.w+128, 64)
}

// foldable: not where most of every window is padding, which would all be folded too.
func (p *QPool) foldable() bool {
	return p.KW <= 2*p.W+16 && p.KH <= 2*p.H+16 && p.SW <= 8*p.KW && p.SW <= 2 && p.KW*p.KH <= mostTaps
}

func simdQMaxPoolUnit(p *QPool) string {
	if !p.foldable() {
		return ""
	}
	return "qmaxpool_" + qunitSet
}

func simdQMaxPoolWork(p *QPool) int {
	if !p.foldable() {
		return 0
	}
	return 3*p.buffer() + 64
}

func simdQMaxPool(p *QPool) {
	if !p.foldable() {
		refQMaxPool(p)
		return
	}
	n, f := p.buffer(), p.fold()
	work := aligned(&p.Work, 3*n)
	padded, across, down := work[:n], work[n:2*n], work[2*n:]
	for c := range p.C {
		for y := 0; y < p.OH; y += f.rows {
			rows := min(f.rows, p.OH-y)
			cutPhases(&phaseCut{
				units: &qphaseUnits, dst: padded, ph: p.lines(rows), pw: f.w, mem: p.Mem, src: p.Src[c : c+1], zeros: noPixel[:],
				h: p.H, w: p.W, sh: 1, sw: 1, y: y*p.SH - p.PadTop, x: -p.PadLeft,
			})
			unitQFoldMax(&across[0], &padded[0], 1, p.lines(rows)*f.w-p.KW+1, p.KW, 1, 0, 0)
			unitQFoldMax(&down[0], &across[0], rows, f.w-p.KW+1, p.KH, f.w, f.w, p.SH*f.w)
			cutPhases(&phaseCut{
				units: &qphaseUnits, dst: p.Mem[int(p.Dst[c])+y*p.OW:], ph: rows, pw: p.OW, mem: down, src: planeZero[:], zeros: noPixel[:],
				h: rows, w: f.w, sh: 1, sw: p.SW,
			})
		}
	}
}

var (
	noPixel   [1]uint8
	planeZero [1]int32
)

// A mean is a depthwise convolution whose weights are 1, of some channels at a time.

// qmeanChannels is how many.
const qmeanChannels = 64

// qones is the weights of a channel.
var qones = func() (w [mostTaps]int8) {
	fill(w[:], 1)
	return w
}()

func (p *QPool) depthwise() QDepthwise {
	return QDepthwise{
		Mem: p.Mem, C: qmeanChannels, H: p.H, Wid: p.W, OH: p.OH, OW: p.OW, KH: p.KH, KW: p.KW, SH: p.SH, SW: p.SW,
		PadTop: p.PadTop, PadLeft: p.PadLeft, Requant: p.Requant,
	}
}

func (u *qtapUnits) meanUnit(p *QPool) string {
	if d := p.depthwise(); !d.gridded() {
		return ""
	}
	return "qavgpool_" + u.set
}

// meanParts is how many bytes the weights of some channels have, and the rest of Work.
func (u *qtapUnits) meanParts(d *QDepthwise) (weights, rest int) {
	return roundUp(qmeanChannels*u.length(d), 64), 8*qmeanChannels + u.workLen(d)
}

func (u *qtapUnits) meanWork(p *QPool) int {
	d := p.depthwise()
	if !d.gridded() {
		return 0
	}
	weights, rest := u.meanParts(&d)
	return weights + rest + 64
}

func (u *qtapUnits) mean(p *QPool) {
	d := p.depthwise()
	if p.C == 0 || !d.gridded() {
		refQAvgPool(p)
		return
	}
	weights, rest := u.meanParts(&d)
	work := aligned(&p.Work, weights+rest)
	per := u.length(&d)
	u.pack(&d, work[:per], qones[:p.KH*p.KW])
	for c := 1; c < qmeanChannels; c++ {
		copy(work[c*per:(c+1)*per], work)
	}
	d.Bias, d.Mult = dwordsOf(work[weights:], qmeanChannels), floatsOf(work[weights+4*qmeanChannels:], qmeanChannels)
	d.Work = work[weights+8*qmeanChannels:]
	n := p.KH * p.KW
	for c0 := 0; c0 < p.C; c0 += qmeanChannels {
		d.C = min(qmeanChannels, p.C-c0)
		d.Src, d.Dst, d.Zeros, d.W = p.Src[c0:c0+d.C], p.Dst[c0:c0+d.C], p.Zeros[c0:c0+d.C], work[:d.C*per]
		for c := range d.C {
			d.Bias[c], d.Mult[c] = -int32(n)*int32(d.Zeros[c]), p.Mult[c0+c]/float32(n)
		}
		u.run(&d)
	}
	if !p.CountPad {
		p.borders()
	}
}

// borders computes the means of windows that reach out of the plane, where they divide by
// the number of pixels inside.
func (p *QPool) borders() {
	q := p.Requant.clamper()
	for y := range p.OH {
		top, bottom := window(y*p.SH-p.PadTop, p.KH, p.H)
		for x := range p.OW {
			left, right := window(x*p.SW-p.PadLeft, p.KW, p.W)
			if bottom-top == p.KH && right-left == p.KW {
				continue
			}
			for c := range p.C {
				p.Mem[int(p.Dst[c])+y*p.OW+x] = p.mean(q, c, top, bottom, left, right)
			}
		}
	}
}
