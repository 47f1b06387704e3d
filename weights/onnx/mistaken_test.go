package onnx_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/weights/onnx"
)

// What people hand over in place of an ONNX file is called what it is.
func TestMistakenFiles(t *testing.T) {
	for b, has := range map[string]string{
		"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n":    "git lfs pull",
		"<!DOCTYPE html>\n<html><title>Not found</title></html>":                       "HTML page",
		"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff":                                     "gzip",
		"\x1c\x00\x00\x00TFL3\x14\x00 and more":                                        "TensorFlow Lite",
		"\x18\x00\x00\x00ORTM\x00\x00 and more":                                        ".ort",
		"PK\x03\x04" + strings.Repeat("\x00", 22) + "\x10\x00\x00\x00archive/data.pkl": "PyTorch",
		"\x20\x00\x00\x00\x00\x00\x00\x00{\"w\":{\"dtype\":\"F32\",\"shape\":[0]}}":    "safetensors",
		"\x89RFL\r\n\x1a\n\x01\x00\x00\x00":                                            ".rfl file",
		"":                                                                             "empty",
		"\x08\x08\x12\x07pytorch\x3a\x7f":                                              "breaks off",
	} {
		path := filepath.Join(t.TempDir(), "m.onnx")
		if err := os.WriteFile(path, []byte(b), 0o644); err != nil {
			t.Fatal(err)
		}
		_, fromMemory := onnx.Import([]byte(b))
		_, fromFile := onnx.ReadFile(path)
		for _, err := range []error{fromMemory, fromFile} {
			if !errors.Is(err, onnx.ErrNotONNX) || !strings.Contains(err.Error(), has) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%.20q: got %v, want ErrNotONNX in one line with %q", b, err, has)
			}
		}
	}
}
