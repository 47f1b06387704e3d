package preprocess

import (
	"bytes"
	"compress/lzw"
	"compress/zlib"
	"encoding/binary"
	"image"
	"image/jpeg"
	"io"
	"testing"
)

// Small files that ask for much.

// zeros yields n zeros.
func zeros(n int64) io.Reader { return io.LimitReader(zero{}, n) }

type zero struct{}

func (zero) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// deflated is n zeros, packed.
func deflated(t testing.TB, n int64) []byte {
	var b bytes.Buffer
	w, _ := zlib.NewWriterLevel(&b, zlib.BestCompression)
	if _, err := io.CopyBuffer(w, zeros(n), make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	w.Close()
	return b.Bytes()
}

// pngOf is a PNG of zeros; chunks stand before its pixels.
func pngOf(t testing.TB, w, h uint32, depth, colour, interlace byte, chunks ...piece) []byte {
	ihdr := binary.BigEndian.AppendUint32(nil, w)
	ihdr = append(binary.BigEndian.AppendUint32(ihdr, h), depth, colour, 0, 0, interlace)
	row := func(w int64) int64 {
		return 1 + (w*int64(depth)*map[byte]int64{0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]+7)/8
	}
	raw := row(int64(w)) * int64(h)
	if interlace == 1 {
		raw = 0
		for _, p := range [7][4]int64{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}} {
			pw, ph := (int64(w)-p[0]+p[2]-1)/p[2], (int64(h)-p[1]+p[3]-1)/p[3]
			if pw > 0 && ph > 0 {
				raw += row(pw) * ph
			}
		}
	}
	parts := append([]piece{{"IHDR", ihdr}}, chunks...)
	if colour == 3 {
		parts = append(parts, piece{"PLTE", make([]byte, 6)})
	}
	parts = append(parts, piece{"IDAT", deflated(t, raw)}, piece{"IEND", nil})
	return joinPNG(&container{head: []byte("\x89PNG\r\n\x1a\n"), parts: parts})
}

// gifOf is a GIF of zeros.
func gifOf(w, h uint16, pixels int64) []byte {
	b := []byte("GIF89a")
	b = binary.LittleEndian.AppendUint16(b, w)
	b = binary.LittleEndian.AppendUint16(b, h)
	b = append(b, 0x80, 0, 0, 1, 2, 3, 4, 5, 6, 0x2c, 0, 0, 0, 0)
	b = binary.LittleEndian.AppendUint16(b, w)
	b = binary.LittleEndian.AppendUint16(b, h)
	b = append(b, 0, 8)
	var data bytes.Buffer
	l := lzw.NewWriter(&data, lzw.LSB, 8)
	io.CopyBuffer(l, zeros(pixels), make([]byte, 1<<20))
	l.Close()
	for p := data.Bytes(); len(p) > 0; {
		n := min(len(p), 255)
		b = append(append(b, byte(n)), p[:n]...)
		p = p[n:]
	}
	return append(b, 0, 0x3b)
}

// jpegOf is a JPEG whose frame header claims another size, followed by scans.
func jpegOf(t testing.TB, sof byte, w, h uint16, dht bool, scans ...[]byte) []byte {
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, image.NewYCbCr(image.Rect(0, 0, 16, 16), image.YCbCrSubsampleRatio420), nil); err != nil {
		t.Fatal(err)
	}
	c := takeApart(buf.Bytes())
	var parts []piece
	for _, p := range c.parts {
		switch p.kind {
		case "\xc0":
			body := bytes.Clone(p.body)
			binary.BigEndian.PutUint16(body[1:], h)
			binary.BigEndian.PutUint16(body[3:], w)
			parts = append(parts, piece{string(sof), body})
			parts[len(parts)-1].kind = string([]byte{sof})
		case "\xdb":
			parts = append(parts, p)
		case "\xc4":
			if dht {
				parts = append(parts, p)
			}
		}
	}
	b := joinJPEG(&container{head: c.head, parts: parts})
	for _, s := range scans {
		b = append(b, s...)
	}
	return append(b, 0xff, 0xd9)
}

// jpegOfTurned is a JPEG of no data whose EXIF says that it lies on its side.
func jpegOfTurned(t testing.TB, w, h uint16) []byte {
	b := jpegOf(t, 0xc0, w, h, true, scanOf("\x01\x02\x03", 0, 63, 0))
	app1 := append([]byte("Exif\x00\x00"), tiffBlock(binary.LittleEndian, "II*\x00", 0x112, 3, 1, 6)...)
	return append([]byte{0xff, 0xd8, 0xff, 0xe1, 0, byte(2 + len(app1))}, append(app1, b[2:]...)...)
}

// scanOf is a scan header and its data.
func scanOf(comps string, ss, se, bits byte, data ...byte) []byte {
	b := []byte{0xff, 0xda, 0, byte(6 + 2*len(comps)), byte(len(comps))}
	for _, c := range []byte(comps) {
		b = append(b, c, 0)
	}
	return append(append(b, ss, se, bits), data...)
}

// tiffOf is a TIFF of one strip of zeros, packed.
func tiffOf(t testing.TB, w, h uint32, samples int, compression uint16, raw int64) []byte {
	data := deflated(t, raw)
	b := []byte("II*\x00\x08\x00\x00\x00")
	photometric := uint32(1)
	if samples > 1 {
		photometric = 2
	}
	tags := [][3]uint32{{256, 4, w}, {257, 4, h}, {258, 3, 8}, {259, 3, uint32(compression)}, {262, 3, photometric}, {273, 4, 0}, {277, 3, uint32(samples)}, {278, 4, h}, {279, 4, uint32(len(data))}}
	end := uint32(8 + 2 + 12*len(tags) + 4)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(tags)))
	for _, tag := range tags {
		b = binary.LittleEndian.AppendUint16(b, uint16(tag[0]))
		b = binary.LittleEndian.AppendUint16(b, uint16(tag[1]))
		n, v := uint32(1), tag[2]
		if tag[0] == 258 && samples > 1 {
			n, v = uint32(samples), end+uint32(len(data))
		}
		if tag[0] == 273 {
			v = end
		}
		b = binary.LittleEndian.AppendUint32(b, n)
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	b = append(append(b, 0, 0, 0, 0), data...)
	for range samples {
		b = append(b, 8, 0)
	}
	return b
}

// bmpOf is a bitmap of run lengths that claims a size.
func bmpOf(w, h uint32, bits, compression byte, data ...byte) []byte {
	b := append([]byte("BM"), make([]byte, 12)...)
	b = append(b, 40, 0, 0, 0)
	b = binary.LittleEndian.AppendUint32(b, w)
	b = binary.LittleEndian.AppendUint32(b, h)
	b = append(b, 1, 0, bits, 0, compression, 0, 0, 0)
	b = append(b, make([]byte, 20)...)
	b = append(b, 0, 0, 0, 0)
	if bits == 8 {
		binary.LittleEndian.PutUint32(b[46:], 1)
	}
	binary.LittleEndian.PutUint32(b[10:], uint32(len(b)))
	return append(b, data...)
}
