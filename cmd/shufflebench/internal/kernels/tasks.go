package kernels

import (
	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// tasksOf lists the shapes in the plan for one thread, each once.
func tasksOf(w *weights.Model, isa string) ([]*task, error) {
	set, err := kernel.Select(isa)
	if err != nil {
		return nil, err
	}
	m, err := engine.New(w, engine.WithISA(isa), engine.WithThreads(1))
	if err != nil {
		return nil, err
	}
	defer m.Close()
	windows := windowsOf(w, m.Info())
	var out []*task
	seen := map[string]*task{}
	phased := map[string]bool{} // nodes whose input was cut into phase planes
	for _, st := range alone(m.Steps()) {
		if st.Op == "phases" {
			phased[st.Node] = true
		}
		t := seen[st.Kernel]
		if t == nil {
			switch win, known := windows[st.Node]; {
			case st.Kind == "gemm":
				rows := 1
				if known && phased[st.Node] && win.kw > 1 {
					rows = win.oh
				}
				t = gemmTask(set, st, rows)
			case st.Kind == "depthwise" && known:
				t = depthwiseTask(set, win)
			}
			if t == nil {
				continue
			}
			t.macs = st.MACs
			seen[st.Kernel] = t
			out = append(out, t)
		}
		t.uses++
	}
	return out, nil
}

// alone has the steps that run as one each on its own.
func alone(steps []engine.Step) (out []engine.Step) {
	for _, st := range steps {
		if st.Chain != nil {
			out = append(out, st.Chain...)
			continue
		}
		out = append(out, st)
	}
	return out
}

// windowsOf returns the windows of a model's convolutions, by the node's name.
func windowsOf(m *weights.Model, info engine.Info) map[string]window {
	shapes := map[string][]int{}
	for _, in := range m.Graph.Inputs {
		shapes[in.Name] = in.Shape
	}
	out := map[string]window{}
	for i := range m.Graph.Nodes {
		node := &m.Graph.Nodes[i]
		for k, name := range node.Outputs {
			shapes[name] = info.Nodes[i].Outputs[k]
		}
		in, o := shapes[node.Inputs[0]], shapes[node.Outputs[0]]
		if node.Op != "conv" || len(in) != 3 || len(o) != 3 {
			continue
		}
		w := m.Tensor(node.Tensors["weight"]).Shape
		pad, stride := node.Attr("pad", 0, 0, 0, 0), node.Attr("stride", 1, 1)
		out[node.Name] = window{o[0], in[1], in[2], o[1], o[2], w[2], w[3], stride[0], pad[0], pad[1]}
	}
	return out
}
