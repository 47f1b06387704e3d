package kernel

import "testing"

func TestNearCache(t *testing.T) {
	if n := NearCache(); n < leastCache || n > mostCache || n%(4<<10) != 0 {
		t.Errorf("got %d bytes, want whole pages between %d and %d", n, leastCache, mostCache)
	}
}
