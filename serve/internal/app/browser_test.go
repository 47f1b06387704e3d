package app

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The page in a real browser: behind the server, and from a folder of files with the
// engine as WebAssembly. It wants Chromium, node, and RIFFLE_BROWSER: a folder in which
// npm installed playwright-core.
func TestBrowser(t *testing.T) {
	if os.Getenv("RIFFLE_BROWSER") == "" {
		t.Skip("RIFFLE_BROWSER is not set")
	}
	look := func(url, where string, more ...string) {
		t.Helper()
		pictures, err := filepath.Abs("../../../testdata/pictures")
		if err != nil {
			t.Fatal(err)
		}
		args := []string{"../page/browser/browser.mjs", url, where, filepath.Join(pictures, "ship.png"), filepath.Join(pictures, "dog.png"), "ship", "dog"}
		if b, err := exec.Command("node", append(args, more...)...).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", where, err, b)
		}
	}
	var shot []string
	if to := os.Getenv("RIFFLE_SCREENSHOT"); to != "" {
		shot = []string{to}
	}
	look(start(t).http, "by the server", shot...)

	dir := t.TempDir()
	if b, err := exec.Command("go", "run", "../../cmd/riffle-page", "-o", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	files := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer files.Close()
	look(files.URL, "in this page")
}
