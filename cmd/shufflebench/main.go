// Command shufflebench measures how long networks take on this machine: in
// riffle, and in any other engine that a small program speaks for.
//
//	shufflebench
//	shufflebench -arch shufflenetv2:1x@224 -threads 1,2 -peer 'node peers/ort.mjs {model.onnx}'
//
// README.md beside this file describes the flags, the protocol of peers and how
// to read the output; shufflebench -h lists the flags. Exit status: 0 all well,
// 1 something failed or outputs disagree, 2 wrong usage, 130 interrupted.
package main

import "github.com/riffle-ml/riffle/cmd/internal/cli"

func main() { cli.Main(run) }
