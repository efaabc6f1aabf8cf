package main

import (
	"io"
	"os"

	"github.com/mattn/go-isatty"
)

// colorWhen are the values of --color.
var colorWhen = []string{"auto", "always", "never"}

// colored tells whether output to w is coloured: as --color says, or on a
// terminal unless NO_COLOR is set or TERM is dumb.
func (a *app) colored(w io.Writer) bool {
	switch a.color {
	case "always":
		return true
	case "never":
		return false
	}
	return isTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

func isTerminal(w io.Writer) bool {
	if c, ok := w.(*checkedWriter); ok {
		w = c.w
	}
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}
