package main

import (
	"regexp"
	"slices"
	"strings"
)

// loop is an innermost loop of a function: the numbers of its lines, in the
// order in which they run when of the branches forward inside it those that
// have a condition are never taken or, if skips is true, always.
type loop struct {
	function, label string
	skips           bool
	lines           []int // of the file, from 0
}

var (
	textLine   = regexp.MustCompile(`^TEXT ·(\w+)\(SB\)`)
	labelLine  = regexp.MustCompile(`^(\w+):$`)
	branchLine = regexp.MustCompile(`^\t(JMP|B(?:EQ|NE|LT|LE|GT|GE|LO|LS|HI|HS)|CBN?Z|TBN?Z)\b.*?(\w+)$`)
)

// loops finds the innermost loops of an assembly file: a label, and a branch
// back to it with no other loop between; first as it runs when no branch forward
// inside that has a condition is taken, then, if that differs, when all are.
func loops(source []string) []loop {
	var found []loop
	for begin := 0; begin < len(source); begin++ {
		m := textLine.FindStringSubmatch(source[begin])
		if m == nil {
			continue
		}
		end := begin + 1
		for end < len(source) && !textLine.MatchString(source[end]) {
			end++
		}
		found = append(found, function(source, m[1], begin, end)...)
		begin = end - 1
	}
	return found
}

func function(source []string, name string, begin, end int) (found []loop) {
	labels := map[string]int{}
	for i := begin; i < end; i++ {
		if m := labelLine.FindStringSubmatch(source[i]); m != nil {
			labels[m[1]] = i
		}
	}
	last := -1 // where the loop found last begins
	for i := begin; i < end; i++ {
		m := branchLine.FindStringSubmatch(source[i])
		if m == nil {
			continue
		}
		from, ok := labels[m[2]]
		if !ok || from > i || from <= last {
			continue // forward, or around another loop, or the same one's second end
		}
		last = from
		straight, skipping := walk(source, labels, from, i, false), walk(source, labels, from, i, true)
		found = append(found, loop{name, m[2], false, straight})
		if !slices.Equal(straight, skipping) {
			found = append(found, loop{name, m[2], true, skipping})
		}
	}
	return found
}

// walk lists the lines from a loop's label to the branch that closes it.
func walk(source []string, labels map[string]int, from, to int, skips bool) (lines []int) {
	for i := from; i <= to; i++ {
		if !strings.HasPrefix(source[i], "\t") || strings.HasPrefix(source[i], "\t//") || strings.HasPrefix(source[i], "\tPCALIGN") {
			continue
		}
		m := branchLine.FindStringSubmatch(source[i])
		inside := m != nil && labels[m[2]] > i && labels[m[2]] <= to
		if inside && m[1] == "JMP" {
			i = labels[m[2]] // the jump costs little, and a model runs straight on
			continue
		}
		lines = append(lines, i)
		if inside && skips {
			i = labels[m[2]]
		}
	}
	return lines
}
