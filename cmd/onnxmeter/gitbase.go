package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// gitBase is a revision of the repository of the working directory. Models are read
// from its objects by the git binary; nothing is checked out.
type gitBase struct {
	ref    string
	commit string // its object name
	prefix string // of the working directory in the tree: "" or "a/b/"
	root   string // of the working tree
	common string // the repository: .git, of a worktree the main one's
	tree   map[string]gitEntry
}

// gitEntry is a file of the tree.
type gitEntry struct{ mode, object string }

// gitLink is the mode of a symbolic link.
const gitLink = "120000"

// openBase finds the repository and lists the tree of a revision.
func openBase(ref string) (*gitBase, error) {
	if ref == "" || strings.HasPrefix(ref, "-") || strings.ContainsFunc(ref, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return nil, usagef("--base %q is no git revision", ref)
	}
	g := &gitBase{ref: ref}
	for _, part := range []struct {
		flag string
		to   *string
	}{{"--show-toplevel", &g.root}, {"--show-prefix", &g.prefix}, {"--git-common-dir", &g.common}} {
		var err error
		if *part.to, err = revParse(part.flag); err != nil {
			return nil, usagef("--base needs a git working tree: %v", err)
		}
	}
	object, err := revParse("--verify", "--quiet", ref)
	if err == nil {
		g.commit, err = revParse("--verify", "--quiet", object+"^{commit}")
	}
	if err != nil {
		return nil, unknownRef(ref)
	}
	return g, g.readTree()
}

func revParse(args ...string) (string, error) {
	out, err := git(append([]string{"rev-parse"}, args...)...)
	return strings.TrimSuffix(string(out), "\n"), err
}

// git runs the git binary in the working directory and returns what it prints. It
// does not ask, does not write, and does not fetch.
func git(args ...string) ([]byte, error) {
	cmd, err := gitCommand(context.Background(), args...)
	if err != nil {
		return nil, err
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if first, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n"); err != nil && first != "" {
		err = errors.New(first)
	}
	return out, err
}

func gitCommand(ctx context.Context, args ...string) (*exec.Cmd, error) {
	exe, err := exec.LookPath("git")
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, exe, args...)
	cmd.Env = append(os.Environ(), "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=none", "LC_ALL=C")
	return cmd, nil
}

func unknownRef(ref string) error {
	out, err := git("for-each-ref", "--format=%(refname:short)")
	hint := ""
	if err == nil {
		hint = didYouMean(ref, strings.Fields(string(out)))
	}
	if hint == "" {
		hint = " (a shallow clone may lack it: git fetch origin REF)"
	}
	return usagef("--base %q is no commit here%s", ref, hint)
}

// readTree lists every file of the commit.
func (g *gitBase) readTree() error {
	out, err := git("ls-tree", "-r", "-z", "--full-tree", g.commit)
	if err != nil {
		return inputErrorf(g.ref, "%v", err)
	}
	g.tree = map[string]gitEntry{}
	for _, line := range strings.Split(string(out), "\x00") {
		facts, name, _ := strings.Cut(line, "\t")
		if f := strings.Fields(facts); len(f) == 3 && f[1] == "blob" {
			g.tree[name] = gitEntry{f[0], f[2]}
		}
	}
	return nil
}

// pairsSince pairs the models of the working tree below the paths with those of a
// revision. Without a path it is the working directory.
func (a *app) pairsSince(ref string, args []string) ([]modelPair, error) {
	g, err := openBase(ref)
	if err != nil {
		return nil, err
	}
	if len(args) == 0 {
		args = []string{"."}
	}
	pairs := pairing{}
	for _, arg := range args {
		found, err := g.find(arg)
		if err != nil {
			return nil, err
		}
		for _, name := range found {
			a.pairAt(pairs, g, name)
		}
	}
	return pairs.sorted(), nil
}

// pairAt adds a path of the tree: what the revision has there and what the working
// tree has.
func (a *app) pairAt(pairs pairing, g *gitBase, name string) {
	shown := g.shown(name)
	p := pairs.at(shown)
	if entry, ok := g.tree[name]; ok {
		p.old = &source{path: g.ref + ":" + name, open: func() (*model, error) { return g.read(name, entry) }}
	}
	if _, err := os.Stat(shown); err == nil || p.old == nil {
		p.new = &source{path: shown, open: func() (*model, error) { return a.loadResolved(g, shown) }}
	}
}

// shown is how a path of the tree is called from the working directory.
func (g *gitBase) shown(name string) string {
	return below(filepath.FromSlash("/"+g.prefix), filepath.FromSlash("/"+name))
}

// inTree is the path in the tree of an argument, "" for the root.
func (g *gitBase) inTree(arg string) (string, error) {
	outside := usagef("%s is outside of the git working tree %s", arg, g.root)
	if filepath.IsAbs(arg) {
		dir, err := filepath.EvalSymlinks(filepath.Dir(arg))
		if err != nil {
			dir = filepath.Dir(arg)
		}
		rel, err := filepath.Rel(g.root, filepath.Join(dir, filepath.Base(arg)))
		if err != nil || !filepath.IsLocal(rel) {
			return "", outside
		}
		return rootless(filepath.ToSlash(rel)), nil
	}
	name := path.Join(g.prefix, filepath.ToSlash(arg))
	if name == ".." || strings.HasPrefix(name, "../") {
		return "", outside
	}
	return rootless(name), nil
}

// rootless is a path in the tree whose root is "".
func rootless(name string) string {
	if name == "." {
		return ""
	}
	return name
}

// find lists the paths in the tree that an argument stands for in either state: of
// a directory the models below it that git does not ignore, a file as it is, what
// a pattern matches.
func (g *gitBase) find(arg string) ([]string, error) {
	if arg == stdinName {
		return nil, usagef("%s cannot be compared with a revision", stdinName)
	}
	_, err := os.Stat(arg)
	if err != nil && hasGlobMeta(arg) {
		return g.match(arg)
	}
	name, err := g.inTree(arg)
	if err != nil {
		return nil, err
	}
	if isDir(arg) || g.hasFolder(name) {
		return g.modelsIn(name)
	}
	return []string{name}, nil
}

func (g *gitBase) hasFolder(name string) bool {
	for p := range g.tree {
		if strings.HasPrefix(p, name+"/") {
			return true
		}
	}
	return false
}

// modelsIn lists the models in a folder of the tree, in either state.
func (g *gitBase) modelsIn(folder string) ([]string, error) {
	var out []string
	inside := func(p string) bool { return folder == "" || strings.HasPrefix(p, folder+"/") }
	for p := range g.tree {
		if inside(p) && isModelName(p) {
			out = append(out, p)
		}
	}
	list, err := git("-C", g.root, "--literal-pathspecs", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", path.Join(".", folder))
	if err != nil {
		return nil, inputErrorf(folder, "%v", err)
	}
	for _, p := range strings.Split(string(list), "\x00") {
		if info, err := os.Stat(filepath.Join(g.root, filepath.FromSlash(p))); inside(p) && isModelName(p) && err == nil && info.Mode().IsRegular() {
			out = append(out, p)
		}
	}
	if len(out) == 0 {
		return nil, inputErrorf(path.Join(".", folder), "neither the working tree nor %s has a *.onnx or *.onnxtxt file here", g.ref)
	}
	return out, nil
}

// match lists what a pattern matches in either state.
func (g *gitBase) match(pattern string) ([]string, error) {
	inTree, err := g.inTree(pattern)
	if err != nil {
		return nil, err
	}
	files, err := doublestar.FilepathGlob(pattern)
	if err != nil {
		return nil, usagef("glob %q: %v", pattern, err)
	}
	var out []string
	for _, f := range files {
		name, err := g.inTree(f)
		if err != nil {
			return nil, err
		}
		if !isDir(f) {
			out = append(out, name)
		}
	}
	for p := range g.tree {
		if ok, err := doublestar.Match(inTree, p); ok && err == nil {
			out = append(out, p)
		}
	}
	if len(out) == 0 {
		return nil, inputErrorf(pattern, "no file matches the pattern in the working tree or in %s", g.ref)
	}
	return out, nil
}
