package weights

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// mistaken are beginnings of files that people hand over in place of a model, and a word
// that the error must have.
var mistaken = map[string]string{
	"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n":    "git lfs pull",
	"<!DOCTYPE html>\n<html><title>Not found</title></html>":                       "HTML page",
	"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff":                                     "gzip",
	"\x1c\x00\x00\x00TFL3\x14\x00 and more":                                        "TensorFlow Lite",
	"\x18\x00\x00\x00ORTM\x00\x00 and more":                                        ".ort",
	"PK\x03\x04" + strings.Repeat("\x00", 22) + "\x10\x00\x00\x00archive/data.pkl": "PyTorch",
	"\x20\x00\x00\x00\x00\x00\x00\x00{\"w\":{\"dtype\":\"F32\",\"shape\":[0]}}":    "safetensors",
	"": "empty",
}

func TestMistakenFiles(t *testing.T) {
	files := map[string]string{
		"\x08\x08\x12\x07pytorch": `"infer convert"`,
		"\xff\xfe\xfd":            `\xff\xfe\xfd`,
		"\x89RFL\n\x1a\n":         "transfer as text",
	}
	for b, has := range mistaken {
		files[b] = has
	}
	for b, has := range files {
		path := filepath.Join(t.TempDir(), "m.rfl")
		if err := os.WriteFile(path, []byte(b), 0o644); err != nil {
			t.Fatal(err)
		}
		_, fromMemory := Read([]byte(b))
		_, fromFile := ReadFile(path)
		for _, err := range []error{fromMemory, fromFile} {
			if !errors.Is(err, ErrNotRFL) || !strings.Contains(err.Error(), has) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%.20q: got %v, want ErrNotRFL in one line with %q", b, err, has)
			}
		}
	}
}
