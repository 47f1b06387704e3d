package cifar

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/cmd/infer/internal/eval/cifar/cifartest"
)

// records makes n records whose bytes tell where they are.
func records(k Kind, n int) []byte {
	var b []byte
	for i := range n {
		if k.head == 2 {
			b = append(b, 255) // coarse: ignored
		}
		b = append(b, byte(i*7%k.Classes))
		for j := range 3 * planeLen {
			b = append(b, byte(i+j%planeLen/Size*5+j%Size*3+j/planeLen*101))
		}
	}
	return b
}

func TestParse(t *testing.T) {
	for _, k := range []Kind{CIFAR10, CIFAR100} {
		s, err := Parse(records(k, 13), k)
		if err != nil {
			t.Fatal(err)
		}
		if s.Len() != 13 {
			t.Fatalf("%s: got %d pictures, want 13", k.Name, s.Len())
		}
		img := s.Image(0, nil)
		for i := range 13 {
			if s.Class(i) != i*7%k.Classes {
				t.Errorf("%s %d: got class %d", k.Name, i, s.Class(i))
			}
			if s.Image(i, img) != img {
				t.Fatal("a fitting picture was not reused")
			}
			for y := range Size {
				for x := range Size {
					c := img.NRGBAAt(x, y)
					v := byte(i + 5*y + 3*x)
					if c.R != v || c.G != v+101 || c.B != v+202 || c.A != 255 {
						t.Fatalf("%s %d (%d,%d): got %v, want %d and so on", k.Name, i, x, y, c, v)
					}
				}
			}
		}
	}
}

func TestParseErrors(t *testing.T) {
	good := records(CIFAR10, 2)
	bad := append([]byte(nil), good...)
	bad[3073] = 10
	for name, b := range map[string][]byte{"empty": nil, "short": good[:len(good)-1], "long": append(good, 0), "class": bad} {
		if s, err := Parse(b, CIFAR10); err == nil || s != nil || !strings.Contains(err.Error(), "want") {
			t.Errorf("%s: got %v, want an error that says what is wanted", name, err)
		}
	}
	if _, err := Parse(good, CIFAR100); err == nil {
		t.Error("CIFAR-10 read as CIFAR-100 without an error")
	}
}

func TestLoadTest(t *testing.T) {
	dir := t.TempDir()
	if _, err := LoadTest(dir, CIFAR10); err == nil || !strings.Contains(err.Error(), "test_batch.bin") {
		t.Errorf("empty folder: got %v, want an error naming test_batch.bin", err)
	}
	sub := filepath.Join(dir, CIFAR10.folder)
	if err := os.Mkdir(sub, 0o777); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(sub, CIFAR10.test)
	if err := os.WriteFile(file, records(CIFAR10, 3), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{dir, sub, file} {
		if s, err := LoadTest(p, CIFAR10); err != nil || s.Len() != 3 || s.Labels != nil {
			t.Errorf("%s: got %+v, %v; want 3 pictures without names", p, s, err)
		}
	}
	names := filepath.Join(sub, CIFAR10.names)
	if err := os.WriteFile(names, []byte("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if s, err := LoadTest(dir, CIFAR10); err != nil || len(s.Labels) != 10 || s.Labels[9] != "j" {
		t.Errorf("with names: got %+v, %v", s, err)
	}
	if err := os.WriteFile(names, []byte("a\nb\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadTest(dir, CIFAR10); err == nil {
		t.Error("2 names for 10 classes: want an error")
	}
}

// TestRealData reads the real test splits.
func TestRealData(t *testing.T) {
	for _, c := range []struct {
		kind Kind
		dir  string
		sum  string
	}{
		{CIFAR10, cifartest.TestBatch(t), "1c56621ea675bc020e791b7048af50595f4308627fb741d4a105da29126daf31"},
		{CIFAR100, cifartest.Test100(t), "d8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a"},
	} {
		b, err := os.ReadFile(filepath.Join(c.dir, c.kind.test))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(b)
		if got := hex.EncodeToString(sum[:]); got != c.sum {
			t.Errorf("%s: got SHA-256 %s, want %s", c.kind.test, got, c.sum)
		}
		s, err := LoadTest(c.dir, c.kind)
		if err != nil {
			t.Fatal(err)
		}
		count := make([]int, c.kind.Classes)
		for i := range s.Len() {
			count[s.Class(i)]++
		}
		for class, n := range count {
			if n != 10000/c.kind.Classes {
				t.Errorf("%s class %d: got %d pictures, want %d", c.kind.Name, class, n, 10000/c.kind.Classes)
			}
		}
	}
}
