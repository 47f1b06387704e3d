package app

import (
	"bufio"
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// build makes the command as the README says.
var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "riffle-serve")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "riffle-serve")
	c := exec.Command("go", "build", "-trimpath", "-tags", "grpcnotrace", "-ldflags", "-s -w -funcalign=16", "-o", path, "../../cmd/riffle-serve")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if b, err := c.CombinedOutput(); err != nil {
		return string(b), err
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := build(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// process is the command as a process of its own.
type process struct {
	*exec.Cmd
	running
	ready time.Duration // from its start until it said to be ready
}

// spawn starts the command and waits until it is ready.
func spawn(t testing.TB, dir string, flags ...string) *process {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatalf("%v\n%s", err, path)
	}
	p := &process{Cmd: exec.Command(path, append([]string{"-models", dir, "-http", "127.0.0.1:0", "-grpc", "127.0.0.1:0"}, flags...)...)}
	p.t = t
	log, err := p.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Process.Kill(); p.Wait() })
	lines := bufio.NewScanner(log)
	for p.http == "" && lines.Scan() {
		for word := range strings.FieldsSeq(lines.Text()) {
			if address, ok := strings.CutPrefix(word, "http="); ok {
				p.http = "http://" + address
			} else if address, ok := strings.CutPrefix(word, "grpc="); ok {
				p.grpc = address
			}
		}
	}
	go func() {
		for lines.Scan() {
		}
	}()
	if p.http == "" {
		t.Fatal("it ended without serving")
	}
	if a, err := http.Get(p.http + "/v2/health/ready"); err != nil || a.StatusCode != 200 {
		t.Fatalf("not ready: %v, %v", a, err)
	}
	p.ready = time.Since(start)
	return p
}

// The command is one small static file, starts at once, ends cleanly on SIGTERM, and
// after kill -9 the next one serves what the last one did.
func TestCommand(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the command")
	}
	if runtime.GOOS != "linux" {
		t.Skip("looks at a file of Linux")
	}
	m := &running{t: t, dir: t.TempDir()}
	for _, name := range []string{"cifar10", "cifar10-sds", "cifar100"} {
		m.put(name, "1", name)
	}
	path, err := build()
	if err != nil {
		t.Fatalf("%v\n%s", err, path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) >= 15_000_000 || bytes.Contains(b, []byte("ld-linux")) {
		t.Errorf("the command has %d bytes, want less than 15 million, or it is not static", len(b))
	}
	ship := picture(t, "ship")
	var first []byte
	for i := range 3 {
		p := spawn(t, m.dir)
		t.Logf("%d bytes, ready after %v with three models", len(b), p.ready)
		a := p.post("cifar10-sds", ship, "Content-Type", "image/png")
		if i == 0 {
			first = a.body
		}
		if a.code != 200 || !bytes.Equal(a.body, first) {
			t.Errorf("start %d: %d %s, want %s", i, a.code, a.body, first)
		}
		if i == 1 {
			p.Process.Kill() // and the next one finds everything
			continue
		}
		p.Process.Signal(syscall.SIGTERM)
		if err := p.Wait(); err != nil {
			t.Errorf("after SIGTERM: %v", err)
		}
	}
}
