package kernel

import (
	"strings"
	"testing"
)

// TestChecks breaks each contract in one place at a time.
func TestChecks(t *testing.T) {
	const c, h, n = 2, 4, 16
	mem, tables := benchPlanes(c, n, n, n)
	src, dst, third := tables[0], tables[1], tables[2]
	end := int32(len(mem))
	depthwise := func(change func(*Depthwise)) error {
		d := Depthwise{Mem: mem, Src: src, Dst: dst, W: make([]float32, 10*c), C: c, H: h, Wid: h, OH: h, OW: h, KH: 3, KW: 3, SH: 1, SW: 1, PadTop: 1, PadLeft: 1, Epilogue: Epilogue{Act: relu6}}
		change(&d)
		return d.Check()
	}
	pool := func(change func(*Pool)) error {
		p := Pool{Mem: mem, Src: src, Dst: dst, C: c, H: h, W: h, OH: 2, OW: 2, KH: 3, KW: 3, SH: 2, SW: 2, PadTop: 1, PadLeft: 1}
		change(&p)
		return p.Check()
	}
	mean := func(change func(*Mean)) error {
		m := Mean{Mem: mem, Src: src, Dst: make([]float32, c), C: c, N: n}
		change(&m)
		return m.Check()
	}
	phases := func(change func(*Phases)) error {
		p := Phases{Mem: mem, Src: src[:1], Dst: []int32{dst[0], dst[1], -1, third[0]}, C: 1, H: h, W: h, PH: 3, PW: 3, SH: 2, SW: 2, Residues: allResidues(2, 2), PadTop: 1, PadLeft: 1}
		change(&p)
		return p.Check()
	}
	add := func(change func(*Add)) error {
		a := Add{Mem: mem, A: src, B: dst, C: third, Ch: c, N: n, Epilogue: Epilogue{Act: relu6}}
		change(&a)
		return a.Check()
	}
	affine := func(change func(*Affine)) error {
		a := Affine{Mem: mem, Src: src, Dst: src, C: c, N: n, Epilogue: Epilogue{Act: relu6}}
		change(&a)
		return a.Check()
	}
	gather := func(change func(*Gather)) error {
		g := Gather{Mem: mem, Src: src, Out: make([]float32, 40), C: c, N: n, Pitch: 20}
		change(&g)
		return g.Check()
	}
	bytes := func(change func(*GatherBytes)) error {
		g := GatherBytes{Mem: make([]byte, 100), Src: []int32{84, 0}, Out: make([]byte, 40), C: c, N: n, Pitch: 20}
		change(&g)
		return g.Check()
	}
	input := func(change func(*WinogradInput)) error {
		w := WinogradInput{Mem: mem, Src: src, Dst: make([]float32, 16*c*11), C: c, H: h, W: h, PadTop: 1, PadLeft: 1, M: 2, TW: 2, Rows: 2, Pitch: 11, Step: 11 * c}
		w.Work = make([]float32, w.WorkLen())
		change(&w)
		return w.Check()
	}
	output := func(change func(*WinogradOutput)) error {
		w := WinogradOutput{Mem: mem, Src: make([]float32, 16*c*11), Dst: dst, C: c, OH: h, OW: h, M: 2, Rows: 2, Pitch: 11, Step: 11 * c, Epilogue: Epilogue{Act: relu6}}
		w.Work = make([]float32, w.WorkLen())
		change(&w)
		return w.Check()
	}
	for _, k := range []struct {
		err  error
		want string // "": none
	}{
		{depthwise(func(d *Depthwise) {}), ""},
		{depthwise(func(d *Depthwise) { d.H = 0 }), "H is 0"},
		{depthwise(func(d *Depthwise) { d.PadLeft = -1 }), "PadLeft -1"},
		{depthwise(func(d *Depthwise) { d.W = d.W[1:] }), "19 weights"},
		{depthwise(func(d *Depthwise) { d.Act.Lo = 7 }), "[7, 6]"},
		{depthwise(func(d *Depthwise) { d.Bias = make([]float32, c) }), "takes no such bias"},
		{depthwise(func(d *Depthwise) { d.Src = src[:1] }), "Src has 1 planes, wanted 2"},
		{depthwise(func(d *Depthwise) { d.Src = []int32{src[0], Slack - 1} }), "Src[1] is at 15"},
		{depthwise(func(d *Depthwise) { d.Dst = []int32{end - n - Slack + 1, dst[1]} }), "Dst[0] is at"},
		{depthwise(func(d *Depthwise) { d.Dst = []int32{dst[0], dst[0] + 15} }), "no overlap"},
		{depthwise(func(d *Depthwise) { d.Dst = []int32{dst[0], src[1] + 15} }), "overlaps Src's"},
		{pool(func(p *Pool) {}), ""},
		{pool(func(p *Pool) { p.SW = 0 }), "SW is 0"},
		{pool(func(p *Pool) { p.OH = 4 }), "cover a pixel"},
		{pool(func(p *Pool) { p.PadTop = 3 }), "cover a pixel"},
		{pool(func(p *Pool) { p.Dst = p.Dst[1:] }), "Dst has 1 planes"},
		{pool(func(p *Pool) { p.Src = []int32{-1, src[0]} }), "Src[0] is at -1"},
		{mean(func(m *Mean) {}), ""},
		{mean(func(m *Mean) { m.N = 0 }), "N is 0"},
		{mean(func(m *Mean) { m.Dst = m.Dst[1:] }), "1 elements, wanted 2"},
		{mean(func(m *Mean) { m.N = len(mem) }), "Src[0]"},
		{phases(func(p *Phases) {}), ""},
		{phases(func(p *Phases) { p.PH = 0 }), "PH is 0"},
		{phases(func(p *Phases) { p.PadTop = -1 }), "PadTop -1"},
		{phases(func(p *Phases) { p.Dst = p.Dst[1:] }), "3 planes, wanted 4"},
		{phases(func(p *Phases) { p.Dst = []int32{end, -1, -1, -1} }), "Dst[0]"},
		{phases(func(p *Phases) { p.Dst = []int32{-1, src[0], -1, -1} }), "overlaps Src's"},
		{phases(func(p *Phases) { p.From, p.Src = make([]float32, h*h), []int32{0} }), ""},
		{phases(func(p *Phases) { p.From, p.Src = make([]float32, h*h-1), []int32{0} }), "Src[0]"},
		{add(func(a *Add) {}), ""},
		{add(func(a *Add) { a.C = a.A }), ""},
		{add(func(a *Add) { a.N = -3 }), "N is -3"},
		{add(func(a *Add) { a.Scale = make([]float32, c) }), "takes no residual"},
		{add(func(a *Add) { a.ROff = 1 }), "takes no residual"},
		{add(func(a *Add) { a.B = []int32{dst[0], end - n + 1} }), "B[1]"},
		{affine(func(a *Affine) {}), ""},
		{affine(func(a *Affine) { a.Shift = make([]float32, 3) }), "3 shifts"},
		{affine(func(a *Affine) { a.Epilogue.Scale = make([]float32, c) }), "takes no residual"},
		{affine(func(a *Affine) { a.Scale = make([]float32, c) }), ""},
		{affine(func(a *Affine) { a.Dst = []int32{end - n + 1, 0} }), "Dst[0]"},
		{gather(func(g *Gather) {}), ""},
		{gather(func(g *Gather) { g.Pitch = 15 }), "pitch of 15"},
		{gather(func(g *Gather) { g.Out = g.Out[:35] }), "35 elements, wanted 36"},
		{gather(func(g *Gather) { g.Src = []int32{0, end - n + 1} }), "Src[1]"},
		{bytes(func(g *GatherBytes) {}), ""},
		{bytes(func(g *GatherBytes) { g.Pitch = 15 }), "pitch of 15"},
		{bytes(func(g *GatherBytes) { g.Out = g.Out[:35] }), "35 elements, wanted 36"},
		{bytes(func(g *GatherBytes) { g.Src = []int32{85, 0} }), "Src[0]"},
		{input(func(w *WinogradInput) {}), ""},
		{input(func(w *WinogradInput) { w.TW = 0 }), "TW is 0"},
		{input(func(w *WinogradInput) { w.Row = -1 }), "Row -1"},
		{input(func(w *WinogradInput) { w.M = 3 }), "M is 3"},
		{input(func(w *WinogradInput) { w.Pitch = 10 }), "pitch of 10"},
		{input(func(w *WinogradInput) { w.Step-- }), "a step of "},
		{input(func(w *WinogradInput) { w.Dst = w.Dst[1:] }), "351 transformed elements, wanted at least 352"},
		{input(func(w *WinogradInput) { w.Work = w.Work[1:] }), "Work has"},
		{input(func(w *WinogradInput) { w.Src = []int32{src[0], end - n} }), "Src[1]"},
		{output(func(w *WinogradOutput) {}), ""},
		{output(func(w *WinogradOutput) { w.R = w.Dst }), ""},
		{output(func(w *WinogradOutput) { w.OH = 0 }), "OH is 0"},
		{output(func(w *WinogradOutput) { w.C = -1 }), "C -1"},
		{output(func(w *WinogradOutput) { w.M = 1 }), "M is 1"},
		{output(func(w *WinogradOutput) { w.Row = 1 }), "tile rows 1 to 3, wanted at most 2"},
		{output(func(w *WinogradOutput) { w.Src = w.Src[1:] }), "351 transformed elements"},
		{output(func(w *WinogradOutput) { w.Work = nil }), "Work has 0"},
		{output(func(w *WinogradOutput) { w.Bias = make([]float32, 3) }), "Bias has 3"},
		{output(func(w *WinogradOutput) { w.Dst = []int32{dst[0], dst[0] + 8} }), "no overlap"},
		{output(func(w *WinogradOutput) { w.Dst = []int32{dst[0], end - n + 1} }), "Dst[1]"},
		{output(func(w *WinogradOutput) { w.R = []int32{dst[0], -1} }), "R[1]"},
	} {
		switch {
		case k.want == "" && k.err != nil:
			t.Errorf("a sound call: %v", k.err)
		case k.want != "" && (k.err == nil || !strings.Contains(k.err.Error(), k.want)):
			t.Errorf("error %v, wanted one with %q", k.err, k.want)
		}
	}
}

// TestNothing: a call of no channels does nothing, and one of no pixels is
// refused.
func TestNothing(t *testing.T) {
	mem := make([]float32, 64)
	forEachSet(t, func(t *testing.T, s *Set) {
		d := Depthwise{Mem: mem, H: 4, Wid: 4, OH: 4, OW: 4, KH: 3, KW: 3, SH: 1, SW: 1, PadTop: 1, PadLeft: 1}
		d.Masks = s.DepthwiseMasks(&d)
		p := Pool{Mem: mem, H: 4, W: 4, OH: 2, OW: 2, KH: 2, KW: 2, SH: 2, SW: 2}
		p.Masks = s.PoolMasks(&p)
		mean, phases := Mean{Mem: mem, N: 4}, Phases{Mem: mem, H: 4, W: 4, PH: 2, PW: 2, SH: 2, SW: 2, Residues: allResidues(2, 2)}
		add, affine, gather := Add{Mem: mem, N: 9}, Affine{Mem: mem, N: 9, Epilogue: Epilogue{Act: relu}}, Gather{Mem: mem, N: 9, Pitch: 9}
		bytes := GatherBytes{Mem: make([]byte, 9), N: 9, Pitch: 9}
		for _, c := range []struct {
			check func() error
			call  func()
		}{
			{d.Check, func() { s.Depthwise(&d) }}, {p.Check, func() { s.MaxPool(&p) }}, {p.Check, func() { s.AvgPool(&p) }}, {mean.Check, func() { s.Mean(&mean) }},
			{phases.Check, func() { s.Phases(&phases) }}, {add.Check, func() { s.Add(&add) }}, {affine.Check, func() { s.Affine(&affine) }}, {gather.Check, func() { s.Gather(&gather) }}, {bytes.Check, func() { s.GatherBytes(&bytes) }},
		} {
			if err := c.check(); err != nil {
				t.Error(err)
			}
			c.call()
		}
		for i, v := range mem {
			if v != 0 {
				t.Fatalf("element %d was written", i)
			}
		}
	})
	for _, err := range []error{
		(&GEMM{M: 1, K: 1}).Check(), (&GEMM{M: 1, N: 1}).Check(), (&GEMM{N: 1, K: 1}).Check(), (&Depthwise{}).Check(), (&Pool{}).Check(), (&Mean{}).Check(),
		(&WinogradInput{}).Check(), (&WinogradOutput{}).Check(), (&Linear{Out: 1}).Check(), (&Dots{In: 1}).Check(), (&Phases{}).Check(), (&Add{}).Check(), (&Affine{}).Check(), (&Gather{}).Check(), (&GatherBytes{}).Check(),
	} {
		if err == nil || !strings.Contains(err.Error(), "is 0, wanted at least 1") {
			t.Errorf("got %v, want a length of 0 refused", err)
		}
	}
}
