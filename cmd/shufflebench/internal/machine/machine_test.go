package machine

import "testing"

func TestParseCPUTimes(t *testing.T) {
	work, total, ok := parseCPUTimes("cpu  10 1 2 80 5 0 1 1 0 0\ncpu0 1\n")
	if !ok || work != 15 || total != 100 {
		t.Errorf("got %v of %v, %v; want 15 of 100", work, total, ok)
	}
	if _, _, ok := parseCPUTimes("intr 1 2 3"); ok {
		t.Error("got times from a file without them")
	}
}
