package op

import (
	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/step"
)

// maxWindow bounds each number of a window.
const maxWindow = 1 << 12

// parseWindow reads the attributes of a window over h x w pixels, which must fit
// into the padded input.
func parseWindow(a *graph.Attrs, dilation bool, h, w int) step.Window {
	k := a.MustInts("kernel", 1, maxWindow, 1, 1)
	s := a.Ints("stride", 1, maxWindow, 1, 1)
	d := []int{1, 1}
	if dilation {
		d = a.Ints("dilation", 1, maxWindow, 1, 1)
	}
	p := a.Ints("pad", 0, maxWindow, 0, 0, 0, 0)
	win := step.Window{KH: k[0], KW: k[1], SH: s[0], SW: s[1], DH: d[0], DW: d[1], Top: p[0], Left: p[1], Bottom: p[2], Right: p[3]}
	eh, ew := win.DH*(win.KH-1)+1, win.DW*(win.KW-1)+1
	if ph, pw := h+win.Top+win.Bottom, w+win.Left+win.Right; eh > ph || ew > pw {
		a.Failf("window of %dx%d does not fit the padded input of %dx%d", eh, ew, ph, pw)
		return step.Window{KH: 1, KW: 1, SH: 1, SW: 1, DH: 1, DW: 1}
	}
	return win
}
