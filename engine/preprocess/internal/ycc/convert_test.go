package ycc

import "testing"

// TestRow: every luma and chroma gives what RGB gives for a pixel.
func TestRow(t *testing.T) {
	luma, cb, cr := make([]byte, 256), make([]byte, 256), make([]byte, 256)
	dst := make([]byte, 3*256)
	for i := range luma {
		luma[i] = byte(i)
	}
	for u := range 256 {
		for v := range 256 {
			for i := range luma {
				cb[i], cr[i] = byte(u), byte(v)
			}
			Row(dst, luma, cb, cr)
			for i, y := range luma {
				if r, g, b := RGB(y, cb[i], cr[i]); dst[3*i] != r || dst[3*i+1] != g || dst[3*i+2] != b {
					t.Fatalf("%d, %d, %d: got %v, want %d, %d, %d", y, u, v, dst[3*i:3*i+3], r, g, b)
				}
			}
		}
	}
}
