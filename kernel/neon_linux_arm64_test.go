//go:build !purego

package kernel

import (
	"encoding/binary"
	"os"
	"testing"
)

// TestInt8Dot: the dot-product extension is found where the system says that it is.
func TestInt8Dot(t *testing.T) {
	const hwcap, asimddp = 16, 1 << 20 // of elf.h, of asm/hwcap.h
	auxv, err := os.ReadFile("/proc/self/auxv")
	if err != nil {
		t.Skip(err)
	}
	for ; len(auxv) >= 16; auxv = auxv[16:] {
		if binary.LittleEndian.Uint64(auxv) != hwcap {
			continue
		}
		want := binary.LittleEndian.Uint64(auxv[8:])&asimddp != 0
		t.Logf("dot products: %v", want)
		if neon.Int8Dot != want {
			t.Errorf("Int8Dot is %v, the system says %v", neon.Int8Dot, want)
		}
		return
	}
	t.Skip("the system says nothing")
}
