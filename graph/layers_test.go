package graph_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/onnxmeter/onnxmeter/"

// layers lists the floors of the house from the ground up. A package may import
// its own floor and those below; fixtures is imported by nobody but its own tests.
var layers = []string{"graph", "ops", "counters", "cmd"}

func floor(dir string) int {
	top, _, _ := strings.Cut(dir, "/")
	for i, l := range layers {
		if l == top {
			return i
		}
	}
	return -1
}

// TestLayers reads the import lists of all files, tests apart, and refuses an
// import that goes up. The files are read through os.DirFS so that the result is
// never served from the test cache after a file outside this package has changed.
func TestLayers(t *testing.T) {
	root := os.DirFS("..")
	seen := 0
	err := fs.WalkDir(root, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && p != "." {
			return fs.SkipDir
		}
		if !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		src, err := fs.ReadFile(root, p)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, src, parser.ImportsOnly)
		if err != nil {
			return err
		}
		seen++
		for _, imp := range f.Imports {
			name, _ := strconv.Unquote(imp.Path.Value)
			checkImport(t, path.Dir(p), name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 20 {
		t.Errorf("only %d files were read", seen)
	}
}

// TestMap holds ARCHITECTURE.md to the folders that hold packages.
func TestMap(t *testing.T) {
	root := os.DirFS("..")
	page, err := fs.ReadFile(root, "ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, top := range append(layers, "fixtures") {
		err := fs.WalkDir(root, top, func(p string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() {
				return err
			}
			files, err := fs.Glob(root, path.Join(p, "*.go"))
			if len(files) > 0 && !strings.Contains(string(page), "\n| `"+p+"` |") {
				t.Errorf("ARCHITECTURE.md has no row for %s", p)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func checkImport(t *testing.T, dir, imported string) {
	target, ours := strings.CutPrefix(imported, module)
	if !ours {
		if dir == "graph" && strings.Contains(strings.Split(imported, "/")[0], ".") {
			t.Errorf("%s imports %s: the ground floor needs the standard library only", dir, imported)
		}
		return
	}
	from, to := floor(dir), floor(target)
	switch {
	case from < 0 && strings.HasPrefix(dir, "fixtures"):
		return
	case to < 0:
		t.Errorf("%s imports %s, which is no layer", dir, target)
	case to > from:
		t.Errorf("%s imports %s, which lies above it", dir, target)
	case dir == "graph" || target != "graph" && from == 0 && to == 0:
		t.Errorf("%s imports %s: front ends know graph and not each other", dir, target)
	case from == 1 && target != "graph" && target != "graph/yamldoc":
		t.Errorf("%s imports %s: ops needs graph only", dir, target)
	case dir == "counters" && to == 2:
		t.Errorf("counters imports %s, which is built on it", target)
	}
}
