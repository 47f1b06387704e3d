//go:build unix

package atomicfile_test

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/internal/atomicfile"
)

const fileBytes = 1 << 18

func whole(c string) string { return strings.Repeat(c, fileBytes) }

// TestMain is also the process that the tests below kill: it writes one of two
// contents after another until it dies.
func TestMain(m *testing.M) {
	path := os.Getenv("ATOMICFILE_TEST_PATH")
	if path == "" {
		os.Exit(m.Run())
	}
	for {
		for _, c := range []string{"a", "b"} {
			if err := atomicfile.Write(path, 0o644, text(whole(c))); err != nil {
				os.Exit(3)
			}
			os.Stdout.WriteString(".") // the parent waits for the first
		}
	}
}

func TestKilledAtAnyMoment(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Skip(err)
	}
	path := filepath.Join(t.TempDir(), "model")
	for i := range 20 {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), "ATOMICFILE_TEST_PATH="+path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Skip(err)
		}
		if _, err := io.ReadFull(out, make([]byte, 1)); err != nil {
			t.Fatalf("got %v before the first file, want one", err)
		}
		time.Sleep(time.Duration(i) * 300 * time.Microsecond)
		cmd.Process.Kill()
		cmd.Wait()
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if s := string(b); s != whole("a") && s != whole("b") {
			t.Fatalf("round %d: got %d bytes beginning %.10q, want one of two whole files", i, len(b), b)
		}
	}
}

// A limit on the file's size fails like a full disk: in the middle of a write.
func TestDiskFull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model")
	if err := atomicfile.Write(path, 0o644, text("old")); err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		t.Skip(err)
	}
	now := was
	now.Cur = fileBytes / 2
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &now); err != nil {
		t.Skip(err)
	}
	err := atomicfile.Write(path, 0o644, text(whole("x")))
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(err, syscall.EFBIG) {
		t.Errorf("got %v, want the system's error", err)
	}
	holds(t, path, "old")
}

// What is no regular file is written to, and stays what it is.
func TestPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o644); err != nil {
		t.Skip(err)
	}
	got := make(chan string)
	go func() {
		b, _ := os.ReadFile(path)
		got <- string(b)
	}()
	if err := atomicfile.Write(path, 0o644, text("through")); err != nil {
		t.Fatal(err)
	}
	if s := <-got; s != "through" {
		t.Errorf("got %q, want %q", s, "through")
	}
	if info, err := os.Stat(path); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		t.Errorf("got %v, error %v, want the pipe as it was", info, err)
	}
}
