package jpeg

import "encoding/binary"

// What the inverse DCTs of all sizes share: constants in fixed point, named after their
// values (0.298631336 and so on), and the step to 8 bits.

const (
	fixBits  = 13 // of the constants
	passBits = 2  // that the columns keep

	fix0298631336 = 2446
	fix0390180644 = 3196
	fix0541196100 = 4433
	fix0765366865 = 6270
	fix0899976223 = 7373
	fix1175875602 = 9633
	fix1501321110 = 12299
	fix1847759065 = 15137
	fix1961570560 = 16069
	fix2053119869 = 16819
	fix2562915447 = 20995
	fix3072711026 = 25172
)

// flat writes a block whose only coefficient is DC.
func flat(dst []byte, stride, size int, dc int32) {
	v := sample(dc+4, 3)
	if size == 8 {
		eight := uint64(v) * 0x0101010101010101
		for y := range 8 {
			binary.LittleEndian.PutUint64(dst[y*stride:], eight)
		}
		return
	}
	for y := range size {
		row := dst[y*stride:][:size]
		for x := range row {
			row[x] = v
		}
	}
}

// sample shifts v down, moves 0 to 128 and limits the result to 8 bits.
func sample(v int32, shift uint) uint8 { return limited[v>>shift&1023] }

// limited is sample's last step, by the ten lowest bits of what is shifted. Broken
// files alone have numbers of more.
var limited = func() (t [1024]uint8) {
	for i := range t {
		v := (i+512)&1023 - 512 + 128
		t[i] = uint8(max(0, min(v, 255)))
	}
	return t
}()
