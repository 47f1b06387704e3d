package jpeg

func (d *decoder) usualTables() {
	for i := range 2 {
		d.dc[i], d.ac[i] = new(huffman), new(huffman)
		d.dc[i].build(&usualCountsDC[i], usualSymbolsDC)
		d.ac[i].build(&usualCountsAC[i], usualSymbolsAC[i])
	}
	for i := range 16 {
		d.dcLow[i], d.dcHigh[i], d.acBound[i] = 0, 1, 5
	}
}

// huffmanTables reads a DHT segment.
func (d *decoder) huffmanTables(b []byte) error {
	for len(b) > 0 {
		if len(b) < 17 {
			return broken("Huffman table: got %d bytes, want at least 17", len(b))
		}
		class, at := b[0]>>4, b[0]&15
		if class > 1 || at > 3 {
			return broken("Huffman table: got class %d and number %d, want 0 to 1 and 0 to 3", class, at)
		}
		counts, n := [16]byte(b[1:]), 0
		for _, c := range counts {
			n += int(c)
		}
		if n > 256 || len(b) < 17+n {
			return broken("Huffman table: got %d bytes for %d symbols, want 0 to 256, all there", len(b)-17, n)
		}
		symbols := b[17 : 17+n]
		if class == 0 {
			for _, s := range symbols {
				if s > 15 {
					return broken("Huffman table for DC: got the symbol %d, want 0 to 15", s)
				}
			}
		}
		table := &d.ac[at]
		if class == 0 {
			table = &d.dc[at]
		}
		if *table == nil {
			*table = new(huffman)
		}
		if err := (*table).build(&counts, symbols); err != nil {
			return err
		}
		b = b[17+n:]
	}
	return nil
}

// quantTables reads a DQT segment.
func (d *decoder) quantTables(b []byte) error {
	for len(b) > 0 {
		wide, at := int(b[0]>>4), b[0]&15
		if wide > 1 || at > 3 {
			return broken("quantization table: got precision %d and number %d, want 0 to 1 and 0 to 3", wide, at)
		}
		n := 64 * (1 + wide)
		if len(b) < 1+n {
			return broken("quantization table: got %d bytes, want %d", len(b)-1, n)
		}
		q := new([64]uint16)
		for k := range 64 {
			if wide == 0 {
				q[zigzag[k]] = uint16(b[1+k])
			} else {
				q[zigzag[k]] = uint16(b[1+2*k])<<8 | uint16(b[2+2*k])
			}
		}
		d.quant[at] = q
		b = b[1+n:]
	}
	return nil
}

// conditioning reads a DAC segment (T.81, B.2.4.3).
func (d *decoder) conditioning(b []byte) error {
	for ; len(b) >= 2; b = b[2:] {
		class, at := b[0]>>4, b[0]&15
		switch {
		case class == 0 && b[1]&15 <= b[1]>>4:
			d.dcLow[at], d.dcHigh[at] = b[1]&15, b[1]>>4
		case class == 1:
			d.acBound[at] = b[1]
		default:
			return broken("arithmetic conditioning: got class %d and value %02x", class, b[1])
		}
	}
	return nil
}
