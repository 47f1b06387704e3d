//go:build unix

package kernel

import (
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// guarded returns n floats, zero, that begin (front) or end flush with a page
// that faults when touched; there is such a page on either side.
func guarded(t testing.TB, n int, front bool) []float32 {
	t.Helper()
	page := unix.Getpagesize()
	size := max(page, (4*n+page-1)/page*page)
	b, err := unix.Mmap(-1, 0, size+2*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Munmap(b); err != nil {
			t.Error(err)
		}
	})
	for _, g := range [][]byte{b[:page], b[page+size:]} {
		if err := unix.Mprotect(g, unix.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	at := page
	if !front {
		at += size - 4*n
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&b[at])), n)
}
