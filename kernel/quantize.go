package kernel

import "fmt"

// Quantize makes planes of uint8 from planes of float32:
//
//	Dst[c][p] = q(Src[c][p] * Mult[c])
//
// where q is [Requant] and the product is rounded to float32. Mult[c] is 1 over the
// plane's scale. What is too large for an element becomes the nearer bound, as infinities
// do; a product that is NaN is taken for 0. Nothing behind a plane of Src is read. Writes
// reach to N rounded up to 64.
type Quantize struct {
	From []float32 // where planes of Src are
	Mem  []byte    // where planes of Dst are
	Src  []int32   // C plane offsets, in elements of From
	Dst  []int32   // C plane offsets, in bytes of Mem
	Mult []float32
	C, N int
	Requant
}

// Check tells where z breaks its contract.
func (z *Quantize) Check() error {
	const name = "quantize"
	if err := positive(name, "N", z.N); err != nil {
		return err
	}
	if len(z.Mult) != z.C {
		return fmt.Errorf("%s: Mult has %d values, wanted %d", name, len(z.Mult), z.C)
	}
	for c, m := range z.Mult {
		if m-m != 0 {
			return fmt.Errorf("%s: Mult[%d] is %v, wanted a finite one", name, c, m)
		}
	}
	if err := z.Requant.check(name); err != nil {
		return err
	}
	if err := (planes{"Src", z.Src, z.N, 0, 0}).check(name, len(z.From), z.C); err != nil {
		return err
	}
	return planes{"Dst", z.Dst, z.N, 0, roundUp(z.N, 64) - z.N}.check(name, len(z.Mem), z.C)
}

func refQuantize(z *Quantize) {
	z.pixels(0)
}

// pixels quantizes those from pixel p0 on.
func (z *Quantize) pixels(p0 int) {
	q, n := z.Requant.clamper(), z.N-p0
	for c := range z.C {
		x, y := z.From[int(z.Src[c])+p0:][:n], z.Mem[int(z.Dst[c])+p0:][:n]
		for p, v := range x {
			f := float32(v * z.Mult[c])
			if f != f {
				f = 0
			}
			y[p] = q.of(f)
		}
	}
}

// Dequantize makes planes of float32 from planes of uint8:
//
//	Dst[c][p] = float32(Src[c][p]-Zeros[c]) * Mult[c]
//
// Mult[c] is the plane's scale. Reads reach to N rounded up to 64 elements, writes to N.
type Dequantize struct {
	Mem   []byte    // where planes of Src are
	To    []float32 // where planes of Dst are
	Src   []int32   // C plane offsets, in bytes of Mem
	Dst   []int32   // C plane offsets, in elements of To
	Zeros []uint8
	Mult  []float32
	C, N  int
}

// Check tells where d breaks its contract.
func (d *Dequantize) Check() error {
	const name = "dequantize"
	if err := positive(name, "N", d.N); err != nil {
		return err
	}
	if len(d.Zeros) != d.C {
		return fmt.Errorf("%s: Zeros has %d values, wanted %d", name, len(d.Zeros), d.C)
	}
	if err := checkMultipliers(name, "Mult", d.Mult, d.C, 255); err != nil {
		return err
	}
	if err := (planes{"Src", d.Src, d.N, 0, roundUp(d.N, 64) - d.N}).check(name, len(d.Mem), d.C); err != nil {
		return err
	}
	return planes{"Dst", d.Dst, d.N, 0, 0}.check(name, len(d.To), d.C)
}

func refDequantize(d *Dequantize) {
	d.pixels(0)
}

// pixels makes those from pixel p0 on.
func (d *Dequantize) pixels(p0 int) {
	n := d.N - p0
	for c := range d.C {
		x, y := d.Mem[int(d.Src[c])+p0:][:n], d.To[int(d.Dst[c])+p0:][:n]
		for p, v := range x {
			y[p] = scaled(v, d.Zeros[c], d.Mult[c])
		}
	}
}
