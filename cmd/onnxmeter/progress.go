package main

import (
	"fmt"
	"time"
)

// slow is how long a run takes before it shows how far it is.
const slow = time.Second

// progress shows on a terminal how many models of a long run are done.
type progress struct {
	app   *app
	all   int
	done  int
	start time.Time
	shown bool
}

// newProgress is silent unless stderr is a terminal and there are several models.
func (a *app) newProgress(all int) *progress {
	if a.quiet || all < 2 || !isTerminal(a.stderr) {
		return &progress{}
	}
	return &progress{app: a, all: all, start: time.Now()}
}

// clear removes what is shown, before something else is printed.
func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.app.stderr, "\r\x1b[K")
		p.shown = false
	}
}

// step notes one more model done.
func (p *progress) step() {
	p.done++
	if p.app != nil && p.done < p.all && time.Since(p.start) > slow {
		fmt.Fprintf(p.app.stderr, "\r%d of %d", p.done, p.all)
		p.shown = true
	}
}
