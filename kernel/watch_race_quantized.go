//go:build race

package kernel

// watchQuantized does for the kernels of quantized planes what [watched] does.
func (w *Set) watchQuantized(s *Set) {
	w.qgemm.run = func(g *QGEMM) {
		reads(g.A)
		reads(g.Bias)
		reads(g.Mult)
		reads(g.B)
		reads(g.C)
		reads(g.R)
		reads(g.RZero)
		reads(g.RMult)
		writes(g.Work)
		for _, off := range g.B {
			reads(g.Mem[int(off)+g.BOff:][:g.N])
		}
		for _, off := range g.R {
			reads(g.Mem[int(off)+g.ROff:][:g.N])
		}
		for _, off := range g.C {
			if g.Floats != nil {
				writes(g.Floats[int(off)+g.COff:][:g.N])
				continue
			}
			writes(g.Mem[int(off)+g.COff:][:roundUp(g.N, 16)])
		}
		s.QGEMM(g)
	}
	w.qdepthwise.run = func(d *QDepthwise) {
		reads(d.W)
		reads(d.Bias)
		reads(d.Mult)
		reads(d.Zeros)
		writes(d.Work)
		moves(d.Mem, d.Src, d.H*d.Wid, d.Dst, d.OH*d.OW)
		s.QDepthwise(d)
	}
	pool := func(f func(*QPool)) func(*QPool) {
		return func(p *QPool) {
			reads(p.Zeros)
			reads(p.Mult)
			writes(p.Work)
			moves(p.Mem, p.Src, p.H*p.W, p.Dst, p.OH*p.OW)
			f(p)
		}
	}
	w.qmaxPool.run, w.qavgPool.run = pool(s.QMaxPool), pool(s.QAvgPool)
	w.qmean.run = func(m *QMean) {
		reads(m.Zeros)
		reads(m.Mult)
		moves(m.Mem, m.Src, m.N, nil, 0)
		writes(m.Dst)
		writes(m.Out)
		s.QMean(m)
	}
	w.qlinear.run = func(l *QLinear) {
		reads(l.X)
		reads(l.W)
		reads(l.Bias)
		reads(l.Mult)
		writes(l.Y)
		writes(l.Out8)
		s.QLinear(l)
	}
	w.qadd.run = func(a *QAdd) {
		reads(a.AZero)
		reads(a.BZero)
		reads(a.AMult)
		reads(a.BMult)
		moves(a.Mem, a.A, a.N, nil, 0)
		moves(a.Mem, a.B, a.N, a.C, roundUp(a.N, 64))
		s.QAdd(a)
	}
	w.qscale.run = func(q *QScale) {
		reads(q.Zeros)
		reads(q.Mult)
		moves(q.Mem, q.Src, q.N, q.Dst, roundUp(q.N, 64))
		s.QScale(q)
	}
	w.qtable.run = func(t *QTable) {
		reads(t.Table)
		moves(t.Mem, t.Src, t.N, t.Dst, roundUp(t.N, 64))
		s.QTable(t)
	}
	w.quantize.run = func(z *Quantize) {
		reads(z.Mult)
		moves(z.From, z.Src, z.N, nil, 0)
		moves(z.Mem, nil, 0, z.Dst, roundUp(z.N, 64))
		s.Quantize(z)
	}
	w.dequantize.run = func(d *Dequantize) {
		reads(d.Zeros)
		reads(d.Mult)
		moves(d.Mem, d.Src, d.N, nil, 0)
		moves(d.To, nil, 0, d.Dst, d.N)
		s.Dequantize(d)
	}
	w.phasesBytes.run = func(p *PhasesBytes) {
		reads(p.Fill)
		moves(p.from(), p.Src, p.H*p.W, nil, 0)
		moves(p.Mem, nil, 0, p.Dst, p.PH*p.PW)
		s.PhasesBytes(p)
	}
}
