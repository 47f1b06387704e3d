package zoo

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/riffle-ml/riffle/weights"
)

// Arch says which network to build. Its text form is
//
//	family[:WIDTHx][@SIZE][,key=value...]
//
// for instance "shufflenetv2:1.0x@224", "shufflenetv1:0.5x@32,g=3",
// "shufflenetv2:0.5x@32,shuffle=dynamic", "mobilenetv2:1.0x@224".
type Arch struct {
	Family string  // shufflenetv1, shufflenetv2, mobilenetv1, mobilenetv2
	Width  float64 // multiplier of the channels, 1
	Size   int     // height and width of the input, 224
	Groups int     // g of shufflenetv1, 3
	// Stem is "imagenet" (3x3 stride 2, then a 3x3 stride 2 max pool) or "cifar"
	// (3x3 stride 1, no pool); the default goes by Size: cifar up to 64.
	Stem string
	// Shuffle is "static" (the family's channel shuffle) or "dynamic" (chosen
	// per input). Key "shuffle".
	Shuffle string
	// Pointwise is "dense", or "grouped" or "kronecker": a static-dynamic
	// shuffle of that form in place of every square pointwise convolution that
	// ends a ShuffleNet V2 branch. Key "pointwise"; "shuffle=static-dynamic" is short for
	// pointwise=grouped.
	Pointwise string
	Classes   int    // 1000; 10 with the cifar stem
	Seed      uint64 // of the random weights, 1
}

// ParseArch reads the text form.
func ParseArch(s string) (Arch, error) {
	a := Arch{Width: 1, Size: 224, Groups: 3, Shuffle: "static", Pointwise: "dense", Seed: 1}
	fail := func(format string, args ...any) (Arch, error) {
		return a, fmt.Errorf("network %q: "+format, append([]any{s}, args...)...)
	}
	parts := strings.Split(s, ",")
	head, size, hasSize := strings.Cut(parts[0], "@")
	family, width, hasWidth := strings.Cut(head, ":")
	a.Family = strings.ToLower(family)
	var err error
	if hasWidth {
		if a.Width, err = strconv.ParseFloat(strings.TrimSuffix(width, "x"), 64); err != nil || !(a.Width >= 0.05 && a.Width <= 8) {
			return fail("width: got %q, want 0.05x to 8x", width)
		}
	}
	if hasSize {
		if a.Size, err = strconv.Atoi(size); err != nil || a.Size < 16 || a.Size > 4096 {
			return fail("size: got %q, want 16 to 4096", size)
		}
	}
	for _, p := range parts[1:] {
		k, v, _ := strings.Cut(p, "=")
		number := func(lo, hi int, to *int) error {
			n, err := strconv.Atoi(v)
			if err != nil || n < lo || n > hi {
				return fmt.Errorf("network %q: %s: got %q, want %d to %d", s, k, v, lo, hi)
			}
			*to = n
			return nil
		}
		choice := func(to *string, of ...string) error {
			for _, o := range of {
				if v == o {
					*to = v
					return nil
				}
			}
			return fmt.Errorf("network %q: %s: got %q, want %s", s, k, v, strings.Join(of, ", "))
		}
		var err error
		switch k {
		case "g":
			err = number(1, 8, &a.Groups)
		case "classes":
			err = number(1, 1<<20, &a.Classes)
		case "seed":
			var n int
			err = number(0, math.MaxInt32, &n)
			a.Seed = uint64(n)
		case "stem":
			err = choice(&a.Stem, "imagenet", "cifar")
		case "pointwise":
			err = choice(&a.Pointwise, "dense", "grouped", "kronecker")
		case "shuffle":
			if err = choice(&a.Shuffle, "static", "dynamic", "static-dynamic"); v == "static-dynamic" {
				a.Shuffle, a.Pointwise = "static", "grouped"
			}
		default:
			err = fmt.Errorf("network %q: unknown key %q, want g, classes, seed, stem, shuffle or pointwise", s, k)
		}
		if err != nil {
			return a, err
		}
	}
	if _, ok := families[a.Family]; !ok {
		return fail("family: got %q, want shufflenetv1, shufflenetv2, mobilenetv1 or mobilenetv2", family)
	}
	if a.Stem == "" {
		if a.Stem = "imagenet"; a.Size <= 64 {
			a.Stem = "cifar"
		}
	}
	if a.Classes == 0 {
		if a.Classes = 1000; a.Stem == "cifar" {
			a.Classes = 10
		}
	}
	return a, nil
}

// String is the short text form: family, width, size, and what is not default.
func (a Arch) String() string {
	s := fmt.Sprintf("%s:%gx@%d", a.Family, a.Width, a.Size)
	if a.Family == "shufflenetv1" {
		s += fmt.Sprintf(",g=%d", a.Groups)
	}
	if a.Shuffle != "static" {
		s += ",shuffle=" + a.Shuffle
	}
	if a.Pointwise != "dense" {
		s += ",pointwise=" + a.Pointwise
	}
	return s
}

var families = map[string]func(a Arch, b *builder) (*weights.Model, error){
	"shufflenetv1": shuffleNetV1,
	"shufflenetv2": shuffleNetV2,
	"mobilenetv1":  mobileNetV1,
	"mobilenetv2":  mobileNetV2,
}

// Build makes the network with seeded random weights: for timing and testing,
// not for looking at pictures. The same Arch gives the same bits.
func Build(a Arch) (*weights.Model, error) {
	f, ok := families[a.Family]
	if !ok {
		return nil, fmt.Errorf("network family: got %q, want shufflenetv1, shufflenetv2, mobilenetv1 or mobilenetv2", a.Family)
	}
	return f(a, newBuilder(a.String(), 3, a.Size, a.Size, a.Seed))
}

// round8 rounds channels to a multiple of 8, not below 90 % (the rule of the
// MobileNet papers' code).
func round8(x float64) int {
	n := max(8, int(x+4)/8*8)
	if float64(n) < 0.9*x {
		n += 8
	}
	return n
}
