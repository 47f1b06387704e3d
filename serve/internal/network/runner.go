package network

import "github.com/riffle-ml/riffle/engine/preprocess"

// Borrow returns an idle runner, or a new one. As many exist as ran at once, which is at
// most the number of the server's slots.
func (n *Network) Borrow() (*Runner, error) {
	n.mu.Lock()
	if k := len(n.idle); k > 0 {
		r := n.idle[k-1]
		n.idle = n.idle[:k-1]
		n.mu.Unlock()
		return r, nil
	}
	n.mu.Unlock()
	s, err := n.Model.NewSession()
	if err != nil {
		return nil, err
	}
	r := &Runner{Session: s, Src: make([]float32, n.Info.InputLen()), Dst: make([]float32, n.Info.OutputLen())}
	if spec := n.Model.Preprocess(); spec != nil {
		if r.Pre, err = preprocess.New(spec); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Return gives a runner back. After a panic it is not given back, since nobody knows what
// its memory holds.
func (n *Network) Return(r *Runner) {
	n.mu.Lock()
	n.idle = append(n.idle, r)
	n.mu.Unlock()
}
