package weights

// parseSection reads the JSON section in the one form that a file may hold it
// in, and no other: this parser has no notion of spaces, of keys in another order or of
// numbers written in two ways. What it accepts is what [document.canonical]
// makes of the result, byte for byte.
func parseSection(js []byte) (*document, error) {
	p := &parser{s: string(js)}
	d := p.document()
	if p.err == nil && p.at != len(p.s) {
		p.fail("the end of the section")
	}
	if p.err != nil {
		return nil, p.err
	}
	return d, nil
}

// object reads the members of an object whose opening brace was read: at least
// one, since an empty one is left out, keys in ascending order.
func (p *parser) object(member func(key string)) {
	last := ""
	for first := true; p.err == nil; first = false {
		at := p.at
		key := p.text()
		if !first && key <= last {
			p.at = at
			p.fail("keys in ascending order, each once")
		}
		p.want(":")
		member(key)
		last = key
		if !p.has(",") {
			p.want("}")
			return
		}
	}
}

func (p *parser) document() *document {
	d := &document{Tensors: []entry{}}
	d.Graph.Inputs, d.Graph.Nodes = []Value{}, []Node{}
	p.want(`{"name":`)
	d.Name = p.text()
	p.want(`,"graph":{"inputs":[`)
	p.list(func() {
		var v Value
		p.want(`{"name":`)
		v.Name = p.text()
		p.want(`,"shape":`)
		v.Shape = p.integers()
		p.want(`}`)
		d.Graph.Inputs = append(d.Graph.Inputs, v)
	})
	p.want(`,"outputs":`)
	d.Graph.Outputs = p.texts()
	p.want(`,"nodes":[`)
	p.list(func() { d.Graph.Nodes = append(d.Graph.Nodes, p.node()) })
	p.want(`},"tensors":[`)
	p.list(func() { d.Tensors = append(d.Tensors, p.entry()) })
	if p.has(`,"labels":`) {
		if d.Labels = p.texts(); len(d.Labels) == 0 {
			p.fail("labels, or none of the key")
		}
	}
	if p.has(`,"preprocess":`) {
		d.Preprocess = p.preprocess()
	}
	p.want(`,"provenance":{`)
	comma := ""
	for _, f := range []struct {
		key string
		to  *string
	}{
		{`"source":`, &d.Provenance.Source}, {`"data":`, &d.Provenance.Data}, {`"date":`, &d.Provenance.Date},
		{`"accuracy":`, &d.Provenance.Accuracy}, {`"license":`, &d.Provenance.License}, {`"notes":`, &d.Provenance.Notes},
	} {
		if p.has(comma + f.key) {
			if *f.to = p.text(); *f.to == "" {
				p.fail("a text, or none of the key")
			}
			comma = ","
		}
	}
	p.want(`}}`)
	return d
}

func (p *parser) node() (n Node) {
	p.want(`{"name":`)
	n.Name = p.text()
	p.want(`,"op":`)
	n.Op = p.text()
	p.want(`,"in":`)
	n.Inputs = p.texts()
	p.want(`,"out":`)
	n.Outputs = p.texts()
	if p.has(`,"attrs":{`) {
		n.Attrs = map[string][]int{}
		p.object(func(key string) { n.Attrs[key] = p.integers() })
	}
	if p.has(`,"tensors":{`) {
		n.Tensors = map[string]string{}
		p.object(func(key string) { n.Tensors[key] = p.text() })
	}
	if p.has(`,"quant":[`) {
		n.Quant = []Quant{}
		p.list(func() { n.Quant = append(n.Quant, p.quant()) })
		if len(n.Quant) == 0 {
			p.fail("scales and zero points, or none of the key")
		}
	}
	p.want(`}`)
	return n
}

func (p *parser) entry() (e entry) {
	p.want(`{"name":`)
	e.Name = p.text()
	p.want(`,"dtype":`)
	e.DType = p.text()
	p.want(`,"shape":`)
	e.Shape = p.integers()
	p.want(`,"offset":`)
	e.Offset = p.integer()
	p.want(`,"bytes":`)
	e.Bytes = p.integer()
	p.want(`}`)
	return e
}

func (p *parser) preprocess() *Preprocess {
	r := &Preprocess{}
	p.want(`{"resize":`)
	r.Resize = p.integer()
	p.want(`,"crop":[`)
	r.Crop[0] = p.integer()
	p.want(`,`)
	r.Crop[1] = p.integer()
	p.want(`],"filter":`)
	r.Filter = p.text()
	p.want(`,"order":`)
	r.Order = p.text()
	p.want(`,"mean":`)
	r.Mean = p.numbers()
	p.want(`,"std":`)
	r.Std = p.numbers()
	if p.has(`,"letterbox":`) {
		if r.Letterbox = p.integers(); len(r.Letterbox) == 0 {
			p.fail("levels, or none of the key")
		}
	}
	p.want(`}`)
	return r
}

func (p *parser) texts() []string {
	out := []string{}
	p.want("[")
	p.list(func() { out = append(out, p.text()) })
	return out
}

func (p *parser) integers() []int {
	out := []int{}
	p.want("[")
	p.list(func() { out = append(out, p.integer()) })
	return out
}

func (p *parser) numbers() []float64 {
	out := []float64{}
	p.want("[")
	p.list(func() { out = append(out, p.number()) })
	return out
}
