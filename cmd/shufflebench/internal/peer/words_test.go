package peer

import (
	"strings"
	"testing"
)

func TestWords(t *testing.T) {
	got, err := Words(`node "a b.mjs"  {model.onnx} 'it''s' x\ y`)
	if s := strings.Join(got, "|"); err != nil || s != "node|a b.mjs|{model.onnx}|its|x y" {
		t.Errorf("got %s, %v", s, err)
	}
}
