package kernel

import (
	"strings"
	"testing"
)

// TestOwnKernels prints, for each set, which kernels were written for it and which
// it has from a set below it. Every set but generic must have some of its own, and
// names the set that each comes from.
func TestOwnKernels(t *testing.T) {
	forEachSet(t, func(t *testing.T, s *Set) {
		from := map[string][]string{}
		for _, k := range s.kernels() {
			from[k.entry.owner()] = append(from[k.entry.owner()], k.name)
		}
		t.Logf("%s: its own: %s", s.Name, strings.Join(from[s.Name], ", "))
		for set, names := range from {
			if set != s.Name {
				t.Logf("%s: inherited from %s: %s", s.Name, set, strings.Join(names, ", "))
			}
			if _, known := home[set]; !known && set != "generic" {
				t.Errorf("%v come from a set %q, wanted one that exists", names, set)
			}
		}
		if len(from[s.Name]) == 0 {
			t.Error("the set has no kernel of its own")
		}
	})
}

// TestWith: a set made of another has what it replaces, and everything else from
// below; the set below stays as it was.
func TestWith(t *testing.T) {
	calls := 0
	upper := generic.with("upper", func(s *Set) {
		s.Lanes = 16
		s.add = own(func(*Add) { calls++ }, always[Add]("add_upper"))
	})
	top := upper.with("top", func(s *Set) { s.mean = own(refMean, always[Mean]("mean_top")) })
	top.Add(&Add{})
	if generic.Add(&Add{}); calls != 1 {
		t.Errorf("%d calls reached the new kernel, wanted 1", calls)
	}
	for _, c := range []struct {
		s         *Set
		args      any
		want      string
		reference bool
	}{
		{top, &Add{}, "add_upper", false}, {top, &Mean{}, "mean_top", false}, {top, &Linear{}, "linear_generic", true},
		{upper, &Mean{}, "mean_generic", true}, {generic, &Add{}, "add_generic", true},
	} {
		if got := c.s.Implementation(c.args); got != c.want || IsReference(got) != c.reference {
			t.Errorf("%s: %T is run by %s, wanted %s", c.s.Name, c.args, got, c.want)
		}
	}
	if top.Lanes != 16 || generic.Lanes != 1 || top.Name != "top" {
		t.Errorf("%d and %d lanes, wanted 16 and 1", top.Lanes, generic.Lanes)
	}
}

// TestImplementation: each set names what runs a call, and the reference where its
// own units do not go.
func TestImplementation(t *testing.T) {
	forEachSet(t, func(t *testing.T, s *Set) {
		depthwise := func(k, stride, h int) *Depthwise {
			d := &Depthwise{C: 1, H: h, Wid: h, OH: (h-1)/stride + 1, OW: (h-1)/stride + 1, KH: k, KW: k, SH: stride, SW: stride, PadTop: k / 2, PadLeft: k / 2}
			d.Masks = s.DepthwiseMasks(d)
			return d
		}
		pool := func(k, stride, pad int, count bool) *Pool {
			p := &Pool{C: 1, H: 8, W: 8, OH: (8+2*pad-k)/stride + 1, OW: (8+2*pad-k)/stride + 1, KH: k, KW: k, SH: stride, SW: stride, PadTop: pad, PadLeft: pad, CountPad: count}
			p.Masks = s.PoolMasks(p)
			return p
		}
		seven := "_SET"
		if s.owner("depthwise") == "avx512" {
			seven = "7x7s1_SET"
		}
		two, four := "2x2_SET", "4x4_SET"
		if s.winogradInput.unit == nil { // not every set has units for it
			two, four = "_generic", "_generic"
		}
		max3s1 := "_SET"
		if s.Lanes >= 8 { // not every set has a unit for it
			max3s1 = "3x3s1_SET"
		}
		for _, c := range []struct {
			args         any
			kernel, unit string // SET is the set that has the units, where there are any
		}{
			{&GEMM{Tile: s.Tiles[0]}, "gemm", s.Tiles[0].String() + "_SET"},
			{depthwise(3, 1, 9), "depthwise", "3x3s1_SET"},
			{depthwise(5, 2, 9), "depthwise", "5x5s2_SET"},
			{depthwise(7, 1, 9), "depthwise", seven},
			{depthwise(7, 2, 9), "depthwise", "_SET"},
			{depthwise(3, 3, 9), "depthwise", "_SET"},
			{depthwise(31, 1, 2), "depthwise", "_generic"},                    // windows that are mostly padding
			{&Depthwise{KH: 3, KW: 3, SH: 1, SW: 1}, "depthwise", "_generic"}, // without masks
			{MaxPool{pool(3, 2, 1, false)}, "maxpool", "3x3s2_SET"},
			{MaxPool{pool(2, 2, 0, false)}, "maxpool", "2x2s2_SET"},
			{MaxPool{pool(3, 1, 1, false)}, "maxpool", max3s1},
			{MaxPool{pool(5, 2, 2, false)}, "maxpool", "_SET"},
			{MaxPool{pool(33, 1, 32, false)}, "maxpool", "_generic"},    // windows that are mostly padding
			{MaxPool{&Pool{KH: 3, KW: 3, W: 9}}, "maxpool", "_generic"}, // without masks
			{AvgPool{pool(3, 2, 1, true)}, "avgpool", "3x3s2_SET"},
			{AvgPool{pool(3, 2, 1, false)}, "avgpool", "_SET"},
			{AvgPool{pool(3, 3, 0, false)}, "avgpool", "_SET"},
			{AvgPool{pool(2, 2, 0, false)}, "avgpool", "2x2s2_SET"},
			{&Mean{N: 49}, "mean", "_SET"},
			{&Linear{}, "linear", "_SET"},
			{&Dots{}, "dots", "_SET"},
			{&Phases{SH: 2, SW: 2}, "phases", "2_SET"},
			{&Phases{SH: 4, SW: 4}, "phases", "4_SET"},
			{&Phases{SH: 3, SW: 3}, "phases", "_SET"},
			{&Phases{SH: 16, SW: 16}, "phases", "_SET"},
			{&Add{}, "add", "_SET"},
			{&Affine{Epilogue: Epilogue{Act: relu}}, "affine", "_SET"},
			{&Gather{}, "gather", "_copy"},
			{&GatherBytes{}, "gatherbytes", "_copy"},
			{&WinogradInput{M: 2}, "winogradinput", two},
			{&WinogradOutput{M: 4}, "winogradoutput", four},
			{&WinogradInput{M: 3}, "winogradinput", "_generic"},
			{7, "", ""},
		} {
			want := c.kernel + strings.Replace(c.unit, "SET", s.owner(c.kernel), 1)
			if s == generic && strings.HasSuffix(c.unit, "_SET") {
				want = c.kernel + "_generic"
			}
			if got := s.Implementation(c.args); got != want {
				t.Errorf("%T %+v is run by %q, wanted %q", c.args, c.args, got, want)
			} else if IsReference(got) != strings.HasSuffix(want, "_generic") {
				t.Errorf("%s is the reference: %v", got, IsReference(got))
			}
		}
	})
}

// owner is the set that a kernel of s comes from.
func (s *Set) owner(kernel string) string {
	for _, k := range s.kernels() {
		if k.name == kernel {
			return k.entry.owner()
		}
	}
	return ""
}

// TestSetCheck: tiles and masks of another set are refused.
func TestSetCheck(t *testing.T) {
	forEachSet(t, func(t *testing.T, s *Set) {
		g := newBenchGEMM(gemmShape{5, 7, 9}, s.Tiles[0])
		if err := s.Check(g); err != nil {
			t.Error(err)
		}
		g.Tile = Tile{5, 7}
		if err := s.Check(g); err == nil || !strings.Contains(err.Error(), "a tile of 5x7, wanted one of") {
			t.Errorf("got %v, wanted the tile refused", err)
		}
		mem, tables := benchPlanes(1, 16, 16)
		d := &Depthwise{Mem: mem, Src: tables[0], Dst: tables[1], W: make([]float32, 10), C: 1, H: 4, Wid: 4, OH: 4, OW: 4, KH: 3, KW: 3, SH: 1, SW: 1, PadTop: 1, PadLeft: 1}
		d.Masks = s.DepthwiseMasks(d)
		if err := s.Check(d); err != nil {
			t.Error(err)
		}
		d.Masks = make([]float32, 15)
		if err := s.Check(d); err == nil || !strings.Contains(err.Error(), "Masks has 15 values") {
			t.Errorf("got %v, wanted the masks refused", err)
		}
		p := &Pool{Mem: mem, Src: tables[0], Dst: tables[1], C: 1, H: 4, W: 4, OH: 2, OW: 2, KH: 2, KW: 2, SH: 2, SW: 2}
		p.Masks = make([]float32, 15)
		if err := s.Check(p); err == nil || !strings.Contains(err.Error(), "Masks has 15 values") {
			t.Errorf("got %v, wanted the masks refused", err)
		}
	})
}
