package quantize

import (
	"runtime"
	"testing"

	"github.com/riffle-ml/riffle/engine"
)

// heap is what is in use after a collection.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc)
}

// A quantized ShuffleNet V2 1.0x at 224 x 224 takes less than 9 MB at rest, with a
// session, and keeps nothing of its file.
func TestMemoryAtRest(t *testing.T) {
	q, _, err := Model(t.Context(), built(t, "shufflenetv2:1.0x@224"), randoms{1}, Options{Method: Max})
	if err != nil {
		t.Fatal(err)
	}
	b, err := q.Encode()
	if err != nil {
		t.Fatal(err)
	}
	q = nil
	before := heap()
	m, err := engine.LoadBytes(b, engine.WithThreads(1))
	if err != nil {
		t.Fatal(err)
	}
	s, err := m.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	used := heap() - before
	if most := int64(9 << 20); used > most {
		t.Errorf("got %d bytes, want at most %d", used, most)
	}
	t.Logf("%d bytes; the file has %d", used, len(b))
	runtime.KeepAlive(b)
	s.Close()
	m.Close()
}
