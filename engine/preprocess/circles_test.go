package preprocess

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// empty makes every import an empty package: only uses within one package are looked at.
type empty struct{}

func (empty) Import(path string) (*types.Package, error) {
	p := types.NewPackage(path, filepath.Base(path))
	p.MarkComplete()
	return p, nil
}

// uses returns, for each file of a package, the files whose names it uses, each with one
// of those names.
func uses(t *testing.T, dir string) map[string]map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: empty{}, Error: func(error) {}} // of what the imports lack
	pkg, _ := config.Check(dir, fset, files, info)
	all := map[string]map[string]string{}
	for id, used := range info.Uses {
		if used.Pkg() != pkg || !used.Pos().IsValid() {
			continue
		}
		from, to := filepath.Base(fset.Position(id.Pos()).Filename), filepath.Base(fset.Position(used.Pos()).Filename)
		if from == to {
			continue
		}
		if all[from] == nil {
			all[from] = map[string]string{}
		}
		all[from][to] = used.Name()
	}
	return all
}

// circle follows uses from the last file of path, and returns the first way that comes back
// to a file of path, or nil. done holds the files from which no way does.
func circle(all map[string]map[string]string, path []string, done map[string]bool) []string {
	last := path[len(path)-1]
	for _, to := range slices.Sorted(maps.Keys(all[last])) {
		if i := slices.Index(path, to); i >= 0 {
			return append(slices.Clone(path[i:]), to)
		}
		if done[to] {
			continue
		}
		if c := circle(all, append(slices.Clone(path), to), done); c != nil {
			return c
		}
	}
	done[last] = true
	return nil
}

// No file uses, over others or at once, a file that uses it.
func TestCircles(t *testing.T) {
	for dir, least := range map[string]int{".": 90, "internal/bmp": 3, "internal/jpeg": 70} {
		all := uses(t, dir)
		seen := 0
		for _, to := range all {
			seen += len(to)
		}
		if seen < least {
			t.Errorf("%s: got %d uses of one file by another, want %d or more: the test does not see them", dir, seen, least)
		}
		done := map[string]bool{}
		for _, file := range slices.Sorted(maps.Keys(all)) {
			if done[file] {
				continue
			}
			if c := circle(all, []string{file}, done); c != nil {
				var steps []string
				for i, from := range c[:len(c)-1] {
					steps = append(steps, from+" uses "+all[from][c[i+1]]+" of "+c[i+1])
				}
				t.Errorf("%s: a circle of files: %s", dir, strings.Join(steps, ", "))
				break
			}
		}
	}
}
