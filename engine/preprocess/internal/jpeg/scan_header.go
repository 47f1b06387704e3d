package jpeg

// header checks a SOS segment.
func (s *scan) header(b []byte) error {
	if s.frame == nil {
		return broken("got a scan before the frame header")
	}
	if len(b) < 1 || b[0] < 1 || b[0] > 4 || len(b) != 4+2*int(b[0]) {
		return broken("scan header: got %d bytes, want 4 and 2 for each of 1 to 4 components", len(b))
	}
	units := 0
	for i := range int(b[0]) {
		id, tables := b[1+2*i], b[2+2*i]
		var c *component
		for k := range s.frame.comps {
			if s.frame.comps[k].id == id && !s.has(&s.frame.comps[k]) {
				c = &s.frame.comps[k]
				break
			}
		}
		if c == nil {
			return broken("scan header: got component %d, which the frame has not, or twice", id)
		}
		c.dcAt, c.acAt = int(tables>>4), int(tables&15)
		if !s.frame.Arithmetic && (c.dcAt > 3 || c.acAt > 3) {
			return broken("scan header: got Huffman tables %d and %d, want 0 to 3", c.dcAt, c.acAt)
		}
		units += c.h * c.v
		s.comps = append(s.comps, c)
	}
	if len(s.comps) > 1 && units > 10 {
		return broken("scan header: got %d blocks in an MCU, want at most 10", units)
	}
	b = b[len(b)-3:]
	s.ss, s.se, s.ah, s.al = int(b[0]), int(b[1]), int(b[2]>>4), int(b[2]&15)
	if !s.frame.Progressive {
		s.ss, s.se, s.ah, s.al = 0, 63, 0, 0
	} else if s.ss > s.se || s.se > 63 || s.ss == 0 && s.se != 0 || s.ss > 0 && len(s.comps) > 1 || s.al > 13 || s.ah != 0 && s.ah != s.al+1 {
		return broken("scan header: got coefficients %d to %d, bits %d to %d of %d components, which no progressive scan has",
			s.ss, s.se, s.ah, s.al, len(s.comps))
	}
	for _, c := range s.comps {
		c.dc, c.ac = nil, nil
		if !s.frame.Arithmetic {
			c.dc, c.ac = s.decoder.dc[c.dcAt], s.decoder.ac[c.acAt]
			if s.ss == 0 && s.ah == 0 && c.dc == nil || s.se > 0 && c.ac == nil {
				return broken("scan header: got Huffman tables %d and %d, which the file does not have", c.dcAt, c.acAt)
			}
		}
		if c.quant == nil || !s.frame.Progressive {
			if c.quant = s.decoder.quant[c.table]; c.quant == nil {
				return broken("got no quantization table %d before the first scan that needs it", c.table)
			}
		}
	}
	return nil
}

func (s *scan) has(c *component) bool {
	for _, o := range s.comps {
		if o == c {
			return true
		}
	}
	return false
}
