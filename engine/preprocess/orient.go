package preprocess

import (
	"context"
	"image"
)

// orient returns img turned upright from EXIF orientation o, 1 to 8. Pixel
// (x, y) of the result is, W and H being its size,
//
//	1  (x, y)        2  (W-1-x, y)    3  (W-1-x, H-1-y)   4  (x, H-1-y)
//	5  (y, x)        6  (y, W-1-x)    7  (H-1-y, W-1-x)   8  (H-1-y, x)
//
// of img.
func orient(ctx context.Context, img image.Image, o int) (image.Image, error) {
	if o == 1 {
		return img, nil
	}
	var s source
	if err := s.open(img); err != nil {
		return nil, err
	}
	w, h := s.w, s.h
	if o >= 5 {
		w, h = h, w
	}
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	row := make([]byte, 3*s.w)
	// Where source pixel (0, 0) lands, and the steps in out.Pix that one source
	// pixel to the right and one down are.
	var at, dx, dy int
	right, down := 4, out.Stride
	lastX, lastY := 4*(w-1), out.Stride*(h-1)
	switch o {
	case 2:
		at, dx, dy = lastX, -right, down
	case 3:
		at, dx, dy = lastX+lastY, -right, -down
	case 4:
		at, dx, dy = lastY, right, -down
	case 5:
		at, dx, dy = 0, down, right
	case 6:
		at, dx, dy = lastX, down, -right
	case 7:
		at, dx, dy = lastX+lastY, -down, -right
	case 8:
		at, dx, dy = lastY, -down, right
	}
	for y := range s.h {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := s.row(ctx, row, y, 0, s.w); err != nil {
			return nil, err
		}
		p := at + y*dy
		for x := 0; x < len(row); x += 3 {
			q := out.Pix[p : p+4 : p+4]
			q[0], q[1], q[2], q[3] = row[x], row[x+1], row[x+2], 255
			p += dx
		}
	}
	return out, nil
}
