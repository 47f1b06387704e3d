package hugepages

import (
	"syscall"
	"unsafe"
)

const size = 2 << 20 // of a huge page on amd64 and, with pages of 4 KiB, on arm64

// advise tells the kernel so of what whole huge pages mem holds. A kernel that has none
// says so, which changes nothing.
func advise(mem []byte) {
	skip := int(-uintptr(unsafe.Pointer(unsafe.SliceData(mem))) % size)
	if whole := (len(mem) - skip) / size * size; whole > 0 {
		_ = syscall.Madvise(mem[skip:][:whole], syscall.MADV_HUGEPAGE)
	}
}
