package kernel

import "math"

// The functions of activations, element by element. They are a polynomial or a
// quotient of two, in float32. A product that fma adds to something is not rounded
// before, on any instruction set: so the bits are the same on all of them. The errors
// in the comments are in units of 2^-24 of the result unless they say otherwise;
// activation_functions_test.go holds them.

// Constants of the functions, in the order in which the units of assembly have them:
// see activationTable.
const (
	expLowest  = -88 // exp of this is less than 2^-126, the smallest number of full precision
	expHighest = 89  // exp of this is more than the largest number
	log2e      = 1.44269504088896341
	// A number that is added to this has its units in the lowest bits.
	rounder = 3 << 22
	// ln(2) is ln2Hi+ln2Lo, of 48 bits.
	ln2Hi = 0.693147182464599609375
	ln2Lo = -1.90465429995776e-9
	// exp(r) = 1 + r + r*r*(e0 + e1*r + ... + e5*r^5) for |r| <= ln(2)/2: the
	// coefficients of expf in the Cephes library.
	e0 = 5.0000001201e-1
	e1 = 1.6666665459e-1
	e2 = 4.1665795894e-2
	e3 = 8.3334519073e-3
	e4 = 1.3981999507e-3
	e5 = 1.9875691500e-4
	// tanh(x) = x + x*t*(t0 + t1*t + ... + t4*t^4) with t = x*x for |x| < tanhSmall: the
	// coefficients of tanhf in the Cephes library.
	tanhSmall = 0.625
	t0        = -3.33332819422e-1
	t1        = 1.33314422036e-1
	t2        = -5.37397155531e-2
	t3        = 2.06390887954e-2
	t4        = -5.70498872745e-3
	// erf(x) = x * (p0 + p1*t + ... + p5*t^5) / (1 + q1*t + ... + q5*t^5) with t = x*x for
	// |x| <= erfMost, fitted for the smallest relative error there, 2.5e-8.
	erfMost = 4
	p0      = 1.12837914
	p1      = 0.193545908
	p2      = 0.0531018642
	p3      = 0.00388338272
	p4      = 0.000284567194
	p5      = 1.98678103e-06
	q1      = 0.504858151
	q2      = 0.115350356
	q3      = 0.0152073274
	q4      = 0.00118558138
	q5      = 3.74202297e-05

	rootHalf  = 0.707106781186547524
	geluInner = -1.59576912160573071   // -2*sqrt(2/pi)
	geluCube  = -0.0713548162726002527 // geluInner * 0.044715
	mishMost  = 20                     // tanh(log(1+exp(x))) is 1 from there on
	sixth     = 1.0 / 6
)

// functions are the kinds without parameters.
var functions = [kinds]func(x float32) float32{
	HardSwish: hardSwish, Sigmoid: sigmoid, SiLU: silu, Tanh: tanh, GELU: gelu, GELUTanh: geluTanh, Mish: mish,
}

// within is min(max(x, lo), hi), or x where that is NaN.
func within(x, lo, hi float32) float32 {
	if x < lo {
		return lo
	} else if x > hi {
		return hi
	}
	return x
}

// expParts returns p, r and 2^n, where x is n*ln(2) + r and exp(r) is 1 + r + p*r*r. Below
// expLowest 2^n is 0, and above expHighest it is an infinity: its exponent has no more
// bits for n.
func expParts(x float32) (p, r, power float32) {
	x = within(x, expLowest, expHighest)
	t := fma(x, log2e, rounder)
	n := t - rounder
	r = fma(n, -ln2Hi, x)
	r = fma(n, -ln2Lo, r)
	p = fma(e5, r, e4)
	p = fma(p, r, e3)
	p = fma(p, r, e2)
	p = fma(p, r, e1)
	p = fma(p, r, e0)
	return p, r, math.Float32frombits(math.Float32bits(t)<<23 + math.Float32bits(1))
}

// exp is off by 2 at most. It is 0 where it is less than 2^-126.5, and an infinity where it
// is more than 2^127.5.
func exp(x float32) float32 {
	p, r, power := expParts(x)
	return fma(p, float32(r*r), r+1) * power
}

// exp1 is exp(x)+1, off by 2 at most where it is not an infinity.
func exp1(x float32) float32 {
	p, r, power := expParts(x)
	return fma(fma(p, float32(r*r), r+1), power, 1)
}

// expm1 is exp(x)-1 for x <= 0, off by 2 at most.
func expm1(x float32) float32 {
	p, r, power := expParts(x)
	return fma(fma(p, float32(r*r), r), power, power-1)
}

// sigmoid is off by 3 at most where it is 2^-126 or more. Below it is 0, at the latest
// from x = -89 on.
func sigmoid(x float32) float32 { return 1 / exp1(-x) }

// silu is off by 3 at most where sigmoid is 2^-126 or more.
func silu(x float32) float32 { return x / exp1(-x) }

// hardSwish is off by 3 at most, and by 1 of the argument where x is near -3.
func hardSwish(x float32) float32 { return float32(within(x+3, 0, 6)*sixth) * x }

// tanh is off by 3 at most.
func tanh(x float32) float32 {
	a := math.Float32frombits(math.Float32bits(x) &^ (1 << 31))
	if a < tanhSmall {
		t := float32(x * x)
		p := fma(t4, t, t3)
		p = fma(p, t, t2)
		p = fma(p, t, t1)
		p = fma(p, t, t0)
		return fma(float32(p*t), x, x)
	}
	y := 1 - 2/exp1(a+a)
	return math.Float32frombits(math.Float32bits(y) | math.Float32bits(x)&(1<<31))
}

// erf is off by 8 at most.
func erf(x float32) float32 {
	x = within(x, -erfMost, erfMost)
	t := float32(x * x)
	p := fma(p5, t, p4)
	p = fma(p, t, p3)
	p = fma(p, t, p2)
	p = fma(p, t, p1)
	p = fma(p, t, p0)
	q := fma(q5, t, q4)
	q = fma(q, t, q3)
	q = fma(q, t, q2)
	q = fma(q, t, q1)
	q = fma(q, t, 1)
	return within(float32(p*x)/q, -1, 1)
}

// gelu is off by 4 times 2^-24*|x| at most.
func gelu(x float32) float32 {
	e := erf(float32(x * rootHalf))
	return float32((e+1)*0.5) * x
}

// geluTanh is off by 3 times 2^-24*|x| at most.
func geluTanh(x float32) float32 {
	t := float32(x * x)
	u := float32(fma(t, geluCube, geluInner) * x)
	return x / exp1(u)
}

// mish is off by 5 at most where exp(x) is 2^-126 or more. With e = exp(x) and w =
// e*(e+2), tanh(log(1+e)) is w/(w+2).
func mish(x float32) float32 {
	e := exp(min(x, mishMost))
	w := float32((e + 2) * e)
	return float32(w/(w+2)) * x
}
