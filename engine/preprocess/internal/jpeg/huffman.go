package jpeg

const lutBits = 10

// huffman is a table of codes, ready to decode with.
type huffman struct {
	// lut is indexed by the next lutBits bits. 0: the code is longer, or none.
	//
	//	bits 0-4    how many bits to take
	//	bit  5      the number that follows the code is in the entry
	//	bits 8-15   the symbol: run of zeros, and size of the number
	//	bits 16-31  the number
	lut   [1 << lutBits]uint32
	limit [18]uint32 // limit[l]: the first 16 bits of a code of length l are below it
	first [17]int32  // add to a code of length l for its place in value
	value []byte
}

const hasNumber = 1 << 5

// build makes the table from the numbers of codes of each length and the symbols in
// order of their codes (T.81, annex C). It reuses h, so that a file of nothing but
// tables takes no memory.
func (h *huffman) build(counts *[16]byte, symbols []byte) error {
	*h = huffman{value: symbols}
	code, place := uint32(0), int32(0)
	for l := 1; l <= 16; l++ {
		n := uint32(counts[l-1])
		if code+n > 1<<l {
			return broken("Huffman table: got %d codes of %d bits, want at most %d", n, l, 1<<l-code)
		}
		h.first[l] = place - int32(code)
		for ; n > 0; n-- {
			if l <= lutBits {
				h.enter(code, l, symbols[place])
			}
			code++
			place++
		}
		h.limit[l] = code << (16 - l)
		code <<= 1
	}
	h.limit[17] = 1 << 16
	return nil
}

// enter writes every entry of lut that begins with a code.
func (h *huffman) enter(code uint32, l int, symbol byte) {
	size := int(symbol & 15)
	rest := lutBits - l
	for tail := range uint32(1) << rest {
		e := uint32(l) | uint32(symbol)<<8
		if size > 0 && size <= rest {
			v := extend(int32(tail>>(rest-size)), size)
			e = uint32(l+size) | hasNumber | uint32(symbol)<<8 | uint32(uint16(v))<<16
		}
		h.lut[code<<rest|tail] = e
	}
}

// long finds a code of more than lutBits bits in the next 16: its symbol and
// length. Bits that are no code count as the symbol 0, as libjpeg has it.
func (h *huffman) long(next uint32) (symbol byte, length int) {
	for l := lutBits + 1; l <= 16; l++ {
		if next < h.limit[l] {
			return h.value[int32(next>>(16-l))+h.first[l]], l
		}
	}
	return 0, 16
}

// symbol decodes one symbol, without the number that may follow it.
func (h *huffman) symbol(r *bits) byte {
	if r.n < 16 {
		r.fill()
	}
	if e := h.lut[r.acc>>(64-lutBits)]; e != 0 && e&hasNumber == 0 {
		l := int(e & 31)
		r.acc <<= l
		r.n -= l
		return byte(e >> 8)
	} else if e != 0 {
		s := byte(e >> 8)
		l := int(e&31) - int(s&15)
		r.acc <<= l
		r.n -= l
		return s
	}
	s, l := h.long(uint32(r.acc >> 48))
	r.acc <<= l
	r.n -= l
	return s
}
