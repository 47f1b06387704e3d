package preprocess

import (
	"context"
	"image"

	"github.com/riffle-ml/riffle/engine/preprocess/internal/ycc"
)

// vp8ToNRGBA converts 4:2:0 planes in video range, the chroma interpolated and
// the arithmetic rounded as libwebp does it by default.
func vp8ToNRGBA(ctx context.Context, m *image.YCbCr, alpha []byte, alphaStride int) (image.Image, error) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	if m.SubsampleRatio != image.YCbCrSubsampleRatio420 || m.Rect.Min != (image.Point{}) {
		return nil, errf(ErrImage, "got chroma %v at %v, want 4:2:0 at the origin", m.SubsampleRatio, m.Rect.Min)
	}
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	cw, ch := (w+1)/2, (h+1)/2
	for y := range h {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		near := y / 2
		far := max(near-1, 0)
		if y&1 == 1 {
			far = min(near+1, ch-1)
		}
		luma := m.Y[y*m.YStride:][:w]
		nb, nr := m.Cb[near*m.CStride:][:cw], m.Cr[near*m.CStride:][:cw]
		fb, fr := m.Cb[far*m.CStride:][:cw], m.Cr[far*m.CStride:][:cw]
		row := out.Pix[y*out.Stride:][:4*w]
		for x := range w {
			c := x / 2
			d := max(c-1, 0)
			if x&1 == 1 {
				d = min(c+1, cw-1)
			}
			u := vp8Chroma(nb[c], nb[d], fb[c], fb[d])
			v := vp8Chroma(nr[c], nr[d], fr[c], fr[d])
			// BT.601 in video range, 14 bits: 1.164, 1.596, 0.392, 0.813, 2.017.
			l := int32(luma[x]) * 19077 >> 8
			p := row[4*x : 4*x+4 : 4*x+4]
			p[0] = ycc.Clamp8((l + v*26149>>8 - 14234) >> 6)
			p[1] = ycc.Clamp8((l - u*6419>>8 - v*13320>>8 + 8708) >> 6)
			p[2] = ycc.Clamp8((l + u*33050>>8 - 17685) >> 6)
			p[3] = 255
		}
		if alpha != nil {
			for x, a := range alpha[y*alphaStride:][:w] {
				row[4*x+3] = a
			}
		}
	}
	return out, nil
}

// vp8Chroma weights the four samples around a pixel 9, 3, 3, 1, in two steps
// that each round as libwebp's do.
func vp8Chroma(here, beside, over, across uint8) int32 {
	a, b, c, d := int32(here), int32(beside), int32(over), int32(across)
	diagonal := (a + d + 3*(b+c) + 8) >> 3
	return (diagonal + a) >> 1
}
