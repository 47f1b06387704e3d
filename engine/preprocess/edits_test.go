package preprocess

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Changes to pictures that leave the container whole: chunks, segments and
// blocks are cut out, doubled, moved and altered, and lengths and checksums made
// true again, so that what lies behind them is reached.

// piece is a chunk of a PNG or WebP, a segment of a JPEG, a block of a GIF.
type piece struct {
	kind string
	body []byte
}

// container takes a picture apart and puts it together again.
type container struct {
	head  []byte
	parts []piece
	tail  []byte // what is not taken apart: a JPEG's scan
	join  func(c *container) []byte
}

func takeApart(b []byte) *container {
	switch {
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		c := &container{head: b[:8], join: joinPNG}
		for b = b[8:]; len(b) >= 12; {
			n := int(binary.BigEndian.Uint32(b))
			if n > len(b)-12 {
				break
			}
			c.parts = append(c.parts, piece{string(b[4:8]), b[8 : 8+n]})
			b = b[12+n:]
		}
		return c
	case bytes.HasPrefix(b, []byte("\xff\xd8")):
		c := &container{head: b[:2], join: joinJPEG}
		for b = b[2:]; len(b) >= 4 && b[0] == 0xff; {
			n := int(binary.BigEndian.Uint16(b[2:]))
			if n < 2 || n > len(b)-2 {
				break
			}
			c.parts = append(c.parts, piece{string(b[1:2]), b[4 : 2+n]})
			scan := b[1] == 0xda
			if b = b[2+n:]; scan { // entropy-coded data runs to the next marker
				end := 0
				for end < len(b)-1 && (b[end] != 0xff || b[end+1] == 0 || b[end+1]&0xf8 == 0xd0) {
					end++
				}
				c.parts = append(c.parts, piece{"scan", b[:end]})
				b = b[end:]
			}
		}
		c.tail = b
		return c
	case bytes.HasPrefix(b, []byte("RIFF")) && len(b) > 12:
		c := &container{head: b[8:12], join: joinWebP}
		for b = b[12:]; len(b) >= 8; {
			n := int(binary.LittleEndian.Uint32(b[4:]))
			if n > len(b)-8 {
				break
			}
			c.parts = append(c.parts, piece{string(b[:4]), b[8 : 8+n]})
			b = b[min(len(b), 8+n+n&1):]
		}
		return c
	case bytes.HasPrefix(b, []byte("GIF8")) && len(b) > 13:
		table, rest := gifTableOf(b[10], b[13:])
		c := &container{head: b[:13+len(table)], join: joinGIF}
		for len(rest) > 1 && (rest[0] == 0x21 || rest[0] == 0x2c) {
			head := 2
			if rest[0] == 0x2c {
				if len(rest) < 11 {
					break
				}
				local, _ := gifTableOf(rest[9], rest[10:])
				head = 11 + len(local)
			}
			end := head
			for end < len(rest) && rest[end] != 0 {
				end += 1 + int(rest[end])
			}
			end = min(end+1, len(rest))
			c.parts = append(c.parts, piece{string(rest[:1]), rest[:end]})
			rest = rest[end:]
		}
		c.tail = rest
		return c
	}
	return nil
}

// gifTableOf cuts the colour table that flags announce off the front of b.
func gifTableOf(flags byte, b []byte) (table, rest []byte) {
	if flags&0x80 == 0 {
		return nil, b
	}
	n := min(len(b), 3<<(1+flags&7))
	return b[:n], b[n:]
}

func joinPNG(c *container) []byte {
	b := bytes.Clone(c.head)
	for _, p := range c.parts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(p.body)))
		at := len(b)
		b = append(append(b, p.kind...), p.body...)
		b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[at:]))
	}
	return b
}

func joinJPEG(c *container) []byte {
	b := bytes.Clone(c.head)
	for _, p := range c.parts {
		if p.kind == "scan" {
			b = append(b, p.body...)
			continue
		}
		b = append(append(b, 0xff), p.kind...)
		b = binary.BigEndian.AppendUint16(b, uint16(len(p.body)+2))
		b = append(b, p.body...)
	}
	return append(b, c.tail...)
}

func joinWebP(c *container) []byte {
	body := bytes.Clone(c.head)
	for _, p := range c.parts {
		body = append(body, p.kind...)
		body = binary.LittleEndian.AppendUint32(body, uint32(len(p.body)))
		if body = append(body, p.body...); len(p.body)&1 == 1 {
			body = append(body, 0)
		}
	}
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func joinGIF(c *container) []byte {
	b := bytes.Clone(c.head)
	for _, p := range c.parts {
		b = append(b, p.body...)
	}
	return append(b, c.tail...)
}

// edit makes one change.
func (c *container) edit(rng *rand.Rand) {
	if len(c.parts) == 0 {
		return
	}
	i := rng.IntN(len(c.parts))
	p := &c.parts[i]
	p.body = bytes.Clone(p.body)
	switch rng.IntN(10) {
	case 0: // gone
		c.parts = append(c.parts[:i:i], c.parts[i+1:]...)
	case 1: // twice
		c.parts = append(c.parts[:i+1:i+1], c.parts[i:]...)
	case 2: // in place of another
		j := rng.IntN(len(c.parts))
		c.parts[i], c.parts[j] = c.parts[j], c.parts[i]
	case 3: // cut
		p.body = p.body[:rng.IntN(len(p.body)+1)]
	case 4: // longer
		p.body = append(p.body, make([]byte, 1+rng.IntN(40))...)
	case 5: // a PNG's pixels, packed again so that they unpack
		if p.kind == "IDAT" {
			if r, err := zlib.NewReader(bytes.NewReader(p.body)); err == nil {
				raw, _ := io.ReadAll(io.LimitReader(r, 1<<20))
				for range 1 + rng.IntN(8) {
					if len(raw) > 0 {
						raw[rng.IntN(len(raw))] = byte(rng.IntN(8)) // filters are 0 to 4
					}
				}
				raw = raw[:len(raw)-rng.IntN(len(raw)/4+1)]
				var b bytes.Buffer
				w := zlib.NewWriter(&b)
				w.Write(raw)
				w.Close()
				p.body = b.Bytes()
				return
			}
		}
		fallthrough
	case 6, 7: // a number
		if n := len(p.body); n > 0 {
			at := rng.IntN(n)
			if rng.IntN(2) == 0 {
				at = rng.IntN(min(n, 16)) // where the sizes are
			}
			v := []byte{0, 1, 2, 3, 4, 8, 16, 0x3f, 0x7f, 0x80, 0xc0, 0xfe, 0xff}
			p.body[at] = v[rng.IntN(len(v))]
		}
	case 8: // any bit
		if n := len(p.body); n > 0 {
			p.body[rng.IntN(n)] ^= 1 << rng.IntN(8)
		}
	case 9: // of another kind
		p.kind = c.parts[rng.IntN(len(c.parts))].kind
	}
}

// FuzzPictureEdits: the preprocessing of every format, from bytes to tensor.
func FuzzPictureEdits(f *testing.F) {
	files, _ := filepath.Glob("testdata/pictures/*")
	for _, kind := range []string{"png", "webp", "gif", "jpg"} { // and some that are out of the ordinary
		more, _ := filepath.Glob("testdata/kinds/[a-e]*." + kind)
		files = append(files, more...)
	}
	var all [][]byte
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		if len(b) > 64<<10 {
			continue
		}
		if c := takeApart(b); c == nil || len(c.parts) == 0 {
			f.Fatalf("%s cannot be taken apart", name)
		} else if again := c.join(c); !bytes.Equal(again[:min(len(again), 32)], b[:min(len(again), 32)]) && !strings.Contains(name, "fill_bytes") {
			f.Fatalf("%s is not put together again as it was", name)
		}
		f.Add(uint8(len(all)), uint64(1), uint8(0))
		f.Add(uint8(len(all)), uint64(len(all)), uint8(2))
		all = append(all, b)
	}
	var spec [2]*Preprocessor
	for i, s := range [][3]int{{9, 8, 7}, {0, 5, 6}} {
		p, err := New(levels(s, []string{"rgb", "gray"}[i]))
		if err != nil {
			f.Fatal(err)
		}
		spec[i] = p
	}
	f.Fuzz(func(t *testing.T, which uint8, random uint64, edits uint8) {
		rng := rand.New(rand.NewPCG(random, 1))
		c := takeApart(all[int(which)%len(all)])
		for range edits % 5 {
			c.edit(rng)
		}
		img, name, err := DecodeBytes(c.join(c), Options{MaxPixels: 1 << 16})
		if err != nil {
			known := errors.Is(err, ErrFormat) || errors.Is(err, ErrLimit) || errors.Is(err, ErrImage)
			if !known || strings.Contains(err.Error(), "\n") {
				t.Fatalf("got %q, want one line of a known error", err)
			}
			return
		}
		if s := img.Bounds().Size(); s.X < 1 || s.Y < 1 || s.X*s.Y > 1<<16 || name == "" {
			t.Fatalf("got a %s of %v, through a cap of %d", name, s, 1<<16)
		}
		for i, p := range spec {
			ch, h, w := p.Shape()
			dst := make([]float32, ch*h*w)
			for k := range dst {
				dst[k] = -1
			}
			if err := p.Apply(dst, img); err != nil {
				t.Fatal(err)
			}
			for k, v := range dst {
				if !(v >= 0 && v <= 1) {
					t.Fatalf("specification %d, value %d: got %v, want 0 to 1", i, k, v)
				}
			}
		}
	})
}

// What decoding allocates is bounded by the cap on pixels, whatever the file
// claims, and for a file that claims more by the file's size.
func TestDecodeAllocationBound(t *testing.T) {
	allocated := func(b []byte, o Options) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		DecodeBytes(b, o)
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	const side, most = 1000, 1 << 20
	files, _ := filepath.Glob("testdata/pictures/*")
	tried := 0
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{side, 0xffff} { // within the cap, and beyond
			c := takeApart(bytes.Clone(b))
			if !resize(c, size) {
				continue
			}
			tried++
			claims := c.join(c)
			bound := uint64(64*len(claims) + 256<<10)
			if size*size <= most {
				bound += 16 * side * side
			}
			if got := allocated(claims, Options{MaxPixels: most}); got > bound {
				t.Errorf("%s, claiming %d x %d pixels in %d bytes: %d bytes allocated, want at most %d", f, size, size, len(claims), got, bound)
			}
		}
	}
	if tried < len(files) {
		t.Errorf("%d claims of %d pictures were tried, want most of 2 each", tried, len(files))
	}
}

// resize makes a picture claim another size.
func resize(c *container, side int) bool {
	for i := range c.parts {
		p := &c.parts[i]
		body := bytes.Clone(p.body)
		switch p.kind {
		case "IHDR":
			binary.BigEndian.PutUint32(body, uint32(side))
			binary.BigEndian.PutUint32(body[4:], uint32(side))
		case "\xc0", "\xc2":
			binary.BigEndian.PutUint16(body[1:], uint16(side))
			binary.BigEndian.PutUint16(body[3:], uint16(side))
		case "VP8 ":
			binary.LittleEndian.PutUint16(body[6:], uint16(side&0x3fff))
			binary.LittleEndian.PutUint16(body[8:], uint16(side&0x3fff))
		case "\x2c":
			c.head = bytes.Clone(c.head)
			binary.LittleEndian.PutUint16(c.head[6:], uint16(side))
			binary.LittleEndian.PutUint16(c.head[8:], uint16(side))
		default:
			continue
		}
		p.body = body
		return true
	}
	return false
}

// A decoder, which is not ours, that panics is an error of its picture.
func TestDecoderThatPanics(t *testing.T) {
	b, err := os.ReadFile("testdata/pictures/rgb.png")
	if err != nil {
		t.Fatal(err)
	}
	before := formats[0]
	defer func() { formats[0] = before }()
	formats[0].decode = func(context.Context, []byte, Options) (image.Image, error) { panic("broken decoder") }
	if img, name, err := DecodeBytes(b, Options{}); img != nil || name != "png" || !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), "broken decoder") {
		t.Errorf("got %v, %q, %v; want ErrFormat that says what happened", img, name, err)
	}
	formats[0].config = func([]byte, Options) (size, error) { panic("broken header") }
	if _, _, err := DecodeBytes(b, Options{}); !errors.Is(err, ErrFormat) {
		t.Errorf("got %v, want ErrFormat", err)
	}
}
