package weights_test

import (
	"bytes"
	"errors"
	"fmt"
	"log"

	"github.com/riffle-ml/riffle/weights"
)

// A network of one layer, written to a file and read back.
func Example() {
	m := &weights.Model{
		Name:   "tiny",
		Labels: []string{"dark", "light"},
		Graph: weights.Graph{
			Inputs: []weights.Value{{Name: "x", Shape: []int{4}}},
			Nodes: []weights.Node{{
				Name: "classify", Op: weights.OpLinear, Inputs: []string{"x"}, Outputs: []string{"logits"},
				Tensors: map[string]string{"weight": "w"},
			}},
			Outputs: []string{"logits"},
		},
		Tensors: []weights.Tensor{{Name: "w", Shape: []int{2, 4}, DType: weights.Float16, Data: []float32{-1, -1, -1, -1, 1, 1, 1, 1}}},
	}
	var file bytes.Buffer
	if err := weights.Write(&file, m); err != nil {
		log.Fatal(err)
	}
	back, err := weights.Read(file.Bytes())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(back.Name, back.Tensors[0].Data)

	file.Bytes()[100] ^= 1
	_, err = weights.Read(file.Bytes())
	fmt.Println(errors.Is(err, weights.ErrChecksum))
	// Output:
	// tiny [-1 -1 -1 -1 1 1 1 1]
	// true
}
