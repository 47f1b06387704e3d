package preprocess

import "context"

// A picture may be millions of pixels long and one wide. Resizing it as it stands
// would take a table of weights as long as the picture, or, where a narrow picture
// is widened, widen every one of its rows. Such a picture is reduced first, by
// whole numbers: blocks of fx x fy pixels become their mean. What the resize gives
// then differs by a level or two from that of the whole picture.

const (
	// maxTaps bounds the table of weights of an axis, in pixels that it covers.
	maxTaps = 1 << 22
	// maxScale is the most pixels of a picture for one of the output, along an axis.
	maxScale = 1 << 12
	// maxWidened is the most pixels that rows, wider after resizing than before,
	// may have in all.
	maxWidened = 1 << 26
)

// reduce decides whether to reduce s before it is resized along x and y, changes
// both to what remains to be done, and returns what gives the rows.
func (s *source) reduce(x, y *axis) reader {
	s.fx, s.fy = factor(x), factor(y)
	if rows := float64(y.n) * y.scale / float64(s.fy); x.scale < 1 && rows*float64(x.n) > maxWidened {
		most := y.scale / 8 // leave the resize enough to weigh
		f := int(min(most, float64(y.n)*y.scale*float64(x.n)/(maxWidened/2)))
		s.fy = max(s.fy, f)
	}
	if s.fx == 1 && s.fy == 1 {
		return s
	}
	x.reduce(s.fx)
	y.reduce(s.fy)
	return (*reduced)(s)
}

// factor is by how much an axis is reduced for its table to stay small.
func factor(a *axis) int {
	if most := max(16, min(maxScale, float64(maxTaps/max(a.n, 1)))); a.scale > most {
		return int(a.scale / (most / 2))
	}
	return 1
}

// reduce makes a the axis of a picture reduced by f.
func (a *axis) reduce(f int) {
	a.in = (a.in-1)/f + 1
	a.scale /= float64(f)
}

// reduced is a source that gives its reduced rows.
type reduced source

// row writes pixels x0 to x1 of the reduced row y.
func (r *reduced) row(ctx context.Context, dst []byte, y, x0, x1 int) error {
	s := (*source)(r)
	s.sum = grow(s.sum, 3*(x1-x0))
	clear(s.sum)
	top, bottom := y*s.fy, min((y+1)*s.fy, s.h)
	left, right := x0*s.fx, min(x1*s.fx, s.w)
	// At most about as many pixels at once as the context may wait for.
	width := min(right-left, 1<<13)
	rows := max(1, min((1<<13)/width, bottom-top))
	s.block = grow(s.block, 3*width*rows)
	for ; top < bottom; top += rows {
		n := min(rows, bottom-top)
		for x := left; x < right; x += width {
			if err := ctx.Err(); err != nil {
				return err
			}
			end := min(x+width, right)
			if err := s.rows(ctx, s.block, top, n, x, end); err != nil {
				return err
			}
			s.add(s.block[:3*n*(end-x)], x-left, end-x)
		}
	}
	bottom, top = min((y+1)*s.fy, s.h), y*s.fy
	for x := range x1 - x0 {
		n := uint64(min((x0+x+1)*s.fx, s.w)-(x0+x)*s.fx) * uint64(bottom-top)
		for c := range 3 {
			dst[3*x+c] = uint8((s.sum[3*x+c] + n/2) / n)
		}
	}
	return nil
}

// add adds rows of width pixels to the sums; x is where they begin.
func (s *source) add(p []byte, x, width int) {
	if width == 1 { // a column: one sum
		var r, g, b uint64
		for len(p) >= 3 {
			r, g, b = r+uint64(p[0]), g+uint64(p[1]), b+uint64(p[2])
			p = p[3:]
		}
		d := s.sum[3*(x/s.fx):][:3]
		d[0], d[1], d[2] = d[0]+r, d[1]+g, d[2]+b
		return
	}
	for ; len(p) > 0; p = p[3*width:] {
		at, left := x/s.fx, s.fx-x%s.fx
		for row := p[:3*width]; len(row) > 0; {
			n := min(3*left, len(row))
			var r, g, b uint64
			for q := row[:n]; len(q) >= 3; q = q[3:] {
				r, g, b = r+uint64(q[0]), g+uint64(q[1]), b+uint64(q[2])
			}
			d := s.sum[3*at:][:3]
			d[0], d[1], d[2] = d[0]+r, d[1]+g, d[2]+b
			row, at, left = row[n:], at+1, s.fx
		}
	}
}
