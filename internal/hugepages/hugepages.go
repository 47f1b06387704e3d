// Package hugepages makes large slices whose first touch takes less time.
package hugepages

import "unsafe"

// least is for how many bytes it is worth a call.
const least = 4 << 20

// Floats is make([]float32, n), in huge pages where the system has them: the first touch
// of 2 MiB is then one page fault and not 512.
func Floats(n int) []float32 {
	f := make([]float32, n)
	if 4*n >= least {
		advise(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(f))), 4*n))
	}
	return f
}
