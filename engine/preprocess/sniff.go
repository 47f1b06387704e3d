package preprocess

import (
	"bytes"
	"fmt"
	"strings"
)

// unrecognised is the error for data that is none of the formats. It names what
// people hand over most often instead.
func unrecognised(data []byte) error {
	want := strings.Join(Formats(), ", ")
	if what := foreign(data); what != "" {
		return &FormatError{Msg: fmt.Sprintf("got %s, want %s", what, want), Unsupported: true}
	}
	return &FormatError{Msg: fmt.Sprintf("got %s, want %s", describe(data), want)}
}

// describe says what data that nobody knows begins with.
func describe(data []byte) string {
	if len(data) == 0 {
		return "no data"
	}
	return fmt.Sprintf("%d bytes that begin %q", len(data), data[:min(len(data), 8)])
}

// foreigners are formats that this package names and does not read.
var foreigners = []struct{ magic, name string }{
	{"\x00\x00\x00\x0cJXL \r\n\x87\n", "a JPEG XL picture"},
	{"\xff\x0a", "a JPEG XL picture"},
	{"\x00\x00\x00\x0cjP  \r\n\x87\n", "a JPEG 2000 picture"},
	{"\xff\x4f\xff\x51", "a JPEG 2000 picture"},
	{"\xff\xd8", "a JPEG picture that is cut off"},
	{"II\xbc", "a JPEG XR picture"},
	{"%PDF-", "a PDF document"},
	{"%!PS", "a PostScript document"},
	{"8BPS", "a Photoshop document"},
	{"\x00\x00\x01\x00", "an icon (ICO)"},
	{"\x00\x00\x02\x00", "a cursor (CUR)"},
	{"qoif", "a QOI picture"},
	{"DDS ", "a DDS texture"},
	{"v/1\x01", "an OpenEXR picture"},
	{"#?RADIANCE", "a Radiance HDR picture"},
	{"SIMPLE  =", "a FITS picture"},
	{"P1", "a PBM picture"}, {"P2", "a PGM picture"}, {"P3", "a PPM picture"},
	{"P4", "a PBM picture"}, {"P5", "a PGM picture"}, {"P6", "a PPM picture"}, {"P7", "a PAM picture"},
	{"gimp xcf", "a GIMP document"},
	{"\x1f\x8b", "gzip data"},
	{"PK\x03\x04", "a ZIP archive"},
	{"\x1aE\xdf\xa3", "a Matroska or WebM video"},
	{"RIFF????AVI ", "an AVI video"},
	{"RIFF????WAVE", "a WAVE sound"},
	{"version https://git-lfs", "a Git LFS pointer (the file itself has not been fetched)"},
	{"\x89RFL", "a model (.rfl)"},
}

// foreign names data of a format that is not read, or returns "".
func foreign(data []byte) string {
	if name := brand(data); name != "" {
		return name
	}
	for _, f := range foreigners {
		if begins(f.magic)(data) {
			return f.name
		}
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(data[:min(len(data), 1024)], []byte("\xef\xbb\xbf")), " \t\r\n")
	lower := bytes.ToLower(text)
	switch {
	case bytes.HasPrefix(lower, []byte("<svg")), bytes.HasPrefix(lower, []byte("<?xml")) && bytes.Contains(lower, []byte("<svg")):
		return "an SVG drawing"
	case bytes.HasPrefix(lower, []byte("<!doctype html")), bytes.HasPrefix(lower, []byte("<html")):
		return "a web page (HTML)"
	case bytes.HasPrefix(lower, []byte("<?xml")):
		return "an XML document"
	case bytes.HasPrefix(lower, []byte("{")), bytes.HasPrefix(lower, []byte("[")):
		if !bytes.ContainsAny(text, "\x00\x01\x02\x03") {
			return "text that looks like JSON"
		}
	}
	return ""
}

// brand names a file of the ISO base media format by its brands (ISO/IEC 14496-12,
// 4.3): HEIC, AVIF, and videos.
func brand(data []byte) string {
	if len(data) < 12 || string(data[4:8]) != "ftyp" {
		return ""
	}
	n := int(data[2])<<8 | int(data[3])
	brands := data[8:max(12, min(n, len(data), 256))]
	for ; len(brands) >= 4; brands = brands[4:] {
		switch string(brands[:4]) {
		case "avif", "avis":
			return "an AVIF picture"
		case "heic", "heix", "heim", "heis", "hevc", "hevx":
			return "a HEIC picture"
		case "crx ":
			return "a Canon raw picture (CR3)"
		case "qt  ", "isom", "iso2", "mp41", "mp42", "M4V ", "avc1":
			return "an MP4 or QuickTime video"
		}
	}
	switch string(data[8:12]) {
	case "mif1", "msf1":
		return "a HEIF picture (HEIC or AVIF)"
	}
	return "a file of the MP4 family"
}
