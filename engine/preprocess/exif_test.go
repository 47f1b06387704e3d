package preprocess

import (
	"bytes"
	"encoding/binary"
	"os"
	"testing"
)

// tiffBlock is an EXIF block with one directory of one entry.
func tiffBlock(order binary.AppendByteOrder, magic string, tag, typ uint16, count, value uint32) []byte {
	b := []byte(magic)
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 1)
	b = order.AppendUint16(b, tag)
	b = order.AppendUint16(b, typ)
	b = order.AppendUint32(b, count)
	if typ == 3 {
		b = order.AppendUint16(b, uint16(value))
		return order.AppendUint16(b, 0xFFFF)
	}
	return order.AppendUint32(b, value)
}

func TestOrientation(t *testing.T) {
	le, be := binary.LittleEndian, binary.BigEndian
	const ii, mm = "II*\x00", "MM\x00*"
	for _, c := range []struct {
		name string
		b    []byte
		want int
	}{
		{"little", tiffBlock(le, ii, 0x112, 3, 1, 6), 6},
		{"big", tiffBlock(be, mm, 0x112, 3, 1, 8), 8},
		{"long", tiffBlock(le, ii, 0x112, 4, 1, 3), 3},
		{"prefix", append([]byte("Exif\x00\x00"), tiffBlock(be, mm, 0x112, 3, 1, 5)...), 5},
		{"other tag", tiffBlock(le, ii, 0x113, 3, 1, 6), 1},
		{"other type", tiffBlock(le, ii, 0x112, 2, 1, 6), 1},
		{"two values", tiffBlock(le, ii, 0x112, 3, 2, 6), 1},
		{"zero", tiffBlock(le, ii, 0x112, 3, 1, 0), 1},
		{"nine", tiffBlock(le, ii, 0x112, 3, 1, 9), 1},
		{"wrong order", tiffBlock(be, ii, 0x112, 3, 1, 6), 1},
		{"no magic", tiffBlock(le, "II+\x00", 0x112, 3, 1, 6), 1},
		{"empty", nil, 1},
		{"far offset", []byte("II*\x00\xff\xff\xff\xff\x01\x00"), 1},
	} {
		if got := orientation(c.b); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
		for n := range c.b {
			if got := orientation(c.b[:n]); got != 1 && got != c.want {
				t.Errorf("%s cut to %d: got %d", c.name, n, got)
			}
		}
	}
}

func TestExifContainers(t *testing.T) {
	for file, find := range map[string]func([]byte) (exif, xmp []byte){
		"exif6.jpg": exifJPEG, "exif6.png": exifPNG, "exif6.webp": exifWebP,
	} {
		b, err := os.ReadFile("testdata/pictures/" + file)
		if err != nil {
			t.Fatal(err)
		}
		exif, _ := find(b)
		if got := orientation(exif); got != 6 {
			t.Errorf("%s: got orientation %d, want 6", file, got)
		}
		for n := range b {
			find(b[:n]) // must not panic
		}
	}
	for _, file := range []string{"rgb.png", "jpeg420.jpg", "lossy.webp"} {
		b, err := os.ReadFile("testdata/pictures/" + file)
		if err != nil {
			t.Fatal(err)
		}
		for _, find := range []func([]byte) (exif, xmp []byte){exifJPEG, exifPNG, exifWebP} {
			if got, _ := find(b); got != nil && !bytes.HasPrefix(got, []byte("Exif")) {
				t.Errorf("%s: found an EXIF block of %d bytes, want none", file, len(got))
			}
		}
	}
}
