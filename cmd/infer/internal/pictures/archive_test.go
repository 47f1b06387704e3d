package pictures

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// archive is a tar archive of files of so many bytes.
func archive(t *testing.T, names []string, size int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i, name := range names {
		h := &tar.Header{Name: name, Mode: 0o644, Typeflag: tar.TypeReg, Size: int64(size)}
		switch {
		case strings.HasSuffix(name, "/"):
			h.Typeflag, h.Size = tar.TypeDir, 0
		case strings.HasPrefix(base(name), "link"):
			h.Typeflag, h.Size, h.Linkname = tar.TypeSymlink, 0, "/etc/passwd"
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(bytes.Repeat([]byte{byte(i)}, int(h.Size))); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func base(name string) string { return name[strings.LastIndex(name, "/")+1:] }

func zipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestArchive: pictures in the archive's order, those that are wanted, gzipped or not.
func TestArchive(t *testing.T) {
	data := archive(t, []string{"x/", "x/b.png", "x/a.JPEG", "x/._b.png", "link.png", "x/notes.txt", "c.gif", "../d.png"}, 700)
	for what, file := range map[string][]byte{"tar": data, "gzip": zipped(t, data)} {
		l := &List{}
		path := filepath.Join(t.TempDir(), "pictures")
		if err := os.WriteFile(path, file, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := l.Archive(path, func(name string) bool { return name != "c.gif" }); err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, p := range l.All {
			names = append(names, p.Name)
		}
		if want := []string{"x/b.png", "x/a.JPEG", "../d.png"}; !slices.Equal(names, want) || l.Skipped != 1 {
			t.Errorf("%s: got %q and %d skipped, want %q and one", what, names, l.Skipped, want)
		}
		if got := l.All[1].data; len(got) != 700 || got[699] != 2 {
			t.Errorf("%s: got %d bytes, want 700 of 2", what, len(got))
		}
		if _, err := l.All[1].Open(context.Background(), nil); err == nil || !strings.Contains(err.Error(), "not a picture") {
			t.Errorf("%s: got %v, want that this is not a picture", what, err)
		}
	}
}

// TestArchiveBroken: what is no archive, what is cut short, and what unpacks to more than
// is allowed.
func TestArchiveBroken(t *testing.T) {
	data := archive(t, []string{"a.png", "b.png", "c.png"}, 5000)
	all := func(string) bool { return true }
	for what, c := range map[string]struct {
		file []byte
		most int64
		want string
	}{
		"text":         {bytes.Repeat([]byte("no archive "), 100), 1 << 20, "not a tar archive"},
		"cut":          {data[:7000], 1 << 20, "ends too early"},
		"cut gzip":     {zipped(t, data)[:60], 1 << 20, "ends too early"},
		"a bomb":       {zipped(t, archive(t, []string{"a.png"}, 1<<20)), 1 << 16, "more than 65536 bytes"},
		"skipped data": {archive(t, []string{"a.txt", "b.txt", "c.png"}, 40_000), 1 << 16, "more than 65536 bytes"},
		"as much as is allowed, and then another picture": {data, 512 + 10*512, "more than 5632 bytes"},
	} {
		if err := (&List{}).archive(bytes.NewReader(c.file), all, c.most); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", what, err, c.want)
		}
	}
	if err := (&List{}).archive(bytes.NewReader(data), all, int64(len(data))); err != nil {
		t.Errorf("got %v for an archive of just the size allowed", err)
	}
	if err := (&List{}).Archive(filepath.Join(t.TempDir(), "none"), all); err == nil {
		t.Error("a file that is not there: want an error")
	}
}
