package main

import (
	"encoding/binary"
	"fmt"
	"testing"

	"golang.org/x/arch/arm64/arm64asm"
)

// decodeHalf decodes the instructions on float16 that arm64asm does not know: those with
// a lane as one operand. It is "" for any other.
func decodeHalf(code uint32) string {
	for _, k := range []struct {
		bits    uint32
		name    string
		d, from string // arrangements
	}{
		{0x4f001000, "fmla", "8h", "8h"}, {0x4f009000, "fmul", "8h", "8h"},
		{0x4f800000, "fmlal", "4s", "4h"}, {0x6f808000, "fmlal2", "4s", "4h"},
	} {
		if code&0xffc0f400 == k.bits {
			lane := code>>11&1<<2 | code>>21&1<<1 | code>>20&1
			return fmt.Sprintf("%s v%d.%s, v%d.%s, v%d.h[%d]", k.name, code&31, k.d, code>>5&31, k.from, code>>16&15, lane)
		}
	}
	return ""
}

// TestDecodeHalf: what binutils says of some codes, and that arm64asm knows none of them:
// once it does, decodeHalf can go.
func TestDecodeHalf(t *testing.T) {
	for code, want := range map[uint32]string{
		0x4f0110c5: "fmla v5.8h, v6.8h, v1.h[0]",
		0x4f3f1b36: "fmla v22.8h, v25.8h, v15.h[7]",
		0x4f1090c5: "fmul v5.8h, v6.8h, v0.h[1]",
		0x4f8000a3: "fmlal v3.4s, v5.4h, v0.h[0]",
		0x6fa080a4: "fmlal2 v4.4s, v5.4h, v0.h[2]",
		0x4f801041: "", // fmla v1.4s, v2.4s, v0.s[0]
	} {
		if got := decodeHalf(code); got != want {
			t.Errorf("%08x is %q, wanted %q", code, got, want)
		}
		if inst, err := arm64asm.Decode(binary.LittleEndian.AppendUint32(nil, code)); err == nil && want != "" {
			t.Errorf("arm64asm knows %08x, as %v", code, inst)
		}
	}
}
