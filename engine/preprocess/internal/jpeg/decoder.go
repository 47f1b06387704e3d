package jpeg

import "context"

// decoder is the state between segments.
type decoder struct {
	ctx   context.Context
	data  []byte
	scale int

	frame   *frame
	quant   [4]*[64]uint16
	dc, ac  [4]*huffman
	coder   *arithmetic
	restart int // MCUs between restart markers, 0: none

	dcLow, dcHigh [16]uint8 // conditioning of arithmetic coding
	acBound       [16]uint8

	markers
	scanned bool // a scan has been read: what the file says of colours counts no more

	visits, mostVisits int64
}

// seen reports whether a scan of every component has been read.
func (d *decoder) seen() bool {
	for i := range d.frame.comps {
		if d.frame.comps[i].quant == nil {
			return false
		}
	}
	return true
}

// complete reports whether nothing is missing of any component, to the last bit of
// every coefficient: then a file may do without its end.
func (d *decoder) complete() bool {
	for i := range d.frame.comps {
		if d.frame.comps[i].left() {
			return false
		}
	}
	return true
}

// visit counts blocks that were looked at without data being used up for them. A few
// bytes can ask for the whole picture to be gone through; real files do so for
// some ten scans, most of which concern a part of the components.
func (d *decoder) visit(n int) error {
	if d.visits += int64(n); d.visits > d.mostVisits {
		return broken("the scans go through the picture more often than a picture needs: %d blocks so far for %d x %d pixels",
			d.visits, d.frame.Width, d.frame.Height)
	}
	return nil
}
