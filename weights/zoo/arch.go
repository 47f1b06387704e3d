package zoo

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Arch says which network to build. A field that is zero takes the default that its
// comment names. The text form is
//
//	family[:WIDTHx][@SIZE][,key=value...]
//
// with the keys g, classes, seed, stem, shuffle, pointwise and weights. Examples are
// "shufflenetv2:1.0x@224", "shufflenetv1:0.5x@32,g=3", "mobilenetv2:1.0x@224",
// "shufflenetv2:0.5x@32,shuffle=dynamic" and "shufflenetv2:1.0x@224,weights=float16".
type Arch struct {
	Family string  // shufflenetv1, shufflenetv2, mobilenetv1, mobilenetv2; no default
	Width  float64 // multiplier of the channels, 0.05 to 8; default 1
	Size   int     // height and width of the input in pixels, 16 to 4096; default 224
	Groups int     // g of shufflenetv1: 1, 2, 3, 4 or 8; default 3
	// Stem is "imagenet" (3x3 stride 2, then a 3x3 stride 2 max pool) or "cifar"
	// (3x3 stride 1, no pool); the default goes by Size: cifar up to 64.
	Stem string
	// Shuffle is "static" (the family's channel shuffle, the default) or "dynamic"
	// (chosen per input). The MobileNets have none.
	Shuffle string
	// Pointwise is "dense" (the default), or "grouped" or "kronecker": a
	// static-dynamic shuffle of that form in place of every square pointwise
	// convolution that ends a ShuffleNet V2 branch. "shuffle=static-dynamic" is
	// short for pointwise=grouped.
	Pointwise string
	Classes   int    // default 1000; 10 with the cifar stem
	Seed      uint64 // of the random weights; default 1
	// Weights is "float32" (the default), or "float16": see [weights.Model.ToFloat16].
	Weights string
}

// ParseArch reads the text form and fills the defaults in. The error says which
// part was got and what is wanted.
func ParseArch(s string) (Arch, error) {
	var a Arch
	fail := func(format string, args ...any) (Arch, error) {
		return a, fmt.Errorf("network %q: "+format, append([]any{s}, args...)...)
	}
	parts := strings.Split(s, ",")
	head, size, hasSize := strings.Cut(parts[0], "@")
	family, width, hasWidth := strings.Cut(head, ":")
	a.Family = strings.ToLower(family)
	var err error
	if hasWidth {
		if a.Width, err = strconv.ParseFloat(strings.TrimSuffix(width, "x"), 64); err != nil || !(a.Width >= minWidth && a.Width <= maxWidth) {
			return fail("width: got %q, want 0.05x to 8x", width)
		}
	}
	if hasSize {
		if a.Size, err = strconv.Atoi(size); err != nil || a.Size < minSize || a.Size > maxSize {
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
			err = number(1, maxClasses, &a.Classes)
		case "seed":
			if a.Seed, err = strconv.ParseUint(v, 10, 64); err != nil || a.Seed == 0 {
				err = fmt.Errorf("network %q: seed: got %q, want 1 to %d", s, v, uint64(math.MaxUint64))
			}
		case "stem":
			err = choice(&a.Stem, "imagenet", "cifar")
		case "pointwise":
			err = choice(&a.Pointwise, "dense", "grouped", "kronecker")
		case "shuffle":
			if err = choice(&a.Shuffle, "static", "dynamic", "static-dynamic"); v == "static-dynamic" {
				a.Shuffle, a.Pointwise = "static", "grouped"
			}
		case "weights":
			err = choice(&a.Weights, "float32", "float16")
		default:
			err = fmt.Errorf("network %q: unknown key %q, want g, classes, seed, stem, shuffle, pointwise or weights", s, k)
		}
		if err != nil {
			return a, err
		}
	}
	if a, err = a.complete(); err != nil {
		return fail("%w", err)
	}
	return a, nil
}

// complete fills the defaults in and checks what does not depend on the family.
func (a Arch) complete() (Arch, error) {
	a.Width, a.Size, a.Groups = cmp.Or(a.Width, 1), cmp.Or(a.Size, 224), cmp.Or(a.Groups, 3)
	a.Shuffle, a.Pointwise, a.Seed = cmp.Or(a.Shuffle, "static"), cmp.Or(a.Pointwise, "dense"), cmp.Or(a.Seed, 1)
	a.Weights = cmp.Or(a.Weights, "float32")
	if a.Stem == "" {
		a.Stem = a.usualStem()
	}
	if a.Classes == 0 {
		a.Classes = a.usualClasses()
	}
	fail := func(what string, got any, want string) (Arch, error) {
		return a, fmt.Errorf("%s: got %v, want %s", what, got, want)
	}
	switch {
	case !slices.Contains(familyNames, a.Family):
		return fail("family", strconv.Quote(a.Family), "shufflenetv1, shufflenetv2, mobilenetv1 or mobilenetv2")
	case !(a.Width >= minWidth && a.Width <= maxWidth):
		return fail("width", a.Width, "0.05x to 8x")
	case a.Size < minSize || a.Size > maxSize:
		return fail("size", a.Size, "16 to 4096")
	case a.Classes < 1 || a.Classes > maxClasses:
		return fail("classes", a.Classes, "1 to 1048576")
	case a.Stem != "imagenet" && a.Stem != "cifar":
		return fail("stem", strconv.Quote(a.Stem), "imagenet or cifar")
	case a.Shuffle != "static" && a.Shuffle != "dynamic":
		return fail("shuffle", strconv.Quote(a.Shuffle), "static or dynamic")
	case a.Pointwise != "dense" && a.Pointwise != "grouped" && a.Pointwise != "kronecker":
		return fail("pointwise", strconv.Quote(a.Pointwise), "dense, grouped or kronecker")
	case a.Weights != "float32" && a.Weights != "float16":
		return fail("weights", strconv.Quote(a.Weights), "float32 or float16")
	}
	return a, nil
}

// familyNames are those that Build knows.
var familyNames = []string{"shufflenetv1", "shufflenetv2", "mobilenetv1", "mobilenetv2"}

// Larger ones would take more memory than a machine has.
const (
	minWidth, maxWidth = 0.05, 8
	minSize, maxSize   = 16, 4096
	maxClasses         = 1 << 20
)

func (a Arch) usualStem() string {
	if a.Size <= 64 {
		return "cifar"
	}
	return "imagenet"
}

func (a Arch) usualClasses() int {
	if a.Stem == "cifar" {
		return 10
	}
	return 1000
}

// String is the short text form: family, width, size, and what is not default.
// [ParseArch] makes the same Arch of it, defaults filled in.
func (a Arch) String() string {
	if full, err := a.complete(); err == nil {
		a = full
	}
	s := fmt.Sprintf("%s:%gx@%d", a.Family, a.Width, a.Size)
	if a.Family == "shufflenetv1" {
		s += fmt.Sprintf(",g=%d", a.Groups)
	}
	if a.Stem != a.usualStem() {
		s += ",stem=" + a.Stem
	}
	if a.Classes != a.usualClasses() {
		s += fmt.Sprintf(",classes=%d", a.Classes)
	}
	if a.Seed != 1 {
		s += fmt.Sprintf(",seed=%d", a.Seed)
	}
	if a.Shuffle != "static" {
		s += ",shuffle=" + a.Shuffle
	}
	if a.Pointwise != "dense" {
		s += ",pointwise=" + a.Pointwise
	}
	if a.Weights != "float32" {
		s += ",weights=" + a.Weights
	}
	return s
}
