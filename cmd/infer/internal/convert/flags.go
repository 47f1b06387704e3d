package convert

import "github.com/riffle-ml/riffle/cmd/infer/internal/app"

// flags are what convert can be told about the model.
type flags struct {
	app.Flags
	out, output, labels, order, filter, name     string
	source, data, date, accuracy, license, notes string
	half, full, short, quiet, check, nhwc, wide  bool
	mean, std, letterbox                         app.Floats
	resize, crop                                 int
}

func newFlags() *flags {
	c := &flags{Flags: app.NewFlags()}
	for name, to := range map[string]*string{
		"o": &c.out, "output": &c.output, "labels": &c.labels, "order": &c.order, "filter": &c.filter, "name": &c.name,
		"source": &c.source, "data": &c.data, "date": &c.date, "accuracy": &c.accuracy, "license": &c.license, "notes": &c.notes,
	} {
		c.StringVar(to, name, "", "")
	}
	for name, to := range map[string]*bool{"f16": &c.half, "f32": &c.full, "short": &c.short, "q": &c.quiet, "check": &c.check, "nhwc": &c.nhwc, "wide": &c.wide} {
		c.BoolVar(to, name, false, "")
	}
	c.Var(&c.mean, "mean", "")
	c.Var(&c.std, "std", "")
	c.Var(&c.letterbox, "letterbox", "")
	c.IntVar(&c.resize, "resize", 0, "")
	c.IntVar(&c.crop, "crop", 0, "")
	return c
}
