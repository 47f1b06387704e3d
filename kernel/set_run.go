package kernel

// GEMM runs a [GEMM].
func (s *Set) GEMM(g *GEMM) {
	if g.Act.Kind > Clamp {
		s.activeGEMM(g)
		return
	}
	s.gemm.run(g)
}

// HalfGEMM runs a [HalfGEMM].
func (s *Set) HalfGEMM(g *HalfGEMM) {
	if g.Act.Kind > Clamp {
		s.activeHalfGEMM(g)
		return
	}
	s.halfGEMM.run(g)
}

// Depthwise runs a [Depthwise].
func (s *Set) Depthwise(d *Depthwise) {
	if d.Act.Kind > Clamp {
		s.activeDepthwise(d)
		return
	}
	s.depthwise.run(d)
}

// MaxPool runs a [Pool] that takes the maximum.
func (s *Set) MaxPool(p *Pool) { s.maxPool.run(p) }

// AvgPool runs a [Pool] that takes the mean.
func (s *Set) AvgPool(p *Pool) { s.avgPool.run(p) }

// Mean runs a [Mean].
func (s *Set) Mean(m *Mean) { s.mean.run(m) }

// Linear runs a [Linear].
func (s *Set) Linear(l *Linear) {
	if l.Act.Kind > Clamp {
		s.activeLinear(l)
		return
	}
	s.linear.run(l)
}

// Dots runs a [Dots].
func (s *Set) Dots(d *Dots) { s.dots.run(d) }

// Phases runs a [Phases].
func (s *Set) Phases(p *Phases) { s.phases.run(p) }

// Add runs an [Add].
func (s *Set) Add(a *Add) {
	if a.Act.Kind > Clamp {
		s.activeAdd(a)
		return
	}
	s.add.run(a)
}

// Affine runs an [Affine].
func (s *Set) Affine(a *Affine) {
	if a.Act.Kind > Clamp {
		s.activeAffine(a)
		return
	}
	s.affine.run(a)
}

// Binary runs a [Binary].
func (s *Set) Binary(b *Binary) {
	if b.Act.Kind != Identity {
		s.activeBinary(b)
		return
	}
	s.binary.run(b)
}

// Gather runs a [Gather].
func (s *Set) Gather(g *Gather) { s.gather.run(g) }

// GatherBytes runs a [GatherBytes].
func (s *Set) GatherBytes(g *GatherBytes) { s.gatherBytes.run(g) }

// QGEMM runs a [QGEMM].
func (s *Set) QGEMM(g *QGEMM) { s.qgemm.run(g) }

// QDepthwise runs a [QDepthwise].
func (s *Set) QDepthwise(d *QDepthwise) { s.qdepthwise.run(d) }

// QMaxPool runs a [QPool] that takes the maximum.
func (s *Set) QMaxPool(p *QPool) { s.qmaxPool.run(p) }

// QAvgPool runs a [QPool] that takes the mean.
func (s *Set) QAvgPool(p *QPool) { s.qavgPool.run(p) }

// QMean runs a [QMean].
func (s *Set) QMean(m *QMean) { s.qmean.run(m) }

// QLinear runs a [QLinear].
func (s *Set) QLinear(l *QLinear) { s.qlinear.run(l) }

// QAdd runs a [QAdd].
func (s *Set) QAdd(a *QAdd) { s.qadd.run(a) }

// QScale runs a [QScale].
func (s *Set) QScale(q *QScale) { s.qscale.run(q) }

// QTable runs a [QTable].
func (s *Set) QTable(t *QTable) { s.qtable.run(t) }

// Quantize runs a [Quantize].
func (s *Set) Quantize(z *Quantize) { s.quantize.run(z) }

// Dequantize runs a [Dequantize].
func (s *Set) Dequantize(d *Dequantize) { s.dequantize.run(d) }

// PhasesBytes runs a [PhasesBytes].
func (s *Set) PhasesBytes(p *PhasesBytes) { s.phasesBytes.run(p) }

// WinogradInput runs a [WinogradInput].
func (s *Set) WinogradInput(w *WinogradInput) { s.winogradInput.run(w) }

// WinogradOutput runs a [WinogradOutput].
func (s *Set) WinogradOutput(w *WinogradOutput) {
	act := w.Act
	if act.Kind <= Clamp {
		s.winogradOutput.run(w)
		return
	}
	w.Act = Activation{}
	s.winogradOutput.run(w)
	s.activate(w.Mem, w.Dst, w.Dst, w.at(), w.pixels(), act)
	w.Act = act
}
