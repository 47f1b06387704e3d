package onnx

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// layers are the files from the bottom to the top, by how their names begin. README.md
// has the same in words.
var layers = [][]string{
	{"doc.go", "errors.go", "tensor.go", "value.go"},
	{"read_", "write_", "options.go", "tensor_"},
	{"operator"},
	{"affine.go", "arithmetic.go", "dynamic.go", "function.go", "norm.go", "reduce.go", "linear.go", "product.go", "line.go", "windows.go", "norms.go", "joining.go", "pairs.go", "operand.go"},
	{"op_", "move_", "const_"},
	{"quantized_"},
	{"list.go"},
	{"pass_", "import_"},
	{"import.go", "export.go"},
}

func layer(file string) int {
	return slices.IndexFunc(layers, func(names []string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(file, name) })
	})
}

// empty makes every import an empty package: only uses within this one are looked at.
type empty struct{}

func (empty) Import(path string) (*types.Package, error) {
	p := types.NewPackage(path, filepath.Base(path))
	p.MarkComplete()
	return p, nil
}

// No file uses one of a layer above its own, no two use each other, and no operator
// another's file.
func TestLayers(t *testing.T) {
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		if layer(path) < 0 {
			t.Errorf("%s: got no layer, want one of those of this test and of README.md", path)
		}
		f, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: empty{}, Error: func(error) {}} // of what the imports lack
	pkg, _ := config.Check("onnx", fset, files, info)
	seen := 0
	uses := map[string]map[string]bool{} // file -> the files that it uses
	for id, used := range info.Uses {
		if used.Pkg() != pkg || !used.Pos().IsValid() {
			continue
		}
		from, to := filepath.Base(fset.Position(id.Pos()).Filename), filepath.Base(fset.Position(used.Pos()).Filename)
		if from == to {
			continue
		}
		seen++
		if uses[from] == nil {
			uses[from] = map[string]bool{}
		}
		uses[from][to] = true
		if layer(to) > layer(from) {
			t.Errorf("%s uses %s of %s, a layer above it", from, used.Name(), to)
		}
		operators := func(file string) bool { return strings.HasPrefix(file, "op_") || strings.HasPrefix(file, "move_") }
		if operators(from) && operators(to) {
			t.Errorf("%s uses %s of %s: what operators share belongs below them", from, used.Name(), to)
		}
	}
	for file := range uses {
		if way := circle(uses, file, file, map[string]bool{}); way != nil {
			t.Errorf("files use each other in a circle: %v", way)
		}
	}
	if seen < 1000 {
		t.Fatalf("got %d uses between files, want 1000 or more: the test does not see them", seen)
	}
}

// circle is a way from one file by its uses to another, or nil.
func circle(uses map[string]map[string]bool, from, to string, seen map[string]bool) []string {
	for next := range uses[from] {
		if next == to {
			return []string{from, to}
		}
		if seen[next] {
			continue
		}
		seen[next] = true
		if way := circle(uses, next, to, seen); way != nil {
			return append([]string{from}, way...)
		}
	}
	return nil
}
