package onnx

import (
	"fmt"
	"slices"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

var opStaticDynamicShuffle = operator{
	op: weights.OpStaticDynamicShuffle, inputs: 1,
	reads: map[string]reader{domain + ".StaticDynamicShuffle": (*importer).staticDynamicShuffle},
	write: (*exporter).staticDynamicShuffle,
}

// formRoles are the inputs behind x for each value of the attribute form.
var formRoles = [][]string{
	slices.Concat(generatorRoles, []string{"weight", "gate", "shift"}),
	slices.Concat(generatorRoles, []string{"wa", "wb", "scale", "shift"}),
}

func (im *importer) staticDynamicShuffle() {
	x, s, attrs := im.generator()
	form := im.attrInt("form", 0)
	if form < 0 || form >= int64(len(formRoles)) {
		im.failf(ErrInvalid, "form: got %d, want 0 or 1", form)
	}
	attrs["form"] = []int{int(form)}
	tensors := im.roleTensors(formRoles[form], roleShapes(attrs, s[0]))
	im.emit(weights.OpStaticDynamicShuffle, []string{x}, attrs, tensors, s...)
}

func (e *exporter) staticDynamicShuffle(n *weights.Node, s []int) ([][]int, error) {
	form, err := list(n, "form", 0, 0)
	if err != nil {
		return nil, err
	}
	if form[0] >= len(formRoles) {
		return nil, fmt.Errorf("form: got %d, want 0 or 1", form[0])
	}
	return e.dynamic(n, s, "StaticDynamicShuffle", formRoles[form[0]], proto.IntAttr("form", form[0]))
}
