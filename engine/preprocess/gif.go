package preprocess

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
)

// decodeGIF returns the first frame on its whole screen, as viewers and Pillow
// show it: outside the frame lies the transparent colour, or colour 0. The
// transparent colour keeps the red, green and blue that the file gives it.
func decodeGIF(b []byte) (image.Image, error) {
	c, err := gif.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	img, err := gif.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	frame, ok := img.(*image.Paletted)
	if !ok {
		return img, nil
	}
	fill := 0
	if i, rgb, ok := gifTransparent(b); ok && i < len(frame.Palette) {
		fill = i
		frame.Palette[i] = color.NRGBA{rgb[0], rgb[1], rgb[2], 0}
	}
	screen := image.Rect(0, 0, c.Width, c.Height)
	if frame.Rect == screen {
		return frame, nil
	}
	whole := image.NewPaletted(screen, frame.Palette)
	if fill != 0 {
		for i := range whole.Pix {
			whole.Pix[i] = uint8(fill)
		}
	}
	in := frame.Rect.Intersect(screen)
	for y := in.Min.Y; y < in.Max.Y; y++ {
		n := frame.PixOffset(in.Min.X, y)
		copy(whole.Pix[whole.PixOffset(in.Min.X, y):], frame.Pix[n:n+in.Dx()])
	}
	return whole, nil
}

// gifTransparent finds the first frame's transparent index and its colour,
// which the decoder overwrites with transparent black.
func gifTransparent(b []byte) (index int, rgb []byte, ok bool) {
	index = -1
	if len(b) < 13 {
		return
	}
	table, b := gifTable(b[10], b[13:])
	for len(b) > 0 {
		switch b[0] {
		case 0x21: // extension: label, then sub-blocks
			if len(b) < 2 {
				return
			}
			if control := b[1] == 0xF9; control && len(b) >= 7 && b[2] >= 4 && b[3]&1 != 0 {
				index = int(b[6])
			}
			b = b[2:]
			for len(b) > 0 && b[0] != 0 {
				b = b[min(len(b), 1+int(b[0])):]
			}
			b = b[min(len(b), 1):]
		case 0x2C: // the frame
			if len(b) < 10 {
				return
			}
			if b[9]&0x80 != 0 {
				table, _ = gifTable(b[9], b[10:])
			}
			if index < 0 || len(table) < 3*index+3 {
				return
			}
			return index, table[3*index : 3*index+3], true
		default:
			return
		}
	}
	return
}

// gifTable cuts the colour table that flags announce off the front of b.
func gifTable(flags byte, b []byte) (table, rest []byte) {
	if flags&0x80 == 0 {
		return nil, b
	}
	n := min(len(b), 3<<(1+flags&7))
	return b[:n], b[n:]
}
