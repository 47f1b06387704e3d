package main

import (
	"fmt"
	"slices"
	"strings"
)

// block is a part of the page that a reader would paste.
type block struct {
	line int    // of the page, of the block's first line
	lang string // "sh", "go"; what else there is is for the eye
	text string

	norun bool     // not to be run
	needs []string // commands without which it is left out
	file  string   // of a Go program: where the reader puts it
}

// parse finds the blocks of a Markdown page, and the commands in comments, in order.
// CONTRIBUTING.md describes the form. A block that does not say what it is is an error,
// so that none is left out by mistake.
func parse(page string) ([]block, error) {
	var blocks []block
	lines := strings.Split(page, "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimRight(lines[i], " \r")
		switch {
		case strings.HasPrefix(line, "```"):
			fence := line[:len(line)-len(strings.TrimLeft(line, "`"))]
			b, err := head(line[len(fence):])
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", i+1, err)
			}
			end := slices.IndexFunc(lines[i+1:], func(l string) bool { return strings.TrimRight(l, " \r") == fence })
			if end < 0 {
				return nil, fmt.Errorf("line %d: the block has no end", i+1)
			}
			b.line, b.text = i+2, strings.Join(lines[i+1:][:end], "\n")
			blocks = append(blocks, *b)
			i += end + 1
		case strings.HasPrefix(line, "<!-- sh:"):
			rest := strings.Join(lines[i:], "\n")
			text, _, ok := strings.Cut(strings.TrimPrefix(rest, "<!-- sh:"), "-->")
			if !ok {
				return nil, fmt.Errorf("line %d: the comment has no end", i+1)
			}
			blocks = append(blocks, block{line: i + 1, lang: "sh", text: strings.TrimSpace(text)})
			i += strings.Count(text, "\n")
		}
	}
	return blocks, nil
}

// head reads what stands behind the opening fence: the language, and how to try the block.
func head(info string) (*block, error) {
	words := strings.Fields(info)
	if len(words) == 0 {
		return nil, fmt.Errorf("the block does not say what it is: want sh, go, text, or another language, behind the ```")
	}
	b := &block{lang: words[0]}
	for _, w := range words[1:] {
		key, value, _ := strings.Cut(w, ":")
		switch {
		case w == "norun":
			b.norun = true
		case key == "needs" && value != "" && b.lang == "sh":
			b.needs = strings.Split(value, ",")
		case key == "file" && value != "" && b.lang == "go":
			b.file = value
		default:
			return nil, fmt.Errorf("got %q behind the ```, want norun, needs:COMMAND of an sh block, file:NAME of a go block", w)
		}
	}
	return b, nil
}
