package onnx

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
)

// Every operator of package weights is in the list, and can be written.
func TestListHasEveryOperator(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "../operators.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	ast.Inspect(f, func(n ast.Node) bool {
		s, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(s.Names[0].Name, "Op") {
			return true
		}
		found++
		name, _ := strconv.Unquote(s.Values[0].(*ast.BasicLit).Value)
		if o := known.operators[name]; o == nil || o.write == nil {
			t.Errorf("%s (%q): got no entry of operatorList that writes it, want one", s.Names[0].Name, name)
		}
		return true
	})
	if found != len(known.operators) {
		t.Errorf("got %d operators in operatorList, want the %d of package weights", len(known.operators), found)
	}
}

// No two entries read, or fold, the same ONNX operator.
func TestListHasNothingTwice(t *testing.T) {
	by := map[string]int{}
	for _, o := range operatorList {
		if o.op != "" {
			by["operator "+o.op]++
		}
		for name := range o.reads {
			by["reads "+name]++
		}
		for name := range o.asks {
			by["reads "+name]++
		}
		for name := range o.folds {
			by["folds "+name]++
		}
	}
	for what, n := range by {
		if n != 1 {
			t.Errorf("%s: got %d entries, want 1", what, n)
		}
	}
}
