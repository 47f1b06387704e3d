package preprocess

import (
	"context"
	"encoding/binary"
	"image"
	"io"

	"golang.org/x/image/webp"
)

// animation is what a WebP with several pictures says of the first.
type animation struct {
	canvas image.Rectangle
	frame  image.Rectangle
	still  []byte // the first picture, as a WebP of its own
}

// firstOf returns nil for a WebP of one picture.
func firstOf(b []byte) (a *animation, err error) {
	webpChunks(b[12:], func(kind string, body []byte) bool {
		switch {
		case kind == "VP8X" && len(body) >= 10 && body[0]&2 != 0:
			a = &animation{canvas: image.Rect(0, 0, 1+uint24(body[4:]), 1+uint24(body[7:]))}
		case kind == "ANMF" && a != nil && len(body) >= 16:
			x, y := 2*uint24(body), 2*uint24(body[3:])
			a.frame = image.Rect(x, y, x+1+uint24(body[6:]), y+1+uint24(body[9:]))
			a.still = still(body[16:], body[6:12])
			return false
		}
		return true
	})
	if a != nil && a.still == nil {
		return nil, io.ErrUnexpectedEOF
	}
	return a, nil
}

// still wraps a frame's chunks as a file. dims is its width and height, each less one.
func still(chunks, dims []byte) []byte {
	flags, body := byte(0), []byte(nil)
	webpChunks(chunks, func(kind string, part []byte) bool {
		switch kind {
		case "ALPH":
			flags = 0x10
		case "VP8 ", "VP8L":
		default:
			return true
		}
		body = append(body, kind...)
		body = binary.LittleEndian.AppendUint32(body, uint32(len(part)))
		if body = append(body, part...); len(part)&1 == 1 {
			body = append(body, 0)
		}
		return kind == "ALPH"
	})
	if body == nil {
		return nil
	}
	head := []byte("WEBP")
	if flags != 0 { // alpha is looked for only where an extended header announces it
		head = append(head, "VP8X\x0a\x00\x00\x00"...)
		head = append(head, flags, 0, 0, 0)
		head = append(head, dims...)
	}
	out := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(head)+len(body)))
	return append(append(out, head...), body...)
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

func sizeWebP(b []byte, _ Options) (size, error) {
	a, err := firstOf(b)
	if err != nil {
		return size{}, err
	}
	extra := int64(0)
	if a != nil {
		b, extra = a.still, 4*int64(a.canvas.Dx())*int64(a.canvas.Dy())
	}
	c, err := webp.DecodeConfig(fed(context.Background(), b))
	s := sized(c, 6) // planes of luma, chroma and alpha, then 4 bytes a pixel
	if a != nil && err == nil {
		s = size{a.canvas.Dx(), a.canvas.Dy(), s.memory + extra}
	}
	return s, err
}

// decodeWebP decodes a WebP, of an animated one the first picture on its canvas,
// which is transparent black elsewhere, as Pillow gives it. The decoder returns a
// lossy picture's planes as if they were JFIF's; VP8's luma spans 16..235 and its
// chroma 16..240, and left so the picture would look washed out. They are converted
// here.
func decodeWebP(ctx context.Context, b []byte, _ Options) (image.Image, error) {
	a, err := firstOf(b)
	if err != nil {
		return nil, err
	}
	if a != nil {
		b = a.still
	}
	img, err := webp.Decode(fed(ctx, b))
	if err != nil {
		return nil, err
	}
	switch m := img.(type) {
	case *image.YCbCr:
		img, err = vp8ToNRGBA(ctx, m, nil, 0)
	case *image.NYCbCrA:
		img, err = vp8ToNRGBA(ctx, &m.YCbCr, m.A, m.AStride)
	}
	if err != nil || a == nil {
		return img, err
	}
	return a.place(img)
}

// place puts the frame where it belongs on the canvas.
func (a *animation) place(img image.Image) (image.Image, error) {
	m, ok := img.(*image.NRGBA)
	if !ok || m.Rect.Size() != a.frame.Size() || !a.frame.In(a.canvas) {
		return nil, &FormatError{Format: "webp", Msg: "the first picture is not where its animation says"}
	}
	if a.frame == a.canvas {
		return m, nil
	}
	out := image.NewNRGBA(a.canvas)
	for y := range m.Rect.Dy() {
		copy(out.Pix[out.PixOffset(a.frame.Min.X, a.frame.Min.Y+y):], m.Pix[y*m.Stride:][:4*m.Rect.Dx()])
	}
	return out, nil
}
