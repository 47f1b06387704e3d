package convert

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
	"github.com/riffle-ml/riffle/cmd/infer/internal/load"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/cmd/internal/units"
	"github.com/riffle-ml/riffle/engine/preprocess"
	"github.com/riffle-ml/riffle/weights"
)

// preprocess completes m's preprocessing: what the flags say comes first, then what m
// has, then what the shape of the network's input says.
func (c *flags) preprocess(m *weights.Model) (notes []string, err error) {
	given := slices.ContainsFunc([]string{"mean", "std", "resize", "crop", "order", "filter", "letterbox"}, c.IsSet)
	if len(m.Graph.Inputs) == 0 {
		return nil, nil // the engine says what is wrong with it
	}
	in := m.Graph.Inputs[0].Shape
	p := load.DefaultPreprocess(in)
	if p == nil {
		if given {
			return nil, cli.Usagef("-mean, -std, -resize, -crop, -order, -filter, -letterbox: the input is %s, want a picture of 1 or 3 channels", units.Dims(in))
		}
		return nil, nil
	}
	crop, mean, std := p.Crop, p.Mean, p.Std
	if m.Preprocess != nil {
		had := *m.Preprocess
		p, p.Crop = &had, crop
	}
	// All flags are in the order R,G,B. A file has its values in that of the channels.
	p.Mean, p.Std, p.Letterbox = inOrder(p.Order, p.Mean), inOrder(p.Order, p.Std), inOrder(p.Order, p.Letterbox)
	if c.IsSet("order") {
		p.Order = c.order
	}
	if c.IsSet("crop") && (c.crop != in[1] || c.crop != in[2]) {
		return nil, cli.Usagef("-crop: got %d, want %s, the network's input", c.crop, units.Dims(in[1:]))
	}
	if c.IsSet("resize") {
		if c.resize < 0 {
			return nil, cli.Usagef("-resize: got %d, want 0 or more", c.resize)
		}
		p.Resize, p.Letterbox = c.resize, nil
	}
	if c.IsSet("filter") {
		p.Filter = c.filter
	}
	if c.IsSet("letterbox") {
		if p.Letterbox, err = levels(c.letterbox, in[0]); err != nil {
			return nil, err
		}
		if c.IsSet("resize") && c.resize != 0 {
			return nil, cli.Usagef("-letterbox and -resize %d: want one of them, for a letterboxed picture is scaled to fit", c.resize)
		}
		p.Resize = 0
	}
	scaled, err := c.units()
	if err != nil {
		return nil, err
	}
	notes = append(notes, scaled...)
	if p.Mean, err = perChannel("-mean", c.mean, p.Mean, mean); err != nil {
		return nil, err
	}
	if p.Std, err = perChannel("-std", c.std, p.Std, std); err != nil {
		return nil, err
	}
	p.Mean, p.Std, p.Letterbox = inOrder(p.Order, p.Mean), inOrder(p.Order, p.Std), inOrder(p.Order, p.Letterbox)
	if _, err := preprocess.New(p); err != nil {
		return nil, cli.Usagef("%w", err)
	}
	notes = append(notes, c.doubts(m, p)...)
	m.Preprocess = p
	return notes, nil
}

// inOrder turns values from R,G,B to the order of the channels, or back.
func inOrder[T any](order string, v []T) []T {
	v = slices.Clone(v)
	if order == "bgr" {
		slices.Reverse(v)
	}
	return v
}

// levels are the colour of the margins, in whole levels of 0..255.
func levels(given []float64, channels int) ([]int, error) {
	if len(given) == 1 {
		given = slices.Repeat(given, channels)
	}
	if len(given) != channels {
		return nil, cli.Usagef("-letterbox: got %d values, want %d, one a channel", len(given), channels)
	}
	var all []int
	for _, v := range given {
		if v != math.Trunc(v) || v < 0 || v > 255 {
			return nil, cli.Usagef("-letterbox: got %v, want whole numbers of 0 to 255", v)
		}
		all = append(all, int(v))
	}
	return all, nil
}

// perChannel takes the flag's values, else those there were, else the default.
// One value stands for every channel.
func perChannel(name string, given app.Floats, had, def []float64) ([]float64, error) {
	switch channels := len(def); {
	case given == nil && len(had) == channels:
		return had, nil
	case given == nil:
		return def, nil
	case len(given) == 1:
		return slices.Repeat(given, channels), nil
	case len(given) != channels:
		return nil, cli.Usagef("%s: got %d values, want %d, one a channel", name, len(given), channels)
	}
	return given, nil
}

// units divides -mean and -std by 255 where they are meant for pixels of 0..255: the
// mean of a pixel scaled to 0..1 is 1 at most, and so is every deviation in use.
func (c *flags) units() (notes []string, err error) {
	large := func(v []float64) bool { return len(v) > 0 && slices.Max(v) > 1 }
	if !large(c.mean) && !large(c.std) {
		return nil, nil
	}
	// What is not 0 (of a mean) or 1 (of a deviation, "do not scale") tells its unit.
	small := func(x float64) bool { return x > 0 && x < 1 }
	if slices.ContainsFunc(c.mean, small) || slices.ContainsFunc(c.std, small) {
		return nil, cli.Usagef("-mean %s -std %s: got a value above 1 and one between 0 and 1, want all of them for pixels scaled to 0..1, or all for pixels of 0..255",
			list(c.mean), list(c.std))
	}
	before := fmt.Sprintf("-mean %s -std %s", list(c.mean), list(c.std))
	if c.std == nil {
		c.std = slices.Repeat(app.Floats{1}, len(c.mean))
	}
	for _, v := range []app.Floats{c.mean, c.std} {
		for i := range v {
			v[i] /= 255
		}
	}
	return []string{fmt.Sprintf("%s: taken for pixels of 0..255 and divided by 255, for here pixels are scaled to 0..1", before)}, nil
}

func list(v app.Floats) string {
	if v == nil {
		return "(none)"
	}
	return strings.ReplaceAll(strings.Trim(fmt.Sprint([]float64(v)), "[]"), " ", ",")
}

// doubts are notes on what is possible, and seldom meant.
func (c *flags) doubts(m *weights.Model, p *weights.Preprocess) (notes []string) {
	if m.Preprocess == nil && c.mean == nil && c.std == nil {
		notes = append(notes, "no -mean and -std: pixels will only be scaled to 0..1")
	}
	if n := len(p.Mean); n > 1 && len(c.mean) == 1 {
		notes = append(notes, fmt.Sprintf("-mean: one value for all %d channels", n))
	}
	if n := len(p.Std); n > 1 && len(c.std) == 1 {
		notes = append(notes, fmt.Sprintf("-std: one value for all %d channels", n))
	}
	if smaller := min(p.Crop[0], p.Crop[1]); p.Resize > 0 && p.Resize < max(p.Crop[0], p.Crop[1]) {
		what := "pictures whose longer side stays below the crop get a black border"
		if p.Resize < smaller {
			what = "every picture gets a black border"
		}
		notes = append(notes, fmt.Sprintf("-resize %d is less than the crop of %d x %d: %s", p.Resize, p.Crop[0], p.Crop[1], what))
	}
	return notes
}
