package jpeg

import (
	"image"

	"github.com/riffle-ml/riffle/engine/preprocess/internal/ycc"
)

// picture makes an image of the planes.
func (d *decoder) picture() (image.Image, error) {
	f := d.frame
	if f.Progressive {
		if err := d.reconstruct(); err != nil {
			return nil, err
		}
	}
	w, h := d.whole()
	rect := image.Rect(0, 0, w, h)
	if f.Components == 1 {
		return &image.Gray{Pix: f.comps[0].plane, Stride: f.comps[0].stride, Rect: rect}, nil
	}
	if f.Components == 3 && !d.isRGB() {
		if ratio, ok := d.ratio(); ok {
			return ycbcr(f, ratio, rect), nil
		}
	}
	for i := range f.comps {
		if err := d.enlarge(&f.comps[i]); err != nil {
			return nil, err
		}
	}
	switch {
	case f.Components == 4:
		return d.cmyk(rect)
	case d.isRGB():
		return d.rgb(rect)
	}
	return ycbcr(f, image.YCbCrSubsampleRatio444, rect), nil
}

func ycbcr(f *frame, ratio image.YCbCrSubsampleRatio, rect image.Rectangle) *image.YCbCr {
	return &image.YCbCr{
		Y: f.comps[0].plane, Cb: f.comps[1].plane, Cr: f.comps[2].plane,
		YStride: f.comps[0].stride, CStride: f.comps[1].stride, SubsampleRatio: ratio, Rect: rect,
	}
}

// isRGB reports whether three components are red, green and blue and not luma and
// chroma. As in libjpeg, a JFIF marker says no; an Adobe marker says; and without
// both, the components' names may.
func (d *decoder) isRGB() bool {
	if d.frame.Components != 3 || d.jfif {
		return false
	}
	if d.adobe {
		return d.transform == 0
	}
	c := d.frame.comps
	return c[0].id == 'R' && c[1].id == 'G' && c[2].id == 'B'
}

// ratio finds the subsampling among those that the image package has, and that mean
// there what they mean here.
func (d *decoder) ratio() (image.YCbCrSubsampleRatio, bool) {
	c := d.frame.comps
	xn, xd, yn, yd := d.factors(&c[0])
	if xn != xd || yn != yd || c[1].h*c[1].size != c[2].h*c[2].size || c[1].v*c[1].size != c[2].v*c[2].size || c[1].stride != c[2].stride {
		return 0, false
	}
	xn, xd, yn, yd = d.factors(&c[1])
	for _, r := range [...]struct {
		x, y  int
		ratio image.YCbCrSubsampleRatio
	}{
		{1, 1, image.YCbCrSubsampleRatio444}, {2, 1, image.YCbCrSubsampleRatio422}, {2, 2, image.YCbCrSubsampleRatio420},
		{1, 2, image.YCbCrSubsampleRatio440}, {4, 1, image.YCbCrSubsampleRatio411}, {4, 2, image.YCbCrSubsampleRatio410},
	} {
		// At 1/8 libjpeg interpolates nothing; the image package's reader does.
		if xn == r.x*xd && yn == r.y*yd && (d.scale < 8 || r.x*r.y == 1) {
			return r.ratio, true
		}
	}
	return 0, false
}

func (d *decoder) rgb(rect image.Rectangle) (image.Image, error) {
	m := image.NewRGBA(rect)
	c := d.frame.comps
	for y := range rect.Dy() {
		if y&63 == 0 {
			if err := d.ctx.Err(); err != nil {
				return nil, err
			}
		}
		row := m.Pix[y*m.Stride:]
		for x := range rect.Dx() {
			p := row[4*x : 4*x+4 : 4*x+4]
			p[0], p[1], p[2], p[3] = c[0].plane[y*c[0].stride+x], c[1].plane[y*c[1].stride+x], c[2].plane[y*c[2].stride+x], 255
		}
	}
	return m, nil
}

// cmyk makes a picture of four inks. Files store how much paper is left, not how
// much ink there is, whether they have an Adobe marker that says so or not: Pillow
// reads all of them so. With the marker's transform 2 the first three are luma and chroma.
func (d *decoder) cmyk(rect image.Rectangle) (image.Image, error) {
	m := image.NewCMYK(rect)
	c := d.frame.comps
	ycck := d.adobe && d.transform != 0
	for y := range rect.Dy() {
		if y&63 == 0 {
			if err := d.ctx.Err(); err != nil {
				return nil, err
			}
		}
		row := m.Pix[y*m.Stride:]
		for x := range rect.Dx() {
			a, b, e := c[0].plane[y*c[0].stride+x], c[1].plane[y*c[1].stride+x], c[2].plane[y*c[2].stride+x]
			if ycck {
				a, b, e = ycc.RGB(a, b, e)
				a, b, e = 255-a, 255-b, 255-e
			}
			p := row[4*x : 4*x+4 : 4*x+4]
			p[0], p[1], p[2], p[3] = 255-a, 255-b, 255-e, 255-c[3].plane[y*c[3].stride+x]
		}
	}
	return m, nil
}
