package preprocess

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestForeign: what people hand over by mistake is named.
func TestForeign(t *testing.T) {
	for data, want := range map[string]string{
		"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic":           "a HEIC picture",
		"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1heicmiaf":       "a HEIC picture",
		"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf":       "an AVIF picture",
		"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1miaf":       "an AVIF picture",
		"\x00\x00\x00\x14ftypmif1\x00\x00\x00\x00mif1":               "a HEIF picture (HEIC or AVIF)",
		"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2":           "an MP4 or QuickTime video",
		"\x00\x00\x00\x0cJXL \r\n\x87\n\x00\x00\x00\x14":             "a JPEG XL picture",
		"\xff\x0a\xfa\x1f\x01":                                       "a JPEG XL picture",
		"\x00\x00\x00\x0cjP  \r\n\x87\n":                             "a JPEG 2000 picture",
		"<svg xmlns='http://www.w3.org/2000/svg'></svg>":             "an SVG drawing",
		"<?xml version='1.0'?>\n<!-- x --><svg width='1'/>":          "an SVG drawing",
		"\xef\xbb\xbf\n <SVG>":                                       "an SVG drawing",
		"<?xml version='1.0'?><note/>":                               "an XML document",
		"%PDF-1.7\n":                                                 "a PDF document",
		"<!DOCTYPE html><html>":                                      "a web page (HTML)",
		"8BPS\x00\x01":                                               "a Photoshop document",
		"P6\n3 3 255\n":                                              "a PPM picture",
		"\x1f\x8b\x08\x00":                                           "gzip data",
		"PK\x03\x04\x14\x00":                                         "a ZIP archive",
		"version https://git-lfs.github.com/spec/v1\noid sha256:1\n": "a Git LFS pointer (the file itself has not been fetched)",
		"{\"error\": \"not found\"}":                                 "text that looks like JSON",
		"\x00\x00\x01\x00\x01\x00":                                   "an icon (ICO)",
	} {
		_, name, err := DecodeBytes([]byte(data), Options{})
		if !errors.Is(err, ErrUnsupported) || !errors.Is(err, ErrFormat) || name != "" {
			t.Errorf("%q: got %q, %v; want ErrUnsupported and ErrFormat", data, name, err)
			continue
		}
		if text := "unsupported: got " + want + ", want png, jpeg, gif, webp, bmp, tiff"; err.Error() != text {
			t.Errorf("%q: got %q, want %q", data, err, text)
		}
	}
	for _, data := range []string{"hello", "\x00\x01\x02", "ftyp", "\x00\x00\x00\x18fty"} {
		if _, _, err := DecodeBytes([]byte(data), Options{}); errors.Is(err, ErrUnsupported) || !errors.Is(err, ErrFormat) {
			t.Errorf("%q: got %v, want ErrFormat and not ErrUnsupported", data, err)
		}
	}
}

// TestUnsupportedKinds: a kind of a known format that is not decoded is not called
// broken.
func TestUnsupportedKinds(t *testing.T) {
	jpeg, err := os.ReadFile("testdata/kinds/camera.jpg")
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(string(jpeg), "\xff\xc0")
	lossless := append([]byte{}, jpeg...)
	lossless[at+1] = 0xc3
	png, err := os.ReadFile("testdata/pictures/rgb.png")
	if err != nil {
		t.Fatal(err)
	}
	apple := append([]byte{}, png...)
	copy(apple[12:], "CgBI")
	for name, data := range map[string][]byte{
		"jpeg": lossless, "png": apple,
		"bmp":  bmpOf(4, 4, 24, 4, make([]byte, 100)...), // a JPEG within
		"tiff": tiffOf(t, 4, 4, 1, 7, 16),                // the same
	} {
		_, format, err := DecodeBytes(data, Options{})
		if !errors.Is(err, ErrUnsupported) || format != name || !strings.HasPrefix(err.Error(), "unsupported "+name+": ") {
			t.Errorf("%s: got %q, %v; want ErrUnsupported", name, format, err)
		}
	}
}

// TestExtensions: every format has one, and every file of the tests ends in one.
func TestExtensions(t *testing.T) {
	b, err := os.ReadFile("testdata/kinds.json")
	if err != nil {
		t.Fatal(err)
	}
	var index map[string]any
	if err := json.Unmarshal(b, &index); err != nil {
		t.Fatal(err)
	}
	for name := range index {
		if !slices.Contains(Extensions(), name[strings.LastIndex(name, "."):]) {
			t.Errorf("%s is not among %v", name, Extensions())
		}
	}
	for _, f := range Formats() {
		if !slices.Contains(Extensions(), "."+f) {
			t.Errorf("format %s is not among %v", f, Extensions())
		}
	}
}
