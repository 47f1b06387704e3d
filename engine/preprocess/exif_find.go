package preprocess

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/hex"
	"io"

	"github.com/riffle-ml/riffle/engine/preprocess/internal/png"
)

// Where formats keep an orientation: in an EXIF block, or, where that has none, in
// XMP, as Pillow's exif_transpose looks for it.

func orientationJPEG(b []byte) int {
	exif, xmp := exifJPEG(b)
	return upright(exif, xmp)
}

func orientationPNG(b []byte) int {
	exif, xmp := exifPNG(b)
	return upright(exif, xmp)
}

func orientationWebP(b []byte) int {
	exif, xmp := exifWebP(b)
	return upright(exif, xmp)
}

// upright is the orientation that EXIF gives, else XMP, else 1.
func upright(exif, xmp []byte) int {
	if o, found := tagOrientation(exif); found {
		return o
	}
	for _, mark := range []string{`tiff:Orientation="`, "tiff:Orientation>"} {
		if i := bytes.Index(xmp, []byte(mark)); i >= 0 && i+len(mark) < len(xmp) {
			if c := xmp[i+len(mark)]; c >= '1' && c <= '8' {
				return int(c - '0')
			}
		}
	}
	return 1
}

// exifJPEG returns the first EXIF and XMP blocks of a JPEG: APP1 segments before
// the pixels that say so.
func exifJPEG(b []byte) (exif, xmp []byte) {
	for i := 2; i+4 <= len(b); {
		if b[i] != 0xFF {
			return
		}
		m := b[i+1]
		switch {
		case m == 0xFF: // fill byte
			i++
			continue
		case m == 0x01 || m >= 0xD0 && m <= 0xD7: // no length follows
			i += 2
			continue
		case m == 0xDA || m == 0xD9: // pixels, or the end
			return
		}
		n := int(binary.BigEndian.Uint16(b[i+2:]))
		if n < 2 || n > len(b)-i-2 {
			return
		}
		body := b[i+4 : i+2+n]
		if m == 0xE1 {
			if exif == nil && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
				exif = body
			}
			if xmp == nil && bytes.HasPrefix(body, []byte("http://ns.adobe.com/xap/1.0/\x00")) {
				xmp = body
			}
		}
		i += 2 + n
	}
	return
}

// exifPNG returns the eXIf chunk of a PNG, or the raw profile that ImageMagick
// writes as text instead; and XMP, which is text, too.
func exifPNG(b []byte) (exif, xmp []byte) {
	var raw []byte
	png.Chunks(b, func(c png.Chunk) bool {
		switch c.Kind {
		case "eXIf":
			if exif == nil {
				exif = c.Body
			}
		case "tEXt", "zTXt", "iTXt":
			key, text, _ := bytes.Cut(c.Body, []byte{0})
			switch string(key) {
			case "Raw profile type exif":
				raw = rawProfile(pngText(c.Kind, text))
			case "XML:com.adobe.xmp":
				xmp = pngText(c.Kind, text)
			}
		}
		return c.Kind != "IEND"
	})
	if exif == nil {
		exif = raw
	}
	return exif, xmp
}

// maxText is how much of a compressed text is unpacked.
const maxText = 1 << 20

// pngText is the text of a chunk, behind its key.
func pngText(kind string, b []byte) []byte {
	packed := kind == "zTXt"
	switch {
	case kind == "zTXt" && len(b) > 0:
		b = b[1:]
	case kind == "iTXt" && len(b) > 2: // compressed or not, how, language, translated key
		packed = b[0] != 0
		_, b, _ = bytes.Cut(b[2:], []byte{0})
		_, b, _ = bytes.Cut(b, []byte{0})
	}
	if !packed {
		return b
	}
	r, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil
	}
	text, _ := io.ReadAll(io.LimitReader(r, maxText))
	return text
}

// rawProfile reads a block written as hexadecimal digits: a line with its name, one
// with its length, then lines of digits.
func rawProfile(b []byte) []byte {
	lines := bytes.SplitN(bytes.TrimLeft(b, "\n"), []byte("\n"), 3)
	if len(lines) < 3 {
		return nil
	}
	digits := bytes.ReplaceAll(bytes.TrimSpace(lines[2]), []byte("\n"), nil)
	out := make([]byte, len(digits)/2)
	n, _ := hex.Decode(out, digits[:len(digits)&^1])
	return out[:n]
}

// exifWebP returns the EXIF and XMP chunks of a WebP.
func exifWebP(b []byte) (exif, xmp []byte) {
	webpChunks(b[min(len(b), 12):], func(kind string, body []byte) bool {
		switch {
		case kind == "EXIF" && exif == nil:
			exif = body
		case kind == "XMP " && xmp == nil:
			xmp = body
		}
		return true
	})
	return
}
