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
	w, h := f.whole()
	rect := image.Rect(0, 0, w, h)
	if f.Components == 1 {
		return &image.Gray{Pix: f.comps[0].plane, Stride: f.comps[0].stride, Rect: rect}, nil
	}
	if f.asItIs(d.markers) {
		ratio, _ := f.ratio()
		return ycbcr(f, ratio, rect), nil
	}
	for i := range f.comps {
		if err := d.enlarge(&f.comps[i]); err != nil {
			return nil, err
		}
	}
	switch {
	case f.Components == 4:
		return d.cmyk(rect)
	case f.isRGB(d.markers):
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
