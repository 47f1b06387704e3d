// Package sniff names files that people hand over in place of a model file.
//
// It knows how files begin. It knows nothing of what follows.
package sniff

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"
)

// Head is how many bytes of a file's beginning are enough for [What].
const Head = 64

// ONNX is what [What] says of an ONNX file.
const ONNX = "an ONNX model"

// What says what a file is that begins with b, for an error: "a gzip file". It is ""
// where that is not known. b may be the whole file.
func What(b []byte) string {
	if len(b) == 0 {
		return "an empty file"
	}
	for _, k := range kinds {
		if bytes.HasPrefix(b, []byte(k.begins)) {
			return k.what
		}
	}
	switch {
	case flatBuffer(b, "TFL3"):
		return "a TensorFlow Lite model (a FlatBuffer)"
	case flatBuffer(b, "ORTM"):
		return "a model in ONNX Runtime's own format, .ort (a FlatBuffer)"
	case bytes.HasPrefix(b, []byte("PK\x03\x04")):
		return zipKind(b)
	case safetensors(b):
		return "a safetensors file: weights without a graph"
	case pickle(b):
		return "a Python pickle (an older PyTorch checkpoint?)"
	case onnx(b):
		return ONNX
	}
	return text(b)
}

// kinds are told by their first bytes.
var kinds = []struct{ begins, what string }{
	{"version https://git-lfs.github.com/spec/", "a Git LFS pointer: the file itself was not downloaded (git lfs pull fetches it)"},
	{"\x89RFL\r\n\x1a\n", "an .rfl file"},
	{"\x89RFL", "an .rfl file that a transfer as text has damaged"},
	{"\xef\xbf\xbdRFL", "an .rfl file that a transfer as text has damaged"},
	{"\x1f\x8b", "a gzip file: unpack it first"},
	{"\x28\xb5\x2f\xfd", "a Zstandard file: unpack it first"},
	{"\xfd7zXZ\x00", "an xz file: unpack it first"},
	{"BZh", "a bzip2 file: unpack it first"},
	{"7z\xbc\xaf\x27\x1c", "a 7-Zip archive: unpack it first"},
	{"\x89HDF\r\n\x1a\n", "an HDF5 file (an older Keras model?)"},
	{"\x93NUMPY", "a NumPy array"},
	{"GGUF", "a GGUF file: a language model"},
	{"\x08\x01\x12", "a TensorFlow SavedModel"},
	{"\x89PNG\r\n\x1a\n", "an image (PNG)"},
	{"\xff\xd8\xff", "an image (JPEG)"},
	{"GIF8", "an image (GIF)"},
	{"%PDF-", "a PDF document"},
	{"\x7fELF", "a program (ELF)"},
	{"MZ", "a Windows program"},
}

// flatBuffer says whether b is a FlatBuffer of that identifier: it lies behind the
// offset of the root.
func flatBuffer(b []byte, identifier string) bool {
	return len(b) >= 8 && string(b[4:8]) == identifier
}

// zipKind tells archives apart by the name of their first entry.
func zipKind(b []byte) string {
	const header = 30
	name := b[min(len(b), header):]
	if len(b) >= header {
		name = name[:min(len(name), int(binary.LittleEndian.Uint16(b[26:])))]
	}
	switch {
	case bytes.Contains(name, []byte("/data.pkl")), bytes.Contains(name, []byte("archive/")), bytes.HasSuffix(name, []byte("/byteorder")):
		return "a PyTorch checkpoint (a zip archive): export the network with torch.onnx.export"
	case bytes.HasSuffix(name, []byte(".npy")):
		return "NumPy arrays (.npz)"
	case bytes.HasPrefix(name, []byte("config.json")), bytes.HasPrefix(name, []byte("metadata.json")):
		return "a Keras model (a zip archive)"
	}
	return "a zip archive: unpack it first"
}

// safetensors files begin with the length of a JSON header.
func safetensors(b []byte) bool {
	if len(b) < 9 || b[8] != '{' {
		return false
	}
	n := binary.LittleEndian.Uint64(b)
	return n >= 2 && n <= 100_000_000
}

// pickle protocols 2 to 5 begin with their number; behind it comes an opcode of PyTorch's
// own first value, or a frame, or a dictionary.
func pickle(b []byte) bool {
	return len(b) >= 3 && b[0] == 0x80 && b[1] >= 2 && b[1] <= 5 && bytes.IndexByte([]byte("\x8a\x95}c(]"), b[2]) >= 0
}

// onnx files begin with the version of the format, from 3 on, and another field of
// ModelProto: that is what every exporter writes.
func onnx(b []byte) bool {
	return len(b) >= 3 && b[0] == 0x08 && b[1] >= 3 && b[1] < 0x20 && bytes.IndexByte([]byte("\x12\x1a\x22\x28\x32\x3a\x42"), b[2]) >= 0
}

// text tells pages of a web server, and other text, from binary files.
func text(b []byte) string {
	b = b[:min(len(b), 512)]
	for k := 1; k < utf8.UTFMax && !utf8.Valid(b) && len(b) > utf8.UTFMax; k++ {
		b = b[:len(b)-1] // a character that was cut
	}
	if !utf8.Valid(b) || bytes.IndexFunc(b, func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != '\f' }) >= 0 {
		return ""
	}
	s := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(b, []byte("\ufeff")), " \t\r\n\f"))
	switch {
	case bytes.HasPrefix(s, []byte("<!doctype html")), bytes.HasPrefix(s, []byte("<html")), bytes.HasPrefix(s, []byte("<head")):
		return "an HTML page: a web page, not the file that it links to"
	case bytes.HasPrefix(s, []byte("<?xml")), bytes.HasPrefix(s, []byte("<")):
		return "an XML document (a web server's error?)"
	case bytes.HasPrefix(s, []byte("{")), bytes.HasPrefix(s, []byte("[")):
		return "a JSON document"
	}
	return "text"
}
