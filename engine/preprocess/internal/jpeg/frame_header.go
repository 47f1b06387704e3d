package jpeg

// rareProcess names the ways of coding that this package does not decode.
var rareProcess = map[byte]string{
	0xc3: "lossless coding", 0xc5: "hierarchical coding", 0xc6: "hierarchical progressive coding",
	0xc7: "hierarchical lossless coding", 0xcb: "lossless arithmetic coding", 0xcd: "hierarchical arithmetic coding",
	0xce: "hierarchical progressive arithmetic coding", 0xcf: "hierarchical lossless arithmetic coding",
}

// newFrame reads the body of a SOF segment; sof is its marker.
func newFrame(b []byte, sof byte) (*frame, error) {
	if len(b) < 6 {
		return nil, broken("frame header: got %d bytes, want at least 6", len(b))
	}
	f := &frame{}
	f.Precision = int(b[0])
	f.Height, f.Width = int(b[1])<<8|int(b[2]), int(b[3])<<8|int(b[4])
	f.Components = int(b[5])
	f.Progressive = sof == 0xc2 || sof == 0xca
	f.Arithmetic = sof >= 0xc9
	if name, ok := rareProcess[sof]; ok {
		return nil, unsupported("%s", name)
	}
	if f.Precision != 8 {
		return nil, unsupported("got %d bits a sample, want 8", f.Precision)
	}
	if f.Height == 0 {
		return nil, unsupported("the height is given behind the picture (a DNL segment)")
	}
	if f.Width == 0 {
		return nil, broken("got %d x %d pixels, want at least 1 x 1", f.Width, f.Height)
	}
	switch f.Components {
	case 1, 3, 4:
	case 2:
		return nil, unsupported("got 2 components, want 1, 3 or 4")
	default:
		return nil, broken("got %d components, want 1, 3 or 4", f.Components)
	}
	if len(b) != 6+3*f.Components {
		return nil, broken("frame header: got %d bytes, want %d for %d components", len(b), 6+3*f.Components, f.Components)
	}
	f.comps = make([]component, f.Components)
	for i := range f.comps {
		c, s := &f.comps[i], b[6+3*i:]
		c.id, c.h, c.v, c.table = s[0], int(s[1]>>4), int(s[1]&15), s[2]
		if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 {
			return nil, broken("component %d: got sampling factors %d x %d, want 1 to 4", i, c.h, c.v)
		}
		if c.table > 3 {
			return nil, broken("component %d: got quantization table %d, want 0 to 3", i, c.table)
		}
		f.hMax, f.vMax = max(f.hMax, c.h), max(f.vMax, c.v)
	}
	f.mcuX, f.mcuY = ceil(f.Width, 8*f.hMax), ceil(f.Height, 8*f.vMax)
	for i := range f.comps {
		c := &f.comps[i]
		c.bw = ceil(ceil(f.Width*c.h, f.hMax), 8)
		c.bh = ceil(ceil(f.Height*c.v, f.vMax), 8)
		c.bwPad, c.bhPad = f.mcuX*c.h, f.mcuY*c.v
	}
	return f, nil
}
