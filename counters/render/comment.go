package render

import (
	"fmt"
	"io"
	"strings"
)

// maxComment bounds a comment on a pull request in bytes, closing words included:
// GitHub takes 65,536 characters.
const maxComment = 65_000

// comment is Markdown for a pull request. What does not fit is left out and
// counted.
type comment struct {
	b    strings.Builder
	left int // parts that did not fit
}

// closing is kept free for what ends the comment.
const closing = 400

// newComment begins a comment with the hidden tag by which a later run finds it.
func newComment(tag, title string) *comment {
	c := &comment{}
	c.add("<!-- onnxmeter:" + tag + " -->\n### " + title + "\n\n")
	return c
}

// fits reports whether n more bytes leave room for the end.
func (c *comment) fits(n int) bool { return c.b.Len()+n+closing <= maxComment }

// add writes a part, whole or not at all.
func (c *comment) add(s string) bool {
	if !c.fits(len(s)) {
		c.left++
		return false
	}
	c.b.WriteString(s)
	return true
}

// table writes as many rows as fit; of the space that is left it takes at most a share.
func (c *comment) table(t *table, share float64) {
	lines := t.markdownLines()
	room := int(share * float64(maxComment-closing-c.b.Len()))
	if len(t.rows) == 0 || !c.add(lines[0]+lines[1]) {
		return
	}
	for i, line := range lines[2:] {
		if room -= len(line); room < 0 || !c.fits(len(line)+64) {
			fmt.Fprintf(&c.b, "\n... and %d more rows.\n", len(t.rows)-i)
			break
		}
		c.b.WriteString(line)
	}
	c.add("\n")
}

// details folds what write adds under a summary; nothing is written if there is
// hardly any room.
func (c *comment) details(summary string, write func()) {
	const least = 1000
	if !c.fits(len(summary) + least) {
		c.left++
		return
	}
	c.b.WriteString("<details><summary>" + summary + "</summary>\n\n")
	write()
	c.b.WriteString("</details>\n\n")
}

// list writes remarks as a list, as many as fit.
func (c *comment) list(remarks []string) {
	for _, r := range remarks {
		c.add("- " + markdownText(r) + "\n")
	}
	if len(remarks) > 0 {
		c.add("\n")
	}
}

// finish says what was left out and writes the comment.
func (c *comment) finish(w io.Writer) error {
	if c.left > 0 {
		fmt.Fprintf(&c.b, "%d more parts did not fit into a comment; the text and JSON output hold all.\n", c.left)
	}
	_, err := io.WriteString(w, c.b.String())
	return err
}
