package sniff

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"strings"
	"testing"
)

func archive(t *testing.T, names ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range names {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name}) // stored, as PyTorch does
		if err != nil {
			t.Fatal(err)
		}
		w.Write([]byte("contents"))
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWhat(t *testing.T) {
	var packed bytes.Buffer
	g := gzip.NewWriter(&packed)
	g.Write([]byte("contents"))
	g.Close()
	header := `{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`
	tensors := string(binary.LittleEndian.AppendUint64(nil, uint64(len(header)))) + header + "\x00\x00\x80\x3f"
	for _, c := range []struct{ name, file, has string }{
		{"nothing", "", "empty"},
		{"LFS", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "Git LFS pointer"},
		{"HTML", "<!DOCTYPE html>\n<html><head><title>Not found</title>", "HTML page"},
		{"HTML behind spaces", "\ufeff\r\n\t <HTML lang=en>", "HTML page"},
		{"HTML in Greek", "<!doctype html><title>" + strings.Repeat("α", 300), "HTML page"},
		{"XML", `<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>`, "XML"},
		{"JSON", `{"error":"Invalid username"}`, "JSON"},
		{"text", "Not Found", "text"},
		{"gzip", packed.String(), "gzip"},
		{"TensorFlow Lite", "\x1c\x00\x00\x00TFL3\x14\x00", "TensorFlow Lite"},
		{"ORT", "\x18\x00\x00\x00ORTM\x00\x00", "ONNX Runtime"},
		{"PyTorch", archive(t, "resnet18/data.pkl", "resnet18/version"), "PyTorch"},
		{"PyTorch, newer", archive(t, "archive/data.pkl"), "PyTorch"},
		{"PyTorch, other first entry", archive(t, "archive/.format_version"), "PyTorch"},
		{"npz", archive(t, "arr_0.npy"), "NumPy"},
		{"zip", archive(t, "model.onnx"), "zip archive"},
		{"zip that is cut", "PK\x03\x04\x14", "zip archive"},
		{"older PyTorch", "\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.", "pickle"},
		{"safetensors", tensors, "safetensors"},
		{"HDF5", "\x89HDF\r\n\x1a\n\x00", "HDF5"},
		{"SavedModel", "\x08\x01\x12\xc0\x3f", "SavedModel"},
		{"PNG", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "PNG"},
		{"rfl", "\x89RFL\r\n\x1a\n\x01\x00", "an .rfl file"},
		{"rfl as text", "\x89RFL\n\x1a\n\x01\x00", "transfer as text"},
		{"ONNX", "\x08\x07\x12\x07pytorch\x1a\x03" + "1.9", ONNX},
		{"ONNX without a producer", "\x08\x0a\x3a\x20", ONNX},
		{"what nobody knows", "\xff\xfe\xfd\xfc\xfb", ""},
		{"zeros", strings.Repeat("\x00", 100), ""},
		{"one byte", "\x08", ""},
		{"a cut FlatBuffer", "\x1c\x00\x00\x00TFL", ""},
	} {
		for _, cut := range []int{len(c.file), Head} {
			got := What([]byte(c.file[:min(cut, len(c.file))]))
			if !strings.Contains(got, c.has) || c.has == "" && got != "" {
				t.Errorf("%s, %d bytes: got %q, want %q in it", c.name, cut, got, c.has)
			}
		}
	}
}

// No beginning of a file makes it panic.
func FuzzWhat(f *testing.F) {
	f.Add([]byte("PK\x03\x04\x14\x00"))
	f.Add([]byte("\xef\xbb\xbf<"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s := What(b); strings.ContainsAny(s, "\n\r") {
			t.Errorf("got %q, want one line", s)
		}
	})
}
